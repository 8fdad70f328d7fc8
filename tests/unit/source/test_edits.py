"""A cure changes what it names, and nothing else."""

from __future__ import annotations

import pytest

from policyc.diagnostics.cures import Cure, add, move, nest, remove, rename, write
from policyc.model import Location
from policyc.source.edits import NoSuchNodeError, cured
from policyc.source.tree import build
from policyc.source.wording import as_yaml


def at(*path: str | int) -> Location:
    return Location("x.yaml", path)


TEXT = """\
# what it is
collection:
  name: Pilot   # the first
  mode: audit
settings:
  one:
    title: x
    registry: {key: HKLM\\A, name: N}
  # the second
  two:
    why: |
      lines
      of text
    list:
      - a
      - b
"""


@pytest.mark.parametrize(
    ("cure", "before", "after"),
    [
        (write(at("collection", "name"), "Other"), "Pilot   #", "Other   #"),
        (rename(at("collection", "mode"), "id"), "  mode: audit", "  id: audit"),
        (remove(at("collection", "mode")), "  mode: audit\n", ""),
        (remove(at("collection", "name")), "  name: Pilot   # the first\n  mode", "  mode"),
        (remove(at("settings", "one", "registry", "key")), "{key: HKLM\\A, name", "{name"),
        (remove(at("settings", "one", "registry", "name")), ", name: N}", "}"),
        (remove(at("settings", "two", "list", 0)), "- a\n      - b", "- b"),
        (remove(at("settings", "two", "list", 1)), "      - b\n", ""),
        (add(at("settings", "one", "registry", "type"), "dword"), "{key", "{type: dword, key"),
        (add(at("collection", "id"), "'A1'"), "  name: Pilot", "  id: 'A1'\n  name: Pilot"),
        (add(at("collection", "members", "devices"), "[a]"), "  name: P", "  members:\n    devices: [a]\n  name: P"),
        (nest(at("collection", "mode"), "set"), "audit", "{set: audit}"),
        (
            nest(at("settings", "two", "list"), "all"),
            "list:\n      - a\n      - b",
            "list:\n      all:\n        - a\n        - b",
        ),
        (write(at("settings", "two", "list"), "[]"), "- a\n      - b", "[]"),
        ((*write(at("collection", "mode"), "x"), *rename(at("collection", "mode"), "id")), "mode: audit", "id: x"),
    ],
)
def test_only_what_is_named_changes(cure: Cure, before: str, after: str) -> None:
    assert TEXT.count(before) == 1
    assert cured(TEXT, cure) == TEXT.replace(before, after)


def test_a_block_is_moved_with_its_lines() -> None:
    text = cured(TEXT, move(at("settings", "two", "list"), ("collection", "members", "devices")))
    tree = build("x", text).tree
    assert tree["collection"]["members"] == {"devices": ["a", "b"]}
    assert "list" not in tree["settings"]["two"]
    assert "# the second" in text


def test_windows_line_ends_stay() -> None:
    text = cured(TEXT.replace("\n", "\r\n"), remove(at("collection", "mode")))
    assert text == TEXT.replace("  mode: audit\n", "").replace("\n", "\r\n")


def test_the_last_one_leaves_an_empty_mapping() -> None:
    assert cured("a:\n  b: 1\nc: 2\n", remove(at("a", "b"))) == "a:\n  {}\nc: 2\n"
    assert cured("a: [1]\n", remove(at("a", 0))) == "a: []\n"


def test_what_is_not_there_cant_be_changed() -> None:
    with pytest.raises(NoSuchNodeError):
        cured(TEXT, write(at("nowhere"), "x"))
    with pytest.raises(NoSuchNodeError):
        cured(TEXT, add(at("collection", "name", "first"), "x"))


@pytest.mark.parametrize(
    "text", ["a", "true", "5", "", " a", "a ", "a: b", "a #b", "it's", "[a]", "C:\\x", "- a", "\\\\s\\x", "a\tb"]
)
def test_text_comes_back_as_it_was(text: str) -> None:
    assert build("x", f"[{as_yaml(text)}]").tree == [text]
