"""A configuration item and a baseline, as far as policyc writes and reads them.

Names and spellings are those of the digest. Ids are GUIDs in lower case with dashes, without the prefix that tells their kind.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from policyc.model import Severity
from policyc.model.records import dataclass

LATEST = 0
"""The revision of an identity that names none: a baseline's items are referenced so, and the site takes the latest."""

ValueOperator: TypeAlias = Literal["Equals", "NotEquals", "OneOf", "NoneOf"]
ONE_OPERAND: tuple[ValueOperator, ...] = ("Equals", "NotEquals")
LISTS: tuple[ValueOperator, ...] = ("OneOf", "NoneOf")

CO_MANAGED = 64
"""Of ConfigurationFlags, as exported baselines have it; its meaning is documented nowhere."""

_INT64 = range(-(2**63), 2**63)
_REVISIONS = range(2**32)


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one object of the site from all others; the same identity must never stand for different content."""

    scope: str
    """`ScopeId_` and a GUID in upper case."""
    logical_name: str
    """`OperatingSystem_` or `Baseline_` and a GUID in lower case."""
    revision: int

    def __post_init__(self) -> None:
        if self.revision not in _REVISIONS:
            raise ValueError(f"a revision is 32 bits wide, unsigned: {self.revision}")

    @property
    def unique_id(self) -> str:
        """The site's CI_UniqueID, without the revision.

        >>> Identity("ScopeId_1", "Baseline_2", 3).unique_id
        'ScopeId_1/Baseline_2'
        """
        return f"{self.scope}/{self.logical_name}"


COMPLIANT = "Compliant"
"""The line that policyc's own discovery scripts write where all is well."""


@dataclass(frozen=True, slots=True)
class ScriptSetting:
    """A PowerShell discovery script whose one line of output must be `expected`, or begin so. No output is noncompliant."""

    id: str
    name: str
    description: str
    discovery: str
    remediation: str | None
    """None: the rule only reports."""
    severity: Severity
    expected: str = COMPLIANT
    begins: bool = False
    """The line may say more. ConfigMgr remediates nothing by such a rule."""

    def __post_init__(self) -> None:
        if self.begins and self.remediation is not None:
            raise ValueError("only a rule by Equals is remediated")

    @property
    def logical_name(self) -> str:
        """The setting's name in the digest."""
        return f"ScriptSetting_{self.id}"


@dataclass(frozen=True, slots=True)
class RegistryValueSetting:
    """A number below HKEY_LOCAL_MACHINE, in the 64-bit view, compared by the client itself. Only reported, never changed."""

    id: str
    name: str
    description: str
    key: str
    """Without the hive."""
    value_name: str
    """Empty: the key's default value."""
    operator: ValueOperator
    operands: tuple[int, ...]
    """One, or for OneOf and NoneOf any number above none."""
    missing_is_noncompliant: bool
    severity: Severity

    def __post_init__(self) -> None:
        if not self.operands or (self.operator in ONE_OPERAND and len(self.operands) > 1):
            raise ValueError(f"{self.operator} with {len(self.operands)} operands")
        for operand in self.operands:
            if operand not in _INT64:
                raise ValueError(f"{operand} is wider than Int64")

    @property
    def logical_name(self) -> str:
        """The setting's name in the digest."""
        return f"RegSetting_{self.id}"


@dataclass(frozen=True, slots=True)
class RegistryExistenceSetting:
    """Whether a value is there, below HKEY_LOCAL_MACHINE, in the 64-bit view. Only reported, never changed."""

    id: str
    name: str
    description: str
    key: str
    value_name: str
    must_exist: bool
    severity: Severity
    data_type: Literal["Int64", "String"] = "Int64"
    """As what the client reads the value before it counts: text can't be read as a number."""

    @property
    def logical_name(self) -> str:
        """The setting's name in the digest."""
        return f"RegSetting_{self.id}"


Setting: TypeAlias = ScriptSetting | RegistryValueSetting | RegistryExistenceSetting


@dataclass(frozen=True, slots=True)
class ConfigurationItem:
    """A configuration item of the kind "Windows Desktops and Servers", each setting with its one rule."""

    identity: Identity
    name: str
    description: str
    settings: tuple[Setting, ...]
    platforms: tuple[str, ...]
    """RuleIds, such as `Windows/All_Windows_Client_Server`."""
    unread: tuple[str, ...] = ()
    """What a digest says that stands nowhere here, each in words. Empty where policyc wrote it."""

    def __post_init__(self) -> None:
        if not self.platforms:
            raise ValueError("a configuration item needs a platform")
        if len({setting.id for setting in self.settings}) < len(self.settings):
            raise ValueError("two settings of a configuration item have one id")


@dataclass(frozen=True, slots=True)
class Baseline:
    """A configuration baseline of such items."""

    identity: Identity
    name: str
    description: str
    items: tuple[Identity, ...]
    """Always the latest revision of each, whatever the identity says: a digest of a baseline names none."""
    co_managed: bool = False
    """Co-managed clients evaluate it even where another service owns their configuration."""
    unread: tuple[str, ...] = ()
    """As in ConfigurationItem."""
