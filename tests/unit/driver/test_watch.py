"""Watching policies: when there is something to do, what is said of it, and that nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from policyc.driver import watch
from policyc.driver.order import Order
from policyc.driver.output import run
from policyc.driver.watch import Snapshot, changes, judge, look

DAY = date(2026, 1, 31)
PROJECT = "project: {name: Tests, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\nconfigmgr: {signing: none}\n"
PILOT = """\
collection: {name: Pilot, limited_to: All Systems}
settings:
  one:
    title: One
    registry: {key: 'HKLM\\SOFTWARE\\A', name: V, type: dword, equals: 1}
"""


def estate(folder: Path) -> Path:
    policies = folder / "policies"
    policies.mkdir()
    (policies / "project.yaml").write_text(PROJECT, encoding="utf-8")
    (policies / "pilot.yaml").write_text(PILOT, encoding="utf-8")
    return policies


def seen(*snapshots: dict[str, int]) -> Iterator[Snapshot]:
    for one in snapshots:
        yield {path: (size, 0) for path, size in one.items()}


def test_once_at_first_and_then_when_a_change_stands_still() -> None:
    """The second file comes while the first is still being written; what is written again as it was is a change, too."""
    told = seen({"a": 1}, {"a": 1}, {"a": 2}, {"a": 2, "b": 1}, {"a": 2, "b": 1}, {"a": 2, "b": 1}, {}, {}, {"stop": 1})
    slept: list[float] = []
    rounds = changes(Path("policies"), see=lambda _: next(told), sleep=slept.append)
    next(rounds)
    assert slept == []
    next(rounds)
    assert len(slept) == 4
    next(rounds)
    assert len(slept) == 7


def test_what_is_looked_at(tmp_path: Path) -> None:
    policies = estate(tmp_path)
    (policies / ".git").mkdir()
    (policies / ".git" / "index").write_text("x", encoding="utf-8")
    (policies / "rings").mkdir()
    (policies / "rings" / "own.ps1").write_text("'x'", encoding="utf-8")
    before = look(policies)
    assert {Path(one).relative_to(policies).as_posix() for one in before} == {"project.yaml", "pilot.yaml", "rings/own.ps1"}
    (policies / ".git" / "index").write_text("other", encoding="utf-8")
    assert look(policies) == before
    (policies / "rings" / "own.ps1").write_text("'other'", encoding="utf-8")
    assert look(policies) != before
    assert look(tmp_path / "nowhere") == {}


def test_what_a_compile_would_change(tmp_path: Path) -> None:
    policies, output = estate(tmp_path), tmp_path / "output"
    first = judge(policies, output, DAY)
    assert (first.stopped, {one.drift for one in first.differences}) == (False, {"missing"})
    assert not output.exists()
    run(Order(policies, output, DAY))
    assert judge(policies, output, DAY).differences == ()
    (policies / "pilot.yaml").write_text(PILOT.replace("equals: 1", "equals: 2"), encoding="utf-8")
    now = judge(policies, output, DAY)
    assert {one.path for one in now.by_folder["pilot"]} >= {"pilot/resolved.yaml", "pilot/scripts/detect.ps1"}
    assert [one.code for one in now.diagnostics if one.code in watch.DRIFT] == []
    assert judge(policies, output, DAY) == now, "nothing was written"


def test_errors_stop_it(tmp_path: Path) -> None:
    policies = estate(tmp_path)
    (policies / "pilot.yaml").write_text("collection: {nmae: Pilot}\n", encoding="utf-8")
    now = judge(policies, tmp_path / "output", DAY)
    assert now.stopped
    assert any(one.is_error for one in now.diagnostics)
