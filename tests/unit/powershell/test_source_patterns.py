"""Patterns out of scripts, as an author would write them."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from policyc.evaluation import translate
from policyc.evaluation.wording import data_text
from policyc.powershell.source_patterns import source_pattern
from unit.powershell.random_settings import PATTERNS, is_pattern

HIDDEN = "hold what the policy says (sensitive) [string]"


def operand(pattern: str, *, exact_case: bool) -> str:
    return rf"\A(?:{translate(pattern, exact_case=exact_case)})\z"


@settings(max_examples=300, deadline=None)
@given(PATTERNS, st.booleans())
def test_what_the_words_show_comes_back_to_the_letter(pattern: str, exact: bool) -> None:
    assume(is_pattern(pattern, exact_case=exact) and len(pattern) < 110)
    words = f"match {data_text(pattern)} as a whole, in exactly this case [string]"
    assert source_pattern(operand(pattern, exact_case=exact), words, exact_case=exact) == pattern


@settings(max_examples=300, deadline=None)
@given(PATTERNS, st.booleans())
def test_what_they_hide_comes_back_with_the_same_meaning(pattern: str, exact: bool) -> None:
    assume(is_pattern(pattern, exact_case=exact))
    found = source_pattern(operand(pattern, exact_case=exact), HIDDEN, exact_case=exact)
    assert found is not None
    assert translate(found, exact_case=exact) == translate(pattern, exact_case=exact)


@given(st.text(r"ab\[](){}|*+?^$.-,:0123u😀dW&zA", max_size=30), st.text(max_size=20), st.booleans())
def test_any_operand_is_translated_back_or_refused(inner: str, words: str, exact: bool) -> None:
    found = source_pattern(rf"\A(?:{inner})\z", f'match "{words}" as a whole', exact_case=exact)
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
    assert source_pattern(operand(pattern, exact_case=exact), HIDDEN, exact_case=exact) == expected


@pytest.mark.parametrize(
    "text", ["", "a", r"\A(?:a)$", r"\A(?:(?=a))\z", r"\A(?:a.c)\z", r"\A(?:[\u0000-\uFFFF]" + "a" * 1000 + r")\z"]
)
def test_what_policyc_never_writes_is_no_pattern(text: str) -> None:
    assert source_pattern(text, HIDDEN, exact_case=True) is None


def test_words_that_tell_of_another_pattern_are_not_believed() -> None:
    assert source_pattern(operand("abc", exact_case=True), 'match "a.c" as a whole', exact_case=True) == "abc"
