"""The advanced audit policy: which events Windows writes to the Security log, a subcategory each.

A device has a number from 0 to 3 for each subcategory that its build knows; there is no "not configured" (auditpol /backup).
In a state of an imagined device one that isn't named counts as 0, and an unreadable one is unknown to the build.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policyc.diagnostics import Diagnostic
from policyc.evaluation import UNREADABLE, Held, State, Verdict
from policyc.evaluation.device import Device
from policyc.kinds.audit_policy.subject import FLAGS, AuditPolicy, Subcategory, flag_text, flag_words
from policyc.kinds.kind import AT_ONCE
from policyc.model import Kind, Location

_EVERY = range(4)
"""All that a subcategory can be."""
_MASKED = "(sensitive)"


class AuditPolicyKind:
    """What `policyc.kinds.kind.OtherKind` asks."""

    word = AuditPolicy.word
    as_one = frozenset({"equals", "at_least"})
    place_words: tuple[str, ...] = ("audit_policy.subcategory",)
    condition_words = frozenset({"equals", "at_least"})
    unreadable = "this build of Windows does not know the subcategory"
    note = (
        "Audit policy: the advanced audit policy of a domain, or of any Group Policy that has one, replaces the local one as a "
        "whole, subcategories too that it doesn't name. On such devices these settings hold until its next refresh, and fail "
        "again: set them there, or take them out of the Group Policy. The policy editor shows what Group Policy says; "
        "`auditpol /get /category:*` shows what holds. Each change is an event 4719 in the Security log."
    )

    def lower(self, tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> AuditPolicy | None:
        """Its own node is `audit_policy` below `at`."""
        from policyc.kinds.audit_policy.lowering import lower

        return lower(tree, at, found, audit=audit)

    def same_word(self, word: str, one: object, other: object) -> bool:
        """Flags in any order."""
        if isinstance(one, list) and isinstance(other, list):
            return set(one) == set(other)
        return one == other

    def users(self, subject: AuditPolicy, device: Device) -> tuple[str | None, ...]:
        """It is the machine's."""
        return (None,)

    def verdict(self, subject: AuditPolicy, state: State) -> Verdict:
        """As scripts judge it."""
        if state is UNREADABLE:
            return Verdict.ERROR
        return Verdict.COMPLIANT if subject.holds(flags_of(state)) else Verdict.NON_COMPLIANT

    def after(self, subject: AuditPolicy, state: State) -> State:
        """As scripts write it."""
        return Held(Kind.DWORD, subject.next(flags_of(state)))

    def is_kept(self, state: State, user: str | None) -> bool:
        """A number always is."""
        return True

    def undone(self, subject: AuditPolicy, before: State, after: State) -> State:
        """What was there first."""
        return before

    def meaning(self, subject: AuditPolicy) -> tuple[object, ...]:
        """Condition and write."""
        return (subject.asked, subject.flags, subject.writes)

    def remembered(self, subject: AuditPolicy) -> tuple[object, ...]:
        """Place and condition, as plain words."""
        return (self.word, subject.place.guid, subject.asked, subject.flags)

    def covers(self, winner: AuditPolicy, loser: AuditPolicy) -> bool:
        """Whether nothing is lost where the winner stands for the loser."""
        return (winner.asked, winner.flags) == (loser.asked, loser.flags) and winner.writes in (loser.writes, True)

    def contradict(self, one: AuditPolicy, other: AuditPolicy) -> bool:
        """Exact: there are four states."""
        return not any(one.holds(flags) and other.holds(flags) for flags in _EVERY)

    def agree(self, one: AuditPolicy, other: AuditPolicy) -> bool:
        """Whether both orders leave the same on every device."""
        return all(one.next(other.next(flags)) == other.next(one.next(flags)) for flags in _EVERY)

    def same_write(self, one: AuditPolicy, other: AuditPolicy) -> bool:
        """The same flags, set or added."""
        return one.writes and other.writes and (one.asked, one.flags) == (other.asked, other.flags)

    def violates(self, writer: AuditPolicy, judge: AuditPolicy) -> bool:
        """Whether no device that was remediated satisfies the other one."""
        return writer.writes and not any(judge.holds(writer.next(flags)) for flags in _EVERY)

    def empties(self, subject: AuditPolicy) -> bool:
        """Nothing lies below it."""
        return False

    def above(self, subject: AuditPolicy) -> Iterable[tuple[str, ...]]:
        """Nor above it: a category is only a name."""
        return ()

    def needs_above(self, subject: AuditPolicy) -> bool:
        """There is none."""
        return False

    def implies(self, one: AuditPolicy, other: AuditPolicy) -> bool:
        """Exact: there are four states."""
        return all(other.holds(flags) for flags in _EVERY if one.holds(flags))

    def words(self, subject: AuditPolicy, *, masked: bool) -> dict[str, Any]:
        """Subcategory and condition."""
        return {"subcategory": subject.place.name, subject.asked: _MASKED if masked else flag_words(subject.flags)}

    def plan_words(self, subject: AuditPolicy) -> dict[str, Any]:
        """The same, flat."""
        condition = {word: flag_words(subject.flags) if word == subject.asked else None for word in ("equals", "at_least")}
        return {"audit_policy.subcategory": subject.place.name, **condition}

    def hidden(self, words: Iterable[str]) -> frozenset[str]:
        """The flags."""
        return self.as_one.intersection(words)

    def remediation(self, subject: AuditPolicy) -> str:
        """Set or completed."""
        if not subject.writes:
            return "no, it is only reported"
        return "set what is audited" if subject.asked == "equals" else "add what is missing"

    def effect(self, subject: AuditPolicy) -> str:
        """Windows asks for each event."""
        return AT_ONCE

    def must(self, subject: AuditPolicy, *, masked: bool) -> str:
        """As the function of the scripts says it."""
        if masked:
            return "hold what the policy says (sensitive)"
        return f"be {'at least ' if subject.asked == 'at_least' else ''}{flag_text(subject.flags)}"

    def written(self, subject: AuditPolicy, *, masked: bool) -> str:
        """What is set or added."""
        if not subject.writes:
            return "only reported"
        if masked:
            return "sets what the policy says"
        return f"{'sets' if subject.asked == 'equals' else 'adds'} {flag_text(subject.flags)}"

    def shown(self, state: State) -> str:
        """As the function of the scripts says it."""
        return flag_text(flags_of(state))

    def stated(
        self, tree: dict[str, Any], at: Location, found: list[Diagnostic]
    ) -> Iterator[tuple[Subcategory, State, Location]]:
        """By name; what a state says of it is a list of flags, or `unreadable`."""
        from policyc.kinds.audit_policy.lowering import subcategory

        for name, flags in tree.items():
            place = subcategory(name, at.below(name), found, on_key=True)
            if place is not None:
                state = UNREADABLE if "unreadable" in flags else Held(Kind.DWORD, sum({FLAGS[word] for word in flags}))
                yield place, state, at.below(name)

    def row(self, subject: AuditPolicy) -> dict[str, str | int | bool | tuple[str, ...]]:
        """The flags as a number."""
        return {"Place": subject.place.guid, "Equals" if subject.asked == "equals" else "AtLeast": subject.flags}

    def functions(self) -> str:
        """By auditpol.exe."""
        from importlib.resources import files

        return (files("policyc.kinds.audit_policy") / "functions.ps1").read_text("ascii")

    def needs(self, subject: AuditPolicy) -> frozenset[str]:
        """None but those that the engine calls."""
        return frozenset()


def flags_of(state: State) -> int:
    """What is audited in a readable state."""
    return state.data if isinstance(state, Held) and isinstance(state.data, int) else 0


def said_by(row: Mapping[str, object]) -> dict[str, Any] | None:
    """The words of a policy whose row this is; None for none."""
    from policyc.kinds.audit_policy.subcategories import name_of

    asked = {"Equals": "equals", "AtLeast": "at_least"}
    words = [asked[name] for name in row if name in asked]
    flags = row.get("Equals", row.get("AtLeast"))
    name = name_of(str(row.get("Place", "")))
    if len(words) != 1 or name is None or not isinstance(flags, int):
        return None
    return {"subcategory": name, words[0]: flag_words(flags)}
