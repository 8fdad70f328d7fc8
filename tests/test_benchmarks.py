"""The benchmark runs; its figures are no test's business."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]


def test_a_small_estate_is_measured() -> None:
    command = [sys.executable, "tests/benchmarks/run.py", "--collections", "2", "--settings", "20"]
    answer = subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=300, check=False)
    assert answer.returncode == 0, answer.stderr
    assert "| `policyc compile`, nothing there before |" in answer.stdout
    assert answer.stderr == ""
