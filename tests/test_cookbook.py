"""Each recipe of the cookbook, compiled as it stands there."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from policyc.artifacts import Build, write
from policyc.diagnostics import Level
from policyc.driver.check import check
from policyc.driver.test import run
from policyc.driver.walk import walk

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "cookbook.md").read_text(encoding="utf-8")
RECIPE = re.compile(r"^### … ([^\n]+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(?:yaml|powershell|text) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROJECT = next(text for name, text in BLOCK.findall(PAGE) if name == "project.yaml")
RECIPES = dict(RECIPE.findall(PAGE))
DAY = date(2026, 1, 31)
"""On which the exceptions in it hold."""


def placed(recipe: str, policies: Path) -> list[str]:
    """The recipe's files in a folder; their names."""
    files = {"project.yaml": PROJECT, **dict(BLOCK.findall(recipe))}
    for name, text in files.items():
        (policies / name).parent.mkdir(parents=True, exist_ok=True)
        (policies / name).write_bytes(text.encode("utf-8"))
    return list(files)


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_compiles(title: str, tmp_path: Path) -> None:
    policies, output = tmp_path / "policies", tmp_path / "output"
    names = placed(RECIPES[title], policies)
    checked = check(policies, DAY)
    assert [f"{one.code}: {one.message}" for one in checked.diagnostics if one.level is not Level.NOTE] == []
    assert len(checked.collections) >= 1
    assert all(one.settings or one.exempted for one in checked.collections), "each recipe asks for something"
    result = write(output, walk(checked, Build()))
    assert [f"{one.code}: {one.message}" for one in result.diagnostics] == []
    assert result.written > 0
    if any(name.startswith("tests/") for name in names):
        tested = run((), policies, DAY)
        assert tested.cases
        assert [one for case in tested.cases for one in case.found] == []


def test_there_are_thirty_at_least() -> None:
    assert len(RECIPES) == len(re.findall(r"^### ", PAGE, re.MULTILINE)) >= 30
    assert all(BLOCK.search(text) for text in RECIPES.values())
