"""The check of a golden image: a person seals it by the exit code alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from endpoint.cases import BEYOND_DOTNET
from endpoint.device import JOURNAL, Device
from endpoint.registry import Value, dword, sz
from endpoint.services import MANAGED, MANAGER, RUNNING, STOPPED, STOPPING, One
from policyc.artifacts import Build
from policyc.model import VDI, Collection, Location, Project
from policyc.targets.vdi import Vdi

pytestmark = pytest.mark.endpoint

PROJECT = Project("Estate", "IT", Location("project.yaml"), "8ee4ffd4-acdb-58d3-be46-275fec287ebb")
SENSOR = r"HKLM\SOFTWARE\Microsoft\Windows Advanced Threat Protection"
POLICIES = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection"
CYBER = r"C:\ProgramData\Microsoft\Windows Defender Advanced Threat Protection\Cyber"
CLEAN, NOT_CLEAN, UNKNOWN, NOT_ELEVATED = 0, 2, 4, 65
SENSE = One("Sense")


@pytest.fixture
def image(device: Device) -> Iterator[Device]:
    """One without anything of the sensor's."""
    if not device.is_stand_in:
        pytest.skip("a Windows may have a sensor of its own")
    keys = (SENSOR, POLICIES, MANAGED, SENSE.key)
    device.clean(*keys)
    yield device
    device.clean(*keys)


@pytest.fixture
def script(tmp_path: Path) -> Callable[[], Path]:
    """The check of a collection whose devices are onboarded."""

    def write() -> Path:
        at = Location("ring.yaml")
        states = (("defender_atp", "onboarded"),)
        ring = Collection("Ring", "ring", at, estate=PROJECT.id, targets=(VDI,), vocabulary_states=states)
        made = {one.path: one.content for one in Vdi().artifacts(PROJECT, ring, Build())}
        path = tmp_path / "check-image.ps1"
        path.write_bytes(made["ring/vdi/check-image.ps1"])
        return path

    return write


def test_a_clean_image(image: Device, script: Callable[[], Path]) -> None:
    before = image.dump(SENSOR, POLICIES, JOURNAL)
    answer = image.run(script())
    assert (answer.exit_code, answer.stderr) == (CLEAN, "")
    assert answer.lines[-1] == "Clean: 7 as they must be, 0 not, 0 could not be judged"
    assert image.dump(SENSOR, POLICIES, JOURNAL) == before
    assert not image.logs()


@pytest.mark.parametrize(
    ("key", "name", "value"),
    [
        (POLICIES, "OnboardingInfo", sz("a blob that nobody may read")),
        (SENSOR, "senseGuid", sz("a blob that nobody may read")),
        (SENSOR, "7DC0B629-D7F6-4DB3-9BF7-64D5AAF50F1A", BEYOND_DOTNET["resource list"]),
        (SENSOR + r"\48A68F11-7A16-4180-B32C-7F974C7BD783", "v", dword(1)),
        (SENSOR + r"\Status", "OnboardingState", dword(1)),
        (SENSOR + r"\Status", "OnboardingState", sz("0")),
    ],
)
def test_what_clones_would_share_is_told(image: Device, script: Callable[[], Path], key: str, name: str, value: Value) -> None:
    image.install({key: {name: value}})
    answer = image.run(script())
    assert answer.exit_code in (NOT_CLEAN, UNKNOWN)
    assert (answer.exit_code == NOT_CLEAN) is (value != BEYOND_DOTNET["resource list"])
    assert answer.lines[-1].startswith("Do not seal it: 6 as they must be, ")
    assert "a blob" not in answer.stdout
    image.clean(SENSOR, POLICIES)
    assert image.run(script()).exit_code == CLEAN


def test_an_image_that_was_offboarded_may_be_sealed(image: Device, script: Callable[[], Path]) -> None:
    image.install({SENSOR + r"\Status": {"OnboardingState": dword(0)}})
    assert image.run(script()).exit_code == CLEAN


@pytest.mark.parametrize(("status", "code"), [(RUNNING, NOT_CLEAN), (STOPPING, NOT_CLEAN), (STOPPED, CLEAN)])
def test_the_service_must_have_stopped(image: Device, script: Callable[[], Path], status: int, code: int) -> None:
    batch = image.batch()
    One("Sense", status=status).install(batch)
    batch.load(MANAGER)
    run = batch.run(script())
    batch.execute()
    assert run.exit_code == code, run.out


def test_files_of_the_sensor_are_told(image: Device, script: Callable[[], Path]) -> None:
    folder = image.file(CYBER)
    folder.mkdir(parents=True)
    assert image.run(script()).exit_code == CLEAN
    try:
        (folder / "below").mkdir()
        (folder / "below" / "left.dat").write_bytes(b"")
        answer = image.run(script())
        assert answer.exit_code == NOT_CLEAN
        assert any(line.startswith("NonCompliant  there are files in ") and "left.dat" in line for line in answer.lines)
    finally:
        (folder / "below" / "left.dat").unlink()
        (folder / "below").rmdir()
        folder.rmdir()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("function Test-Elevation {\n", "function Test-Elevation {\n    return $false\n", NOT_ELEVATED),
        ("Set-StrictMode -Version 3.0\n", "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'\n", UNKNOWN),
        ("[IO.Directory]::EnumerateFiles($path, '*', 'AllDirectories')", "$(throw 'Access is denied')", UNKNOWN),
        ("$counts = @{ Compliant", "throw 'no'\n    $counts = @{ Compliant", UNKNOWN),
    ],
    ids=["not elevated", "constrained", "no access", "defect"],
)
def test_in_doubt_it_is_not_sealed(image: Device, script: Callable[[], Path], old: str, new: str, code: int) -> None:
    path = script()
    text = path.read_text("ascii")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="ascii")
    assert image.run(path).exit_code == code
