"""A run that is killed at any moment leaves each file whole, and the next run makes the output whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from policyc.artifacts import Artifact, compare, write

OLD = {"a/one.ps1": b"old one", "a/two.ps1": b"old two", "b/sub/gone.ps1": b"gone", "a/same.ps1": b"same"}
NEW = {"a/one.ps1": b"new one", "a/two.ps1": b"new two", "c/deep/er/three.ps1": b"three", "a/same.ps1": b"same"}
OTHER = {"a/one.ps1": b"other one", "d/four.ps1": b"four"}

CHILD = """
import os, sys
from pathlib import Path
from policyc.artifacts import Artifact, write

remaining = int(sys.argv[2])

def counted(function):
    def inner(*arguments, **options):
        global remaining
        if remaining == 0:
            os._exit(99)
        remaining -= 1
        return function(*arguments, **options)
    return inner

for name in ("open", "write", "close", "replace", "unlink", "mkdir", "rmdir", "listdir"):
    setattr(os, name, counted(getattr(os, name)))
files = {files!r}
result = write(Path(sys.argv[1]), [Artifact(path, content, "p.yaml", "configmgr") for path, content in files.items()])
assert not result.diagnostics, result
os._exit(0)
"""


def artifacts(files: dict[str, bytes]) -> list[Artifact]:
    return [Artifact(path, content, "p.yaml", "configmgr") for path, content in files.items()]


def content(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def output(root: Path) -> dict[str, bytes]:
    return {path: data for path, data in content(root).items() if not path.startswith(".policyc/") and path != "manifest.json"}


def child(root: Path, steps: int) -> int:
    """How a process ends that writes NEW and is killed after so many steps: a fork where there is one, as it starts at once."""
    script = CHILD.replace("{files!r}", repr(NEW))
    if hasattr(os, "fork"):
        with warnings.catch_warnings():
            # Of threads, which xdist's worker has: what the fork does takes none of their locks.
            warnings.simplefilter("ignore", DeprecationWarning)
            number = os.fork()
        if number == 0:
            try:
                sys.settrace(None)
                sys.argv = ["-c", str(root), str(steps)]
                exec(compile(script, "child", "exec"), {"__name__": "__main__"})
            finally:
                os._exit(1)
        return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
    return subprocess.run([sys.executable, "-c", script, str(root), str(steps)], timeout=60, check=False).returncode


def steps_of_a_whole_run(root: Path) -> int:
    low, high = 0, 400
    write(root / "probe", artifacts(OLD))
    while low < high:
        middle = (low + high) // 2
        target = root / f"probe{middle}"
        write(target, artifacts(OLD))
        if child(target, middle) == 0:
            high = middle
        else:
            low = middle + 1
    return low


@pytest.mark.parametrize("then", ["the same", "another"])
def test_killed_at_every_step(tmp_path: Path, then: str) -> None:
    total = steps_of_a_whole_run(tmp_path)
    assert total > 40
    seen_record = 0
    # Every step with the same policies afterwards, every third one with others.
    for step in range(0, total, 1 if then == "the same" else 3):
        root = tmp_path / f"at{step}"
        write(root, artifacts(OLD))
        assert child(root, step) == 99
        for path, data in output(root).items():
            assert data in (OLD.get(path), NEW.get(path)), f"step {step}: {path} is not whole"
        if (root / ".policyc" / "commit.json").exists():
            seen_record += 1
            assert [found.code for found in compare(root, artifacts(NEW)).diagnostics] == ["PC0611"]
        wanted = NEW if then == "the same" else OTHER
        result = write(root, artifacts(wanted))
        assert result.diagnostics == (), f"step {step}"
        assert output(root) == wanted, f"step {step}"
        assert list(json.loads((root / "manifest.json").read_bytes())["files"]) == sorted(wanted)
        assert not (root / ".policyc").exists()
        assert not (root / "b").exists()
        assert compare(root, artifacts(wanted)).is_current
    assert seen_record > (3 if then == "the same" else 1)


def test_rolling_forward_leaves_files_that_were_put_in_the_way_meanwhile(tmp_path: Path) -> None:
    root = tmp_path / "out"
    step = 0
    while True:
        target = root / str(step)
        write(target, artifacts(OLD))
        child(target, step)
        if (target / ".policyc" / "commit.json").exists() and not (target / "c" / "deep" / "er" / "three.ps1").exists():
            break
        step += 1
        assert step < 300
    stranger = target / "c" / "deep" / "er" / "three.ps1"
    stranger.write_bytes(b"by hand")
    result = write(target, artifacts(NEW))
    assert [found.code for found in result.diagnostics] == ["PC0607"]
    assert stranger.read_bytes() == b"by hand"
    stranger.unlink()
    assert write(target, artifacts(NEW)).diagnostics == ()
    assert output(target) == NEW
