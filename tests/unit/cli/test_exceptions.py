"""An exception's last day, as the commands see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

EXCEPTION = "exceptions: [{settings: [deny-lm], reason: Scanners, owner: Print services, expires: '2026-03-31'}]\n"


def collection(name: str, device: str, more: str = "") -> str:
    return f"""\
collection: {{name: {name}, members: {{devices: [{device}]}}}}
settings:
  deny-lm:
    title: Only NTLMv2 is sent
    registry:
      key: HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa
      name: LmCompatibilityLevel
      type: dword
      at_least: 5
{more}"""


@pytest.fixture
def excepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An estate of two, of which the pilot goes without its only setting."""
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "project.yaml").write_text(
        "project: {name: Example estate, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\nconfigmgr: {signing: none}\n",
        encoding="utf-8",
    )
    (policies / "servers.yaml").write_text(collection("Servers", "SRV-1"), encoding="utf-8")
    (policies / "pilot.yaml").write_text(collection("Pilot", "PC-1", EXCEPTION), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_day_is_told(policyc: Any, excepted: Path) -> None:
    answer = policyc("validate", "--as-of", "2026-01-31")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == "exceptions judged as of 2026-01-31 (UTC)\n2 collections checked\n"
    assert "warning[PC0421]" in policyc("validate", "--as-of", "2026-03-31").err


def test_an_exception_holds_back_its_own_collection_only(policyc: Any, excepted: Path) -> None:
    assert policyc("compile", "--as-of", "2026-03-31").code == 0
    before = (excepted / "output" / "pilot" / "resolved.yaml").read_bytes()
    assert b"deny-lm:" not in before
    for file in ("servers.yaml", "pilot.yaml"):
        policy = excepted / "policies" / file
        policy.write_text(policy.read_text("utf-8").replace("name: Lm", "name: Xm"), encoding="utf-8")
    answer = policyc("compile", "--as-of", "2026-04-01")
    assert answer.code == 1
    assert "error[PC0420]" in answer.err
    assert "held back: output/pilot stays as it was" in answer.out
    assert (excepted / "output" / "pilot" / "resolved.yaml").read_bytes() == before
    assert b"name: XmCompatibilityLevel" in (excepted / "output" / "servers" / "resolved.yaml").read_bytes()
