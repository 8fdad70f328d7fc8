"""What a test expects, held against what a simulation gives. Each failure stands at the line that expects something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from policyc.diagnostics import Diagnostic, Related, error
from policyc.diagnostics.cures import rename
from policyc.evaluation.device import KEY, Device, Slot, is_key, slot
from policyc.evaluation.state import ABSENT, State, Verdict
from policyc.kinds import OTHERS
from policyc.model import Collection, Location
from policyc.simulation.outcomes import Outcome, Result, Write, overall, remediated, simulate
from policyc.simulation.rollback import rolled_back
from policyc.simulation.statements import Statement, stated
from policyc.simulation.wording import finding_text, place_text, state_text
from policyc.source.wording import nearest, quoted

_Tree = Mapping[str, Any]
_MOST = 5
"""Settings that one finding names."""


def judge(
    tree: _Tree, at: Location, collection: Collection, device: Device, outcomes: Sequence[Outcome]
) -> Iterator[Diagnostic]:
    """A finding for each expectation that isn't met."""
    by_id = {outcome.setting.id: outcome for outcome in outcomes}
    if "verdict" in tree:
        yield from _overall(tree["verdict"], at.below("verdict"), outcomes)
    for name, expected in tree.get("settings", {}).items():
        node = at.below("settings", name)
        if name not in by_id:
            yield _no_setting(collection, name, node)
        elif by_id[name].verdict != expected:
            yield _differs(by_id[name], expected, node)
    if "others" in tree:
        yield from _others(tree, at, outcomes)
    yield from _writes(tree, at, collection, device, outcomes)
    after = remediated(device, outcomes)
    if "after_remediation" in tree:
        left = simulate((one.setting for one in outcomes if one.setting.remediated), after)
        yield from _after(tree["after_remediation"], at.below("after_remediation"), left)
    if "rollback_restores" in tree:
        yield from _rollback(at.below("rollback_restores"), device, outcomes, after, expected=tree["rollback_restores"])


def _overall(expected: str, at: Location, outcomes: Sequence[Outcome]) -> Iterator[Diagnostic]:
    actual = overall(outcomes)
    if actual != expected:
        yield _several(f"the collection is {actual}, expected {expected}", at, _unmet(outcomes))


def _differs(outcome: Outcome, expected: str, at: Location) -> Diagnostic:
    message = f"'{outcome.setting.id}' is {outcome.verdict}, expected {expected}"
    related = [Related(outcome.setting.origin, "the setting")]
    return error("PC0908", message, at, help=why(outcome), related=related)


def why(outcome: Outcome) -> str:
    """Why a setting has its verdict, in a line."""
    if not outcome.applies:
        return "the setting isn't about this Windows"
    if not outcome.findings:
        return "no user's hive is loaded, so the setting counts as compliant"
    worst = next(
        (one for verdict in (Verdict.ERROR, Verdict.NON_COMPLIANT) for one in outcome.findings if one.verdict is verdict), None
    )
    return finding_text(outcome, worst or outcome.findings[0])


def _others(tree: _Tree, at: Location, outcomes: Sequence[Outcome]) -> Iterator[Diagnostic]:
    expected = tree["others"]
    wrong = [one for one in outcomes if one.setting.id not in tree.get("settings", {}) and one.verdict != expected]
    if wrong:
        count = f"{len(wrong)} other settings aren't" if len(wrong) > 1 else "another setting isn't"
        yield _several(f"{count} {expected}", at.below("others"), wrong)


def _several(message: str, at: Location, outcomes: Sequence[Outcome], code: str = "PC0908") -> Diagnostic:
    """A finding about several settings, the first of them named."""
    shown = outcomes[:_MOST]
    listed = ", ".join(f"'{one.setting.id}' ({one.verdict})" for one in shown)
    more = f" and {len(outcomes) - _MOST} more" if len(outcomes) > _MOST else ""
    related = [Related(one.setting.origin, why(one)) for one in shown]
    way_out = "change the policy, or what the test expects"
    return error(code, f"{message}: {listed}{more}" if shown else message, at, help=way_out, related=related)


def _unmet(outcomes: Iterable[Outcome]) -> list[Outcome]:
    return [one for one in outcomes if one.verdict in (Result.ERROR, Result.NON_COMPLIANT)]


def _no_setting(collection: Collection, id: str, at: Location) -> Diagnostic:
    if any(one.id == id for one in collection.exempted):
        message = f"'{collection.name}' goes without '{id}' by an exception, so there is nothing to test"
        return error("PC0907", message, at.key(), help="take the line out as long as the exception holds")
    near = nearest(id, [one.id for one in collection.settings])
    way_out = f"did you mean {quoted(near)}?" if near else f"policyc show {collection.slug} shows all settings"
    cures = [rename(at, near)] if near else []
    return error("PC0907", f"'{collection.name}' has no setting {quoted(id)}", at.key(), help=way_out, cures=cures)


# Writes


def _writes(
    tree: _Tree, at: Location, collection: Collection, device: Device, outcomes: Sequence[Outcome]
) -> Iterator[Diagnostic]:
    found: list[Diagnostic] = []
    node = at.below("writes")
    expected = stated(tree.get("writes", {}), node, found)
    yield from found
    made: dict[Slot, tuple[Write, Outcome]] = {}
    for outcome in outcomes:
        made |= {slot(write.place, write.user): (write, outcome) for write in outcome.writes}
    missing = {user for user in expected.users if user not in device.users}
    for user in expected.users:
        if user in missing:
            yield _no_user(user, device, node.below("users", user).key())
    named = set()
    for said in _said(expected.statements):
        place = slot(said.place, said.user)
        named.add(place)
        written = made.get(place)
        if said.user in missing:
            # Said already, with the way out.
            continue
        if written is None:
            yield _not_written(said, collection, device, outcomes)
        elif written[0].after != said.state:
            yield _written_otherwise(said, *written)
    # A key that goes can't be said; its values can.
    others = [
        (write, outcome)
        for place, (write, outcome) in made.items()
        if place not in named and not (is_key(write.place) and write.after is ABSENT)
    ]
    if others and tree.get("only_these_writes"):
        yield _others_written(others, at.below("only_these_writes"))


def _said(statements: Sequence[Statement]) -> Iterator[Statement]:
    """Without the keys of values: a key is expected to be made only where it stands alone."""
    above = {said.location.path[:-1] for said in statements if not is_key(said.place)}
    return (said for said in statements if said.state != KEY or said.location.path not in above)


def _no_user(user: str, device: Device, at: Location) -> Diagnostic:
    near = nearest(user, device.users)
    way_out = f"did you mean {quoted(near)}?" if near else "name the user under 'users' of the state too"
    cures = [rename(at, near)] if near else []
    return error("PC0907", f"the device has no user {quoted(user)}", at, help=way_out, cures=cures)


def _not_written(said: Statement, collection: Collection, device: Device, outcomes: Sequence[Outcome]) -> Diagnostic:
    where = place_text(said.place, said.user)
    about = next((one for one in outcomes if _is_about(one, said)), None)
    masked = about is not None and about.setting.sensitive
    message = f"nothing is written to {where}, expected {_change(said.state, said.word, masked=masked)}"
    if about is None:
        way_out = f"no setting of '{collection.name}' is about this place; policyc show {collection.slug} shows all places"
        return error("PC0909", message, said.location, help=way_out)
    there = state_text(device.state(said.place, said.user), said.word, masked=masked)
    of_it = [one for one in about.findings if one.user == said.user and one.place.identity == said.place.identity]
    said_of_it = of_it[0].verdict.value if of_it else about.verdict.value
    reason = f"is {said_of_it} there" if about.setting.remediated else "is only reported"
    related = [Related(about.setting.origin, "the setting about this place")]
    return error("PC0909", message, said.location, help=f"'{about.setting.id}' {reason}; the value is {there}", related=related)


def _is_about(outcome: Outcome, said: Statement) -> bool:
    if outcome.setting.subject.place.identity == said.place.identity:
        return True
    return any(one.place.identity == said.place.identity for one in outcome.findings)


def _written_otherwise(said: Statement, write: Write, outcome: Outcome) -> Diagnostic:
    masked = outcome.setting.sensitive
    becomes = f"{place_text(write.place, write.user)} becomes {state_text(write.after, said.word, masked=masked)}"
    related = [Related(outcome.setting.origin, "the setting that writes it")]
    way_out = f"before the remediation it is {state_text(write.before, said.word, masked=masked)}"
    message = f"{becomes}, expected {_change(said.state, said.word, masked=masked)}"
    return error("PC0909", message, said.location, help=way_out, related=related)


def _others_written(others: Sequence[tuple[Write, Outcome]], at: Location) -> Diagnostic:
    shown = others[:_MOST]
    listed = ", ".join(place_text(write.place, write.user) for write, _ in shown)
    more = f" and {len(others) - _MOST} more" if len(others) > _MOST else ""
    related = [Related(outcome.setting.origin, f"writes {_becomes(write, outcome)}") for write, outcome in shown]
    way_out = "name it under 'writes', or leave 'only_these_writes' out"
    return error("PC0909", f"a remediation also writes {listed}{more}", at, help=way_out, related=related)


def _becomes(write: Write, outcome: Outcome) -> str:
    return state_text(write.after, outcome.setting.subject.word, masked=outcome.setting.sensitive)


def _change(state: State, word: str, *, masked: bool = False) -> str:
    if word in OTHERS:
        return state_text(state, word, masked=masked)
    if state is ABSENT:
        return "that it is deleted"
    return "that the key is made" if state == KEY else state_text(state, masked=masked)


# What remains


def _after(expected: str, at: Location, left: Sequence[Outcome]) -> Iterator[Diagnostic]:
    actual = overall(left)
    if actual != expected:
        yield _several(f"after the remediation the collection is {actual}, expected {expected}", at, _unmet(left), "PC0910")


def _rollback(
    at: Location, device: Device, outcomes: Sequence[Outcome], after: Device, *, expected: bool
) -> Iterator[Diagnostic]:
    back = rolled_back(device, outcomes, after).device
    if back.holds_the_same(device) is expected:
        return
    if not expected:
        yield error("PC0910", "a rollback gives back the state from before, expected that it doesn't", at, help="write true")
        return
    writes = [(write, one) for one in outcomes for write in one.writes if back.state(write.place, write.user) != write.before]
    lasting = ", ".join(place_text(write.place, write.user) for write, _ in writes[:_MOST])
    related = [Related(one.setting.origin, "the setting") for _, one in writes[:_MOST]]
    message = f"a rollback doesn't give back the state from before: {lasting}"
    yield error("PC0910", message, at, help="the product asks for cleared data where there was none before", related=related)
