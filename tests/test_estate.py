"""The example estate in policies/: clean on any day, and as broad as it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from policyc.model import Kind, Operator

TOP = Path(__file__).resolve().parents[1]
POLICIES = TOP / "policies"
COMMENTED = re.compile(r"^  #(package:|  \w+: .+)$", re.MULTILINE)


def policyc(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    code = "import sys; from policyc.cli.app import main; sys.exit(main())"
    environment = {**os.environ, "PYTHONPATH": str(TOP / "compiler")}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_committed_output_is_what_the_estate_compiles_to() -> None:
    answer = policyc("compile", "--check", "--policies", POLICIES, "--output", TOP / "output")
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_tests_of_the_estate_pass() -> None:
    answer = policyc("test", "--policies", POLICIES)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.endswith("5 tests passed\n")


@pytest.mark.parametrize("day", ["2016-01-01", "2099-12-31"])
def test_the_estate_never_goes_stale(day: str) -> None:
    """A date in it would make every clone fail from some day on."""
    answer = policyc("validate", "--policies", POLICIES, "--as-of", day)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_offboarding_package_in_the_comment_compiles(tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    shutil.copytree(POLICIES, policies)
    file = policies / "offboarding.yaml"
    text, marks = COMMENTED.subn(r"  \1", file.read_text(encoding="utf-8"))
    assert marks == 3
    file.write_text(text.replace("YYYY-MM-DD", "2026-02-20"), encoding="utf-8")

    answer = policyc("compile", "--policies", policies, "--output", tmp_path / "output", "--as-of", "2026-01-31")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    package = tmp_path / "output" / "defender-atp-offboarding" / "packages" / "offboarding"
    assert "[DateTime]::new(2026, 2, 20)" in (package / "source" / "launch.ps1").read_text(encoding="ascii")

    late = policyc("validate", "--policies", policies, "--as-of", "2026-02-21")
    assert late.returncode == 1, "a package past its last day is an error"
    assert "offboarding.yaml" in late.stdout + late.stderr


def test_hardening_shows_every_type_and_condition() -> None:
    text = (POLICIES / "hardening.yaml").read_text(encoding="utf-8")
    assert [kind for kind in Kind if f"      type: {kind}" not in text] == []
    assert [condition for condition in Operator if f"      {condition}: " not in text] == []


@pytest.mark.parametrize("file", sorted(POLICIES.glob("*.yaml")), ids=lambda file: file.name)
def test_each_policy_names_its_schema(file: Path) -> None:
    kind = "project" if file.name == "project.yaml" else "collection"
    assert file.read_text(encoding="utf-8").startswith(f"# yaml-language-server: $schema=../schema/{kind}.schema.json\n")
