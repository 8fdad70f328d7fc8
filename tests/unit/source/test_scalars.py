"""Plain scalars by YAML 1.2's core schema."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.source.scalars import FIRST, has_leading_zero, resolve


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "No",
        "yes",
        "on",
        "off",
        "y",
        "n",
        "1:30",
        "12:30:45",
        "2026-01-31",
        "1_000",
        "0b11",
        "0x",
        "0o",
        "0o8",
        "0xG",
        "+0x1F",
        "1e",
        "e5",
        ".",
        "+",
        "-",
        "--1",
        "1.2.3",
        "nULL",
        "TRue",
        "inf",
        "nan",
        "+.nan",
        "Infinity",
        "٣",
        "１",
        "<<",
        "=",
        "0o-7",
    ],
)
def test_strings_of_1_2_that_1_1_or_python_read_otherwise(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-0", 0),
        ("+7", 7),
        ("0777", 777),
        ("0o17", 15),
        ("0x1F", 31),
        ("0xff", 255),
        ("4294967295", 4294967295),
        ("18446744073709551616", 18446744073709551616),
        ("1E05", 100000.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-1.5e-3", -0.0015),
        (".inf", math.inf),
        ("+.INF", math.inf),
        ("-.Inf", -math.inf),
        ("true", True),
        ("TRUE", True),
        ("False", False),
    ],
)
def test_values(text: str, value: object) -> None:
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_null(text: str) -> None:
    assert resolve(text) is None


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number(text: str) -> None:
    found = resolve(text)
    assert isinstance(found, float)
    assert math.isnan(found)


@pytest.mark.parametrize("text", ["9" * 100_000, "0x" + "F" * 100_000, "0o" + "7" * 100_000])
def test_enormous_integers_are_out_of_every_range_and_quick(text: str) -> None:
    found = resolve(text)
    assert isinstance(found, int)
    assert found > 2**64


def test_enormous_floats_are_quick() -> None:
    assert resolve("1." + "5" * 100_000) == math.inf


@given(st.text())
def test_what_begins_with_another_character_is_a_string(text: str) -> None:
    if text[:1] not in FIRST:
        assert resolve(text) == text


@given(st.integers(min_value=-(2**70), max_value=2**70))
def test_integers_are_read_back(number: int) -> None:
    assert resolve(str(number)) == number
    if number >= 0:
        assert resolve(hex(number)) == resolve(oct(number)) == number


@pytest.mark.parametrize(
    ("text", "leading"), [("0777", True), ("+07", True), ("00", True), ("0", False), ("0x7", False), ("70", False)]
)
def test_leading_zeros(text: str, leading: bool) -> None:
    assert has_leading_zero(text) is leading
