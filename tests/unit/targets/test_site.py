"""deployment.json and site.json: parameters that the cmdlets take, marks that fit, one writer for each value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyc.artifacts import Build
from policyc.driver.check import check
from policyc.model import (
    Collection,
    DeployAs,
    Deployment,
    Interval,
    Location,
    MaintenanceWindow,
    Members,
    Project,
    Purpose,
    Rerun,
    Signing,
    Span,
    Version,
    derived_id,
)
from policyc.targets.configmgr import ConfigMgr, limits
from policyc.targets.identity import object_id
from unit.targets.cmdlets import CMDLETS, refusals
from unit.targets.samples import (
    APPLICATION,
    COLLECTION,
    OFFBOARDING,
    ONBOARDING,
    POLICY,
    PROJECT,
    REPORTED,
    SETTING,
    STATE,
    deployment,
    files,
)

START = datetime(2026, 12, 1, 20)  # noqa: DTZ001
NIGHT = MaintenanceWindow("Night", datetime(2026, 12, 5, 22), Span(4, Interval.HOURS), Span(7, Interval.DAYS))  # noqa: DTZ001
MARK = re.compile(r"\[policyc:([0-9a-f]{8}):([0-9a-f]{32}):([0-9a-f]{12})\]\Z")
WORDS = (("sample_collection", "all"), ("reporting_frequency", "expedite"))
EVERYTHING = replace(
    COLLECTION,
    settings=(STATE, SETTING, REPORTED),
    packages=(
        ONBOARDING,
        OFFBOARDING,
        replace(APPLICATION, id="again"),
        replace(POLICY, id="built-in", built_in_settings=WORDS),
    ),
    vocabulary_states=(("defender_atp", "onboarded"),),
)
"""More than a policy can ask for at a time."""
VARIANTS = [
    Deployment(),
    Deployment(start=START, utc=True, rerun=Rerun.ALWAYS, outside_maintenance_windows=True, co_managed=True),
    Deployment(purpose=Purpose.AVAILABLE),
    Deployment(purpose=Purpose.AVAILABLE, start=START, rerun=Rerun.NEVER),
    Deployment(maintenance_windows=(NIGHT,), remediate=False, phase=3, rerun=Rerun.IF_SUCCEEDED),
]


def said(how: Deployment, collection: Collection = EVERYTHING, project: Project = PROJECT) -> dict[str, Any]:
    return deployment(project, replace(collection, deployment=how))


def calls(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], tuple[str, ...]]]:
    """Cmdlet, parameters as they stand in the file, and those that the deployment script adds."""
    for window in data["collection"]["maintenance_windows"]:
        yield "New-CMSchedule", _recurrence(window["every"]), ("Start", "DurationInterval", "DurationCount")
    baseline = data["baseline"]["deployment"]
    yield "New-CMBaselineDeployment", baseline["parameters"], ("Id", "CollectionId", "Schedule")
    yield "New-CMSchedule", _recurrence(baseline["schedule"]["every"]), ("Start",)
    for package in data["packages"]:
        yield "New-CMPackage", package["parameters"], ("Path",)
        for program in package["programs"]:
            yield "New-CMProgram", program["program"], ("PackageId",)
            yield "Set-CMProgram", program["after"], ("PackageId", "ProgramName")
            deployed = program["deployment"]
            scheduled = ("Schedule",) if deployed["schedule"] else ()
            yield "New-CMPackageDeployment", deployed["parameters"], ("PackageId", "ProgramName", "CollectionId", *scheduled)
            if deployed["schedule"]:
                yield "New-CMSchedule", _recurrence(deployed["schedule"]["every"]), ("Start",)
    for application in data["applications"]:
        yield "New-CMApplication", application["parameters"], ()
        yield "Add-CMScriptDeploymentType", application["deployment_type"], ("ApplicationId", "ScriptFile", "ContentLocation")
        yield "New-CMApplicationDeployment", application["deployment"]["parameters"], ("Id", "CollectionId")
    for policy in data["policies"]:
        yield "New-CMAdvancedThreatProtectionPolicy", policy["parameters"], ("FilePath",)


def _recurrence(every: dict[str, Any] | None) -> dict[str, Any]:
    return {"Nonrecurring": True} if every is None else {"RecurInterval": every["interval"], "RecurCount": every["count"]}


@pytest.mark.parametrize("how", VARIANTS)
@pytest.mark.parametrize("version", [None, "1602", "2010", "2403"])
def test_the_cmdlets_take_every_parameter(how: Deployment, version: str | None) -> None:
    made = list(calls(said(how, project=replace(PROJECT, server_version=None if version is None else Version(version)))))
    assert [reason for cmdlet, parameters, added in made for reason in refusals(cmdlet, parameters, *added)] == []
    assert len({cmdlet for cmdlet, _, _ in made}) == 10


def test_a_parameter_that_is_refused_is_told() -> None:
    """The judge of the test above finds what it is there for."""
    assert refusals("New-CMPackage", {"Name": "x", "Nmae": "x"}) == ["New-CMPackage has no Nmae"]
    assert refusals("New-CMProgram", {"StandardProgramName": "x", "CommandLine": "x", "RunType": "Gone"}, "PackageId") == [
        "New-CMProgram takes no RunType 'Gone'"
    ]
    assert refusals("New-CMProgram", {"StandardProgramName": "x", "DeviceProgramName": "x"})[0].startswith(
        "New-CMProgram has no parameter set with"
    )
    assert refusals("New-CMApplication", {})[0].startswith("New-CMApplication lacks one of")
    assert refusals("New-CMPackage", {"Name": 5}) == ["New-CMPackage takes no Name 5"]


def test_the_drive_mode_stays_at_its_default() -> None:
    """Consoles before 2010 spell it otherwise, and the one that runs deploy.ps1 needn't be as old as the policy says."""
    made = deployment(PROJECT, EVERYTHING)
    assert not any("DriveMode" in program["program"] for package in made["packages"] for program in package["programs"])


class TestShape:
    """What deploy.ps1 and monitor.ps1 rely on."""

    def test_the_order_of_the_keys(self) -> None:
        made = said(VARIANTS[1])
        assert list(made) == [
            "version",
            "slug",
            "owner",
            "adopts",
            "log",
            "policy",
            "phase",
            "collection",
            "baseline",
            "packages",
            "applications",
            "policies",
        ]
        assert [one["action"] for one in (*made["packages"], *made["applications"], *made["policies"])] == [
            "onboard",
            "offboard",
            "settings",
            "onboard",
            "onboard",
        ]
        assert [setting["id"] for setting in made["baseline"]["settings"]] == [one.id for one in EVERYTHING.settings]

    def test_a_collection_of_nothing(self) -> None:
        made = said(Deployment(), replace(COLLECTION, settings=(REPORTED,)))
        assert made["packages"][0]["key"] == "settings"
        bare = files(PROJECT, COLLECTION)
        assert json.loads(bare["deployment.json"])["baseline"] is None
        assert not any(path.startswith("compliance/") for path in bare)

    def test_membership(self) -> None:
        assert said(Deployment())["collection"]["members"] is None
        members = Members(None, ("PC-1",), ("In",), ("Out",))
        made = said(Deployment(), replace(COLLECTION, id="PS10001F", limited_to="All Systems", members=members))["collection"]
        assert made["members"] == {"query": None, "devices": ["PC-1"], "include": ["In"], "exclude": ["Out"]}
        assert (made["collection_id"], made["limited_to"]) == ("PS10001F", "All Systems")

    def test_the_files_of_the_content_are_those_that_are_written(self) -> None:
        written = files(PROJECT, EVERYTHING)
        made = json.loads(written["deployment.json"])
        for package in (*made["packages"], *made["applications"]):
            folder = package["content"]["folder"] + "/"
            there = {path.removeprefix(folder) for path in written if path.startswith(folder)}
            assert {file["name"] for file in package["content"]["files"]} == there
        for item in (*made["baseline"]["items"], made["baseline"]):
            assert item["cabinet"] in written
        assert all(application["detection_script"] in written for application in made["applications"])

    def test_where_the_content_source_is(self) -> None:
        made = deployment(replace(PROJECT, content_source=r"\\files\policyc"), EVERYTHING)
        assert made["packages"][0]["content"]["source"] == r"\\files\policyc\pilot-workstations\onboarding"
        assert said(Deployment())["packages"][0]["content"]["source"] is None

    def test_the_site(self) -> None:
        wait = Span(90, Interval.MINUTES)
        project = replace(
            PROJECT, site_code="PS1", signing=Signing.REQUIRED, server_version=Version("1602"), offboarding_wait=wait
        )
        [file] = [one for one in ConfigMgr().project_artifacts(project, Build()) if one.path == "site.json"]
        made = json.loads(file.content)
        assert {
            key: made[key] for key in ("version", "project", "site", "signing", "content_source", "offboarding_wait_hours")
        } == {
            "version": 1,
            "project": {"name": "Example estate", "id": PROJECT.id.replace("-", ""), "mark": "8ee4ffd4"},
            "site": {"code": "PS1", "server": None, "server_version": "1602", "client_version": None},
            "signing": "required",
            "content_source": None,
            "offboarding_wait_hours": 2,
        }


def objects(made: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, int]]:
    """Everything that carries a mark: the entry with its id and hash, the text with the mark, the room for that."""
    baseline = made["baseline"]
    yield baseline, baseline["description"], limits.DESCRIPTION
    for item in baseline["items"]:
        yield item, item["description"], limits.DESCRIPTION
    for package in made["packages"]:
        yield package, package["parameters"]["Description"], limits.PACKAGE_DESCRIPTION
        for program in package["programs"]:
            yield program, program["after"]["Comment"], limits.COMMENT
            yield program["deployment"], program["deployment"]["parameters"]["Comment"], limits.COMMENT
    for application in made["applications"]:
        yield application, application["parameters"]["Description"], limits.APPLICATION_DESCRIPTION
        yield application["deployment"], application["deployment"]["parameters"]["Comment"], limits.COMMENT
    for policy in made["policies"]:
        yield policy, policy["parameters"]["Description"], limits.BUILT_IN_POLICY_DESCRIPTION


TEXTS = st.text(min_size=1, max_size=32) | st.sampled_from(["n" * 255, "\u00e4" * 255, "\U0001f600" * 120, "[policyc:", "a]b"])


@settings(max_examples=20, deadline=None)
@given(name=TEXTS, file=TEXTS, project=TEXTS, product=st.sampled_from(["Windows Defender ATP", "p" * 300]))
def test_the_mark_of_every_object_fits_and_is_its_own(name: str, file: str, project: str, product: str) -> None:
    scripts = tuple(replace(script, product=product) for script in EVERYTHING.packages)
    collection = replace(EVERYTHING, name=name, origin=Location(file), packages=scripts)
    made = deployment(replace(PROJECT, name=project), collection)
    seen = []
    for entry, text, room in objects(made):
        assert len(text) <= room
        found = MARK.search(text)
        assert found is not None
        assert found.groups() == (PROJECT.id[:8], entry["id"], entry["hash"])
        seen.append(entry["id"])
    assert len(set(seen)) == len(seen) == 3 + 3 + 5 * 2 + 2 + 1
    for application in made["applications"]:
        assert len(application["parameters"]["Name"]) <= limits.APPLICATION_NAME
    for policy in made["policies"]:
        assert len(policy["parameters"]["Name"]) <= limits.BUILT_IN_POLICY_NAME


class TestIdentity:
    def test_ids_are_for_ever(self) -> None:
        """Another id would be another object on every site: these may never change."""
        assert derived_id("Example estate") == "8ee4ffd4-acdb-58d3-be46-275fec287ebb"
        package = object_id("8ee4ffd4-acdb-58d3-be46-275fec287ebb", "pilot-workstations", "package", "onboarding")
        assert package == UUID("08d8312c-69c7-5d6d-82bb-d22233572e49")

    def test_a_name_or_title_changes_no_id(self) -> None:
        renamed = replace(EVERYTHING, settings=tuple(replace(one, title="Another") for one in EVERYTHING.settings))
        ids = [[entry["id"] for entry, _, _ in objects(said(Deployment(), one))] for one in (EVERYTHING, renamed)]
        assert ids[0] == ids[1]

    def test_another_project_or_collection_has_other_ids(self) -> None:
        made = [
            {entry["id"] for entry, _, _ in objects(one)}
            for one in (
                said(Deployment()),
                said(Deployment(), replace(EVERYTHING, slug="other")),
                said(Deployment(), project=replace(PROJECT, id=derived_id("Other"))),
                said(Deployment(), project=replace(PROJECT, name="Other")),
            )
        ]
        assert not made[0] & made[1]
        assert not made[0] & made[2]
        assert made[0] == made[3], "the name is for people"

    @pytest.mark.parametrize(
        ("how", "changed"),
        [
            (Deployment(outside_maintenance_windows=True), {"deployment"}),
            (Deployment(start=START), {"deployment"}),
            (Deployment(distribution_point_groups=("All",)), {"package", "application"}),
            (Deployment(phase=2), set()),
            (Deployment(folder="policyc"), set()),
        ],
    )
    def test_a_hash_changes_with_what_the_object_shall_be(self, how: Deployment, changed: set[str]) -> None:
        before, after = said(Deployment()), said(how)
        told = set()
        for (one, _, _), (other, _, _) in zip(objects(before), objects(after), strict=True):
            if one["hash"] != other["hash"]:
                told.add("package" if "programs" in one else "application" if "deployment_type" in one else "deployment")
        assert told == changed
        assert (before["collection"]["hash"] != after["collection"]["hash"]) == (how.folder is not None)


class TestSchedules:
    @pytest.mark.parametrize(
        ("how", "schedule", "parameters"),
        [
            (Deployment(), "daily", {"ScheduleEvent": "AsSoonAsPossible"}),
            (
                Deployment(start=START, utc=True),
                "daily",
                {"AvailableDateTime": "2026-12-01T20:00:00", "UseUtcForAvailableSchedule": True},
            ),
            (Deployment(purpose=Purpose.AVAILABLE), None, {"DeployPurpose": "Available", "RunFromSoftwareCenter": True}),
        ],
    )
    def test_of_an_onboarding_program(self, how: Deployment, schedule: str | None, parameters: dict[str, object]) -> None:
        [onboarding, offboarding, *_] = said(how)["packages"]
        made = onboarding["programs"][0]["deployment"]
        assert parameters.items() <= made["parameters"].items()
        assert ("ScheduleEvent" in made["parameters"]) == ("ScheduleEvent" in parameters)
        day = {"interval": "Days", "count": 1}
        start = None if how.start is None else "2026-12-01T20:00:00"
        assert made["schedule"] == (None if schedule is None else {"start": start, "every": day, "utc": how.utc})
        once = offboarding["programs"][0]["deployment"]["schedule"]
        assert once == (None if how.start is None else {"start": start, "every": None, "utc": how.utc})

    def test_an_offboarding_expires_with_its_package_and_never_runs_again(self) -> None:
        for how in VARIANTS:
            [onboarding, offboarding, *_] = said(how)["packages"]
            assert "DeadlineDateTime" not in onboarding["programs"][0]["deployment"]["parameters"]
            made = offboarding["programs"][0]["deployment"]["parameters"]
            assert made["DeadlineDateTime"] == "2026-12-31T23:59:00"
            assert made["UseUtcForExpireSchedule"] is True
            assert made["RerunBehavior"] == "NeverRerunDeployedProgram"
            assert offboarding["content"]["staged"]["last_day_utc"] == "2026-12-31"

    @pytest.mark.parametrize(
        ("rerun", "behavior"),
        [
            (None, "RerunIfFailedPreviousAttempt"),
            (Rerun.ALWAYS, "AlwaysRerunProgram"),
            (Rerun.NEVER, "NeverRerunDeployedProgram"),
            (Rerun.IF_SUCCEEDED, "RerunIfSucceededOnPreviousAttempt"),
        ],
    )
    def test_rerun(self, rerun: Rerun | None, behavior: str) -> None:
        made = said(Deployment(rerun=rerun))["packages"][0]["programs"][0]["deployment"]["parameters"]
        assert made["RerunBehavior"] == behavior
        assert behavior in CMDLETS["New-CMPackageDeployment"]["parameters"]["RerunBehavior"]["values"]

    @pytest.mark.parametrize(
        ("how", "expected"),
        [
            (Deployment(), {"EnableEnforcement": True, "OverrideServiceWindow": False}),
            (Deployment(remediate=False), {"EnableEnforcement": False, "OverrideServiceWindow": False}),
            (Deployment(outside_maintenance_windows=True), {"EnableEnforcement": True, "OverrideServiceWindow": True}),
        ],
    )
    def test_of_the_baseline(self, how: Deployment, expected: dict[str, bool]) -> None:
        assert said(how)["baseline"]["deployment"]["parameters"] == expected

    def test_a_baseline_that_remediates_nothing_enforces_nothing(self) -> None:
        made = said(Deployment(), replace(COLLECTION, settings=(REPORTED,)))["baseline"]["deployment"]["parameters"]
        assert made["EnableEnforcement"] is False

    def test_of_an_application(self) -> None:
        as_soon = said(Deployment())["applications"][0]["deployment"]["parameters"]
        assert not {"AvailableDateTime", "DeadlineDateTime"} & set(as_soon)
        required = said(Deployment(start=START, utc=True))["applications"][0]["deployment"]["parameters"]
        assert required["AvailableDateTime"] == required["DeadlineDateTime"] == "2026-12-01T20:00:00"
        assert (required["TimeBaseOn"], required["UserNotification"]) == ("Utc", "HideAll")
        offered = said(Deployment(start=START, purpose=Purpose.AVAILABLE))["applications"][0]["deployment"]["parameters"]
        assert "DeadlineDateTime" not in offered
        assert (offered["DeployPurpose"], offered["UserNotification"]) == ("Available", "DisplaySoftwareCenterOnly")

    def test_maintenance_windows(self) -> None:
        made = said(Deployment(maintenance_windows=(NIGHT, replace(NIGHT, name="Once", every=None)), utc=True))
        assert made["collection"]["maintenance_windows"] == [
            {
                "name": name,
                "start": "2026-12-05T22:00:00",
                "duration": {"interval": "Hours", "count": 4},
                "every": every,
                "utc": True,
            }
            for name, every in (("Night", {"interval": "Days", "count": 7}), ("Once", None))
        ]


class TestBuiltInPolicy:
    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            ((), {}),
            (WORDS, {"SampleSharingType": "All", "TelemetryReportingFrequencyType": "Expedited"}),
            ((("sample_collection", "none"),), {"SampleSharingType": "None"}),
            ((("reporting_frequency", "normal"),), {"TelemetryReportingFrequencyType": "Normal"}),
        ],
    )
    def test_it_takes_what_the_words_say(self, words: tuple[tuple[str, str], ...], expected: dict[str, str]) -> None:
        collection = replace(COLLECTION, packages=(replace(POLICY, built_in_settings=words),))
        [made] = said(Deployment(), collection)["policies"]
        parameters = made["parameters"]
        own = {"Name": "Onboarding - Pilot workstations", "PolicyType": "Onboarding", "Description": parameters["Description"]}
        assert parameters == {**own, **expected}
        assert made["file"] == {"name": "WindowsDefenderATP.onboarding", "from": POLICY.source, "last_day_utc": None}

    def test_offboarding(self) -> None:
        script = replace(OFFBOARDING, deploy_as=DeployAs.POLICY, configuration_file="x_valid_until_2026-12-31.offboarding")
        [made] = said(Deployment(), replace(COLLECTION, packages=(script,)))["policies"]
        assert (made["action"], made["parameters"]["PolicyType"]) == ("offboard", "Offboarding")
        assert made["file"]["last_day_utc"] == "2026-12-31"

    @pytest.mark.parametrize("way", DeployAs)
    def test_no_value_has_two_writers(self, tmp_path: Path, way: DeployAs) -> None:
        """Where the policy of the site writes sample sharing and frequency, the settings only report them."""
        (tmp_path / "project.yaml").write_text(
            "project:\n  name: Example\n  id: 6eb3e9c0-8007-57db-857f-94065b852411\n", encoding="utf-8"
        )
        (tmp_path / "pilot.yaml").write_text(ONBOARDS.format(way=way.value), encoding="utf-8")
        checked = check(tmp_path, date(2026, 1, 31))
        assert not checked.stopped
        assert checked.project is not None
        [collection] = checked.collections
        made = deployment(checked.project, collection)
        by_policy = [parameter for policy in made["policies"] for parameter in policy["parameters"] if parameter in VALUES]
        by_setting = [VALUES_BY_ID[one.id] for one in collection.settings if one.remediated and one.id in VALUES_BY_ID]
        assert sorted(by_policy + by_setting) == sorted(VALUES)
        assert bool(by_policy) == (way is DeployAs.POLICY)
        assert {one.id for one in collection.settings} >= set(VALUES_BY_ID)


ONBOARDS = """
collection:
  name: Pilot
defender_atp:
  state: onboarded
  package:
    configuration_file: WindowsDefenderATP.onboarding
    deploy_as: {way}
  sample_collection: all
  reporting_frequency: expedite
"""
VALUES_BY_ID = {
    "defender-atp-sample-collection": "SampleSharingType",
    "defender-atp-reporting-frequency": "TelemetryReportingFrequencyType",
}
VALUES = tuple(VALUES_BY_ID.values())
