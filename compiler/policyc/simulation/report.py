"""A simulation for people, in the words of detect.ps1 and remediate.ps1, and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from policyc.evaluation.device import KEY, Device
from policyc.evaluation.state import Held, State, Verdict
from policyc.evaluation.windows import applies
from policyc.kinds import by_program, kind_of, must, removal
from policyc.model import Collection, Data, Mode, Setting
from policyc.simulation.outcomes import Finding, Outcome, Result, Write, overall, remediated, simulate
from policyc.simulation.wording import finding_text, place_text, state_text

_WORDS = {Verdict.COMPLIANT: "Compliant", Verdict.NON_COMPLIANT: "NonCompliant", Verdict.ERROR: "Error"}
_INDENT = " " * 14
_NOBODY = "No user's hive is loaded: the settings of users count as compliant."
_Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Simulation:
    """A collection on a device, and what of it is asked for."""

    collection: Collection
    device: Device
    outcomes: tuple[Outcome, ...]
    """Of all settings."""
    setting: str | None = None
    """The id of the only setting that is asked for."""
    failing: bool = False
    """Whether only what isn't compliant is shown."""

    @property
    def asked(self) -> tuple[Outcome, ...]:
        """What is judged and counted."""
        return tuple(one for one in self.outcomes if self.setting in (None, one.setting.id, one.setting.whole))

    @property
    def left(self) -> list[str]:
        """The settings that a remediation of the collection doesn't bring to hold, though it would."""
        remediated_ones = (one.setting for one in self.outcomes if one.setting.remediated)
        after = simulate(remediated_ones, remediated(self.device, self.outcomes))
        left = [one.setting for one in after if one.verdict in (Result.NON_COMPLIANT, Result.ERROR)]
        return [one.id for one in left if self.setting in (None, one.id, one.whole)]


def as_text(simulation: Simulation) -> Iterator[str]:
    """What detect.ps1 would print, with what remediate.ps1 would write below each place."""
    outcomes = simulation.asked
    if not simulation.device.users and any(_of_users(one) for one in outcomes):
        yield _NOBODY
    for one in outcomes:
        if not one.applies and not simulation.failing:
            yield f"NotApplicable {one.setting.id}: {_why_not(one.setting, simulation.device)}"
    for one in outcomes:
        for found in one.findings:
            if found.verdict is not Verdict.COMPLIANT or not simulation.failing:
                yield from _finding_lines(simulation, one, found)
    counts = _counts(outcomes)
    reported = sum(
        found.verdict is not Verdict.COMPLIANT for one in outcomes if not one.setting.remediated for found in one.findings
    )
    yield (
        f"{counts[Verdict.COMPLIANT]} compliant, {counts[Verdict.NON_COMPLIANT]} not compliant, "
        f"{counts[Verdict.ERROR]} could not be judged{f'; {reported} of them reported only' if reported else ''}"
    )
    yield from _remediation_line(simulation)


def _why_not(setting: Setting, device: Device) -> str:
    """Why a setting isn't about a device: what isn't there, where it isn't about the Windows."""
    fact = setting.applies_to.only_if
    if fact is None or not applies(replace(setting.applies_to, only_if=None), device):
        return setting.title
    return f"{fact} is not there"


def _of_users(outcome: Outcome) -> bool:
    """Whether the setting has as many places as there are users."""
    subject = outcome.setting.subject
    return not kind_of(subject).users(subject, Device())


def _finding_lines(simulation: Simulation, outcome: Outcome, found: Finding) -> Iterator[str]:
    setting = outcome.setting
    only = "" if setting.remediated or found.verdict is Verdict.COMPLIANT else " (reported only)"
    yield f"{_WORDS[found.verdict]:<13} {setting.id}: {setting.title}{only}"
    if found.verdict is Verdict.COMPLIANT:
        return
    yield f"{_INDENT}{finding_text(outcome, found)}"
    write = next((one for one in outcome.writes if (one.place, one.user) == (found.place, found.user)), None)
    if write is not None:
        before, after = (
            state_text(state, setting.subject.word, masked=setting.sensitive) for state in (write.before, write.after)
        )
        yield f"{_INDENT}remediation: from {before} to {after}{', by a program alone' if by_program(setting) else ''}"
    elif found.verdict is Verdict.ERROR:
        yield f"{_INDENT}remediation: nothing, what can't be read is never changed"
    elif setting.remediated and (whole := removal(found.subject, simulation.device, found.user)) and whole.refusal:
        yield f"{_INDENT}remediation: nothing, {whole.refusal}"
    elif setting.remediated:
        yield f"{_INDENT}remediation: nothing more, another setting has seen to it by then"
    elif simulation.collection.mode is Mode.AUDIT:
        yield f"{_INDENT}remediation: nothing, the collection is in audit mode"
    else:
        yield f"{_INDENT}remediation: nothing, the setting is only reported"


def _remediation_line(simulation: Simulation) -> Iterator[str]:
    writes = [write for one in simulation.asked for write in one.writes]
    if not writes:
        return
    left = simulation.left
    changes = f"a remediation makes {len(writes)} change{'' if len(writes) == 1 else 's'}"
    if left:
        yield f"{changes}, and leaves: {', '.join(left)}"
    elif simulation.setting is not None:
        yield f"{changes} for this setting, then it holds"
    else:
        yield f"{changes}, then every setting that is remediated holds"


def _counts(outcomes: Sequence[Outcome]) -> dict[Verdict, int]:
    said = [found.verdict for one in outcomes for found in one.findings]
    return {verdict: said.count(verdict) for verdict in Verdict}


def as_tree(simulation: Simulation) -> _Tree:
    """The same as data."""
    collection, outcomes = simulation.collection, simulation.asked
    shown = [one for one in outcomes if not simulation.failing or one.verdict in (Result.NON_COMPLIANT, Result.ERROR)]
    counts = _counts(outcomes)
    return {
        "collection": {"name": collection.name, "folder": collection.slug, "mode": collection.mode.value},
        "users": list(simulation.device.users),
        "verdict": overall(outcomes).value,
        "counts": {
            **{verdict.value: number for verdict, number in counts.items()},
            Result.NOT_APPLICABLE.value: sum(not one.applies for one in outcomes),
        },
        "settings": [_setting_tree(one) for one in shown],
        "remediation": {"writes": sum(len(one.writes) for one in outcomes), "left": simulation.left},
    }


def _setting_tree(outcome: Outcome) -> _Tree:
    setting = outcome.setting
    masked = setting.sensitive
    return {
        "id": setting.id,
        "title": setting.title,
        "verdict": outcome.verdict.value,
        "remediated": setting.remediated,
        **({"changed_by": "program"} if by_program(setting) else {}),
        "must": must(setting),
        "places": [
            {
                **_place_tree(found),
                "verdict": found.verdict.value,
                "state": _state_tree(found.state, masked=masked),
                **({} if found.subject is setting.subject else {"must": must(replace(setting, subject=found.subject))}),
            }
            for found in outcome.findings
        ],
        "writes": [
            {
                **_place_tree(write),
                "before": _state_tree(write.before, masked=masked),
                "after": _state_tree(write.after, masked=masked),
            }
            for write in outcome.writes
        ],
    }


def _place_tree(of: Finding | Write) -> _Tree:
    return {"place": place_text(of.place, of.user), **of.place.parts, "user": of.user}


def _state_tree(state: State, *, masked: bool) -> _Tree:
    if not isinstance(state, Held):
        return {"state": state.value}
    if state == KEY:
        return {"state": "present"}
    kind = "none" if state.kind is None else state.kind.value
    data = {"masked": True} if masked else {"data": _data_tree(state.data)}
    return {"state": "present", "kind": kind, **data}


def _data_tree(data: Data | None) -> object:
    if isinstance(data, bytes):
        return data.hex().upper()
    return list(data) if isinstance(data, tuple) else data
