"""A broken escape is one finding, and hides nothing of the rest of its file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from policyc.diagnostics import Located
from policyc.source.forgiving import forgiven

Load = Callable[..., tuple[Any, list[Located]]]
pytestmark = pytest.mark.usefixtures("_each_parser")
TEXT = r"""
collection:
  name: Pilot
settings:
  one: {title: x, registry: {key: "HKLM\SOFTWARE\Policies", name: A, type: dword, equals: 1}}
  two:
    title: x
    registry: {key: 'HKLM\SOFTWARE\Policies', name: "C:\xq", type: dword, equals: five}
  three:
    title: x
    registry:
      key: HKLM\SOFTWARE\Policies
      nmae: B
      type: dword
      equals: 1
"""


def places(found: list[Located]) -> list[tuple[str, int | None]]:
    return [(one.diagnostic.code, one.region.line if one.region else None) for one in found]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_rest_is_checked(load: Load, end: str) -> None:
    sources, found = load(TEXT.replace("\n", end))
    # Of a line with a broken escape nothing else is said: it may follow from it.
    assert places(found) == [("PC0101", 5), ("PC0101", 8), ("PC0201", 13)]
    assert found[2].region is not None
    assert found[2].region.excerpt == "      nmae: B"
    assert [document.file for document in sources.documents] == ["project.yaml"]


def test_an_escape_that_is_one_mistake_is_one_finding(load: Load) -> None:
    _, found = load('collection:\n  name: "a\\q\\w\\e"\n')
    assert places(found) == [("PC0101", 2)]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("collection:\n  name: Pilot\n  name: Other\n  modes: audit\n", ["PC0102", "PC0201"]),
        ("collection:\n  name: Pilot\n  5: a\n  modes: audit\n", ["PC0114", "PC0201"]),
        ("collection:\n  name: !x Pilot\n  modes: audit\n", ["PC0103", "PC0201"]),
        # Behind what can't be understood nothing is said.
        ("collection:\n  modes: audit\n  name: [\n", ["PC0101"]),
    ],
)
def test_what_is_understood_to_its_end_is_checked(load: Load, text: str, codes: list[str]) -> None:
    assert [one.diagnostic.code for one in load(text)[1]] == codes


def test_only_broken_escapes_are_forgiven() -> None:
    assert forgiven('a: "\\q\\n"\nb: [\n') == 'a: "/q\\n"\nb: [\n'
    assert forgiven("a: 'x\\q'\n") == "a: 'x\\q'\n"
