"""Whatever a policy holds comes back from the YAML, by PyYAML's loaders in C and in Python."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from policyc.resolved import yaml_text

TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.text("aB1 :#-'\"\\\n\t|>&*!%@`{}[],?~=<", max_size=12),
    st.sampled_from(
        ["yes", "No", "null", "~", "1", "0x1F", "1e3", "2026-01-31", "=", "<<", "---", "...", "- a", "a: b", "a #b"]
    ),
    st.sampled_from(
        ["\ufeff", "\x85", "\u2028", "\u202e", "\U000e0001", "\ufffe", "\U0001f600", "HKLM\\A", "a\n", "\n", "a\n\nb"]
    ),
)
LEAVES = st.one_of(TEXT, st.integers(0, 2**64), st.booleans(), st.none())
TREES = st.recursive(LEAVES, lambda node: st.one_of(st.lists(node, max_size=3), st.dictionaries(TEXT, node, max_size=3)))


@given(st.dictionaries(TEXT, TREES, max_size=4))
@example({"a": "a\n b\n\nc", "b": ["x\ny", ["z\n"]], "c": {"d": "x\n\n"}})
def test_it_loads_back(tree):
    text = yaml_text(tree)
    for loader in (yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        assert (yaml.load(text, loader) or {}) == tree
    assert all(line == line.rstrip(" ") for line in text.split("\n"))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("LmCompatibilityLevel", "LmCompatibilityLevel"),
        ("HKLM\\SOFTWARE\\A", "HKLM\\SOFTWARE\\A"),
        ("proxy.example.com:8080", "proxy.example.com:8080"),
        ("Büro Köln, 2. Ring", "Büro Köln, 2. Ring"),
        ("it's", "it's"),
        ("5", "'5'"),
        ("'", "''''"),
        ("", "''"),
        ("Yes", "'Yes'"),
        ("a: b", "'a: b'"),
        ("a:", "'a:'"),
        ("a #b", "'a #b'"),
        (" a", "' a'"),
        ("a\tb", '"a\\tb"'),
        ("\x1b[0m", '"\\x1B[0m"'),
        ("a\u202eb", '"a\\u202Eb"'),
        ("\U000e0041", '"\\U000E0041"'),
        (5, "5"),
        (True, "true"),
        (None, "null"),
        ([], "[]"),
        ({}, "{}"),
    ],
)
def test_how_it_is_written(value, written):
    assert yaml_text({"key": value}) == f"key: {written}\n"


def test_the_form_of_a_tree():
    tree = {
        "settings": {"a": {"one_of": [["x", "w"], []], "why": "First\n\n  second"}},
        "list": [{"a": 1, "b": [2]}, "text\nof two\n"],
    }
    assert yaml_text(tree) == (
        "settings:\n  a:\n    one_of:\n      - - x\n        - w\n      - []\n    why: |-\n      First\n\n        second\n"
        "list:\n  - a: 1\n    b:\n      - 2\n  - |\n    text\n    of two\n"
    )
    assert json.dumps(yaml.safe_load(yaml_text(tree))) == json.dumps(tree)
