r"""What Windows has directly below `HKLM` and `HKCU`, and which key somebody meant who wrote what it can't have.

Directly below HKLM there is no key but the roots of hives, and only Windows loads those (Microsoft, "Registry Hives"; a
running Windows lists them in `HKLM\SYSTEM\CurrentControlSet\Control\hivelist`). Below HKCU anybody may make a key.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from policyc.model import Hive, upper

LOADED = "SOFTWARE, SYSTEM, SAM, SECURITY, HARDWARE and BCD00000000"
"""The roots that are always there, for a message."""
_ALWAYS = frozenset({"SOFTWARE", "SYSTEM", "SAM", "SECURITY", "HARDWARE", "BCD00000000"})
_AT_TIMES = {
    "COMPONENTS": "while Windows is serviced",
    "SCHEMA": "while Windows is serviced",
    "DRIVERS": "while a driver is installed",
    "ELAM": "while Windows starts",
}
_NAMES = ("SOFTWARE", "SYSTEM", "SECURITY", "HARDWARE")
_LONGEST_SLIP = 12
"""Characters: a longer part is no slip of any of these names."""
_OF_USERS = frozenset({"SOFTWARE", "CONTROL PANEL", "SYSTEM", "CONSOLE", "ENVIRONMENT", "PRINTERS", "NETWORK"})
"""What Windows makes in a user's hive, for a start: most keys are there."""
_OTHER_STORE = re.compile(r"BCD[0-9]{8}")
_CONTROL_SET = re.compile(r"CONTROLSET[0-9]{3}")
_SID = re.compile(r"S-1-[0-9]+(?:-[0-9]+)+")
_ELLIPSIS = re.compile(r"(?=.*…)[.…]+|\.\.+")
_CLASSES = "_CLASSES"
_PROVIDER = "REGISTRY::"
ACCOUNTS = {
    ".DEFAULT": Hive.SYSTEM,
    "S-1-5-18": Hive.SYSTEM,
    "S-1-5-19": Hive.LOCAL_SERVICE,
    "S-1-5-20": Hive.NETWORK_SERVICE,
}
"""The hives below HKEY_USERS that every Windows has loaded: S-1-5-18 is a link to .DEFAULT."""

_SET = r"SYSTEM\CurrentControlSet"
_ABOVE = {
    **dict.fromkeys(("POLICIES", "CLASSES", "MICROSOFT", "WOW6432NODE", "CLIENTS", "REGISTEREDAPPLICATIONS"), "SOFTWARE"),
    **dict.fromkeys(("CURRENTCONTROLSET", "MOUNTEDDEVICES", "SELECT"), "SYSTEM"),
    **dict.fromkeys(("CONTROL", "SERVICES", "ENUM", "HARDWARE PROFILES"), _SET),
    **dict.fromkeys(("WINDOWS", "WINDOWS NT", "WINDOWS DEFENDER", "INTERNET EXPLORER"), r"SOFTWARE\Microsoft"),
}
"""Below what Windows keeps a key that people write directly below a hive."""
_TOPS = {
    "HKLM": (Hive.MACHINE, ""),
    "HKEY_LOCAL_MACHINE": (Hive.MACHINE, ""),
    "HKCU": (Hive.USER, ""),
    "HKEY_CURRENT_USER": (Hive.USER, ""),
    "HKU": (Hive.USER, ""),
    "HKEY_USERS": (Hive.USER, ""),
    "HKCR": (None, r"SOFTWARE\Classes"),
    "HKEY_CLASSES_ROOT": (None, r"SOFTWARE\Classes"),
    "HKCC": (Hive.MACHINE, rf"{_SET}\Hardware Profiles\Current"),
    "HKEY_CURRENT_CONFIG": (Hive.MACHINE, rf"{_SET}\Hardware Profiles\Current"),
}
"""The hive and the key that a name stands for; None: the hive below which it stands."""
_WORDS = frozenset({"COMPUTER", "REGISTRY", "MACHINE"})
"""What tools write before the name of a hive, or for it."""


def is_loaded(part: str) -> bool:
    """Whether a part directly below HKLM is the root of a hive that Windows loads, be it for a while."""
    return upper(part) in _ALWAYS or loaded_when(part) is not None


def loaded_when(part: str) -> str | None:
    """When Windows loads a hive that isn't always there; None for all others."""
    folded = upper(part)
    if folded not in _ALWAYS and _OTHER_STORE.fullmatch(folded):
        return "while another boot store is worked on"
    return _AT_TIMES.get(folded)


def names_a_hive(part: str) -> bool:
    """Whether a part of a key is the name of a hive, or the SID under which a user's hive is loaded."""
    folded = upper(part)
    return _plain(folded) in _TOPS or _SID.fullmatch(folded.removesuffix(_CLASSES)) is not None


def is_ellipsis(part: str) -> bool:
    """Whether a part stands for parts that were left out.

    >>> is_ellipsis("…"), is_ellipsis("..."), is_ellipsis(".NET")
    (True, True, False)
    """
    return _ELLIPSIS.fullmatch(part) is not None


def is_misplaced(part: str) -> bool:
    """Whether a part directly below HKCU, where any key may be, is one that Windows keeps elsewhere."""
    folded = upper(part)
    if folded in _OF_USERS:
        return False
    return folded in _ABOVE or _CONTROL_SET.fullmatch(folded) is not None or _nearly(folded, ("SOFTWARE",)) is not None


def meant(hive: Hive, parts: Sequence[str]) -> str:
    r"""The key that was probably meant, with its hive; a hive alone where nothing is left.

    >>> meant(Hive.MACHINE, ["HKLM", "Policies", "Example"]), meant(Hive.MACHINE, ["SYTEM", "X"])
    ('HKLM\\SOFTWARE\\Policies\\Example', 'HKLM\\SYSTEM\\X')
    """
    hive, rest = _without_hives(hive, [part.strip() for part in parts if part.strip() and not is_ellipsis(part.strip())])
    if not rest:
        return hive.value
    first = upper(rest[0])
    if _CONTROL_SET.fullmatch(first):
        first, rest[0] = "CURRENTCONTROLSET", "CurrentControlSet"
    above = _ABOVE.get(first)
    if is_loaded(first) if hive is Hive.MACHINE else not is_misplaced(first):
        return _joined(hive, *rest)
    if above is not None:
        return _joined(Hive.MACHINE if above.startswith("SYSTEM") else hive, above, *rest)
    near = _nearly(first, _NAMES)
    return _joined(hive, near, *rest[1:]) if near else _joined(hive, "SOFTWARE", *rest)


def _joined(hive: Hive, first: str, *rest: str) -> str:
    """The key, with the spelling that Windows has in a user's hive."""
    if hive is not Hive.MACHINE and first.startswith("SOFTWARE"):
        first = first.replace("SOFTWARE", "Software", 1)
    return "\\".join([hive.value, first, *rest])


def _without_hives(hive: Hive, parts: list[str]) -> tuple[Hive, list[str]]:
    """The hive and the parts, after all that names a hive once more."""
    while parts:
        folded = upper(parts[0])
        top = _TOPS.get(_plain(folded))
        if top is not None:
            hive = top[0] or hive
            parts = [*(top[1].split("\\") if top[1] else ()), *parts[1:]]
        elif folded in ACCOUNTS:
            hive, parts = ACCOUNTS[folded], parts[1:]
        elif folded.removesuffix(_CLASSES) in ACCOUNTS:
            hive, parts = ACCOUNTS[folded.removesuffix(_CLASSES)], ["Software", "Classes", *parts[1:]]
        elif _SID.fullmatch(folded):
            hive, parts = Hive.USER, parts[1:]
        elif _SID.fullmatch(folded.removesuffix(_CLASSES)):
            hive, parts = Hive.USER, ["Software", "Classes", *parts[1:]]
        elif folded in _WORDS and hive is Hive.MACHINE and len(parts) > 1:
            parts = parts[1:]
        else:
            break
    return hive, parts


def _plain(folded: str) -> str:
    """The name of a hive without what PowerShell writes around it."""
    return folded.rpartition(_PROVIDER)[2].removesuffix(":")


def _nearly(folded: str, names: Sequence[str]) -> str | None:
    """The name that a part is a slip away from."""
    import difflib

    return next(iter(difflib.get_close_matches(folded, names, n=1, cutoff=0.8)), None) if len(folded) < _LONGEST_SLIP else None
