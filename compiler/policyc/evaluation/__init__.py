"""What a condition means: data in, verdict out.

Patterns are a language of their own, which few policies use: it is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyc.evaluation.conditions import after, counted, missing, satisfies, verdict
from policyc.evaluation.state import ABSENT, UNREADABLE, Held, Nothing, State, Verdict

if TYPE_CHECKING:
    from policyc.evaluation.patterns import PatternError, full_match, translate


def __getattr__(name: str) -> object:
    if name in ("PatternError", "full_match", "translate"):
        from policyc.evaluation import patterns

        return getattr(patterns, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "ABSENT",
    "UNREADABLE",
    "Held",
    "Nothing",
    "PatternError",
    "State",
    "Verdict",
    "after",
    "counted",
    "full_match",
    "missing",
    "satisfies",
    "translate",
    "verdict",
]
