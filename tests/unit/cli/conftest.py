"""The command, run in this process."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from policyc.cli.app import main


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Policyc = Callable[..., Answer]


@pytest.fixture
def policyc(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Policyc]:
    """`policyc("compile", "--check")` gives exit code, stdout and stderr."""
    thresholds = gc.get_threshold()

    def call(*arguments: str | Path) -> Answer:
        monkeypatch.setattr(sys, "argv", ["policyc", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capfd.readouterr()
        return Answer(int(end.value.code or 0), out, err)

    yield call
    gc.set_threshold(*thresholds)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An estate of two collections; the working folder is its top."""
    policies = tmp_path / "policies"
    (policies / "rings").mkdir(parents=True)
    (policies / "project.yaml").write_text(
        "project: {name: Example estate, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\nconfigmgr: {signing: none}\n",
        encoding="utf-8",
    )
    (policies / "servers.yaml").write_text(collection("Servers", "deny-lm", 5), encoding="utf-8")
    (policies / "rings" / "pilot.yaml").write_text(collection("Pilot", "deny-lm", 4), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def collection(name: str, setting: str, number: object) -> str:
    return f"""\
collection: {{name: {name}, members: {{devices: [{name}-0001]}}}}
settings:
  {setting}:
    title: Only NTLMv2 is sent
    registry:
      key: HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa
      name: LmCompatibilityLevel
      type: dword
      at_least: {number}
"""
