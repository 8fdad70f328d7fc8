"""From text to plain data, with libyaml and without."""

from __future__ import annotations

import pytest

from policyc.source.limits import MOST_FINDINGS
from policyc.source.tree import build

pytestmark = pytest.mark.usefixtures("_each_parser")


def test_plain_data() -> None:
    text = "a: {b: [1, 0x1F, no, ~, 'x']}\nc: |\n  l1\n  l2\n? d\n: \n"
    built = build("a.yaml", text)
    assert built.tree == {"a": {"b": [1, 31, "no", None, "x"]}, "c": "l1\nl2\n", "d": None}
    assert (built.findings, built.unusual, built.leading_zeros) == ([], False, [])


def test_quotes_keep_text() -> None:
    assert build("a.yaml", "a: ['1', \"true\", '', '~', !!str 5, '<<']").tree == {"a": ["1", "true", "", "~", "5", "<<"]}


def test_aliases_share() -> None:
    tree = build("a.yaml", "a: &x {b: &y text}\nc: *x\nd: [*y, *y]\n").tree
    assert tree == {"a": {"b": "text"}, "c": {"b": "text"}, "d": ["text", "text"]}
    assert tree["a"] is tree["c"]


def test_an_anchor_may_be_set_again() -> None:
    assert build("a.yaml", "a: &x 1\nb: *x\nc: &x 2\nd: *x\n").tree == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_unusual_numbers_are_marked() -> None:
    for text in ("1.0", ".nan", "1e3", str(2**64), str(-(2**64))):
        assert build("a.yaml", f"a: {text}").unusual, text
    for text in ("1", str(2**64 - 1), "'1.0'"):
        assert not build("a.yaml", f"a: {text}").unusual, text


def test_leading_zeros_are_marked_with_their_path() -> None:
    built = build("a.yaml", "a:\n  b: [1, 02]\n  c: 0\nd: [[{e: 007}]]\nf: '08'\n")
    assert built.leading_zeros == [(("a", "b", 1), "02"), (("d", 0, 0, "e"), "007")]


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "words"),
    [
        ("a: 1\na: 2\n", "PC0102", 2, 1, "The key 'a' stands here a second time"),
        ("a: 1\n'a': 2\n", "PC0102", 2, 1, "'a'"),
        ("x: {a: 1, b: 2, a: 3}\n", "PC0102", 1, 17, "'a'"),
        ("a: !secret b\n", "PC0103", 1, 4, "The tag '!secret' is not known"),
        ("a: !!binary b\n", "PC0103", 1, 4, "'!!binary'"),
        ("a: !!python/object/apply:os.system [x]\n", "PC0103", 1, 4, "python/object"),
        ("a: !!set {x}\n", "PC0103", 1, 4, "'!!set'"),
        ("a: !!int x\n", "PC0103", 1, 4, "'x' is not what its tag says"),
        ("a: b\n---\nc: d\n", "PC0104", 2, 1, "A second document begins here"),
        ("a: *b\n", "PC0105", 1, 4, "'*b' has no anchor"),
        ("a: &b [*b]\n", "PC0105", 1, 8, "inside of what it names"),
        ('a: "b\\0c"\n', "PC0108", 1, 4, "NUL"),
        ("", "PC0111", None, None, "'a.yaml' is empty"),
        ("# only this\n", "PC0111", None, None, "is empty"),
        ("---\n...\n", "PC0111", None, None, "is empty"),
        ("~", "PC0111", None, None, "is empty"),
        ("a: &a {}\nb:\n  <<: *a\n", "PC0113", 3, 3, "'<<' (merge) is not part of YAML 1.2"),
        ("1: a\n", "PC0114", 1, 1, "The key '1' is not text unless it has quotes"),
        ("a:\n  null: b\n", "PC0114", 2, 3, "'null'"),
        ("true: b\n", "PC0114", 1, 1, "'true'"),
        ("1E3: b\n", "PC0114", 1, 1, "'1E3'"),
        ("? [a]\n: b\n", "PC0114", 1, 3, "list or mapping is used as a key"),
        ("&a b: c\n? *a\n: d\n", "PC0114", 2, 3, "alias is used as a key"),
        ("?\n: a\n", "PC0114", 1, 2, "A key is missing before the colon"),
        ("[" * 60, "PC0121", 1, 51, "more than 50 levels deep"),
    ],
)
def test_findings(text: str, code: str, line: int | None, column: int | None, words: str) -> None:
    [finding] = build("a.yaml", text).findings
    assert (finding.code, finding.location.line, finding.location.column) == (code, line, column)
    assert words in finding.message


def test_a_duplicate_names_the_first() -> None:
    [finding] = build("a.yaml", "x:\n- a: 1\n  b: 2\n  a: 3\n").findings
    assert (finding.related[0].location.path, finding.related[0].location.on_key) == (("x", 0, "a"), True)


def test_surrogates() -> None:
    [finding] = build("a.yaml", 'a: "\\uD800"').findings
    assert finding.code == "PC0108"


def test_an_alias_bomb_is_stopped_before_it_unfolds() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    [finding] = build("a.yaml", "\n".join(lines)).findings
    assert finding.code == "PC0106"


def test_aliases_of_long_text_are_stopped() -> None:
    [finding] = build("a.yaml", f"a: &a {'x' * 30_000}\nb: [{', '.join(['*a'] * 20)}]").findings
    assert finding.code == "PC0106"


def test_aliases_cannot_nest_deeper_than_brackets() -> None:
    lines = ["a0: &a0 []", *(f"a{n}: &a{n} [[[[[*a{n - 1}]]]]]" for n in range(1, 20))]
    [finding] = build("a.yaml", "\n".join(lines)).findings
    assert finding.code == "PC0106"


def test_too_many_values() -> None:
    [finding] = build("a.yaml", f"a: [{'1,' * 200_001}]").findings
    assert finding.code == "PC0112"


def test_findings_of_one_file_end() -> None:
    assert len(build("a.yaml", "".join(f"{n}: x\n" for n in range(300))).findings) == MOST_FINDINGS


def test_findings_before_a_syntax_error_are_kept() -> None:
    assert [finding.code for finding in build("a.yaml", "1: a\nb: 'c\n").findings] == ["PC0114", "PC0101"]
