"""Every code has a page, every page a code, and they agree."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import policyc
from policyc.diagnostics import pages

PACKAGE = Path(policyc.__file__).parent
CODE = re.compile(r"PC\d{4}")
MAKERS = {"error", "warning", "note"}


@cache
def used() -> dict[str, set[str]]:
    """Each code in the source, docstrings aside, and in a vocabulary, with the levels of the calls that name it first."""
    found: dict[str, set[str]] = {}
    for module in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(module.read_text(encoding="utf-8"), str(module))
        prose = {
            id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and id(node) not in prose and CODE.fullmatch(str(node.value)):
                found.setdefault(str(node.value), set())
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str) and CODE.fullmatch(first.value):
                    found.setdefault(first.value, set()).add(node.func.id)
    for data in sorted(PACKAGE.rglob("*.yaml")):
        for code in re.findall(r"^\s+code: (PC\d{4})$", data.read_text(encoding="utf-8"), re.MULTILINE):
            found.setdefault(code, set())
    return found


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert set(used()) == set(pages.codes())


def test_families_have_no_gaps() -> None:
    families: dict[str, list[int]] = {}
    for code in pages.codes():
        families.setdefault(code[:4], []).append(int(code[4:]))
    for family, numbers in families.items():
        assert numbers == list(range(1, len(numbers) + 1)), family


@pytest.mark.parametrize("code", pages.codes())
def test_page_is_in_form_and_agrees_with_the_code(code: str) -> None:
    page = pages.page(code)
    assert page.code == code
    assert page.title
    assert re.findall(r"^## (.*)$", re.sub(r"^```.*?^```", "", page.text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE) == [
        "What",
        "Why",
        "Example",
        "Fixed",
    ]
    for name in ("What", "Why", "Example", "Fixed"):
        assert page.section(name).strip(), name
    assert re.search(r"^```(yaml \S+|text)$", page.section("Example"), re.MULTILINE)
    levels = used().get(code, set())
    assert not levels or page.level.value in levels
    assert page.text.endswith("\n")


def test_an_unknown_code() -> None:
    with pytest.raises(KeyError):
        pages.page("PC9999")
    assert pages.nearest("pc0625")[0].startswith("PC06")


def test_only_a_slip_of_the_hand_is_near() -> None:
    assert pages.nearest("PC0251") == ("PC0201", "PC0211", "PC0215", "PC0351")
    assert "PC0402" in pages.nearest("PC402")
    assert "PC0402" in pages.nearest("pc04021")
    assert pages.nearest("PC9999") == ()
    assert pages.nearest("help") == ()


def test_example_and_cure_are_shown_as_their_difference() -> None:
    shown = pages.as_text(pages.page("PC0212"))
    assert "## Fixed" not in shown
    assert '\n+       name: ""\n' in shown
    assert shown.count("HKLM\\SOFTWARE\\Example") == 1


def test_where_there_is_no_policy_the_page_is_shown_as_it_is() -> None:
    page = pages.page("PC0110")
    assert pages.difference(page) is None
    assert pages.as_text(page) == page.text
