"""Golden imports: files of other people's formats, and what `policyc import` makes of them to the byte.

A case is a folder of `tests/golden_imports/` with what is imported, `arguments` (of the command, one a line), and what is
expected: `report.txt` (what is printed, and the exit code) and `policies/` (what is written; none: nothing may be).
`pytest tests/test_golden_imports.py --accept` takes what comes out for what is expected: read the difference as a review.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden_imports"
CASES = sorted(folder.name for folder in GOLDEN.iterdir() if (folder / "arguments").is_file())
PROJECT = "project: {name: Golden, id: ec8f26db-fbda-5a59-8bae-10a0f1c6b2ac}\nconfigmgr: {signing: none}\n"


def policyc(*arguments: str, cwd: Path, **environment: str) -> str:
    """What is printed, and the exit code."""
    ended = subprocess.run(
        [sys.executable, "-m", "policyc", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONUTF8": "1", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return f"{ended.stderr}----\n{ended.stdout}----\nexit code {ended.returncode}\n"


def imported(case: str, folder: Path, **environment: str) -> tuple[str, dict[str, bytes]]:
    """The report, and the files that were written."""
    shutil.copytree(GOLDEN / case, folder, ignore=shutil.ignore_patterns("policies", "report.txt", "arguments"))
    arguments = (GOLDEN / case / "arguments").read_text(encoding="utf-8").splitlines()
    report = policyc("import", *arguments, cwd=folder, **environment)
    return report, written(folder / "policies")


def written(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("case", CASES)
def test_golden_import(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    report, policies = imported(case, tmp_path / "case")
    expected = GOLDEN / case
    if request.config.getoption("--accept"):
        (expected / "report.txt").write_text(report, encoding="utf-8", newline="\n")
        shutil.rmtree(expected / "policies", ignore_errors=True)
        if policies:
            shutil.copytree(tmp_path / "case" / "policies", expected / "policies")
    assert report == (expected / "report.txt").read_text(encoding="utf-8")
    assert policies == written(expected / "policies")


@pytest.mark.parametrize("case", CASES)
def test_what_was_imported_compiles(case: str, tmp_path: Path) -> None:
    """Beside a project, and with a collection that lists the baselines."""
    policies = tmp_path / "policies"
    if (GOLDEN / case / "policies").is_dir():
        shutil.copytree(GOLDEN / case / "policies", policies)
    policies.mkdir(exist_ok=True)
    (policies / "project.yaml").write_text(PROJECT, encoding="utf-8")
    files = [path.read_text(encoding="utf-8").splitlines() for path in sorted(policies.glob("*.yaml"))]
    names = [lines[lines.index("baseline:") + 1].partition("name: ")[2] for lines in files if "baseline:" in lines]
    if names:
        listed = "".join(f"  - {name}\n" for name in names)
        (policies / "all.yaml").write_text(f"collection:\n  name: All\nbaselines:\n{listed}", encoding="utf-8")
    report = policyc("compile", cwd=tmp_path)
    assert report.endswith("exit code 0\n"), report


def test_the_same_bytes_in_any_surroundings(tmp_path: Path) -> None:
    surroundings = {"PYTHONHASHSEED": "4242", "TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "PYTHONOPTIMIZE": "1"}
    for case in CASES[:2]:
        assert imported(case, tmp_path / case, **surroundings)[1] == written(GOLDEN / case / "policies")


def test_there_are_cases() -> None:
    assert len(CASES) >= 5
