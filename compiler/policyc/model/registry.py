"""What a registry setting is about: where, what must hold, what a remediation writes."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, TypeAlias

from policyc.model.place import Place
from policyc.model.records import dataclass

Data: TypeAlias = str | int | bytes | tuple[str, ...]
"""What a value holds: str (string, expand_string), int (dword, qword, unsigned), bytes (binary), tuple (multi_string)."""


class Kind(StrEnum):
    """The registry kind of a value."""

    STRING = "string"
    EXPAND_STRING = "expand_string"
    MULTI_STRING = "multi_string"
    DWORD = "dword"
    QWORD = "qword"
    BINARY = "binary"

    @property
    def is_number(self) -> bool:
        """DWORD and QWORD: unsigned in their width."""
        return self in (Kind.DWORD, Kind.QWORD)

    @property
    def is_text(self) -> bool:
        """REG_SZ and REG_EXPAND_SZ: one string."""
        return self in (Kind.STRING, Kind.EXPAND_STRING)


REGISTRY_VALUE_KIND = {
    Kind.STRING: "String",
    Kind.EXPAND_STRING: "ExpandString",
    Kind.MULTI_STRING: "MultiString",
    Kind.DWORD: "DWord",
    Kind.QWORD: "QWord",
    Kind.BINARY: "Binary",
}
"""Names of `Microsoft.Win32.RegistryValueKind`."""

HELD_AS: dict[Kind, type] = {
    Kind.STRING: str,
    Kind.EXPAND_STRING: str,
    Kind.MULTI_STRING: tuple,
    Kind.DWORD: int,
    Kind.QWORD: int,
    Kind.BINARY: bytes,
}
"""What `Data` of each kind is."""


class Operator(StrEnum):
    """What a condition asks of a value."""

    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BETWEEN = "between"
    ONE_OF = "one_of"
    NONE_OF = "none_of"
    MATCHES = "matches"
    CONTAINS = "contains"
    SET_EQUALS = "set_equals"
    ONLY_VALUES = "only_values"
    PRESENT = "present"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition.

    `operands` by operator: equals, not_equals, at_least, at_most: one Data; between: lower and upper bound;
    one_of, none_of: each allowed or refused Data; matches: the pattern in policyc's own form (a str, see
    `policyc.evaluation.patterns`); contains, set_equals: each element (str); present, absent, and
    only_values (whose values are the subject's): none.
    """

    operator: Operator
    operands: tuple[Data, ...] = ()
    exact_case: bool = False
    """Strings compare ordinal; False: after one-to-one upper-casing."""


@dataclass(frozen=True, slots=True)
class SetValue:
    """Write this value in the setting's kind, whatever is there."""

    data: Data


@dataclass(frozen=True, slots=True)
class DeleteValue:
    """Delete the value."""


@dataclass(frozen=True, slots=True)
class Append:
    """Add the elements that a multi_string lacks behind those that it has."""

    elements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CreateKey:
    """Create the key with what is missing above it."""


@dataclass(frozen=True, slots=True)
class RemoveTree:
    """Remove the key with everything below it."""


@dataclass(frozen=True, slots=True)
class KeepListed:
    """Write each value of the list that is missing or different, and delete every other one in the key."""


Write: TypeAlias = SetValue | DeleteValue | Append | CreateKey | RemoveTree | KeepListed


@dataclass(frozen=True, slots=True)
class Listed:
    """A value that a key holds beside no others than those that are listed with it."""

    name: str
    kind: Kind
    data: Data


@dataclass(frozen=True, slots=True)
class Registry:
    """A value or key of the registry, with every default explicit."""

    word: ClassVar[str] = "registry"
    """The key of a policy that names the kind."""
    place: Place
    condition: Condition
    kind: Kind | None = None
    """None for a key, and for `present` and `absent` where the policy names none."""
    default: Data | None = None
    """What an absent value counts as; None: absence is judged by the condition itself."""
    pin: bool = False
    """The value itself must be there, even if the default satisfies."""
    write: Write | None = None
    """What a remediation does; None: reported, never changed."""
    clear_on_undo: bool = False
    """Undone by writing empty data, as the product asks for (a device tag), where there was no value before."""
    values: tuple[Listed, ...] = ()
    """Of `only_values`: what the key holds, in the policy's order, no two names the same."""

    @property
    def asked(self) -> str:
        """The operator."""
        return self.condition.operator.value

    @property
    def writes(self) -> bool:
        """Whether a remediation changes it."""
        return self.write is not None
