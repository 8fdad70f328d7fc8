"""Whatever the schema accepts, lowering has an answer to."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

TOP = Path(__file__).resolve().parents[3]
SCHEMA = jsonschema.Draft202012Validator(json.loads((TOP / "schema" / "collection.schema.json").read_text(encoding="utf-8")))

TEXT = st.one_of(st.sampled_from(["", "a", "A", "ß", "1.5"]), st.text(st.characters(exclude_characters="\0"), max_size=8))
ELEMENTS = st.lists(TEXT.filter(bool), max_size=3)
NUMBERS = st.sampled_from([0, 1, 5, 2**31, 2**32 - 1])
DATA = {
    "string": TEXT,
    "expand_string": TEXT,
    "multi_string": ELEMENTS,
    "dword": NUMBERS,
    "qword": NUMBERS,
    "binary": st.binary(max_size=3).map(bytes.hex),
}
KEYS = st.one_of(
    st.sampled_from(["HKLM\\SOFTWARE\\A", "HKCU:\\A", "HKLM", "HKCR\\A", "HKLM\\SYSTEM\\ControlSet002", "\\", "HKLM\\\\A"]),
    st.text(st.characters(min_codepoint=32, exclude_characters="\x7f"), min_size=1, max_size=12),
)
NAMES = st.text(min_size=1, max_size=10)


@st.composite
def registries(draw):
    kind = draw(st.sampled_from([*DATA, None]))
    data = DATA.get(kind, TEXT)
    conditions = {
        "present": st.just(True),
        "absent": st.just(True),
        "equals": data,
        "not_equals": data,
        "at_least": data,
        "at_most": data,
        "between": st.lists(data, min_size=2, max_size=2),
        "one_of": st.lists(data, min_size=1, max_size=3),
        "none_of": st.lists(data, min_size=1, max_size=3),
        "matches": st.text("ab(|)*+?[]^{2}\\", min_size=1, max_size=8),
        "contains": ELEMENTS,
        "set_equals": ELEMENTS,
    }
    operator = draw(st.sampled_from(sorted(conditions)))
    more = {
        "name": TEXT,
        "type": st.just(kind),
        "view": st.sampled_from([32, 64]),
        "case": st.sampled_from(["exact", "ignore"]),
        "default": data,
        "pin": st.booleans(),
        "set": data,
    }
    chosen = draw(st.sets(st.sampled_from(sorted(more)))) | ({"type", "name"} if kind else set())
    tree = {"key": draw(KEYS), operator: draw(conditions[operator])}
    return tree | {word: draw(more[word]) for word in sorted(chosen) if word != "type" or kind}


SETTINGS = st.fixed_dictionaries(
    {"title": st.just("A"), "registry": registries()},
    optional={"remediate": st.booleans(), "severity": st.sampled_from(["none", "critical"]), "sensitive": st.booleans()},
)
PACKAGES = st.fixed_dictionaries({}, optional={"source": NAMES, "script": NAMES, "configuration_file": NAMES})
DEFENDER = st.fixed_dictionaries(
    {"state": st.sampled_from(["onboarded", "offboarded"])},
    optional={
        "package": PACKAGES,
        "sample_collection": st.sampled_from(["all", "none"]),
        "reporting_frequency": st.sampled_from(["normal", "expedite"]),
        "device_tag": NAMES,
    },
)
HEADS = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "mode": st.sampled_from(["audit", "enforce"]),
        "members": st.fixed_dictionaries({}, optional={"devices": st.lists(NAMES, max_size=3), "query": NAMES}),
    },
)
COLLECTIONS = st.fixed_dictionaries(
    {"collection": HEADS},
    optional={
        "defender_atp": DEFENDER,
        "settings": st.dictionaries(st.sampled_from(["a", "b", "defender-atp-onboarding"]), SETTINGS, max_size=3),
    },
)
VERSIONS = st.sampled_from(["2012", "2012 R2", "1602", "1606"])


@settings(max_examples=200, deadline=None)
@given(st.lists(COLLECTIONS, min_size=1, max_size=3), VERSIONS)
def test_schema_valid_trees_give_a_project_and_findings(lower_files, trees, version):
    valid = {f"{index}.yaml": tree for index, tree in enumerate(trees) if SCHEMA.is_valid(tree)}
    head = {
        "project": {"name": "Example", "id": "6eb3e9c0-8007-57db-857f-94065b852411"},
        "configmgr": {"server_version": version},
    }
    result = lower_files(valid | {"project.yaml": head})
    assert len(result.project.collections) == len(valid)
    for found in result.found:
        node = (valid | {"project.yaml": head})[found.location.file]
        for step in found.location.path:
            node = node[step]
        assert found.message
        assert found.help
    refused = {found.location.path[1] for found in result.found if found.is_error and found.location.path[0] == "settings"}
    kept = {setting.id for collection in result.project.collections for setting in collection.settings}
    asked = {name for tree in valid.values() for name in tree.get("settings", {})}
    assert asked <= refused | kept


@given(st.lists(COLLECTIONS, min_size=2, max_size=2))
def test_the_order_of_files_decides_nothing_but_the_order_of_findings(lower_files, trees):
    valid = {f"{index}.yaml": tree for index, tree in enumerate(trees) if SCHEMA.is_valid(tree)}
    assert lower_files(valid).found == lower_files(dict(reversed(valid.items()))).found
