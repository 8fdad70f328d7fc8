"""Two findings on one value that bound it from both sides, as one setting: `between`.

Each by itself would be remediated to its own bound, and so they would write different data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from policyc.importers.found import Found
from policyc.importers.identity import place_of

_WEIGHTS = ("informational", "warning", "critical")
"""Those that a finding can have; without one it has the second."""
_NUMBERS = ("dword", "qword")


def with_pairs(settings: Sequence[Found]) -> tuple[list[Found], int]:
    """The settings, each such pair as one where its first stands, and how many went into another."""
    kept: list[Found | None] = list(settings)
    by_place: dict[object, list[int]] = {}
    for index, setting in enumerate(settings):
        place = place_of(setting)
        if place is not None:
            by_place.setdefault(place.identity, []).append(index)
    joined = 0
    for several in by_place.values():
        pair = _pair([settings[index] for index in several]) if len(several) == 2 else None
        if pair is not None:
            kept[several[0]], kept[several[1]] = pair, None
            joined += 1
    return [one for one in kept if one is not None], joined


def _pair(both: Sequence[Found]) -> Found | None:
    one, other = both
    bounds = _bounds(one.words, other.words)
    if bounds is None:
        return None
    low, high = bounds
    largest = one if "at_most" in one.words else other
    registry = {word: said for word, said in one.words.items() if word in ("key", "name", "view", "type")}
    registry |= {"between": [low, high], "set": high}
    if not largest.others.get("remediate", True):
        del registry["set"]
    default = _default(both, low, high)
    if default is not None:
        registry["default"] = default
    others = {word: said for word, said in {**other.others, **one.others}.items() if word not in ("remediate", "severity")}
    others |= {"remediate": False} if "set" not in registry else {}
    weight = max((str(each.others.get("severity", _WEIGHTS[1])) for each in both), key=_WEIGHTS.index)
    if weight != _WEIGHTS[1]:
        others["severity"] = weight
    references = [*one.others.get("references", ()), *other.others.get("references", ())]
    if references:
        others["references"] = references
    return replace(one, words=registry, others=others, source=f"{one.source} and {other.source}")


def _bounds(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[int, int] | None:
    """The smallest and the largest number, where there are such and one can be written."""
    if one.get("type") not in _NUMBERS or one.get("type") != other.get("type"):
        return None
    words = {**one, **other}
    high = words.get("at_most")
    low = words.get("at_least", 1 if words.get("not_equals") == 0 else None)
    if high is None or low is None or ("at_least" in words and "not_equals" in words) or low > high:
        return None
    return low, high


def _default(both: Sequence[Found], low: int, high: int) -> int | None:
    """Data that is judged as absence is by both together; None where no default says it."""
    passes = all(_absence(one.words) for one in both)
    known = [one.words["default"] for one in both if "default" in one.words]
    if not passes and len(known) < len(both):
        # Absence fails without a default too, and one of the findings says none.
        return None
    fitting = [default for default in known if (low <= default <= high) == passes]
    return fitting[0] if fitting else high if passes else None


def _absence(registry: Mapping[str, Any]) -> bool:
    if "default" not in registry:
        return "not_equals" in registry
    default = registry["default"]
    return bool(
        default >= registry.get("at_least", 0)
        and default <= registry.get("at_most", default)
        and default != registry.get("not_equals", -1)
    )
