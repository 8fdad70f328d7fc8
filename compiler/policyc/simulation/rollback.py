"""What a rollback gives back, from what a remediation has written."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from policyc.evaluation.device import Device, Draft, KeyId, Slot, is_key, slot
from policyc.evaluation.state import ABSENT, UNREADABLE, State
from policyc.kinds import MemberWise, OneWay, kind_of
from policyc.model import Subject
from policyc.simulation.outcomes import Outcome, Write


@dataclass(frozen=True, slots=True)
class RolledBack:
    """A device after a rollback."""

    device: Device
    left: tuple[Write, ...]
    """What was not given back: somebody else has changed it since, it can't be read, there is no way back, or the user isn't
    loaded."""
    gone: tuple[Write, ...] = ()
    """What was not given back as its user has left the device: no failure, and kept for their return."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the journal holds of a place: the first state that was there, the last that was written."""

    write: Write
    subject: Subject

    @property
    def has_way_back(self) -> bool:
        """Whether anything can give back what was there."""
        kind = kind_of(self.subject)
        return not isinstance(kind, OneWay) or kind.has_way_back(self.subject)

    def target(self, now: State) -> State:
        """What is restored where this is there now."""
        part_by_part = self.part_by_part(now)
        if part_by_part is not None:
            return part_by_part
        return kind_of(self.subject).undone(self.subject, self.write.before, self.write.after)

    def part_by_part(self, now: State) -> State | None:
        """The same, where whatever became of its other parts doesn't matter; None where the whole counts."""
        kind = kind_of(self.subject)
        if isinstance(kind, MemberWise) and now is not UNREADABLE:
            return kind.undone_now(self.write.before, self.write.after, now)
        return None


def rolled_back(
    before: Device,
    outcomes: Iterable[Outcome],
    now: Device,
    *,
    force: bool = False,
    profiles: Collection[str] | None = None,
) -> RolledBack:
    """The device `now` after the rollback of what a remediation of `before` has written.

    With `force`, what others have changed since goes back too. `profiles` are the users in the device's list of them, whether
    loaded or not; without it, all are.
    """
    entries, made = _journal(before, outcomes)
    draft = Draft(now)
    left: list[Write] = []
    gone: list[Write] = []
    for entry in entries:
        write = entry.write
        if write.user is not None and write.user not in now.users:
            (left if profiles is None or write.user in profiles else gone).append(write)
        elif _stays(entry, now, force=force):
            left.append(write)
        elif (current := now.state(write.place, write.user)) not in (entry.target(current), write.before):
            draft.put(write.place, write.user, entry.target(current))
    # The deepest first, and only those in which nothing is left.
    for at in sorted(made, key=lambda at: at[2].count("\\"), reverse=True):
        if draft.has_key(at) and draft.is_empty(at):
            draft.remove_key(at)
    return RolledBack(draft.device(), tuple(left), tuple(gone))


def _stays(entry: _Entry, now: Device, *, force: bool) -> bool:
    write = entry.write
    current = now.state(write.place, write.user)
    if current is UNREADABLE:
        return True
    if not entry.has_way_back:
        return current != write.before
    if entry.part_by_part(current) is not None:
        return False
    return not force and current not in (entry.target(current), write.before, write.after)


def _journal(before: Device, outcomes: Iterable[Outcome]) -> tuple[list[_Entry], list[KeyId]]:
    """The values that were changed and the keys that were removed, each once, and the keys that were made for values."""
    draft, made = Draft(before), []
    entries: dict[Slot, _Entry] = {}
    for outcome in outcomes:
        for write in outcome.writes:
            made += draft.put(write.place, write.user, write.after)
            if is_key(write.place) and write.after is not ABSENT:
                continue
            at = slot(write.place, write.user)
            known = entries.get(at)
            first = _Entry(write, outcome.setting.subject) if known is None else known
            entries[at] = replace(first, write=replace(first.write, after=write.after))
    return list(entries.values()), made
