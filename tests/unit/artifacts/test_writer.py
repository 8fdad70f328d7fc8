"""What a run does to an output folder, and what it refuses."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from platforms import links
from policyc.artifacts import Artifact, compare, write
from policyc.diagnostics import Level

pytestmark = pytest.mark.windows
HASH = "0" * 64


def artifact(path: str, content: str = "text\n", source: str = "pilot.yaml") -> Artifact:
    return Artifact(path, content.encode(), source, "configmgr")


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def codes(result: Any) -> list[str]:
    return [found.code for found in result.diagnostics]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "output"


def test_writes_files_and_a_manifest_of_one_line_each(root: Path) -> None:
    result = write(root, iter([artifact("pilot/b.ps1", "b"), artifact("pilot/a/x.ps1", "x", "rings/pilot.yaml")]))
    assert (result.written, result.unchanged, result.removed, result.diagnostics) == (2, 0, 0, ())
    assert tree(root).keys() == {"pilot/b.ps1", "pilot/a/x.ps1", "manifest.json"}
    text = (root / "manifest.json").read_text()
    assert text.splitlines()[3].strip().startswith('"pilot/a/x.ps1": {"sha256": "2d711642')
    assert text.count("\n") == 7
    parsed = json.loads(text)
    assert parsed["version"] == 1
    assert parsed["files"]["pilot/a/x.ps1"]["source"] == "rings/pilot.yaml"
    assert parsed["files"]["pilot/a/x.ps1"]["target"] == "configmgr"


def test_leaves_unchanged_files_untouched(root: Path) -> None:
    write(root, [artifact("pilot/a", "1"), artifact("pilot/b", "1")])
    before = {path: path.stat().st_ino for path in (root / "pilot" / "a", root / "manifest.json")}
    result = write(root, [artifact("pilot/a", "1"), artifact("pilot/b", "1")])
    assert (result.written, result.unchanged) == (0, 2)
    assert before == {path: path.stat().st_ino for path in before}
    result = write(root, [artifact("pilot/a", "1"), artifact("pilot/b", "2")])
    assert (result.written, result.unchanged) == (1, 1)
    assert (root / "pilot" / "a").stat().st_ino == before[root / "pilot" / "a"]


def test_removes_what_no_policy_gives_any_more_and_folders_left_empty(root: Path) -> None:
    write(root, [artifact("pilot/a"), artifact("old/deep/b"), artifact("old/deep/er/c")])
    (root / "old" / "note.txt").write_text("mine")
    result = write(root, [artifact("pilot/a")])
    assert result.removed == 2
    assert tree(root).keys() == {"pilot/a", "old/note.txt", "manifest.json"}
    assert not (root / "old" / "deep").exists()


def test_keeps_a_left_over_file_that_was_changed_by_hand(root: Path) -> None:
    write(root, [artifact("pilot/a"), artifact("old/b")])
    (root / "old" / "b").write_text("changed")
    result = write(root, [artifact("pilot/a")])
    assert codes(result) == ["PC0609"]
    assert result.diagnostics[0].level is Level.WARNING
    assert "old/b'" in result.diagnostics[0].message
    assert (root / "old" / "b").read_text() == "changed"
    assert codes(write(root, [artifact("pilot/a")])) == []


def test_a_listed_file_that_was_changed_by_hand_is_made_anew(root: Path) -> None:
    write(root, [artifact("pilot/a")])
    (root / "pilot" / "a").write_text("changed")
    assert write(root, [artifact("pilot/a")]).written == 1
    assert (root / "pilot" / "a").read_text() == "text\n"


def test_never_touches_a_file_that_it_did_not_write(root: Path) -> None:
    (root / "pilot").mkdir(parents=True)
    (root / "pilot" / "b").write_text("mine")
    before = tree(root)
    result = write(root, [artifact("pilot/a"), artifact("pilot/b"), artifact("new/c")])
    assert codes(result) == ["PC0607"]
    (found,) = result.diagnostics
    assert found.location.file == "pilot.yaml"
    assert "/output/pilot/b': not written by policyc" in found.message
    assert "restore manifest.json" in found.help
    assert tree(root) == before
    assert not (root / "new").exists()


def test_adopts_an_identical_file(root: Path) -> None:
    (root / "pilot").mkdir(parents=True)
    (root / "pilot" / "a").write_bytes(b"text\n")
    result = write(root, [artifact("pilot/a")])
    assert (result.written, result.unchanged, result.diagnostics) == (0, 1, ())
    assert write(root, []).removed == 1


def test_only_and_hold_leave_the_other_collections_as_they_are(root: Path) -> None:
    write(root, [artifact("a/x", "1"), artifact("b/x", "1"), artifact("gone/x", "1")])
    new = [artifact("a/x", "2"), artifact("b/x", "2")]
    assert write(root, new, only={"a"}).written == 1
    assert tree(root)["a/x"] == b"2"
    assert tree(root)["b/x"] == b"1"
    assert json.loads(tree(root)["manifest.json"])["files"].keys() == {"a/x", "b/x", "gone/x"}
    assert write(root, [artifact("a/x", "3"), artifact("b/x", "3")], hold={"b"}).removed == 1
    assert tree(root).keys() == {"a/x", "b/x", "manifest.json"}
    assert tree(root)["b/x"] == b"1"
    assert compare(root, [artifact("a/x", "3"), artifact("b/x", "9")], hold={"b"}).is_current


def test_a_failing_target_leaves_nothing_behind(root: Path) -> None:
    def failing() -> Iterator[Artifact]:
        yield artifact("new/a")
        raise ZeroDivisionError

    write(root, [artifact("pilot/a")])
    before = tree(root)
    with pytest.raises(ZeroDivisionError):
        write(root, failing())
    assert tree(root) == before
    assert not (root / ".policyc").exists()
    assert not (root / "new").exists()


HOSTILE_PATHS = ["/etc/x", "../x", "a/../b", "a//b", "a/./b", "", "a\\b", "C:x", "a/con", "a/NUL.txt", "a/b.", "a/b ", "a\nb"]
HOSTILE_PATHS += ["manifest.json", "Manifest.JSON", ".policyc/x", "a/\x00b", ".git/config", "a/.git/hooks/x"]
HOSTILE_PATHS += [
    "aux",
    "a/com1.txt",
    "a/COM\u00b9.log",
    "lpt\u00b3/x",
    "a/con .txt",
    "nul  .a/x",
    "a/conin$",
    "//server/share",
    "a/b:s",
]


@pytest.mark.parametrize("path", HOSTILE_PATHS)
def test_refuses_paths_that_lead_elsewhere(root: Path, path: str) -> None:
    result = write(root, [artifact(path)])
    assert codes(result) == ["PC0615"]
    assert tree(root) == {}


def test_refuses_two_files_that_differ_in_capitals_only(root: Path) -> None:
    result = write(root, [artifact("a/x"), artifact("a/X")])
    assert codes(result) == ["PC0615"]
    assert "'a/x' is written already" in result.diagnostics[0].message


MANIFESTS = {
    "not json": b"{",
    "not utf-8": b'{"version": 1, "files": {"\xff": 1}}',
    "a list": b"[]",
    "no files": b'{"version": 1}',
    "nested": b"[" * 100_000,
    "other version": b'{"version": 2, "files": {}}',
    "absolute": json.dumps({"version": 1, "files": {"/etc/passwd": {"sha256": HASH, "source": "a", "target": "b"}}}).encode(),
    "parent": json.dumps({"version": 1, "files": {"a/../../x": {"sha256": HASH, "source": "a", "target": "b"}}}).encode(),
    "itself": json.dumps({"version": 1, "files": {"manifest.json": {"sha256": HASH, "source": "a", "target": "b"}}}).encode(),
    "twice": b'{"version": 1, "files": {"a": {"sha256": "%s", "source": "", "target": ""}, "a": {}}}' % HASH.encode(),
    "capitals": json.dumps(
        {"version": 1, "files": {name: {"sha256": HASH, "source": "a", "target": "b"} for name in ("a/x", "a/X")}}
    ).encode(),
    "short hash": b'{"version": 1, "files": {"a": {"sha256": "00", "source": "", "target": ""}}}',
    "no entry": b'{"version": 1, "files": {"a": 7}}',
    "conflict": b'{\n<<<<<<< HEAD\n  "version": 1,\n=======\n>>>>>>> other\n}',
}


@pytest.mark.parametrize("text", MANIFESTS.values(), ids=MANIFESTS)
def test_a_broken_manifest_is_a_diagnostic_and_nothing_is_lost(root: Path, text: bytes) -> None:
    write(root, [artifact("pilot/a")])
    (root / "manifest.json").write_bytes(text)
    before = tree(root)
    for result in (write(root, [artifact("pilot/a", "new")]), compare(root, [artifact("pilot/a", "new")])):
        assert codes(result) == ["PC0608"]
        assert "manifest.json'" in result.diagnostics[0].message
        assert result.diagnostics[0].help
        assert tree(root) == before


def test_merge_conflict_in_the_manifest_is_named(root: Path) -> None:
    root.mkdir()
    (root / "manifest.json").write_bytes(MANIFESTS["conflict"])
    assert "merge conflict" in write(root, []).diagnostics[0].message


def test_a_file_where_a_folder_should_be(root: Path) -> None:
    root.mkdir()
    (root / "pilot").write_text("mine")
    result = write(root, [artifact("pilot/a"), artifact("other/b")])
    assert codes(result) == ["PC0604"]
    assert codes(compare(root, [artifact("pilot/a")])) == ["PC0604"]
    assert tree(root) == {"pilot": b"mine"}


def test_a_file_where_the_output_should_be(root: Path) -> None:
    root.write_text("mine")
    assert codes(write(root, [artifact("a/b")])) == ["PC0604"]
    assert codes(compare(root, [artifact("a/b")])) == ["PC0604"]
    assert codes(write(root / "below", [artifact("a/b")])) == ["PC0604"]
    assert root.read_text() == "mine"


def test_a_folder_where_a_file_should_be(root: Path) -> None:
    (root / "pilot" / "a").mkdir(parents=True)
    assert codes(write(root, [artifact("pilot/a")])) == ["PC0605"]
    assert (root / "pilot" / "a").is_dir()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes of POSIX")
def test_a_pipe_where_a_file_should_be_does_not_block(root: Path) -> None:
    (root / "pilot").mkdir(parents=True)
    os.mkfifo(root / "pilot" / "a")
    assert codes(write(root, [artifact("pilot/a")])) == ["PC0605"]


@links
def test_never_writes_through_a_link(root: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "b").write_text("text\n")
    root.mkdir()
    (root / "pilot").symlink_to(elsewhere, target_is_directory=True)
    result = write(root, [artifact("pilot/a"), artifact("pilot/b")])
    assert codes(result) == ["PC0606"]
    assert tree(elsewhere) == {"b": b"text\n"}
    (root / "pilot").unlink()
    (root / "pilot").mkdir()
    (root / "pilot" / "a").symlink_to(elsewhere / "new")
    assert codes(write(root, [artifact("pilot/a")])) == ["PC0606"]
    assert tree(elsewhere) == {"b": b"text\n"}


@links
def test_never_removes_through_a_link(root: Path, tmp_path: Path) -> None:
    write(root, [artifact("old/a"), artifact("pilot/a")])
    (root / "old").rename(tmp_path / "elsewhere")
    (root / "old").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert codes(write(root, [artifact("pilot/a")])) == ["PC0609"]
    assert (tmp_path / "elsewhere" / "a").exists()


@links
@pytest.mark.parametrize("name", [".policyc", ".policyc/stage", ".policyc/lock"])
def test_the_work_folder_is_never_a_link(root: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "0").write_text("mine")
    (root / name).parent.mkdir(parents=True)
    (root / name).symlink_to(elsewhere, target_is_directory=True)
    assert codes(write(root, [artifact("pilot/a")])) == ["PC0606"]
    assert tree(elsewhere) == {"0": b"mine"}


@links
@pytest.mark.parametrize("there", [True, False])
def test_the_output_folder_itself_is_no_link(root: Path, tmp_path: Path, there: bool) -> None:
    real = tmp_path / "real"
    if there:
        real.mkdir()
        (real / "mine").write_bytes(b"mine")
    root.symlink_to(real, target_is_directory=True)
    assert codes(write(root, [artifact("pilot/a")])) == ["PC0630"]
    assert [one.code for one in compare(root, [artifact("pilot/a")]).diagnostics] == ["PC0630"]
    assert (tree(real) == {"mine": b"mine"}) if there else not real.exists()
    if there:
        (tmp_path / "above").symlink_to(tmp_path, target_is_directory=True)
        assert write(tmp_path / "above" / "real", [artifact("pilot/a")]).diagnostics == ()  # a link above it is the user's own


@pytest.mark.parametrize(
    "text", [b"{", b"[]", b'{"version": 1, "moves": [[0, "../x", "", "", true]], "removals": []}', b"[" * 99999]
)
def test_a_record_that_cannot_be_trusted_is_thrown_away(root: Path, tmp_path: Path, text: bytes) -> None:
    (root / ".policyc" / "stage").mkdir(parents=True)
    (root / ".policyc" / "stage" / "0").write_text("evil")
    (root / ".policyc" / "commit.json").write_bytes(text)
    assert write(root, [artifact("pilot/a")]).diagnostics == ()
    assert tree(root).keys() == {"pilot/a", "manifest.json"}
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("pilot/" + "a" * 300, id="file"),
        pytest.param("b" * 300 + "/a", id="folder"),
        pytest.param(
            "/".join(["c" * 200] * 25),
            id="all",
            marks=pytest.mark.skipif(os.name == "nt", reason="Wine calls it a matter of rights"),
        ),
    ],
)
def test_a_path_that_is_too_long(root: Path, path: str) -> None:
    result = write(root, [artifact("pilot/before"), artifact(path), artifact("pilot/behind")])
    assert codes(result) == ["PC0603"]
    assert tree(root) == {}
    assert compare(root, [artifact(path)]).differences[0].drift == "missing"
    write(root, [artifact("pilot/a", "1")])
    before = tree(root)
    assert codes(write(root, [artifact("pilot/a", "2"), artifact(path)])) == ["PC0603"]
    assert tree(root) == before, "and nothing waits to be finished"
    assert write(root, [artifact("pilot/a", "2")]).written == 1


@pytest.mark.parametrize("path", ["pilot/" + "a" * 300, "b" * 300 + "/a"])
@pytest.mark.parametrize("fresh", [True, False])
def test_a_record_of_a_path_that_is_too_long_here_is_finished_without_it(root: Path, path: str, fresh: bool) -> None:
    """The folder lies deeper by now, or another system had begun: no run could ever write that file."""
    write(root, [artifact("pilot/a", "1")])
    (root / ".policyc" / "stage").mkdir(parents=True)
    for number in (0, 1):
        (root / ".policyc" / "stage" / f"{number}").write_bytes(b"2")
    digest = sha256(b"2").hexdigest()
    moves = [[0, path, digest, "pilot.yaml", fresh], [1, "pilot/b", digest, "pilot.yaml", fresh]]
    record = {"version": 1, "moves": moves, "removals": [[path + "x", digest]]}
    (root / ".policyc" / "commit.json").write_text(json.dumps(record), encoding="ascii")
    assert codes(write(root, [artifact("pilot/a", "1"), artifact(path, "2")])) == ["PC0603"]
    assert not (root / ".policyc").exists()
    assert (root / "pilot" / "b").read_bytes() == b"2"
    assert write(root, [artifact("pilot/a", "3")]).written == 1


@pytest.mark.skipif(os.name != "nt", reason="elsewhere an open file can be replaced")
def test_a_file_that_somebody_has_open_waits_for_the_next_run(root: Path) -> None:
    old, new = ([artifact(f"pilot/{name}", content) for name in "abc"] for content in ("1", "2"))
    write(root, old)
    with (root / "pilot" / "b").open("rb"):
        result = write(root, new)
        assert codes(result) == ["PC0602"]
        assert "it finishes what this run began" in result.diagnostics[0].help
        assert [found.code for found in compare(root, new).diagnostics] == ["PC0611"]
    assert write(root, new).diagnostics == ()
    assert tree(root).keys() == {"pilot/a", "pilot/b", "pilot/c", "manifest.json"}
    assert {content for path, content in tree(root).items() if path != "manifest.json"} == {b"2"}


def test_a_file_in_other_capitals_is_never_lost(root: Path) -> None:
    """One file, where the file system knows no case; two, of which the first goes, where it does."""
    write(root, [artifact("Pilot/A")])
    assert write(root, [artifact("pilot/a")]).diagnostics == ()
    assert (root / "pilot" / "a").read_bytes() == b"text\n"
    assert len([path for path in tree(root) if path != "manifest.json"]) == 1
    assert write(root, []).diagnostics == ()
    assert tree(root).keys() == {"manifest.json"}


@pytest.mark.skipif(os.name != "nt", reason="paths of Windows")
@pytest.mark.parametrize("form", ["\\\\?\\{}", "{}\\", "{}/", "{}\\..\\output"])
def test_an_output_folder_in_any_form_that_windows_has(root: Path, form: str) -> None:
    named = Path(form.format(root))
    assert write(named, [artifact("pilot/deep/a")]).written == 1
    assert write(named, [artifact("pilot/deep/a")]).unchanged == 1
    assert write(named, [artifact("other/b")]).removed == 1
    assert tree(root).keys() == {"other/b", "manifest.json"}
    assert codes(write(named, [artifact("pilot/" + "a" * 300)])) == ["PC0603"]


FAILURES = [(errno.ENOSPC, "PC0601"), (errno.EACCES, "PC0602"), (errno.EROFS, "PC0602"), (errno.EIO, "PC0616")]


@pytest.mark.parametrize(("number", "code"), FAILURES)
@pytest.mark.parametrize("call", ["open", "write", "mkdir", "replace"])
@pytest.mark.parametrize("at", [0, 2, 3])
def test_a_refusal_of_the_system_at_any_moment_loses_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str, call: str, at: int
) -> None:
    old = [artifact("pilot/a", "1"), artifact("pilot/b", "1")]
    new = [artifact("pilot/a", "2"), artifact("pilot/b", "2"), artifact("new/deep/c", "2"), artifact("other/c", "2")]
    write(root, old)
    before = tree(root)
    original: Callable[..., Any] = getattr(os, call)
    calls = 0

    def refusing(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > at:
            raise OSError(number, os.strerror(number), arguments[0] if isinstance(arguments[0], str) else None)
        return original(*arguments, **options)

    monkeypatch.setattr(os, call, refusing)
    result = write(root, new)
    monkeypatch.undo()
    assert codes(result) == [code]
    assert result.diagnostics[0].help
    for path, content in tree(root).items():
        if not path.startswith((".policyc/", "manifest.json")):
            assert content in (b"1", b"2")
    if not (root / ".policyc" / "commit.json").exists():
        assert {path: content for path, content in tree(root).items() if not path.startswith(".policyc")} == before
    else:
        assert "finishes what this run began" in result.diagnostics[0].help
    assert write(root, new).diagnostics == ()
    assert {path: content for path, content in tree(root).items() if path != "manifest.json"} == {
        item.path: item.content for item in new
    }


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder(root: Path) -> None:
    write(root, [artifact("pilot/a", "1")])
    root.chmod(0o500)
    try:
        assert codes(write(root, [artifact("pilot/a", "2")])) == ["PC0602"]
    finally:
        root.chmod(0o700)


HOLDER = """
import sys
from pathlib import Path
from policyc.artifacts import Artifact, write
def slow():
    yield Artifact("a/x", b"1", "a.yaml", "configmgr")
    print("holding", flush=True)
    sys.stdin.read()
write(Path(sys.argv[1]), slow())
"""


def test_two_runs_at_once(root: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "holding\n"
        result = write(root, [artifact("a/x")])
        assert codes(result) == ["PC0610"]
        assert "another run" in result.diagnostics[0].message
    finally:
        holder.kill()
        holder.communicate()
    assert write(root, [artifact("a/x")]).diagnostics == ()
    assert tree(root).keys() == {"a/x", "manifest.json"}
