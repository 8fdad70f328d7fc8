"""Rows of other kinds than the registry's, back to what their settings are about."""

from __future__ import annotations

from policyc.diagnostics import Diagnostic
from policyc.kinds import FROM_ROWS, OTHERS
from policyc.model import Location, Subject
from policyc.powershell.rows import of_kind
from policyc.powershell.table import ForeignScriptError, Row


def other_subject(known: str, rest: Row, *, writes: bool) -> Subject:
    """The subject of the setting with this id, whose row is taken out of `rest`. Raises ForeignScriptError."""
    of = rest.pop("Of")
    word = next((word for word in OTHERS if of_kind(word) == of), None)
    if word is None:
        raise ForeignScriptError(f"the row of '{known}' is of a kind {of!r} that isn't known")
    if word not in FROM_ROWS:
        raise ForeignScriptError(f"the row of '{known}' is of the kind '{word}', whose rows aren't read back")
    said = FROM_ROWS[word](rest)
    found: list[Diagnostic] = []
    subject: Subject | None = None if said is None else OTHERS[word].lower({word: said}, Location(""), found, audit=not writes)
    if subject is None:
        raise ForeignScriptError(f"the row of '{known}' says what policyc never writes")
    # Whether the kind would give just this row is seen where it is written again.
    rest.clear()
    return subject
