"""Where Windows keeps a 32-bit and a 64-bit registry apart.

From Microsoft's table "Registry Keys Affected by WOW64", Windows 7 and later. A subkey inherits from its parent; what has
no listed parent is shared.
"""

from __future__ import annotations

from functools import lru_cache

from policyc.model.place import Hive, Place, View, upper

_CURRENT_VERSION = ("MICROSOFT", "WINDOWS", "CURRENTVERSION")
_NT_CURRENT_VERSION = ("MICROSOFT", "WINDOWS NT", "CURRENTVERSION")

_SHARED_BELOW_SOFTWARE = (
    "CLASSES",
    "CLIENTS",
    "MICROSOFT\\COM3",
    "MICROSOFT\\CRYPTOGRAPHY\\CALAIS\\CURRENT",
    "MICROSOFT\\CRYPTOGRAPHY\\CALAIS\\READERS",
    "MICROSOFT\\CRYPTOGRAPHY\\SERVICES",
    "MICROSOFT\\CTF\\SYSTEMSHARED",
    "MICROSOFT\\CTF\\TIP",
    "MICROSOFT\\DFS",
    "MICROSOFT\\DRIVER SIGNING",
    "MICROSOFT\\ENTERPRISECERTIFICATES",
    "MICROSOFT\\EVENTSYSTEM",
    "MICROSOFT\\MSMQ",
    "MICROSOFT\\NON-DRIVER SIGNING",
    "MICROSOFT\\NOTEPAD\\DEFAULTFONTS",
    "MICROSOFT\\OLE",
    "MICROSOFT\\RAS",
    "MICROSOFT\\RPC",
    "MICROSOFT\\SHARED TOOLS\\MSINFO",
    "MICROSOFT\\SYSTEMCERTIFICATES",
    "MICROSOFT\\TERMSERVLICENSING",
    "MICROSOFT\\TRANSACTIONSERVER",
    "POLICIES",
    "REGISTEREDAPPLICATIONS",
)
_SHARED_BELOW_CURRENT_VERSION = (
    "APP PATHS",
    "CONTROL PANEL\\CURSORS\\SCHEMES",
    "EXPLORER\\AUTOPLAYHANDLERS",
    "EXPLORER\\DRIVEICONS",
    "EXPLORER\\KINDMAP",
    "GROUP POLICY",
    "POLICIES",
    "PREVIEWHANDLERS",
    "SETUP",
    "TELEPHONY\\LOCATIONS",
)
_SHARED_BELOW_NT_CURRENT_VERSION = (
    "CONSOLE",
    "FONTDPI",
    "FONTLINK",
    "FONTMAPPER",
    "FONTS",
    "FONTSUBSTITUTES",
    "GRE_INITIALIZE",
    "IMAGE FILE EXECUTION OPTIONS",
    "LANGUAGE PACK",
    "NETWORKCARDS",
    "PERFLIB",
    "PORTS",
    "PRINT",
    "PROFILELIST",
    "TIME ZONES",
)
_SPLIT_BELOW_CLASSES = ("CLSID", "DIRECTSHOW", "INTERFACE", "MEDIA TYPE", "MEDIAFOUNDATION")

_Key = tuple[str, ...]


def _table() -> dict[Hive, dict[_Key, bool]]:
    software: _Key = ("SOFTWARE",)
    machine = {software: True}
    for parent, shared in (
        ((), _SHARED_BELOW_SOFTWARE),
        (_CURRENT_VERSION, _SHARED_BELOW_CURRENT_VERSION),
        (_NT_CURRENT_VERSION, _SHARED_BELOW_NT_CURRENT_VERSION),
    ):
        machine |= {(*software, *parent, *key.split("\\")): False for key in shared}
    classes = {(*software, "CLASSES", key): True for key in _SPLIT_BELOW_CLASSES}
    return {hive: machine | classes if hive is Hive.MACHINE else classes for hive in Hive}


_SPLIT = _table()
_DEEPEST = max(len(key) for table in _SPLIT.values() for key in table)


@lru_cache(maxsize=4096)
def is_split(hive: Hive, parts: tuple[str, ...]) -> bool:
    """Whether Windows keeps two of this key. `parts` in upper case, without `WOW6432NODE`.

    >>> is_split(Hive.MACHINE, ("SOFTWARE", "EXAMPLE")), is_split(Hive.MACHINE, ("SOFTWARE", "POLICIES", "EXAMPLE"))
    (True, False)
    """
    table = _SPLIT[hive]
    for length in range(min(len(parts), _DEEPEST), 0, -1):
        split = table.get(parts[:length])
        if split is not None:
            return split
    return False


def holds_node(hive: Hive, parts: tuple[str, ...]) -> bool:
    """Whether `Wow6432Node` below this key is Windows' own name for the 32-bit view, and not just a key."""
    if parts == ("SOFTWARE",):
        return hive is Hive.MACHINE
    return parts[:2] == ("SOFTWARE", "CLASSES") and len(parts) == 2


def kept_at(place: Place) -> str:
    """The key where Windows keeps it: the 32-bit view has a node of its own."""
    if place.view is not View.BITS_32:
        return place.key
    parts = place.key.split("\\")
    depth = 2 if upper("\\".join(parts[:2])) == "SOFTWARE\\CLASSES" else 1
    return "\\".join([*parts[:depth], "WOW6432Node", *parts[depth:]])
