"""Data for the differential run: of every kind, at the edges of it, and near to other data."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from random import Random

from endpoint.registry import Type, Value, value
from policyc.evaluation import PatternError, translate
from policyc.model import Data, Kind

LONE = "\ue000"
"""Stands for half of a surrogate pair, which no YAML file can hold and a registry can."""

ATOMS = [
    "", "a", "A", "b", "B", "abc", "ABC", "aBc", "x", "0", "1", "5", "4294967295", "true", "no", "~", "null",
    "Größe", "GRÖßE", "straße", "STRASSE", "ẞ", "ı", "i", "İ", "I", "ſ", "s", "S", "K", "k", "Å", "å", "ǆ", "ǅ", "Ǆ",
    "e\u0301", "é", "É", "ÿ", "Ÿ", "µ", "μ", "Μ", "ς", "σ", "Σ", "ᾳ", "ᾼ", "\u1c80", "в", "😀", "𐐨", "𐐀", LONE,
    "'", "''", '"', "‘x’", "“x”", "‚", "`n", "`", "$x", "$(throw)", "${x}", "@'", "'@", "@{", "#", "<#", ";", "|", "&",
    "%", "%PATH%", "%windir%\\x", "\\", "\\\\", "/", "*", "?", "[a]", "[]", "(Default)", "{0}", "=", ",", "-", "--",
    " ", "  ", " a", "a ", "\t", "\n", "\r", "\r\n", "\x01", "\x1b", "\x7f", "\x85", "\xa0", "\u200b", "\u2028", "\ufeff",
    "\ufffd", "\uffff", "a\nb", "It's $(x) `n “q” %y%",
]  # fmt: skip
LONG = ["x" * 300, "x" * 3000, "ä" * 2100, "😀" * 1100]
"""Rare, as PowerShell takes its time to parse them."""
NAMES = [
    "v", "Value", "", "(Default)", "a b", " lead", "trail ", "a\\b", "\\", "a/b", "*", "a*b?", "[ab]", "[", "]", "'q'",
    '"', "`n", "`", "$x", "$($x)", "%x%", "ä", "Größe", "😀", "é", "name;x", "a,b", "@x", "#", "{0}", "n" * 200, "1", "no",
    ".", "..", "a\tb", "line\nbreak", "\x01", "PSPath", "Key", "Name", "Complete", "Previous", "PreviousAbsent",
]  # fmt: skip
PARTS = [
    "sub", "Sub Key", " lead", "[ab]", "a*b", "?", "it's", '"', "`n", "$x", "$($x)", "%x%", "ä", "😀", "(Default)", "a/b",
    "HKLM:", "CON", "{0}", "#", "Wow6432Node", "policyc", "n" * 120,
]  # fmt: skip
PATTERNS = [
    r"[a-f]+|ä\d{2}|\.\*", "[A-Z]{2}-[0-9]+", r"(?:ab|[x-z]\d)+ä", ".*", r"\w+\s?\w*", r"[^a-c]?", "a{0,3}b*", r"\d{1,10}",
    "(?:True|False)", "ß|ẞ|ss", "[à-þ]+", "İ|ı", "😀", r"\t|\n|\r", "",
]  # fmt: skip
EDGES = {
    Kind.DWORD: [0, 1, 2, 5, 10, 2**15, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 2, 2**32 - 1],
    Kind.QWORD: [0, 1, 5, 2**31, 2**32 - 1, 2**32, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**63 + 1, 2**64 - 2, 2**64 - 1],
}
LARGEST = {Kind.DWORD: 2**32 - 1, Kind.QWORD: 2**64 - 1}


def text(rng: Random) -> str:
    """One piece, often; else a few in a row."""
    if rng.random() < 0.015:
        return rng.choice(LONG)
    return "".join(rng.choices(ATOMS, k=rng.choice((1, 1, 1, 2, 3))))


def data(rng: Random, kind: Kind) -> Data:
    """Any data of a kind."""
    if kind.is_number:
        return rng.choice(EDGES[kind]) if rng.random() < 0.8 else rng.randrange(LARGEST[kind] + 1)
    if kind is Kind.BINARY:
        return rng.choice((b"", b"\0", b"\1", b"\xff", rng.randbytes(2), rng.randbytes(rng.randrange(40)), rng.randbytes(300)))
    if kind is Kind.MULTI_STRING:
        return elements(rng, rng.choice((0, 1, 1, 2, 2, 3, 5)))
    return text(rng)


def elements(rng: Random, count: int) -> tuple[str, ...]:
    """Elements of a multi_string, none of them empty."""
    return tuple(text(rng) or "e" for _ in range(count))


def near(rng: Random, kind: Kind, given: Data) -> Data:
    """The same data, or what is easily taken for it."""
    if isinstance(given, int):
        return min(max(given + rng.choice((0, 0, -1, 1)), 0), LARGEST[kind])
    if isinstance(given, bytes):
        return rng.choice((given, given, given[:-1], given + b"\0", given[::-1]))
    if isinstance(given, tuple):
        return near_list(rng, given)
    return near_text(rng, given)


def near_text(rng: Random, given: str) -> str:
    """The same text in another case or form, with more or less at an end."""
    changes = (
        str, str, str.swapcase, str.upper, str.lower, str.casefold, str.strip, str.title,
        lambda one: one + " ", lambda one: one[:-1], lambda one: one + "\n", lambda one: one * 2,
        lambda one: unicodedata.normalize("NFD", one), lambda one: unicodedata.normalize("NFKC", one),
    )  # fmt: skip
    return str(rng.choice(changes)(given))


def near_list(rng: Random, given: tuple[str, ...]) -> tuple[str, ...]:
    """The same list in another order, with more, fewer or repeated elements, or some in another case."""
    way = rng.randrange(11)
    if way == 0 or not given:
        return rng.choice(((*given, text(rng) or "more"), ("",), ("", "", text(rng))))
    if way == 1:
        return given[:-1]
    if way == 2:
        return tuple(rng.sample(given, len(given)))
    if way == 3:
        return (*given, rng.choice(given).swapcase())
    if way == 4:
        return tuple(one.swapcase() for one in given)
    if way == 5:
        return ("", *given, "", rng.choice(given))
    if way == 6:
        return (*given, "", text(rng))
    if way == 7:
        at = rng.randrange(len(given))
        return (*given[:at], "", *given[at:])
    return given


def pattern(rng: Random) -> str:
    """A pattern that the language takes."""
    if rng.random() < 0.4:
        return rng.choice(PATTERNS) or "a?"
    for _ in range(20):
        made = "|".join(_branch(rng) for _ in range(rng.choice((1, 1, 2))))
        try:
            translate(made, exact_case=True)
            translate(made, exact_case=False)
        except PatternError:
            continue
        return made
    return "[a-c]+"


def _branch(rng: Random) -> str:
    items = (
        "a",
        "b",
        "B",
        "[a-c]",
        "[^b]",
        r"\d",
        r"\w",
        r"\s",
        ".",
        r"\.",
        r"\\",
        "ä",
        "(?:ab|C)",
        "(x)",
        "ı",
        "ſ",
        "K",
        r"\$",
    )
    return "".join(
        rng.choice(items) + rng.choice(("", "", "", "?", "*", "+", "{2}", "{1,3}")) for _ in range(rng.choice((1, 2, 3)))
    )


def subject(rng: Random) -> str:
    """A text that patterns may take."""
    letters = [
        "a",
        "b",
        "B",
        "c",
        "C",
        "x",
        "1",
        "0",
        "ä",
        "Ä",
        ".",
        "\\",
        " ",
        "\n",
        "ı",
        "i",
        "ſ",
        "s",
        "K",
        "$",
        "ab",
        "z",
        "-",
    ]
    return "".join(rng.choices(letters, k=rng.randrange(5)))


def misshapen(rng: Random, kind: Kind, given: Data) -> Value:
    """A text as careless programs leave it: without its end, with too much of it, or half of a character."""
    whole = value(kind, given)
    ways: Sequence[bytes] = (whole.data[:-2], whole.data[:-1], whole.data + b"\0\0", whole.data + whole.data, whole.data + b"x")
    return Value(whole.type, rng.choice(ways))


def other_kind(rng: Random, kind: Kind | None, given: Data) -> Value:
    """The same words in another kind, where there is such a thing."""
    other = rng.choice([one for one in Kind if one is not kind])
    if isinstance(given, str) and other in (Kind.STRING, Kind.EXPAND_STRING, Kind.MULTI_STRING):
        return value(other, (given or "e",) if other is Kind.MULTI_STRING else given)
    if isinstance(given, int) and other in (Kind.STRING, Kind.QWORD):
        return value(other, str(given) if other is Kind.STRING else given)
    if rng.random() < 0.2:
        return Value(Type.NONE, rng.choice((b"", b"\1", b"a\0")))
    return value(other, data(rng, other))
