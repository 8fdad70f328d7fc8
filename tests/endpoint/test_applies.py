"""Settings that are about some versions and kinds of Windows: on the others they are not looked at and never changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from endpoint.cases import key_path, setting, write_scripts
from endpoint.device import ROOT, Device
from endpoint.registry import dword
from policyc.model import Applicability, Fact, FilePlace, Hive, Kind, Operator, Place, Role, Setting, View
from policyc.powershell.scripts import Script
from registry_settings import altered

pytestmark = pytest.mark.endpoint

VERSION = r"HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
PLAIN = setting("plain", Kind.DWORD, Operator.EQUALS, 1, write=1)


def about(name: str, **limits: object) -> Setting:
    return replace(setting(name, Kind.DWORD, Operator.EQUALS, 1, write=1), applies_to=Applicability(**limits))


def told(device: Device, name: str) -> str:
    """A value of the endpoint's own, empty where it has none."""
    script = f"(Get-Item '{VERSION}').GetValue('{name}', '')"
    return device.session.run(script=script).stdout.strip()


def tell(device: Device, name: str, text: str) -> None:
    change = f"Set-ItemProperty '{VERSION}' {name} '{text}'" if text else f"Remove-ItemProperty '{VERSION}' {name}"
    answer = device.session.run(script=change)
    assert not answer.stderr


@pytest.fixture
def kind_of_windows(device: Device) -> Iterator[Device]:
    """The endpoint with a kind of Windows, which the stand-in lacks."""
    before = told(device, "InstallationType")
    if not before:
        tell(device, "InstallationType", "Client")
    yield device
    if told(device, "InstallationType") != before:
        tell(device, "InstallationType", before)


def windows(device: Device) -> tuple[int, Role]:
    """Build and role of the endpoint, as its registry tells them."""
    role = Role.WORKSTATION if told(device, "InstallationType") == "Client" else Role.SERVER
    return int(told(device, "CurrentBuildNumber")), role


def judged(device: Device, folder: Path, settings: list[Setting]) -> set[str]:
    """The ids of the settings that are looked at: none of their values is there."""
    scripts = write_scripts(folder, settings)
    (line,) = device.run(scripts[Script.DISCOVERY]).lines
    return set() if line == "Compliant" else set(line.removeprefix("NonCompliant: ").split(", "))


def test_builds_and_roles(kind_of_windows: Device, tmp_path: Path) -> None:
    device = kind_of_windows
    build, role = windows(device)
    other = Role.SERVER if role is Role.WORKSTATION else Role.WORKSTATION
    settings = [
        PLAIN,
        about("from-here", from_build=build),
        about("from-later", from_build=build + 1),
        about("before-here", before_build=build),
        about("before-later", before_build=build + 1),
        about("between", from_build=build, before_build=build + 1),
        # As text, 9 is greater than any build of Windows 10.
        about("from-long-ago", from_build=9),
        about("this-role", role=role),
        about("other-role", role=other),
        about("this-role-later", role=role, from_build=build + 1),
    ]
    wanted = {one.id for one in settings if one.applies_to.includes(build, role)}
    assert wanted == {"plain", "from-here", "before-later", "between", "from-long-ago", "this-role"}
    assert judged(device, tmp_path, settings) == wanted


def test_what_does_not_apply_is_never_changed(device: Device, tmp_path: Path) -> None:
    build, _ = windows(device)
    later = about("later", from_build=build + 1)
    device.install({key_path(later): {"v": dword(7)}})
    scripts = write_scripts(tmp_path, [PLAIN, later])
    answer = device.run(scripts[Script.REMEDIATION])
    assert (answer.stderr, answer.exit_code) == ("", 0)
    (state,) = device.dump(ROOT).values()
    assert state[key_path(later)] == {"v": dword(7)}
    assert state[key_path(PLAIN)] == {"v": dword(1)}
    lines = device.run(scripts[Script.DETECT]).lines
    assert lines[0] == "NotApplicable later: Title of later"
    assert lines[-1] == "1 compliant, 0 not compliant, 0 could not be judged"


@pytest.mark.parametrize("kind", ["Server", "Server Core"])
def test_servers(stand_in: Device, kind_of_windows: Device, tmp_path: Path, kind: str) -> None:
    tell(stand_in, "InstallationType", kind)
    settings = [about("servers", role=Role.SERVER), about("workstations", role=Role.WORKSTATION)]
    assert judged(stand_in, tmp_path, settings) == {"servers"}


@pytest.mark.parametrize(
    ("name", "text", "limits"),
    [
        ("CurrentBuildNumber", "Insider", {"from_build": 1}),
        ("CurrentBuildNumber", "", {"before_build": 1}),
        ("InstallationType", "", {"role": Role.SERVER}),
    ],
)
def test_a_windows_that_cannot_be_told_is_an_error(
    stand_in: Device, kind_of_windows: Device, tmp_path: Path, name: str, text: str, limits: dict[str, object]
) -> None:
    before = told(stand_in, name)
    scripts = write_scripts(tmp_path, [about("some", **limits)])
    try:
        tell(stand_in, name, text)
        answer = stand_in.run(scripts[Script.DISCOVERY])
    finally:
        tell(stand_in, name, before)
    assert answer.exit_code == 1
    assert "of Windows could not be read" in answer.stderr


PRESENT_KEY = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
FACTS = {
    "key-there": Fact(place=Place(Hive.MACHINE, View.BITS_64, PRESENT_KEY[5:], None)),
    "key-missing": Fact(place=Place(Hive.MACHINE, View.BITS_64, r"SOFTWARE\policyc no such key", None)),
    "value-there": Fact(place=Place(Hive.MACHINE, View.BITS_64, PRESENT_KEY[5:], "currentbuildnumber")),
    "value-missing": Fact(place=Place(Hive.MACHINE, View.BITS_64, PRESENT_KEY[5:], "policyc no such value")),
    "value-of-no-key": Fact(place=Place(Hive.MACHINE, View.BITS_64, r"SOFTWARE\policyc no such key", "")),
    "service-there": Fact(service="eventlog"),
    "service-missing": Fact(service="policyc no such service"),
    "file-there": Fact(file=FilePlace(r"%SystemRoot%\explorer.exe")),
    "folder-there": Fact(file=FilePlace(r"%systemroot%\System32")),
    "file-missing": Fact(file=FilePlace(r"%ProgramFiles%\policyc no such file.exe")),
    "drive-missing": Fact(file=FilePlace(r"Q:\nothing")),
}
THERE = {name for name in FACTS if name.endswith("-there")}


def depending(name: str) -> Setting:
    return replace(setting(name, Kind.DWORD, Operator.EQUALS, 1, write=1), applies_to=Applicability(only_if=FACTS[name]))


def test_what_must_be_there(device: Device, tmp_path: Path) -> None:
    assert judged(device, tmp_path, [depending(name) for name in FACTS]) == THERE


def test_where_it_is_not_there_nothing_is_changed_and_that_is_said(device: Device, tmp_path: Path) -> None:
    one, other = depending("service-there"), depending("service-missing")
    device.install({key_path(other): {"v": dword(7)}})
    scripts = write_scripts(tmp_path, [one, other])
    answer = device.run(scripts[Script.REMEDIATION])
    assert (answer.stderr, answer.exit_code) == ("", 0)
    (state,) = device.dump(ROOT).values()
    assert state[key_path(other)] == {"v": dword(7)}
    assert state[key_path(one)] == {"v": dword(1)}
    lines = device.run(scripts[Script.DETECT]).lines
    assert lines[0] == "NotApplicable service-missing: the service policyc no such service is not there"
    assert lines[-1] == "1 compliant, 0 not compliant, 0 could not be judged"
    assert device.run(scripts[Script.DISCOVERY]).lines == ["Compliant"]


READ = re.compile(r"function Read-Place \{\n(?: *#[^\n]*\n)* *param\((?:\[hashtable\] )?\$Place\)\n")
REFUSED = "@{ State = 'unreadable'; There = $false; Failure = 'refused' }"
REFUSE = f"if ($Place.Path -eq 'SOFTWARE\\policyc refused') {{ return {REFUSED} }}\n"


def refusing(script: Path) -> Path:
    """The same script, to which a key refuses to be read."""
    text = script.read_text("ascii")
    [read] = READ.findall(text)
    made = script.with_name(f"refusing-{script.name}")
    made.write_text(text.replace(read, read + REFUSE), encoding="ascii", newline="\n")
    return made


def test_a_fact_that_cannot_be_told_is_an_error_of_that_setting(device: Device, tmp_path: Path) -> None:
    value = Place(Hive.MACHINE, View.BITS_64, r"SOFTWARE\policyc refused", "Version")
    twin = about("twin")
    # Another setting writes at its place: that makes it no more known.
    other = altered(setting("unknown", Kind.DWORD, Operator.EQUALS, 2, write=2), place=twin.subject.place)
    unknown = replace(other, applies_to=Applicability(only_if=Fact(place=value)))
    known = replace(about("known"), applies_to=Applicability(only_if=Fact(place=replace(value, name=None))))
    scripts = write_scripts(tmp_path, [twin, unknown, known])
    (line,) = device.run(refusing(scripts[Script.DISCOVERY])).lines
    assert line == "NonCompliant: twin, unknown, known"
    answer = device.run(refusing(scripts[Script.REMEDIATE]))
    assert answer.exit_code == 1
    assert answer.lines[-1].startswith("NonCompliant  unknown: ")
    (state,) = device.dump(ROOT).values()
    assert (state[key_path(twin)], state[key_path(known)]) == ({"v": dword(1)}, {"v": dword(1)})
    lines = device.run(refusing(scripts[Script.DETECT])).lines
    assert "what it depends on cannot be read: refused" in "\n".join(lines)
    assert lines[-1] == "2 compliant, 0 not compliant, 1 could not be judged"
