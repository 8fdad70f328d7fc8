"""Scripts that policyc wrote, back to the settings that they are about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
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
    Fact,
    FeaturePlace,
    FilePlace,
    Hive,
    KeepListed,
    Kind,
    Listed,
    Location,
    Operator,
    Place,
    Registry,
    RemoveTree,
    Role,
    Setting,
    SetValue,
    View,
    Write,
)
from policyc.powershell.earlier_rows import is_earlier, modern
from policyc.powershell.own_rows import other_subject
from policyc.powershell.rows import IMPLIED, SINGLE, WORDS
from policyc.powershell.scripts import Script, entry, script_text
from policyc.powershell.source_patterns import source_pattern
from policyc.powershell.table import Cell, ForeignScriptError, Row, read_table

_TABLE = "\n$Settings = @(\n"
_NOTE = re.compile(r"    For the collection [a-z0-9-]+, made by policyc from ([ -~]*): change it there, not here\.\n#>\n")
_FIRST_LINE = re.compile(r"# Made by policyc from ([ -~]*): change it there, not here\.\n")
"""As earlier versions began."""
_OWNED = re.compile(
    r"(?:\$Collection = '(?:(?P<estate>[0-9a-f-]{36})/)?(?P<slug>[a-z0-9-]+)'\n"
    r"(?:\$Adopts = (?P<adopts>[^\n]*)\n)?)?"
    r"\$LogName = 'policyc-(?P<log>[a-z0-9-]+)\.log'(?:\n|\Z)"
)
"""Whose the script is, behind the table (of earlier versions: before it). One that changes nothing tells its log alone."""
_OWNER = re.compile(r"'([a-z0-9/-]+)'")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_KINDS = {name: kind for kind, name in REGISTRY_VALUE_KIND.items()}
_WIDTH = {Kind.DWORD: 32, Kind.QWORD: 64}
_NUMERIC = frozenset({Operator.AT_LEAST, Operator.AT_MOST, Operator.BETWEEN})
_ELEMENTS = frozenset({Operator.CONTAINS, Operator.SET_EQUALS})
_WITHOUT = frozenset({Operator.PRESENT, Operator.ABSENT})

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
    head, found, _ = text.partition(_TABLE)
    note = _NOTE.search(head) or _FIRST_LINE.match(head)
    if note is None or not found or text.count(_TABLE) != 1:
        raise ForeignScriptError("it has no table of settings as policyc writes it")
    start = len(head) + len(found)
    rows, end = read_table(text, start)
    owned = _OWNED.match(text, end) or next((one for one in _OWNED.finditer(head) if one.end() == len(head)), None)
    if owned is None:
        raise ForeignScriptError("it has no table of settings as policyc writes it")
    if not rows:
        raise ForeignScriptError("its table of settings is empty")
    settings = tuple(_setting(modern(row) if is_earlier(row) else row, script) for row in rows)
    written = script_text(
        script,
        slug=owned["slug"] or owned["log"],
        source=note[1],
        entries=[entry(one) for one in settings],
        estate=owned["estate"] or "",
        adopts=_OWNER.findall(owned["adopts"] or ""),
    ).decode("ascii")
    same_code = written.startswith(text[:start]) and written.endswith(text[end:]) and end < len(text)
    return OwnScript(note[1], owned["slug"] or owned["log"], settings, same_code)


def _setting(row: Row, script: Script) -> Setting:
    """The setting of a row, sure to give the same row when it is written."""
    rest = dict(row)
    known = _text(rest, "Id")
    if not _ID.fullmatch(known):
        raise ForeignScriptError(f"'{known}' is no id")
    sensitive = _flag(rest, "Sensitive")
    fact = _only_if(rest.pop("OnlyIf")) if "OnlyIf" in rest else None
    applies_to = replace(_applies_to(rest.pop("Applies", {})), only_if=fact)
    subject = other_subject(known, rest, writes=script is Script.REMEDIATION) if "Of" in rest else _registry(rest, script)
    setting = Setting(known, known, subject, Location(""), sensitive=sensitive, applies_to=applies_to)
    if rest or (isinstance(subject, Registry) and subject.write is not None and not _fits(subject)):
        raise ForeignScriptError(f"the row of '{known}' says what policyc never writes")
    [again], _ = read_table(f"{entry(setting).text(write=script is Script.REMEDIATION)})\n", 0)
    if list(again.items()) != list(row.items()):
        raise ForeignScriptError(f"the row of '{known}' isn't as policyc writes it")
    return setting


def _registry(rest: Row, script: Script) -> Registry:
    place = _place(rest)
    if "Only" in rest:
        return _only(rest, script, place)
    kind = _one_of(rest, "Kind", _KINDS) if "Kind" in rest else None
    condition = _condition(rest, kind)
    return Registry(
        place,
        condition,
        kind,
        default=_data(kind, rest.pop("Default")) if "Default" in rest else None,
        pin=_flag(rest, "Pin"),
        write=_write(rest, kind, condition, place) if script is Script.REMEDIATION else None,
        clear_on_undo=script is Script.REMEDIATION and _flag(rest, "ClearOnUndo"),
    )


def _only(rest: Row, script: Script, place: Place) -> Registry:
    """A key with all of its values."""
    cells = rest.pop("List", None)
    if not _flag(rest, "Only") or not isinstance(cells, list) or place.name is not None:
        raise ForeignScriptError("'List' isn't as policyc writes it")
    values = []
    for cell in cells:
        row: Row = dict(cell) if isinstance(cell, dict) else {}
        name, kind = _text(row, "Name"), _one_of(row, "Kind", _KINDS)
        values.append(Listed(name, kind, _data(kind, row.pop("Equals", ""))))
    condition = Condition(Operator.ONLY_VALUES, (), _flag(rest, "Exact"))
    write = KeepListed() if script is Script.REMEDIATION else None
    return Registry(place, condition, write=write, values=tuple(values))


def _place(rest: Row) -> Place:
    whole = _text(rest, "Key")
    view = View.BITS_64 if "View" not in rest else _one_of(rest, "View", {32: View.BITS_32})
    for hive in Hive:
        if whole.startswith(f"{hive}\\"):
            return Place(hive, view, whole[len(hive) + 1 :], _text(rest, "Name") if "Name" in rest else None)
    raise ForeignScriptError("'Key' isn't as policyc writes it")


def _condition(rest: Row, kind: Kind | None) -> Condition:
    operators = [operator for operator, word in WORDS.items() if word in rest]
    if len(operators) != 1:
        raise ForeignScriptError("a row without its condition")
    operator = operators[0]
    raw = rest.pop(WORDS[operator])
    exact = _flag(rest, "Exact")
    if exact and (kind is None or not (kind.is_text or kind is Kind.MULTI_STRING)):
        raise ForeignScriptError("'Exact' stands beside data without letters")
    if operator in _WITHOUT:
        if raw is not True:
            raise ForeignScriptError(f"'{WORDS[operator]}' isn't as policyc writes it")
        return Condition(operator, (), exact)
    if kind is None or (operator in _NUMERIC and not kind.is_number):
        raise ForeignScriptError(f"'{operator}' stands without what it needs")
    if operator is Operator.MATCHES:
        return Condition(operator, (_pattern(rest, kind, raw, exact_case=exact),), exact)
    return Condition(operator, _operands(operator, kind, raw), exact)


def _operands(operator: Operator, kind: Kind, raw: Cell) -> tuple[Data, ...]:
    if operator in SINGLE:
        return (_data(kind, raw),)
    if operator in _ELEMENTS:
        if kind is not Kind.MULTI_STRING or not isinstance(raw, tuple):
            raise ForeignScriptError(f"'{operator}' stands without its elements")
        return raw
    if not isinstance(raw, list) or (operator is Operator.BETWEEN and len(raw) != 2):
        raise ForeignScriptError(f"'{operator}' stands without its list")
    return tuple(_data(kind, one) for one in raw)


def _pattern(rest: Row, kind: Kind, raw: Cell, *, exact_case: bool) -> str:
    written = _text(rest, "Pattern") if "Pattern" in rest else None
    found = source_pattern(raw, written, exact_case=exact_case) if kind.is_text and isinstance(raw, str) else None
    if found is None:
        raise ForeignScriptError("its pattern can't be written in policyc's language of patterns, or is too long for it")
    return found


def _write(rest: Row, kind: Kind | None, condition: Condition, place: Place) -> Write:
    """What a row of a remediation writes: what it says in Set, else what it asks for."""
    operator = condition.operator
    if "Set" in rest:
        return SetValue(_data(kind, rest.pop("Set")))
    if operator is Operator.ABSENT and place.name is not None:
        return DeleteValue()
    if operator is Operator.ABSENT and _flag(rest, "Recurse"):
        return RemoveTree()
    if operator is Operator.PRESENT and place.name is None:
        return CreateKey()
    if operator is Operator.CONTAINS:
        return Append(tuple(one for one in condition.operands if isinstance(one, str)))
    if operator is Operator.SET_EQUALS:
        return SetValue(tuple(one for one in condition.operands if isinstance(one, str)))
    if operator in IMPLIED:
        [data] = condition.operands
        return SetValue(data)
    raise ForeignScriptError("it writes nothing")


def _fits(subject: Registry) -> bool:
    """Whether what is written belongs to what is asked."""
    if isinstance(subject.write, SetValue):
        return subject.place.name is not None and subject.condition.operator is not Operator.ABSENT
    return True


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


def _only_if(cell: Cell) -> Fact:
    said = dict(cell) if isinstance(cell, dict) else {}
    service, file, key, name = (said.get(word) for word in ("Service", "File", "Key", "Name"))
    if isinstance(service, str):
        return Fact(service=service)
    if isinstance(file, str):
        return Fact(file=FilePlace(file))
    feature, state = said.get("Feature"), said.get("Is")
    if isinstance(feature, str) and state in ("enabled", "disabled"):
        return Fact(feature=FeaturePlace(feature), enabled=state == "enabled")
    if not isinstance(key, str) or not isinstance(name, str | None) or not key.startswith(f"{Hive.MACHINE}\\"):
        raise ForeignScriptError("'OnlyIf' isn't as policyc writes it")
    view = View.BITS_32 if "View" in said else View.BITS_64
    return Fact(place=Place(Hive.MACHINE, view, key.partition("\\")[2], name))


def _data(kind: Kind | None, cell: Cell) -> Data:
    if kind is Kind.BINARY and isinstance(cell, str) and re.fullmatch("(?:[0-9A-F]{2})*", cell):
        return bytes.fromhex(cell)
    # By the exact type: a bool is an int, too.
    held = kind is not None and kind is not Kind.BINARY and type(cell) is HELD_AS[kind]
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
