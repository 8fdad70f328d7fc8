"""Several processes make what one makes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from policyc.driver import workers
from unit.cli.conftest import Policyc, collection

needs_forks = pytest.mark.skipif(not workers.FORKS, reason="one process makes everything here")


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


@needs_forks
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


@needs_forks
def test_what_is_in_the_way_is_told_as_ever(policyc: Policyc, estate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for output in ("alone", "together"):
        (estate / output / "ring7" / "scripts").mkdir(parents=True)
        (estate / output / "ring7" / "scripts" / "detect.ps1").write_bytes(b"mine")
        (estate / output / "ring8").write_bytes(b"a file for a folder")
    alone = policyc("compile", "--output", "alone")
    several(monkeypatch)
    together = policyc("compile", "--output", "together")
    assert alone.code == together.code == 1
    assert together.err == alone.err.replace("alone", "together")
    assert "PC0607" in alone.err
    assert tree(estate / "together") == tree(estate / "alone")
    assert (estate / "together" / "ring7" / "scripts" / "detect.ps1").read_bytes() == b"mine"


@needs_forks
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


@needs_forks
def test_a_defect_is_reported(policyc: Policyc, estate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def make(*_: object) -> list[object]:
        raise RuntimeError("a defect")

    several(monkeypatch)
    monkeypatch.setattr(workers, "collection_artifacts", make)
    assert policyc("compile").code == 3
    assert not list((estate / "output").rglob("*.ps1"))


@needs_forks
@pytest.mark.parametrize("allowed", [0, 1])
def test_a_system_that_lets_no_process_begin(
    policyc: Policyc, estate: Path, monkeypatch: pytest.MonkeyPatch, allowed: int
) -> None:
    alone = policyc("compile", "--output", "alone")
    really, forks = os.fork, iter(range(allowed))

    def fork() -> int:
        if next(forks, None) is None:
            raise BlockingIOError
        return really()

    several(monkeypatch)
    monkeypatch.setattr(os, "fork", fork)
    before = len(list(Path("/proc/self/fd").iterdir()))
    together = policyc("compile", "--output", "together")
    assert together.out == alone.out.replace("alone", "together")
    assert tree(estate / "together") == tree(estate / "alone")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


LARGE = """
import signal
# As a terminal leaves them: what a test runner was started by (nohup, a job in the background) may ignore or block some.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_SETMASK, ())
from policyc.driver import workers
from policyc.cli.app import main
workers.how_many = lambda _: 2
main()
"""


def begin(estate: Path) -> subprocess.Popen[bytes]:
    """A compile in a process group of its own, once its two workers have staged something."""
    command = [sys.executable, "-c", LARGE, "compile"]
    process = subprocess.Popen(command, cwd=estate, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    stage = estate / "output" / ".policyc" / "stage"
    while process.poll() is None and not (stage.is_dir() and any(stage.iterdir())):
        time.sleep(0.001)
    assert process.poll() is None
    return process


@contextmanager
def ignoring(*names: str) -> Iterator[None]:
    """What a shell does to a program that it starts in the background, and which that hands on."""
    before = {name: signal.signal(getattr(signal, name), signal.SIG_IGN) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def nobody_is_left(group: int) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


@pytest.fixture
def many(estate: Path) -> Path:
    """So many collections that there is time to disturb."""
    for number in range(30, 250):
        text = collection(f"Ring{number}", "deny-lm", number % 6)
        (estate / "policies" / "rings" / f"ring-{number}.yaml").write_text(text, encoding="utf-8")
    return estate


@needs_forks
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_the_next_run_finishes_what_a_killed_one_began(policyc: Policyc, many: Path, name: str) -> None:
    process = begin(many)
    os.kill(process.pid, getattr(signal, name))
    # Its workers end at the next thing that they have to tell, and so the pipe of what it says does.
    assert process.communicate(timeout=20)[0] == b""
    assert nobody_is_left(process.pid)
    answer = policyc("compile")
    assert (answer.code, answer.err) == (0, "")
    assert not (many / "output" / ".policyc").exists()
    assert policyc("compile", "--check").code == 0


@needs_forks
@pytest.mark.parametrize("started", ["from a terminal", "in the background"])
def test_the_interrupt_key_ends_all_of_them(policyc: Policyc, many: Path, started: str) -> None:
    with ignoring("SIGINT", "SIGTERM") if started == "in the background" else nullcontext():
        process = begin(many)
    os.killpg(process.pid, signal.SIGINT)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=20)
    assert (process.returncode, said) == (130, b"")
    assert nobody_is_left(process.pid)
    assert list((many / "output").rglob("*")) == []
    assert policyc("compile").code == 0


def test_a_portion(estate: Path) -> None:
    from datetime import date

    from policyc.artifacts.disk import Tree
    from policyc.artifacts.record import open_stage, staged
    from policyc.driver.check import check

    checked = check(estate / "policies", date(2026, 1, 31))
    assert checked.project is not None
    job = workers.Job(checked.project, checked.targets, {}, None, checked.collections, estate / "output")
    assert [number for numbers in job.portions for number in numbers] == list(range(len(checked.collections)))
    (estate / "output").mkdir()
    open_stage(Tree(estate / "output"))
    portion = workers.make(job, range(2, 4))
    slugs = [one.slug for one in checked.collections[2:4]]
    assert [{one.path.partition("/")[0] for one in files} for files in portion.files] == [{slug} for slug in slugs]
    numbers = [one.number for files in portion.files for one in files]
    assert numbers == list(range(3_000_000, 3_000_000 + len(numbers)))
    assert all(Path(staged(Tree(estate / "output"), number or 0)).is_file() for number in numbers)
    assert {key.partition("/")[0] for key in portion.given} == set(slugs)
    with pytest.raises(FileExistsError):
        workers.make(job, range(2, 4))


def test_small_estates_start_none(estate: Path) -> None:
    from datetime import date

    from policyc.driver.check import check

    collections = check(estate / "policies", date(2026, 1, 31)).collections
    assert workers.how_many(collections) == 1
    assert 1 <= workers.how_many(collections * 400) <= workers._MOST
