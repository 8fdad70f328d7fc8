"""`matches`: one pattern text, read alike by every engine."""

from __future__ import annotations

import contextlib
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyc.evaluation.characters import utf16
from policyc.evaluation.patterns import LONGEST_MATCHED, PatternError, full_match, translate
from policyc.model import upper


def by_re(translated: str, subject: str, *, exact_case: bool) -> bool:
    units = "".join(map(chr, utf16(subject if exact_case else upper(subject))))
    return re.fullmatch(translated, units) is not None


@pytest.mark.parametrize(
    ("pattern", "exact", "loose"),
    [
        (r"a.c", r"a[^\u000A]c", r"A[^\u000A]C"),
        (r"\d\w\s", r"[0-9][0-9A-Z_a-z][\u0009-\u000D ]", r"[0-9][0-9A-Z_][\u0009-\u000D ]"),
        (r"[a-cX]", "[Xa-c]", "[A-CX]"),
        (r"[Z-b]", r"[Z-b]", r"[ABZ-`]"),
        (r"[^a]", "[^a]", "[^A]"),
        (r"\W", "[^0-9A-Z_a-z]", "[^0-9A-Z_]"),
        (r"(a|b)c", "(?:a|b)c", "(?:A|B)C"),
        (r"(?:ab)+", "(?:ab)+", "(?:AB)+"),
        (r"(a)+", "a+", "A+"),
        (r"a{2}b{2,}c{2,3}d*e?", "a{2}b{2,}c{2,3}d*e?", "A{2}B{2,}C{2,3}D*E?"),
        (r"\\\.\(\)\[\]\{\}\|\*\+\?\^\$", r"\\\.\(\)\[\]\{\}\|\*\+\?\^\$", r"\\\.\(\)\[\]\{\}\|\*\+\?\^\$"),
        (r"[\]\-\\^-]", r"[\-\\-\^]", r"[\-\\-\^]"),
        ("ä", r"\u00E4", r"\u00C4"),
        ("ß", r"\u00DF", r"\u00DF"),
        ("😀+", r"(?:\uD83D\uDE00)+", r"(?:\uD83D\uDE00)+"),
        (r"a|", "a|", "A|"),
        ("", "", ""),
        ("-:/ #", "-:/ #", "-:/ #"),
        (r"\t\u0041", r"\u0009A", r"\u0009A"),
    ],
)
def test_translates(pattern, exact, loose):
    assert translate(pattern, exact_case=True) == exact
    assert translate(pattern, exact_case=False) == loose


@pytest.mark.parametrize(
    ("pattern", "column", "words"),
    [
        ("a(?=b)", 2, "kind of group"),
        ("(?i)a", 1, "kind of group"),
        ("(?P<n>a)", 1, "kind of group"),
        (r"(a)\1", 4, "back-references"),
        ("^a", 1, "'^' isn't taken"),
        ("a$", 2, "'$' isn't taken"),
        (r"a\b", 2, r"'\b' isn't taken"),
        (r"\Aa", 1, r"'\A' isn't taken"),
        (r"\p{L}", 1, r"'\p' isn't taken"),
        (r"\x41", 1, r"'\x' isn't taken"),
        (r"\u00g0", 1, "four hexadecimal"),
        ("a*?", 3, "lazy or possessive"),
        ("a++", 3, "lazy or possessive"),
        ("a{2}{3}", 5, "quantifier of a quantifier"),
        ("*a", 1, "nothing before it"),
        ("(+a)", 2, "nothing before it"),
        ("a{,3}", 2, "doesn't begin a quantifier"),
        ("a{x}", 2, "doesn't begin a quantifier"),
        ("a{3,2}", 2, "runs backwards"),
        ("a{1001}", 2, "more than 1000"),
        ("a]", 2, "without what it closes"),
        ("a}", 2, "without what it closes"),
        ("a)", 2, "without its '('"),
        ("(a", 1, "without its ')'"),
        ("[a", 1, "without its ']'"),
        ("[]", 1, "without characters"),
        ("[z-a]", 2, "runs backwards"),
        ("[a[b]", 3, "'[' within a class"),
        ("[a--b]", 2, "runs backwards"),
        ("[a&&b]", 3, "'&&' within a class"),
        (r"[\W]", 2, r"'\W' isn't taken"),
        (r"[\d-z]", 4, "can't begin a range"),
        ("[😀]", 2, "two UTF-16 units"),
        ("a\\", 2, "at the end"),
        ("(" * 31 + "a" + ")" * 31, 31, "nested more than 30"),
        ("a" * 1001, 1001, "1001 characters"),
        ("(a+)+", 5, "many ways"),
        ("x(?:a|ab|b)*", 12, "many ways"),
        ("(a*)*", 5, "can be empty"),
        ("(a?){50}", 5, "can be empty"),
        ("(.*x)*", 6, "many ways"),
        ("(?:(?:a{1000}){2}){2}", 1, "too large"),
        ("(?:(?:a{0,7}){0,7}){0,7}", 1, "very many ways"),
        ("((((a{0,7}){0,7}){0,7}){0,7}){0,7}", 1, "too large"),
        ("a?" * 30 + "a" * 30, 1, "very many ways"),
        ("(?:a|b|ab){0,7}" * 8, 1, "very many ways"),
        ("(?:a?){7}" * 6, 1, "very many ways"),
        ("(?:(?:(?:[a-d]?[b-e]?){7}){7}){7}", 1, "too large"),
    ],
)
def test_refuses(pattern, column, words):
    with pytest.raises(PatternError, match=re.escape(words)) as caught:
        translate(pattern, exact_case=False)
    assert caught.value.column == column
    assert caught.value.help


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?:[a-z0-9-]+\.)*example\.com",
        r"[a-z]+(?:-[a-z]+)*",
        r"\d{1,3}(?:\.\d{1,3}){3}",
        ".*foo.*",
        "(?:ab|ac){2}",
        r"(?:a,)*",
        ".*a.*b.*c.*",
        ".{0,255}",
        "(?:a|ab){0,7}",
        r"\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}",
        r"(?:[^\\]{1,64}\\){1,20}[^\\]{1,200}",
        "[a-z]?" * 15,
    ],
)
def test_takes_repetitions_that_a_text_goes_round_in_one_way(pattern):
    assert translate(pattern, exact_case=False)


@pytest.mark.parametrize(
    ("pattern", "subject", "exact", "loose"),
    [
        ("Abc", "aBC", False, True),
        ("[a-z]+", "ABC", False, True),
        ("[^a-z]+", "ABC", True, False),
        ("straße", "STRASSE", False, False),
        ("straße", "STRAßE", False, True),
        (".", "😀", False, False),
        ("..", "😀", True, True),
        (".", "\n", False, False),
        (r"\d", "٣", False, False),
        ("a", "a\n", False, False),
        ("ab|a", "ab", True, True),
        ("a|ab", "ab", True, True),
        ("a{2,3}", "aaaa", False, False),
        ("a{0}", "", True, True),
    ],
)
def test_matches(pattern, subject, exact, loose):
    assert full_match(translate(pattern, exact_case=True), subject, exact_case=True) is exact
    assert full_match(translate(pattern, exact_case=False), subject, exact_case=False) is loose


ITEMS = st.sampled_from(
    ["a", "b", "Z", ".", r"\d", r"\w", r"\S", "[a-c]", "[^b]", r"\.", "ä", "😀", "(?:a|b)", "(ab)", "(a|)", "-"]
)
QUANTIFIERS = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,}", "{1,3}"])
SEQUENCES = st.lists(st.builds("{}{}".format, ITEMS, QUANTIFIERS), max_size=5).map("".join)
PATTERNS = st.recursive(
    SEQUENCES, lambda inner: st.builds("{}(?:{}){}|{}".format, SEQUENCES, inner, QUANTIFIERS, SEQUENCES), max_leaves=3
)


@settings(max_examples=300, deadline=None)
@given(PATTERNS, st.text(alphabet="abzZ1.-äÄ😀\n ", max_size=8), st.booleans())
def test_agrees_with_re(pattern, subject, exact):
    try:
        translated = translate(pattern, exact_case=exact)
    except PatternError:
        return
    assert translated.isascii()
    assert full_match(translated, subject, exact_case=exact) is by_re(translated, subject, exact_case=exact)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=r"ab\[](){}|*+?^$.-,:0123u😀dW&", max_size=30), st.booleans())
def test_any_text_is_taken_or_refused(pattern, exact):
    try:
        translated = translate(pattern, exact_case=exact)
    except PatternError as refused:
        columns = range(1, len(pattern) + 2)
        if refused.column not in columns:
            pytest.fail(f"column {refused.column}")
        return
    re.compile(translated)
    assert len(translated) > 1000 or translate(translated, exact_case=True) == translated


@given(st.text(max_size=40), st.booleans())
def test_an_escaped_text_matches_itself(text, exact):
    pattern = "".join(
        rf"\{character}" if character.isascii() and not character.isalnum() and character != "_" else character
        for character in text
    )
    assert full_match(translate(pattern, exact_case=exact), text, exact_case=exact)


def test_time_is_bounded():
    start = time.process_time()
    assert not full_match(translate(".*a.*a.*a.*b", exact_case=True), "a" * 20000, exact_case=True)
    with pytest.raises(PatternError):
        translate("(?:" + "|".join(["ab"] * 300) + ")*", exact_case=True)
    assert time.process_time() - start < 60


@given(PATTERNS)
@settings(max_examples=300, deadline=None)
def test_no_pattern_takes_long_to_be_checked(pattern):
    """A pattern comes from a pull request: it decides nothing about the time of a check."""
    started = time.process_time()
    for nested in (pattern, f"(?:{pattern}){{0,7}}", f"(?:(?:{pattern}){{1,7}}){{0,7}}"):
        with contextlib.suppress(PatternError):
            translate.__wrapped__(nested, exact_case=False)
    assert time.process_time() - started < 60


def test_a_text_that_is_too_long_matches_nothing():
    """On a device the data is somebody else's: its length doesn't decide how long a match takes."""
    anything = translate(".*", exact_case=False)
    assert full_match(anything, "a" * LONGEST_MATCHED, exact_case=False)
    assert not full_match(anything, "a" * (LONGEST_MATCHED + 1), exact_case=False)
    assert not full_match(anything, "\U0001f600" * (LONGEST_MATCHED // 2 + 1), exact_case=False)
