"""A change that isn't bounded in time is made by a program alone, and everything that a reader sees says so."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from policyc.artifacts import Build
from policyc.kinds import by_program, may_take_long
from policyc.model import Collection, Deployment, Granularity, Project, Rerun
from policyc.plan.model import Action
from policyc.plan.settings import setting_change, single
from policyc.resolved import snapshot
from policyc.simulation.outcomes import simulate
from policyc.simulation.report import Simulation, as_text, as_tree
from policyc.targets.configmgr import ConfigMgr
from policyc.targets.configmgr.groups import items
from policyc.targets.configmgr.package import (
    LONG_DURATION_MINUTES,
    SETTINGS_DURATION_MINUTES,
    settings_programs,
    settings_scripts,
)
from unit.kinds.test_seam import checked, collection, device, lamp, lamps, only
from unit.targets.samples import PROJECT

__all__ = ["lamps"]
REGISTRY = "v: {title: A value, registry: {key: 'HKLM\\SOFTWARE\\A', name: V, type: dword, equals: 1}}"
SLOW, QUICK = lamp("slow", "at_least: 40, dimmed: true"), "quick: {title: Light, lamp: {name: Hall, at_least: 40}}"
KEPT = lamp("slow", "at_least: 40, dimmed: true", ", remediate: false")


def files(of: Collection, project: Project = PROJECT) -> dict[str, str]:
    made = ConfigMgr().artifacts(replace(project, collections=(of,)), of, Build())
    return {one.path.partition("/")[2]: one.content.decode("utf-8", "replace") for one in made}


def programs(of: Collection) -> list[tuple[str, bool, str, int]]:
    package = settings_programs(PROJECT, of, settings_scripts(of))
    return [(one.name, one.deployed, one.rerun, one.duration_minutes) for one in package.programs]


def test_it_is_judged_by_the_client_and_changed_by_the_program(tmp_path: Path) -> None:
    made = only(tmp_path, SLOW, QUICK, REGISTRY)
    assert [by_program(one) for one in made.settings] == [True, False, False]
    folder = files(made)
    scripts = {path: text for path, text in folder.items() if path.endswith(".ps1")}
    assert sorted(path for path, text in scripts.items() if "Id = 'slow'" in text) == [
        "compliance/settings/warning-by-program/discovery.ps1",
        "scripts/detect.ps1",
        "scripts/remediate.ps1",
    ]
    assert "compliance/settings/warning-by-program/remediation.ps1" not in folder
    assert "Id = 'quick'" in scripts["compliance/settings/warning-remediated/remediation.ps1"]
    told = {one["id"]: one.get("changed_by") for one in json.loads(folder["deployment.json"])["baseline"]["settings"]}
    assert told == {"slow": "program", "quick": None, "v": None}


def test_alone_in_a_script_it_is_the_same(tmp_path: Path) -> None:
    made = only(tmp_path, SLOW, QUICK)
    [item] = items(made, Granularity.SETTING)
    assert [(one.id, one.remediated, one.program) for one in item.groups] == [("slow", False, True), ("quick", True, False)]


def test_what_is_only_reported_is_reported(tmp_path: Path) -> None:
    made = only(tmp_path, KEPT)
    assert not by_program(made.settings[0])
    [item] = items(made, Granularity.GROUP)
    assert [one.id for one in item.groups] == ["warning-reported"]
    assert "by a program" not in snapshot(made).decode()


@pytest.mark.parametrize(("settings", "enforces"), [((SLOW,), False), ((SLOW, QUICK), True), ((KEPT, QUICK), True)])
def test_a_baseline_with_nothing_else_remediates_nothing(tmp_path: Path, settings: tuple[str, ...], *, enforces: bool) -> None:
    deployed = json.loads(files(only(tmp_path, *settings))["deployment.json"])["baseline"]["deployment"]
    assert deployed["parameters"]["EnableEnforcement"] is enforces


def test_the_runbook_says_who_changes_it(tmp_path: Path) -> None:
    page = files(only(tmp_path, SLOW))["README.md"]
    assert "### `settings/warning-by-program`: severity warning, changed by the program Remediate alone\n" in page
    assert "| 1 | no, changed by the program Remediate alone |" in page
    assert "supported: off. What isn't only reported is changed by the program Remediate alone." in page
    assert "How long some changes take isn't bounded" in page
    both = files(only(tmp_path, SLOW, QUICK))["README.md"]
    assert "| 2 | yes, what isn't changed by the program Remediate alone |" in both
    assert "How long some changes take isn't bounded" not in files(only(tmp_path, QUICK))["README.md"]


def test_the_console_says_it(tmp_path: Path) -> None:
    made = only(tmp_path, SLOW)
    cabinet = next(one.content for one in ConfigMgr().artifacts(PROJECT, made, Build()) if one.path.endswith("item.cab"))
    assert b"One: warning, changed by a program" in cabinet


def test_the_program_is_deployed_where_the_policy_says_so(tmp_path: Path) -> None:
    head = "deployment: {remediate_program: true}\n"
    [made] = checked(tmp_path, one=collection("One", SLOW, more=head)).collections
    long = LONG_DURATION_MINUTES
    assert programs(made) == [
        ("Remediate", True, "AlwaysRerunProgram", long),
        ("Roll back what left", False, "AlwaysRerunProgram", long),
        ("Roll back", False, "AlwaysRerunProgram", long),
    ]
    assert "has `deploy.ps1` deploy the program *Remediate*" in files(made)["README.md"]
    [package] = json.loads(files(made)["deployment.json"])["packages"]
    assert [(one["name"], one["deploy"]) for one in package["programs"]] == [
        ("Remediate", True),
        ("Roll back what left", False),
        ("Roll back", False),
    ]
    once = replace(made, deployment=replace(made.deployment, rerun=Rerun.IF_FAILED))
    assert programs(once)[0][2] == "RerunIfFailedPreviousAttempt"
    looked_at = replace(made, deployment=replace(made.deployment, remediate=False))
    assert not any(deployed for _, deployed, *_ in programs(looked_at))


def test_without_the_word_nothing_is_deployed(tmp_path: Path) -> None:
    made = only(tmp_path, QUICK)
    assert made.deployment == Deployment()
    assert programs(made)[0] == ("Remediate", False, "RerunIfFailedPreviousAttempt", SETTINGS_DURATION_MINUTES)


def test_a_rollback_of_what_was_changed_once_has_its_time_too(tmp_path: Path) -> None:
    assert may_take_long("lamp")
    assert not may_take_long("registry")
    before = only(tmp_path, QUICK)
    assert programs(before)[2][3] == SETTINGS_DURATION_MINUTES
    assert programs(replace(before, past_kinds=("lamp",)))[2][3] == LONG_DURATION_MINUTES


def test_it_is_resolved_simulated_and_planned(tmp_path: Path) -> None:
    made = only(tmp_path, SLOW)
    assert "remediate: turn it, by a program alone\n" in snapshot(made).decode()
    simulation = Simulation(made, device(10), simulate(made.settings, device(10)), None, False)
    assert "  remediation: from 10 percent to 40 percent, by a program alone" in [line[12:] for line in as_text(simulation)]
    assert as_tree(simulation)["settings"][0]["changed_by"] == "program"
    [after] = made.settings
    assert ("changed_by", "a program alone") in [(one.word, one.after) for one in single(after, Action.ADDED).words]
    [before] = only(tmp_path, lamp("slow", "at_least: 40")).settings
    assert [(one.word, one.before, one.after) for one in setting_change(before, after)] == [
        ("changed_by", None, "a program alone")
    ]
