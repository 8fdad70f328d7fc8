"""Settings of a service beside settings of the registry's values that Windows keeps its start type in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from policyc.driver.check import check

KEY = r"HKLM\SYSTEM\ControlSet001\Services\spooler"
PROJECT = "project: {name: Services, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\nconfigmgr: {signing: none}\n"
ONE = "collection: {name: One, limited_to: All Systems, members: {devices: [PC-0001]}}\n"
OTHERS = {
    "surely": "collection: {name: Two, limited_to: All Systems, members: {devices: [PC-0001, PC-0002]}}\n",
    "perhaps": "collection: {name: Two, limited_to: All Systems}\n",
    "never": "collection: {name: Two, limited_to: All Systems, members: {devices: [PC-0002]}}\n",
}
CONFLICTS = {"PC0415", "PC0416", "PC0423", "PC0424", "PC0437", "PC0438"}


def setting(name: str, words: str) -> str:
    return f"  {name}: {{title: The {name}, {words}}}\n"


def service(words: str, more: str = "") -> str:
    return setting("service", f"service: {{name: Spooler, {words}}}{more}")


def value(name: str, words: str, more: str = "") -> str:
    return setting("value", f"registry: {{key: '{KEY}', name: {name}, {words}}}{more}")


def found(folder: Path, *files: str) -> list[str]:
    for name, text in {"project": PROJECT, **{f"f{number}": text for number, text in enumerate(files)}}.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    diagnostics = check(folder, date(2026, 1, 31)).diagnostics
    assert not [one for one in diagnostics if one.is_error and one.code not in CONFLICTS], diagnostics
    return sorted(one.code for one in diagnostics if one.code in CONFLICTS)


AUDIT = ", remediate: false"


@pytest.mark.parametrize(
    ("asked", "words", "expected"),
    [
        ("startup: disabled", "type: dword, equals: 4", []),
        ("startup: disabled", "type: dword, equals: 3", ["PC0415"]),
        ("startup: disabled", "absent: true", ["PC0416"]),
        ("startup: disabled, missing: non-compliant", "type: dword, equals: 3", ["PC0415"]),
        ("startup: manual, missing: non-compliant", "type: dword, one_of: [3, 4], set: 4", ["PC0416"]),
        ("startup: manual, missing: non-compliant", "type: dword, one_of: [3, 4], set: 3", []),
        ("startup: delayed", "type: dword, equals: 2", []),
        ("startup: automatic", "type: dword, equals: 2", []),
        ("state: running", "type: dword, equals: 4", ["PC0415"]),
        ("state: running", "type: dword, equals: 3", []),
        ("state: stopped", "type: dword, equals: 4", []),
        ("startup: manual", "type: string, equals: '3'", ["PC0415"]),
    ],
)
def test_start(tmp_path: Path, asked: str, words: str, expected: list[str]) -> None:
    assert found(tmp_path, f"{ONE}settings:\n{service(asked)}{value('Start', words)}") == expected


@pytest.mark.parametrize(
    ("asked", "words", "expected"),
    [
        ("startup: delayed", "type: dword, equals: 1", []),
        ("startup: delayed", "type: dword, equals: 0", ["PC0437"]),
        ("startup: delayed", "absent: true", ["PC0437"]),
        ("startup: automatic", "type: dword, equals: 1", ["PC0437"]),
        ("startup: automatic", "type: dword, equals: 0", []),
        ("startup: automatic", "absent: true", []),
        ("startup: disabled", "type: dword, equals: 1", []),
        ("startup: manual, state: stopped", "type: dword, equals: 1", []),
        ("state: running", "type: dword, equals: 1", []),
    ],
)
def test_delay(tmp_path: Path, asked: str, words: str, expected: list[str]) -> None:
    both = f"{ONE}settings:\n{service(asked)}{value('delayedautostart', words)}"
    assert found(tmp_path, both) == expected
    assert found(tmp_path, both.replace("ControlSet001", "CurrentControlSet").replace("spooler", "SPOOLER")) == expected
    assert found(tmp_path, both.replace("spooler", "Fax")) == []
    assert found(tmp_path, both.replace("spooler'", "spooler\\Parameters'")) == []


def test_two_that_only_report_never_fight(tmp_path: Path) -> None:
    report = f"{ONE}settings:\n{service('startup: delayed', AUDIT)}{value('DelayedAutostart', 'type: dword, equals: 0', AUDIT)}"
    assert found(tmp_path, report) == []


@pytest.mark.parametrize(
    ("meeting", "start", "delay"),
    [("surely", ["PC0423"], ["PC0437"]), ("perhaps", ["PC0424"], ["PC0438"]), ("never", [], [])],
)
def test_of_two_collections(tmp_path: Path, meeting: str, start: list[str], delay: list[str]) -> None:
    one = f"{ONE}settings:\n{service('startup: delayed')}"
    for name, number, expected in (("Start", 3, start), ("DelayedAutostart", 0, delay)):
        assert found(tmp_path, one, f"{OTHERS[meeting]}settings:\n{value(name, f'type: dword, equals: {number}')}") == expected
