"""An exception's last day, as the commands see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

EXCEPTION = "exceptions: [{settings: [deny-lm], reason: Scanners, owner: Print services, expires: '2026-03-31'}]\n"


@pytest.fixture
def excepted(project: Path) -> Path:
    """The estate of two, of which the pilot goes without its only setting, on devices that the other can't have."""
    for file, device in (("servers.yaml", "SRV-1"), ("rings/pilot.yaml", "PC-1")):
        policy = project / "policies" / file
        text = policy.read_text("utf-8").replace("}\nsettings", f", members: {{devices: [{device}]}}}}\nsettings", 1)
        policy.write_text(text + (EXCEPTION if device == "PC-1" else ""), encoding="utf-8")
    return project


def test_the_day_is_told(policyc: Any, excepted: Path) -> None:
    answer = policyc("validate", "--as-of", "2026-01-31")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == "exceptions judged as of 2026-01-31 (UTC)\n2 collections checked\n"
    assert "warning[PC0421]" in policyc("validate", "--as-of", "2026-03-31").err


def test_an_exception_holds_back_its_own_collection_only(policyc: Any, excepted: Path) -> None:
    assert policyc("compile", "--as-of", "2026-03-31").code == 0
    before = (excepted / "output" / "pilot" / "resolved.yaml").read_bytes()
    assert b"deny-lm:" not in before
    for file in ("servers.yaml", "rings/pilot.yaml"):
        policy = excepted / "policies" / file
        policy.write_text(policy.read_text("utf-8").replace("name: Lm", "name: Xm"), encoding="utf-8")
    answer = policyc("compile", "--as-of", "2026-04-01")
    assert answer.code == 1
    assert "error[PC0420]" in answer.err
    assert "held back: output/pilot stays as it was" in answer.out
    assert (excepted / "output" / "pilot" / "resolved.yaml").read_bytes() == before
    assert b"name: XmCompatibilityLevel" in (excepted / "output" / "servers" / "resolved.yaml").read_bytes()
