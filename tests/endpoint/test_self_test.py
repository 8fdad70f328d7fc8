"""The self-test that an administrator runs on a device: it passes, leaves nothing, and fails where a function is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from endpoint.device import JOURNAL, Device
from endpoint.engine import Answer

pytestmark = pytest.mark.endpoint

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "self-test.ps1"
SCRATCH = r"HKLM\SOFTWARE\policyc-self-test"


BEYOND_A_STAND_IN = ("journal: closed to all but SYSTEM and administrators",)
"""What a stand-in doesn't keep, and Windows does: the access list of a key."""


def failures(answer: Answer, device: Device) -> list[str]:
    known = BEYOND_A_STAND_IN if device.is_stand_in else ()
    return [line for line in answer.lines if line.startswith("FAILED") and not any(one in line for one in known)]


def test_all_is_as_it_must_be_and_nothing_stays(device: Device) -> None:
    before = device.dump(JOURNAL)
    answer = device.run(SCRIPT, timeout=300)
    assert (failures(answer, device), answer.stderr) == ([], "")
    assert sum(line.startswith("ok ") for line in answer.lines) > 200
    assert answer.exit_code == (1 if device.is_stand_in else 0)
    assert device.dump(SCRATCH)[SCRATCH] == {}
    assert device.dump(JOURNAL) == before


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("return $Data -ge $Operand", "return $Data -gt $Operand", "judged"),
        ("{ 'Ordinal' } else { 'OrdinalIgnoreCase' }", "{ 'OrdinalIgnoreCase' } else { 'Ordinal' }", "judged"),
        ("AtMost = 'be at most {0}'", "AtMost = 'be at least {0}'", "in words"),
        ("    if ($EvenIfChanged) { return 'restore' }\n", "", "-Force"),
        (
            "    $Journal.DeleteValue('Making', $false)\n    $empty = $Journal.SubKeyCount -eq 0",
            "    $empty = $false",
            "the journal is gone",
        ),
    ],
)
def test_a_function_that_is_wrong_is_found(device: Device, tmp_path: Path, old: str, new: str, says: str) -> None:
    text = SCRIPT.read_text("ascii")
    assert old in text
    wrong = tmp_path / "self-test.ps1"
    wrong.write_text(text.replace(old, new, 1), encoding="ascii", newline="\n")
    answer = device.run(wrong, timeout=300)
    assert answer.exit_code == 1
    assert any(says in line for line in failures(answer, device)), answer.lines[-5:]
    assert device.dump(SCRATCH)[SCRATCH] == {}
