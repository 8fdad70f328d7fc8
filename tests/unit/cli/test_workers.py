"""Several processes make what one makes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from policyc.cli import workers
from unit.cli.conftest import Policyc, collection


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def estate(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Thirty collections, three at a time."""
    for number in range(30):
        text = collection(f"Ring{number}", "deny-lm", number % 6)
        (project / "policies" / "rings" / f"ring-{number}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(workers, "_AT_A_TIME", 3)
    return project


def several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "how_many", lambda _: 2)


def test_the_same_files_and_revisions(policyc: Policyc, estate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = policyc("compile", "--output", "alone")
    several(monkeypatch)
    together = policyc("compile", "--output", "together")
    assert alone.code == together.code == 0
    assert together.out == alone.out.replace("alone", "together")
    assert tree(estate / "together") == tree(estate / "alone")
    text = collection("Ring3", "deny-lm", 5)
    (estate / "policies" / "rings" / "ring-3.yaml").write_text(text, encoding="utf-8")
    (estate / "policies" / "rings" / "ring-4.yaml").unlink()
    together = policyc("compile", "--output", "together")
    monkeypatch.undo()
    monkeypatch.chdir(estate)
    alone = policyc("compile", "--output", "alone")
    assert together.out == alone.out.replace("alone", "together")
    assert tree(estate / "together") == tree(estate / "alone")
    assert not (estate / "together" / ".policyc").exists()


def test_what_is_in_the_way_is_told_as_ever(policyc: Policyc, estate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for output in ("alone", "together"):
        (estate / output / "ring7").mkdir(parents=True)
        (estate / output / "ring7" / "detect.ps1").write_bytes(b"mine")
        (estate / output / "ring8").write_bytes(b"a file for a folder")
    alone = policyc("compile", "--output", "alone")
    several(monkeypatch)
    together = policyc("compile", "--output", "together")
    assert alone.code == together.code == 1
    assert together.err == alone.err.replace("alone", "together")
    assert "PC0607" in alone.err
    assert tree(estate / "together") == tree(estate / "alone")
    assert (estate / "together" / "ring7" / "detect.ps1").read_bytes() == b"mine"


@pytest.mark.skipif(not workers._FORKS, reason="a process that doesn't fork knows nothing of the test's own functions")
def test_a_process_that_dies_is_replaced(policyc: Policyc, estate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = policyc("compile", "--output", "alone")
    really = workers.make

    def make(job: workers.Job, numbers: range) -> workers.Portion | None:
        if numbers.start == 12:
            os._exit(1)
        return really(job, numbers)

    several(monkeypatch)
    monkeypatch.setattr(workers, "make", make)
    together = policyc("compile", "--output", "together")
    assert together.out == alone.out.replace("alone", "together")
    assert tree(estate / "together") == tree(estate / "alone")
    assert not (estate / "together" / ".policyc").exists()


@pytest.mark.skipif(not workers._FORKS, reason="a process that doesn't fork knows nothing of the test's own functions")
def test_a_defect_is_reported(policyc: Policyc, estate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def make(_job: workers.Job, _numbers: range) -> workers.Portion | None:
        raise RuntimeError("a defect")

    several(monkeypatch)
    monkeypatch.setattr(workers, "make", make)
    assert policyc("compile").code == 3
    assert not list((estate / "output").rglob("*.ps1"))


def test_a_portion_in_this_process(estate: Path) -> None:
    from datetime import date

    from policyc.artifacts.disk import Tree
    from policyc.artifacts.record import open_stage, staged
    from policyc.cli.pipeline import check

    checked = check(estate / "policies", date(2026, 1, 31))
    assert checked.project is not None
    job = workers.Job(checked.project, checked.targets, {}, None, checked.collections, estate / "output")
    (estate / "output").mkdir()
    open_stage(Tree(estate / "output"))
    workers._begin(job)
    portion = workers._portion(range(2, 4))
    assert portion is not None
    assert [slug for slug, _ in portion.files] == [one.slug for one in checked.collections[2:4]]
    numbers = [one.number for _, files in portion.files for one in files]
    assert numbers == list(range(3_000_000, 3_000_000 + len(numbers)))
    assert all(Path(staged(Tree(estate / "output"), number or 0)).is_file() for number in numbers)
    assert {key.partition("/")[0] for key in portion.given} == {slug for slug, _ in portion.files}
    # The numbers are taken by now.
    assert workers.make(job, range(2, 4)) is None


def test_small_estates_start_none(estate: Path) -> None:
    from datetime import date

    from policyc.cli.pipeline import check

    collections = check(estate / "policies", date(2026, 1, 31)).collections
    assert workers.how_many(collections) == 1
    assert 1 <= workers.how_many(collections * 400) <= workers._MOST
