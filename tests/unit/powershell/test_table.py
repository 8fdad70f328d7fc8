"""Literals and tables of scripts, read back as data."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.powershell.literals import literal
from policyc.powershell.table import Cell, ForeignScriptError, read_literal, read_table

TEXTS = st.text(max_size=30) | st.text("'’a\n😀\ud83d\ude00ä ", max_size=20)
VALUES = st.one_of(
    TEXTS, st.booleans(), st.integers(-(2**63), 2**64 - 1), st.binary(max_size=20), st.lists(TEXTS, max_size=4).map(tuple)
)


def units(value: object) -> object:
    """Text as UTF-16 has it, as a script says nothing of how its units make characters."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass")
    return tuple(map(units, value)) if isinstance(value, tuple) else value


@given(VALUES)
def test_each_literal_comes_back(value: Cell) -> None:
    read = read_literal(literal(value))
    assert (type(read), units(read)) == (type(value), units(value))


@given(st.text("'()[]@,-$ {}=;0123456789xABCDEFabcdefghijklmnoprstuvwy\n", max_size=60) | VALUES.map(literal))
def test_any_text_is_a_literal_to_the_letter_or_refused(text: str) -> None:
    with contextlib.suppress(ForeignScriptError):
        read = read_literal(text)
        if not isinstance(read, list | dict):
            assert literal(read) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        '"x"',
        "'x",
        "'x' + 'y'",
        "'x'; exit",
        "$env:PATH",
        "$(Get-Date)",
        "(Get-Date)",
        "[char]0x0041",
        "(-join @('a', 'b'))",
        "(-join @([char]0x00fc))",
        "(-join @([char]0x00FC)).Length",
        "([byte[]]@(256))",
        "([byte[]]@(01))",
        "([byte[]](1))",
        "([Convert]::FromBase64String('AR=='))",
        "([Convert]::FromBase64String('A'))",
        "([Convert]::FromBase64String('AQ=='))[0]",
        "([Convert]::FromBase64String($x))",
        "([Convert]::FromBase64String('A Q=='))",
        "([string[]]@('a' 'b'))",
        "@( )",
        "@(@{ A = 1 })",
        "@(, @{ A = (Get-Date) })",
        "@(, @{ A = @{ B = 1 } })",
        "@('a')",
        "@(, 'a', 'b')",
        "@{ A = 1",
        "@{ A = 1; A = 2 }",
        "@{ A = Get-Date }",
        "0x10",
        "1e3",
        "-1",
        "(1)",
        "007",
        "$true$false",
        "@(" * 5000,
    ],
    ids=lambda text: text[:20],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ForeignScriptError, match="its line 1 isn't as policyc writes it"):
        read_literal(text)


def test_rows_come_back_with_where_they_end() -> None:
    first = "    @{\n        A = 1; B = @(, 'x')\n        C = @{ D = $true; E = 'y' }\n    }\n"
    text = f"before\n{first}    @{{\n        A = 2\n    }}\n)\nafter"
    rows, end = read_table(text, len("before\n"))
    assert rows == [{"A": 1, "B": ["x"], "C": {"D": True, "E": "y"}}, {"A": 2}]
    assert text[end:] == "after"


def test_a_row_is_one_line() -> None:
    rows, end = read_table("    @{ A = 1; B = @(, 'x'); C = @{ D = $true } }\n    @{ A = 2 }\n)\nafter", 0)
    assert rows == [{"A": 1, "B": ["x"], "C": {"D": True}}, {"A": 2}]
    assert end == len("    @{ A = 1; B = @(, 'x'); C = @{ D = $true } }\n    @{ A = 2 }\n)\n")


@pytest.mark.parametrize(
    "text",
    [
        "    @{\n        A = 1\n    }\n",
        "    @{\n        A = 1;\n    }\n)\n",
        "    @{\n       A = 1\n    }\n)\n",
        "    @{\n        A=1\n    }\n)\n",
        "    @{\n        A = 1\n        A = 2\n    }\n)\n",
        "    @{\n        A = 1 # x\n    }\n)\n",
        "    @{\n        & calc.exe\n    }\n)\n",
        "    @{ A = 1 }\n",
        "    @{ A = 1; }\n)\n",
        "    @{ A = 1; A = 2 }\n)\n",
        "    @{ A = 1 } # x\n)\n",
        "    @{ & calc.exe }\n)\n",
    ],
)
def test_a_table_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ForeignScriptError, match="isn't as policyc writes it"):
        read_table(text, 0)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("@()", []),
        ("@(, @{ A = 1 })", [{"A": 1}]),
        ("@(@{ A = 1; B = 'x' }, @{ A = ([string[]]@('y')) })", [{"A": 1, "B": "x"}, {"A": ("y",)}]),
    ],
)
def test_rows_of_a_list_are_read(text: str, rows: object) -> None:
    assert read_literal(text) == rows


@pytest.mark.parametrize(("text", "data"), [("([byte[]]@())", b""), ("([byte[]]@(1, 255))", b"\x01\xff")])
def test_bytes_as_earlier_versions_wrote_them(text: str, data: bytes) -> None:
    assert read_literal(text) == data
