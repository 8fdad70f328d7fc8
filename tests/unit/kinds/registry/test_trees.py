"""`recurse`: a key that goes with everything below it, from a policy to verdicts, writes, rollback and conflicts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.analysis.conflict import Nature
from policyc.analysis.fights import Places, fights
from policyc.analysis.meetings import Meetings
from policyc.analysis.same_place import same_place
from policyc.diagnostics import Diagnostic
from policyc.evaluation import ABSENT, UNREADABLE, Held, State
from policyc.evaluation.device import KEY, Device, Draft
from policyc.kinds import kind_of
from policyc.kinds.registry.needed import needed
from policyc.kinds.registry.trees import MOST_KEYS, MOST_VALUES, TREE
from policyc.model import Condition, Granularity, Hive, Kind, Location, Operator, Place, Registry, RemoveTree, Setting, View
from policyc.powershell.own_scripts import read_script
from policyc.powershell.rows import entry
from policyc.powershell.scripts import Script, script_text
from policyc.simulation.outcomes import Result, remediated, simulate
from policyc.simulation.report import Simulation, as_text
from policyc.simulation.rollback import rolled_back
from policyc.targets.configmgr.groups import groups
from policyc.targets.configmgr.limits import SCRIPT_BUDGET
from registry_settings import registry_setting
from unit.analysis.estates import CONTEXT, collection, project, setting

PATH = r"SOFTWARE\Example\Tree"


def tree(name: str = "tree", *, path: str = PATH, writes: bool = True, hive: Hive = Hive.MACHINE, **more: Any) -> Setting:
    place = Place(hive, more.pop("view", View.BITS_64), path, None)
    origin = Location("pilot.yaml", ("settings", name))
    write = RemoveTree() if writes else None
    return registry_setting(name, name, place, Condition(Operator.ABSENT), origin, write=write, **more)


def device(
    keys: dict[str, dict[str, State]], user: str | None = None, view: View = View.BITS_64, hive: Hive = Hive.MACHINE
) -> Device:
    draft = Draft()
    if user is not None:
        draft.load_user(user)
    for path, values in keys.items():
        draft.make_key(Place(hive, view, path, None), user)
        for name, state in values.items():
            draft.put(Place(hive, view, path, name), user, state)
    return draft.device()


X = Held(Kind.STRING, "x")
FULL = {PATH: {"": X, "a": X}, PATH + r"\Empty": {}, PATH + r"\b\c": {"d": X}, r"SOFTWARE\Example\Trees": {"stays": X}}


def test_it_goes_and_comes_back() -> None:
    before = device(FULL)
    [outcome] = simulate([tree()], before)
    after = remediated(before, [outcome])
    assert outcome.verdict is Result.NON_COMPLIANT
    assert [(write.place.key, write.place.name) for write in outcome.writes if write.place.name is None] == [
        (PATH + r"\Empty", None),
        (PATH + r"\b\c", None),
        (PATH + r"\b", None),
        (PATH, None),
    ]
    assert len(outcome.writes) == 7
    assert sorted(key.path for key in after.keys.values()) == ["SOFTWARE", r"SOFTWARE\Example", r"SOFTWARE\Example\Trees"]
    [again] = simulate([tree()], after)
    assert (again.verdict, again.writes) == (Result.COMPLIANT, ())
    assert rolled_back(before, [outcome], after).device.holds_the_same(before)


def test_what_somebody_made_again_stays() -> None:
    before = device(FULL)
    outcomes = simulate([tree()], before)
    draft = Draft(remediated(before, outcomes))
    draft.put(Place(Hive.MACHINE, View.BITS_64, PATH, "a"), None, Held(Kind.DWORD, 1))
    back = rolled_back(before, outcomes, draft.device())
    assert [write.place.name for write in back.left] == ["a"]
    assert back.device.state(Place(Hive.MACHINE, View.BITS_64, PATH, "a")) == Held(Kind.DWORD, 1)
    assert back.device.state(Place(Hive.MACHINE, View.BITS_64, PATH + r"\Empty", None)) == KEY
    assert rolled_back(before, outcomes, draft.device(), force=True).device.holds_the_same(before)


@pytest.mark.parametrize(
    "keys",
    [
        {PATH: {"a": X}, PATH + r"\b": {"odd": UNREADABLE}},
        {PATH: {f"v{number}": X for number in range(MOST_VALUES + 1)}},
        {rf"{PATH}\k{number}": {} for number in range(MOST_KEYS)},
        {PATH: {"a": Held(Kind.BINARY, bytes(600_000)), "b": Held(Kind.BINARY, bytes(500_000))}},
    ],
)
def test_what_may_not_go_as_a_whole_is_not_touched(keys: dict[str, dict[str, State]]) -> None:
    [outcome] = simulate([tree()], device(keys))
    assert (outcome.verdict, outcome.writes) == (Result.NON_COMPLIANT, ())


def test_a_simulation_says_why_nothing_goes() -> None:
    full, odd = device(FULL), device({PATH: {"a": UNREADABLE}})
    pilot = collection("Pilot", settings=(tree(),))
    said = ["\n".join(as_text(Simulation(pilot, held, simulate(pilot.settings, held)))) for held in (full, odd)]
    assert "remediation: from present to absent" in said[0]
    assert "a remediation makes 7 changes, then every setting that is remediated holds" in said[0]
    assert "remediation: nothing, a value in it is of a kind or size that .NET cannot read" in said[1]


def test_as_much_as_is_removed_at_once() -> None:
    keys = {rf"{PATH}\k{number}": {f"v{at}": X for at in range(5)} for number in range(MOST_KEYS - 1)}
    [outcome] = simulate([tree()], device(keys))
    assert len(outcome.writes) == 5 * (MOST_KEYS - 1) + MOST_KEYS


_NAMES = st.text("abÄ .\\", min_size=1, max_size=6).map(
    lambda text: "\\".join(part for part in text.split("\\") if part) or "k"
)
_STATES = st.one_of(
    st.builds(Held, st.just(Kind.STRING), st.text(max_size=3)), st.builds(Held, st.just(Kind.DWORD), st.integers(0, 9))
)


@given(
    st.dictionaries(_NAMES, st.dictionaries(st.text("abA", max_size=2), _STATES, max_size=3), max_size=5), st.sampled_from(View)
)
def test_a_random_tree_comes_back_as_it_was(below: dict[str, dict[str, State]], view: View) -> None:
    keys = {r"SOFTWARE\Example": {"stays": X}, **{rf"{PATH}\{path}": values for path, values in below.items()}}
    before = device(keys, view=view)
    outcomes = simulate([tree(view=view)], before)
    after = remediated(before, outcomes)
    assert after.tree(Place(Hive.MACHINE, view, PATH, None)) == ()
    assert after.state(Place(Hive.MACHINE, view, r"SOFTWARE\Example", "stays")) == X
    assert rolled_back(before, outcomes, after).device.holds_the_same(before)


def test_each_user_has_a_tree_and_the_other_view_another() -> None:
    of_user = {path.replace("SOFTWARE", "Software"): values for path, values in FULL.items()}
    before = device(of_user, "anna", hive=Hive.USER)
    outcomes = simulate([tree(path=PATH.replace("SOFTWARE", "Software"), hive=Hive.USER)], before)
    assert {write.user for write in outcomes[0].writes} == {"anna"}
    assert rolled_back(before, outcomes, remediated(before, outcomes)).device.holds_the_same(before)
    [other] = simulate([tree(view=View.BITS_32)], device(FULL))
    assert other.verdict is Result.COMPLIANT


def test_a_user_who_is_away_keeps_what_is_theirs() -> None:
    of_user = {path.replace("SOFTWARE", "Software"): values for path, values in FULL.items()}
    before = device(of_user, "anna", hive=Hive.USER)
    outcomes = simulate([tree(path=PATH.replace("SOFTWARE", "Software"), hive=Hive.USER)], before)
    assert len(rolled_back(before, outcomes, Device()).left) == 7


# Conflicts


def _codes(*settings: Setting) -> list[str]:
    return [one.code for one in same_place(project(collection("Pilot", settings=settings)), CONTEXT)]


def test_what_wants_something_below_is_a_conflict() -> None:
    wants = setting("wants", Operator.EQUALS, 1, key=PATH + r"\b", name="d")
    assert _codes(tree(), wants) == ["PC0418"]


@pytest.mark.parametrize("writes", [True, False])
def test_a_collection_that_needs_what_another_removes_is_in_conflict_with_it(*, writes: bool) -> None:
    wants = setting("wants", Operator.EQUALS, 1, key=PATH, name="d", remediate=writes)
    estate = project(collection("One", settings=(tree(),)), collection("Two", settings=(wants,)))
    [fight] = fights(estate, Meetings(estate), Places(estate))
    assert fight.nature is Nature.BELOW
    reported = project(collection("One", settings=(tree(writes=False),)), collection("Two", settings=(wants,)))
    assert bool(list(fights(reported, Meetings(reported), Places(reported)))) is writes


def test_the_key_itself_wanted_there_is_violated() -> None:
    there = Registry(Place(Hive.MACHINE, View.BITS_64, PATH, None), Condition(Operator.PRESENT))
    assert kind_of(there).violates(tree().subject, there)


# Policies


def _lower(**registry: Any) -> tuple[Registry | None, list[Diagnostic]]:
    found: list[Diagnostic] = []
    subject = kind_of(tree().subject).lower({"registry": registry}, Location("pilot.yaml"), found, audit=False)
    return subject, found


def test_without_recurse_a_key_is_only_reported() -> None:
    subject, found = _lower(key=r"HKLM\SOFTWARE\Example\Tree", absent=True)
    assert (subject.write, found) == (None, [])
    subject, found = _lower(key=r"HKLM\SOFTWARE\Example\Tree", absent=True, recurse=True)
    assert (subject, found) == (tree().subject, [])
    audited = kind_of(subject).lower(
        {"registry": {"key": r"HKLM\SOFTWARE\Example\Tree", "absent": True, "recurse": True}}, Location("x"), [], audit=True
    )
    assert audited.write is None


@pytest.mark.parametrize(
    ("registry", "code", "words"),
    [
        ({"name": "N", "absent": True}, "PC0355", "about one value"),
        ({"present": True}, "PC0355", "a key that isn't to go"),
        ({"only_values": []}, "PC0355", "a key that isn't to go"),
        ({"key": r"HKLM\SOFTWARE", "absent": True}, "PC0356", "a hive"),
        ({"key": r"HKLM\SOFTWARE\Microsoft", "absent": True}, "PC0356", "other programs need"),
    ],
)
def test_recurse_elsewhere_is_an_error(registry: dict[str, Any], code: str, words: str) -> None:
    subject, [found] = _lower(**{"key": r"HKLM\SOFTWARE\Example\Tree", **registry}, recurse=True)
    assert (subject, found.code) == (None, code)
    assert words in found.message
    assert "'recurse' out" in found.help


@pytest.mark.parametrize(
    ("hive", "path", "may_go"),
    [
        (Hive.MACHINE, "SYSTEM", False),
        (Hive.MACHINE, r"SYSTEM\CurrentControlSet", False),
        (Hive.MACHINE, r"SYSTEM\CurrentControlSet\Services", False),
        (Hive.MACHINE, r"SYSTEM\CurrentControlSet\Services\Tcpip", False),
        (Hive.MACHINE, r"SYSTEM\CurrentControlSet\Services\Example\Parameters", True),
        (Hive.MACHINE, r"SYSTEM\CurrentControlSet\Hardware Profiles\Current\Software", False),
        (Hive.MACHINE, r"SYSTEM\Setup", False),
        (Hive.MACHINE, r"SAM\SAM\Domains\Account", False),
        (Hive.MACHINE, r"SECURITY\Policy\Secrets", False),
        (Hive.MACHINE, r"Software\policies", False),
        (Hive.MACHINE, r"SOFTWARE\Microsoft\Windows\CurrentVersion", False),
        (Hive.MACHINE, r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall", False),
        (Hive.MACHINE, r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\Example", True),
        (Hive.MACHINE, r"SOFTWARE\Microsoft\SMS", False),
        (Hive.MACHINE, r"SOFTWARE\Classes\CLSID", False),
        (Hive.MACHINE, r"SOFTWARE\Policies\Google\Chrome", True),
        (Hive.USER, "Software", False),
        (Hive.USER, "Example", False),
        (Hive.USER, r"Software\Classes", False),
        (Hive.USER, r"Software\Microsoft", False),
        (Hive.USER, r"Software\Example", True),
        (Hive.SYSTEM, r"Software\Microsoft\Windows NT\CurrentVersion\Winlogon", False),
    ],
)
def test_keys_that_windows_needs_never_go(hive: Hive, path: str, *, may_go: bool) -> None:
    assert [needed(Place(hive, view, path, None)) is None for view in View] == [may_go, may_go]


# Scripts


def test_only_scripts_that_change_hold_its_functions() -> None:
    rows = [entry(tree())]
    texts = {script: script_text(script, slug="x", source="x.yaml", entries=rows).decode("ascii") for script in Script}
    with_it = {script for script, text in texts.items() if "RegistryTree" in text}
    changing = {Script.REMEDIATE, Script.REMEDIATION, Script.INTUNE_REMEDIATE, Script.LOCAL}
    assert with_it == {*changing, Script.ROLLBACK, Script.INTUNE_ROLLBACK}
    plain = [entry(setting("a", Operator.EQUALS, 1, key=PATH, name="d"))]
    for script in Script:
        text = script_text(script, slug="x", source="x.yaml", entries=plain).decode("ascii")
        assert not re.search("RegistryTree|TreeKey|Recurse", text)
        assert "Expand-" not in text
    for script in (Script.ROLLBACK, Script.INTUNE_ROLLBACK, Script.LOCAL):
        past = script_text(script, slug="x", source="x.yaml", kinds=(TREE,)).decode("ascii")
        assert "Read-RegistryTree" in past


def test_a_script_of_trees_keeps_within_the_budget() -> None:
    trees = [tree(f"tree-{n}", path=rf"Software\Example\{n}", hive=Hive.USER) for n in range(5)]
    others = [setting(f"v{n}", Operator.EQUALS, n, key=r"SOFTWARE\Example\v", name=f"v{n}") for n in range(60)]
    pilot = collection("Pilot", settings=(*trees, *others))
    for group in groups(pilot, pilot.settings, Granularity.GROUP):
        rows = [entry(one) for one in group.settings]
        assert len(script_text(Script.REMEDIATION, slug="x", source="x.yaml", entries=rows)) <= SCRIPT_BUDGET


def test_a_script_is_read_back() -> None:
    rows = [entry(tree()), entry(tree("users", path=r"Software\Example\Tree", hive=Hive.USER))]
    text = script_text(Script.REMEDIATION, slug="x", source="x.yaml", entries=rows).decode("ascii")
    read = read_script(text, Script.REMEDIATION)
    assert [one.subject for one in read.settings] == [row.setting.subject for row in rows]
    assert read.same_code


def test_its_words() -> None:
    kind, subject = kind_of(tree().subject), tree().subject
    assert kind.words(subject, masked=False) == {"key": "HKLM\\" + PATH, "absent": True, "recurse": True}
    assert kind.written(subject, masked=False) == "removes the key with everything below it"
    assert kind.remediation(subject) == "remove the key with everything below it"
    assert kind.plan_words(subject)["recurse"] is True
    assert kind.after(subject, KEY) is ABSENT
