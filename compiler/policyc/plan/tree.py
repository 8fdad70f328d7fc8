"""A plan for programs: plain data with stable names."""

from __future__ import annotations

from typing import Any

from policyc.plan.model import Change, CollectionPlan, Left, Moved, Plan, Rise, Side, Word

Tree = dict[str, Any]


def tree(plan: Plan) -> Tree:
    """The members that `policyc plan --format json` has beside its findings."""
    return {
        "asOf": plan.as_of,
        "base": _side(plan.base),
        "head": _side(plan.head),
        "changes": plan.has_changes,
        "totals": {_camel(name): number for name, number in plan.totals().items()},
        "project": [_word(word) for word in plan.project],
        "collections": [_collection(collection) for collection in plan.collections],
    }


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _side(side: Side) -> Tree:
    return {"kind": side.kind, "name": side.name, "commit": side.commit}


def _collection(collection: CollectionPlan) -> Tree:
    return {
        "name": collection.name,
        "slug": collection.slug,
        "policy": collection.file,
        "action": collection.action,
        "was": None if collection.was is None else {"name": collection.was[0], "slug": collection.was[1]},
        "stays": collection.stays,
        "held": collection.held,
        "changes": [_change(change) for change in collection.changes],
        "moved": [_moved(moved) for moved in collection.moved],
        "leftBehind": [_left(left) for left in collection.left],
        "revisions": [_rise(rise) for rise in collection.rises],
    }


def _change(change: Change) -> Tree:
    return {
        "subject": change.subject,
        "name": change.name,
        "title": change.title,
        "action": change.action,
        "direction": change.direction,
        "words": [_word(word) for word in change.words],
        "baselines": list(change.baselines),
        "reasons": list(change.reasons),
        "means": change.means,
        "inForce": [_word(word) for word in change.in_force],
    }


def _word(word: Word) -> Tree:
    return {"word": word.word, "before": word.before, "after": word.after, "direction": word.direction, "note": word.note}


def _moved(moved: Moved) -> Tree:
    return {"setting": moved.setting, "before": list(moved.before), "after": list(moved.after)}


def _left(left: Left) -> Tree:
    return {"what": left.what, "names": list(left.names), "why": left.why, "undo": left.undo}


def _rise(rise: Rise) -> Tree:
    return {"object": rise.object, "before": rise.before, "after": rise.after, "engineOnly": rise.engine_only}
