"""What two projects say otherwise: collections, members, settings, packages, deployments, the project itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from policyc.plan.left import retire
from policyc.plan.model import Action, Change, CollectionPlan, Direction, Plan, Rise, Subject, Word
from policyc.plan.summary import summary
from unit.plan.making import collection, plan_of, setting

ONBOARDING = """
defender_atp:
  state: onboarded
  package: {source: onboarding, script: One.cmd, sha256: "%s"}
"""
SHA = "0" * 64
EXCEPTED = "exceptions: [{settings: [s], reason: R, owner: O, expires: 2026-12-31}]"


def only(plan: Plan, subject: Subject = Subject.SETTING) -> Change:
    (change,) = plan.changes(subject)
    return change


def words(change: Change) -> dict[str, tuple[object, object]]:
    return {word.word: (word.before, word.after) for word in change.words}


def one(plan: Plan) -> CollectionPlan:
    (found,) = plan.collections
    return found


def of_setting(tmp_path: Path, before: str, after: str) -> Change:
    return only(plan_of(tmp_path, {"a.yaml": collection("A", {"s": before})}, {"a.yaml": collection("A", {"s": after})}))


# Settings


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("at_least: 3", "at_least: 5", Word("at_least", 3, 5, Direction.STRENGTHENED)),
        ("at_most: 3", "at_most: 5", Word("at_most", 3, 5, Direction.WEAKENED)),
        ("equals: 1", "at_least: 1", Word("condition", {"equals": 1}, {"at_least": 1}, Direction.WEAKENED)),
        ("equals: 1", "one_of: [1], set: 1", Word("condition", {"equals": 1}, {"one_of": [1]}, Direction.SAME)),
        ("one_of: [1, 2], set: 1", "one_of: [2, 3], set: 2", Word("one_of", [1, 2], [2, 3])),
        ("equals: 1", "equals: 1, default: 1", Word("default", None, 1, Direction.WEAKENED)),
        ("equals: 1, default: 1", "equals: 1, default: 1, pin: true", Word("pin", None, True, Direction.STRENGTHENED)),
    ],
)
def test_a_condition(tmp_path: Path, before: str, after: str, expected: Word) -> None:
    assert of_setting(tmp_path, setting(before), setting(after)).words[0] == expected


def test_the_direction_is_said_once(tmp_path: Path) -> None:
    change = of_setting(tmp_path, setting("at_least: 3, default: 4"), setting("at_least: 5, default: 6, pin: true"))
    assert [(word.word, word.direction) for word in change.words] == [
        ("at_least", Direction.STRENGTHENED),
        ("default", None),
        ("pin", None),
    ]
    assert change.direction is Direction.STRENGTHENED


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("severity: warning", "severity: critical", Word("severity", "warning", "critical", Direction.STRENGTHENED)),
        ("severity: none", "", Word("severity", "none", "warning", Direction.STRENGTHENED)),
        (
            "severity: critical-with-event",
            "severity: none",
            Word("severity", "critical-with-event", "none", Direction.WEAKENED),
        ),
        ("remediate: false", "", Word("remediate", False, True, None, "now changed on devices")),
        ("", "remediate: false", Word("remediate", True, False, None, "now only reported")),
        (
            "",
            "applies_to: {from_build: 22000}",
            Word("applies_to", None, {"from_build": 22000}, Direction.WEAKENED),
        ),
        (
            "",
            "only_if: {service: Spooler}",
            Word("only_if", None, {"service": "Spooler"}, Direction.WEAKENED),
        ),
        (
            r"only_if: {key: HKLM\SOFTWARE\Example, name: Version}",
            "",
            Word("only_if", {"key": "HKLM\\SOFTWARE\\Example", "name": "Version"}, None, Direction.STRENGTHENED),
        ),
        (
            "only_if: {service: Spooler}",
            r"only_if: {file: 'C:\Example'}",
            Word("only_if", {"service": "Spooler"}, {"file": "C:\\Example"}),
        ),
        ("takes_effect: restart", "takes_effect: sign-out", Word("takes_effect", "restart", "sign-out")),
        ("why: One", "why: Two", Word("why", "One", "Two")),
        ("", "references: [CIS 1]", Word("references", None, ["CIS 1"])),
    ],
)
def test_a_word_beside_the_condition(tmp_path: Path, before: str, after: str, expected: Word) -> None:
    assert of_setting(tmp_path, setting(more=before), setting(more=after)).words == (expected,)


def test_directions_that_contradict_give_none_for_the_whole(tmp_path: Path) -> None:
    change = of_setting(tmp_path, setting("at_least: 3"), setting("at_least: 5", more="severity: none"))
    assert {word.direction for word in change.words} == {Direction.STRENGTHENED, Direction.WEAKENED}
    assert change.direction is None


def test_another_place_has_no_direction(tmp_path: Path) -> None:
    change = of_setting(tmp_path, setting("at_least: 3"), setting("at_least: 5", name="W"))
    assert words(change) == {"registry.name": ("V", "W"), "at_least": (3, 5)}
    assert change.direction is None


def test_data_of_a_sensitive_setting_is_not_shown(tmp_path: Path) -> None:
    one, other = (setting(f"equals: {text}", type="string", more="sensitive: true") for text in ("geheim", "secret"))
    change = of_setting(tmp_path, one, other)
    assert change.words == (Word("equals", "(sensitive)", "(sensitive)"),)
    change = of_setting(tmp_path, one, setting("one_of: [secret, other], set: secret", type="string", more="sensitive: true"))
    assert "secret" not in repr(change)
    assert "geheim" not in repr(change)
    # Nor while it stops, or begins, to be sensitive.
    assert "geheim" not in repr(of_setting(tmp_path, one, setting("equals: open", type="string")))
    added = plan_of(tmp_path, {"a.yaml": collection("A")}, {"a.yaml": collection("A", {"s": one})})
    assert "geheim" not in repr(added)


def test_what_is_added_and_removed_says_what_it_is(tmp_path: Path) -> None:
    files = {"a.yaml": collection("A", {"s": setting("at_least: 3")})}, {"a.yaml": collection("A")}
    removed, added = only(plan_of(tmp_path, *files)), only(plan_of(tmp_path, *reversed(files)))
    assert (removed.action, added.action) == (Action.REMOVED, Action.ADDED)
    assert words(added) == {
        "registry.key": (None, "HKLM\\SOFTWARE\\Example"),
        "registry.name": (None, "V"),
        "registry.type": (None, "dword"),
        "at_least": (None, 3),
        "remediate": (None, True),
        "severity": (None, "warning"),
    }
    assert words(removed) == {word: (new, old) for word, (old, new) in words(added).items()}


def test_an_override_brings_its_reason(tmp_path: Path) -> None:
    common = {"common.yaml": collection("Common", {"s": setting("at_least: 5")}).replace("collection:", "baseline:")}
    listed = "baselines: [Common]\n"
    over = "override: {s: {reason: Old scanners, registry: {at_least: 3}}}"
    plan = plan_of(
        tmp_path,
        {**common, "a.yaml": collection("A", more=listed)},
        {**common, "a.yaml": collection("A", more=listed + over)},
    )
    change = only(plan)
    assert (change.baselines, change.reasons) == (("Common",), ("Old scanners",))
    assert change.direction is Direction.WEAKENED
    assert one(plan).moved == ()


def test_audit_is_told_once_and_not_of_each_setting(tmp_path: Path) -> None:
    settings = {"s": setting(), "t": setting("one_of: [1], set: 1", name="W")}
    plan = plan_of(tmp_path, {"a.yaml": collection("A", settings)}, {"a.yaml": collection("A", settings, "mode: audit")})
    assert [change.subject for change in one(plan).changes] == [Subject.COLLECTION, *[Subject.PROGRAM] * 3]
    (word,) = only(plan, Subject.COLLECTION).words
    assert word == Word("mode", "enforce", "audit", None, "2 settings only reported from now on, remediated until now")
    assert "; 2 settings only reported from now on, remediated until now" in summary(plan)
    back = plan_of(tmp_path, {"a.yaml": collection("A", settings, "mode: audit")}, {"a.yaml": collection("A", settings)})
    assert "; 2 settings remediated from now on, only reported until now" in summary(back)
    assert {left.undo for left in one(plan).left} == {
        "deploy the program 'Roll back' of the settings package before the new state is brought to the site"
    }


# The rest of a collection


def test_members(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        {"a.yaml": collection("A", None, "members: {devices: [PC-1, PC-2], include: [X]}")},
        {"a.yaml": collection("A", None, "members: {devices: [PC-3, PC-1], exclude: [Y], query: select 1}")},
    )
    assert words(only(plan, Subject.MEMBERS)) == {
        "members.query": (None, "select 1"),
        "members.devices": (["PC-1", "PC-2"], ["PC-3", "PC-1"]),
        "members.include": (["X"], None),
        "members.exclude": (None, ["Y"]),
    }


def test_the_order_of_members_is_no_change(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        {"a.yaml": collection("A", None, "members: {devices: [PC-1, PC-2]}, platforms: [windows-10, windows-11]")},
        {"a.yaml": collection("A", None, "members: {devices: [PC-2, PC-1]}, platforms: [windows-11, windows-10]")},
    )
    assert (plan.has_changes, plan.collections) == (False, ())


def test_packages_and_programs(tmp_path: Path) -> None:
    before = collection("A", more=ONBOARDING % SHA)
    after = before.replace("One.cmd", "Two.cmd").replace(SHA, "1" * 64)
    plan = plan_of(tmp_path, {"a.yaml": before}, {"a.yaml": after})
    assert words(only(plan, Subject.PACKAGE)) == {"script": ("One.cmd", "Two.cmd"), "sha256": (SHA, "1" * 64)}
    application = before.replace("sha256:", "deploy_as: application, sha256:")
    plan = plan_of(tmp_path, {"a.yaml": before}, {"a.yaml": application})
    assert words(only(plan, Subject.PACKAGE)) == {"deploy_as": ("package", "application")}
    program = only(plan, Subject.PROGRAM)
    assert (program.name, program.action) == ("onboarding/Onboard", Action.REMOVED)
    gone = plan_of(tmp_path, {"a.yaml": before}, {"a.yaml": collection("A")})
    assert only(gone, Subject.PACKAGE).action is Action.REMOVED
    assert one(gone).left[0].what == "package"
    assert "defender_atp.state" in words(only(gone, Subject.COLLECTION))


def test_a_program_comes_with_the_first_setting_that_is_written(tmp_path: Path) -> None:
    reported = {"s": setting(more="remediate: false")}
    plan = plan_of(tmp_path, {"a.yaml": collection("A", reported)}, {"a.yaml": collection("A", {"s": setting()})})
    program = only(plan, Subject.PROGRAM)
    assert (program.name, program.action) == ("settings/Remediate", Action.ADDED)


def test_deployments(tmp_path: Path) -> None:
    def deployed(window: str, more: str = "") -> dict[str, str]:
        windows = f"maintenance_windows: [{{name: Night, start: '2026-01-02T22:00', duration: {window}}}]"
        return {"a.yaml": collection("A", more=f"deployment: {{{windows}{more}}}")}

    plan = plan_of(tmp_path, deployed("4 hours"), deployed("2 hours", ", phase: 3, time_zone: utc"))
    assert words(only(plan, Subject.DEPLOYMENT)) == {
        "deployment.phase": (1, 3),
        "deployment.time_zone": ("device", "utc"),
        "deployment.maintenance_windows.Night": (
            {"start": "2026-01-02T22:00", "duration": "4 hours"},
            {"start": "2026-01-02T22:00", "duration": "2 hours"},
        ),
    }


def test_two_windows_of_one_name_are_two(tmp_path: Path) -> None:
    def deployed(*days: int) -> dict[str, str]:
        windows = ", ".join(f"{{name: Night, start: '2026-01-0{day}T22:00', duration: 4 hours}}" for day in days)
        return {"a.yaml": collection("A", more=f"deployment: {{maintenance_windows: [{windows}]}}")}

    plan = plan_of(tmp_path, deployed(2), deployed(2, 3))
    assert words(only(plan, Subject.DEPLOYMENT)) == {
        "deployment.maintenance_windows.Night (2)": (None, {"start": "2026-01-03T22:00", "duration": "4 hours"})
    }


def test_what_the_project_states_of_its_collections(tmp_path: Path) -> None:
    head = "project: {name: Example estate, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\n"
    files = {"a.yaml": collection("A"), "b.yaml": collection("B")}
    stated = head + "disjoint: [{collections: [A, B], reason: Sites}]\n"
    plan = plan_of(tmp_path, files, {**files, "project.yaml": stated})
    (word,) = plan.project
    assert (word.word, word.before, word.after) == ("disjoint", [], [{"collections": ["A", "B"], "reason": "Sites"}])
    moved = head + "# A comment\ntargets: [configmgr]\n" + stated.removeprefix(head)
    assert not plan_of(tmp_path, {**files, "project.yaml": stated}, {**files, "project.yaml": moved}).has_changes


def test_a_new_collection_says_only_what_is_no_default(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, {}, {"a.yaml": collection("A", more="deployment: {phase: 2}")})
    assert one(plan).action is Action.ADDED
    assert words(only(plan, Subject.DEPLOYMENT)) == {"deployment.phase": (None, 2)}


def test_the_project(tmp_path: Path) -> None:
    head = "project: {name: Other, id: 93ff10ad-79e1-56ba-8528-54e44fb17c00}\n"
    head += "configmgr: {signing: none, site_code: PS1, server_version: '1602'}\n"
    plan = plan_of(tmp_path, {}, {"project.yaml": head})
    assert {word.word: word.after for word in plan.project} == {
        "name": "Other",
        "id": "93ff10ad-79e1-56ba-8528-54e44fb17c00",
        "publisher": "Other",
        "site_code": "PS1",
        "server_version": "1602",
        "signing": "none",
    }
    notes = {word.word: word.note for word in plan.project}
    assert "new ones" in notes["id"]
    assert "for people" in notes["name"]
    assert plan.has_changes


def test_two_that_could_be_the_old_one_are_new(tmp_path: Path) -> None:
    settings = {"s": setting()}
    plan = plan_of(
        tmp_path,
        {"a.yaml": collection("Old", settings)},
        {"b.yaml": collection("One", settings), "c.yaml": collection("Two", settings)},
    )
    assert [found.action for found in plan.collections] == [Action.REMOVED, Action.ADDED, Action.ADDED]


def test_a_name_whose_folder_stays_is_a_change_of_a_word(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, {"a.yaml": collection("Pilot ring")}, {"b.yaml": collection("Pilot Ring")})
    assert (one(plan).action, words(only(plan, Subject.COLLECTION))) == (Action.CHANGED, {"name": ("Pilot ring", "Pilot Ring")})


# Exceptions


def test_exceptions_by_their_days(tmp_path: Path) -> None:
    def excepted(day: str, owner: str = "O") -> dict[str, str]:
        lines = f"exceptions: [{{settings: [s], reason: R, owner: {owner}, expires: {day}}}]"
        return {"a.yaml": collection("A", {"s": setting()}, more=lines)}

    def action(before: dict[str, str], after: dict[str, str], *days: int) -> Action | None:
        between = tuple(date(2026, 1, day) for day in days or (1, 2))
        return next(
            (change.action for change in plan_of(tmp_path, before, after, days=between).changes(Subject.EXCEPTION)), None
        )

    held = excepted("2026-01-10")
    assert action(held, excepted("2026-01-11")) is Action.RENEWED
    assert action(held, excepted("2026-01-09")) is Action.CHANGED
    assert action(held, excepted("2026-01-10", "P")) is Action.CHANGED
    assert action(held, held) is None
    assert action(held, held, 10, 11) is Action.EXPIRED
    assert action(held, held, 9, 10) is None
    assert action(held, held, 11, 12) is None


def test_an_exception_of_what_was_never_in_force_adds_no_setting(tmp_path: Path) -> None:
    excepted = {"a.yaml": collection("A", {"s": setting()}, more=EXCEPTED)}
    for before in ({}, {"a.yaml": collection("A")}):
        plan = plan_of(tmp_path, before, excepted)
        assert list(plan.changes(Subject.SETTING)) == []
        assert only(plan, Subject.EXCEPTION).means == "the setting is not in force here: it is neither judged nor written"
    plan = plan_of(tmp_path, excepted, {"a.yaml": collection("A")})
    assert list(plan.changes(Subject.SETTING)) == []
    assert only(plan, Subject.EXCEPTION).means == "the setting leaves with it, and was not in force"


@pytest.mark.parametrize(
    ("more", "head", "gained", "removed"),
    [
        (
            "",
            "",
            f"the setting is no longer judged or written; what was written stays until it is rolled back: {retire('a')}",
            "the setting is judged and written from now on",
        ),
        (
            "remediate: false",
            "",
            "the setting is no longer judged; it was never written",
            "the setting is judged, and not written, from now on",
        ),
        (
            "",
            "mode: audit",
            "the setting is no longer judged; it was never written",
            "the setting is judged, and not written, from now on",
        ),
    ],
)
def test_what_an_exception_means(tmp_path: Path, more: str, head: str, gained: str, removed: str) -> None:
    settings = {"s": setting(more=more)}
    files = {"a.yaml": collection("A", settings, head)}, {"a.yaml": collection("A", settings, head, EXCEPTED)}
    there, back = (only(plan_of(tmp_path, *pair), Subject.EXCEPTION) for pair in (files, reversed(files)))
    assert (there.means, there.in_force) == (gained, ())
    assert back.means == removed
    assert {word.word: word.after for word in back.in_force} == {
        "registry.key": "HKLM\\SOFTWARE\\Example",
        "registry.name": "V",
        "registry.type": "dword",
        "equals": 1,
        "remediate": not more and not head,
        "severity": "warning",
    }


def test_an_exception_of_a_renamed_collection_leaves_nothing_of_its_own(tmp_path: Path) -> None:
    settings = {"s": setting(), "t": setting(name="W")}
    plan = plan_of(tmp_path, {"a.yaml": collection("Old", settings)}, {"a.yaml": collection("New", settings, more=EXCEPTED)})
    assert only(plan, Subject.EXCEPTION).means == "the setting is not in force here: it is neither judged nor written"
    assert [left.what for left in one(plan).left] == ["collection"]


def test_an_exception_while_another_setting_writes_the_place(tmp_path: Path) -> None:
    settings = {"s": setting(), "t": setting()}
    plan = plan_of(tmp_path, {"a.yaml": collection("A", settings)}, {"a.yaml": collection("A", settings, more=EXCEPTED)})
    assert only(plan, Subject.EXCEPTION).means.endswith("and another setting writes its place")
    assert one(plan).left == ()


def test_what_an_exception_shows_of_a_sensitive_setting(tmp_path: Path) -> None:
    settings = {"s": setting("equals: geheim", type="string", more="sensitive: true")}
    plan = plan_of(tmp_path, {"a.yaml": collection("A", settings, more=EXCEPTED)}, {"a.yaml": collection("A", settings)})
    assert only(plan, Subject.EXCEPTION).in_force
    assert "geheim" not in repr(plan)


def test_a_baseline_that_changes_says_where_it_is_not_in_force(tmp_path: Path) -> None:
    def files(number: int) -> dict[str, str]:
        common = collection("Common", {"s": setting(f"at_least: {number}")}).replace("collection:", "baseline:")
        listed = "baselines: [Common]"
        return {
            "common.yaml": common,
            "a.yaml": collection("A", more=f"{listed}\n{EXCEPTED}"),
            "b.yaml": collection("B", more=listed),
        }

    plan = plan_of(tmp_path, files(3), files(5))
    assert [change.means for change in plan.changes(Subject.SETTING)] == [
        "not in force here, as an exception takes the setting out",
        "",
    ]
    assert plan.totals()["settings_changed"] == 1


# What is left behind


def test_what_leaves_a_collection_is_left_on_devices(tmp_path: Path) -> None:
    before = {
        "gone": setting(name="A"),
        "reported": setting(name="B"),
        "moved": setting(name="C"),
        "excepted": setting(name="D"),
        "renamed": setting(name="E"),
        "never": setting(name="F", more="remediate: false"),
        "stays": setting(name="G"),
    }
    after = {
        "reported": setting(name="B", more="remediate: false"),
        "moved": setting(name="C2"),
        "excepted": setting(name="D"),
        "another-id": setting(name="E"),
        "stays": setting("equals: 2", name="G"),
    }
    lines = "exceptions: [{settings: [excepted], reason: R, owner: O, expires: 2026-12-31}]"
    plan = plan_of(tmp_path, {"a.yaml": collection("A", before)}, {"a.yaml": collection("A", after, more=lines)})
    assert {left.names[0]: left.why for left in one(plan).left} == {
        "gone": "the setting leaves the collection",
        "reported": "it is only reported now",
        "moved": "the setting is about another place now",
        "excepted": "an exception takes the setting out",
    }
    assert one(plan).left[0].names == ("gone", "HKLM\\SOFTWARE\\Example : A")
    assert {left.undo for left in one(plan).left} == {
        "deploy.ps1 -Retire 'a' deploys the program 'Roll back what left', when the site has the new policy"
    }


def test_devices_that_leave(tmp_path: Path) -> None:
    def members(words: str, settings: dict[str, str] | None = None) -> dict[str, str]:
        return {"a.yaml": collection("A", {"s": setting()} if settings is None else settings, f"members: {{{words}}}")}

    (left,) = one(plan_of(tmp_path, members("devices: [PC-1, pc-2]"), members("devices: [PC-2, PC-3]"))).left
    assert (left.what, left.names) == ("devices", ("PC-1",))
    assert left.undo == "deploy.ps1 -RollBack 'A' -Device NAME when they have left it"
    (left,) = one(plan_of(tmp_path, members("query: select 1"), members("query: select 2"))).left
    assert (left.what, left.names) == ("devices", ())
    assert one(plan_of(tmp_path, members("devices: [PC-1]"), members("devices: [PC-1, PC-2]"))).left == ()
    reported = {"s": setting(more="remediate: false")}
    assert one(plan_of(tmp_path, members("devices: [PC-1]", reported), members("devices: [PC-2]", reported))).left == ()


def test_revisions_belong_to_their_collection(tmp_path: Path) -> None:
    files = {"a.yaml": collection("A", {"s": setting()})}
    plan = plan_of(tmp_path, files, files, rises=[Rise("a/item/settings", 1, 2)])
    assert one(plan).rises == (Rise("a/item/settings", 1, 2),)
    assert one(plan).action is None
    assert not plan.has_changes
