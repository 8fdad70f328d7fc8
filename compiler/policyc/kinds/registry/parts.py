"""A key that holds the values of a list and no others, taken apart: a setting for each value that is, or must not be, there.

Scripts do the same (`powershell/library/lists.ps1`). So a value of the list is judged, written, kept in the journal and rolled
back as any other value is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from policyc.model import Condition, DeleteValue, KeepListed, Listed, Operator, Registry, SetValue, upper

MOST_OTHERS = 1000
"""Values that a remediation removes from one key. Where there are more, the key is an error, and nothing of it is changed."""


def parts(subject: Registry, names: Iterable[str]) -> tuple[Registry, ...]:
    """What a list asks of a key with values of these names: those of the list first, in its order, then others by name.

    Where the list is empty and nothing is there, it asks that there is no default value. The list itself, where the key holds
    too much.
    """
    listed = {upper(value.name) for value in subject.values}
    others = {upper(name): name for name in names if upper(name) not in listed}
    if len(others) > MOST_OTHERS:
        return (subject,)
    if not listed and not others:
        others = {"": ""}
    ordered = sorted(others, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    return (*(_value(subject, value) for value in subject.values), *(_other(subject, others[name]) for name in ordered))


def part_at(subject: Registry, name: str) -> Registry:
    """What the list asks of the value with this name."""
    value = next((value for value in subject.values if upper(value.name) == upper(name)), None)
    return _other(subject, name) if value is None else _value(subject, value)


def _value(subject: Registry, value: Listed) -> Registry:
    condition = Condition(Operator.EQUALS, (value.data,), subject.condition.exact_case)
    write = SetValue(value.data) if isinstance(subject.write, KeepListed) else None
    return replace(
        subject, place=replace(subject.place, name=value.name), condition=condition, kind=value.kind, write=write, values=()
    )


def _other(subject: Registry, name: str) -> Registry:
    condition = Condition(Operator.ABSENT, (), subject.condition.exact_case)
    write = DeleteValue() if isinstance(subject.write, KeepListed) else None
    return replace(subject, place=replace(subject.place, name=name), condition=condition, kind=None, write=write, values=())
