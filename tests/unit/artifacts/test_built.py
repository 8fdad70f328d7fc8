"""Files that git doesn't keep: whose they are, on a disk where branches come and go."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from policyc.artifacts import Artifact, compare, write
from policyc.artifacts.built import git_files

pytestmark = pytest.mark.windows


def text(path: str, content: str = "text\n") -> Artifact:
    return Artifact(path, content.encode(), "pilot.yaml", "configmgr")


def packed(path: str, content: str = "1") -> Artifact:
    return Artifact(path, content.encode(), "pilot.yaml", "configmgr", built=True)


def codes(found: tuple[object, ...]) -> list[str]:
    return [getattr(one, "code", "") for one in found]


def record(root: Path) -> dict[str, str]:
    known: dict[str, str] = json.loads((root / ".built.json").read_bytes())
    return known


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "output"


def checkout(root: Path, manifest: bytes) -> None:
    """Git brings the manifest of another branch, and takes no file away that it doesn't keep."""
    (root / "manifest.json").write_bytes(manifest)


def test_the_manifest_marks_what_is_built(root: Path) -> None:
    write(root, [text("a/x"), packed("a/x.cab")])
    files = json.loads((root / "manifest.json").read_bytes())["files"]
    assert (files["a/x.cab"]["built"], "built" in files["a/x"]) == (True, False)
    assert record(root) == {"a/x.cab": sha256(b"1").hexdigest()}


def test_without_anything_built_there_is_no_record(root: Path) -> None:
    write(root, [text("a/x")])
    assert not (root / ".built.json").exists()
    write(root, [packed("a/x.cab")])
    write(root, [text("a/x")])
    assert record(root) == {}


def test_a_missing_one_is_no_drift_and_is_made(root: Path) -> None:
    items = [text("a/x"), packed("a/x.cab")]
    write(root, items)
    (root / "a" / "x.cab").unlink()
    (root / ".built.json").unlink()
    found = compare(root, items)
    assert (found.is_current, found.unchanged) == (True, 2)
    assert write(root, items).written == 1
    (root / "a" / "x").unlink()
    assert codes(compare(root, items).diagnostics) == ["PC0613"], "what git keeps is missed as ever"


def test_one_of_another_branch_is_replaced(root: Path) -> None:
    write(root, [text("a/x")])
    plain = (root / "manifest.json").read_bytes()
    write(root, [text("a/x"), packed("a/x.cab", "other branch")])
    checkout(root, plain)
    assert compare(root, [text("a/x")]).is_current
    result = write(root, [text("a/x"), packed("a/x.cab", "mine")])
    assert (result.diagnostics, (root / "a" / "x.cab").read_bytes()) == ((), b"mine")


def test_one_of_another_branch_goes_where_no_policy_makes_it(root: Path) -> None:
    write(root, [text("a/x")])
    plain = (root / "manifest.json").read_bytes()
    write(root, [text("a/x"), packed("b/deep/x.cab")])
    checkout(root, plain)
    assert compare(root, [text("a/x")]).is_current, "git sees no difference"
    assert write(root, [text("a/x")]).removed == 1
    assert not (root / "b").exists()


@pytest.mark.parametrize("listed", [True, False])
def test_one_that_was_changed_since_stays_and_is_told_where_the_manifest_knows_it(root: Path, *, listed: bool) -> None:
    write(root, [text("a/x")])
    plain = (root / "manifest.json").read_bytes()
    write(root, [text("a/x"), packed("a/x.cab")])
    (root / "a" / "x.cab").write_bytes(b"somebody's")
    if not listed:
        checkout(root, plain)
    result = write(root, [text("a/x")])
    assert codes(result.diagnostics) == (["PC0609"] if listed else [])
    assert (root / "a" / "x.cab").read_bytes() == b"somebody's"


def test_somebody_elses_in_the_place_of_one_is_in_the_way(root: Path) -> None:
    write(root, [text("a/x")])
    (root / "a" / "x.cab").write_bytes(b"somebody's")
    assert codes(write(root, [text("a/x"), packed("a/x.cab")]).diagnostics) == ["PC0607"]
    assert (root / "a" / "x.cab").read_bytes() == b"somebody's"


def test_a_run_about_one_collection_leaves_the_others_and_their_record(root: Path) -> None:
    items = [packed("a/x.cab"), packed("b/x.cab")]
    write(root, items)
    write(root, [packed("a/x.cab", "2")], only={"a"})
    assert record(root).keys() == {"a/x.cab", "b/x.cab"}
    write(root, [packed("a/x.cab", "3")], hold={"b"})
    assert (root / "b" / "x.cab").read_bytes() == b"1"
    checkout(root, b'{"version": 1, "files": {}}')
    write(root, [packed("a/x.cab", "4")], only={"a"})
    assert record(root).keys() == {"a/x.cab", "b/x.cab"}, "not what this run is about"
    assert (root / "b" / "x.cab").exists()


def test_a_killed_run_is_finished_with_its_record(root: Path) -> None:
    write(root, [text("a/x")])
    stage = root / ".policyc" / "stage"
    stage.mkdir(parents=True)
    digest = sha256(b"2").hexdigest()
    (stage / "0").write_bytes(b"2")
    (stage / "built").write_text(json.dumps({"a/x.cab": digest}), encoding="ascii")
    moves = {"version": 1, "moves": [[0, "a/x.cab", digest, "pilot.yaml", True]], "removals": []}
    (root / ".policyc" / "commit.json").write_text(json.dumps(moves), encoding="ascii")
    # The manifest of that run is lost, but who made the file is known.
    assert write(root, [text("a/x"), packed("a/x.cab", "3")]).diagnostics == ()
    assert (root / "a" / "x.cab").read_bytes() == b"3"
    assert not (root / ".policyc").exists()


def test_a_record_names_nothing_outside(root: Path, tmp_path: Path) -> None:
    write(root, [text("a/x")])
    outside = tmp_path / "precious.cab"
    outside.write_bytes(b"1")
    known = dict.fromkeys(("../precious.cab", outside.as_posix(), "manifest.json", ".policyc/x"), sha256(b"1").hexdigest())
    (root / ".built.json").write_text(json.dumps(known), encoding="ascii")
    assert write(root, [text("a/x")]).removed == 0
    assert outside.exists()


def test_offered_files_are_theirs_once_they_differ(root: Path) -> None:
    offered = [*git_files("project.yaml", signed=False)]
    root.mkdir()
    (root / ".gitignore").write_bytes(b"mine")
    result = write(root, offered)
    assert (result.written, result.theirs, result.diagnostics) == (1, (".gitignore",), ())
    assert [one.path for one in offered if one.path in result.entries] == [".gitattributes"]
    assert compare(root, offered).is_current
    (root / ".gitignore").write_bytes(offered[0].content)
    assert write(root, offered).theirs == (), "the same bytes are adopted"


def test_a_signed_output_ignores_no_cabinet() -> None:
    (ignore, _), (signed, _) = git_files("p", signed=False), git_files("p", signed=True)
    assert b"*.cab" in ignore.content
    assert b".cab" not in signed.content
