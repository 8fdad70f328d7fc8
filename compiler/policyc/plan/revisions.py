"""Which revisions the site will be given."""

from __future__ import annotations

from collections.abc import Container, Mapping

from policyc.artifacts.revisions import Revision
from policyc.plan.model import Rise


def rises(
    before: Mapping[str, Revision], after: Mapping[str, Revision], *, held: Container[str] = (), numbered: bool = True
) -> list[Rise]:
    """The objects with another revision than before, and the new ones. Without `numbered` nobody knows which ones they are."""
    found = []
    for key, given in sorted(after.items()):
        known = before.get(key)
        if given.removed or key.partition("/")[0] in held or (known is not None and known.number == given.number):
            continue
        # An object that was removed and comes back goes on from the number that the site had.
        found.append(Rise(key, None if known is None or not numbered else known.number, given.number if numbered else None))
    return found
