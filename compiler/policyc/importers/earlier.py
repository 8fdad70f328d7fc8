"""The ids of an earlier import, for settings that are in the new one again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from policyc.importers.found import Found
from policyc.importers.identity import condition, meaning, operators, place_of
from policyc.kinds import word_in

_POLICY = "group_policy"
Known = tuple[Found, ...]
"""Settings that have their ids."""

# From the least that tells settings apart to the most. What two settings of one file share tells nothing.
_MARKS: tuple[Callable[[Found], object], ...] = (lambda _: None, operators, condition, meaning)


def known(trees: Iterable[Mapping[str, Any]]) -> Known:
    """The settings of policy files, as they are loaded."""
    settings = (one for tree in trees for one in tree.get("settings", {}).items())
    # What a policy's name says has its id from the first value that it stands for.
    return tuple(_known(id_, content) for id_, content in settings if _POLICY not in content)


def _known(id_: str, content: Mapping[str, Any]) -> Found:
    kind = word_in(content)
    others = {word: value for word, value in content.items() if word != kind}
    return Found(title="", words=content[kind], source="", id=id_, others=others, kind=kind)


def earlier_ids(settings: Sequence[Found], known: Known) -> dict[int, str]:
    """The ids that settings had, by their index: that of the same place.

    Where several settings share a place, its operator has to be the same; where they share that, too, the condition.
    """
    ids: dict[int, str] = {}
    for mark in _MARKS:
        before, now = _by_mark(known, mark), _by_mark(settings, mark)
        for key, indices in now.items():
            others = before.get(key, ())
            if len(indices) == 1 and len(others) == 1:
                ids.setdefault(indices[0], known[others[0]].id)
    return ids


def _by_mark(settings: Sequence[Found], mark: Callable[[Found], object]) -> dict[object, list[int]]:
    found: dict[object, list[int]] = {}
    for index, setting in enumerate(settings):
        place = place_of(setting)
        if place is not None:
            found.setdefault((place.identity, mark(setting)), []).append(index)
    return found
