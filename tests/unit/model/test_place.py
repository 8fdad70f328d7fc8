"""Upper case as .NET has it."""

from __future__ import annotations

import json

import pytest

from policyc.model import upper


@pytest.mark.powershell
def test_upper_is_dotnets(powershell):
    """Each unit's, but for scripts that one side's Unicode is too old for."""
    script = """
    $pairs = [Collections.Generic.List[int[]]]::new()
    for ($i = 0; $i -lt 0xD800; $i++) {
        $upper = ([string][char] $i).ToUpperInvariant()
        if ($upper.Length -ne 1 -or [int] $upper[0] -ne $i) { $pairs.Add([int[]]@($i, [int] $upper[0])) }
    }
    [Console]::Out.Write((ConvertTo-Json -Compress -InputObject $pairs.ToArray()))
    """
    theirs = dict(json.loads(powershell.run(script=script).stdout))
    recent = {*range(0x10A0, 0x1100), *range(0x1C80, 0x1CC0), 0x19B, 0x264, *range(0xA7AE, 0xA7FF), *range(0x13A0, 0x1400)}
    differing = [unit for unit in range(0xD800) if unit not in recent and ord(upper(chr(unit))) != theirs.get(unit, unit)]
    assert [f"U+{unit:04X}" for unit in differing] == []
