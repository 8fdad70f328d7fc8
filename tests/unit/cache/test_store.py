"""Where memory lies, and what is taken for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from policyc.cache import fingerprint as prints
from policyc.cache import store as stores
from policyc.cache.store import Store, open_store

pytestmark = pytest.mark.windows

KEY = b"k" * 32


def kept(folder: Path) -> Store:
    store = Store(folder, KEY)
    store.write("run.json", {"a": [1, "é", None]})
    return store


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    store = kept(tmp_path / "new" / "folder")
    assert store.read("run.json") == {"a": [1, "é", None]}
    assert store.read("other.json") is None
    assert [file.name for file in store.folder.iterdir()] == ["run.json"]


def test_nothing_that_was_changed_is_believed(tmp_path: Path) -> None:
    store = kept(tmp_path)
    file = tmp_path / "run.json"
    whole = file.read_bytes()
    for end in range(len(whole)):
        file.write_bytes(whole[:end])
        assert store.read("run.json") is None, end
    for spoilt in (b"", b"\0" * 100, whole.replace(b"1", b"2"), whole + b" ", b"[" * 100_000, b'policyc 1 2\n{"a": 1}'):
        file.write_bytes(spoilt)
        assert store.read("run.json") is None
    file.unlink()
    file.mkdir()
    assert store.read("run.json") is None
    if os.name != "nt":
        file.rmdir()
        os.mkfifo(file)
        assert store.read("run.json") is None
        file.unlink()
        file.symlink_to("/dev/zero")
        assert store.read("run.json") is None


def test_another_policyc_has_another_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(tmp_path)
    monkeypatch.setattr(stores, "fingerprint", lambda: "0" * 64)
    assert Store(tmp_path, KEY).read("run.json") is None


def test_the_fingerprint_is_of_every_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "compiler" / "policyc"
    (package / "cache").mkdir(parents=True)
    (package / "__pycache__").mkdir()
    template = package / "template.j2"
    template.write_text("one", encoding="ascii")
    monkeypatch.setattr(prints, "__file__", str(package / "cache" / "fingerprint.py"))

    def taken() -> str:
        prints.fingerprint.cache_clear()
        return prints.fingerprint()

    first = taken()
    (package / "__pycache__" / "x.pyc").write_bytes(b"new")
    assert taken() == first
    template.write_text("two", encoding="ascii")
    second = taken()
    assert second != first
    (tmp_path / "schema").mkdir()
    (tmp_path / "schema" / "a.json").write_text("{}", encoding="ascii")
    third = taken()
    assert third not in (first, second)
    monkeypatch.setattr(sys, "version", "4.0")
    assert taken() not in (first, second, third)
    prints.fingerprint.cache_clear()


def test_a_folder_that_cannot_be_written_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = Store(tmp_path / "file" / "below", KEY)
    store.write("run.json", {})
    assert store.read("run.json") is None


def test_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICYC_CACHE", "OFF")
    assert open_store(tmp_path) is None
    monkeypatch.setenv("POLICYC_CACHE", str(tmp_path / "there"))
    first, second = open_store(tmp_path / "output"), open_store(tmp_path / "signed")
    assert first is not None
    assert second is not None
    assert first.folder.parent == second.folder.parent == tmp_path / "there"
    assert first.folder != second.folder
    monkeypatch.delenv("POLICYC_CACHE")
    home = "LOCALAPPDATA" if os.name == "nt" else "HOME"
    monkeypatch.setenv(home, str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    found = open_store(tmp_path / "output")
    assert found is not None
    assert found.folder.is_relative_to(tmp_path / "home")
    monkeypatch.delenv(home)
    assert open_store(tmp_path / "output") is None


def test_only_so_many_outputs_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICYC_CACHE", str(tmp_path))
    monkeypatch.setattr(stores, "_MOST_OUTPUTS", 3)
    for number in range(5):
        store = open_store(Path(f"/output-{number}"))
        assert store is not None
        store.write("run.json", {"number": number})
        os.utime(store.folder, (number, number))
    monkeypatch.setattr(stores, "_MOST_OUTPUTS", 50)
    assert [_number(output) for output in range(5)] == [None, None, 2, 3, 4]


def _number(output: int) -> int | None:
    store = open_store(Path(f"/output-{output}"))
    tree = None if store is None else store.read("run.json")
    return None if tree is None else tree["number"]


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1203])
def test_what_comes_bit_by_bit_is_read_as_if_it_had_come_whole(tmp_path: Path, count: int) -> None:
    store = Store(tmp_path / "x", KEY)
    pairs = {f"k{number}": [number, "\u00e9\n"] for number in range(count)}
    store.write("run.json", iter(pairs.items()))
    assert store.read("run.json") == pairs
    tree = {"before": 1, "files": iter(pairs.items()), "between": {"a": []}, "more": iter(()), "after": None}
    store.write("run.json", tree)
    assert store.read("run.json") == {"before": 1, "files": pairs, "between": {"a": []}, "more": {}, "after": None}
