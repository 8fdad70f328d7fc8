"""Literals: PowerShell's own parser and evaluation of what `literal` writes for any value of a policy."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endpoint.engine import Session
from policyc.powershell import literal

pytestmark = pytest.mark.powershell

EVALUATOR = Path(__file__).with_name("literals.ps1")

QUOTES = "'\"`" + "".join(map(chr, range(0x2018, 0x2020))) + "\u00ab\u00bb\u2039\u203a\u301d\u301e\uff02\uff07"
CODE = [
    "$",
    "$(",
    "$($x)",
    "${",
    "@",
    "@(",
    "@{",
    "@'",
    "'@",
    "`",
    "`n",
    "`u{41}",
    "#",
    "<#",
    "#>",
    ";",
    "|",
    "&",
    "--%",
    "%",
    "{}",
    "[char]",
]
TEXTS = [
    "",
    " ",
    "'",
    "''",
    "'" * 7,
    *QUOTES,
    QUOTES,
    *CODE,
    "".join(CODE),
    "'; exit 1; '",
    "$(throw 'x')",
    "' + (Get-Date) + '",
    "\u2019; exit 1 #",
    "a\u2018b\u2019c\u201ad\u201be\u201cf\u201dg\u201eh\u201fi",
    *map(chr, range(0x20)),
    "".join(map(chr, range(0x20))),
    "".join(map(chr, range(0x7F, 0x100))),
    "\n",
    "\r\n",
    "line\r\nline\nline\rline\x0bline\x0cline\x85line\u2028line\u2029",
    "\t tab and nul \0 within",
    "\0",
    "\u00e4\u00f6\u00fc\u00df\u1e9e\u0130\u0131",
    "e\u0301 is not \u00e9",
    "\U0001f600\U0001f1e9\U0001f1ea\U0010ffff",
    "\ud83d",
    "\ude00",
    "\ude00\ud83d",
    "a\ud83db",
    "\ufeff at the front",
    "\ufffe\uffff\u200b\u200e\u202e\u2066",
    "-not", "-join", "--", "\u2013 dash \u2014 \u2015",
    "1", "1kb", "0x10", "true", "$true", "$null",
    "trailing backslash\\", "\\\\server\\share", "%windir%", "C:\\x y\\z",
    "<![CDATA[ ]]> & &amp; <!-- -->",
    "{{ jinja }} {% raw %} {# #}",
]  # fmt: skip

NODES = {
    "ScriptBlockAst",
    "NamedBlockAst",
    "StatementBlockAst",
    "PipelineAst",
    "CommandExpressionAst",
    "ParenExpressionAst",
    "ArrayExpressionAst",
    "ArrayLiteralAst",
    "ConvertExpressionAst",
    "TypeConstraintAst",
    "StringConstantExpressionAst",
    "ConstantExpressionAst",
    "VariableExpressionAst",
    "BinaryExpressionAst.Plus",
    "UnaryExpressionAst.Join",
    "UnaryExpressionAst.Minus",
}
"""Syntax that holds data. Nothing here calls a command or a member, reads a variable of the script, or expands a string."""
BYTES = re.compile(r"\(\[Convert\]::FromBase64String\('[A-Za-z0-9+/]*={0,2}'\)\)")
"""The one call, of bytes alone, and only in this form: to the letter, with a constant that has no room for anything else."""
BYTES_NODES = NODES | {"InvokeMemberExpressionAst", "TypeExpressionAst"}
TYPES = {"char", "char[]", "string[]", "uint64", "long"}
CONSTANTS = {"true", "false", "null"}


@dataclass(frozen=True, slots=True)
class Evaluated:
    type: str
    value: object
    nodes: frozenset[str]
    types: frozenset[str]
    variables: frozenset[str]


def evaluate(session: Session, folder: Path, expressions: Iterable[str]) -> list[Evaluated]:
    plan = folder / "literals.txt"
    lines = [base64.b64encode(expression.encode("utf-8", "surrogatepass")).decode() for expression in expressions]
    plan.write_text("\n".join(lines), encoding="ascii", newline="\n")
    answer = session.run(EVALUATOR, "-Plan", session.path(plan), timeout=120)
    assert answer.failure is None, answer.stderr
    return [_read(line) for line in answer.lines]


def _read(line: str) -> Evaluated:
    content, nodes, types, variables = line.split(" ")
    kind, _, rest = content.partition(":")
    count, _, text = rest.partition(":")
    value: object = text
    if kind == "System.String":
        value = base64.b64decode(text).decode("utf-16-le", "surrogatepass")
    elif kind == "System.Byte[]":
        value = base64.b64decode(text)
    elif kind == "System.String[]":
        items = text.split(",") if count != "0" else []
        value = tuple(base64.b64decode(item).decode("utf-16-le", "surrogatepass") for item in items)
    elif kind == "System.Boolean":
        value = text == "True"
    elif kind == "null":
        value = None
    elif kind in {"System.Int32", "System.Int64", "System.UInt64", "System.Decimal"}:
        value = int(text)
    return Evaluated(kind, value, frozenset(nodes.split(",")), _names(types), _names(variables))


def _names(part: str) -> frozenset[str]:
    return frozenset(name.lower() for name in part.partition("=")[2].split(",") if name)


def check(session: Session, folder: Path, values: Sequence[object]) -> None:
    """Each literal evaluates to its value, and to a value of that type, and its tree holds data alone."""
    expressions = [literal(value) for value in values]
    for value, expression, found in zip(values, expressions, evaluate(session, folder, expressions), strict=True):
        shown = expression[:200]
        assert all(" " <= character <= "~" for character in expression), shown
        # A pair of surrogates is one character in Python and two in PowerShell: compare code units.
        assert _units(found.value) == _units(value), shown
        assert type(found.value) is type(value), shown
        if isinstance(value, bytes):
            assert BYTES.fullmatch(expression), shown
        assert found.nodes <= (BYTES_NODES if isinstance(value, bytes) else NODES), shown
        assert found.types <= TYPES, shown
        assert found.variables <= CONSTANTS, shown


def _units(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass")
    if isinstance(value, tuple):
        return tuple(map(_units, value))
    return value


class TestValues:
    def test_texts(self, powershell: Session, tmp_path: Path) -> None:
        check(powershell, tmp_path, TEXTS)

    def test_texts_within_a_line(self, powershell: Session, tmp_path: Path) -> None:
        check(powershell, tmp_path, [f"a{text}b" for text in TEXTS])

    def test_lists(self, powershell: Session, tmp_path: Path) -> None:
        check(powershell, tmp_path, [(), ("",), ("", ""), ("one",), tuple(TEXTS), ("a,b", "c"), ("@()",), ("\u2018", "'")])

    def test_bytes(self, powershell: Session, tmp_path: Path) -> None:
        check(powershell, tmp_path, [b"", b"\0", bytes(range(256)), bytes(32_000)])

    def test_numbers(self, powershell: Session, tmp_path: Path) -> None:
        powers = [2**bits for bits in (0, 7, 8, 15, 16, 31, 32, 53, 62, 63, 64)]
        check(powershell, tmp_path, [0, *(number + step for number in powers for step in (-1, 0, 1) if number + step < 2**64)])

    def test_negative_numbers(self, powershell: Session, tmp_path: Path) -> None:
        check(powershell, tmp_path, [-1, -(2**31), -(2**31) - 1, -(2**63) + 1])

    def test_truth_and_nothing(self, powershell: Session, tmp_path: Path) -> None:
        check(powershell, tmp_path, [True, False, None])

    def test_a_condition_of_equal_hash_is_no_other(self, powershell: Session, tmp_path: Path) -> None:
        check(powershell, tmp_path, [1, True, 0, False, "1", "True", b"1"])


class TestLength:
    @pytest.mark.parametrize("unit", ["a", "'", '"', "`", "$", "@", "$(x)", "\u2019"])
    def test_32000_of_one_sort(self, powershell: Session, tmp_path: Path, unit: str) -> None:
        check(powershell, tmp_path, [(unit * 32_000)[:32_000]])

    def test_3200_of_one_sort(self, powershell: Session, tmp_path: Path) -> None:
        units = ["\n", "\0", "\u201c", "\u00fc", "\U0001f600", "\ud83d", "a\n", "'\u2018"]
        check(powershell, tmp_path, [(unit * 3_200)[:3_200] for unit in units])

    def test_32000_mixed(self, powershell: Session, tmp_path: Path) -> None:
        mixed = "".join(TEXTS) * 200
        check(powershell, tmp_path, [mixed[:32_000]])

    def test_a_long_list(self, powershell: Session, tmp_path: Path) -> None:
        check(powershell, tmp_path, [tuple(f"{number} \u201d" for number in range(1_000))])


class TestContext:
    """A literal keeps its meaning wherever a template may put it."""

    @pytest.mark.parametrize("frame", ["@({0})[0]", "@{{ x = {0} }}.x", "& {{ param($x) $x }} {0}", "({0})"])
    def test_in_a_frame(self, powershell: Session, tmp_path: Path, frame: str) -> None:
        texts = ["it's", "a\u2019b", "\n", "", "x\U0001f600"]
        found = evaluate(powershell, tmp_path, [frame.format(literal(text)) for text in texts])
        assert [_units(one.value) for one in found] == [_units(text) for text in texts]


HOSTILE = st.sampled_from([*QUOTES, *CODE, "\n", "\r", "\0", "\u00fc", "\U0001f600", "\ud83d", "\ude00", "a", " "])
ANY_TEXT = st.one_of(
    st.text(max_size=60),
    st.lists(HOSTILE, max_size=30).map("".join),
    st.text(st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF), max_size=5),
)
ANY_VALUE = st.one_of(
    ANY_TEXT,
    st.integers(0, 2**64 - 1),
    st.binary(max_size=60),
    st.lists(ANY_TEXT, max_size=8).map(tuple),
    st.booleans(),
    st.none(),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(values=st.lists(ANY_VALUE, min_size=1, max_size=100))
def test_any_value(powershell: Session, tmp_path: Path, values: list[object]) -> None:
    check(powershell, tmp_path, values)
