"""The scripts of a collection's settings: a table of settings, and the least code that evaluates what is in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from policyc.evaluation.bounds import MOST_OF_A_USER, MOST_OF_THE_MACHINE
from policyc.evaluation.patterns import LONGEST_MATCHED, translate
from policyc.evaluation.wording import must
from policyc.model import (
    EVERYWHERE,
    REGISTRY_VALUE_KIND,
    Append,
    Collection,
    CreateKey,
    Data,
    DeleteValue,
    Hive,
    Kind,
    Operator,
    Setting,
    SetValue,
    log_name,
    owner,
)
from policyc.powershell.literals import literal
from policyc.powershell.rendering import render

_SINGLE = frozenset({Operator.EQUALS, Operator.NOT_EQUALS, Operator.AT_LEAST, Operator.AT_MOST})
_COMPARES = frozenset({Operator.EQUALS, Operator.NOT_EQUALS, Operator.ONE_OF, Operator.NONE_OF})
_DATA = "@@data@@"
_NOT_PLAIN = re.compile("[^ -~]")
_ONLY_SAYS = re.compile(
    r"\[(?:Microsoft\.Win32\.RegistryKey|Collections\.IDictionary|Collections\.Specialized\.OrderedDictionary)\] (?=\$)"
)
"""Types of parameters that convert nothing."""


class Script(StrEnum):
    """A script of settings, by its template's name. Each reader has a contract of its own (docs/outputs.md)."""

    DETECT = "detect"
    """For a console: readable lines, exit code 0, 1 or 2."""
    REMEDIATE = "remediate"
    """For a console or a program: changes, prints what it changed, knows -WhatIf."""
    ROLLBACK = "rollback"
    """For a console or a program: undoes what the journal holds for the collection."""
    RETIRE = "retire"
    """The same for what has left the policy; its table is the places to keep."""
    DISCOVERY = "discovery"
    """For a script setting of ConfigMgr: one line, exit code 0."""
    REMEDIATION = "remediation"
    """For a script setting of ConfigMgr: silent, throws where something is left."""
    DETECTION = "detection"
    """For an application of ConfigMgr: a line where everything holds, nothing where it doesn't."""


BUSY_CODE = 1618
"""How a console script ends that did nothing since another run was busy: ConfigMgr runs such a program again."""
_CHANGES = frozenset({Script.REMEDIATE, Script.REMEDIATION})
_READS = frozenset({Script.DETECT, Script.DISCOVERY, Script.DETECTION})
"""They need no name for the collection: nothing of theirs is in the journal."""
_PRINTS_TITLES = frozenset({Script.DETECT, Script.REMEDIATE})


@dataclass(frozen=True, slots=True)
class Entry:
    """A setting's row in the table of a script, in the pieces that differ between scripts, with what it needs of the code."""

    setting: Setting
    title: str
    place: str
    body: str
    write: str
    uses: frozenset[str]

    def text(self, script: Script) -> str:
        """The row as it stands in this script."""
        if script is Script.RETIRE:
            return f"    @{{ {self.place} }}\n"
        title = self.title if script in _PRINTS_TITLES else ""
        write = self.write if script in _CHANGES else ""
        head = f"        Id = {literal(self.setting.id)}{title}\n        {self.place}\n"
        return f"    @{{\n{head}{self.body}{write}    }}\n"


def _several(operands: Iterable[Data]) -> str:
    parts = [literal(operand) for operand in operands]
    # A lone comma keeps an array of one array from being unrolled.
    return f"@({', '.join(parts)})" if len(parts) != 1 else f"@(, {parts[0]})"


def _operand(setting: Setting) -> str | None:
    condition = setting.subject.condition
    if condition.operator in _SINGLE:
        return literal(condition.operands[0])
    if condition.operator is Operator.MATCHES:
        pattern = condition.operands[0]
        assert isinstance(pattern, str)  # noqa: S101 - the model's promise
        return literal(rf"\A(?:{translate(pattern, exact_case=condition.exact_case)})\z")
    if condition.operator in (Operator.CONTAINS, Operator.SET_EQUALS):
        return literal(tuple(operand for operand in condition.operands if isinstance(operand, str)))
    return _several(condition.operands) if condition.operands else None


def _write(setting: Setting) -> str:
    write = setting.subject.write
    if isinstance(write, SetValue):
        if (
            setting.subject.kind is Kind.BINARY
            and setting.subject.condition.operands == (write.data,)
            and setting.subject.condition.operator in _SINGLE
        ):
            # Data that may be long stands once: what is asked for is what is written.
            return "        Write = 'Set'\n"
        return f"        Write = 'Set'; Data = {literal(write.data)}\n"
    if isinstance(write, Append):
        return f"        Write = 'Append'; Data = {literal(write.elements)}\n"
    if isinstance(write, DeleteValue):
        return "        Write = 'Delete'\n"
    if isinstance(write, CreateKey):
        return "        Write = 'CreateKey'\n"
    return ""


def _applies(setting: Setting) -> str:
    of = setting.applies_to
    words = (("From", of.from_build), ("Before", of.before_build), ("Role", None if of.role is None else of.role.value))
    parts = [f"{word} = {literal(value)}" for word, value in words if value is not None]
    return f"        Applies = @{{ {'; '.join(parts)} }}\n" if parts else ""


def _compared(kind: Kind | None) -> str:
    if kind is not None and kind.is_number:
        return "numbers"
    return {Kind.MULTI_STRING: "lists", Kind.BINARY: "binary"}.get(kind or Kind.STRING, "text")


def _uses(setting: Setting) -> frozenset[str]:
    operator = setting.subject.condition.operator
    uses = {operator.value if operator is not Operator.ONE_OF else "one_of_condition"}
    if operator not in (Operator.PRESENT, Operator.ABSENT):
        uses.add("data")
        if setting.subject.kind is Kind.MULTI_STRING:
            uses.add("multi_strings")
    if operator in (Operator.ONE_OF, Operator.NONE_OF):
        uses.add("one_of")
    if operator in _COMPARES:
        uses |= {"compares", _compared(setting.subject.kind)}
    if isinstance(setting.subject.write, Append):
        uses.add("append")
    if setting.subject.place.hive is Hive.USER:
        uses.add("users")
    if setting.applies_to != EVERYWHERE:
        uses.add("applies")
    return frozenset(uses)


@lru_cache(maxsize=4096)
def entry(setting: Setting) -> Entry:
    """The row of a setting."""
    place = setting.subject.place
    name = "" if place.name is None else f"; Name = {literal(place.name)}"
    rule = [f"Condition = {literal(setting.subject.condition.operator.value)}"]
    if setting.subject.kind is not None:
        rule.insert(0, f"Kind = {literal(REGISTRY_VALUE_KIND[setting.subject.kind])}")
    operand = _operand(setting)
    if operand is not None:
        rule.append(f"Operand = {operand}")
    if setting.subject.condition.exact_case:
        rule.append("Exact = $true")
    if setting.subject.default is not None:
        rule.append(f"Default = {literal(setting.subject.default)}")
    if setting.subject.pin:
        rule.append("Pin = $true")
    flags = _applies(setting)
    if setting.sensitive:
        flags += "        Sensitive = $true\n"
    # An account's own hive is a key of HKEY_USERS for scripts, as it is in the journal.
    root, _, account = place.hive.partition("\\")
    key = f"{account}\\{place.key}" if account else place.key
    where = f"Hive = {literal(root)}; View = {int(place.view)}; Key = {literal(key)}{name}"
    body = f"        {'; '.join(rule)}\n        Must = {literal(must(setting))}\n{flags}"
    write = _write(setting) + ("        ClearOnUndo = $true\n" if setting.subject.clear_on_undo else "")
    return Entry(setting, f"; Title = {literal(setting.title)}", where, body, write, _uses(setting))


class _Uses:
    """What the code must be able to do, for a template to ask."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def __getattr__(self, name: str) -> bool:
        return name in self._names


@lru_cache(maxsize=512)
def _frame(script: Script, uses: frozenset[str]) -> tuple[str, str]:
    """The script's text before and after its data. Few combinations of uses exist, so an estate renders few templates."""
    if "contains" in uses or "set_equals" in uses or "append" in uses:
        uses |= {"contains"}
    text = render(
        f"{script}.ps1.j2",
        uses=_Uses(uses),
        data=_DATA,
        longest_matched=LONGEST_MATCHED,
        busy=BUSY_CODE,
        most_of_a_user=MOST_OF_A_USER,
        most_of_the_machine=MOST_OF_THE_MACHINE,
    )
    if script is Script.REMEDIATION:
        text = _packed(text)
    head, _, tail = text.partition(_DATA)
    return head, tail


def _packed(text: str) -> str:
    """The code without what only a reader needs, for which the budget of a compliance script has no room.

    `remediate.ps1` beside it holds the same functions as they were written.
    """
    lines = (line.lstrip() for line in text.splitlines())
    return "".join(_ONLY_SAYS.sub("", f"{line}\n") for line in lines if not line.startswith("#"))


def comment(text: str) -> str:
    """Text for a line of comment: printable ASCII, whatever a file or collection is called."""
    return _NOT_PLAIN.sub("?", text)


def script_text(
    script: Script, *, slug: str, source: str, entries: Sequence[Entry] = (), estate: str = "", adopts: Sequence[str] = ()
) -> bytes:
    """A whole script, ASCII with LF.

    `slug` is the collection's identity, which with `estate`, the project's id, names it on the device (owner in the
    journal, name of the log), `source` the policy file that a reader must change. `adopts` are other owners in journals
    that are this collection.
    """
    retires = script is Script.RETIRE
    uses: frozenset[str] = frozenset().union(*(row.uses for row in entries if not retires))
    head, tail = _frame(script, uses)
    rows = "".join(row.text(script) for row in entries)
    table = f"${'Kept' if retires else 'Settings'} = @(\n{rows})\n" if entries or retires else ""
    owned = (
        f"$Collection = {literal(owner(estate, slug))}\n$Adopts = {literal(tuple(adopts))}\n" if script not in _READS else ""
    )
    return (
        f"# Made by policyc from {comment(source)}: change it there, not here.\n"
        f"{head}{owned}$LogName = {literal(log_name(estate, slug))}\n{table}{tail}"
    ).encode("ascii")


def collection_script(script: Script, collection: Collection, entries: Sequence[Entry] = ()) -> bytes:
    """The script of a collection: who that is, it knows itself."""
    return script_text(
        script,
        slug=collection.identity,
        source=collection.origin.file,
        entries=entries,
        estate=collection.estate,
        adopts=collection.adopts,
    )
