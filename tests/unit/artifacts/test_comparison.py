"""`compare` says what `write` would do, and touches nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyc.artifacts import Artifact, compare, write
from policyc.artifacts.comparison import unified


def artifact(path: str, content: str = "one\ntwo\n", source: str = "pilot.yaml") -> Artifact:
    return Artifact(path, content.encode(), source, "configmgr")


def snapshot(root: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns) for path in [root, *root.rglob("*")] if path.exists()}


def test_nothing_there_yet(tmp_path: Path) -> None:
    comparison = compare(tmp_path / "output", [artifact("pilot/a")])
    assert [(found.path, found.drift) for found in comparison.differences] == [("pilot/a", "missing")]
    assert [found.code for found in comparison.diagnostics] == ["PC0613"]
    assert comparison.differences[0].diff == "--- /dev/null\n+++ b/pilot/a\n@@ -0,0 +1,2 @@\n+one\n+two\n"
    assert not (tmp_path / "output").exists()


def test_every_kind_of_drift_with_its_diff_and_its_policy(tmp_path: Path) -> None:
    write(tmp_path, [artifact("a/same"), artifact("a/stale"), artifact("b/missing"), artifact("old/x", source="old.yaml")])
    (tmp_path / "a" / "foreign").write_text("mine\n")
    (tmp_path / "b" / "missing").unlink()
    before = snapshot(tmp_path)
    new = [artifact("a/same"), artifact("a/stale", "one\n2\n"), artifact("a/foreign"), artifact("b/missing", source="b.yaml")]
    comparison = compare(tmp_path, new)
    assert snapshot(tmp_path) == before
    assert comparison.unchanged == 1
    assert not comparison.is_current
    assert {found.path: found.drift for found in comparison.differences} == {
        "a/stale": "stale",
        "a/foreign": "foreign",
        "b/missing": "missing",
        "old/x": "left over",
    }
    assert {(found.code, found.location.file) for found in comparison.diagnostics} == {
        ("PC0607", "pilot.yaml"),
        ("PC0612", "pilot.yaml"),
        ("PC0613", "b.yaml"),
        ("PC0614", ""),
    }
    stale = next(found for found in comparison.differences if found.drift == "stale")
    assert stale.diff == "--- a/a/stale\n+++ b/a/stale\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n"


def test_many_files_are_one_finding_for_each_policy(tmp_path: Path) -> None:
    comparison = compare(tmp_path, [artifact(f"a/{number}") for number in range(9)])
    (found,) = comparison.diagnostics
    assert "/a/0', " in found.message
    assert "and 6 more: not there" in found.message
    assert len(comparison.differences) == 9


def test_a_manifest_that_alone_is_out_of_date_is_drift(tmp_path: Path) -> None:
    write(tmp_path, [artifact("a/x")])
    comparison = compare(tmp_path, [artifact("a/x", source="renamed.yaml")])
    assert [found.code for found in comparison.diagnostics] == ["PC0612"]
    assert "renamed.yaml" in comparison.differences[0].diff
    write(tmp_path, [artifact("a/x", source="renamed.yaml")])
    assert compare(tmp_path, [artifact("a/x", source="renamed.yaml")]).is_current


def test_diffs_of_a_whole_estate_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyc.artifacts.comparison._LONGEST_DIFFS", 100)
    comparison = compare(tmp_path, [artifact(f"a/{number}") for number in range(9)])
    assert [bool(found.diff) for found in comparison.differences] == [True] * 2 + [False] * 7


def test_line_ends_show_only_where_they_differ() -> None:
    assert "\\r" not in unified("x", b"a\r\nb\r\n", b"a\r\nc\r\n")
    assert "-a\\r\n" in unified("x", b"a\r\nb\r\n", b"a\nb\n")


def test_a_missing_line_feed_at_the_end_is_said() -> None:
    assert unified("x", b"a", b"a\n").count("\\ No newline at end of file\n") == 1


def test_a_binary_file_is_not_shown() -> None:
    assert unified("x.cab", b"a\0b", b"a\0c") == "Binary files a/x.cab and b/x.cab differ\n"
    assert unified("x.cab", None, b"a\0c") == "Binary files /dev/null and b/x.cab differ\n"


names = st.sampled_from(["a/x", "a/y", "b/x", "b/deep/y", "c/z"])
files = st.dictionaries(names, st.binary(max_size=6), max_size=5)


@settings(max_examples=60, deadline=None)
@given(
    first=files,
    second=files,
    only=st.none() | st.frozensets(st.sampled_from("abc")),
    hold=st.frozensets(st.sampled_from("abc")),
)
def test_after_writing_nothing_differs(
    tmp_path_factory: pytest.TempPathFactory,
    first: dict[str, bytes],
    second: dict[str, bytes],
    only: frozenset[str] | None,
    hold: frozenset[str],
) -> None:
    root = tmp_path_factory.mktemp("law")
    write(root, [Artifact(path, content, "p.yaml", "t") for path, content in first.items()])
    new = [Artifact(path, content, "p.yaml", "t") for path, content in second.items()]
    differences = len(
        [found for found in compare(root, new, only=only, hold=hold).differences if found.path != "manifest.json"]
    )
    result = write(root, new, only=only, hold=hold)
    assert result.diagnostics == ()
    assert result.written + result.removed == differences
    assert compare(root, new, only=only, hold=hold).is_current
    taken = {slug for slug in "abc" if slug not in hold and (only is None or slug in only)}
    there = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    del there["manifest.json"]
    wanted = {path: content for path, content in first.items() if path[0] not in taken}
    wanted |= {path: content for path, content in second.items() if path[0] in taken}
    assert there == wanted
