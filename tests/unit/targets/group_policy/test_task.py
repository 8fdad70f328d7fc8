"""A vendor's script as an immediate task."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from unit.targets.group_policy.samples import backup, checked, compiled

TASKS = "DomainSysvol/GPO/Machine/Preferences/ScheduledTasks/ScheduledTasks.xml"
OFFBOARD = r"{source: '\\files.example.com\off', script: WindowsDefenderATPOffboardingScript_valid_until_2026-01-31.cmd}"


def atp(state: str, package: str) -> str:
    return f"defender_atp:\n  state: {state}\n  package: {package}\n"


def task(folder: Path, state: str, package: str) -> ET.Element:
    root = ET.fromstring(backup(folder, atp(state, package)).files[TASKS])
    (item,) = root
    assert item.tag == "ImmediateTaskV2"
    return item


def texts(item: ET.Element, name: str) -> list[str]:
    return [one.text or "" for one in item.iter(name)]


def test_the_task_starts_the_script_on_its_share_as_the_system(tmp_path: Path) -> None:
    item = task(tmp_path, "onboarded", r"{source: '\\files.example.com\on & off\'}")
    assert texts(item, "Command") == [r"\\files.example.com\on & off\WindowsDefenderATPOnboardingScript.cmd"]
    properties = item.find("Properties")
    assert properties is not None
    # Each of these, as the console leaves the person who made it in some.
    assert (properties.get("runAs"), texts(item, "UserId")) == (r"NT AUTHORITY\System", [r"NT AUTHORITY\System"])
    assert (properties.get("logonType"), texts(item, "LogonType")) == ("S4U", ["S4U"])
    assert texts(item, "RunLevel") == ["HighestAvailable"]
    assert item.find("Filters") is None


def test_an_offboarding_task_runs_once_and_its_date_is_told(tmp_path: Path) -> None:
    item = task(tmp_path, "offboarded", OFFBOARD)
    (once,) = item.iter("FilterRunOnce")
    first = once.get("id")
    page = (compiled(tmp_path, atp("offboarded", OFFBOARD)) / "README.md").read_text("utf-8")
    assert "refused after 2026-01-31" in page
    other = task(tmp_path, "offboarded", OFFBOARD.replace("01-31", "02-01"))
    assert [one.get("id") for one in other.iter("FilterRunOnce")] != [first]


@pytest.mark.parametrize(
    ("package", "word"),
    [
        ("{source: 'packages/onboarding'}", "a share that devices read"),
        (r"{source: '\\files.example.com\on\x.zip'}", "a share that devices read"),
        ("{script: WindowsDefenderATPOnboardingScript.cmd}", "a share that devices read"),
        (r"{source: '\\files.example.com\%USERNAME%\on'}", "would read its path otherwise"),
    ],
)
def test_a_package_that_no_share_holds_is_refused(tmp_path: Path, package: str, word: str) -> None:
    found = [one for one in checked(tmp_path, atp("onboarded", package)).diagnostics if one.code == "PC2001"]
    assert len(found) == 1
    assert word in found[0].message
    assert found[0].location.path[:2] == ("defender_atp", "package")


def test_a_hash_that_nothing_compares_is_told(tmp_path: Path) -> None:
    package = rf"{{source: '\\files.example.com\on', sha256: {'3f' * 32}}}"
    found = [one for one in checked(tmp_path, atp("onboarded", package)).diagnostics if one.code == "PC2203"]
    assert [one.location.path for one in found] == [("defender_atp", "package", "sha256")]
