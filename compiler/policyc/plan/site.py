"""What two `deployment.json` say otherwise of how a collection is deployed, in the words of the cmdlets.

Members, settings and revisions are compared elsewhere; here it is about what an output folder remembers of nothing else:
schedules, maintenance windows, distribution points.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyc.plan.model import Value, Word
from policyc.plan.settings import changed_words
from policyc.plan.words import Words, span_text

Tree = dict[str, Any]
_TEXTS = frozenset({"Comment", "Description", "LocalizedDescription", "hash", "id"})
"""Marks and wording, which tell of other changes."""


def site_changes(before: Tree, after: Tree) -> tuple[Word, ...]:
    """The words that differ, of what is there before and after: what comes or goes is told as such."""
    old, new = _objects(before), _objects(after)
    return tuple(word for name, words in new.items() if name in old for word in changed_words(old[name], words))


def _objects(tree: Tree) -> dict[str, Words]:
    """Words by what they are about: the collection, its baseline, each package."""
    found = {"collection": _collection(tree)}
    if (baseline := tree.get("baseline")) is not None:
        found["baseline"] = dict(_flat("baseline", baseline.get("deployment")))
    for kind in ("packages", "applications", "policies"):
        for part in tree.get(kind) or ():
            name = f"{kind}.{part.get('key')}"
            found[name] = dict(_part(name, part))
    return found


def _collection(tree: Tree) -> Words:
    collection = tree.get("collection") or {}
    words: Words = {"deployment.phase": tree.get("phase")}
    for word in ("folder", "security_scopes"):
        words[f"deployment.{word}"] = collection.get(word) or None
    for window in collection.get("maintenance_windows") or ():
        words.update(_flat(f"deployment.maintenance_windows.{window.get('name')}", {**window, "name": None}))
    return words


def _part(name: str, part: Tree) -> Iterator[tuple[str, Value]]:
    yield f"{name}.distribution_point_groups", part.get("distribution_point_groups") or None
    yield from _flat(name, part.get("deployment"))
    for program in part.get("programs") or ():
        if program.get("deploy"):
            yield from _flat(f"{name}.{program.get('name')}", program.get("deployment"))


def _flat(name: str, tree: Any) -> Iterator[tuple[str, Value]]:  # noqa: ANN401 - JSON
    """Leaves by their way; a span of time and a list are leaves."""
    if not isinstance(tree, dict):
        yield name, tree
        return
    if set(tree) == {"interval", "count"}:
        yield name, span_text(tree["count"], tree["interval"])
        return
    for word, value in tree.items():
        if word not in _TEXTS:
            yield from _flat(name if word == "parameters" else f"{name}.{word}", value)
