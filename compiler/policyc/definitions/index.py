"""What all templates of a project say, by the questions that are asked of all: names, display names and places.

It is made of every template once, and remembered under the hash of all their files: reading two hundred and fifty takes
seconds, and a policy needs five of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from policyc.definitions.template import Item, Option, Policy, Sort, Template
from policyc.model.place import upper
from policyc.model.records import dataclass

SEPARATOR = "\0"


@dataclass(frozen=True, slots=True)
class Index:
    """Policies are named as `stem/name`."""

    names: dict[str, list[str]]
    """Names of policies by stem."""
    titles: dict[str, list[str]]
    """Policies by display name, folded."""
    places: dict[str, str]
    """By key and the value's name, in upper case: a line for each policy, of its scopes, its id and the types that it writes
    there, with tabs between. One text is read in a fifth of the time that lists of lists take."""
    lists: dict[str, str]
    """The same by key alone: of lists, whose values have no fixed names."""
    faults: list[list[Any]]
    """File, message, help and line of what can't be read."""


def make_index(templates: Iterable[Template]) -> Index:
    """The index of these templates."""
    made = Index({}, {}, {}, {}, [])
    for one in templates:
        for fault in one.faults:
            made.faults.append([one.texts if fault.in_texts else one.file, fault.message, fault.help, fault.line])
        made.names[one.stem] = [policy.name for policy in one.policies]
        for policy in one.policies:
            named = f"{one.stem}/{policy.name}"
            if policy.title:
                made.titles.setdefault(folded(policy.title), []).append(named)
            _enter(made, named, policy)
    return made


def folded(title: str) -> str:
    """A display name as it is compared: without case and needless spaces."""
    return " ".join(title.split()).casefold()


def place(key: str, name: str) -> str:
    r"""A value as the index has it; `key` without its hive.

    >>> place(r"Software\Policies", "Name").split(SEPARATOR)
    ['SOFTWARE\\POLICIES', 'NAME']
    """
    return f"{upper(key)}{SEPARATOR}{upper(name)}"


def lines(text: str | None) -> Iterator[tuple[str, str, list[str]]]:
    """(Scopes, policy, types) of each line of `places` or `lists`."""
    for line in (text or "").split("\n") if text else ():
        scopes, policy, *types = line.split("\t")
        yield scopes, policy, types


def _enter(made: Index, named: str, policy: Policy) -> None:
    head = f"{' '.join(scope.value for scope in policy.scopes)}\t{named}"
    types: dict[str, set[str]] = {}

    def add(key: str, name: str | None, kind: str) -> None:
        if name is not None:
            types.setdefault(place(key, name), set()).add(kind)

    if policy.value is not None:
        add(policy.key, policy.value, "dword" if policy.enabled is None else _type(policy.enabled))
        add(policy.key, policy.value, _type(policy.disabled))
    for item in (*policy.enabled_items, *policy.disabled_items):
        add(item.key, item.name, _type(item.value))
    for option in policy.options:
        if option.sort is Sort.LIST:
            _add(made.lists, upper(option.key), f"{head}\t{_text(option)}")
        for kind in _types(option):
            add(option.key, option.name, kind)
        for item in items(option):
            add(item.key, item.name, _type(item.value))
    for where, several in types.items():
        _add(made.places, where, "\t".join((head, *sorted(several - {""}))))


def _add(lines: dict[str, str], where: str, line: str) -> None:
    lines[where] = f"{lines[where]}\n{line}" if where in lines else line


def items(option: Option) -> Iterable[Item]:
    """The values beside its own that an option may write."""
    yield from (*option.on_items, *option.off_items)
    for choice in option.choices:
        yield from choice.items


def _types(option: Option) -> Iterable[str]:
    match option.sort:
        case Sort.NUMBER:
            yield "string" if option.as_text else "dword"
        case Sort.LONG_NUMBER:
            yield "string" if option.as_text else "qword"
        case Sort.TEXT:
            yield _text(option)
        case Sort.LINES:
            yield "multi_string"
        case Sort.SWITCH:
            yield _type(option.on) if option.on is not None else "dword"
            yield _type(option.off)
        case Sort.CHOICE:
            yield from (_type(choice.value) for choice in option.choices)


def _text(option: Option) -> str:
    return "expand_string" if option.expandable else "string"


def _type(value: Any) -> str:  # noqa: ANN401 - a Value or None
    """The type in which a template's value is written; empty where nothing is, or it is deleted."""
    if value is None or value.data is None:
        return ""
    return "string" if isinstance(value.data, str) else "qword" if value.long else "dword"
