"""One identity for one place: what an administrator writes as `key`, made canonical."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from policyc.model import Hive, View, upper
from policyc.model.wow64 import holds_node, is_split

LONGEST_PART = 255
"""Characters in the name of one key (Microsoft, "Registry Element Size Limits")."""

_NODE = "WOW6432NODE"
_HIVES = {
    "HKLM": Hive.MACHINE,
    "HKEY_LOCAL_MACHINE": Hive.MACHINE,
    "HKCU": Hive.USER,
    "HKEY_CURRENT_USER": Hive.USER,
}
_REFUSED = {
    "HKCR": r"write 'HKLM\SOFTWARE\Classes\…' for the machine's classes or 'HKCU\Software\Classes\…' for each user's",
    "HKU": r"write 'HKCU\…', which is every real user whose hive is loaded",
    "HKCC": r"write 'HKLM\SYSTEM\CurrentControlSet\Hardware Profiles\Current\…'",
}
_REFUSED |= {
    "HKEY_CLASSES_ROOT": _REFUSED["HKCR"],
    "HKEY_USERS": _REFUSED["HKU"],
    "HKEY_CURRENT_CONFIG": _REFUSED["HKCC"],
}


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


@lru_cache(maxsize=65536)
def parse_key(text: str, view: int | None) -> KeyPlace | Complaint:
    """The key that a policy means. `view` is 32, 64 or None where the policy names none."""
    first, separator, rest = text.partition("\\")
    hive = _HIVES.get(upper(first.removesuffix(":")))
    if hive is None:
        return _wrong_hive(text, first)
    if not separator or not rest:
        return Complaint("PC0303", f"'{text}' is a whole hive", f"name a key below it, as in '{hive}\\SOFTWARE\\Example'")
    parts = rest.split("\\")
    return _wrong_part(text, hive, parts) or _canonical(text, hive, parts, view)


def _wrong_hive(text: str, first: str) -> Complaint:
    name = upper(first.removesuffix(":"))
    if name in _REFUSED:
        return Complaint("PC0302", f"'{first}' isn't a hive that a policy can name", _REFUSED[name])
    if "\\" not in text and "/" in text:
        return Complaint("PC0303", f"'{text}' has slashes where a key has backslashes", f"write '{text.replace('/', chr(92))}'")
    pasted = _pasted(text)
    if pasted is not None:
        return Complaint("PC0301", f"'{text}' doesn't begin with a hive", f"write '{pasted}'")
    if not first:
        return Complaint(
            "PC0303", f"'{text}' begins with a backslash", f"begin with the hive, as in 'HKLM\\{text.lstrip(chr(92))}'"
        )
    return Complaint(
        "PC0301", f"'{text}' doesn't begin with a hive", "begin with 'HKLM\\' for the machine or 'HKCU\\' for each user"
    )


def _pasted(text: str) -> str | None:
    """The key in what regedit's address bar, PowerShell's provider or mixed slashes made of it; None where there is none."""
    key = text.replace("/", "\\")
    for prefix in ("COMPUTER\\", "MICROSOFT.POWERSHELL.CORE\\REGISTRY::", "REGISTRY::"):
        if upper(key).startswith(prefix):
            key = key[len(prefix) :]
    first, separator, _ = key.partition("\\")
    return key if separator and key != text and upper(first.removesuffix(":")) in _HIVES else None


def _wrong_part(text: str, hive: Hive, parts: list[str]) -> Complaint | None:
    if "" in parts:
        mended = "\\".join(part for part in parts if part)
        where = "ends with a backslash" if parts[-1] == "" and parts.count("") == 1 else "has two backslashes in a row"
        return Complaint("PC0303", f"'{text}' {where}", f"write '{hive}\\{mended}'")
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
    doubt = None
    if hive is Hive.MACHINE and folded[0] == "SYSTEM" and len(parts) > 1:
        if folded[1] == "CONTROLSET001":
            parts = [parts[0], "CurrentControlSet", *parts[2:]]
        elif _is_control_set(folded[1]):
            message = f"'{parts[1]}' is a control set that Windows may not be running"
            doubt = Complaint("PC0305", message, "write 'CurrentControlSet'")
    in_32 = split and (named_node or view == View.BITS_32)
    return KeyPlace(hive, View.BITS_32 if in_32 else View.BITS_64, "\\".join(parts), doubt)


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
