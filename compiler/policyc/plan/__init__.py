"""What a change of the policies changes: two projects in, a plan out, as text, data or Markdown."""

from policyc.plan.compare import make_plan
from policyc.plan.failure import StateError
from policyc.plan.git import Commit, Repository
from policyc.plan.model import Plan, Rise, Side

__all__ = ["Commit", "Plan", "Repository", "Rise", "Side", "StateError", "make_plan"]
