"""What a device may hold at a setting's place, and what may be said of it."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from policyc.model import Data, Kind
from policyc.model.records import dataclass


class Nothing(StrEnum):
    """A place without readable data."""

    ABSENT = "absent"
    UNREADABLE = "unreadable"
    """There, in a kind or size that .NET can't read (a link, a resource list, a DWORD of eight bytes).

    A key that the registry refuses to open isn't among the states: of that the scripts know not even whether the value is
    there, and call it an error whatever the condition.
    """


ABSENT = Nothing.ABSENT
UNREADABLE = Nothing.UNREADABLE


@dataclass(frozen=True, slots=True)
class Held:
    """A value that is there, or a key where `kind` and `data` are None."""

    kind: Kind | None
    """None: a key, or a kind that the language doesn't name (REG_NONE)."""
    data: Data | None


State: TypeAlias = Held | Nothing


class Verdict(StrEnum):
    """What detection says of one setting."""

    COMPLIANT = "compliant"
    NON_COMPLIANT = "non-compliant"
    ERROR = "error"
    """The value can't be read: never changed, and reported as an error."""
