"""Which hive a file is, and where a policy's places are in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath

from policyc.kinds.registry.places import Complaint, parse_key, split_hive
from policyc.model import ACCOUNTS, Hive, Place, upper
from policyc.model.wow64 import kept_at
from policyc.registry_files import FormatError
from policyc.simulation.entries import SOMEBODY, Exported

KNOWN = {
    "SOFTWARE": r"HKLM\SOFTWARE",
    "SYSTEM": r"HKLM\SYSTEM",
    "DEFAULT": r"HKU\.DEFAULT",
    "NTUSER.DAT": "HKCU",
    "NTUSER.MAN": "HKCU",
    "USRCLASS.DAT": r"HKCU\Software\Classes",
}
"""Names that Windows gives to the files of hives, and what such a hive is."""
_USERS = frozenset({"HKU", "HKEY_USERS"})
_MACHINE = frozenset({"HKLM", "HKEY_LOCAL_MACHINE"})
_TOPS = _USERS | _MACHINE | {"HKCU", "HKEY_CURRENT_USER"}


@dataclass(frozen=True, slots=True)
class Mount:
    """Where a hive belongs."""

    hive: Hive
    key: str
    """Empty: all of the user's hive."""
    user: str = SOMEBODY

    @property
    def prefix(self) -> str:
        """The beginning of its keys, as an export has them."""
        tops = {Hive.MACHINE: "HKEY_LOCAL_MACHINE", Hive.USER: "HKEY_CURRENT_USER"}
        top = tops.get(self.hive) or self.hive.value
        return f"{top}\\{self.key}" if self.key else top

    def below(self, place: Place) -> str | None:
        """The key of a place as the hive has it; None where it is another hive's."""
        if place.hive is not self.hive:
            return None
        kept = kept_at(place)
        if not self.key:
            return kept
        if upper(kept) == upper(self.key):
            return ""
        return kept[len(self.key) + 1 :] if upper(kept).startswith(upper(self.key) + "\\") else None


def is_known(name: str) -> bool:
    """Whether a file's name alone says that it is a hive."""
    return upper(PureWindowsPath(name).name) in KNOWN


def is_place(text: str) -> bool:
    """Whether a text begins like the name of a key."""
    return _top(text) in _TOPS


def user_of(text: str) -> str | None:
    r"""The user that `HKU\name` names; None for any other place. Raises FormatError where it names nobody.

    Accounts of Windows itself are no users: they have hives of their own.
    """
    if _top(text) not in _USERS or split_hive(text)[0] is not None:
        return None
    user = text.partition("\\")[2].partition("\\")[0]
    if not user.strip():
        raise FormatError(r"'HKU' needs a user, as in 'HKU\anna=NTUSER.DAT'")
    return user


def mount(text: str | None, name: str) -> Mount:
    """The hive that a text says, or else the file's name. Raises FormatError."""
    text = text or KNOWN.get(upper(PureWindowsPath(name).name))
    if text is None:
        raise FormatError(r"its name doesn't tell which hive it is: name its place, as in 'HKLM\SOFTWARE=file'")
    user = user_of(text)
    if user is not None:
        return Mount(Hive.USER, text.partition("\\")[2].partition("\\")[2], user)
    hive, below = split_hive(text)
    if hive is not None and hive in ACCOUNTS:
        return Mount(hive, below)
    if "\\" not in text:
        if _top(text) in _MACHINE:
            raise FormatError(r"HKLM is made of several hives: say which one it is, as in 'HKLM\SOFTWARE=file'")
        return Mount(Hive.USER, "")
    key = parse_key(text, None)
    if isinstance(key, Complaint):
        raise FormatError(key.message)
    return Mount(key.hive, key.key)


def read(path: Path, at: Mount, wanted: Iterable[Place]) -> Exported:
    """What the hive holds at the wanted places. Raises FormatError."""
    from policyc.registry_files.hive import read_hive

    keys = dict.fromkeys(key for key in map(at.below, wanted) if key is not None)
    entries = read_hive(path, keys)
    return Exported(
        tuple(replace(one, key=f"{at.prefix}\\{one.key}" if one.key else at.prefix) for one in entries),
        at.user,
        at.hive is Hive.USER,
    )


def _top(text: str) -> str:
    return upper(text.partition("\\")[0].removesuffix(":"))
