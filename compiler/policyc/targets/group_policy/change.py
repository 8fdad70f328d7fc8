"""What a Group Policy object does for a setting, and why it does nothing for another one."""

from __future__ import annotations

from enum import StrEnum

from policyc.model import Hive, Setting
from policyc.model.records import dataclass
from policyc.registry_files import Entry

BESIDE = "let the collection go by configmgr or intune too, or take the setting out"
"""The way out of most that an object can't say."""


class Side(StrEnum):
    """The half of an object that applies to computers or to users, by the name of its folder."""

    MACHINE = "Machine"
    USER = "User"


class Way(StrEnum):
    """The file of an object that says something."""

    POLICY = "registry.pol"
    PREFERENCE = "Registry.xml"
    TEMPLATE = "GptTmpl.inf"
    AUDIT = "audit.csv"


@dataclass(frozen=True, slots=True)
class Change:
    """What an object does for a setting."""

    setting: Setting
    way: Way
    stays: bool
    """Whether devices keep it when the object no longer applies to them."""
    side: Side = Side.MACHINE
    hive: Hive = Hive.MACHINE
    """Of the entries."""
    entries: tuple[Entry, ...] = ()
    """Of the registry, with keys below the hive; in order."""
    section: str = ""
    """Of a security template."""
    line: str = ""
    """Of a security template."""


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Why an object can't say it, and the way out."""

    reason: str
    way_out: str
