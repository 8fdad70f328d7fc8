"""Where a node stands in its file."""

from __future__ import annotations

import pytest

from policyc.model import Location
from policyc.source.marks import Marks

TEXT = """\
collection:
  name: Pilot   # a comment
  devices: [PC-1, "PC-2"]
settings:
  one: &one
    title: >-
      folded
      text
    registry: {key: HKLM\\A,
               equals: 0x1F}
  two: *one
list:
- a: 1
  b:
- äöü😀: x
"""

pytestmark = pytest.mark.usefixtures("_each_parser")


@pytest.mark.parametrize(
    ("path", "on_key", "marked"),
    [
        (("collection", "name"), False, (2, "Pilot")),
        (("collection", "name"), True, (2, "name")),
        (("collection",), False, (1, "collection")),
        (("collection", "devices"), False, (3, '[PC-1, "PC-2"]')),
        (("collection", "devices", 0), False, (3, "PC-1")),
        (("collection", "devices", 1), False, (3, '"PC-2"')),
        (("settings", "one", "title"), False, (6, ">-")),
        (("settings", "one", "registry"), False, (9, "registry")),
        (("settings", "one", "registry", "equals"), False, (10, "0x1F")),
        (("settings", "two"), True, (11, "two")),
        (("settings", "two", "registry", "equals"), False, (10, "0x1F")),
        (("list", 0), False, (13, "a: 1")),
        (("list", 0, "b"), False, (14, "b")),
        (("list", 1, "äöü😀"), False, (15, "x")),
        (("list", 1, "äöü😀"), True, (15, "äöü😀")),
        (("collection", "gone"), False, (1, "collection")),
        (("collection", "name", "deeper"), False, (2, "name")),
        (("collection", "devices", 9), False, (3, "devices")),
        (("list", "not-an-index"), False, (12, "list")),
    ],
)
def test_regions(path: tuple[str | int, ...], on_key: bool, marked: tuple[int, str]) -> None:
    region = Marks(TEXT).region(Location("a.yaml", path, on_key=on_key))
    assert region is not None
    assert (region.line, region.excerpt[region.column - 1 : region.end_column - 1]) == marked
    assert region.excerpt == TEXT.split("\n")[region.line - 1]


def test_the_whole_file_has_no_region() -> None:
    assert Marks(TEXT).region(Location("a.yaml")) is None
    assert Marks("").region(Location("a.yaml", ("a",))) is None
    assert Marks("").region(Location("a.yaml", line=7, column=1)) is None


def test_a_line_and_column_mark_a_word() -> None:
    region = Marks(TEXT).region(Location("a.yaml", line=2, column=9))
    assert region is not None
    assert (region.column, region.end_column) == (9, 14)


def test_nodes_before_a_mistake_are_found() -> None:
    region = Marks("a: {b: c}\nd: 'e\n").region(Location("a.yaml", ("a", "b")))
    assert region is not None
    assert (region.line, region.column) == (1, 8)


def test_line_ends_of_all_systems() -> None:
    for end in ("\n", "\r\n", "\r"):
        region = Marks(f"a: b{end}c: d{end}").region(Location("a.yaml", ("c",)))
        assert region is not None
        assert (region.line, region.excerpt) == (2, "c: d")


def test_what_is_behind_a_place_in_a_long_line_is_cut() -> None:
    region = Marks(f"{{a: {'x' * 100_000}, b: c}}").region(Location("a.yaml", ("a",)))
    assert region is not None
    assert (region.column, len(region.excerpt)) == (5, 604)


def test_excerpts_hold_nothing_that_moves_text() -> None:
    region = Marks("a: b # \u202e\x1b[31m").region(Location("a.yaml", line=1, column=1))
    assert region is not None
    assert region.excerpt == "a: b # \ufffd\u241b[31m"


def test_written() -> None:
    marks = Marks("a: 1E05\nb: '5'\nc: [007]\nd: {}\n")
    assert [marks.written(path) for path in [("a",), ("b",), ("c", 0), ("d",), ("e",)]] == ["1E05", "5", "007", None, None]
    assert [marks.is_plain(path) for path in [("a",), ("b",), ("e",)]] == [True, False, False]
