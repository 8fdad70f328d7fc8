"""Keys that no policy removes with everything below them: Windows, or the client that runs policyc's scripts, lives on them.

Registry links are among the reasons: .NET follows one without saying so, and there is no other way to see it that a script may
take. So what Windows is known to keep as links is here too (`Hardware Profiles`, a user's `Software\\Classes`, certificate
stores in the 32-bit view).
"""

from __future__ import annotations

from policyc.model import Hive, Place, upper

_CURRENT = ("WINDOWS\\CURRENTVERSION", "WINDOWS NT\\CURRENTVERSION")
_CLASSES = (
    *("*", "APPID", "CLSID", "DIRECTORY", "DRIVE", "EXEFILE", "FOLDER", "INTERFACE", "LNKFILE", ".EXE", ".LNK"),
    *("INSTALLER", "LOCAL SETTINGS", "PACKAGEDCOM", "PROTOCOLS", "TYPELIB", "WOW6432NODE", "ALLFILESYSTEMOBJECTS"),
)
_MICROSOFT = (
    *("CCM", "SMS", "COM3", "CRYPTOGRAPHY", "OLE", "RPC", "POWERSHELL", ".NETFRAMEWORK", "NET FRAMEWORK SETUP"),
    *("SYSTEMCERTIFICATES", "ENTERPRISECERTIFICATES", "WINDOWS DEFENDER", "SECURITY CENTER", "WBEM"),
)
_SOFTWARE = frozenset(
    {
        *("SOFTWARE", "SOFTWARE\\MICROSOFT", "SOFTWARE\\CLASSES", "SOFTWARE\\WOW6432NODE", "SOFTWARE\\REGISTEREDAPPLICATIONS"),
        *(f"SOFTWARE\\CLASSES\\{name}" for name in _CLASSES),
        *(f"SOFTWARE\\MICROSOFT\\{name}" for name in ("WINDOWS", "WINDOWS NT", *_CURRENT, *_MICROSOFT)),
        *("SOFTWARE\\POLICIES", "SOFTWARE\\POLICIES\\MICROSOFT", "SOFTWARE\\POLICIES\\MICROSOFT\\WINDOWS"),
    }
)
_CHILDREN = frozenset(f"SOFTWARE\\MICROSOFT\\{name}" for name in _CURRENT)
"""What is right below is needed too."""
_SET = "SYSTEM\\CURRENTCONTROLSET"
_STARTS = frozenset({_SET, f"{_SET}\\CONTROL", f"{_SET}\\SERVICES"})
"""Windows starts from what is right below."""
_WHOLE = frozenset({f"{_SET}\\ENUM", f"{_SET}\\HARDWARE PROFILES", f"{_SET}\\POLICIES"})
"""Nothing in it is a policy's."""


def needed(place: Place) -> str | None:
    """Why a key is never removed with everything below it; None where it may be."""
    key = upper(place.key)
    first, *below = key.split("\\")
    above = key.rpartition("\\")[0]
    if not below:
        return "everything of a hive, or of a product's whole branch, lies below it"
    if place.hive is Hive.MACHINE and first not in ("SOFTWARE", "SYSTEM"):
        return f"the hive '{place.key.partition(chr(92))[0]}' is Windows' own"
    if key in _SOFTWARE or above in _CHILDREN:
        return "Windows and other programs need what lies below it"
    if place.hive is Hive.MACHINE and first == "SYSTEM" and _is_of_start(key, above, len(below)):
        return "Windows needs it to start"
    return None


def _is_of_start(key: str, above: str, depth: int) -> bool:
    if depth == 1 or key in _STARTS or above in _STARTS:
        return True
    return any(f"{key}\\".startswith(f"{whole}\\") for whole in _WHOLE)
