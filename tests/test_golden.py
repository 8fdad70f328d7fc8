"""Golden cases: a folder of policies, and what policyc makes of it to the byte.

A case is a folder of `tests/golden/` with `policies/`, perhaps `options` (further arguments), and what is expected:
`findings.txt` (what is printed, and the exit code) and `output/` (what is written; none: nothing may be).
`pytest tests/test_golden.py --accept` takes what comes out for what is expected: read the difference as a review.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from policyc.powershell.monitor_script import monitor_script
from policyc.powershell.site_scripts import deploy_intune_script, deploy_script

GOLDEN = Path(__file__).parent / "golden"
DAY = "2026-01-15"
CASES = sorted(folder.name for folder in GOLDEN.iterdir() if (folder / "policies").is_dir())


def policyc(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "policyc", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONUTF8": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def compile_case(case: str, to: Path, **environment: str) -> str:
    """What was printed, and the exit code."""
    options = GOLDEN / case / "options"
    more = options.read_text("utf-8").split() if options.exists() else []
    ended = policyc("compile", "--output", str(to), "--as-of", DAY, *more, cwd=GOLDEN / case, **environment)
    printed = ended.stdout.replace(to.as_posix(), "output")
    return f"{printed}exit code {ended.returncode}\n"


CONSTANT = {"deploy.ps1": deploy_script, "monitor.ps1": monitor_script, "deploy-intune.ps1": deploy_intune_script}
"""The same in every output, so no case keeps a copy: the manifest has their hash."""


BUILT = (".cab", ".built.json")
"""What git doesn't keep, so no case does: the manifest has the hash of each cabinet."""


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(BUILT)
    }


def own_files(folder: Path) -> dict[str, bytes]:
    """The files of a case, after a look at those that it doesn't keep."""
    found = files(folder)
    for name, content in CONSTANT.items():
        assert found.pop(name, None) in (None, content())
    listed = json.loads(found["manifest.json"])["files"] if found else {}
    built = {path for path, entry in listed.items() if entry.get("built")}
    cabinets = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.cab")}
    assert cabinets.keys() == built
    for path, cabinet in cabinets.items():
        assert sha256(cabinet.read_bytes()).hexdigest() == listed[path]["sha256"], path
    return found


def unkept(output: Path, at: Path, names: list[str]) -> set[str]:
    constant = CONSTANT if at == output else {}
    return {name for name in names if name in constant or name.endswith(BUILT)}


@pytest.mark.parametrize("case", CASES)
def test_golden(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    to = tmp_path / "output"
    printed = compile_case(case, to)
    expected = GOLDEN / case
    if request.config.getoption("--accept"):
        (expected / "findings.txt").write_text(printed, encoding="utf-8", newline="\n")
        shutil.rmtree(expected / "output", ignore_errors=True)
        if to.exists():
            shutil.copytree(to, expected / "output", ignore=lambda at, names: unkept(to, Path(at), names))
    assert printed == (expected / "findings.txt").read_text("utf-8")
    assert own_files(to) == files(expected / "output")


def test_there_are_cases() -> None:
    assert len(CASES) >= 10


SURROUNDINGS = (
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "4242", "TZ": "America/Adak", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "PYTHONOPTIMIZE": "1"},
)


@pytest.mark.parametrize("case", ["every-kind", "defender-atp", "hostile-text"])
def test_the_same_bytes_in_any_surroundings(case: str, tmp_path: Path) -> None:
    """Another hash seed, time zone, locale, working folder and order of the files on disk."""
    for number, surroundings in enumerate(SURROUNDINGS):
        home = tmp_path / f"home {number}"
        policies = home / "elsewhere" / "policies"
        policies.mkdir(parents=True)
        found = sorted((GOLDEN / case / "policies").iterdir(), reverse=bool(number))
        for file in found:
            shutil.copy(file, policies)
        to = home / "output"
        arguments = ["compile", "--policies", "elsewhere/policies", "--output", "output", "--as-of", DAY]
        ended = policyc(*arguments, cwd=home, **surroundings)
        assert ended.returncode == 0, ended.stdout
        assert own_files(to) == files(GOLDEN / case / "output")
