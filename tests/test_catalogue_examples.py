"""Each example of the catalogue, compiled: it gives its code, and the mended one gives no error."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from policyc.artifacts import Build, write
from policyc.diagnostics import Diagnostic, pages
from policyc.driver.check import Checked, check
from policyc.driver.walk import walk
from policyc.simulation.cases import run_cases
from policyc.source import load_project

BLOCK = re.compile(r"^```(?:yaml|powershell|xml) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTIONS = re.compile(r"^Options: (.+)$", re.MULTILINE)
PROJECT = "project:\n  name: Example estate\n  id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb\n"
COMPILED = [code for code in pages.codes() if BLOCK.search(pages.page(code).section("Example"))]
MENDED = [code for code in pages.codes() if BLOCK.search(pages.page(code).section("Fixed"))]


def compiled(section: str, folder: Path) -> list[Diagnostic]:
    """What a section's policies give, compiled as far as they go."""
    policies = folder / "policies"
    policies.mkdir()
    (policies / "project.yaml").write_text(PROJECT, encoding="utf-8")
    for name, text in BLOCK.findall(section):
        file = policies / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    given = OPTIONS.search(section)
    options = given[1].split() if given else []
    day = date.fromisoformat(options[options.index("--as-of") + 1]) if "--as-of" in options else date(2026, 1, 31)
    checked = check(policies, day, read_packages="--read-packages" in options)
    diagnostics = list(checked.diagnostics)
    if not checked.stopped:
        diagnostics += write(folder / "output", walk(checked, Build()), hold=checked.held).diagnostics
        diagnostics += findings_of_tests(checked, policies)
    return diagnostics


def findings_of_tests(checked: Checked, policies: Path) -> list[Diagnostic]:
    """What the tests among the policies find."""
    documents = [one for one in load_project(policies).documents if one.kind == "tests"]
    return [found for one in documents for case in run_cases(checked.project, one) for found in case.found]


@pytest.mark.parametrize("code", COMPILED)
def test_the_example_gives_its_code(code: str, tmp_path: Path) -> None:
    page = pages.page(code)
    found = compiled(page.section("Example"), tmp_path)
    assert code in {item.code for item in found}, [f"{item.code}: {item.message}" for item in found]
    assert {item.level for item in found if item.code == code} == {page.level}
    others = [f"{item.code}: {item.message}" for item in found if item.is_error and item.code != code]
    assert others == [], "the example should give nothing but its own code"


@pytest.mark.parametrize("code", MENDED)
def test_the_mended_example_gives_no_error(code: str, tmp_path: Path) -> None:
    found = compiled(pages.page(code).section("Fixed"), tmp_path)
    assert [f"{item.code}: {item.message}" for item in found if item.is_error or item.code == code] == []


def test_what_is_compiled_is_also_mended() -> None:
    assert set(COMPILED) <= set(MENDED)
