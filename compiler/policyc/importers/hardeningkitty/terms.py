"""What a finding asks, and the same in the words of the language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from policyc.model import upper

NO_DATA = "-NODATA-"
"""What a backup has for a value that isn't there."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The columns that decide when a finding passes."""

    key: str
    item: str
    argument: str
    operator: str
    """In small letters."""
    recommended: str
    default: str
    """What HardeningKitty takes for the data where the value isn't there."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A finding in the words of the language."""

    registry: Mapping[str, Any]
    """Without key and name."""
    remediate: bool = True


@dataclass(slots=True)
class Terms:
    """A condition, and how HardeningKitty judges absence."""

    kind: str
    condition: dict[str, Any]
    """With `set`, where the condition alone doesn't say what is written."""
    absence: bool
    """Whether the default value passes."""
    own: Any = None
    """The default value as data of the kind; None where it isn't, or stands for nothing."""
    stand_in: Any = None
    """Data that is judged as absence is, for where the default value is none of the kind."""
    remediate: bool = True
    more: dict[str, Any] = field(default_factory=dict)

    def wanted(self) -> Wanted:
        """The words in the order of the language reference."""
        registry = {"type": self.kind, **self.more, **self.condition}
        replacement = registry.pop("set", None)
        if replacement is not None and self.remediate:
            registry["set"] = replacement
        if self.own is not None:
            registry["default"] = self.own
        elif self.absence != ("not_equals" in self.condition):
            # Without a default, the language fails absence for all conditions used here but this one.
            registry["default"] = self.stand_in
        return Wanted(registry, remediate=self.remediate)


def same(one: str, other: str) -> bool:
    """PowerShell's -eq on text, as the language compares: without regard to case."""
    return upper(one) == upper(other)


def equality(kind: str, asked: Comparison, data: Any, empty: Any) -> Terms:  # noqa: ANN401 (data as YAML has it)
    """`=`, `!=` and `=|0`. `data` is what is recommended; `empty` what passes `=|0` beside it."""
    equal = same(asked.default, asked.recommended)
    if asked.operator == "!=":
        # HardeningKitty writes even here what is recommended against: nobody says what to write instead.
        return Terms(kind, {"not_equals": data}, absence=not equal, stand_in=data, remediate=False)
    if asked.operator == "=":
        return Terms(kind, {"equals": data}, absence=equal, stand_in=data)
    either = {"equals": data} if data == empty else {"one_of": [data, empty], "set": data}
    return Terms(kind, either, absence=equal or not asked.default, stand_in=empty)
