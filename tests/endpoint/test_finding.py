"""A look at all settings: each key is opened once, none stays open, and the next look sees what is there then."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from endpoint.cases import key_path, setting
from endpoint.device import Device
from endpoint.registry import dword, sz
from policyc.model import Kind, Operator
from policyc.powershell.linker import Names, linked_units, region
from policyc.powershell.rows import entry
from registry_settings import altered

pytestmark = pytest.mark.endpoint

LOOKS = r"""
$Clock = [Diagnostics.Stopwatch]::StartNew()
$TimeLimit = 60
$opened = [Collections.Generic.List[object]]::new()
$plain = ${function:Open-Place}
function Open-Place {
    param([hashtable] $Place)
    $found = & $plain $Place
    $opened.Add($found)
    $found
}
function Show-Look {
    foreach ($finding in @(Get-Finding)) {
        $state = if ($finding.State) { $finding.State.State }
        "$($finding.Setting.Id) $state $($finding.Holds) $($finding.Failure)".TrimEnd()
    }
    $open = 0
    foreach ($one in $opened) {
        if ($null -eq $one.Key) { continue }
        try { $null = $one.Key.GetValueNames(); $open++ } catch [ObjectDisposedException] { }
    }
    "keys $($opened.Count), left open $open"
    $opened.Clear()
}
Show-Look
$key = [Microsoft.Win32.Registry]::LocalMachine.CreateSubKey('SOFTWARE\policyc-test\one')
$key.SetValue('v', 5, 'DWord')
$key.SetValue('late', 'x', 'String')
$key.Dispose()
Show-Look
$TimeLimit = -1
Show-Look
"""


def test_keys_are_opened_once_and_closed_and_each_look_is_new(device: Device, tmp_path: Path) -> None:
    one = setting("one", Kind.DWORD, Operator.AT_LEAST, 5, write=5)
    place = one.subject.place
    of_all = [
        one,
        altered(replace(one, id="late"), place=replace(place, name="late")),
        altered(replace(one, id="spelled"), place=replace(place, key=place.key.upper(), name="V")),
        # In Windows PowerShell, a plain hashtable takes these for one.
        altered(replace(one, id="sharp"), place=replace(place, key=f"{place.key}\\Stra\u00dfe")),
        altered(replace(one, id="double"), place=replace(place, key=rf"{place.key}\Strasse")),
    ]
    device.install({key_path(one): {"v": dword(4)}, rf"{key_path(one)}\Strasse": {"v": dword(6)}})
    rows = [entry(each) for each in of_all]
    roots = Names(frozenset({"Get-Finding"}), frozenset(), frozenset())
    table = "".join(row.text() for row in rows)
    script = tmp_path / "looks.ps1"
    functions = region(linked_units(roots, frozenset().union(*(row.needs for row in rows))))
    script.write_text(
        f"Set-StrictMode -Version 3.0\n$Settings = @(\n{table})\n{functions}{LOOKS}", encoding="ascii", newline="\n"
    )
    batch = device.batch()
    run = batch.run(script)
    batch.execute()
    assert run.failure is None
    assert run.out == [
        *("one present False", "late absent False", "spelled present False", "sharp absent False", "double present True"),
        "keys 3, left open 0",
        *("one present True", "late present False", "spelled present True", "sharp absent False", "double present True"),
        "keys 3, left open 0",
        *(f"{each.id}  False it was not reached in the -1 seconds that this script takes" for each in of_all),
        "keys 0, left open 0",
    ]
    assert device.dump(key_path(one))[key_path(one)][key_path(one)]["late"] == sz("x")
