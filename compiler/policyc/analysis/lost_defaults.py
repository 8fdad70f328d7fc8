"""Overrides that leave a baseline's default behind."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.analysis.context import Context
from policyc.diagnostics import Diagnostic, note
from policyc.diagnostics.cures import add
from policyc.model import Change, Operator, Project, Registry, Setting

_NEED_NONE = (Operator.PRESENT, Operator.ABSENT)
_WORD = "registry.default"


def lost_defaults(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """A note where a condition was replaced, and the default with it: then an absent value is judged otherwise."""
    told = set()
    for collection in project.collections:
        for setting in collection.settings:
            change = _loss(setting) if setting.layer is not None and setting.layer.changes else None
            if change is not None and change.location not in told:
                told.add(change.location)
                yield _note(setting, change)


def _loss(setting: Setting) -> Change | None:
    """The last change that took a default away and gave none."""
    subject = setting.subject
    if not isinstance(subject, Registry) or subject.default is not None or setting.layer is None:
        return None
    if subject.condition.operator in _NEED_NONE:
        return None
    return next((one for one in reversed(setting.layer.changes) if dict(one.replaced).get(_WORD)), None)


def _note(setting: Setting, change: Change) -> Diagnostic:
    default = dict(change.replaced)[_WORD]
    return note(
        "PC0429",
        f"With a condition of its own, '{setting.id}' has no 'default' any more; the baseline's was {default}",
        change.location.below("registry").key(),
        help=f"add 'default: {default}' if an absent value still counts so; otherwise it fails from now on",
        cures=[add(change.location.below("registry", "default"), default)],
    )
