"""Packages: their files, the definition file, limits, content and exit codes."""

from __future__ import annotations

import json
from configparser import RawConfigParser
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.model import Collection, DeployAs, ExecutionPolicy, Mode, Project
from policyc.targets.configmgr import exit_codes, limits
from policyc.targets.configmgr.definition import definition_file
from policyc.targets.configmgr.package import (
    Package,
    built_packages,
    package_name,
    script_package,
    settings_programs,
    settings_scripts,
)
from policyc.targets.configmgr.package_data import after_parameters, program_parameters, result
from registry_settings import altered
from unit.targets.samples import (
    APPLICATION,
    COLLECTION,
    OFFBOARDING,
    ONBOARDING,
    POLICY,
    PROJECT,
    SETTING,
    STATE,
    deployment,
    files,
)

REMEDIATED = replace(COLLECTION, settings=(SETTING,))


def packages(project: Project, collection: Collection) -> list[Package]:
    made = [script_package(project, collection, script) for script in built_packages(collection)]
    return [*made, settings_programs(project, collection, settings_scripts(collection))]


def all_packages(project: Project = PROJECT, collection: Collection = REMEDIATED) -> list[Package]:
    return packages(project, replace(collection, packages=(ONBOARDING, OFFBOARDING)))


def test_files_of_a_collection() -> None:
    """Each script once, and what no distribution point needs outside the content sources."""
    made = files(PROJECT, replace(REMEDIATED, packages=(ONBOARDING,)))
    assert sorted(made) == [
        "README.md",
        "compliance/configuration-baseline.cab",
        "compliance/settings/configuration-item.cab",
        "compliance/settings/critical-remediated/discovery.ps1",
        "compliance/settings/critical-remediated/remediation.ps1",
        "deployment.json",
        "packages/onboarding/onboarding.sms",
        "packages/onboarding/package.txt",
        "packages/onboarding/source/launch.ps1",
        "packages/onboarding/source/run.cmd",
        "packages/settings/package.txt",
        "packages/settings/settings.sms",
        "scripts/detect.ps1",
        "scripts/remediate.ps1",
        "scripts/rollback.ps1",
        "scripts/run.cmd",
    ]
    told = json.loads(made["deployment.json"])
    (settings,) = (one["content"] for one in told["packages"] if one["key"] == "settings")
    assert settings["folder"] == "scripts"
    assert {f"scripts/{file['name']}" for file in settings["files"]} == {path for path in made if path.startswith("scripts/")}


def test_files_of_an_application() -> None:
    made = files(PROJECT, replace(COLLECTION, settings=(STATE,), packages=(APPLICATION,)))
    assert sorted(path for path in made if path.startswith("applications/")) == [
        "applications/onboarding/application.txt",
        "applications/onboarding/detection.ps1",
        "applications/onboarding/source/launch.ps1",
        "applications/onboarding/source/run.cmd",
    ]
    assert not any(path.startswith("packages/onboarding") for path in made)
    # The most that ConfigMgr takes for a detection script.
    assert len(made["applications/onboarding/detection.ps1"]) <= 32 * 1024


def test_the_built_in_policy_takes_the_place_of_the_package() -> None:
    assert built_packages(replace(COLLECTION, packages=(POLICY,))) == ()


def test_an_audit_has_no_settings_package() -> None:
    made = files(PROJECT, replace(REMEDIATED, mode=Mode.AUDIT, settings=(altered(SETTING, write=None),)))
    assert not any(path.startswith("packages/") for path in made)


@pytest.mark.parametrize(
    ("name", "publisher", "file"),
    [("Pilot", "IT", "pilot.yaml"), ("x" * 200, "y" * 32, "z" * 200 + ".yaml"), ("\u00e4" * 60, "\u00fc" * 32, "pilot.yaml")],
)
def test_everything_fits(name: str, publisher: str, file: str) -> None:
    collection = replace(REMEDIATED, name=name, origin=replace(COLLECTION.origin, file=file))
    for package in all_packages(replace(PROJECT, publisher=publisher), collection):
        assert len(package.name) <= limits.PACKAGE_NAME
        assert len(package.description) <= limits.PACKAGE_DESCRIPTION
        assert len(package.manufacturer) <= limits.MANUFACTURER
        for program in package.programs:
            assert len(program.name) <= limits.PROGRAM_NAME
            assert len(program.command_line) <= limits.COMMAND_LINE
            assert len(program.comment) <= limits.COMMENT


def test_long_names_that_begin_alike_stay_apart() -> None:
    names = {package_name("Onboarding", replace(COLLECTION, name="n" * 60 + end)) for end in "abc"}
    assert len(names) == 3


def test_the_longest_content_source_that_a_policy_can_name_fits() -> None:
    root = r"\\server" + "\\" + "x" * (160 - 9)
    collection = replace(REMEDIATED, slug="s" * 60, packages=(ONBOARDING, OFFBOARDING))
    made = deployment(replace(PROJECT, content_source=root), collection)
    assert len(made["packages"]) == 3
    assert max(len(package["content"]["source"]) for package in made["packages"]) <= limits.SOURCE_PATH


def read(package: Package) -> RawConfigParser:
    """A package definition file as a reader of .ini files sees it."""
    content = definition_file(package)
    text = content.decode("ascii")
    assert text.count("\r\n") == text.count("\n") == text.count("\r")
    parser = RawConfigParser(strict=True, delimiters=("=",), comment_prefixes=(";",), empty_lines_in_values=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser


@pytest.mark.parametrize("number", range(3))
def test_the_definition_file_says_what_the_cmdlets_are_told(number: int) -> None:
    package = all_packages()[number]
    found = read(package)
    head = found["Package Definition"]
    assert (head["Name"], head["Publisher"], head["Comment"]) == (package.name, package.manufacturer, package.description)
    assert head["Programs"].split(", ") == [program.name for program in package.programs] == found.sections()[2:]
    for program in package.programs:
        said, told, after = found[program.name], program_parameters(program), after_parameters(program)
        assert said["CommandLine"] == told["CommandLine"]
        assert said["Run"] == told["RunType"] == "Hidden"
        assert (said["CanRunWhen"], told["ProgramRunType"]) == ("AnyUserStatus", "WhetherOrNotUserIsLoggedOn")
        assert (said["AdminRightsRequired"], told["RunMode"]) == ("True", "RunWithAdministrativeRights")
        assert said["UserInputRequired"] == str(told["UserInteraction"])
        assert said["DriveLetterConnection"] == "False"
        assert said["ReconnectDriveAtLogon"] == str(told["Reconnect"])
        assert said["EstimatedRunTime"] == str(told["Duration"])
        assert said["EstimatedDiskSpace"] == f"{told['DiskSpaceRequirement']}{told['DiskSpaceUnit']}"
        assert said["Disabled"] == str(after["DisableProgram"])
        assert after["AfterRunningType"] == "NoActionRequired"
        assert after["RunOnAnyPlatform"] is True
        assert not {"AfterRunning", "SupportedClients"} & set(said)
        assert len(said["Comment"]) <= limits.COMMENT


@given(st.text(min_size=1, max_size=32), st.text(min_size=1, max_size=60), st.text(max_size=60))
def test_no_text_of_a_policy_leaves_its_line_of_the_definition_file(publisher: str, name: str, file: str) -> None:
    collection = replace(REMEDIATED, name=name, origin=replace(COLLECTION.origin, file=file))
    plain = read(all_packages()[0])
    for package in all_packages(replace(PROJECT, publisher=publisher), collection)[:1]:
        found = read(package)
        assert found.sections() == plain.sections()
        assert [list(found[section]) for section in found.sections()] == [list(plain[section]) for section in plain.sections()]
        assert len(found["Package Definition"]["Name"]) <= limits.PACKAGE_NAME


def test_a_definition_file_says_where_it_could_not_say_a_character() -> None:
    plain, other = (all_packages(collection=replace(REMEDIATED, name=name))[0] for name in ("Pilot", "B\u00fcro"))
    assert b";" not in definition_file(plain)
    assert definition_file(plain).endswith(b"\r\nDisabled=False\r\n")
    text = definition_file(other).decode("ascii")
    assert text.endswith("\r\n; A character beyond ASCII stands as ? in this file. package.txt has the text as it is.\r\n")
    assert text.startswith("[PDF]\r\nVersion=2.0\r\n")
    assert "\r\nName=Onboarding - B?ro\r\n" in text


def test_own_codes_mean_nothing_to_configmgr() -> None:
    own = [*exit_codes.LAUNCHER.values(), *exit_codes.COMMAND_FILE, *exit_codes.SETTINGS]
    special = limits.SUCCESS_CODES | limits.RESTART_CODES | limits.RETRY_CODES
    assert {entry.code for entry in own} & special == {0, limits.TRY_AGAIN_CODE}
    for some in (exit_codes.LAUNCHER.values(), exit_codes.SETTINGS):
        assert [entry.code for entry in some].count(limits.TRY_AGAIN_CODE) == 1
    by_name = {entry.code for entry in exit_codes.LAUNCHER.values()}
    assert len(by_name) == len(exit_codes.LAUNCHER)
    assert result(limits.TRY_AGAIN_CODE) == "retry"


def test_exit_codes_of_a_package_are_distinct_and_only_those_that_can_happen() -> None:
    onboarding, offboarding, _settings = all_packages()
    for package in (onboarding, offboarding):
        codes = [entry.code for entry in package.programs[0].exit_codes]
        assert codes == sorted(set(codes))
    on, off = ({entry.code for entry in package.programs[0].exit_codes} for package in (onboarding, offboarding))
    assert exit_codes.EXPIRED.code not in on
    assert exit_codes.EXPIRED.code in off
    assert exit_codes.TRY_AGAIN.code in on
    assert exit_codes.TRY_AGAIN.code not in off
    assert exit_codes.SCRIPT_CHANGED.code not in on | off


def test_command_files_are_ascii_with_windows_line_ends() -> None:
    for policy in ExecutionPolicy:
        made = files(replace(PROJECT, execution_policy=policy), replace(REMEDIATED, packages=(ONBOARDING,)))
        for path, content in made.items():
            if path.endswith("run.cmd"):
                text = content.decode("ascii")
                assert text.count("\r\n") == text.count("\n") == text.count("\r")
                assert f" -ExecutionPolicy {policy.value} " in text
                assert "%~dp0" in text


HOSTILE = "a'b\u2018\"$(calc)`n;&|<>%PATH%!x!\u00fc\U0001f600\n.cmd"


@pytest.mark.parametrize("way", [DeployAs.PACKAGE, DeployAs.APPLICATION])
def test_text_of_a_policy_is_a_literal_in_the_launcher(way: DeployAs) -> None:
    package = replace(ONBOARDING, script=HOSTILE, product=HOSTILE, sha256="0" * 64, deploy_as=way)
    collection = replace(COLLECTION, name=HOSTILE, settings=(replace(STATE, title=HOSTILE, why=HOSTILE),), packages=(package,))
    made = files(PROJECT, collection)
    folder = f"{way.value}s/onboarding"
    scripts = [path for path in made if path.startswith(f"{folder}/") and path.endswith((".ps1", ".cmd"))]
    assert len(scripts) >= 2
    for path in scripts:
        text = made[path].decode("ascii")
        assert "\r" not in text or path.endswith(".cmd")
        assert all(character.isprintable() for character in text.replace("\n", "").replace("\r", ""))
    data: dict[str, Any] = deployment(PROJECT, collection)[f"{way.value}s"][0]
    assert data["content"]["staged"]["file"] == HOSTILE
    shown = made[f"{folder}/{way.value}.txt"].decode()
    assert "Collection: a'b\u2018\"$(calc)`n;&|<>%PATH%!x!\u00fc\U0001f600<U+000A>.cmd\n" in shown


def test_the_last_day_of_all_time_is_a_day() -> None:
    made = deployment(PROJECT, replace(COLLECTION, packages=(replace(OFFBOARDING, valid_until=date.max),)))
    parameters = made["packages"][0]["programs"][0]["deployment"]["parameters"]
    assert parameters["DeadlineDateTime"] == "9999-12-31T23:59:00"


def test_same_input_same_bytes() -> None:
    collection = replace(REMEDIATED, packages=(ONBOARDING, OFFBOARDING))
    assert files(PROJECT, collection) == files(PROJECT, collection)
