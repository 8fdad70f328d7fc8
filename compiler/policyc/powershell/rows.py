"""A setting as a row of a script's table: one line, for a person to read and for the functions of the library to judge by.

    @{ Id = 'lan-manager-level'; Key = 'HKLM\\...'; Name = 'LmCompatibilityLevel'; Kind = 'DWord'; AtLeast = 5; Default = 3 }

The condition is a word of the row. What is written stands there only where it isn't what is asked for; bytes stand in hex.
A row of another kind than the registry's says so, and has a place of that kind's:

    @{ Id = 'audit-logon'; Of = 'AuditPolicy'; Place = '{0CCE9215-69AE-11D9-BED3-505054503030}'; AtLeast = 3 }
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from policyc.evaluation.patterns import translate
from policyc.kinds import OTHERS
from policyc.kinds.registry.parts import part_at
from policyc.kinds.registry.trees import TREE, removes_tree
from policyc.model import (
    REGISTRY_VALUE_KIND,
    Append,
    Data,
    Fact,
    Hive,
    Kind,
    Listed,
    Operator,
    Registry,
    RemoveTree,
    Setting,
    SetValue,
    View,
    of_registry,
)
from policyc.model.records import dataclass
from policyc.powershell.linker import library
from policyc.powershell.literals import literal, value_of_kind

WORDS = {operator: "".join(part.capitalize() for part in operator.value.split("_")) for operator in Operator}
"""Each condition as a word of a row: `at_least` is `AtLeast`."""
SINGLE = frozenset({Operator.EQUALS, Operator.NOT_EQUALS, Operator.AT_LEAST, Operator.AT_MOST})
"""They have one operand."""
IMPLIED = frozenset({Operator.EQUALS, Operator.AT_LEAST, Operator.AT_MOST, Operator.SET_EQUALS})
"""What they ask for can be written as it is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A setting's row, in the pieces that differ between scripts, and the functions that it needs."""

    setting: Setting
    place: str
    rule: str
    write: str
    needs: frozenset[str]
    change_needs: frozenset[str] = frozenset()
    """Those that it needs only where it is changed."""
    kept: str = ""
    """What a place that is kept says besides."""
    kind: str | None = None
    """The kind of the setting whose functions it needs; None: the registry's are the library's own."""

    def text(self, *, title: bool = False, write: bool = False, reported: bool = False) -> str:
        """The row; with its title, what is written, and whether it is only reported."""
        parts = [f"Id = {literal(self.setting.id)}"]
        if title:
            parts.append(f"Title = {literal(self.setting.title)}")
        parts += [self.place, self.rule]
        if write and self.write:
            parts.append(self.write)
        if reported and not self.setting.remediated:
            parts.append("ReportOnly = $true")
        return f"    @{{ {'; '.join(parts)} }}\n"

    def place_text(self) -> str:
        """The row of a place that is kept."""
        return f"    @{{ {self.place}{self.kept} }}\n"


def cell(data: Data) -> str:
    """Data as it stands in a row.

    >>> cell(b"\\x01\\xff"), cell(5)
    ("'01FF'", '5')
    """
    return literal(data.hex().upper() if isinstance(data, bytes) else data)


def _operand(setting: Setting) -> str:
    condition = of_registry(setting).condition
    if not condition.operands and condition.operator not in (Operator.SET_EQUALS, Operator.CONTAINS):
        return literal(True)  # noqa: FBT003
    if condition.operator in SINGLE:
        return cell(condition.operands[0])
    if condition.operator is Operator.MATCHES:
        return literal(rf"\A(?:{translate(str(condition.operands[0]), exact_case=condition.exact_case)})\z")
    if condition.operator in (Operator.CONTAINS, Operator.SET_EQUALS):
        return literal(tuple(str(operand) for operand in condition.operands))
    parts = [cell(operand) for operand in condition.operands]
    # A lone comma keeps an array of one array from being unrolled.
    return f"@({', '.join(parts)})" if len(parts) != 1 else f"@(, {parts[0]})"


def _listed(values: tuple[Listed, ...]) -> str:
    """The values of a list, each with the words of a row of its own."""
    rows = [
        f"@{{ Name = {literal(value.name)}; Kind = {literal(REGISTRY_VALUE_KIND[value.kind])}; Equals = {cell(value.data)} }}"
        for value in values
    ]
    return f"@({', '.join(rows)})" if len(rows) != 1 else f"@(, {rows[0]})"


def _rule(setting: Setting) -> Iterator[str]:
    subject = of_registry(setting)
    condition = subject.condition
    if condition.operator is Operator.ONLY_VALUES:
        yield f"List = {_listed(subject.values)}"
        if condition.exact_case:
            yield "Exact = $true"
        yield from _common(setting)
        return
    if subject.kind is not None:
        yield f"Kind = {literal(REGISTRY_VALUE_KIND[subject.kind])}"
    yield f"{WORDS[condition.operator]} = {_operand(setting)}"
    if condition.operator is Operator.MATCHES and not setting.sensitive:
        yield f"Pattern = {cell(condition.operands[0])}"
    if condition.exact_case:
        yield "Exact = $true"
    if subject.default is not None:
        yield f"Default = {cell(subject.default)}"
    if subject.pin:
        yield "Pin = $true"
    yield from _common(setting)


def _common(setting: Setting) -> Iterator[str]:
    """What rows of all kinds may say."""
    of = setting.applies_to
    words = (("From", of.from_build), ("Before", of.before_build), ("Role", None if of.role is None else of.role.value))
    limits = [f"{word} = {literal(value)}" for word, value in words if value is not None]
    if limits:
        yield f"Applies = @{{ {'; '.join(limits)} }}"
    if of.only_if is not None:
        yield f"OnlyIf = @{{ {'; '.join(_fact(of.only_if))} }}"
    if setting.sensitive:
        yield "Sensitive = $true"


def _common_needs(setting: Setting) -> Iterator[str]:
    if setting.applies_to.of_windows:
        yield "Test-Applies"
    if setting.applies_to.only_if is not None:
        yield from ("Test-Fact", "Format-Apart", "Write-Apart")
        if setting.applies_to.only_if.feature is not None:
            yield "Test-Feature"


def _fact(fact: Fact) -> Iterator[str]:
    if fact.service is not None:
        yield f"Service = {literal(fact.service)}"
    elif fact.file is not None:
        yield f"File = {literal(fact.file.path)}"
    elif fact.feature is not None:
        yield f"Feature = {literal(fact.feature.name)}; Is = {literal(fact.state)}"
    elif fact.place is not None:
        yield f"Key = {literal(f'{fact.place.hive}{chr(92)}{fact.place.key}')}"
        if fact.place.name is not None:
            yield f"Name = {literal(fact.place.name)}"
        if fact.place.view is View.BITS_32:
            yield "View = 32"


def is_implied(setting: Setting) -> bool:
    """Whether what is written is what is asked for, so that the row needn't say it."""
    subject = of_registry(setting)
    write, condition = subject.write, subject.condition
    if not isinstance(write, SetValue):
        return True
    asked = condition.operands if condition.operator is Operator.SET_EQUALS else (condition.operands or (None,))[0]
    return condition.operator in IMPLIED and write.data == asked


def _write(setting: Setting) -> str:
    subject = of_registry(setting)
    if isinstance(subject.write, RemoveTree):
        return "Recurse = $true"
    parts = [] if is_implied(setting) or not isinstance(subject.write, SetValue) else [f"Set = {cell(subject.write.data)}"]
    return "; ".join([*parts, "ClearOnUndo = $true"] if subject.clear_on_undo else parts)


def _change_needs(subject: Registry) -> frozenset[str]:
    """What taking a key away with all below it needs besides."""
    gone = frozenset() if subject.place.hive is Hive.MACHINE else frozenset({"Test-Gone"})
    return (kind_needs(TREE) - _OF_TREES) | gone | {"Expand-Tree"} if removes_tree(subject) else frozenset()


def _needs(setting: Setting) -> Iterator[str]:
    subject = of_registry(setting)
    operator = subject.condition.operator
    if operator is Operator.ONLY_VALUES:
        yield "Get-ListFinding"
        for part in (part_at(subject, value.name) for value in subject.values):
            yield from _needs(replace(setting, subject=part))
    elif operator not in (Operator.PRESENT, Operator.ABSENT):
        yield f"Test-{WORDS[operator]}"
        if subject.kind is Kind.MULTI_STRING:
            yield "Get-Element"
    if isinstance(subject.write, SetValue):
        yield "Get-SetState"
        if subject.kind is Kind.BINARY:
            yield "ConvertFrom-Hex"
    if isinstance(subject.write, Append):
        yield "Get-AppendedState"
    if subject.place.hive is Hive.USER:
        yield from ("Get-UserPath", "Get-NobodyNote")
        if not removes_tree(subject):
            yield "Write-Seen"  # the rows of a tree name their users, and tell of no user in general
    yield from _common_needs(setting)


def of_kind(word: str) -> str:
    """What a row, an entry of the journal and the names of functions call a kind.

    >>> of_kind("audit_policy")
    'AuditPolicy'
    """
    return "".join(part.capitalize() for part in word.split("_"))


def kind_needs(word: str) -> frozenset[str]:
    """The functions of a kind that the engine calls by its name."""
    of = of_kind(word)
    known = library(frozenset({word}))
    members = {"Select-Undone", "Write-Base"} if f"Get-{of}Undone" in known else set()
    members |= _OF_TREES if word == TREE else set()
    return _OF_OTHERS | members | {name for form in _FORMS if (name := form.format(of)) in known}


def kind_functions(word: str) -> frozenset[str]:
    """All functions of a kind's own file."""
    return frozenset(unit.name for unit in library(frozenset({word})).values() if unit.file == word and unit.is_function)


_FORMS = (
    *("Read-{}", "Test-{}", "Get-{}Next", "Write-{}", "Get-{}Undone"),
    *("Format-{}State", "Format-{}Place", "Format-{}Must"),
)
_OF_TREES = frozenset({"Expand-Kept", "Restore-TreeKey", "Select-TreeKey"})
"""What only a rollback asks for."""
_OF_OTHERS = frozenset({"Get-OtherPlace", "Write-Other", "Restore-Other"})


def _of_other_kind(setting: Setting) -> Entry:
    """The row of a setting that isn't the registry's, in the words that its kind gives."""
    word = setting.subject.word
    kind = OTHERS[word]
    words = {name: f"{name} = {value_of_kind(value)}" for name, value in kind.row(setting.subject).items()}
    place = f"Of = {literal(of_kind(word))}; {words.pop('Place')}"
    write = words.pop("Set", "")
    needs = kind_needs(word) | kind.needs(setting.subject) | frozenset(_common_needs(setting))
    return Entry(setting, place, "; ".join([*words.values(), *_common(setting)]), write, needs, kind=word)


_MOST = 4096
_MADE: dict[int, Entry] = {}
"""By the identity of the setting, which the entry keeps alive: to hash a setting takes as long as to make its row."""


def entry(setting: Setting) -> Entry:
    """The row of a setting, made once for the scripts of its collection."""
    made = _MADE.get(id(setting))
    if made is None or made.setting is not setting:
        if len(_MADE) >= _MOST:
            _MADE.clear()
        made = _MADE[id(setting)] = _entry(setting)
    return made


def _entry(setting: Setting) -> Entry:
    if not isinstance(setting.subject, Registry):
        return _of_other_kind(setting)
    subject = of_registry(setting)
    place = subject.place
    # An account's own hive is a key of HKEY_USERS, as Windows has it: `HKU\.DEFAULT`.
    whole = f"{place.hive}\\{place.key}"
    parts = [f"Key = {literal(whole)}"]
    if place.name is not None:
        parts.append(f"Name = {literal(place.name)}")
    if place.view is View.BITS_32:
        parts.append("View = 32")
    if subject.condition.operator is Operator.ONLY_VALUES:
        parts.append("Only = $true")
    pieces = ("; ".join(parts), "; ".join(_rule(setting)), write := _write(setting))
    kept = f"; {write}" if removes_tree(subject) else ""
    return Entry(setting, *pieces, frozenset(_needs(setting)), _change_needs(subject), kept)
