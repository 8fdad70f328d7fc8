"""A user right in the words of the language, and in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from policyc.kinds.accounts import Account
from policyc.kinds.user_right.subject import UserRight
from policyc.model import Operator

Tree = dict[str, Any]

MASKED = "(sensitive)"
PLACE = ("user_right.right",)
CONDITION = frozenset({"contains", "none_of", "set_equals", "also_allowed"})


def words(subject: UserRight, *, masked: bool) -> Tree:
    """What a policy says below `user_right:`."""
    said: Tree = {"right": subject.place.constant, subject.asked: _said(subject.members, masked=masked)}
    if subject.also_allowed:
        said["also_allowed"] = _said(subject.also_allowed, masked=masked)
    return {**said, "accept_lockout": subject.accept_lockout} if subject.accept_lockout else said


def _said(accounts: Iterable[Account], *, masked: bool) -> list[Any]:
    return [MASKED if masked else account.said for account in accounts]


def plan_words(subject: UserRight) -> Tree:
    """The same for a plan, accounts as one reads them aloud; None: not said."""
    said = words(subject, masked=False)
    for word, accounts in ((subject.asked, subject.members), ("also_allowed", subject.also_allowed)):
        if word in said:
            said[word] = [str(account) for account in accounts]
    order = (*_OPERATORS, "also_allowed", "accept_lockout")
    return {"user_right.right": said["right"], **{word: said.get(word) for word in order}}


_OPERATORS = tuple(operator.value for operator in (Operator.CONTAINS, Operator.NONE_OF, Operator.SET_EQUALS))


def remediation(subject: UserRight) -> str:
    """What a remediation does."""
    if not subject.writes:
        return "no, it is only reported"
    return {
        Operator.CONTAINS: "give the right to those who lack it",
        Operator.NONE_OF: "take the right from those who must not have it",
    }.get(subject.operator, "give and take the right until those alone have it who may")


def names(accounts: Iterable[Account]) -> str:
    """Accounts in a sentence, and in a script's row."""
    return ", ".join(map(str, accounts))


def must(subject: UserRight, *, masked: bool) -> str:
    """The end of a sentence that begins with "must", as scripts say it."""
    if masked:
        return "hold what the policy says (sensitive)"
    if subject.operator is Operator.CONTAINS:
        return f"be given to {names(subject.members)}"
    if subject.operator is Operator.NONE_OF:
        return f"not be given to {names(subject.members)}"
    also = f" ({names(subject.also_allowed)} may have it, too)" if subject.also_allowed else ""
    return f"be given to {names(subject.members)} alone{also}" if subject.members else f"be given to nobody{also}"


def written(subject: UserRight, *, masked: bool) -> str:
    """What a remediation does, as one part of a sentence."""
    if not subject.writes:
        return "only reported"
    if masked:
        return "gives and takes the right as the policy says"
    if subject.operator is Operator.CONTAINS:
        return f"gives it to {names(subject.members)}"
    if subject.operator is Operator.NONE_OF:
        return f"takes it from {names(subject.members)}"
    return f"leaves it to {names((*subject.members, *subject.also_allowed)) or 'nobody'} alone"
