"""Start types of services of other people's files, in the words of the language."""

from __future__ import annotations

from typing import Any

from policyc.importers.found import NotExpressibleError

KIND = "service"
_STARTUP = {2: "automatic", 3: "manual", 4: "disabled"}
"""`Start` in a service's key (winnt.h)."""


def service_words(name: str, start: int, *, may_be_missing: bool = False) -> dict[str, Any]:
    """The words below `service`. Raises NotExpressibleError."""
    startup = _STARTUP.get(start)
    if startup is None:
        raise NotExpressibleError(f"{start} is no start type of a service: 2 (automatic), 3 (manual) and 4 (disabled) are")
    missing = {"missing": "compliant"} if may_be_missing and startup != "disabled" else {}
    return {"name": name, "startup": startup, **missing}


def service_title(words: dict[str, Any]) -> str:
    """What holds where the setting complies.

    >>> service_title({"name": "Spooler", "startup": "disabled"}), service_title({"name": "W32Time", "startup": "manual"})
    ('Service Spooler is disabled', 'Service W32Time starts when asked')
    """
    means = {"automatic": "starts by itself", "manual": "starts when asked", "disabled": "is disabled"}
    return f"Service {words['name']} {means[words['startup']]}"
