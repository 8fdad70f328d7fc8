"""Settings that are of no kind, or of two."""

from __future__ import annotations

from collections.abc import Sequence

from policyc.diagnostics import Diagnostic, Related, error
from policyc.model import Location
from policyc.source.wording import listed, quoted


def wrong_kinds(
    setting: str, at: Location, every: Sequence[str], given: Sequence[str], places: Sequence[Location]
) -> Diagnostic:
    """What is wrong where not exactly one of the words of `every` is given. `places` are those of the words that are."""
    if not given:
        message = f"{setting} has no {quoted('registry')}, and no other kind of setting"
        return error("PC0203", message, at, help=f"say what it is about: add one of {listed(every)}")
    message = f"{setting} is of {len(given)} kinds, {listed(given, 'and')}"
    related = [Related(places[0], "the first one is here")]
    return error("PC1001", message, places[1], help="make a setting of each, with an id of its own", related=related)
