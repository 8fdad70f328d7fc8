"""What a template says, as data: policies, what each writes in which state, and what people are shown of it.

Sources of the defaults: Microsoft, "Group Policy ADMX Syntax Reference Guide" (May 2007), its pages on `policy`, `decimal`,
`text`, `boolean`, `enum` and `list`; [MS-GPREG] 7.2, "ADMX Policy Definition Schema", and the schema itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeAlias

from policyc.model.records import dataclass

Data: TypeAlias = int | str | None
"""A value that a template writes: a number, a text, or None where the value is deleted."""


@dataclass(frozen=True, slots=True)
class Value:
    """What is written into one place, or that it is deleted."""

    data: Data
    long: bool = False
    """A number of 64 bits."""


@dataclass(frozen=True, slots=True)
class Item:
    """A value of a list, with its place."""

    key: str
    name: str
    value: Value


class Scope(StrEnum):
    """Whose policy it is, in the words of a policy file."""

    MACHINE = "machine"
    USER = "user"


class Sort(StrEnum):
    """What an option takes."""

    NUMBER = "decimal"
    LONG_NUMBER = "longDecimal"
    TEXT = "text"
    LINES = "multiText"
    SWITCH = "boolean"
    CHOICE = "enum"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice of an `enum`."""

    label: str
    value: Value | None
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """An element of a policy."""

    id: str
    sort: Sort
    key: str
    name: str | None
    """Of the value; None for a list, and where the template names none."""
    line: int
    label: str = ""
    """What stands beside the box, in the language that was read; empty where nothing does."""
    default: Any = None
    """What the box holds at first: a number, a text, a tuple of lines, a bool, the number of a choice; None: nothing."""
    required: bool = False
    least: int = 0
    most: int = 0
    """Of numbers: their bounds. Of texts: the longest in characters, 0 where nothing is said."""
    as_text: bool = False
    expandable: bool = False
    additive: bool = False
    explicit: bool = False
    """Who fills the list names each value, too."""
    prefix: str | None = None
    """Of a list: what the values are called, with a number behind it; None: as their data."""
    choices: tuple[Choice, ...] = ()
    on: Value | None = None
    off: Value | None = None
    on_items: tuple[Item, ...] = ()
    off_items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy of a template."""

    name: str
    scopes: tuple[Scope, ...]
    key: str
    value: str | None
    line: int
    title: str = ""
    why: str = ""
    supported: str = ""
    """What it is supported on, in words; empty where its own template doesn't say them."""
    since: str = ""
    """The name of Windows' own definition of that, where it refers to one."""
    enabled: Value | None = None
    disabled: Value | None = None
    enabled_items: tuple[Item, ...] = ()
    disabled_items: tuple[Item, ...] = ()
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake of a template, by which nothing else is lost."""

    message: str
    help: str
    line: int | None
    in_texts: bool = False
    """It is one of the file of texts."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template with its texts."""

    stem: str
    file: str
    """POSIX, relative to the policies folder."""
    texts: str
    """The file of texts; empty where none was found."""
    policies: tuple[Policy, ...] = ()
    broken: tuple[tuple[str, Fault], ...] = ()
    """Policies that can't be used, by name, with the reason."""
    faults: tuple[Fault, ...] = ()
    """Why the template, or its texts, can't be read at all."""

    def policy(self, name: str) -> Policy | None:
        """The policy of that name; names are compared as Windows compares them."""
        return next((one for one in self.policies if one.name.lower() == name.lower()), None)


_CLASSES: Mapping[str, type[Any]] = {one.__name__: one for one in (Value, Item, Choice, Option, Policy, Fault, Template)}
_ENUMS: Mapping[str, type[StrEnum]] = {one.__name__: one for one in (Scope, Sort)}


def to_plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON takes
    """A template as JSON takes it."""
    if isinstance(value, StrEnum):
        return {"is": type(value).__name__, "of": value.value}
    if isinstance(value, tuple):
        return [to_plain(part) for part in value]
    if type(value).__name__ in _CLASSES:
        fields = type(value).__dataclass_fields__  # type: ignore[attr-defined]
        return {"is": type(value).__name__, "of": [to_plain(getattr(value, name)) for name in fields]}
    return value


def from_plain(tree: Any) -> Any:  # noqa: ANN401 - what `to_plain` gave
    """The template again. Raises LookupError, TypeError or ValueError for anything else."""
    if isinstance(tree, list):
        return tuple(map(from_plain, tree))
    if isinstance(tree, dict):
        name, of = tree["is"], tree["of"]
        return _ENUMS[name](of) if name in _ENUMS else _CLASSES[name](*map(from_plain, of))
    return tree
