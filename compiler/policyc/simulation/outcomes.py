"""What detection says of a device, and what a remediation writes to it. Pure: the device that comes in stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from policyc.evaluation.device import Device, Draft, Slot, slot, slots_above
from policyc.evaluation.state import ABSENT, UNREADABLE, State, Verdict
from policyc.evaluation.windows import applies, is_so
from policyc.kinds import Removal, in_parts, kind_of, removal
from policyc.model import Setting, Subject, Where

_Written: TypeAlias = dict[Slot, State]
"""What stands by now at the places that a remediation wrote."""


class Result(StrEnum):
    """What detection says of a setting in all its places. Its words are those of `Verdict`."""

    COMPLIANT = "compliant"
    NON_COMPLIANT = "non-compliant"
    ERROR = "error"
    NOT_APPLICABLE = "not-applicable"
    """The setting isn't about this Windows: it counts as compliant and is never changed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A setting in one of its places: the machine's, or one user's."""

    place: Where
    user: str | None
    """None for a place of the machine."""
    state: State
    verdict: Verdict
    subject: Subject
    """What is asked of the place: of a setting about all that lies in a place, a part."""


@dataclass(frozen=True, slots=True)
class Write:
    """A change that a remediation makes."""

    place: Where
    user: str | None
    before: State
    after: State


@dataclass(frozen=True, slots=True)
class Outcome:
    """A setting on a device."""

    setting: Setting
    applies: bool
    findings: tuple[Finding, ...]
    """One for the machine, or one for each loaded user, in the order of the scripts."""
    writes: tuple[Write, ...]
    unknown: str = ""
    """What it depends on, where the device doesn't tell: then it is judged nowhere."""

    @property
    def verdict(self) -> Result:
        """Of all places, the worst. Where no user's hive is loaded, a setting of users is compliant."""
        if not self.applies:
            return Result.NOT_APPLICABLE
        said = {found.verdict for found in self.findings}
        if Verdict.ERROR in said:
            return Result.ERROR
        return Result.NON_COMPLIANT if Verdict.NON_COMPLIANT in said else Result.COMPLIANT


def simulate(settings: Iterable[Setting], device: Device) -> tuple[Outcome, ...]:
    """Each setting on the device, in their order.

    All places are judged as they are; before a remediation writes one, it looks again, as another setting may just have
    written there. What is larger than the journal keeps is not written. Raises UnknownWindowsError where a setting asks for
    what the device doesn't say of its Windows.
    """
    written: _Written = {}
    return tuple(_outcome(setting, device, written) for setting in settings)


def remediated(device: Device, outcomes: Iterable[Outcome]) -> Device:
    """The device after a remediation has made the writes of these outcomes, in their order."""
    draft = Draft(device)
    for outcome in outcomes:
        for write in outcome.writes:
            draft.put(write.place, write.user, write.after)
    return draft.device()


def overall(outcomes: Iterable[Outcome]) -> Result:
    """What detection says of all of them, as its exit code does: compliant, non-compliant or error."""
    said = {outcome.verdict for outcome in outcomes}
    if Result.ERROR in said:
        return Result.ERROR
    return Result.NON_COMPLIANT if Result.NON_COMPLIANT in said else Result.COMPLIANT


def _outcome(setting: Setting, device: Device, written: _Written) -> Outcome:
    if not applies(setting.applies_to, device):
        return Outcome(setting, applies=False, findings=(), writes=())
    users = kind_of(setting.subject).users(setting.subject, device)
    fact = setting.applies_to.only_if
    if fact is not None and is_so(fact, device) is None:
        subject = setting.subject
        unread = (Finding(subject.place, user, UNREADABLE, Verdict.ERROR, subject) for user in users)
        return Outcome(setting, applies=True, findings=tuple(unread), writes=(), unknown=str(fact))
    findings = tuple(found for user in users for found in _findings(setting.subject, device, user))
    return Outcome(setting, applies=True, findings=findings, writes=tuple(_writes(setting, device, findings, written)))


def _findings(whole: Subject, device: Device, user: str | None) -> Iterable[Finding]:
    kind = in_parts(whole)
    for subject in (whole,) if kind is None else kind.parts(whole, device, user):
        state = device.state(subject.place, user)
        yield Finding(subject.place, user, state, kind_of(subject).verdict(subject, state), subject)


def _writes(setting: Setting, device: Device, findings: Iterable[Finding], written: _Written) -> Iterable[Write]:
    if not setting.subject.writes:
        return
    kind = kind_of(setting.subject)
    for found in findings:
        subject = found.subject
        if found.verdict is not Verdict.NON_COMPLIANT:
            continue
        whole = removal(subject, device, found.user)
        if whole is not None:
            yield from _removals(whole, found.user, written)
            continue
        at = slot(found.place, found.user)
        if at not in written and not kind.is_kept(found.state, found.user):
            continue
        now = written.get(at, found.state)
        if kind.verdict(subject, now) is not Verdict.NON_COMPLIANT:
            continue
        write = Write(found.place, found.user, now, kind.after(subject, now))
        if write.after == now:
            # There is no way from here to what is asked.
            continue
        written[at] = write.after
        if write.after is not ABSENT:
            written |= slots_above(write.place, write.user)
        yield write


def _removals(whole: Removal, user: str | None, written: _Written) -> Iterable[Write]:
    """Each part of what goes as a whole."""
    for place, state in whole.gone:
        at = slot(place, user)
        now = written.get(at, state)
        if now is not ABSENT:
            written[at] = ABSENT
            yield Write(place, user, now, ABSENT)
