"""One setting of the language: its head, and what its kind makes of the rest."""

from __future__ import annotations

from typing import Any

from policyc.diagnostics import Diagnostic
from policyc.kinds import KINDS, word_in
from policyc.model import Location, Setting, Severity

_SEVERITIES = {severity.value: severity for severity in Severity}


def lower_setting(id: str, tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> Setting | None:
    """The setting that stands at `at`; None where an error was added to `found`.

    With `audit` nothing is written, and `set` isn't asked for.
    """
    subject = KINDS[word_in(tree)].lower(tree, at, found, audit=audit)
    if subject is None:
        return None
    return Setting(
        id=id,
        title=tree["title"],
        subject=subject,
        origin=at,
        severity=_SEVERITIES[tree["severity"]] if "severity" in tree else Severity.WARNING,
        sensitive=tree.get("sensitive", False),
        why=tree.get("why", ""),
        references=tuple(tree.get("references", ())),
        native=tree.get("native", False),
    )
