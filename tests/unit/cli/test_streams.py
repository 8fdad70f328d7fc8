"""Standard output that is closed, or that nothing can be written to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

POLICIES = Path(__file__).parents[2] / "golden" / "audit" / "policies"
FULL = Path("/dev/full")


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX closes the stream")
@pytest.mark.parametrize("command", [f"validate --policies {POLICIES}", "--help", "explain PC0401"])
def test_a_closed_stream_is_no_defect(command: str) -> None:
    line = f'"{sys.executable}" -m policyc {command} >&-'
    ended = subprocess.run(["sh", "-c", line], stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_said_and_is_no_defect(unbuffered: str) -> None:
    with FULL.open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "policyc", "explain", "PC0401"],
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 1
    assert "defect" not in ended.stderr
