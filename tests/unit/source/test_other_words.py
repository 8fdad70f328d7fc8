"""Other tools' words: each leads to a word that is there, and none to a second finding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from policyc.diagnostics import Located
from policyc.source.levels import levels, resolved
from policyc.source.other_words import HOLDERS, KEYS, LISTS, VALUES, plain
from policyc.source.schema import schema
from policyc.source.wording import nearest

Load = Callable[..., tuple[Any, list[Located]]]
KINDS = ("collection", "baseline", "project")
HEAD = "collection:\n  name: Pilot\n"
WITHOUT_LEVEL = {"exceptions", "maintenance_windows", "disjoint"}
KNOWN = [(kind, level) for kind in KINDS for level in levels(schema(kind))]


@pytest.mark.parametrize("steps", [steps for steps in KEYS if steps[-1:] not in {(word,) for word in WITHOUT_LEVEL}], ids=str)
def test_each_word_leads_to_one_of_the_language(steps: tuple[str, ...]) -> None:
    here = [level for _, level in KNOWN if level.steps == steps]
    assert here, "no such level"
    for theirs, ours in KEYS[steps].items():
        assert theirs == plain(theirs)
        for way in ours:
            *below, word = way.split(".")
            assert any(word in level.keys for _, level in KNOWN if level.steps == (*steps, *below)), way
        known = {plain(key) for level in here for key in level.keys}
        assert theirs not in known, f"'{theirs}' is a word of the language"


@pytest.mark.parametrize("name", sorted(WITHOUT_LEVEL))
def test_words_of_lists(name: str) -> None:
    found = _lists(name)
    assert found
    assert all(way in found for ways in KEYS[(name,)].values() for way in ways)


def _lists(name: str) -> set[str]:
    keys: set[str] = set()
    for kind in KINDS:
        root = schema(kind)
        waiting: list[Any] = [root]
        while waiting:
            node = waiting.pop()
            if isinstance(node, dict):
                for key, value in node.items():
                    if key == name and isinstance(value, dict):
                        items = resolved(root, resolved(root, value).get("items", {}))
                        keys |= set(items.get("properties", {}))
                waiting += node.values()
            elif isinstance(node, list):
                waiting += node
    return keys


@pytest.mark.parametrize("key", VALUES)
def test_each_value_leads_to_one_of_the_list(key: str) -> None:
    lists = [
        set(resolved(schema(kind), part).get("enum", ()))
        for kind, level in KNOWN
        for name, part in level.keys.items()
        if name == key
    ]
    words = set().union(*lists)
    assert {ours for ways in VALUES[key].values() for ours in ways} <= words
    # What is a word of one list may be meant for another's.
    assert not [word for own in lists for word in own if own.intersection(VALUES[key].get(plain(word), ()))]


def test_what_a_single_text_is() -> None:
    for key, below in {**HOLDERS, **LISTS}.items():
        assert any(below in level.keys for _, level in KNOWN if level.steps[-1:] == (key,))


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("  limiting_collection: All Systems", "limited_to"),
        ("  LimitingCollectionName: All Systems", "limited_to"),
        ("  collection_id: PS10001F", "id"),
    ],
)
def test_words_of_the_console(load: Load, line: str, meant: str) -> None:
    _, [one] = load(f"{HEAD}{line}\n")
    assert one.diagnostic.code == "PC0201"
    assert one.diagnostic.help == f"did you mean '{meant}'?"


def test_a_description_of_a_collection_is_a_comment(load: Load) -> None:
    _, [one] = load(f"{HEAD}  description: The first ring\n")
    assert one.diagnostic.help == "take it out, or make it a comment: a line that begins with '#'"


@pytest.mark.parametrize(
    ("registry", "expected"),
    [
        ("value: N, data: 5, type: dword", [("value", "name"), ("data", "equals")]),
        ("name: N, value: 5, type: dword", [("value", "equals")]),
        (
            "ValueName: N, ValueType: dword, ValueData: 5",
            [("ValueName", "name"), ("ValueType", "type"), ("ValueData", "equals")],
        ),
        ("name: N, minimum: 5, type: dword", [("minimum", "at_least")]),
    ],
)
def test_a_word_with_two_meanings_takes_what_is_left(load: Load, registry: str, expected: list[tuple[str, str]]) -> None:
    _, found = load(f"{HEAD}settings:\n  one: {{title: x, registry: {{key: HKLM\\SOFTWARE\\A, {registry}}}}}\n")
    said = [(one.diagnostic.location.path[-1], one.diagnostic.help) for one in found]
    assert said == [(theirs, f"did you mean '{ours}'?") for theirs, ours in expected]


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        # Nobody knows `xyz`, which may be the condition, the type or the name that is missing.
        ("key: HKLM\\SOFTWARE\\A, name: N, type: dword, xyz: 5", ["PC0201"]),
        ("key: HKLM\\SOFTWARE\\A, xyz: N, type: dword, equals: 5", ["PC0201"]),
        # What stands at a guess may not fit because the guess is wrong.
        ("key: HKLM\\SOFTWARE\\A, name: N, type: dword, values: 5", ["PC0201"]),
    ],
)
def test_nothing_that_follows_is_told(load: Load, text: str, findings: list[str]) -> None:
    _, found = load(f"{HEAD}settings:\n  one: {{title: x, registry: {{{text}}}}}\n")
    assert [one.diagnostic.code for one in found] == findings


def test_two_conditions_by_guess_are_no_mistake_of_their_own(load: Load) -> None:
    registry = "{key: HKLM\\SOFTWARE\\A, name: N, type: dword, min: 1, max: 5}"
    assert [one.diagnostic.code for one in load(f"{HEAD}settings:\n  one: {{title: x, registry: {registry}}}\n")[1]] == [
        "PC0201",
        "PC0201",
    ]
    # What isn't a mapping has no conditions at all.
    assert [one.diagnostic.code for one in load(f"{HEAD}settings:\n  one: {{title: x, registry: }}\n")[1]] == ["PC0204"]


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        ("description", ["exceptions", "deployment"], None),
        ("path", ["pin", "present"], None),
        ("nmae", ["name", "type"], "name"),
        ("enforced", ["enforce", "audit"], "enforce"),
        ("lan-manager", ["lan-manager-level", "lsa"], "lan-manager-level"),
        ("x", ["y"], "y"),
        ("", ["y"], None),
        ("z" * 101, ["z" * 100], None),
    ],
)
def test_a_guess_is_near_or_none(word: str, known: list[str], expected: str | None) -> None:
    assert nearest(word, known) == expected
