"""A place in the registry, and when two spellings mean one place."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from functools import lru_cache

from policyc.model.records import dataclass


class Hive(StrEnum):
    """The hives that a policy can name."""

    MACHINE = "HKLM"
    USER = "HKCU"
    """Every real user whose hive is loaded, below HKEY_USERS."""
    SYSTEM = "HKU\\.DEFAULT"
    """The system's own account and the sign-in screen; `S-1-5-18` is a link to it. It is no user, and no new user gets it."""
    LOCAL_SERVICE = "HKU\\S-1-5-19"
    NETWORK_SERVICE = "HKU\\S-1-5-20"


ACCOUNTS = frozenset({Hive.SYSTEM, Hive.LOCAL_SERVICE, Hive.NETWORK_SERVICE})
"""The hives of accounts of Windows itself, which are always loaded."""


class View(IntEnum):
    """The registry view of WOW64 (`Microsoft.Win32.RegistryView`)."""

    BITS_64 = 64
    BITS_32 = 32


# .NET keeps these two as they are, as their upper case is another letter's (I, S).
_KEPT = frozenset("\u0131\u017f")


def _upper_character(character: str) -> str:
    if character in _KEPT:
        return character
    upper_case = character.upper()
    if len(upper_case) > 1:
        # One to one is the title case of Greek letters with a small iota below; others (ß) have none.
        upper_case = character.title()
    return upper_case if len(upper_case) == 1 else character


@lru_cache(maxsize=65536)
def upper(text: str) -> str:
    r"""The text in upper case, one character to one, as .NET's OrdinalIgnoreCase compares.

    >>> upper("Straße"), upper("\u0131\u017f") == "\u0131\u017f", upper("\u1f80") == "\u1f88"
    ('STRAßE', True, True)
    """
    if text.isascii():
        return text.upper()
    return "".join(map(_upper_character, text))


@dataclass(frozen=True, slots=True)
class Place:
    """A registry value, or a key where `name` is None, in its canonical spelling.

    Canonical: `Wow6432Node` is a view and not a part of the key, `ControlSet001` is `CurrentControlSet`, the
    view is 64 wherever Windows doesn't split the two (see `policyc.kinds.registry.places`).
    """

    hive: Hive
    view: View
    key: str
    """Without hive, without a backslash at either end."""
    name: str | None
    """`""` is the key's default value; None is the key itself."""

    @property
    def identity(self) -> tuple[str, int, str, str | None]:
        """Equal for two places exactly if Windows takes them for one."""
        name = None if self.name is None else upper(self.name)
        return (self.hive.value, int(self.view), upper(self.key), name)

    def __str__(self) -> str:
        """As people write it: `HKLM\\SOFTWARE\\Example : Name`."""
        view = "" if self.view is View.BITS_64 else " (32-bit view)"
        if self.name is None:
            return f"{self.hive}\\{self.key}{view}"
        return f"{self.hive}\\{self.key} : {self.name or '(Default)'}{view}"

    @property
    def parts(self) -> dict[str, str | int | None]:
        """Hive, view, key and name."""
        return {"hive": self.hive.value, "view": int(self.view), "key": self.key, "name": self.name}

    def shown(self, user: str | None) -> str:
        r"""As scripts write it: users stand below HKU.

        >>> Place(Hive.USER, View.BITS_64, "Software\\Example", "").shown("anna")
        'HKU\\anna\\Software\\Example : (Default)'
        """
        text = f"{self.hive}\\{self.key}" if user is None else f"HKU\\{user}\\{self.key}"
        if self.name is not None:
            text += f" : {self.name or '(Default)'}"
        return f"{text} (32-bit view)" if self.view is View.BITS_32 else text
