"""Scripts that policyc wrote, back to the settings that they are about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from policyc.model import (
    HELD_AS,
    REGISTRY_VALUE_KIND,
    Append,
    Applicability,
    Condition,
    CreateKey,
    Data,
    DeleteValue,
    Hive,
    Kind,
    Location,
    Operator,
    Place,
    Registry,
    Role,
    Setting,
    SetValue,
    View,
    Write,
)
from policyc.powershell.scripts import Script, entry, script_text
from policyc.powershell.source_patterns import source_pattern
from policyc.powershell.table import Cell, ForeignScriptError, Row, read_table

_TABLE = "\n$Settings = @(\n"
_FIRST_LINE = re.compile(r"# Made by policyc from ([ -~]*): change it there, not here\.\n")
_LAST_LINES = re.compile(
    r"(?:\A|\n)(?:\$Collection = '(?:(?P<estate>[0-9a-f-]{36})/)?(?P<slug>[a-z0-9-]+)'\n"
    r"(?:\$Adopts = (?P<adopts>[^\n]*)\n)?)?"
    r"\$LogName = 'policyc-(?P<log>[a-z0-9-]+)\.log'\Z"
)
"""Who the script is of. Only one that changes anything says more than the name of its log."""
_OWNER = re.compile(r"'([a-z0-9/-]+)'")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_KINDS = {name: kind for kind, name in REGISTRY_VALUE_KIND.items()}
_WIDTH = {Kind.DWORD: 32, Kind.QWORD: 64}
_SINGLE = frozenset({Operator.EQUALS, Operator.NOT_EQUALS, Operator.AT_LEAST, Operator.AT_MOST})
_NUMERIC = frozenset({Operator.AT_LEAST, Operator.AT_MOST, Operator.BETWEEN})
_ELEMENTS = frozenset({Operator.CONTAINS, Operator.SET_EQUALS})
_WITHOUT = frozenset({Operator.PRESENT, Operator.ABSENT})
_USERS = "HKU"

_Meaning = TypeVar("_Meaning")


@dataclass(frozen=True, slots=True)
class OwnScript:
    """What a script says of itself, and its settings."""

    source: str
    """The policy file that it was made from, as the script names it."""
    collection: str
    """The collection's name as that of a folder."""
    settings: tuple[Setting, ...]
    """Without severity; with titles that are only ids, as these scripts have none. Writes are in scripts that change."""
    same_code: bool
    """Whether the code around the table is what this version writes, to the byte."""


def read_script(text: str, script: Script) -> OwnScript:
    """The settings of a discovery or remediation script. ForeignScriptError for a script that isn't policyc's own."""
    text = text.replace("\r\n", "\n")
    first = _FIRST_LINE.match(text)
    head, found, _ = text.partition(_TABLE)
    last = _LAST_LINES.search(head)
    if first is None or not found or text.count(_TABLE) != 1 or last is None:
        raise ForeignScriptError("it has no table of settings as policyc writes it")
    start = len(head) + len(found)
    rows, end = read_table(text, start)
    if not rows:
        raise ForeignScriptError("its table of settings is empty")
    settings = tuple(map(_setting, rows))
    written = script_text(
        script,
        slug=last["slug"] or last["log"],
        source=first[1],
        entries=[entry(one) for one in settings],
        estate=last["estate"] or "",
        adopts=_OWNER.findall(last["adopts"] or ""),
    ).decode("ascii")
    same_code = written.startswith(text[:start]) and written.endswith(text[end:]) and end < len(text)
    return OwnScript(first[1], last["slug"] or last["log"], settings, same_code)


def _setting(row: Row) -> Setting:
    """The setting of a row, sure to give the same row when it is written."""
    rest = dict(row)
    known = _text(rest, "Id")
    if not _ID.fullmatch(known):
        raise ForeignScriptError(f"'{known}' is no id")
    place = _place(rest)
    kind = _one_of(rest, "Kind", _KINDS) if "Kind" in rest else None
    words = _text(rest, "Must")
    condition = _condition(rest, kind, words)
    flags = {name: _flag(rest, name) for name in ("Pin", "Sensitive", "ClearOnUndo")}
    setting = Setting(
        id=known,
        title=known,
        subject=Registry(
            place,
            condition,
            kind,
            default=_data(kind, rest.pop("Default")) if "Default" in rest else None,
            pin=flags["Pin"],
            write=_write(rest, kind, condition),
            clear_on_undo=flags["ClearOnUndo"],
        ),
        origin=Location(""),
        sensitive=flags["Sensitive"],
        applies_to=_applies_to(rest.pop("Applies", {})),
    )
    if rest or (setting.subject.write is not None and not _fits(setting)):
        raise ForeignScriptError(f"the row of '{known}' says what policyc never writes")
    _compare(row, setting)
    return setting


def _compare(row: Row, setting: Setting) -> None:
    """What the setting would be written as is what was read, but for the words: they may be an older version's."""
    text = entry(setting).text(Script.REMEDIATION)
    [again], _ = read_table(f"{text})\n", 0)
    read = {name: cell for name, cell in row.items() if name != "Data" or name in again or cell != row.get("Operand")}
    if list({**again, "Must": ""}.items()) != list({**read, "Must": ""}.items()):
        raise ForeignScriptError(f"the row of '{setting.id}' isn't as policyc writes it")


def _place(rest: Row) -> Place:
    root = _text(rest, "Hive")
    view = _one_of(rest, "View", {int(view): view for view in View})
    key = _text(rest, "Key")
    account = ""
    if root == _USERS:
        account, _, key = key.partition("\\")
    hive = {hive.value: hive for hive in Hive}.get(f"{root}\\{account}" if account else root)
    if hive is None:
        raise ForeignScriptError("'Hive' isn't as policyc writes it")
    return Place(hive, view, key, _text(rest, "Name") if "Name" in rest else None)


def _condition(rest: Row, kind: Kind | None, words: str) -> Condition:
    operator = _one_of(rest, "Condition", {operator.value: operator for operator in Operator})
    exact = _flag(rest, "Exact")
    if exact and (kind is None or not (kind.is_text or kind is Kind.MULTI_STRING)):
        raise ForeignScriptError("'Exact' stands beside data without letters")
    if operator in _WITHOUT:
        return Condition(operator, (), exact)
    if "Operand" not in rest or kind is None or (operator in _NUMERIC and not kind.is_number):
        raise ForeignScriptError(f"'{operator}' stands without what it needs")
    raw = rest.pop("Operand")
    if operator in _SINGLE:
        return Condition(operator, (_data(kind, raw),), exact)
    if operator is Operator.MATCHES:
        return Condition(operator, (_pattern(kind, raw, words, exact_case=exact),), exact)
    if operator in _ELEMENTS:
        if kind is not Kind.MULTI_STRING or not isinstance(raw, tuple):
            raise ForeignScriptError(f"'{operator}' stands without its elements")
        return Condition(operator, raw, exact)
    if not isinstance(raw, list) or (operator is Operator.BETWEEN and len(raw) != 2):
        raise ForeignScriptError(f"'{operator}' stands without its list")
    return Condition(operator, tuple(_data(kind, one) for one in raw), exact)


def _pattern(kind: Kind, raw: Cell, words: str, *, exact_case: bool) -> str:
    found = source_pattern(raw, words, exact_case=exact_case) if kind.is_text and isinstance(raw, str) else None
    if found is None:
        raise ForeignScriptError("its pattern can't be written in policyc's language of patterns, or is too long for it")
    return found


def _write(rest: Row, kind: Kind | None, condition: Condition) -> Write | None:
    if "Write" not in rest:
        return None
    word = _text(rest, "Write")
    data = rest.pop("Data", None)
    if word == "Set" and data is not None:
        return SetValue(_data(kind, data))
    if word == "Set" and kind is Kind.BINARY and condition.operator in _SINGLE:
        return SetValue(condition.operands[0])
    if word == "Append" and isinstance(data, tuple):
        return Append(data)
    if word == "Delete" and data is None:
        return DeleteValue()
    if word == "CreateKey" and data is None:
        return CreateKey()
    raise ForeignScriptError(f"it writes by '{word}'")


def _fits(setting: Setting) -> bool:
    """Whether what is written belongs to what is asked."""
    match setting.subject.write:
        case SetValue():
            return setting.subject.place.name is not None and setting.subject.condition.operator is not Operator.ABSENT
        case Append(elements):
            return setting.subject.condition.operator is Operator.CONTAINS and elements == setting.subject.condition.operands
        case DeleteValue():
            return setting.subject.place.name is not None and setting.subject.condition.operator is Operator.ABSENT
        case _:
            return setting.subject.place.name is None and setting.subject.condition.operator is Operator.PRESENT


def _applies_to(cell: Cell) -> Applicability:
    if not isinstance(cell, dict):
        raise ForeignScriptError("'Applies' isn't as policyc writes it")
    rest = dict(cell)
    role = _one_of(rest, "Role", {role.value: role for role in Role}) if "Role" in rest else None
    builds = [rest.pop(name, None) for name in ("From", "Before")]
    if rest or any(build is not None and type(build) is not int for build in builds):
        raise ForeignScriptError("'Applies' isn't as policyc writes it")
    first, end = (build if isinstance(build, int) else None for build in builds)
    return Applicability(first, end, role)


def _data(kind: Kind | None, cell: Cell) -> Data:
    # By the exact type: a bool is an int, too.
    held = kind is not None and type(cell) is HELD_AS[kind]
    if kind is not None and held and not isinstance(cell, list | dict):
        width = _WIDTH.get(kind)
        if width is None or (isinstance(cell, int) and 0 <= cell < 2**width):
            return cell
    raise ForeignScriptError("it names data of another kind than the value's")


def _text(rest: Row, name: str) -> str:
    cell = rest.pop(name, None)
    if not isinstance(cell, str):
        raise ForeignScriptError(f"a row without '{name}'")
    return cell


def _flag(rest: Row, name: str) -> bool:
    """Whether the row has the flag; one that isn't set is left out."""
    there = name in rest
    if rest.pop(name, True) is not True:
        raise ForeignScriptError(f"'{name}' isn't as policyc writes it")
    return there


def _one_of(rest: Row, name: str, meanings: Mapping[str, _Meaning] | Mapping[int, _Meaning]) -> _Meaning:
    cell = rest.pop(name, None)
    known = {str(word): meaning for word, meaning in meanings.items()}
    if not isinstance(cell, str | int) or str(cell) not in known:
        raise ForeignScriptError(f"'{name}' isn't as policyc writes it")
    return known[str(cell)]
