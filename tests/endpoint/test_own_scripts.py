"""Own scripts on an endpoint: processes of their own, judged by what they print, undone by their own undo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from endpoint.cases import RETIRE
from endpoint.device import JOURNAL, Device, Run
from endpoint.journal import ENTRIES, text_of
from endpoint.own import DISCOVERY, KEY, own, placed, writes
from endpoint.registry import State, sz
from policyc.model import Setting
from policyc.powershell.scripts import Script, script_text

pytestmark = pytest.mark.endpoint
HANGS = 15
"""Seconds within which a script begins also on a busy machine, and after which one that hangs is ended."""


@pytest.fixture
def endpoint(device: Device) -> Iterator[Device]:
    """One that our scripts haven't touched."""
    device.clean(KEY)
    yield device
    device.clean(KEY)


def run(device: Device, *scripts: Path | tuple[Path, str], timeout: float = 240) -> list[Run]:
    batch = device.batch()
    runs = [batch.run(script) if isinstance(script, Path) else batch.run(*script) for script in scripts]
    batch.execute(timeout=timeout)
    return runs


def mode(device: Device) -> str | None:
    values = device.dump(KEY)[KEY].get(KEY, {})
    return text_of(values["Mode"]) if "Mode" in values else None


def journal(device: Device) -> State:
    return {key: values for key, values in device.dump(JOURNAL)[JOURNAL].items() if key.startswith(ENTRIES + "\\")}


def set_mode(device: Device, to: str | None) -> None:
    """The journal stays as it is."""
    batch = device.batch()
    batch.wipe(KEY)
    if to is not None:
        batch.install({KEY: {"Mode": sz(to)}})
    batch.execute()


def work_folders(device: Device) -> list[str]:
    """What runs have left beside the log."""
    folder = device.file(r"C:\windows\Logs\policyc")
    return [one.name for one in folder.iterdir() if one.is_dir()] if folder.is_dir() else []


@pytest.mark.parametrize("before", ["Off", None, 'It\'s $(exit) `"off"`'])
def test_from_another_state_and_back(endpoint: Device, tmp_path: Path, before: str | None) -> None:
    set_mode(endpoint, before)
    back = writes("" if before is None else before.replace("'", "''"))
    scripts = placed(tmp_path, [own(rollback=back)])
    detect, whatif, remediate = run(
        endpoint, scripts[Script.DETECT], (scripts[Script.REMEDIATE], "-WhatIf"), scripts[Script.REMEDIATE]
    )
    shown = f"printing '{before}'" if before else "printing nothing"
    assert detect.exit_code == 1, detect.said
    assert detect.out[1].strip() == f"own script bitlocker is {shown}, must print 'On'"
    assert whatif.exit_code == 1, whatif.said
    assert (remediate.exit_code, remediate.out[-1]) == (0, "Compliant"), remediate.said
    assert mode(endpoint) == "On"
    [entry] = journal(endpoint).values()
    assert text_of(entry["Discovery"]) == DISCOVERY
    assert text_of(entry["Rollback"]) == back
    again, detect, rollback = run(endpoint, scripts[Script.REMEDIATE], scripts[Script.DETECT], scripts[Script.ROLLBACK])
    assert (again.out, detect.exit_code) == (["Compliant"], 0)
    assert rollback.exit_code == 0, rollback.said
    assert mode(endpoint) == before
    assert journal(endpoint) == {}
    assert work_folders(endpoint) == []


def test_what_is_right_is_left_alone(endpoint: Device, tmp_path: Path) -> None:
    set_mode(endpoint, "On")
    scripts = placed(tmp_path, [own(remediation=writes("ran"))])
    detect, remediate, rollback = run(endpoint, scripts[Script.DETECT], scripts[Script.REMEDIATE], scripts[Script.ROLLBACK])
    assert (detect.exit_code, remediate.out, rollback.exit_code) == (0, ["Compliant"], 0)
    assert (mode(endpoint), journal(endpoint)) == ("On", {})


def complains(*lines: str) -> str:
    """A script that says this of its failure."""
    return "".join(f"[Console]::Error.WriteLine('{line}')\n" for line in lines) + "exit 1\n"


FAILS = {
    "two lines": ("'On'\n'On'\n", "The discovery script printed 2 lines, and one is asked for"),
    "a blank line more": ("'On'\n''\n", "The discovery script printed 2 lines"),
    "throws": ("'On'\nthrow 'no such drive'\n", "The discovery script failed: it ended with 1. It said:"),
    "a code": ("'On'\nexit 7\n", "The discovery script failed: it ended with 7"),
    "hangs": ("'On'\nStart-Sleep -Seconds 60\n", "it had not ended after 15 seconds, and was ended. It said: On"),
    "far too much": ("while ($true) { 'x' * 80 }\n", "it said more than 4096 characters, and was ended"),
    "a long line": ("'x' * 257\n", "The discovery script printed no line of 256 characters"),
    "no ASCII": ('"On$([char]7)"\n', "The discovery script printed no line of 256 characters of printable ASCII"),
    "refused": ("[IO.File]::ReadAllText('C:\\windows\\none\\x')\nexit 5\n", "it ended with 5. It said:"),
    "constrained": (
        complains("FullyQualifiedErrorId : MethodNotSupportedInConstrained", "Language"),
        "constrained language mode",
    ),
    "unsigned": (complains("x.ps1 nicht geladen: about_Execution_Policies"), "The execution policy of this device refuses it"),
    "access denied": (
        complains("FullyQualifiedErrorId : UnauthorizedAccessException"),
        "with 1. It said: FullyQualified",
    ),
}


@pytest.mark.parametrize("what", FAILS)
def test_a_discovery_that_fails_is_told_as_its_own_and_nothing_is_changed(endpoint: Device, tmp_path: Path, what: str) -> None:
    discovery, why = FAILS[what]
    set_mode(endpoint, "Off")
    scripts = placed(tmp_path, [own(discovery, seconds=HANGS if what == "hangs" else 30)])
    [remediate] = run(endpoint, scripts[Script.REMEDIATE])
    assert remediate.exit_code == 1
    assert why in "\n".join(remediate.said)
    assert (mode(endpoint), journal(endpoint)) == ("Off", {})
    assert ("execution policy" in "\n".join(remediate.said)) is (what == "unsigned")
    assert work_folders(endpoint) == []


@pytest.mark.parametrize("noise", ["[Console]::Error.WriteLine('odd')\n'On'\n", "Write-Error -Message odd\n'On'\n"])
def test_complaints_that_end_well_are_no_failure(endpoint: Device, tmp_path: Path, noise: str) -> None:
    scripts = placed(tmp_path, [own(noise)])
    detect, remediate = run(endpoint, scripts[Script.DETECT], scripts[Script.REMEDIATE])
    assert (detect.exit_code, remediate.out) == (0, ["Compliant"]), detect.said
    assert "the discovery script complained" in endpoint.logs()[0].read_text("utf-8")


def test_a_capital_counts(endpoint: Device, tmp_path: Path) -> None:
    [detect] = run(endpoint, placed(tmp_path, [own("'on'\n")])[Script.DETECT])
    assert (detect.exit_code, detect.out[1].strip()) == (1, "own script bitlocker is printing 'on', must print 'On'")


REMEDIATIONS = {
    "does nothing": ("$null\n", "Off", "It is printing 'Off' all the same"),
    "throws": ("throw 'no key'\n", "Off", "The remediation script failed: it ended with 1. It said:"),
    "refused before it writes": ("exit 5\n", "Off", "The remediation script failed: it ended with 5"),
    "hangs": ("Start-Sleep -Seconds 60\n", "Off", "had not ended after 15 seconds"),
}


@pytest.mark.parametrize("what", REMEDIATIONS)
def test_a_remediation_that_changes_nothing_keeps_nothing(endpoint: Device, tmp_path: Path, what: str) -> None:
    remediation, after, why = REMEDIATIONS[what]
    set_mode(endpoint, "Off")
    scripts = placed(tmp_path, [own(remediation=remediation, seconds=HANGS if what == "hangs" else 30)])
    [remediate] = run(endpoint, scripts[Script.REMEDIATE])
    assert remediate.exit_code == 1
    assert why in remediate.out[0]
    assert (mode(endpoint), journal(endpoint)) == (after, {})


@pytest.mark.parametrize("then", ["throw 'afterwards'\n", "exit 9\n", "Start-Sleep -Seconds 60\n"])
def test_discovery_decides_whatever_the_remediation_ended_with(endpoint: Device, tmp_path: Path, then: str) -> None:
    set_mode(endpoint, "Off")
    scripts = placed(tmp_path, [own(remediation=writes("On", then), seconds=HANGS)])
    remediate, rollback = run(endpoint, scripts[Script.REMEDIATE], scripts[Script.ROLLBACK])
    assert (remediate.exit_code, rollback.exit_code) == (0, 0), remediate.said
    assert mode(endpoint) == "Off"


def test_half_a_change_is_kept_and_goes_back(endpoint: Device, tmp_path: Path) -> None:
    set_mode(endpoint, "Off")
    scripts = placed(tmp_path, [own(remediation=writes("Half", "throw 'half way'\n"))])
    [remediate] = run(endpoint, scripts[Script.REMEDIATE])
    assert remediate.exit_code == 1
    [entry] = journal(endpoint).values()
    assert (text_of(entry["Previous"]), text_of(entry["Written"])) == ("Off", "Half")
    [rollback] = run(endpoint, scripts[Script.ROLLBACK])
    assert (rollback.exit_code, mode(endpoint), journal(endpoint)) == (0, "Off", {}), rollback.said


def test_what_it_started_ends_with_it(endpoint: Device, tmp_path: Path) -> None:
    late = writes("late").replace("\n", "; ").replace("'", "''")
    child = (
        "$start = [Diagnostics.ProcessStartInfo]::new([IO.Path]::Combine($PSHOME, 'powershell.exe'))\n"
        f"$start.Arguments = '-NoProfile -Command \"Start-Sleep -Seconds 25; {late}\"'\n"
        "$start.UseShellExecute = $false\n$null = [Diagnostics.Process]::Start($start)\nStart-Sleep -Seconds 60\n"
    )
    set_mode(endpoint, "Off")
    scripts = placed(tmp_path, [own(remediation=child, seconds=HANGS)])
    [remediate] = run(endpoint, scripts[Script.REMEDIATE])
    assert remediate.exit_code == 1
    endpoint.session.run(script="Start-Sleep -Seconds 25")
    assert mode(endpoint) == "Off"


@pytest.mark.parametrize("word", ["discovery", "remediation", "rollback"])
def test_a_file_that_was_tampered_with_is_not_run(endpoint: Device, tmp_path: Path, word: str) -> None:
    set_mode(endpoint, "Off")
    scripts = placed(tmp_path, [own()])
    file = tmp_path / f"own-bitlocker-{word}.ps1"
    file.write_bytes(file.read_bytes() + writes("tampered").encode())
    [remediate] = run(endpoint, scripts[Script.REMEDIATE])
    assert remediate.exit_code == 1
    assert "is not the one that was compiled: its SHA-256 is" in "\n".join(remediate.said)
    assert (mode(endpoint), journal(endpoint)) == ("Off", {})


def test_a_file_that_is_missing_is_told(endpoint: Device, tmp_path: Path) -> None:
    scripts = placed(tmp_path, [own()])
    (tmp_path / "own-bitlocker-discovery.ps1").unlink()
    [detect] = run(endpoint, scripts[Script.DETECT])
    assert detect.exit_code == 2
    assert "own-bitlocker-discovery.ps1" in "\n".join(detect.said)


def signed(content: bytes, tail: bytes = b"") -> bytes:
    block = b"\r\n# SIG # Begin signature block\r\n# MIIFuQYJKoZIhvcNAQcCoIIF\r\n# SIG # End signature block\r\n"
    return content + block + tail


def test_a_signature_is_no_tampering_and_code_behind_one_is(endpoint: Device, tmp_path: Path) -> None:
    set_mode(endpoint, "Off")
    scripts = placed(tmp_path, [own()])
    for word in ("discovery", "remediation", "rollback"):
        file = tmp_path / f"own-bitlocker-{word}.ps1"
        file.write_bytes(signed(file.read_bytes()))
    remediate, rollback = run(endpoint, scripts[Script.REMEDIATE], scripts[Script.ROLLBACK])
    assert (remediate.exit_code, rollback.exit_code, mode(endpoint)) == (0, 0, "Off"), remediate.said
    file = tmp_path / "own-bitlocker-remediation.ps1"
    file.write_bytes(file.read_bytes() + b"'more'\r\n")
    [remediate] = run(endpoint, scripts[Script.REMEDIATE])
    assert (remediate.exit_code, mode(endpoint)) == (1, "Off")


def test_a_setting_that_left_the_policy_goes_back_without_its_files(endpoint: Device, tmp_path: Path) -> None:
    set_mode(endpoint, "Off")
    here: list[Setting] = [own()]
    scripts = placed(tmp_path / "with", here)
    [remediate] = run(endpoint, scripts[Script.REMEDIATE])
    assert remediate.exit_code == 0, remediate.said
    [stays] = run(endpoint, scripts[RETIRE])
    assert (stays.exit_code, mode(endpoint)) == (0, "On")
    left = tmp_path / "left"
    left.mkdir()
    retire = left / f"{RETIRE}.ps1"
    retire.write_bytes(script_text(Script.ROLLBACK, slug="test", source="test.yaml", kinds=["script"]))
    [rollback] = run(endpoint, retire)
    assert (rollback.exit_code, mode(endpoint), journal(endpoint)) == (0, "Off", {}), rollback.said


@pytest.mark.parametrize("name", ["Rollback", "Discovery"])
def test_a_text_that_was_altered_in_the_journal_is_not_run(endpoint: Device, tmp_path: Path, name: str) -> None:
    set_mode(endpoint, "Off")
    scripts = placed(tmp_path, [own()])
    run(endpoint, scripts[Script.REMEDIATE])
    [entry] = journal(endpoint)
    endpoint.install({entry: {name: sz(writes("altered"))}})
    [rollback] = run(endpoint, scripts[Script.ROLLBACK])
    assert rollback.exit_code == 1
    assert (mode(endpoint), len(journal(endpoint))) == ("On", 1)


def test_without_a_rollback_script_it_stays_and_is_said(endpoint: Device, tmp_path: Path) -> None:
    set_mode(endpoint, "Off")
    scripts = placed(tmp_path, [own(rollback=None)])
    remediate, rollback = run(endpoint, scripts[Script.REMEDIATE], scripts[Script.ROLLBACK])
    assert (remediate.exit_code, rollback.exit_code) == (0, 1)
    assert "It has no rollback script: what its remediation did stays" in "\n".join(rollback.said)
    assert (mode(endpoint), len(journal(endpoint))) == ("On", 1)
    # Somebody has brought it back by hand: nothing is left to be said.
    set_mode(endpoint, "Off")
    [rollback] = run(endpoint, scripts[Script.ROLLBACK])
    assert (rollback.exit_code, journal(endpoint)) == (0, {})


def test_what_somebody_else_changed_since_is_left_unless_forced(endpoint: Device, tmp_path: Path) -> None:
    set_mode(endpoint, "Off")
    scripts = placed(tmp_path, [own()])
    run(endpoint, scripts[Script.REMEDIATE])
    set_mode(endpoint, "Another")
    detect, rollback = run(endpoint, scripts[Script.DETECT], scripts[Script.ROLLBACK])
    assert "changed by someone else since policyc wrote it" in "\n".join(detect.out)
    assert (rollback.exit_code, mode(endpoint)) == (1, "Another")
    [forced] = run(endpoint, (scripts[Script.ROLLBACK], "-Force"))
    assert (forced.exit_code, mode(endpoint), journal(endpoint)) == (0, "Off", {}), forced.said


def test_a_rollback_that_does_not_bring_it_back_keeps_the_entry(endpoint: Device, tmp_path: Path) -> None:
    set_mode(endpoint, "Off")
    scripts = placed(tmp_path, [own(rollback="$null\n")])
    remediate, rollback = run(endpoint, scripts[Script.REMEDIATE], scripts[Script.ROLLBACK])
    assert (remediate.exit_code, rollback.exit_code) == (0, 1)
    assert "all the same" in "\n".join(rollback.out)
    assert (mode(endpoint), len(journal(endpoint))) == ("On", 1)


def test_two_settings_each_have_their_scripts(endpoint: Device, tmp_path: Path) -> None:
    set_mode(endpoint, "Off")
    scripts = placed(tmp_path, [own(), own("'always'\n", None, expect="always", id="always")])
    remediate, detect, rollback = run(endpoint, scripts[Script.REMEDIATE], scripts[Script.DETECT], scripts[Script.ROLLBACK])
    assert (remediate.exit_code, detect.exit_code, rollback.exit_code, mode(endpoint)) == (0, 0, 0, "Off"), remediate.said
