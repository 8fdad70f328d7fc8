"""Packages as data: limits, accepted values, content."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from policyc.model import Collection, ExecutionPolicy, Project, Version
from policyc.targets.configmgr import exit_codes, limits
from policyc.targets.configmgr.package import package_name
from policyc.targets.configmgr.package_data import result
from policyc.targets.configmgr.packages import package_artifacts, settings_package
from unit.targets.samples import COLLECTION, OFFBOARDING, ONBOARDING, PROJECT

CMDLETS: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("cmdlets.json").read_text(encoding="utf-8"))
"""Parameters of the cmdlets: their accepted values, else their type."""
CONSOLE_SCRIPTS = {"detect.ps1": b"detect", "remediate.ps1": b"remediate", "rollback.ps1": b"roll back"}


def files(project: Project, collection: Collection) -> dict[str, bytes]:
    return {**dict(package_artifacts(project, collection)), **dict(settings_package(project, collection, CONSOLE_SCRIPTS))}


def all_packages(collection: Collection = COLLECTION, project: Project = PROJECT) -> list[dict[str, Any]]:
    made = files(project, replace(collection, packages=(ONBOARDING, OFFBOARDING)))
    return [json.loads(content) for path, content in made.items() if path.endswith("package.json")]


def test_files_of_a_collection() -> None:
    made = files(PROJECT, replace(COLLECTION, packages=(ONBOARDING,)))
    assert sorted(made) == [
        "packages/onboarding/package.json",
        "packages/onboarding/package.txt",
        "packages/onboarding/source/launch.ps1",
        "packages/onboarding/source/run.cmd",
        "packages/settings/package.json",
        "packages/settings/package.txt",
        "packages/settings/source/remediate.ps1",
        "packages/settings/source/rollback.ps1",
        "packages/settings/source/run.cmd",
    ]
    assert made["packages/settings/source/rollback.ps1"] == b"roll back"


def test_the_built_in_policy_takes_the_place_of_the_package() -> None:
    assert not dict(package_artifacts(PROJECT, replace(COLLECTION, packages=(ONBOARDING,), built_in_policy=True)))


def test_no_scripts_no_settings_package() -> None:
    assert not dict(settings_package(PROJECT, COLLECTION, {"detect.ps1": b""}))


def test_every_parameter_is_one_of_its_cmdlet() -> None:
    checked = set()
    for package in all_packages():
        for cmdlet, parameters in [("New-CMPackage", package["New-CMPackage"])] + [
            (name, given) for program in package["programs"] for name, given in program.items() if name in CMDLETS
        ]:
            checked.add(cmdlet)
            for parameter, value in parameters.items():
                known = CMDLETS[cmdlet][parameter]
                if isinstance(known, list):
                    assert value in known, (cmdlet, parameter)
                elif known in {"Boolean", "SwitchParameter"}:
                    assert isinstance(value, bool), (cmdlet, parameter)
                elif known in {"Int32", "UInt32"}:
                    assert isinstance(value, int), (cmdlet, parameter)
                else:
                    assert isinstance(value, str), (cmdlet, parameter)
    assert checked >= {"New-CMPackage", "New-CMProgram", "Set-CMProgram", "New-CMPackageDeployment"}


@pytest.mark.parametrize(
    ("name", "publisher", "file"),
    [("Pilot", "IT", "pilot.yaml"), ("x" * 200, "y" * 32, "z" * 200 + ".yaml"), ("\u00e4" * 60, "\u00fc" * 32, "pilot.yaml")],
)
def test_everything_fits(name: str, publisher: str, file: str) -> None:
    collection = replace(COLLECTION, name=name, origin=replace(COLLECTION.origin, file=file))
    for package in all_packages(collection, replace(PROJECT, publisher=publisher)):
        assert len(package["New-CMPackage"]["Name"]) <= limits.PACKAGE_NAME
        assert len(package["New-CMPackage"]["Description"]) <= limits.PACKAGE_DESCRIPTION
        assert len(package["New-CMPackage"]["Manufacturer"]) <= limits.MANUFACTURER
        for program in package["programs"]:
            assert len(program["New-CMProgram"]["StandardProgramName"]) <= limits.PROGRAM_NAME
            assert len(program["New-CMProgram"]["CommandLine"]) <= limits.COMMAND_LINE
            assert len(program["Set-CMProgram"]["Comment"]) <= limits.COMMENT
            assert program["New-CMProgram"]["PackageName"] == package["New-CMPackage"]["Name"]


def test_long_names_that_begin_alike_stay_apart() -> None:
    names = {package_name("Onboarding", replace(COLLECTION, name="n" * 60 + end)) for end in "abc"}
    assert len(names) == 3


@pytest.mark.parametrize(("version", "mode"), [(None, "RunWithUnc"), ("2010", "RunWithUnc"), ("1602", "RenameWithUnc")])
def test_the_drive_mode_had_another_name_before_2010(version: str | None, mode: str) -> None:
    project = replace(PROJECT, server_version=Version(version) if version else None)
    assert {p["New-CMProgram"]["DriveMode"] for package in all_packages(project=project) for p in package["programs"]} == {mode}


def test_an_offboarding_deployment_expires_with_its_package() -> None:
    onboarding, offboarding, _settings = all_packages()
    assert "DeadlineDateTime" not in onboarding["programs"][0]["New-CMPackageDeployment"]
    deployment = offboarding["programs"][0]["New-CMPackageDeployment"]
    assert deployment["DeadlineDateTime"] == "2026-12-31T23:59:00"
    assert deployment["UseUtcForExpireSchedule"] is True
    assert offboarding["content"]["staged"]["last_day_utc"] == "2026-12-31"


def test_the_last_day_of_all_time_is_a_day() -> None:
    made = dict(package_artifacts(PROJECT, replace(COLLECTION, packages=(replace(OFFBOARDING, valid_until=date.max),))))
    assert b"9999-12-31T23:59:00" in made["packages/offboarding/package.json"]


def test_a_collection_that_has_an_id_is_deployed_to_by_it() -> None:
    deployment = all_packages(replace(COLLECTION, id="PS10001F"))[0]["programs"][0]["New-CMPackageDeployment"]
    assert deployment["CollectionId"] == "PS10001F"
    assert "CollectionName" not in deployment


def test_own_codes_mean_nothing_to_configmgr() -> None:
    own = [*exit_codes.LAUNCHER.values(), *exit_codes.COMMAND_FILE, *exit_codes.SETTINGS]
    special = limits.SUCCESS_CODES | limits.RESTART_CODES | limits.RETRY_CODES
    assert {entry.code for entry in own} & special == {0, limits.TRY_AGAIN_CODE}
    assert [entry.code for entry in own].count(limits.TRY_AGAIN_CODE) == 1
    by_name = {entry.code for entry in exit_codes.LAUNCHER.values()}
    assert len(by_name) == len(exit_codes.LAUNCHER)
    assert result(limits.TRY_AGAIN_CODE) == "retry"


def test_exit_codes_of_a_package_are_distinct_and_only_those_that_can_happen() -> None:
    onboarding, offboarding, _settings = all_packages()
    for package in (onboarding, offboarding):
        codes = [entry["code"] for entry in package["programs"][0]["exit_codes"]]
        assert codes == sorted(set(codes))
    on, off = ({entry["code"] for entry in package["programs"][0]["exit_codes"]} for package in (onboarding, offboarding))
    assert exit_codes.EXPIRED.code not in on
    assert exit_codes.EXPIRED.code in off
    assert exit_codes.TRY_AGAIN.code in on
    assert exit_codes.TRY_AGAIN.code not in off
    assert exit_codes.SCRIPT_CHANGED.code not in on | off


def test_command_files_are_ascii_with_windows_line_ends() -> None:
    for policy in ExecutionPolicy:
        made = files(replace(PROJECT, execution_policy=policy), replace(COLLECTION, packages=(ONBOARDING,)))
        for path, content in made.items():
            if path.endswith("run.cmd"):
                text = content.decode("ascii")
                assert text.count("\r\n") == text.count("\n") == text.count("\r")
                assert f" -ExecutionPolicy {policy.value} " in text
                assert "%~dp0" in text


HOSTILE = "a'b\u2018\"$(calc)`n;&|<>%PATH%!x!\u00fc\U0001f600\n.cmd"


def test_text_of_a_policy_is_a_literal_in_the_launcher() -> None:
    package = replace(OFFBOARDING, script=HOSTILE, product=HOSTILE, sha256="0" * 64)
    made = files(PROJECT, replace(COLLECTION, name=HOSTILE, packages=(package,)))
    for path, content in made.items():
        if path.startswith("packages/offboarding/source/"):
            text = content.decode("ascii")
            assert "\r" not in text or path.endswith(".cmd")
            assert all(character.isprintable() for character in text.replace("\n", "").replace("\r", ""))
    assert json.loads(made["packages/offboarding/package.json"])["content"]["staged"]["file"] == HOSTILE
    shown = made["packages/offboarding/package.txt"].decode()
    assert "Collection: a'b\u2018\"$(calc)`n;&|<>%PATH%!x!\u00fc\U0001f600<U+000A>.cmd\n" in shown


def test_same_input_same_bytes() -> None:
    collection = replace(COLLECTION, packages=(ONBOARDING, OFFBOARDING))
    assert files(PROJECT, collection) == files(PROJECT, collection)
