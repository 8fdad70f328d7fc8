"""Bytes that are no text, and files that are no files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from policyc.diagnostics import Diagnostic
from policyc.source.limits import LARGEST_FILE
from policyc.source.reading import read_text, split_lines

pytestmark = pytest.mark.windows

GOOD = "collection:\n  name: Zürich\n"


def read(tmp_path: Path, data: bytes) -> str | Diagnostic:
    (tmp_path / "a.yaml").write_bytes(data)
    return read_text(tmp_path, "a.yaml")


def test_utf_8_with_and_without_a_mark(tmp_path: Path) -> None:
    assert read(tmp_path, GOOD.encode()) == GOOD
    assert read(tmp_path, b"\xef\xbb\xbf" + GOOD.encode()) == GOOD


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_wide_encodings(tmp_path: Path, encoding: str) -> None:
    found = read(tmp_path, GOOD.encode(encoding))
    assert isinstance(found, Diagnostic)
    assert found.code == "PC0107"
    assert "UTF-16" in found.message
    assert "UTF-8" in found.help


def test_an_older_code_page(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD.encode("cp1252"))
    assert isinstance(found, Diagnostic)
    assert (found.code, found.location.line, found.location.column) == ("PC0107", 2, 10)
    assert found.message == "The byte 0xFC is not UTF-8 here"


@pytest.mark.parametrize(
    ("character", "words"),
    [
        ("\x00", "NUL"),
        ("\x1b", "U+001B"),
        ("\x7f", "U+007F"),
        ("\x9b", "U+009B"),
        ("\ufffe", "U+FFFE"),
        ("\x85", "line break U+0085"),
        ("\u2028", "line break U+2028"),
        ("\u2029", "line break U+2029"),
    ],
)
def test_characters_that_cannot_be_seen(tmp_path: Path, character: str, words: str) -> None:
    found = read(tmp_path, f"collection:\r\n  name: ab{character}c\n".encode())
    assert isinstance(found, Diagnostic)
    assert (found.code, found.location.line, found.location.column) == ("PC0108", 2, 11)
    assert words in found.message


def test_size(tmp_path: Path) -> None:
    assert read(tmp_path, b"#" * LARGEST_FILE) == "#" * LARGEST_FILE
    found = read(tmp_path, b"#" * (LARGEST_FILE + 1))
    assert isinstance(found, Diagnostic)
    assert (found.code, found.message) == ("PC0112", "'a.yaml' is larger than 4 MB")


def test_missing(tmp_path: Path) -> None:
    found = read_text(tmp_path, "a.yaml")
    assert isinstance(found, Diagnostic)
    assert found.code == "PC0110"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.yaml")
    found = read_text(tmp_path, "a.yaml")
    assert isinstance(found, Diagnostic)
    assert found.code == "PC0109"


def test_lines() -> None:
    assert split_lines("a\r\nb\rc\nd\x85e\u2028f\x0c") == ["a", "b", "c", "d\x85e\u2028f\x0c"]
