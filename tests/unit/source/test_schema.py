"""The schemas themselves, and the two validators that read them."""

from __future__ import annotations

import builtins
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from policyc.source import schema
from policyc.source.keywords import strict_validator
from policyc.source.levels import resolved
from policyc.source.project import load_project

KINDS = ("project", "collection", "baseline")
TYPES = ("string", "expand_string", "multi_string", "dword", "qword", "binary")


def properties(kind: str) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """(Path, property, required) of every property that a policy can hold."""

    def walk(node: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any], bool]]:
        node = resolved(schema(kind), node)
        for name, value in node.get("properties", {}).items():
            yield f"{path}.{name}", value, name in node.get("required", ())
            yield from walk(value, f"{path}.{name}")
        if isinstance(node.get("additionalProperties"), dict):
            yield from walk(node["additionalProperties"], f"{path}.*")

    yield from walk(schema(kind), kind)


EVERY = [found for kind in KINDS for found in properties(kind)]


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_a_schema_of_its_draft(kind: str) -> None:
    assert schema(kind)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema(kind))


@pytest.mark.parametrize(("path", "found", "required"), EVERY, ids=[path for path, _, _ in EVERY])
def test_every_property_is_described(path: str, found: dict[str, Any], required: bool) -> None:
    assert found["title"]
    assert found["description"].endswith(".")
    assert found["examples"]
    # A default, or words that say what holds without it; a condition has none, as one has to be given.
    assert required or "default" in found or re.search("[Ww]ithout it|^Condition", found["description"])
    checks = Draft202012Validator({**found, "$defs": schema(path.partition(".")[0]).get("$defs", {})})
    for value in [*found["examples"], *([found["default"]] if "default" in found else [])]:
        assert not list(checks.iter_errors(value)), value


@pytest.mark.parametrize("kind", KINDS)
def test_examples_of_the_whole_are_valid(kind: str) -> None:
    for value in schema(kind)["examples"]:
        assert strict_validator(schema(kind)).is_valid(value)


@pytest.mark.parametrize("kind", KINDS)
def test_every_pattern_is_explained_and_anchored(kind: str) -> None:
    def walk(node: Any) -> Iterator[dict[str, Any]]:
        if isinstance(node, dict):
            if isinstance(node.get("pattern"), str):
                yield node
            for value in node.values():
                yield from walk(value)
        elif isinstance(node, list):
            for value in node:
                yield from walk(value)

    for node in walk(schema(kind)):
        assert node["patternErrorMessage"]
        assert node["pattern"].startswith("^")
        assert node["pattern"].endswith("$")
        # Classes such as \d and \s mean other characters to each engine.
        assert not re.search(r"\\[dDwWsSbB]|(?<!\[)\.(?!-)(?![^\[]*\])", node["pattern"]), node["pattern"]


# Meaning of the registry part, as a table


def registry(**parts: Any) -> dict[str, Any]:
    return {"key": "HKLM\\SOFTWARE\\Example", **parts}


def accepts(found: dict[str, Any]) -> bool:
    tree = {"collection": {"name": "x"}, "settings": {"a": {"title": "x", "registry": found}}}
    valid = slow("collection").is_valid(tree)
    assert valid == fast("collection").is_valid(tree)
    return bool(valid)


GOOD = {"string": "a", "expand_string": "%a%", "multi_string": ["a"], "dword": 1, "qword": 2**63, "binary": "00FF"}
BAD: dict[str, list[Any]] = {
    "string": [1, True, None, ["a"], "a\0", "x" * 32768],
    "expand_string": [1, {}],
    "multi_string": ["a", [1], [""], ["a\0"], {}, ["x"] * 1001],
    "dword": ["1", -1, 2**32, True, 1.5, None],
    "qword": ["1", -1, 2**64, False],
    "binary": [10, "0", "0G", "00 FF", "0x00", None],
}


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("operator", ["equals", "not_equals"])
def test_operands_by_type(type: str, operator: str) -> None:
    assert accepts(registry(name="n", type=type, **{operator: GOOD[type]}))
    assert accepts(registry(name="n", type=type, one_of=[GOOD[type]], default=GOOD[type], set=GOOD[type]))
    for bad in BAD[type]:
        assert not accepts(registry(name="n", type=type, **{operator: bad})), bad
        assert not accepts(registry(name="n", type=type, none_of=[GOOD[type], bad])), bad
        assert not accepts(registry(name="n", type=type, equals=GOOD[type], default=bad)), bad
        assert not accepts(registry(name="n", type=type, equals=GOOD[type], set=bad)), bad


@pytest.mark.parametrize(
    ("operator", "operand", "types"),
    [
        ("at_least", 1, ("dword", "qword")),
        ("at_most", 1, ("dword", "qword")),
        ("between", [1, 2], ("dword", "qword")),
        ("matches", "a.*", ("string", "expand_string")),
        ("contains", ["a"], ("multi_string",)),
        ("set_equals", ["a"], ("multi_string",)),
        ("set_equals", [], ("multi_string",)),
    ],
)
def test_conditions_by_type(operator: str, operand: Any, types: tuple[str, ...]) -> None:
    assert [kind for kind in TYPES if accepts(registry(name="n", type=kind, **{operator: operand}))] == list(types)


def test_case_by_type() -> None:
    assert [kind for kind in TYPES if accepts(registry(name="n", type=kind, equals=GOOD[kind], case="exact"))] == list(
        TYPES[:3]
    )


@pytest.mark.parametrize(
    ("parts", "valid"),
    [
        ({"present": True}, True),
        ({"absent": True, "view": 32}, True),
        ({"absent": False}, False),
        ({"present": "yes"}, False),
        ({"name": "", "present": True}, True),
        ({"name": "n", "absent": True, "type": "dword"}, True),
        ({"name": "n", "present": True, "type": "dword", "set": 1}, True),
        ({"name": "n", "present": True, "set": 1}, False),
        ({"name": "n", "type": "dword", "present": True, "default": 1}, False),
        ({"name": "n", "type": "dword", "absent": True, "default": 1}, False),
        ({"name": "n", "equals": 1}, False),
        ({"name": "n", "type": "dword"}, False),
        ({"name": "n", "type": "dword", "equals": 1, "at_least": 1}, False),
        ({"name": "n", "type": "dword", "equals": 1, "unknown": 1}, False),
        ({"type": "dword", "equals": 1}, False),
        ({"present": True, "type": "dword"}, False),
        ({"present": True, "set": 1}, False),
        ({"present": True, "pin": True}, False),
        ({"present": True, "case": "exact"}, False),
        ({"name": "n", "type": "dword", "equals": 1, "view": 16}, False),
        ({"name": "n", "type": "dword", "equals": 1, "view": "64"}, False),
        ({"name": "n", "type": "dword", "between": [1]}, False),
        ({"name": "n", "type": "dword", "one_of": []}, False),
        ({"name": "n", "type": "multi_string", "equals": []}, True),
        ({"name": "n", "type": "multi_string", "contains": []}, False),
        ({"name": "n" * 16383, "present": True}, True),
        ({"name": "n" * 16384, "present": True}, False),
        ({"key": "k" * 1001, "present": True}, False),
        ({"key": "HKLM\\a\tb", "present": True}, False),
    ],
)
def test_shape(parts: dict[str, Any], valid: bool) -> None:
    assert accepts(registry(**parts)) is valid


# The two validators never disagree


@lru_cache
def slow(kind: str) -> Any:
    return strict_validator(schema(kind))


@lru_cache
def fast(kind: str) -> Any:
    return jsonschema_rs.validator_for(schema(kind))


KEYS = sorted({path.rpartition(".")[2] for path, _, _ in EVERY} - {"*"})
WORDS = sorted({value for _, found, _ in EVERY for value in found.get("enum", []) if isinstance(value, str)})
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**64), max_value=2**64)
    | st.sampled_from([0, 1, 5, 32, 64, 2**32 - 1, 2**32, 2**63, 2**64 - 1])
    | st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8)
    | st.sampled_from(
        [*WORDS, "a\n", "PS1\n", "PS1", "1602", "2012 R2\n", "00ff", "00ff\n", "", " x", "x ", "x\u2028", "ab-c", "٣٣"]
    )
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KEYS, "x"]), inner, max_size=5),
    max_leaves=12,
)
REGISTRIES = st.fixed_dictionaries(
    {"key": st.just("HKLM\\A") | LEAVES},
    optional={
        key: LEAVES | st.lists(LEAVES, max_size=3)
        for key in schema("collection")["$defs"]["registry"]["properties"]
        if key != "key"
    },
)


@given(TREES, TREES)
@example("a\n", {})
def test_validators_agree_on_any_tree(tree: Any, other: Any) -> None:
    for kind in KINDS:
        head = {"name": "x"} if isinstance(tree, dict) else tree
        for whole in (
            tree,
            {kind: tree, "settings": other},
            {kind: head, "configmgr": other},
            {kind: head, "settings": {"a": other}},
        ):
            assert slow(kind).is_valid(whole) == fast(kind).is_valid(whole), whole


@given(REGISTRIES)
def test_validators_agree_on_registry_settings(found: dict[str, Any]) -> None:
    accepts(found)


def test_without_the_fast_validator_the_other_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    # The package's `schema` is the function.
    module = import_module("policyc.source.schema")
    real = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name == "jsonschema_rs":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    module._validator.cache_clear()
    try:
        assert module.is_valid("project", {"project": {"name": "x"}})
        assert not module.is_valid("project", {"project": {"name": 5}})
    finally:
        module._validator.cache_clear()


def test_schemas_are_files_that_editors_read(request: pytest.FixtureRequest) -> None:
    for kind in KINDS:
        path = request.config.rootpath / "schema" / f"{kind}.schema.json"
        assert json.loads(path.read_text("utf-8")) == schema(kind)


def test_every_keyword_of_the_schemas_has_its_words() -> None:
    """A keyword that `Mistakes` doesn't know would be a defect on the day on which a policy breaks it."""
    from policyc.source.marks import Marks
    from policyc.source.mending import mend
    from policyc.source.mistakes import Mistakes

    structure = {"properties", "items", "if", "then", "else", "allOf", "anyOf", "$ref"}
    silent = {
        "title",
        "description",
        "default",
        "examples",
        "patternErrorMessage",
        "typeErrorMessage",
        "$comment",
        "$schema",
        "$id",
        "$defs",
    }
    used: set[str] = set()

    def walk(node: object) -> None:
        if not isinstance(node, dict):
            return
        used.update(node)
        for keyword in ("properties", "$defs"):
            for part in node.get(keyword, {}).values():
                walk(part)
        for keyword in ("items", "if", "then", "else", "additionalProperties"):
            walk(node.get(keyword))
        for keyword in ("allOf", "anyOf"):
            for part in node.get(keyword, ()):
                walk(part)

    for kind in KINDS:
        walk(schema(kind))
    known = Mistakes("x.yaml", schema("collection"), Marks(""), mend(schema("collection"), {}))._by_keyword
    assert used - structure - silent - set(known) == set()


@pytest.mark.parametrize("value", ["true", "", "null", "1.5", "{x: 1}", "[1]"])
def test_a_variable_holds_text_a_number_or_a_list(tmp_path: Path, value: str) -> None:
    (tmp_path / "project.yaml").write_text(f"project: {{name: Ex}}\nvariables: {{a: {value}}}\n")
    (found,) = load_project(tmp_path).diagnostics
    assert found.code in ("PC0204", "PC0205")
    assert found.location.path[:2] == ("variables", "a")
