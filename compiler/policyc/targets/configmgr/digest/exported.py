"""What a digest of any site says, as data: nothing judged, nothing left out.

`model` is what policyc writes. Here a setting comes with its source and all of its rules, whatever they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["OperatingSystem", "BusinessPolicy", "Application"]


@dataclass(frozen=True, slots=True)
class RegistrySource:
    """A registry value that the client reads itself."""

    hive: str
    key: str
    value_name: str
    is_64_bit: bool
    per_user: bool
    remediate_dword: bool
    more: tuple[str, ...] = ()
    """What else it says, in its own words; nothing in what the console writes."""


@dataclass(frozen=True, slots=True)
class RegistryKeySource:
    """A registry key, of which rules ask whether it is there."""

    hive: str
    key: str
    is_64_bit: bool
    per_user: bool
    more: tuple[str, ...] = ()
    """As in RegistrySource."""


@dataclass(frozen=True, slots=True)
class ScriptSource:
    """A discovery script, and a remediation script where there is one."""

    discovery: str
    remediation: str | None
    more: tuple[str, ...] = ()
    """As in RegistrySource: another language, another user, the 32-bit host."""


@dataclass(frozen=True, slots=True)
class OtherSource:
    """Anything else, by the name of its element."""

    element: str


Source: TypeAlias = RegistrySource | RegistryKeySource | ScriptSource | OtherSource


@dataclass(frozen=True, slots=True)
class ExportedRule:
    """A rule that compares its setting with constants."""

    severity: str
    missing_is_noncompliant: bool
    operator: str
    method: str
    constants: tuple[str, ...]
    constant_types: frozenset[str]
    remediates: bool
    more: tuple[str, ...] = ()
    """As in RegistrySource."""


@dataclass(frozen=True, slots=True)
class ExportedSetting:
    """A setting with its rules."""

    logical_name: str
    data_type: str
    name: str
    description: str
    source: Source
    rules: tuple[ExportedRule, ...]


@dataclass(frozen=True, slots=True)
class ExportedItem:
    """A configuration item."""

    kind: Kind
    unique_id: str
    """As the site has it, without the revision."""
    name: str
    description: str
    settings: tuple[ExportedSetting, ...]
    platforms: tuple[str, ...]
    """RuleIds."""
    more: tuple[str, ...]
    """What else it says, each in its own words: parts, rules of no setting."""


@dataclass(frozen=True, slots=True)
class ExportedBaseline:
    """A configuration baseline."""

    name: str
    members: tuple[tuple[str, str], ...]
    """(Element, unique id) of each reference."""


@dataclass(frozen=True, slots=True)
class ExportedOther:
    """An object of another kind, by the name of its element."""

    element: str


Exported: TypeAlias = ExportedItem | ExportedBaseline | ExportedOther
