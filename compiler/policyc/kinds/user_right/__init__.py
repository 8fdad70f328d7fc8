"""User rights: which accounts may sign in in some way, debug, shut down, and so on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policyc.diagnostics import Diagnostic
from policyc.evaluation import State, Verdict
from policyc.evaluation.device import Device
from policyc.kinds.accounts import of_sid
from policyc.kinds.secedit import functions
from policyc.kinds.user_right import sets
from policyc.kinds.user_right import words as words_of
from policyc.kinds.user_right.subject import Right, UserRight
from policyc.model import Location, Operator

_ACCEPTED = "as in the policy that the script was made from"
_ROW = {Operator.CONTAINS: "Contains", Operator.NONE_OF: "NoneOf", Operator.SET_EQUALS: "SetEquals"}


def _has_own(subject: UserRight) -> bool:
    """Whether a SID waits for the numbers of the device or of its domain."""
    return any("{" in account.sid for account in (*subject.members, *subject.also_allowed))


class UserRightKind:
    """What `policyc.kinds.kind.OtherKind` asks."""

    word = UserRight.word
    as_one = frozenset({"contains", "none_of", "set_equals", "also_allowed", "accept_lockout"})
    place_words: tuple[str, ...] = words_of.PLACE
    condition_words = words_of.CONDITION
    note = (
        "User rights: a right that a Group Policy names is that policy's, and at its next refresh it puts back whom it "
        "names. On domain controllers rights are only reported. A change counts when the account signs in next, and for a "
        "service when it starts next. `secedit /export /areas USER_RIGHTS /cfg rights.inf` shows who has which."
    )
    unreadable = "secedit ended with 1"

    def lower(self, tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> UserRight | None:
        """Its own node is `user_right` below `at`."""
        from policyc.kinds.user_right.lowering import lower

        return lower(tree, at, found, audit=audit)

    def same_word(self, word: str, one: object, other: object) -> bool:
        """Rights without regard to case, accounts in any order."""
        if isinstance(one, str) and isinstance(other, str) and word == "right":
            return one.upper() == other.upper()
        if isinstance(one, list) and isinstance(other, list):
            return sorted(map(repr, one)) == sorted(map(repr, other))
        return one == other

    def users(self, subject: UserRight, device: Device) -> tuple[str | None, ...]:
        """A right is the device's."""
        return (None,)

    def verdict(self, subject: UserRight, state: State) -> Verdict:
        """By sets of SIDs."""
        return sets.verdict(subject, state)

    def after(self, subject: UserRight, state: State) -> State:
        """Member by member."""
        return sets.after(subject, state)

    def is_kept(self, state: State, user: str | None) -> bool:
        """A list of SIDs is never too long for a journal."""
        return True

    def undone(self, subject: UserRight, before: State, after: State) -> State:
        """Where nobody else has changed it since, what was there."""
        return before

    def undone_now(self, before: State, written: State, now: State) -> State:
        """What others did since stays."""
        return sets.undone(before, written, now)

    def meaning(self, subject: UserRight) -> tuple[object, ...]:
        """Who, and whether it is written."""
        return (subject.operator, subject.sids, subject.allowed, subject.writes)

    def remembered(self, subject: UserRight) -> tuple[object, ...]:
        """Right and members."""
        return (subject.place.constant, subject.asked, tuple(sorted(subject.sids)))

    def covers(self, winner: UserRight, loser: UserRight) -> bool:
        """Whether the same is asked, and written where the other one writes."""
        return self.meaning(winner)[:3] == self.meaning(loser)[:3] and (winner.writes or not loser.writes)

    def contradict(self, one: UserRight, other: UserRight) -> bool:
        """Exact but for accounts of a domain that are named by their SID as well."""
        return sets.contradict(one, other)

    def agree(self, one: UserRight, other: UserRight) -> bool:
        """What two change member by member, they change in any order."""
        return not sets.contradict(one, other)

    def same_write(self, one: UserRight, other: UserRight) -> bool:
        """The same members by the same condition."""
        return one.writes and self.meaning(one) == self.meaning(other)

    def violates(self, writer: UserRight, judge: UserRight) -> bool:
        """Whatever else has the right, what is written satisfies the writer."""
        return writer.writes and sets.contradict(writer, judge)

    def empties(self, subject: UserRight) -> bool:
        """Nothing lies below a right."""
        return False

    def above(self, subject: UserRight) -> Iterable[tuple[str, ...]]:
        """Nor above it."""
        return ()

    def needs_above(self, subject: UserRight) -> bool:
        """Nor above it."""
        return False

    def implies(self, one: UserRight, other: UserRight) -> bool:
        """Exact for sets."""
        return sets.implies(one, other)

    def shown(self, state: State) -> str:
        """As the function of the scripts says it."""
        return f"given to {', '.join(sorted(sets.held_by(state))) or 'nobody'}"

    def stated(self, tree: dict[str, Any], at: Location, found: list[Diagnostic]) -> Iterator[tuple[Right, State, Location]]:
        """By constant; what a state says of it is a list of accounts, or `unreadable`."""
        from policyc.kinds.user_right.lowering import stated

        return stated(tree, at, found)

    def row(self, subject: UserRight) -> dict[str, str | int | bool | tuple[str, ...]]:
        """SIDs to judge by, names to be read."""
        said: dict[str, str | int | bool | tuple[str, ...]] = {
            "Place": subject.place.constant,
            _ROW[subject.operator]: tuple(account.sid for account in subject.members),
        }
        if subject.also_allowed:
            said["AlsoAllowed"] = tuple(account.sid for account in subject.also_allowed)
        if _has_own(subject):
            said["Own"] = True
        return {**said, "Must": words_of.must(subject, masked=False)}

    def functions(self) -> str:
        """Its own, and what it shares with other kinds that `secedit` reads and writes."""
        return functions("user_right")

    def needs(self, subject: UserRight) -> frozenset[str]:
        """Accounts of the device or its domain are found there."""
        return frozenset({"Resolve-Member"} if _has_own(subject) else ())

    def words(self, subject: UserRight, *, masked: bool) -> dict[str, Any]:
        """Right and accounts."""
        return words_of.words(subject, masked=masked)

    def plan_words(self, subject: UserRight) -> dict[str, Any]:
        """The same, flat."""
        return words_of.plan_words(subject)

    def hidden(self, words: Iterable[str]) -> frozenset[str]:
        """The accounts."""
        return words_of.CONDITION.intersection(words)

    def remediation(self, subject: UserRight) -> str:
        """Given, taken or both."""
        return words_of.remediation(subject)

    def effect(self, subject: UserRight) -> str:
        """A token has the rights that its account had when it was made."""
        return "the next sign-in of the account, or the next start of the service that uses it"

    def must(self, subject: UserRight, *, masked: bool) -> str:
        """To whom it must be given."""
        return words_of.must(subject, masked=masked)

    def written(self, subject: UserRight, *, masked: bool) -> str:
        """To whom it is given."""
        return words_of.written(subject, masked=masked)


def said_by(row: Mapping[str, object]) -> dict[str, Any] | None:
    """The words of a policy whose row this is; None for none."""
    asked = [operator for operator, word in _ROW.items() if word in row]
    said = [row.get(_ROW[operator]) for operator in asked]
    also = row.get("AlsoAllowed", ())
    if len(said) != 1 or not isinstance(said[0], tuple) or not isinstance(also, tuple):
        return None
    words: dict[str, Any] = {"right": row.get("Place"), asked[0].value: [of_sid(sid).said for sid in said[0]]}
    if also:
        words["also_allowed"] = [of_sid(sid).said for sid in also]
    from policyc.kinds.user_right.lowering import lower

    told: list[Diagnostic] = []
    lower({"user_right": words}, Location(""), told, audit=True)
    # A script holds no reasons, and there is none without one.
    return {**words, "accept_lockout": _ACCEPTED} if any(one.code == "PC1103" for one in told) else words
