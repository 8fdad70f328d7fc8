"""Account policies of one collection that Windows takes together, or not at all."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.analysis.context import Context
from policyc.diagnostics import Diagnostic
from policyc.model import Project


def account_policies(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """What is impossible, or half said, in what a collection sets."""
    for collection in project.collections:
        if any(setting.subject.word == "account_policy" for setting in collection.settings):
            from policyc.kinds.secedit.together import together

            yield from together(collection.settings)
