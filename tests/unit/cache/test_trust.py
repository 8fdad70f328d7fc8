"""Whose memory is believed: attacks on it by exchange, by link, by owner and by mode, and what it may delete."""

from __future__ import annotations

import json
import os
import stat
from hashlib import sha256
from pathlib import Path

import pytest

from policyc.cache import store as stores
from policyc.cache.fingerprint import fingerprint
from policyc.cache.secret import load_secret
from policyc.cache.store import Store, open_store

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX owners, modes and links")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's own folder, apart from the one in which outputs are remembered."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    monkeypatch.setenv("POLICYC_CACHE", str(tmp_path / "cache"))
    return folder


def opened(output: str = "/out") -> Store:
    store = open_store(Path(output))
    assert store is not None
    return store


def kept(output: str = "/out", **entries: object) -> Store:
    store = opened(output)
    store.write("run.json", {"of": output, **entries})
    assert store.read("run.json") == {"of": output, **entries}
    return store


def test_an_edited_entry_with_a_right_hash_is_not_believed() -> None:
    store = kept()
    body = json.dumps({"of": "the attacker"}).encode("ascii")
    head = f"policyc {fingerprint()} {sha256(body).hexdigest()}".encode("ascii")
    (store.folder / "run.json").write_bytes(head + b"\n" + body)
    assert store.read("run.json") is None


def test_entries_that_are_exchanged_are_not_believed() -> None:
    one, other = kept("/out"), kept("/elsewhere")
    one.write("documents.json", {"a": 1})
    run, documents = (one.folder / "run.json").read_bytes(), (one.folder / "documents.json").read_bytes()
    (other.folder / "run.json").write_bytes(run)
    (one.folder / "run.json").write_bytes(documents)
    assert other.read("run.json") is None
    assert one.read("run.json") is None
    (one.folder / "run.json").write_bytes(run)
    assert one.read("run.json") == {"of": "/out"}


def test_a_cache_of_another_user_is_not_believed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept()
    other = home / "other"
    other.mkdir()
    for name in ("HOME", "LOCALAPPDATA", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(other))
    assert opened().read("run.json") is None
    kept()  # and this user's own is, from then on


def test_the_key_never_lies_in_the_folder_that_the_variable_names(tmp_path: Path) -> None:
    kept()
    assert not [file for file in (tmp_path / "cache").rglob("*") if file.name.startswith("key")]


def test_a_key_that_is_short_or_gone_is_made_anew(home: Path) -> None:
    first = load_secret(home / "policyc")
    assert first is not None
    assert load_secret(home / "policyc") == first
    (home / "policyc" / "key").write_bytes(b"short")
    second = load_secret(home / "policyc")
    assert second is not None
    assert len(second) == 32
    assert second != first


def test_nothing_is_remembered_without_a_place_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name)
    assert open_store(Path("/out")) is None


@posix
def test_the_key_is_the_users_alone(home: Path) -> None:
    kept()
    (key,) = home.rglob("key")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    key.chmod(0o644)  # somebody may have read it
    assert opened().read("run.json") is None
    assert key.read_bytes() != before
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@posix
@pytest.mark.parametrize("mode", [0o777, 0o775, 0o722])
def test_a_folder_that_others_can_write_to_is_not_believed(mode: int) -> None:
    store = kept()
    store.folder.chmod(mode)
    assert store.read("run.json") is None
    store.write("run.json", {"new": 1})  # closes it, and what was in it is written anew
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
    assert store.read("run.json") == {"new": 1}


@posix
def test_an_entry_that_others_can_write_is_not_believed() -> None:
    store = kept()
    (store.folder / "run.json").chmod(0o666)
    assert store.read("run.json") is None


@posix
def test_what_another_user_owns_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    store = kept()
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    assert store.read("run.json") is None
    assert open_store(Path("/out")) is None
    store.write("run.json", {"of": "another"})
    store.forget("run.json")
    monkeypatch.undo()
    assert Store(store.folder, store._key, "/out").read("run.json") == {"of": "/out"}


@posix
def test_links_are_not_followed(tmp_path: Path) -> None:
    store = kept()
    entry = store.folder / "run.json"
    moved = tmp_path / "moved.json"
    entry.rename(moved)
    entry.symlink_to(moved)
    assert store.read("run.json") is None
    store.write("run.json", {"through": "the link"})
    assert b"through" not in moved.read_bytes()
    entry.unlink()
    moved.rename(entry)
    real = tmp_path / "real"
    store.folder.rename(real)
    store.folder.symlink_to(real, target_is_directory=True)
    assert store.read("run.json") is None
    store.write("run.json", {"through": "the link"})
    assert b"through" not in (real / "run.json").read_bytes()


@posix
def test_a_key_that_is_a_link_is_replaced_not_followed(tmp_path: Path, home: Path) -> None:
    kept()
    (key,) = home.rglob("key")
    known = tmp_path / "known"
    known.write_bytes(b"a" * 32)
    known.chmod(0o600)
    key.unlink()
    key.symlink_to(known)
    assert load_secret(key.parent) != b"a" * 32
    assert known.read_bytes() == b"a" * 32


def full(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for one output, and that is taken."""
    monkeypatch.setattr(stores, "_MOST_OUTPUTS", 1)
    base.mkdir(exist_ok=True)


def test_only_what_carries_the_mark_is_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = tmp_path / "cache"
    full(base, monkeypatch)
    theirs = {
        "Documents/letter.txt": b"Dear Sir",
        "0123456789abcdef0123456789abcdef/run.json": b'{"of": "another program"}',
        "11111111111111111111111111111111/notes.txt": b"policyc is mentioned, and the name isn't ours",
        "22222222222222222222222222222222/run.json": b"policyc was here",
        "22222222222222222222222222222222/thesis.txt": b"years of work",
        "33333333333333333333333333333333/run.json/deep.txt": b"a folder of that name",
    }
    for path, content in theirs.items():
        file = base / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    ours = kept("/first").folder
    os.utime(ours, (1, 1))
    kept("/second")
    assert not ours.exists()
    assert {path: (base / path).read_bytes() for path in theirs} == theirs


@posix
def test_no_link_is_followed_to_delete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = tmp_path / "cache"
    full(base, monkeypatch)
    store = kept("/first")
    kept_aside = tmp_path / "aside"
    store.folder.rename(kept_aside)
    store.folder.symlink_to(kept_aside, target_is_directory=True)
    inner = base / ("4" * 32)
    inner.mkdir(mode=0o700)
    (inner / "run.json").symlink_to(kept_aside / "run.json")
    kept("/second")
    assert (kept_aside / "run.json").is_file()
    assert store.folder.is_symlink()
    assert (inner / "run.json").is_symlink()


def test_nothing_of_others_is_written_over_or_forgotten() -> None:
    store = kept()
    entry = store.folder / "run.json"
    entry.write_bytes(b"somebody's own")
    store.write("run.json", {"new": 1})
    store.forget("run.json")
    assert entry.read_bytes() == b"somebody's own"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can make a folder of somebody else's")
def test_a_run_as_root_leaves_nothing_with_a_user(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.chown(theirs, 12345, -1)
    assert load_secret(theirs / "policyc") is None
    assert load_secret(theirs / "below" / "policyc") is None
    assert list(theirs.iterdir()) == []
