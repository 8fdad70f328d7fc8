"""Reading a commit where git, the commit or the machine doesn't play along. Usual commits: `tests/test_plan_git.py`."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from policyc.plan import Repository, StateError, git

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
EMPTY = "policies/a.yaml"


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    fixed = {f"GIT_{who}_{what}": "example@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    for name, value in {**fixed, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}.items():
        monkeypatch.setenv(name, value)
    top = tmp_path / "top"
    (top / "policies").mkdir(parents=True)
    (top / EMPTY).write_text("a: 1\n", encoding="utf-8")
    run(top, "init", "-q")
    run(top, "add", "-A")
    run(top, "commit", "-q", "-m", "one")
    return top


def run(top: Path, *arguments: str, given: bytes | None = None) -> str:
    ended = subprocess.run(["git", *arguments], cwd=top, input=given, capture_output=True, check=True, timeout=60)
    return ended.stdout.decode().strip()


def extracted(top: Path, to: Path, name: str = "HEAD") -> dict[str, bytes]:
    repository = Repository(top / "policies")
    to.mkdir()
    repository.extract(repository.commit(name), "policies", to)
    return {path.relative_to(to).as_posix(): path.read_bytes() for path in to.rglob("*") if path.is_file()}


def forged(top: Path, *entries: tuple[str, bytes, bytes]) -> str:
    """A commit whose policies folder holds these (mode, name, content), as `git add` would never write them."""
    lines = b""
    for mode, name, content in entries:
        blob = run(top, "hash-object", "-w", "--stdin", given=content)
        lines += mode.encode() + b" " + name + b"\0" + bytes.fromhex(blob)
    tree = store(top, "tree", lines)
    above = store(top, "tree", b"40000 policies\0" + bytes.fromhex(tree))
    return run(top, "commit-tree", above, "-m", "forged")


def store(top: Path, kind: str, content: bytes) -> str:
    """An object past all of git's checks."""
    whole = f"{kind} {len(content)}\0".encode() + content
    name = hashlib.sha1(whole).hexdigest()
    path = top / ".git" / "objects" / name[:2] / name[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zlib.compress(whole))
    return name


def test_a_commit(top: Path, tmp_path: Path) -> None:
    assert extracted(top, tmp_path / "to") == {"a.yaml": b"a: 1\n"}
    repository = Repository(top / "policies")
    commit = repository.commit("HEAD")
    assert commit.hash == run(top, "rev-parse", "HEAD")
    assert repository.read(commit, EMPTY) == b"a: 1\n"
    assert repository.read(commit, "policies") is None
    assert repository.read(commit, "nothing") is None
    assert repository.inside(top) == ""
    assert repository.inside(tmp_path) is None


def test_a_missing_content_is_no_empty_policy(top: Path, tmp_path: Path) -> None:
    blob = run(top, "rev-parse", f"HEAD:{EMPTY}")
    (top / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(StateError, match=r"git has not the content of 'a\.yaml'") as caught:
        extracted(top, tmp_path / "to")
    assert not caught.value.is_usage


def test_a_huge_file_is_never_read(top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "_LARGEST", 3)
    with pytest.raises(StateError, match="far larger than any policy"):
        extracted(top, tmp_path / "to")


@pytest.mark.parametrize("name", [b"..", b"."])
def test_a_name_that_leads_elsewhere_is_refused(top: Path, tmp_path: Path, name: bytes) -> None:
    inner = store(top, "tree", b"100644 x.yaml\0" + bytes.fromhex(run(top, "rev-parse", f"HEAD:{EMPTY}")))
    outer = store(top, "tree", b"40000 " + name + b"\0" + bytes.fromhex(inner))
    above = store(top, "tree", b"40000 policies\0" + bytes.fromhex(outer))
    commit = run(top, "commit-tree", above, "-m", "forged")
    with pytest.raises(StateError, match="the name leads elsewhere"):
        extracted(top, tmp_path / "to", commit)
    assert not (tmp_path / "x.yaml").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_nothing_is_written_through_a_link(top: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    blob = run(top, "rev-parse", f"HEAD:{EMPTY}")
    link = run(top, "hash-object", "-w", "--stdin", given=os.fsencode(victim))
    inner = store(top, "tree", b"100644 x.yaml\0" + bytes.fromhex(blob) + b"120000 y.yaml\0" + bytes.fromhex(link))
    both = b"120000 d.yaml\0" + bytes.fromhex(link) + b"40000 d.yaml\0" + bytes.fromhex(inner)
    above = store(top, "tree", b"40000 policies\0" + bytes.fromhex(store(top, "tree", both)))
    commit = run(top, "commit-tree", above, "-m", "forged")
    extracted(top, tmp_path / "to", commit)
    assert list(victim.iterdir()) == []


def test_one_name_twice_is_refused(top: Path, tmp_path: Path) -> None:
    commit = forged(top, ("100644", b"a.yaml", b"a: 1\n"), ("100644", b"a.yaml", b"a: 2\n"))
    with pytest.raises(StateError, match=r"'a\.yaml' of .* can't be laid out here"):
        extracted(top, tmp_path / "to", commit)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep no such names")
def test_a_name_that_is_no_text_keeps_its_bytes(top: Path, tmp_path: Path) -> None:
    commit = forged(top, ("100644", b"\xff\n.yaml", b"a: 1\n"))
    assert [os.fsencode(name) for name in extracted(top, tmp_path / "to", commit)] == [b"\xff\n.yaml"]


def test_git_that_hangs_or_cannot_start(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("git", 1)

    monkeypatch.setattr(subprocess, "run", late)
    with pytest.raises(StateError, match="git can't be run") as caught:
        Repository(top)
    assert not caught.value.is_usage
