"""What a condition means: data in, verdict out."""

from policyc.evaluation.conditions import after, counted, missing, satisfies, verdict
from policyc.evaluation.patterns import PatternError, full_match, translate
from policyc.evaluation.state import ABSENT, UNREADABLE, Held, Nothing, State, Verdict

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
