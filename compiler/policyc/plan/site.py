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
    """The words that differ."""
    return tuple(changed_words(_words(before), _words(after)))


def _words(tree: Tree) -> Words:
    collection, baseline = tree.get("collection") or {}, tree.get("baseline") or {}
    words: Words = {"deployment.phase": tree.get("phase")}
    for word in ("folder", "security_scopes"):
        words[f"deployment.{word}"] = collection.get(word) or None
    for window in collection.get("maintenance_windows") or ():
        words.update(_flat(f"deployment.maintenance_windows.{window.get('name')}", {**window, "name": None}))
    words.update(_flat("baseline", baseline.get("deployment")))
    for kind in ("packages", "applications", "policies"):
        for part in tree.get(kind) or ():
            words.update(_part(f"{kind}.{part.get('key')}", part))
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
