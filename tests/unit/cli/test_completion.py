"""What the tab key offers, in any state of the policies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def offered(line: str, folder: Path) -> list[str]:
    words = line.split(" ")
    ended = subprocess.run(
        [sys.executable, "-m", "policyc"],
        cwd=folder,
        env={
            **os.environ,
            "_POLICYC_COMPLETE": "complete_bash",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - 1),
        },
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert ended.stderr == ""
    return ended.stdout.split()


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "project.yaml").write_text("project: {name: x}\n", encoding="utf-8")
    text = "collection: {name: Pilot ring}\nsettings:\n  lock-after: {title: x}\n  lsa-protection: {}\n"
    (policies / "pilot.yaml").write_text(text, encoding="utf-8")
    (policies / "broken.yaml").write_text('collection: {name: Broken}\nsettings:\n  x: "\\q"\n', encoding="utf-8")
    (policies / "odd.yaml").write_text("collection: {name: 5}\nsettings: []\n", encoding="utf-8")
    return tmp_path


def test_collections_settings_codes_and_formats(estate: Path) -> None:
    assert offered("policyc show p", estate) == ["pilot-ring"]
    assert offered("policyc show pilot-ring lo", estate) == ["lock-after"]
    assert offered("policyc simulate pilot-ring ls", estate) == ["lsa-protection"]
    assert offered("policyc explain PC011", estate)[:2] == ["PC0110", "PC0111"]
    assert offered("policyc validate --format ", estate) == ["text", "json", "github", "sarif", "junit"]


def test_nothing_is_offered_where_there_is_nothing(tmp_path: Path) -> None:
    assert offered("policyc show p", tmp_path) == []
    (tmp_path / "policies").write_text("a file", encoding="utf-8")
    assert offered("policyc show p", tmp_path) == []
