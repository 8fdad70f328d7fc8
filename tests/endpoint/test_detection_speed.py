"""The benchmark of detection runs; its figures are no test's business."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

PROGRAM = Path(__file__).resolve().parents[1] / "benchmarks" / "detection.py"


@pytest.fixture
def detection(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("detection", PROGRAM)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "detection", module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.endpoint
def test_both_judge_the_same_device(detection: ModuleType) -> None:
    """Each says that all holds, or the measuring ends with an error: what is timed is the same work."""
    rows = detection.measure_detection(count=12, runs=1)
    if rows is None:
        pytest.skip("no Windows endpoint: set POLICYC_ENDPOINT")
    by_hand, generated = rows
    assert "`Get-ItemProperty` over 12 settings" in by_hand.what
    assert "the same 12 settings" in generated.what
    assert by_hand.milliseconds > 0
    assert generated.milliseconds > 0
    assert detection.report(rows).count("\n| the generated discovery script") == 1


def test_without_an_endpoint_there_is_nothing_to_say(detection: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POLICYC_ENDPOINT", raising=False)
    monkeypatch.setattr("endpoint.differential.ON_WINDOWS", False)
    assert detection.measure_detection() is None
