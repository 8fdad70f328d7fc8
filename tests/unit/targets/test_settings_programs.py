"""Which console scripts a collection has, and how ConfigMgr runs them as programs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policyc.model import Mode, Rerun
from policyc.targets.configmgr.making import console_scripts
from policyc.targets.configmgr.package import SETTINGS_PROGRAMS, settings_programs, settings_scripts
from registry_settings import altered
from unit.targets.samples import COLLECTION, PROJECT, SETTING

REMEDIATED = replace(COLLECTION, settings=(SETTING,))
REPORTED = replace(COLLECTION, settings=(altered(SETTING, write=None),))
EMPTY = replace(COLLECTION, settings=())


@pytest.mark.parametrize(
    ("collection", "scripts"),
    [
        (REMEDIATED, ["detect.ps1", "remediate.ps1", "rollback.ps1"]),
        (REPORTED, ["detect.ps1", "rollback.ps1"]),
        (EMPTY, ["rollback.ps1"]),
    ],
    ids=["remediated", "reported", "empty"],
)
def test_what_undoes_outlives_the_settings(collection, scripts):
    assert list(console_scripts(collection)) == scripts
    assert list(settings_scripts(collection)) == [name for name in scripts if name in {one.script for one in SETTINGS_PROGRAMS}]


@pytest.mark.parametrize("collection", [REPORTED, EMPTY], ids=["reported", "empty"])
def test_audit_has_no_programs(collection):
    audited = replace(collection, mode=Mode.AUDIT)
    assert "rollback.ps1" in console_scripts(audited)
    assert b"\n$Kept = @(\n)\n" in console_scripts(audited)["rollback.ps1"]
    assert settings_scripts(audited) == ()


def test_what_is_kept_is_what_is_written():
    both = replace(COLLECTION, settings=(SETTING, replace(REPORTED.settings[0], id="reported")))
    assert console_scripts(both)["rollback.ps1"] == console_scripts(REMEDIATED)["rollback.ps1"]
    assert console_scripts(REPORTED)["rollback.ps1"] == console_scripts(EMPTY)["rollback.ps1"]


def test_only_a_new_deployment_runs_it_again():
    package = settings_programs(PROJECT, REMEDIATED, settings_scripts(REMEDIATED))
    assert [(one.name, one.command_line, one.rerun, one.recurs_daily) for one in package.programs] == [
        ("Remediate", "cmd.exe /d /c run.cmd remediate", "RerunIfFailedPreviousAttempt", True),
        ("Roll back what left", "cmd.exe /d /c run.cmd rollback -OnlyRetired", "AlwaysRerunProgram", False),
        ("Roll back", "cmd.exe /d /c run.cmd rollback -All", "AlwaysRerunProgram", False),
    ]
    assert not any(program.deployed for program in package.programs)
    assert package.content == ("detect.ps1", "remediate.ps1", "rollback.ps1", "run.cmd")


def test_the_rerun_of_a_policy_is_that_of_remediation():
    collection = replace(REMEDIATED, deployment=replace(REMEDIATED.deployment, rerun=Rerun.NEVER))
    remediate, retire, rollback = settings_programs(PROJECT, collection, settings_scripts(collection)).programs
    assert (remediate.rerun, retire.rerun, rollback.rerun) == (
        "NeverRerunDeployedProgram",
        "AlwaysRerunProgram",
        "AlwaysRerunProgram",
    )
