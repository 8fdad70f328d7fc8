"""The words below `user_right:` as the model has them: the right as Windows spells it, and accounts as SIDs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyc.diagnostics import Diagnostic, Related, error, warning
from policyc.diagnostics.cures import remove, rename, write
from policyc.evaluation import UNREADABLE, State
from policyc.kinds.accounts import Account, account
from policyc.kinds.duplicates import warn_of_repeated
from policyc.kinds.user_right.lockout import locks_out
from policyc.kinds.user_right.rights import KnownRight, meant, rights
from policyc.kinds.user_right.sets import state_of
from policyc.kinds.user_right.subject import Right, UserRight
from policyc.model import Location, Operator, upper
from policyc.source.wording import quoted

_OPERATORS = {operator.value: operator for operator in (Operator.CONTAINS, Operator.NONE_OF, Operator.SET_EQUALS)}


def lower(tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> UserRight | None:
    """The right of the setting that stands at `at`; None where an error was added to `found`."""
    said, node = tree["user_right"], at.below("user_right")
    right = _right(said["right"], node.below("right"), found)
    operator = next(_OPERATORS[word] for word in said if word in _OPERATORS)
    members = _accounts(said[operator.value], node.below(operator.value), found)
    also = _accounts(said.get("also_allowed", ()), node.below("also_allowed"), found)
    if also and operator is not Operator.SET_EQUALS:
        found.append(_not_beside(operator, node.below("also_allowed")))
        return None
    if right is None or members is None or also is None:
        return None
    writes = not audit and tree.get("remediate", True)
    subject = UserRight(Right(right.constant), operator, members, also, said.get("accept_lockout", ""), writes)
    if operator is Operator.SET_EQUALS and right.products and writes:
        found.append(_grows(right, node))
    return None if _shuts_out(subject, node, found) else subject


def stated(tree: dict[str, Any], at: Location, found: list[Diagnostic]) -> Iterator[tuple[Right, State, Location]]:
    """Who has which right, as a state or a test says it."""
    for word, said in tree.items():
        node = at.below(word)
        right = _right(word, node, found, on_key=True)
        if said == ["unreadable"]:
            accounts: tuple[Account, ...] | None = ()
        else:
            accounts = _accounts(said, node, found)
        if right is not None and accounts is not None:
            held = UNREADABLE if said == ["unreadable"] else state_of(frozenset(one.sid for one in accounts))
            yield Right(right.constant), held, node


def _right(word: str, at: Location, found: list[Diagnostic], *, on_key: bool = False) -> KnownRight | None:
    known = rights().get(upper(word))
    if known is not None:
        return known
    guess = meant(word)
    place = at.key() if on_key else at
    if guess is None:
        way_out = "write its constant, such as SeDebugPrivilege"
        found.append(error("PC1101", f"Windows has no user right {quoted(word)}", place, help=way_out))
        return None
    message = f"Windows has no user right {quoted(word)}"
    if upper(word) == upper(guess.title):
        message = f"{quoted(word)} is what the policy editor calls the right"
    way_out = f"write {guess.constant} ('{guess.title}')"
    cure = rename(at, guess.constant) if on_key else write(at, guess.constant)
    found.append(error("PC1101", message, place, help=way_out, cures=[cure]))
    return None


def _accounts(said: list[Any], at: Location, found: list[Diagnostic]) -> tuple[Account, ...] | None:
    accounts = [account(one, at.below(index), found, "PC1102") for index, one in enumerate(said)]
    known = tuple(one for one in accounts if one is not None)
    if len(known) < len(accounts):
        return None
    warn_of_repeated(tuple(one.sid for one in known), at, found, exact_case=True, can_be_exact=False)
    return tuple(dict.fromkeys(known))


def _not_beside(operator: Operator, at: Location) -> Diagnostic:
    return error(
        "PC1106",
        f"'also_allowed' has no meaning beside '{operator}', which leaves all others their right",
        at.key(),
        help="take it out, or write 'set_equals'",
        cures=[remove(at)],
    )


def _grows(right: KnownRight, at: Location) -> Diagnostic:
    return warning(
        "PC1104",
        f"'set_equals' takes {right.constant} away from accounts to which products give it ({right.products})",
        at.below("set_equals").key(),
        help="name those accounts in 'also_allowed', or write 'none_of' or 'contains' for the accounts that matter",
    )


def _shuts_out(subject: UserRight, at: Location, found: list[Diagnostic]) -> bool:
    """Whether what is asked is refused. What is only reported shuts out nobody, yet the next one may let it be written."""
    danger = locks_out(subject)
    reason = at.below("accept_lockout")
    if danger is None:
        if subject.accept_lockout:
            found.append(
                warning(
                    "PC1105",
                    "'accept_lockout' accepts nothing, as what is asked shuts out no administrator",
                    reason.key(),
                    help="take 'accept_lockout' out",
                    cures=[remove(reason)],
                )
            )
        return False
    if subject.accept_lockout:
        return False
    asked = "name 'Administrators' too" if danger.startswith("neither") else "take out whom nobody means to shut out"
    found.append(
        error(
            "PC1103",
            f"with {subject.place} like this nobody may be able to administer the device: {danger}",
            at.below(subject.asked),
            help=f"{asked}, or say in 'accept_lockout: …' why it is meant",
            related=[Related(at.below("right"), "the right")],
        )
    )
    return True
