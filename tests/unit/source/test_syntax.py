"""Mistakes in YAML, in plain words."""

from __future__ import annotations

import pytest

from policyc.source.tree import build

pytestmark = pytest.mark.usefixtures("_each_parser")


@pytest.mark.parametrize(
    ("text", "line", "words", "way_out"),
    [
        ("a:\n\tb: c\n", 2, "A tab stands where only spaces may", "indent with spaces"),
        ('a: "HKLM\\SOFTWARE"\n', 1, "This escape is not known in double quotes", "single quotes"),
        ('a: "\\x4"\n', 1, "lacks hex digits", "single quotes"),
        ("a: b: c\n", 1, "A colon stands where no key can be", "in quotes"),
        ("a\n  b: c\n", 2, "A colon stands where no key can be", "colon that the line above lacks"),
        ("x: y\na: 'b\nc: d\n", 2, "The quotes that are opened here are never closed", "close them"),
        ("a:\n  b: c\n d: e\n", 3, "doesn't fit the mapping", "indented"),
        ("a: [b, c\nd: e\n", 2, "The list in brackets isn't closed", "']'"),
        ("a: {b: c\nd\n", 3, "The mapping in braces isn't closed", "'}'"),
        ("a: - b\n", 1, "A list item stands where none can be", "line of its own"),
        ("a: %b\n", 1, "Text can't begin with '%'", "in quotes"),
        ("a: @b\n", 1, "Text can't begin with '@'", "in quotes"),
        ("a: `b`\n", 1, "Text can't begin with '`'", "in quotes"),
        ("a: *\n", 1, "begins with '*'", "in quotes"),
        ("a: &\n", 1, "begins with '&'", "in quotes"),
        ("a: !<\n", 1, "begins with '!'", "in quotes"),
        ("a: !x!y z\n", 1, "begins with '!'", "in quotes"),
        ("a: 'b' c\n", 1, "doesn't fit the mapping", "as a whole"),
        ("a: | x\n", 1, "first line holds more", "next line"),
        ("%YAML 3.0\n---\na: b\n", 1, "another version of YAML", "%YAML"),
        ("a: ? b\n", 1, "A '?' stands where no key can be", "in quotes"),
        ("a:\n- b\n c: d\n", 3, "", ""),
    ],
)
def test_mistakes(text: str, line: int, words: str, way_out: str) -> None:
    finding = build("a.yaml", text).findings[-1]
    assert finding.code == "PC0101"
    assert finding.location.line == line
    assert words in finding.message
    assert way_out in finding.help
