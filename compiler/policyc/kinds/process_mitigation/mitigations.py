"""Mitigations by name: their fields, and what somebody meant who wrote another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from policyc.source.wording import nearest, plain

ELSEWHERE = frozenset(
    {
        "EmulateAtlThunks",
        "RequireInfo",
        "SuppressExports",
        "AllowThreadsToOptOut",
        "AllowStoreSignedBinaries",
        "SEHOPTelemetry",
        "TelemetryOnly",
        "UserShadowStackStrictMode",
        "AuditSEHOP",
        "AuditSystemCall",
        "AuditDynamicCode",
        "AuditMicrosoftSigned",
        "AuditStoreSigned",
        "AuditFont",
        "AuditRemoteImageLoads",
        "AuditLowLabelImageLoads",
        "AuditPreferSystem32",
        "AuditEnableExportAddressFilter",
        "AuditEnableExportAddressFilterPlus",
        "AuditEnableImportAddressFilter",
        "AuditEnableRopStackPivot",
        "AuditEnableRopCallerCheck",
        "AuditEnableRopSimExec",
        "AuditChildProcess",
    }
)
"""Names that Set-ProcessMitigation takes too, of options whose bits nobody has documented."""


@dataclass(frozen=True, slots=True)
class Mitigation:
    """One field of the bytes."""

    name: str
    """As Set-ProcessMitigation takes it."""
    field: int
    """From 0: which four bits."""
    for_all: bool
    """Whether it can be set for all programs."""
    three_is_on: bool
    """Whether a field of 3 is on too, and stricter."""
    others: tuple[str, ...]
    """What else people call it."""


@lru_cache(maxsize=1)
def mitigations() -> Mapping[str, Mitigation]:
    """All of them by name, in the order of their fields."""
    from importlib.resources import files

    text = (files("policyc.kinds.process_mitigation") / "mitigations.txt").read_text("ascii")
    rows = (line.split("|") for line in text.splitlines() if not line.startswith("#"))
    return {
        name: Mitigation(name, int(field), "s" in marks, "3" in marks, tuple(filter(None, others)))
        for field, name, marks, *others in rows
    }


def meant(text: str) -> str | None:
    """The name of the mitigation that was likely meant; None where nothing is near.

    >>> meant("dep"), meant("Mandatory ASLR"), meant("BotomUp"), meant("Weather")
    ('DEP', 'ForceRelocateImages', 'BottomUp', None)
    """
    spelled = {plain(one): each.name for each in mitigations().values() for one in (*each.others, each.name)}
    said = plain(text)
    for start in ("", "disable", "enable", "override"):
        exact = spelled.get(said.removeprefix(start))
        if exact is not None:
            return exact
    near = nearest(text, spelled)
    return None if near is None else spelled[near]


def elsewhere(text: str) -> bool:
    """Whether this is an option whose bits aren't documented.

    >>> elsewhere("emulateatlthunks"), elsewhere("DEP")
    (True, False)
    """
    return plain(text) in {plain(one) for one in ELSEWHERE}
