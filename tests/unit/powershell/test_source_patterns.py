"""Patterns out of scripts, as an author would write them."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from policyc.evaluation import translate
from policyc.powershell.source_patterns import source_pattern
from unit.powershell.random_settings import PATTERNS, is_pattern


def operand(pattern: str, *, exact_case: bool) -> str:
    return rf"\A(?:{translate(pattern, exact_case=exact_case)})\z"


@settings(max_examples=300, deadline=None)
@given(PATTERNS, st.booleans())
def test_what_the_row_shows_comes_back_to_the_letter(pattern: str, exact: bool) -> None:
    assume(is_pattern(pattern, exact_case=exact))
    assert source_pattern(operand(pattern, exact_case=exact), pattern, exact_case=exact) == pattern


@settings(max_examples=300, deadline=None)
@given(PATTERNS, st.booleans())
def test_what_it_hides_comes_back_with_the_same_meaning(pattern: str, exact: bool) -> None:
    assume(is_pattern(pattern, exact_case=exact))
    found = source_pattern(operand(pattern, exact_case=exact), None, exact_case=exact)
    assert found is not None
    assert translate(found, exact_case=exact) == translate(pattern, exact_case=exact)


@given(st.text(r"ab\[](){}|*+?^$.-,:0123u😀dW&zA", max_size=30), st.text(max_size=20), st.booleans())
def test_any_operand_is_translated_back_or_refused(inner: str, written: str, exact: bool) -> None:
    found = source_pattern(rf"\A(?:{inner})\z", written, exact_case=exact)
    assert found is None or translate(found, exact_case=exact) == inner


@pytest.mark.parametrize(
    ("pattern", "exact", "expected"),
    [
        ("ä" * 300, True, "ä" * 300),
        ("ä" * 300, False, "Ä" * 300),
        (r"(😀|\w)+.\d\s", True, r"(?:😀|\w)+.\d\s"),
        (r"\w+", False, r"\w+"),
        (r"\[\^\u000A\]?", True, r"\[\^\u000A\]?"),
        (r"\\u0041", True, r"\\u0041"),
        (r"\t\u2028", True, r"\u0009\u2028"),
    ],
)
def test_hidden_patterns_are_readable(pattern: str, exact: bool, expected: str) -> None:
    assert source_pattern(operand(pattern, exact_case=exact), None, exact_case=exact) == expected


@pytest.mark.parametrize(
    "text", ["", "a", r"\A(?:a)$", r"\A(?:(?=a))\z", r"\A(?:a.c)\z", r"\A(?:[\u0000-\uFFFF]" + "a" * 1000 + r")\z"]
)
def test_what_policyc_never_writes_is_no_pattern(text: str) -> None:
    assert source_pattern(text, None, exact_case=True) is None


def test_a_row_that_shows_another_pattern_is_not_believed() -> None:
    assert source_pattern(operand("abc", exact_case=True), "a.c", exact_case=True) == "abc"
