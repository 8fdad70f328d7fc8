"""Revisions only grow; the file survives merges, and nothing else is taken for it."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platforms import needs_git
from policyc.artifacts.revisions import Ledger, Revision, dump, load, parse, project_of
from policyc.model import derived_id

KEYS = st.text("ab/-", min_size=1, max_size=6).map(lambda text: f"c/{text}")
CONTENTS = st.sampled_from(["1" * 64, "2" * 64, "3" * 64])


def test_a_new_object_starts_at_one_and_stays_there() -> None:
    ledger = Ledger()
    assert ledger.revision("pilot/baseline", "a") == 1
    again = Ledger(ledger.entries())
    assert again.revision("pilot/baseline", "a") == 1
    assert again.entries() == ledger.entries()


def test_a_changed_object_gets_the_next() -> None:
    ledger = Ledger({"pilot/baseline": Revision(3, "a")})
    assert ledger.revision("pilot/baseline", "b") == 4
    assert ledger.entries() == {"pilot/baseline": Revision(4, "b")}


def test_what_is_removed_is_remembered_and_comes_back_higher() -> None:
    known = {"pilot/baseline": Revision(3, "a"), "other/baseline": Revision(2, "o")}
    gone = Ledger(known)
    gone.revision("other/baseline", "o")
    assert gone.entries()["pilot/baseline"] == Revision(3, "a", removed=True)
    back = Ledger(gone.entries())
    assert back.revision("pilot/baseline", "a") == 4
    assert not back.entries()["pilot/baseline"].removed


def test_what_a_run_is_not_about_stays_as_it_was() -> None:
    known = {"pilot/item": Revision(3, "a"), "other/item": Revision(2, "o"), "held/item": Revision(5, "h")}
    ledger = Ledger(known)
    ledger.revision("pilot/item", "b")
    assert ledger.entries(only={"pilot"}) == {**known, "pilot/item": Revision(4, "b")}
    assert ledger.entries({"held"})["held/item"] == known["held/item"]
    assert ledger.entries({"held"})["other/item"].removed


def test_another_signer_is_another_object() -> None:
    unsigned = Ledger()
    unsigned.revision("pilot/item", "a", scripts=True)
    signed = Ledger(unsigned.entries(), signer="AA")
    assert signed.revision("pilot/item", "a", scripts=True) == 2
    assert signed.signer_of("pilot/item") == "AA"
    # The unsigned output goes with it, so that the two never share a number.
    after = Ledger(signed.entries())
    assert after.revision("pilot/item", "a", scripts=True) == 2
    assert after.entries()["pilot/item"].signer == "AA"
    assert Ledger(after.entries(), signer="AA").revision("pilot/item", "a", scripts=True) == 2
    assert Ledger(after.entries(), signer="BB").revision("pilot/item", "a", scripts=True) == 3


def test_what_has_no_scripts_has_no_signer() -> None:
    ledger = Ledger({"pilot/baseline": Revision(1, "a")}, signer="AA")
    assert ledger.revision("pilot/baseline", "a") == 1
    assert ledger.entries()["pilot/baseline"].signer is None


@given(st.lists(st.dictionaries(KEYS, CONTENTS), max_size=8))
def test_no_number_ever_stands_for_two_contents(runs: list[dict[str, str]]) -> None:
    had: dict[tuple[str, int], str] = {}
    known: dict[str, Revision] = {}
    for run in runs:
        ledger = Ledger(known)
        for key, content in run.items():
            number = ledger.revision(key, content)
            assert had.setdefault((key, number), content) == content
            assert key not in known or number >= known[key].number
        known = parse(dump(ledger.entries()))
        assert known == ledger.entries()


def merge(folder: Path, base: dict[str, Revision], ours: dict[str, Revision], theirs: dict[str, Revision]) -> bytes:
    """What git makes of the file where two branches met."""
    for name, entries in (("base", base), ("ours", ours), ("theirs", theirs)):
        (folder / name).write_bytes(dump(entries))
    command = ["git", "merge-file", "-p", "ours", "base", "theirs"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=30).stdout


@needs_git
def test_two_branches_that_raised_one_object(tmp_path: Path) -> None:
    base = {"a/x": Revision(1, "0"), "b/x": Revision(3, "0"), "c/x": Revision(1, "0")}
    ours = {**base, "b/x": Revision(4, "ours")}
    theirs = {**base, "b/x": Revision(4, "theirs")}
    merged = merge(tmp_path, base, ours, theirs)
    assert b"<<<<<<<" in merged
    settled = parse(merged)
    assert settled["b/x"] == Revision(4, "")
    # Whatever the merged policies give, even one of the two, the number is new.
    assert Ledger(settled).revision("b/x", "ours") == 5


@needs_git
def test_the_higher_of_two_revisions_keeps_its_content(tmp_path: Path) -> None:
    base = {"b/x": Revision(3, "0")}
    merged = merge(tmp_path, base, {"b/x": Revision(5, "ours")}, {"b/x": Revision(4, "theirs")})
    assert parse(merged) == {"b/x": Revision(5, "ours")}


@needs_git
@given(base=st.dictionaries(KEYS, st.just("0"), min_size=1), changes=st.tuples(*[st.dictionaries(KEYS, CONTENTS)] * 2))
def test_every_merge_is_settled(
    tmp_path_factory: pytest.TempPathFactory, base: dict[str, str], changes: tuple[dict[str, str], dict[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("merge")
    first = Ledger()
    for key, content in base.items():
        first.revision(key, content)
    sides = []
    for change in changes:
        branch = Ledger(first.entries())
        for key, content in {**base, **change}.items():
            branch.revision(key, content)
        sides.append(branch.entries())
    settled = parse(merge(folder, first.entries(), *sides))
    for key in sides[0].keys() | sides[1].keys():
        numbers = [side[key].number for side in sides if key in side]
        assert settled[key].number == max(numbers)
        if len(numbers) == 2 and numbers[0] == numbers[1] and sides[0][key] != sides[1][key]:
            assert settled[key].content == ""


def test_nothing_written_yet(tmp_path: Path) -> None:
    assert load(tmp_path) == ({}, [])


def test_a_lost_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"version": 1, "files": {"revisions.json": {}}}')
    _, (found,) = load(tmp_path)
    assert found.code == "PC0618"
    assert "restore it from git" in found.help


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"version": 2, "objects": {}}',
        b'{"version": 1, "objects": {"a": {}}}',
        b'{"version": 1, "objects": {"a": {"revision": 0, "content": ""}}}',
        b'{"version": 1, "objects": {"a": {"revision": true, "content": ""}}}',
        b'{"version": 1, "objects": {"a": {"revision": 1, "content": 2}}}',
        b'{"version": 1, "objects": {"a": 1}}',
        b"<<<<<<< ours\n",
        b"[" * 100_000,
    ],
)
def test_a_broken_file_is_an_error(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "revisions.json").write_bytes(text)
    known, (found,) = load(tmp_path)
    assert (known, found.code) == ({}, "PC0619")


@given(st.binary(max_size=200))
def test_random_bytes_raise_nothing_but_value_error(text: bytes) -> None:
    with suppress(ValueError):
        parse(text)


def test_the_projects_name_is_kept(tmp_path: Path) -> None:
    assert project_of(tmp_path) is None
    (tmp_path / "revisions.json").write_bytes(dump({"a/b": Revision(1, "c")}, 'Estate "1"'))
    assert project_of(tmp_path) == ('Estate "1"', derived_id('Estate "1"')), "from before there were ids"
    assert load(tmp_path) == ({"a/b": Revision(1, "c")}, [])
    (tmp_path / "revisions.json").write_bytes(dump({"a/b": Revision(1, "c")}, 'Estate "1"', "an id"))
    assert project_of(tmp_path) == ('Estate "1"', "an id")
    (tmp_path / "revisions.json").write_bytes(b"<<<<<<<")
    assert project_of(tmp_path) is None


def test_an_object_gets_one_revision_a_run() -> None:
    ledger = Ledger()
    ledger.revision("a/b", "1")
    with pytest.raises(ValueError, match="two objects are 'a/b'"):
        ledger.revision("a/b", "2")


def test_an_object_twice_is_no_list_of_revisions() -> None:
    text = dump({"a/b": Revision(9, "x")}).replace(b"\n  }", b',\n    "a/b": {"revision": 2, "content": "y"}\n  }')
    with pytest.raises(ValueError, match="twice"):
        parse(text)


def test_a_conflict_within_the_common_ancestor(tmp_path: Path) -> None:
    """What git writes after a criss-cross merge with diff3: longer markers in the part between."""
    ours, theirs, base = (dump({"b/x": Revision(number, name)}).decode() for number, name in ((8, "o"), (6, "t"), (4, "b")))
    line = ours.splitlines()[3]
    nested = f"<<<<<<<<< one\n{base.splitlines()[3]}\n=========\n{line.replace('8', '5')}\n>>>>>>>>> two"
    conflict = f"<<<<<<< HEAD\n{line}\n||||||| base\n{nested}\n=======\n{theirs.splitlines()[3]}\n>>>>>>> other"
    assert parse(ours.replace(line, conflict).encode()) == {"b/x": Revision(8, "o")}
