"""The rights that scripts ask for at a setting's key: those that the act needs, as others may be refused there.

Which rights are asked for is recorded on every endpoint. Where an endpoint lets administrators do all, as Wine's registry does,
the scripts are refused by a check of our own, at the one call that opens keys for a change; what a handle may do, it minds too.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from endpoint.cases import key_path, setting, write_scripts
from endpoint.device import JOURNAL, ROOT, Device
from endpoint.registry import differences, dword, sz
from policyc.model import CreateKey, DeleteValue, Kind, Operator, Setting
from policyc.powershell.scripts import Script
from registry_settings import altered

pytestmark = pytest.mark.endpoint

ALL_BUT_SETTING_VALUES = 0xF003D
ALL_BUT_MAKING_KEYS = 0xF003B
KEY = ROOT + r"\kept"


def below(one: Setting, key: str) -> Setting:
    """The setting below the key whose rights are narrowed."""
    return altered(one, place=replace(one.subject.place, key=r"SOFTWARE\policyc-test\kept" + key))


VALUE = setting("value", Kind.DWORD, Operator.EQUALS, 1, write=1)
GONE = setting("gone", Kind.STRING, Operator.ABSENT, write=DeleteValue())
MADE = setting("made", None, Operator.PRESENT, write=CreateKey())
MADE = altered(MADE, place=replace(MADE.subject.place, name=None))


def narrowed(device: Device, folder: Path, rights: int, scripts: dict[str, Path]) -> dict[str, Path]:
    """Give administrators and SYSTEM these rights at the key alone; keys below it have the usual ones.

    What to run from then on: the scripts themselves where the endpoint minds that, otherwise such as are refused by hand.
    """
    script = folder / "narrow.ps1"
    script.write_text(
        "$rights = [Security.AccessControl.RegistrySecurity]::new()\n"
        f"$rights.SetSecurityDescriptorSddlForm('O:BAG:BAD:P(A;;{rights:#x};;;SY)(A;;{rights:#x};;;BA)')\n"
        "$key = [Microsoft.Win32.Registry]::LocalMachine.CreateSubKey('SOFTWARE\\policyc-test').CreateSubKey(\n"
        "    'kept', 'ReadSubTree', 'None', $rights)\n"
        "$key.Dispose()\n"
        "$denied = @(foreach ($right in 'SetValue', 'CreateSubKey') {\n"
        "    $machine = [Microsoft.Win32.Registry]::LocalMachine\n"
        "    try { $null = $machine.OpenSubKey('SOFTWARE\\policyc-test\\kept', 'ReadWriteSubTree', $right) }\n"
        "    catch [Security.SecurityException] { $right }\n"
        "})\n"
        '"refused: $denied"\n',
        encoding="ascii",
    )
    answer = device.run(script)
    assert answer.failure is None, answer.stderr
    refused = "SetValue" if rights == ALL_BUT_SETTING_VALUES else "CreateSubKey"
    assert answer.lines in ([f"refused: {refused}"], ["refused: "])
    minded = answer.lines != ["refused: "]
    return scripts if minded else {which: refusing(path, rights) for which, path in scripts.items()}


CALL = re.compile(
    r"\$root\.OpenSubKey\((?P<path>\$(?:Change|Entry)\.Path(?:\.Substring\(0, ?\$at\))?), ?'ReadWriteSubTree', ?"
    r"'(?P<right>[\w, ]+)'\)"
)
"""Those that open keys for a change."""


def before_each_call(script: Path, name: str, statement: str) -> Path:
    """The same script, with a statement before each call that opens a key for a change: it has $AskedPath and $AskedRight."""

    def told(call: re.Match[str]) -> str:
        right = f"[Security.AccessControl.RegistryRights] '{call['right']}'"
        return f"$($AskedPath = {call['path']}; $AskedRight = {right}; {statement}; {call[0]})"

    text, calls = CALL.subn(told, script.read_text("ascii"))
    assert bool(calls) == ("'ReadWriteSubTree','QueryValues" in text.replace(" ", "")), "each call is known"
    made = script.with_name(f"{name}-{script.name}")
    made.write_text(text, encoding="ascii", newline="\n")
    return made


def refusing(script: Path, rights: int) -> Path:
    """The same script, refused whatever else than these rights it asks for at the key."""
    asks = f"if ($AskedPath -ieq 'SOFTWARE\\policyc-test\\kept' -and ([int] $AskedRight -band -bnot {rights:#x}))"
    return before_each_call(
        script, "refusing", f"{asks} {{ throw [Security.SecurityException]::new('refused: ' + $AskedRight) }}"
    )


def recording(script: Path) -> Path:
    """The same script, telling the right and the key of each call that opens one for a change."""
    assert CALL.search(script.read_text("ascii"))
    return before_each_call(script, "recording", 'Write-Host "asks $AskedRight $AskedPath"')


class TestAsked:
    def test_each_act_asks_for_its_one_right(self, device: Device, tmp_path: Path) -> None:
        settings = [below(MADE, r"\made\deep"), below(VALUE, r"\value"), below(GONE, r"\there")]
        scripts = write_scripts(tmp_path, settings)
        batch = device.batch()
        batch.install({KEY + r"\there": {"v": sz("before")}})
        before = batch.dump(ROOT)
        remediation = batch.run(recording(scripts[Script.REMEDIATION]))
        rollback = batch.run(recording(scripts[Script.ROLLBACK]))
        back = batch.dump(ROOT)
        batch.execute()
        at = r"SOFTWARE\policyc-test\kept"
        assert [line for line in remediation.host if line.startswith("asks ")] == [
            f"asks CreateSubKey {at}",
            rf"asks CreateSubKey {at}\made",
            f"asks CreateSubKey {at}",
            rf"asks QueryValues, SetValue {at}\value",
            rf"asks QueryValues, SetValue {at}\there",
        ]
        asked = [line for line in rollback.host if line.startswith("asks ")]
        assert sorted(asked) == [rf"asks QueryValues, SetValue {at}\there", rf"asks QueryValues, SetValue {at}\value"]
        assert differences(before.state, back.state) == []


class TestKeys:
    def test_one_is_made_where_values_may_not_be_set(self, device: Device, tmp_path: Path) -> None:
        settings = [below(MADE, r"\made\deep"), below(VALUE, r"\value")]
        scripts = narrowed(device, tmp_path, ALL_BUT_SETTING_VALUES, write_scripts(tmp_path, settings))
        before = device.dump(ROOT)[ROOT]
        batch = device.batch()
        remediation = batch.run(scripts[Script.REMEDIATION])
        after = batch.dump(ROOT)
        rollback = batch.run(scripts[Script.ROLLBACK])
        back, journal = batch.dump(ROOT), batch.dump(JOURNAL)
        batch.execute()
        assert remediation.failure is None
        assert after.state == {**before, KEY + r"\made": {}, KEY + r"\made\deep": {}, key_path(settings[1]): {"v": dword(1)}}
        assert rollback.exit_code == 0, rollback.said
        assert (differences(before, back.state), journal.state) == ([], {})


class TestValues:
    @pytest.mark.parametrize("one", [VALUE, GONE], ids=lambda one: one.id)
    def test_one_is_written_where_keys_may_not_be_made(self, device: Device, tmp_path: Path, one: Setting) -> None:
        scripts = narrowed(device, tmp_path, ALL_BUT_MAKING_KEYS, write_scripts(tmp_path, [below(one, "")]))
        batch = device.batch()
        batch.value(KEY, "v", sz("before"))
        before = batch.dump(ROOT)
        remediation = batch.run(scripts[Script.REMEDIATION])
        after = batch.dump(KEY)
        rollback = batch.run(scripts[Script.ROLLBACK])
        back, journal = batch.dump(ROOT), batch.dump(JOURNAL)
        batch.execute()
        assert remediation.failure is None
        assert after.state == {KEY: {"v": dword(1)} if one is VALUE else {}}
        assert rollback.exit_code == 0, rollback.said
        assert (differences(before.state, back.state), journal.state) == ([], {})


class TestRefused:
    """What the act itself needs and isn't given: told, and nothing is changed."""

    @pytest.mark.parametrize(
        ("one", "key", "rights"),
        [(VALUE, "", ALL_BUT_SETTING_VALUES), (GONE, "", ALL_BUT_SETTING_VALUES), (MADE, r"\made", ALL_BUT_MAKING_KEYS)],
        ids=["value", "gone", "made"],
    )
    def test_it_is_told(self, device: Device, tmp_path: Path, one: Setting, key: str, rights: int) -> None:
        device.install({KEY: {"v": sz("before")}})
        scripts = narrowed(device, tmp_path, rights, write_scripts(tmp_path, [below(one, key)]))
        before = device.dump(ROOT)[ROOT]
        batch = device.batch()
        remediation = batch.run(scripts[Script.REMEDIATION])
        after = batch.dump(ROOT)
        rollback = batch.run(scripts[Script.ROLLBACK])
        back = batch.dump(ROOT)
        batch.execute()
        assert remediation.failure == f"policyc: still not compliant after remediation: {one.id}"
        assert differences(before, after.state) == []
        assert rollback.exit_code == 0, rollback.said
        assert differences(before, back.state) == []
