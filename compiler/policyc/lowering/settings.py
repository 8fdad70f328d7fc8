"""One setting of the language: its head, and what its kind makes of the rest."""

from __future__ import annotations

from collections.abc import Callable
from sys import intern
from typing import Any

from policyc.diagnostics import Diagnostic
from policyc.kinds import KINDS, naming_files, word_in
from policyc.model import Location, Setting, Severity
from policyc.source.beside import Beside

Reader = Callable[[Location, str], Beside | Diagnostic]
"""Reads the file that is named at a node of a policy."""

_SEVERITIES = {severity.value: severity for severity in Severity}


def lower_setting(
    id: str, tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool, reader: Reader | None = None
) -> Setting | None:
    """The setting that stands at `at`; None where an error was added to `found`.

    With `audit` nothing is written, and `set` isn't asked for. Without `reader` no file beside the policy is read.
    """
    word = word_in(tree)
    naming = naming_files(word)
    if naming is not None:
        words = tree[word]
        named = [one for one in naming.beside if one in words]
        files = None if reader is None else {one: reader(at.below(word, one), words[one]) for one in named}
        tree = {**tree, word: naming.with_files(words, id, files)}
    subject = KINDS[word].lower(tree, at, found, audit=audit)
    if subject is None:
        return None
    return Setting(
        id=intern(id),
        title=tree["title"],
        subject=subject,
        origin=at,
        severity=_SEVERITIES[tree["severity"]] if "severity" in tree else Severity.WARNING,
        sensitive=tree.get("sensitive", False),
        why=intern(tree.get("why", "")),
        references=tuple(tree.get("references", ())),
        native=tree.get("native", False),
    )
