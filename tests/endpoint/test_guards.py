"""What a user of the device can do to a run: long data, slow matches, the lock, the log, text for a console."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from endpoint.cases import RETIRE, key_path, setting, write_scripts
from endpoint.device import JOURNAL, ROOT, Device
from endpoint.registry import differences, dword, multi_sz, sz
from policyc.model import Hive, Kind, Operator, Setting
from policyc.powershell.scripts import BUSY_CODE, Script
from registry_settings import altered

pytestmark = pytest.mark.endpoint

LOG = r"C:\windows\Logs\policyc\policyc-test.log"
USER = r"HKU\S-1-5-21-0-0-0-1000\Software\policyc-test"
ONE = setting("one", Kind.DWORD, Operator.EQUALS, 1, write=1)
HOLDER = r"""
param([switch] $Release)
$domain = [AppDomain]::CurrentDomain
if ($Release) { $domain.GetData('policyc-held').Dispose(); return }
$path = [IO.Path]::Combine([Environment]::GetFolderPath('Windows'), 'Logs\policyc')
$null = [IO.Directory]::CreateDirectory($path)
$domain.SetData('policyc-held', [IO.FileStream]::new("$path\policyc.lock", 'OpenOrCreate', 'ReadWrite', 'None'))
"""


@pytest.fixture(autouse=True)
def _clean_hive(device: Device) -> Iterator[None]:
    """What the tests leave in the user's hive goes."""
    yield
    device.clean(USER)


def of_user(one: Setting) -> Setting:
    return altered(one, place=replace(one.subject.place, hive=Hive.USER, key=rf"Software\policyc-test\{one.id}"))


def patched(file: Path, pattern: str, text: str) -> Path:
    """The script with a line of it changed, wherever it stands."""
    changed, count = re.subn(pattern, text, file.read_text("ascii"), flags=re.MULTILINE)
    assert count >= 1, pattern
    file.write_text(changed, encoding="ascii", newline="\n")
    return file


def test_a_run_that_finds_another_busy_changes_nothing(device: Device, tmp_path: Path) -> None:
    scripts = write_scripts(tmp_path, [ONE])
    device.install({key_path(ONE): {"v": dword(7)}})
    holder = tmp_path / "holder.ps1"
    holder.write_text(HOLDER, encoding="ascii")
    first = device.run(scripts[Script.REMEDIATE])
    assert first.exit_code == 0
    device.install({key_path(ONE): {"v": dword(7)}})
    before = device.dump(ROOT, JOURNAL)
    changing = (Script.REMEDIATE, Script.REMEDIATION, Script.ROLLBACK, RETIRE)
    for script in changing:
        patched(scripts[script], r"^\$LockSeconds ?= ?20$", "$LockSeconds = 0")
    batch = device.batch()
    batch.run(holder)
    runs = [batch.run(scripts[script]) for script in changing]
    looked = batch.run(scripts[Script.REMEDIATE], "-WhatIf")
    batch.run(holder, "-Release")
    after = batch.run(scripts[Script.REMEDIATE])
    log = batch.read(LOG)
    batch.execute()
    assert [run.exit_code for run in runs] == [BUSY_CODE, None, BUSY_CODE, BUSY_CODE]
    assert all("another run has been busy on this device" in " ".join([*run.errors, run.failure or ""]) for run in runs)
    assert looked.exit_code == 1
    assert after.exit_code == 0
    assert "another run has been busy" in log.text
    assert before != device.dump(ROOT, JOURNAL)
    assert differences({key_path(ONE): {"v": dword(1)}}, device.dump(key_path(ONE))[key_path(ONE)]) == []


FOLDERS = [
    ("Directory", "S-1-5-18", ""),
    ("Directory", "S-1-5-32-544", ""),
    ("Directory", "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464", ""),
    ("Directory", "S-1-5-21-1-2-3-500", ""),
    ("Directory", "S-1-5-21-1-2-3-1001", "belongs to S-1-5-21-1-2-3-1001"),
    ("Directory", "S-1-5-32-545", "belongs to S-1-5-32-545"),
    ("Directory, ReparsePoint", "S-1-5-18", "link"),
]


def test_a_folder_of_somebody_else_is_not_used(device: Device, tmp_path: Path) -> None:
    text = write_scripts(tmp_path, [ONE])[Script.REMEDIATE].read_text("ascii")
    (function,) = re.findall(r"^function Get-FolderProblem \{$.*?^\}$", text, flags=re.MULTILINE | re.DOTALL)
    calls = [
        f"Write-Output ('> ' + (Get-FolderProblem -Attributes '{attributes}' -Owner '{owner}' -User 'S-1-5-21-1-2-3-500'))"
        for attributes, owner, _ in FOLDERS
    ]
    script = tmp_path / "folders.ps1"
    script.write_text("\n".join([function, *calls]), encoding="ascii")
    answers = device.run(script).lines
    assert len(answers) == len(FOLDERS)
    for answer, (_, _, problem) in zip(answers, FOLDERS, strict=True):
        assert problem in answer
        assert bool(problem) == (answer.strip() != ">")


def test_no_lock_no_change(device: Device, tmp_path: Path) -> None:
    """Where the folder can't be trusted, nothing is locked, so nothing is changed."""
    scripts = write_scripts(tmp_path, [ONE])
    for script in (Script.REMEDIATE, Script.REMEDIATION, Script.ROLLBACK, Script.DISCOVERY):
        patched(scripts[script], r"^ *\$trusted ?= ?.*$", "    return 'it is not ours'")
    device.install({key_path(ONE): {"v": dword(7)}})
    before = device.dump(ROOT, JOURNAL)
    batch = device.batch()
    runs = [batch.run(scripts[script]) for script in (Script.REMEDIATE, Script.REMEDIATION, Script.ROLLBACK)]
    discovery = batch.run(scripts[Script.DISCOVERY])
    batch.execute()
    assert [run.exit_code for run in runs] == [2, None, 2]
    assert all("can't be used: it is not ours" in " ".join([*run.errors, run.failure or ""]) for run in runs)
    assert discovery.out == ["NonCompliant: one"]
    assert device.dump(ROOT, JOURNAL) == before


def test_the_data_of_a_user_decides_neither_verdict_nor_time(device: Device, tmp_path: Path) -> None:
    slow = of_user(setting("slow", Kind.STRING, Operator.MATCHES, "x*x*x*y", write="y"))
    long = of_user(setting("long", Kind.STRING, Operator.MATCHES, ".*", write="short"))
    big = of_user(setting("big", Kind.MULTI_STRING, Operator.EQUALS, ("a",), write=("a",)))
    mine = [slow, long, big, ONE]
    scripts = write_scripts(tmp_path, mine)
    device.install(
        {
            USER + r"\slow": {"v": sz("x" * 16_000)},
            USER + r"\long": {"v": sz("a" * 20_000)},
            USER + r"\big": {"v": multi_sz(*["b" * 50] * 300)},
            key_path(ONE): {"v": dword(7)},
        }
    )
    batch = device.batch()
    found = batch.run(scripts[Script.DISCOVERY])
    changed = batch.run(scripts[Script.REMEDIATION])
    again = batch.run(scripts[Script.DETECT])
    back = batch.run(scripts[Script.ROLLBACK])
    log = batch.read(LOG)
    batch.execute()
    # The machine's are judged first.
    assert found.out == ["NonCompliant: one, slow, long, big"]
    assert found.milliseconds < 20_000
    assert changed.failure is None
    assert again.exit_code == 0
    assert back.exit_code == 0
    assert max(map(len, log.lines)) < 2_000


def test_what_is_not_reached_in_time_is_said(device: Device, tmp_path: Path) -> None:
    scripts = write_scripts(tmp_path, [ONE])
    for script in (Script.DISCOVERY, Script.REMEDIATION):
        patched(scripts[script], r"^ *\$TimeLimit = \d+$", "$TimeLimit = -20")
    device.install({key_path(ONE): {"v": dword(7)}})
    before = device.dump(ROOT, JOURNAL)
    batch = device.batch()
    found = batch.run(scripts[Script.DISCOVERY])
    changed = batch.run(scripts[Script.REMEDIATION])
    log = batch.read(LOG)
    batch.execute()
    assert found.out == ["NonCompliant: one"]
    assert "still not compliant after remediation: one" in (changed.failure or "")
    assert "was not reached in the -20 seconds" in log.text
    assert device.dump(ROOT, JOURNAL) == before


def test_text_of_values_is_shown_not_obeyed(device: Device, tmp_path: Path) -> None:
    """A console obeys escape sequences, and shows text turned around."""
    hostile = "a\x1b[2Jb\r\nCompliant\u202egnp.exe\u200b\U000e0041 ä"
    text = of_user(setting("text", Kind.STRING, Operator.EQUALS, "x", write="x"))
    listed = of_user(setting("listed", Kind.MULTI_STRING, Operator.EQUALS, ("x",), write=("x",)))
    scripts = write_scripts(tmp_path, [text, listed])
    device.install({USER + r"\text": {"v": sz(hostile)}, USER + r"\listed": {"v": multi_sz(hostile)}})
    batch = device.batch()
    order = (Script.DETECT, Script.REMEDIATE, Script.ROLLBACK)
    runs = [batch.run(scripts[script]) for script in order]
    batch.execute()
    said = [line for run in runs for line in run.said]
    assert all(line.isprintable() for line in said)
    assert sum(r"a\u001b[2Jb\u000d\u000aCompliant\u202egnp.exe\u200b" in line for line in said) == 6
    assert any("\xe4" in line for line in said)
