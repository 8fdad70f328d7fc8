"""What is wrong with a tree that the schema refuses: one finding for one mistake.

Unknown keys come first. Each is then renamed or moved to what was probably meant, so that it isn't reported again as a
key that is missing, and jsonschema is asked about the mended copy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

from policyc.diagnostics import Diagnostic, Region, error
from policyc.diagnostics.cures import Cure, move, remove, rename
from policyc.model import Location
from policyc.source.keywords import strict_validator
from policyc.source.limits import MOST_FINDINGS, MOST_SETTINGS
from policyc.source.marks import Marks
from policyc.source.mending import Mended, Unknown, mend
from policyc.source.mistakes import Mistakes
from policyc.source.schema import is_valid, schema
from policyc.source.untyped import Tree


def explain(file: str, kind: str, tree: dict[str, Any], text: str) -> list[Diagnostic]:
    """The findings for a tree that isn't valid, at least one."""
    checks = strict_validator(schema(kind))
    marks = Marks(text)
    narrowed, left_out = _narrow(kind, tree)
    mended = mend(schema(kind), narrowed)
    found = list(_unknown(file, mended))
    mistakes = Mistakes(file, schema(kind), marks, mended)
    if len(found) < MOST_FINDINGS:
        errors = islice(checks.iter_errors(mended.tree), MOST_FINDINGS)
        found.extend(mistakes.of(list(errors)))
    if left_out or len(found) >= MOST_FINDINGS:
        more = f"{left_out} more settings" if left_out else "more places"
        way_out = "mend these first, then look again"
        found.append(error("PC0215", f"{more} of this file are wrong, too, and aren't listed", Location(file), help=way_out))
    return _once(found, marks)


def _once(found: list[Diagnostic], marks: Marks) -> list[Diagnostic]:
    """What stands under an anchor is checked at each of its aliases, and told once.

    Where nothing is said twice, no place is looked for: that takes longer than all else for a file of very many nodes.
    """
    times = Counter((finding.code, finding.message) for finding in found)
    told: dict[tuple[str, str, Region | None], Diagnostic] = {}
    for finding in reversed(found):
        often = times[finding.code, finding.message] > 1
        told[finding.code, finding.message, marks.region(finding.location) if often else None] = finding
    return list(told.values())[::-1]


def _narrow(kind: str, tree: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """The tree with only those settings that are wrong, and how many of those were left out."""
    settings = tree.get("settings")
    if kind == "project" or not isinstance(settings, dict) or len(settings) > 1000:
        return tree, 0
    wrong = [name for name, value in settings.items() if _unusual(value) or not _is_valid_setting(name, value)]
    kept = {name: settings[name] for name in wrong[:MOST_SETTINGS]}
    return {**tree, "settings": kept}, len(wrong) - len(kept)


def _is_valid_setting(name: str, value: Tree) -> bool:
    return is_valid("collection", {"collection": {"name": "x"}, "settings": {name: value}})


def _unusual(value: Tree) -> bool:
    """Whether there is a number that the fast validator isn't asked about."""
    if isinstance(value, dict):
        return any(map(_unusual, value.values()))
    if isinstance(value, list):
        return any(map(_unusual, value))
    return isinstance(value, float) or (isinstance(value, int) and value.bit_length() > 63)


def _unknown(file: str, mended: Mended) -> Iterator[Diagnostic]:
    for unknown in mended.unknown:
        place = Location(file, (*unknown.at, unknown.key), on_key=True)
        yield error(
            "PC0202" if unknown.moved else "PC0201", unknown.message, place, help=unknown.help, cures=_cures(unknown, place)
        )


def _cures(unknown: Unknown, place: Location) -> list[Cure]:
    if unknown.is_comment:
        return [remove(place)]
    if unknown.becomes is None:
        return []
    return [move(place, unknown.becomes) if unknown.moved else rename(place, str(unknown.becomes[-1]))]
