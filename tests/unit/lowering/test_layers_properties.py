"""Laws of joining: it agrees with plain dictionaries, no name or order decides anything, and nothing makes it fail."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from policyc.kinds import KINDS
from policyc.model import Location
from policyc.source.schema import is_valid

Tree = dict[str, Any]
IDS = ["a", "b", "c", "d"]
NUMBERS = st.sampled_from([0, 1, 7])
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "severity": st.sampled_from(["none", "critical"]),
        "why": st.sampled_from(["", "A", "B"]),
        "sensitive": st.booleans(),
        "takes_effect": st.sampled_from(["restart", "service"]),
        "applies_to": st.sampled_from([{"from_build": 1}, {"role": "server"}]),
    },
)
CONDITIONS = st.one_of(
    st.builds(lambda number: {"equals": number}, NUMBERS),
    st.builds(lambda number, default: {"at_least": number, "default": default}, NUMBERS, NUMBERS),
    st.builds(lambda number: {"between": [0, 9], "set": number}, NUMBERS),
)
OVERRIDES = st.builds(
    lambda parts, registry: {"reason": "R", "severity": "warning", **parts} | ({"registry": registry} if registry else {}),
    PARTS,
    st.one_of(st.none(), CONDITIONS),
)


def declaration(id: str, number: int, parts: Tree, condition: Tree) -> Tree:
    registry = {"key": "HKLM\\SOFTWARE\\A", "name": f"{id}{number}", "type": "dword", **condition}
    return {"title": f"{id} of {number}", **parts, "registry": registry}


@st.composite
def estates(draw: st.DrawFn) -> list[Tree]:
    """Files of which each lists only earlier ones; the last is the collection."""
    files: list[Tree] = []
    for number in range(draw(st.integers(1, 5))):
        listed = draw(st.lists(st.integers(0, number - 1), max_size=3, unique=True)) if number else []
        file: Tree = {"baselines": listed}
        known = sorted({one for other in contained([*files, file], number) for one in files[other]["settings"]})
        file["override"] = draw(st.dictionaries(st.sampled_from(known), OVERRIDES, max_size=3)) if known else {}
        own = [f"{name}{number}" for name in draw(st.lists(st.sampled_from("abc"), max_size=2, unique=True))]
        file["settings"] = {name: declaration(name, number, draw(PARTS), draw(CONDITIONS)) for name in own}
        files.append(file)
    return files


def contained(files: list[Tree], number: int) -> set[int]:
    return {one for below in files[number]["baselines"] for one in {below, *contained(files, below)}}


def written(files: list[Tree], names: list[str]) -> dict[str, Tree]:
    """The same as policies."""
    trees: dict[str, Tree] = {"project.yaml": {"project": {"name": "Example", "id": "6eb3e9c0-8007-57db-857f-94065b852411"}}}
    for number, file in enumerate(files):
        kind = "collection" if number == len(files) - 1 else "baseline"
        listed = [names[other] for other in file["baselines"]]
        trees[f"{names[number].lower()}.yaml"] = {kind: {"name": names[number]}, **file, "baselines": listed}
    return trees


NAMES = [f"N{number}" for number in range(6)]


def flat(files: list[Tree], number: int) -> Tree:
    """The settings of a file, by updates of dictionaries."""
    file = files[number]
    listed = [one for one in file["baselines"] if not any(one in contained(files, other) for other in file["baselines"])]
    result = {name: setting for below in listed for name, setting in flat(files, below).items()}
    for name, override in file["override"].items():
        before = result[name]
        result[name] = {**before, **override}
        if "registry" in override:
            kept = {word: value for word, value in before["registry"].items() if word not in KINDS["registry"].as_one}
            result[name]["registry"] = {**kept, **override["registry"]}
    return {**result, **file["settings"]}


def meaning(setting: Any) -> Any:
    """All but where it comes from."""
    return replace(setting, origin=Location(""), layer=None)


@settings(max_examples=300, deadline=None)
@given(estates())
def test_layers_say_what_updates_of_dictionaries_say(lower_files, files):
    result = lower_files(written(files, NAMES))
    assume(not result.found)
    by_hand = flat(files, len(files) - 1)
    by_hand = {name: {word: tree[word] for word in tree if word != "reason"} for name, tree in by_hand.items()}
    expected = lower_files(
        {
            "project.yaml": {"project": {"name": "Example", "id": "6eb3e9c0-8007-57db-857f-94065b852411"}},
            "x.yaml": {"collection": {"name": "X"}, "settings": by_hand},
        }
    )
    assert expected.found == []
    assert {setting.id: meaning(setting) for setting in result.collection.settings} == {
        setting.id: meaning(setting) for setting in expected.collection.settings
    }


@settings(max_examples=150, deadline=None)
@given(estates(), st.permutations(NAMES))
def test_names_of_files_and_baselines_decide_nothing(lower_files, files, others):
    one, other = lower_files(written(files, NAMES)), lower_files(written(files, others))
    assert Counter(one.codes) == Counter(other.codes)
    assert list(map(meaning, one.collection.settings)) == list(map(meaning, other.collection.settings))
    again = lower_files(dict(reversed(written(files, NAMES).items())))
    assert (again.found, again.collection) == (one.found, one.collection)


@settings(max_examples=150, deadline=None)
@given(estates())
def test_every_word_leads_to_its_value(lower_files, files):
    """What stands where a setting's parts are said to stand is what they are."""
    trees = written(files, NAMES)
    result = lower_files(trees)
    for setting in result.collection.settings:
        operator = setting.subject.condition.operator.value
        for way in (("title",), ("registry", "key"), ("registry", operator)):
            place = setting.origin.below(*way)
            node: Any = trees[place.file]
            for step in place.path:
                node = node[step]
            if way[-1] == operator:
                assert tuple(node if isinstance(node, list) else [node]) == setting.subject.condition.operands


ANYTHING = st.fixed_dictionaries(
    {},
    optional={
        "baselines": st.lists(st.sampled_from(["N0", "n1", "N2", "N9"]), max_size=3),
        "override": st.dictionaries(
            st.sampled_from([*IDS, "e"]),
            st.one_of(
                OVERRIDES,
                st.fixed_dictionaries(
                    {"reason": st.just("R")},
                    optional={
                        "registry": st.dictionaries(
                            st.sampled_from(["equals", "one_of", "set", "default", "case", "pin", "absent", "matches"]),
                            st.sampled_from([0, "", "x", "exact", True, [], ["x"], {"variable": "x"}, [{"variable": "y"}]]),
                            max_size=3,
                        ),
                        "applies_to": st.sampled_from([{"role": "server"}, {"before_build": 1}]),
                    },
                ),
            ),
            max_size=3,
        ),
        "settings": st.dictionaries(
            st.sampled_from([*IDS, "defender-atp-onboarding"]),
            st.builds(declaration, st.sampled_from(IDS), st.just(0), PARTS, CONDITIONS),
            max_size=2,
        ),
        "variables": st.dictionaries(st.sampled_from(["x", "y"]), st.sampled_from([0, "", "x", [], ["a"], 2**64 - 1])),
        "applies_to": st.sampled_from([{"role": "workstation"}, {"from_build": 5}]),
        "exceptions": st.lists(
            st.fixed_dictionaries(
                {
                    "settings": st.lists(st.sampled_from(IDS), min_size=1, max_size=2),
                    "reason": st.just("R"),
                    "owner": st.just("O"),
                    "expires": st.sampled_from(["2026-01-31", "2026-02-31"]),
                }
            ),
            max_size=2,
        ),
    },
)


@settings(max_examples=300, deadline=None)
@given(st.lists(ANYTHING, min_size=1, max_size=4), st.lists(ANYTHING, max_size=2))
def test_whatever_the_schema_accepts_has_an_answer(lower_files, baselines, collections):
    heads = [("baseline", number, tree) for number, tree in enumerate(baselines)]
    heads += [("collection", number, tree) for number, tree in enumerate(collections)]
    trees = {f"{kind}{number}.yaml": {kind: {"name": f"N{number}"}, **tree} for kind, number, tree in heads}
    for tree in trees.values():
        tree.pop("exceptions" if "baseline" in tree else "applies_to", None)
    trees = {file: tree for file, tree in trees.items() if is_valid("baseline" if "baseline" in tree else "collection", tree)}
    trees["project.yaml"] = {"project": {"name": "Example", "id": "6eb3e9c0-8007-57db-857f-94065b852411"}}
    result = lower_files(trees)
    assert len(set(result.found)) == len(result.found), "a finding is told once"
    for found in result.found:
        assert found.message
        assert found.help
        for location in (found.location, *(related.location for related in found.related)):
            node: Any = trees[location.file]
            for step in location.path:
                node = node[step]
    assert lower_files(trees).found == result.found
