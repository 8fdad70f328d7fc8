"""One identity for one place: what an administrator writes as `key`, made canonical."""

from __future__ import annotations

from functools import lru_cache

from policyc.kinds.registry import hives
from policyc.model import Hive, View, upper
from policyc.model.records import dataclass
from policyc.model.wow64 import holds_node, is_split

LONGEST_PART = 255
"""Characters in the name of one key (Microsoft, "Registry Element Size Limits")."""
DEEPEST_KEY = 512
"""Levels of keys (the same)."""

_NODE = "WOW6432NODE"
_HIVES = {
    "HKLM": Hive.MACHINE,
    "HKEY_LOCAL_MACHINE": Hive.MACHINE,
    "HKCU": Hive.USER,
    "HKEY_CURRENT_USER": Hive.USER,
}
_USERS = frozenset({"HKU", "HKEY_USERS"})
_REFUSED = frozenset({"HKCR", "HKCC", "HKEY_CLASSES_ROOT", "HKEY_CURRENT_CONFIG"})


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with a key, without its place in a file."""

    code: str
    message: str
    help: str
    about: str = "key"
    """The word that the finding is about: `key` or `view`."""


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """A key in its canonical spelling."""

    hive: Hive
    view: View
    key: str
    doubt: Complaint | None = None
    """What is worth a warning."""


@lru_cache(maxsize=8192)
def parse_key(text: str, view: int | None) -> KeyPlace | Complaint:
    """The key that a policy means. `view` is 32, 64 or None where the policy names none."""
    if text.count("\\") > DEEPEST_KEY or len(text) > DEEPEST_KEY * (LONGEST_PART + 1):
        # Nothing else is looked at: states and exports may hold a key of any length, and each of its levels would be one.
        message = f"the key '{text[:40]}…' has more levels or characters than any registry"
        return Complaint("PC0303", message, f"Windows takes {DEEPEST_KEY} levels at most, of {LONGEST_PART} characters each")
    hive, rest = split_hive(text)
    if hive is None:
        return _wrong_hive(text, text.partition("\\")[0])
    if not rest:
        return Complaint("PC0303", f"'{text}' is a whole hive", f"name a key below it, as in '{hive}\\SOFTWARE\\Example'")
    parts = rest.split("\\")
    return _wrong_part(text, hive, parts) or _wrong_root(text, hive, parts) or _canonical(text, hive, parts, view)


def _written(key: str, instead: str) -> str:
    """The way out by a key, which must itself be one that a policy can name; otherwise other words."""
    place = parse_key(key, None)
    return f"write '{key}'" if isinstance(place, KeyPlace) and place.doubt is None else instead


_BELOW = f"directly below HKLM Windows has only {hives.LOADED}: begin with one of these"


def _wrong_root(text: str, hive: Hive, parts: list[str]) -> Complaint | None:
    """What can't be directly below a hive, and a part that stands for what was left out."""
    left_out = next((part for part in parts if hives.is_ellipsis(part)), None)
    if left_out is not None:
        message = f"'{left_out}' in '{text}' is no key, it stands for keys that were left out"
        return Complaint("PC0340", message, "write the key in full")
    if hives.names_a_hive(parts[0]) or (hive is Hive.MACHINE and not hives.is_loaded(parts[0])):
        where = "names a hive twice" if hives.names_a_hive(parts[0]) else f"can't be: no hive '{parts[0]}' is loaded below HKLM"
        return Complaint("PC0339", f"'{text}' {where}", _written(hives.meant(hive, parts), _BELOW))
    return None


def split_hive(text: str) -> tuple[Hive | None, str]:
    r"""The hive that a key begins with, and the key below it; None where that is no hive that a policy can name.

    >>> split_hive("HKU\\S-1-5-18\\Console"), split_hive("HKU\\anna\\Console")
    ((<Hive.SYSTEM: 'HKU\\.DEFAULT'>, 'Console'), (None, ''))
    """
    first, _, rest = text.partition("\\")
    name = upper(first.removesuffix(":"))
    if name in _USERS:
        account, _, rest = rest.partition("\\")
        hive = hives.ACCOUNTS.get(upper(account))
    else:
        hive = _HIVES.get(name)
    return hive, "" if hive is None else rest


def _wrong_account(first: str, rest: str) -> Complaint:
    """A hive below HKEY_USERS that not every Windows has."""
    account, *below = rest.split("\\")
    if not account:
        way_out = (
            r"write 'HKCU\…', which is every real user whose hive is loaded; "
            r"the accounts of Windows itself are 'HKU\.DEFAULT', 'HKU\S-1-5-19' and 'HKU\S-1-5-20'"
        )
        return Complaint("PC0302", f"'{first}' isn't a hive that a policy can name", way_out)
    owner = upper(account).removesuffix("_CLASSES")
    hive = hives.ACCOUNTS.get(owner, Hive.USER)
    key = hives.meant(hive, below if owner == upper(account) else ["Software", "Classes", *below])
    way_out = _written(key, f"write '{hive}\\…'")
    if hive is Hive.USER:
        way_out += ", which is every real user whose hive is loaded: a policy names no single one"
    return Complaint("PC0302", f"'{first}\\{account}' isn't a hive that a policy can name", way_out)


def _wrong_hive(text: str, first: str) -> Complaint:
    name = upper(first.removesuffix(":"))
    if name in _USERS:
        return _wrong_account(first, text.partition("\\")[2])
    if name in _REFUSED:
        return Complaint("PC0302", f"'{first}' isn't a hive that a policy can name", _instead_of(name, text.split("\\")))
    if "\\" not in text and "/" in text:
        key = text.replace("/", "\\")
        key = hives.meant(Hive.MACHINE, key.split("\\")) if isinstance(parse_key(key, None), Complaint) else key
        message = f"'{text}' has slashes where a key has backslashes"
        return Complaint("PC0303", message, _written(key, r"write it as in 'HKLM\SOFTWARE\Example'"))
    pasted = _pasted(text)
    if pasted is not None:
        key = hives.meant(Hive.MACHINE, pasted.split("\\")) if isinstance(parse_key(pasted, None), Complaint) else pasted
        return Complaint("PC0301", f"'{text}' doesn't begin with a hive", _written(key, _BELOW))
    parts = [part for part in text.split("\\") if part]
    if not first:
        key = hives.meant(Hive.MACHINE, parts)
        return Complaint("PC0303", f"'{text}' begins with a backslash", _written(key, "begin with the hive"))
    way_out = "begin with 'HKLM\\' for the machine or 'HKCU\\' for each user"
    if not name.startswith("HK"):
        machine, user = (_written(hives.meant(hive, parts), "") for hive in (Hive.MACHINE, Hive.USER))
        if machine and user.startswith("write 'HKCU"):
            way_out = f"{machine} for the machine or {user.removeprefix('write ')} for each user"
    return Complaint("PC0301", f"'{text}' doesn't begin with a hive", way_out)


def _instead_of(name: str, parts: list[str]) -> str:
    """What to write for a key of a hive that is only a view of others."""
    machine, user = hives.meant(Hive.MACHINE, parts), hives.meant(Hive.USER, parts)
    if name in ("HKCC", "HKEY_CURRENT_CONFIG"):
        return _written(machine, r"write 'HKLM\SYSTEM\CurrentControlSet\Hardware Profiles\Current\…'")
    return f"{_written(machine, '')} for the machine's classes or {_written(user, '').removeprefix('write ')} for each user's"


def _pasted(text: str) -> str | None:
    """The key in what regedit's address bar, PowerShell's provider or mixed slashes made of it; None where there is none."""
    key = text.replace("/", "\\")
    for prefix in ("COMPUTER\\", "MICROSOFT.POWERSHELL.CORE\\REGISTRY::", "REGISTRY::"):
        if upper(key).startswith(prefix):
            key = key[len(prefix) :]
    return key if "\\" in key and key != text and split_hive(key)[0] is not None else None


def _wrong_part(text: str, hive: Hive, parts: list[str]) -> Complaint | None:
    if "" in parts:
        mended = "\\".join(part for part in parts if part)
        where = "ends with a backslash" if parts[-1] == "" and parts.count("") == 1 else "has two backslashes in a row"
        key = f"{hive}\\{mended}"
        if isinstance(parse_key(key, None), Complaint):
            key = hives.meant(hive, parts)
        return Complaint(
            "PC0303", f"'{text}' {where}", _written(key, "write one backslash between two keys, and none at the end")
        )
    longest = max(parts, key=len)
    if len(longest) > LONGEST_PART:
        return Complaint(
            "PC0303",
            f"the part '{longest[:40]}…' of the key has {len(longest)} characters",
            f"Windows takes {LONGEST_PART} at most between two backslashes",
        )
    return None


def _canonical(text: str, hive: Hive, parts: list[str], view: int | None) -> KeyPlace | Complaint:
    parts, named_node = _without_node(hive, parts)
    folded = tuple(map(upper, parts))
    if hive is Hive.MACHINE and folded[:2] == ("SOFTWARE", "POLICYC"):
        message = f"'{text}' is where policyc keeps its own journal"
        return Complaint("PC0306", message, "take the setting out, a policy can't change what rollback relies on")
    split = is_split(hive, folded)
    if view == View.BITS_32 and not split:
        return Complaint(
            "PC0304",
            f"'{text}' is one key for 32-bit and 64-bit programs alike, a 32-bit view of it means nothing",
            "take 'view' out",
            about="view",
        )
    doubt = _doubt(hive, parts, text)
    if hive is Hive.MACHINE and folded[:2] == ("SYSTEM", "CONTROLSET001"):
        parts = [parts[0], "CurrentControlSet", *parts[2:]]
    in_32 = split and (named_node or view == View.BITS_32)
    return KeyPlace(hive, View.BITS_32 if in_32 else View.BITS_64, "\\".join(parts), doubt)


def _doubt(hive: Hive, parts: list[str], text: str) -> Complaint | None:
    """What Windows takes and hardly anybody means."""
    edged = next((part for part in parts if part != part.strip()), None)
    if edged is not None:
        message = f"'{edged}' in '{text}' has a blank at its edge, which is part of the name to Windows"
        return Complaint("PC0343", message, _written(hives.meant(hive, parts), "write the key without it"))
    if hive is Hive.USER:
        if not hives.is_misplaced(parts[0]):
            return None
        message = f"Windows keeps no '{parts[0]}' directly below a user's hive, and nothing looks for it there"
        return Complaint("PC0342", message, _written(hives.meant(hive, parts), "write the key in full"))
    when = hives.loaded_when(parts[0])
    if when is not None:
        message = f"the hive '{parts[0]}' is loaded only {when}: at all other times the key isn't there, and can't be made"
        return Complaint("PC0341", message, "take the setting out, or name a key of a hive that is always loaded")
    if upper(parts[0]) == "SYSTEM" and len(parts) > 1 and _is_control_set(upper(parts[1])):
        first = upper(parts[1]) == "CONTROLSET001"
        what = "is taken for 'CurrentControlSet', the one that runs" if first else "is one that Windows may not be running"
        return Complaint("PC0305", f"The control set '{parts[1]}' {what}", "write 'CurrentControlSet'")
    return None


def _without_node(hive: Hive, parts: list[str]) -> tuple[list[str], bool]:
    """The parts without each `Wow6432Node` that stands where Windows puts it, and whether there was one."""
    kept: list[str] = []
    for part in parts:
        if len(kept) <= 2 and upper(part) == _NODE and holds_node(hive, tuple(map(upper, kept))):
            continue
        kept.append(part)
    return kept, len(kept) < len(parts)


def _is_control_set(folded: str) -> bool:
    number = folded.removeprefix("CONTROLSET")
    return len(number) == 3 and number != folded and number.isascii() and number.isdigit()
