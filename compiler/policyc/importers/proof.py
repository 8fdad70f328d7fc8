"""What the language has against imported settings: each is loaded and lowered before it is written.

So whatever is written validates. First each setting by itself, then all that are left, as those of one collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from policyc.analysis import Context, analyse
from policyc.diagnostics import Diagnostic
from policyc.importers.found import Found
from policyc.importers.text import policy_text, tree
from policyc.lowering import lower
from policyc.model import Location, Project
from policyc.source import Document, Sources
from policyc.source.explain import explain
from policyc.source.schema import is_valid
from policyc.source.tree import build

Check = Callable[[Project], Iterable[Diagnostic]]
"""What else a project has to pass: the limits of a target."""

_FILE = "imported.yaml"
_PROJECT: dict[str, Any] = {"project": {"name": "Import", "id": "00000000-0000-4000-8000-000000000000"}}
_NO_DAY_MATTERS = date(2000, 1, 1)
_FIGHTS = {
    "PC0415": "they can't all hold",
    "PC0416": "they would write different data",
    "PC0418": "one needs a value or key below a key that another one wants absent",
}
"""Findings about two settings, of which neither is more right than the other: in words that name no ids, as none is written."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why a setting can't stand."""

    message: str
    other: str | None = None
    """The id of the setting that it contradicts."""


def all_right(settings: Sequence[Found]) -> bool:
    """Whether nothing is wrong with any of them by itself. At most as many as one file holds."""
    built = build(_FILE, policy_text("collection", "Import", (), settings, ()))
    if built.findings or built.unusual or not is_valid("collection", built.tree):
        return False
    return not any(one.is_error for one in lower(_sources(built.tree))[1])


def alone(setting: Found) -> str | None:
    """What is wrong with one setting by itself; None: nothing."""
    text = policy_text("collection", "Import", (), [setting], ())
    built = build(_FILE, text)
    if built.findings:
        return _sentence(built.findings[0])
    if built.unusual or not is_valid("collection", built.tree):
        return _sentence(explain(_FILE, "collection", built.tree, text)[0])
    _, found = lower(_sources(built.tree))
    return next((_sentence(one) for one in found if one.is_error), None)


def together(settings: Sequence[Found], check: Check) -> Mapping[str, Complaint]:
    """What is wrong with settings of which each is right by itself, by id; a contradiction stands at both."""
    # The order of the file decides nothing here; a tree that is put together has no limit of a file's nodes.
    trees = {setting.id: tree(setting) for setting in settings}
    project, found = lower(_sources({"collection": {"name": "Import"}, "settings": trees}))
    if project is None:  # pragma: no cover - there always is one
        return {}
    context = Context(_NO_DAY_MATTERS, Path())
    complaints: dict[str, Complaint] = {}
    for one in [*found, *analyse(project, context), *check(project)]:
        own = _setting(one.location)
        if not one.is_error or own is None:
            continue
        other = (
            next(filter(None, (_setting(related.location) for related in one.related)), None) if one.code in _FIGHTS else None
        )
        message = _sentence(one) if other is None else _FIGHTS[one.code]
        complaints.setdefault(own, Complaint(message, other))
        if other is not None:
            complaints.setdefault(other, Complaint(message, own))
    return complaints


def _sources(content: dict[str, Any]) -> Sources:
    root = Path()
    documents = (Document(_FILE, "collection", content, root), Document("project.yaml", "project", _PROJECT, root))
    return Sources(root, documents, ())


def _setting(location: Location) -> str | None:
    steps = location.path
    return str(steps[1]) if location.file == _FILE and len(steps) > 1 and steps[0] == "settings" else None


def _sentence(found: Diagnostic) -> str:
    return f"{found.message}; {found.help}" if found.help else found.message
