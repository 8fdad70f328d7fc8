"""Estates on disk, and the browser that looks at their matrix."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from policyc.analysis import settle
from policyc.lowering import lower
from policyc.matrix import Matrix, matrix
from policyc.source import load_project
from unit.matrix.browser import Browser, find_browser

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "conflicts" / "policies"


@pytest.fixture(scope="session")
def browser_of_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = find_browser() if os.name == "posix" else None
    if program is None:
        reason = "no Chromium on the PATH, and POLICYC_BROWSER names none"
        if os.environ.get("POLICYC_REQUIRE_ENDPOINT") == "1" and os.name != "nt":
            pytest.fail(f"{reason}, though POLICYC_REQUIRE_ENDPOINT=1")
        pytest.skip(reason)
    browser = Browser(program, tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()


@pytest.fixture
def browser(browser_of_worker: Browser) -> Iterator[Browser]:
    """A browser that has nothing to complain of in the end."""
    browser_of_worker.complaints.clear()
    yield browser_of_worker
    assert browser_of_worker.complaints == []


def load(policies: Path) -> Matrix:
    """The matrix of the policies in a folder."""
    project, found = lower(load_project(policies))
    assert project is not None
    assert [one for one in found if one.is_error] == []
    return matrix(settle(project)[0], policies)


@pytest.fixture(scope="session")
def golden() -> Matrix:
    """The estate of twenty collections."""
    return load(GOLDEN)


Estate = Callable[..., Matrix]


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    """`estate(a="…", b="…")` writes `a.yaml`, `b.yaml` and a project file, and gives their matrix."""

    def write(name: str = "Example estate", **files: str) -> Matrix:
        (tmp_path / "project.yaml").write_text(
            f"project:\n  name: {name}\n  id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb\n", encoding="utf-8"
        )
        for file, text in files.items():
            (tmp_path / f"{file}.yaml").write_text(text, encoding="utf-8")
        return load(tmp_path)

    return write


def collection(name: str, value: int, *, head: str = "members: {devices: [PC-0001]}", id: str = "lock", more: str = "") -> str:
    """A collection with one setting."""
    return f"""\
collection:
  name: {name}
  limited_to: All Systems
  {head}
settings:
  {id}:
    title: The screen locks
    why: An open desk shows what is on it
    severity: warning
{more}    registry:
      key: HKLM\\SOFTWARE\\Example
      name: Lock
      type: dword
      equals: {value}
"""
