"""Findings about the start type of a service, as the value that holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from policyc.importers.found import Found, NotExpressibleError
from policyc.importers.hardeningkitty.terms import Wanted
from policyc.importers.identity import place_of
from policyc.importers.service_words import KIND as SERVICE
from policyc.model import upper

_START = {"BOOT": 0, "SYSTEM": 1, "AUTOMATIC": 2, "MANUAL": 3, "DISABLED": 4}
"""Start types as Get-Service names them, and `Start` in the service's key (SERVICE_BOOT_START and so on, winnt.h)."""
_NUMBERS = {"automatic": 2, "manual": 3, "disabled": 4}
_NO_NAME = frozenset("\\/*?[]")


def start_type(service: str, operator: str, recommended: str) -> tuple[str, Wanted]:
    """The key of the service, and what its value `Start` has to be. Raises NotExpressibleError."""
    service = named(service)
    if operator != "=":
        raise NotExpressibleError(f"'{operator}' compares the name of a start type, of which a policy can't say more than '='")
    start = _START.get(upper(recommended.strip()))
    if start is None:
        raise NotExpressibleError(f"'{recommended}' is no start type that the value Start of a service tells by itself")
    key = rf"HKLM\SYSTEM\CurrentControlSet\Services\{service}"
    words = {"type": "dword", "equals": start}
    if start != _START["DISABLED"]:
        # To write the value of a service that isn't there would make half of one.
        return key, Wanted(words, remediate=False)
    # A service that isn't there doesn't start.
    return key, Wanted({**words, "default": start})


def named(service: str) -> str:
    """The name of the service. Raises NotExpressibleError."""
    name = service.strip()
    if not name or _NO_NAME & set(name):
        raise NotExpressibleError("the finding doesn't name one service (MethodArgument)")
    return name


def with_services(settings: Sequence[Found]) -> tuple[list[Found], int]:
    """The settings, and how many went into another: a start type that is asked of a service, and of the value that holds it."""
    services = {
        place.identity: index
        for index, one in enumerate(settings)
        if one.kind == SERVICE and (place := place_of(one)) is not None
    }
    kept: list[Found | None] = list(settings)
    for index, one in enumerate(settings):
        place = place_of(one) if services and one.kind != SERVICE else None
        other = None if place is None else services.get(place.identity)
        service = None if other is None else kept[other]
        if other is not None and service is not None and one.words.get("equals") == _NUMBERS[service.words["startup"]]:
            references = [*one.others.get("references", ()), *service.others.get("references", ())]
            others = {**service.others, "references": references} if references else service.others
            kept[other] = replace(service, others=others, source=f"{one.source} and {service.source}")
            kept[index] = None
    left = [one for one in kept if one is not None]
    return left, len(settings) - len(left)
