"""Which policies write a place of the registry."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from admx_templates import KEY, admx, library, policy
from policyc.driver.places import PlaceError, PolicyOfPlace, policies_of

PROJECT = "project: {name: E, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\n"


@pytest.fixture
def policies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POLICYC_CACHE", "off")
    library(tmp_path, a_admx=admx("\n" + policy(scope="Both")))
    (tmp_path / "project.yaml").write_text(PROJECT + "definitions: [definitions]\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("hive", "scope"), [("HKLM", "machine"), ("HKEY_CURRENT_USER", "user")])
def test_policies_of_a_place(policies: Path, hive: str, scope: str) -> None:
    expected = (PolicyOfPlace("a/One", "The One", scope, ("dword",), "definitions/a.admx", 2),)
    assert policies_of(f"{hive}\\{KEY}:one", policies) == expected
    assert policies_of(f"{hive}\\{KEY} : One", policies) == expected
    assert policies_of(f"{hive}\\{KEY}:Two", policies) == ()


@pytest.mark.parametrize(
    ("asked", "message"),
    [(f"HKLM\\{KEY}", "names no value"), ("HKLM\\Nowhere\\x:y", "no hive 'Nowhere'"), ("HKCR\\x:y", "HKCR")],
)
def test_what_is_no_place(policies: Path, asked: str, message: str) -> None:
    with pytest.raises(PlaceError, match=message):
        policies_of(asked, policies)


def test_a_project_without_templates(policies: Path) -> None:
    (policies / "project.yaml").write_text(PROJECT, encoding="utf-8")
    with pytest.raises(PlaceError, match="names no folder of administrative templates"):
        policies_of(f"HKLM\\{KEY}:One", policies)


def explain(policies: Path, asked: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "policyc", "explain", asked, "--policies", str(policies)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_command(policies: Path) -> None:
    said = explain(policies, f"HKLM\\{KEY}:One")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == "a/One (machine): The One\n  Writes: dword\n  Template: definitions/a.admx:2\n"
    none = explain(policies, f"HKLM\\{KEY}:Two")
    assert none.stdout == f"no policy of the project's templates writes HKLM\\{KEY}:Two\n"
    wrong = explain(policies, f"HKLM\\{KEY}")
    assert wrong.returncode == 2
    assert "names no value" in " ".join(wrong.stderr.split())
