"""The harness itself: what it makes is there, what it reads is what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from endpoint.device import ROOT, ROOT_32, Device
from endpoint.engine import EngineError, Session
from endpoint.registry import UNREADABLE, Type, Value, binary, differences, dword, expand_sz, multi_sz, qword, sz

USER_ROOT = r"HKU\S-1-5-21-0-0-0-1000\Software\policyc-test"

STATE = {
    ROOT: {"": sz("default"), "text": sz("Grüße $HOME `n 'q' “q” 😀"), "path": expand_sz("%windir%\\x")},
    ROOT + r"\numbers": {"d": dword(0xFFFFFFFF), "q": qword(2**64 - 1), "z": dword(0)},
    ROOT + r"\lists": {
        "none": multi_sz(),
        "three": multi_sz("a", "b c", "ü"),
        "bytes": binary(bytes(range(256))),
        "e": binary(b""),
    },
    ROOT + r"\odd": {**UNREADABLE, "none": Value(Type.NONE, b""), "none with data": Value(Type.NONE, b"\1\2")},
    ROOT + r"\empty": {},
}


@pytest.mark.powershell
class TestSession:
    def test_each_run_has_its_own_exit_code_and_streams(self, powershell: Session, tmp_path: Path) -> None:
        script = tmp_path / "it's a script.ps1"
        script.write_text("param([switch] $Loud)\n'said ' + $Loud\nexit 7\n", encoding="ascii")
        answer = powershell.run(script, "-Loud")
        assert (answer.lines, answer.exit_code) == (["said True"], 7)
        assert powershell.run(script="'x'; Write-Warning 'careful'").lines[0] == "x"

    def test_a_thrown_error_is_a_failure(self, powershell: Session) -> None:
        answer = powershell.run(script="throw 'no way'")
        assert answer.exit_code == 1
        assert "no way" in answer.failure

    def test_text_comes_through_as_it_is(self, powershell: Session) -> None:
        assert powershell.run(script="'Grüße “😀”'").lines == ["Grüße “😀”"]

    def test_an_engine_that_ends_is_replaced(self, powershell: Session) -> None:
        if not powershell.serves:
            pytest.skip("on Windows itself: each run has its own engine")
        with pytest.raises(EngineError, match="ended with 9"):
            powershell.run(script="[Environment]::Exit(9)")
        assert powershell.run(script="1 + 1").lines == ["2"]

    def test_an_engine_that_hangs_is_replaced(self, powershell: Session) -> None:
        if not powershell.serves:
            pytest.skip("on Windows itself: each run has its own engine")
        powershell.run(script="'started'")
        with pytest.raises(EngineError, match="no answer"):
            powershell._ask({"id": "1", "script": "[Threading.Thread]::Sleep(60000)", "timeoutSeconds": 60}, -9.0)
        assert powershell.run(script="1 + 1").lines == ["2"]


@pytest.mark.endpoint
class TestRegistry:
    def test_what_is_installed_is_read_back(self, device: Device) -> None:
        device.install(STATE)
        assert differences(STATE, device.dump(ROOT)[ROOT]) == []

    def test_the_two_views_are_apart(self, device: Device) -> None:
        device.install({ROOT: {"x": dword(64)}, ROOT_32: {"x": dword(32)}})
        dumps = device.dump(ROOT, ROOT_32)
        assert dumps == {ROOT: {ROOT: {"x": dword(64)}}, ROOT_32: {ROOT_32: {"x": dword(32)}}}

    def test_the_views_are_dot_nets(self, device: Device, tmp_path: Path) -> None:
        device.install({ROOT: {"x": dword(64)}, ROOT_32: {"x": dword(32)}})
        script = tmp_path / "read.ps1"
        script.write_text(
            "foreach ($view in 'Registry64', 'Registry32') {\n"
            "  $base = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', $view)\n"
            "  $base.OpenSubKey('SOFTWARE\\policyc-test').GetValue('x')\n}\n",
            encoding="ascii",
        )
        assert device.run(script).lines == ["64", "32"]

    def test_a_user_hive(self, stand_in: Device) -> None:
        stand_in.install({USER_ROOT: {"x": sz("y")}})
        assert stand_in.dump(USER_ROOT)[USER_ROOT] == {USER_ROOT: {"x": sz("y")}}
        stand_in.clean(USER_ROOT)
        assert stand_in.dump(USER_ROOT)[USER_ROOT] == {}

    def test_clean_leaves_nothing(self, device: Device) -> None:
        device.install(STATE)
        device.clean()
        assert device.dump(ROOT)[ROOT] == {}

    def test_an_ordinary_key_below_a_volatile_one_is_refused(self, device: Device, tmp_path: Path) -> None:
        batch = device.batch()
        batch.key(ROOT + r"\gone", volatile=True)
        script = tmp_path / "make.ps1"
        script.write_text("[void] [Microsoft.Win32.Registry]::LocalMachine.CreateSubKey('SOFTWARE\\policyc-test\\gone\\x')\n")
        refused = batch.run(script)
        batch.execute()
        assert refused.exit_code is None
        assert refused.failure

    def test_a_value_goes(self, device: Device) -> None:
        device.install({ROOT: {"x": dword(1), "y": dword(2)}})
        batch = device.batch()
        batch.unset(ROOT, "x")
        batch.execute()
        assert device.dump(ROOT)[ROOT] == {ROOT: {"y": dword(2)}}


@pytest.mark.endpoint
class TestBatch:
    def test_streams_are_kept_apart(self, device: Device, tmp_path: Path) -> None:
        script = tmp_path / "talk.ps1"
        script.write_text(
            "param([string] $Name, [switch] $WhatIf)\n'out'\nWrite-Host 'host'\nWrite-Warning 'warning'\n"
            "Write-Error 'error' -ErrorAction Continue\n\"$Name $WhatIf\"\nexit 3\n",
            encoding="ascii",
        )
        batch = device.batch()
        run = batch.run(script, "-Name=two words", "-WhatIf")
        plain = batch.run(script)
        batch.execute()
        assert (run.out, run.host, run.warnings, run.errors) == (["out", "two words True"], ["host"], ["warning"], ["error"])
        assert (run.exit_code, run.failure) == (3, None)
        assert plain.out[-1] == " False"

    def test_an_error_ends_the_script_and_not_the_batch(self, device: Device, tmp_path: Path) -> None:
        script = tmp_path / "fail.ps1"
        script.write_text("'before'\nthrow 'on purpose'\n", encoding="ascii")
        batch = device.batch()
        run = batch.run(script)
        after = batch.dump(ROOT)
        batch.execute()
        assert (run.out, run.failure, run.exit_code) == (["before"], "on purpose", None)
        assert after.state == {}

    def test_what_bypasses_the_streams_is_noticed(self, stand_in: Device, tmp_path: Path) -> None:
        script = tmp_path / "console.ps1"
        script.write_text("[Console]::Out.WriteLine('past everything')\n", encoding="ascii")
        batch = stand_in.batch()
        run = batch.run(script)
        batch.execute()
        assert (run.out, run.host) == ([], ["past everything"])

    def test_many_steps_are_quick(self, stand_in: Device, tmp_path: Path) -> None:
        script = tmp_path / "nothing.ps1"
        script.write_text("'Compliant'\n", encoding="ascii")
        batch = stand_in.batch()
        runs = []
        for number in range(300):
            batch.install({ROOT + rf"\{number}": {"x": dword(number)}})
            runs.append(batch.run(script))
        dump = batch.dump(ROOT)
        answer = batch.execute()
        assert all(run.out == ["Compliant"] for run in runs)
        assert len(dump.state) == 301
        assert answer.milliseconds < 30_000


@pytest.mark.endpoint
def test_a_command_line_has_windows_exit_code(stand_in: Device, tmp_path: Path) -> None:
    (tmp_path / "exit.ps1").write_text('param($Name)\n"hello $Name"\nexit 3010\n', encoding="ascii")
    line = 'powershell.exe -NoProfile -ExecutionPolicy Bypass -File "exit.ps1" -Name "a b"'
    assert stand_in.cmd(line, tmp_path) == (3010, "hello a b\n")


def test_a_file_of_the_endpoint_is_found_whatever_its_case(tmp_path: Path) -> None:
    (tmp_path / "drive_c" / "windows").mkdir(parents=True)
    device = Device(Session(["true"]), prefix=tmp_path)
    assert device.file(r"C:\Windows\Logs") == tmp_path / "drive_c" / "windows" / "Logs"


def test_differences_name_key_and_value() -> None:
    before = {"HKLM\\a": {"x": dword(1)}, "HKLM\\b": {}}
    after = {"HKLM\\a": {"x": sz("1")}, "HKLM\\c": {}}
    assert differences(before, after) == ["! HKLM\\a : x: DWORD 01000000 -> SZ '1\\x00'", "- HKLM\\b", "+ HKLM\\c"]
