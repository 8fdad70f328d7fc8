"""What such a file says, one entry after the other, in the file's order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto


class FormatError(ValueError):
    """The bytes aren't of the format. The message says what is wrong and where, in the user's terms."""


class Action(StrEnum):
    """What an entry does to the registry."""

    CREATE_KEY = auto()
    DELETE_KEY = auto()
    """The key with everything below it."""
    SET = auto()
    SET_IF_ABSENT = auto()
    """Only where the value isn't there yet (`**soft.`)."""
    DELETE_VALUE = auto()
    DELETE_ALL_VALUES = auto()
    """Every value of the key; keys below it stay (`**delvals.`)."""
    SECURE_KEY = auto()
    """Access to the key is narrowed (`**SecureKey`)."""


@dataclass(frozen=True, slots=True)
class RawValue:
    """A value as Windows keeps it."""

    type: int
    """Windows' number of the kind (winnt.h): 1 is REG_SZ, 4 is REG_DWORD."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that the file says."""

    action: Action
    key: str
    """As the file has it; with its hive, where the format names one."""
    name: str | None
    """`""` is the key's default value; None where the entry is about the whole key."""
    value: RawValue | None
    """Of SET and SET_IF_ABSENT."""
    number: int
    """Where it stands: the line of a text, else the count of the entry, from 1."""
