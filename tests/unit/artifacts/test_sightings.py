"""Which files need no second reading."""

from __future__ import annotations

import os
import time
from hashlib import sha256
from pathlib import Path

import pytest

from policyc.artifacts import sightings as module
from policyc.artifacts.disk import Tree
from policyc.artifacts.sightings import Sightings

pytestmark = pytest.mark.windows

CONTENT = b"first"
HASH = sha256(CONTENT).hexdigest()


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    """A file that changed long enough ago for its times to tell of the next change."""
    file = tmp_path / "a" / "b.txt"
    file.parent.mkdir()
    file.write_bytes(CONTENT)
    time.sleep(0.05)
    return file


def looked_at(tmp_path: Path) -> Sightings:
    first = Sightings()
    assert first.holds(Tree(tmp_path), "a/b.txt", HASH)
    return Sightings({path: (HASH, *first.seen(path)) for path in ("a/b.txt",) if path in first})


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are read."""
    read: list[str] = []
    really = Tree.digest

    def digest(self: Tree, path: str) -> str | None:
        read.append(path)
        return really(self, path)

    monkeypatch.setattr(Tree, "digest", digest)
    return read


@pytest.mark.skipif(os.name == "nt", reason="Windows doesn't tell when a file was changed last: it is read")
def test_a_file_that_nobody_touched_is_not_read_again(tmp_path: Path, old_file: Path, reads: list[str]) -> None:
    second = looked_at(tmp_path)
    reads.clear()
    assert second.holds(Tree(tmp_path), "a/b.txt", HASH)
    assert reads == []
    assert not second.holds(Tree(tmp_path), "a/b.txt", "0" * 64)
    assert reads == ["a/b.txt"]


def test_a_change_that_hides_its_time_is_seen(tmp_path: Path, old_file: Path) -> None:
    second = looked_at(tmp_path)
    before = old_file.stat()
    old_file.write_bytes(b"other")
    os.utime(old_file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert old_file.stat().st_mtime_ns == before.st_mtime_ns
    assert not second.holds(Tree(tmp_path), "a/b.txt", HASH)


def test_another_file_of_the_same_size_and_time_is_seen(tmp_path: Path, old_file: Path) -> None:
    second = looked_at(tmp_path)
    before = old_file.stat()
    twin = tmp_path / "twin"
    twin.write_bytes(b"other")
    os.utime(twin, ns=(before.st_atime_ns, before.st_mtime_ns))
    twin.replace(old_file)
    assert not second.holds(Tree(tmp_path), "a/b.txt", HASH)


@pytest.mark.parametrize("hours", [-24, 24])
def test_a_clock_that_was_set(tmp_path: Path, old_file: Path, monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    now = time.time_ns()
    monkeypatch.setattr(module.time, "time_ns", lambda: now + hours * 3600 * 10**9)
    second = looked_at(tmp_path)
    # A clock behind the file's own time can't say how long ago that was.
    assert hours > 0 or second._before == {}
    assert second.holds(Tree(tmp_path), "a/b.txt", HASH)
    old_file.write_bytes(b"other")
    assert not second.holds(Tree(tmp_path), "a/b.txt", HASH)


def test_a_file_that_changed_just_now_is_read_the_next_time_too(
    tmp_path: Path, old_file: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.time, "time_ns", lambda: old_file.stat().st_ctime_ns + 1_000_000)
    second = looked_at(tmp_path)
    assert second.holds(Tree(tmp_path), "a/b.txt", HASH)
    assert reads == ["a/b.txt", "a/b.txt"]


def test_whole_seconds_are_coarse(tmp_path: Path, old_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = (HASH, 5, 10**18, 10**18, 7)
    found = Sightings()
    monkeypatch.setattr(module, "_TELLS_CHANGES", True)
    monkeypatch.setattr(module.time, "time_ns", lambda: 10**18 + 2 * 10**9)
    found._keep("a", seen, seen)
    assert "a" not in found
    assert found.seen("a") == ()
    monkeypatch.setattr(module.time, "time_ns", lambda: 10**18 + 4 * 10**9)
    found._keep("a", seen, seen)
    assert found.seen("a") == seen[1:]


def test_what_is_no_ordinary_file_is_not_held(tmp_path: Path, old_file: Path) -> None:
    sightings = Sightings()
    tree = Tree(tmp_path)
    assert not sightings.holds(tree, "a", HASH)
    assert not sightings.holds(tree, "a/none", HASH)
    assert not sightings.holds(tree, "none/none", HASH)
    if os.name != "nt":
        (tmp_path / "a" / "link").symlink_to(old_file)
        assert not sightings.holds(Tree(tmp_path), "a/link", HASH)
        (tmp_path / "linked").symlink_to(old_file.parent)
        assert not sightings.holds(Tree(tmp_path), "linked/b.txt", HASH)
    assert not [path for path in ("a", "a/none", "a/link", "a/b.txt", "linked/b.txt") if path in sightings]


@pytest.mark.skipif(os.name == "nt", reason="Windows doesn't tell when a file was changed last: it is read")
def test_what_was_written_is_known_unless_somebody_was_faster(tmp_path: Path, old_file: Path) -> None:
    sightings = Sightings()
    sightings.written(Tree(tmp_path), "a/b.txt", HASH, old_file.stat().st_mtime_ns - 1)
    assert not [path for path in ("a", "a/none", "a/link", "a/b.txt", "linked/b.txt") if path in sightings]
    sightings.written(Tree(tmp_path), "a/b.txt", HASH, old_file.stat().st_mtime_ns)
    assert "a/b.txt" in sightings
    sightings.written(Tree(tmp_path), "a/none", HASH, 0)
    assert "a/b.txt" in sightings
