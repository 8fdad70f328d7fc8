"""Rules that no linter knows."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
PACKAGE = TOP / "compiler" / "policyc"
A_MACHINES_PATH = re.compile(r"(?<![\w.])/(?:home|Users|root)/\w+|[A-Z]:\\Users\\(?!Public|Default)\w+")
BINARY = {".zip", ".png", ".pol"}


def tracked() -> list[Path]:
    """The files that git knows; without git (an unpacked archive), those of the folders that matter."""
    try:
        answer = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return [file for folder in ("compiler", "policies", "schema", "docs", "tests") for file in (TOP / folder).rglob("*.*")]
    return [file for name in answer.stdout.decode().split("\0") if name and (file := TOP / name).is_file()]


FILES = tracked()


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    found = []
    for file in FILES:
        if file.suffix in BINARY or file == Path(__file__):
            continue
        text = file.read_bytes().decode("utf-8", "replace")
        found += [f"{file.relative_to(TOP).as_posix()}: {match.group()}" for match in A_MACHINES_PATH.finditer(text)]
    assert found == []


@pytest.mark.parametrize("suffix", [".ps1.j2", ".ps1", ".cmd", ".cmd.j2"])
def test_what_runs_on_a_device_is_ascii(suffix: str) -> None:
    """Windows PowerShell 5.1 reads a script without a byte order mark in the machine's ANSI code page."""
    scripts = [file for file in FILES if file.name.endswith(suffix) and file.is_relative_to(TOP / "output")]
    scripts += [file for file in PACKAGE.rglob("*") if file.name.endswith(suffix)]
    assert [file.relative_to(TOP).as_posix() for file in scripts if not file.read_bytes().isascii()] == []


def test_templates_use_no_alias_and_evaluate_no_text() -> None:
    forbidden = re.compile(r"\bInvoke-Expression\b|(?<![\w-])iex\b|\bAdd-Type\b|\[scriptblock\]::Create", re.IGNORECASE)
    templates = [file for file in PACKAGE.rglob("*.j2") if not file.name.endswith(".md.j2")]
    assert templates
    assert [file.name for file in templates if forbidden.search(file.read_text(encoding="utf-8"))] == []


def test_python_files_end_lines_the_unix_way() -> None:
    assert [file.name for file in FILES if file.suffix in {".py", ".md", ".yaml", ".toml"} and b"\r" in file.read_bytes()] == []


def test_modules_stay_small() -> None:
    """A module of over 300 lines is two rooms behind one door."""
    lengths = {file.relative_to(TOP).as_posix(): file.read_bytes().count(b"\n") for file in PACKAGE.rglob("*.py")}
    assert {name: length for name, length in lengths.items() if length > 300} == {}
