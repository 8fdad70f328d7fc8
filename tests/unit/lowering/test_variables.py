"""Variables: the nearest layer's value, and what is wrong told where the variable is named."""

from __future__ import annotations

import pytest

from policyc.model import Location, SetValue
from policyc.model.variable import Named

WHERE = "key: 'HKLM\\SOFTWARE\\A', name: V"


def setting(registry: str) -> str:
    return f"settings: {{s: {{title: S, registry: {{{WHERE}, {registry}}}}}}}\n"


NUMBER = setting("type: dword, equals: {variable: x}")


def variables(value: object) -> str:
    return f"variables: {{x: {value}}}\n"


def lowered(estate, *, project: object = None, collection: object = None, **baselines: str):
    texts = {name.lower(): f"baseline: {{name: {name}}}\n{text}" for name, text in baselines.items()}
    if project is not None:
        texts["project"] = "project: {name: Example, id: 6eb3e9c0-8007-57db-857f-94065b852411}\n" + variables(project)
    own = "" if collection is None else variables(collection)
    return estate(**texts, pilot=f"collection: {{name: Pilot}}\nbaselines: [{next(iter(baselines))}]\n{own}")


@pytest.mark.parametrize(
    ("layers", "value", "file"),
    [
        ({"project": 1}, 1, "project.yaml"),
        ({"project": 1, "Common": NUMBER + variables(2)}, 2, "common.yaml"),
        ({"project": 1, "Common": NUMBER + variables(2), "A": variables(3)}, 3, "a.yaml"),
        ({"project": 1, "Common": NUMBER + variables(2), "A": variables(3), "collection": 4}, 4, "pilot.yaml"),
        ({"project": 1, "Common": NUMBER + variables(2), "A": variables(3), "collection": 0}, 0, "pilot.yaml"),
        ({"project": 1, "A": variables(3)}, 3, "a.yaml"),
    ],
)
def test_the_nearest_layer_gives_the_value(estate, layers, value, file):
    layers = {"A": "", "Common": NUMBER} | layers
    layers["A"] += "baselines: [Common]\n"
    result = lowered(estate, A=layers.pop("A"), **layers)
    assert result.found == []
    assert result.setting.subject.condition.operands == (value,)
    assert result.setting.subject.write == SetValue(value)
    at = Location("common.yaml", ("settings", "s", "registry", "equals"))
    assert result.setting.variables == (Named(at, "x", Location(file, ("variables", "x"))),)


def test_a_file_sees_the_variables_of_the_baselines_that_it_lists(estate):
    common = "baseline: {name: Common}\n" + variables(1)
    nearer = "baseline: {name: Nearer}\nbaselines: [Common]\n" + variables(2)
    pilot = (
        "collection: {name: Pilot}\nbaselines: [Common, Nearer]\n" + NUMBER + "defender_atp: {state: onboarded, device_tag: T}"
    )
    result = estate(common=common, nearer=nearer, pilot=pilot)
    assert result.found == []
    assert next(found for found in result.collection.settings if found.id == "s").subject.condition.operands == (2,)


@pytest.mark.parametrize(
    ("registry", "value", "operands"),
    [
        ("type: multi_string, equals: {variable: x}", "[a, b]", (("a", "b"),)),
        ("type: multi_string, equals: [{variable: x}, b, {variable: x}]", "a", (("a", "b", "a"),)),
        ("type: multi_string, equals: {variable: x}", "[]", ((),)),
        ("type: multi_string, one_of: [[{variable: x}], [b]], set: [b]", "a", (("a",), ("b",))),
        ("type: dword, between: [{variable: x}, 9], set: 5", "5", (5, 9)),
        ("type: string, equals: {variable: x}", "''", ("",)),
        ("type: qword, equals: {variable: x}", "18446744073709551615", (2**64 - 1,)),
    ],
)
def test_wherever_a_value_stands(estate, registry, value, operands):
    result = lowered(estate, Common=setting(registry), collection=value)
    assert result.found == []
    assert result.setting.subject.condition.operands == operands


def test_what_an_override_names_is_seen_from_where_it_stands(estate):
    common = setting("type: dword, equals: 1")
    a = "baselines: [Common]\noverride: {s: {reason: R, registry: {equals: {variable: x}}}}\n" + variables(7)
    result = lowered(estate, A=a, Common=common)
    assert result.found == []
    assert result.setting.subject.condition.operands == (7,)
    assert result.setting.variables[0].at == Location("a.yaml", ("override", "s", "registry", "equals"))


@pytest.mark.parametrize(
    ("registry", "value", "path"),
    [
        ("type: dword, equals: {variable: x}", "text", ("equals",)),
        ("type: dword, equals: {variable: x}", "4294967296", ("equals",)),
        ("type: dword, equals: {variable: x}", "'5'", ("equals",)),
        ("type: dword, equals: {variable: x}", "[a]", ("equals",)),
        ("type: string, equals: {variable: x}", "5", ("equals",)),
        ("type: binary, equals: {variable: x}", "XY", ("equals",)),
        ("type: multi_string, equals: [a, {variable: x}]", "[b]", ("equals", 1)),
        ("type: multi_string, equals: {variable: x}", "b", ("equals",)),
        ("type: dword, between: [{variable: x}, 5], set: 5", "a", ("between", 0)),
    ],
)
def test_a_value_that_does_not_fit_is_told_at_the_reference_once(estate, registry, value, path):
    result = estate(
        common="baseline: {name: Common}\n" + setting(registry) + variables(value),
        one="collection: {name: One}\nbaselines: [Common]",
        two="collection: {name: Two}\nbaselines: [Common]\noverride: {s: {reason: R, severity: none}}",
        three="collection: {name: Three}\nbaselines: [Common]",
    )
    found = result.finding
    assert (found.code, found.location) == ("PC0334", Location("common.yaml", ("settings", "s", "registry", *path)))
    assert found.message.startswith("the value of the variable 'x' doesn't fit: ")
    assert found.related[0].location == Location("common.yaml", ("variables", "x"))
    assert found.help


@pytest.mark.parametrize(
    ("known", "help"),
    [("lock-seconds", "did you mean 'lock-seconds'?"), ("zzz", "add 'lock-second: …' under 'variables:'")],
)
def test_an_unknown_variable_names_the_nearest(estate, known, help):
    registry = "type: dword, equals: {variable: lock-second}"
    one = f"collection: {{name: One}}\nbaselines: [Common]\nvariables: {{{known}: 1}}"
    result = estate(common="baseline: {name: Common}\n" + setting(registry), one=one)
    found = result.finding
    assert (found.code, found.location) == ("PC0333", Location("common.yaml", ("settings", "s", "registry", "equals")))
    assert found.message == "there is no variable 'lock-second'"
    assert found.help.startswith(help)
    assert [one.location for one in found.related] == [Location("one.yaml", ("collection", "name"))]
    assert result.collection.settings == ()


def test_an_unknown_variable_of_a_collections_own_setting(estate):
    found = estate(pilot="collection: {name: Pilot}\n" + NUMBER).finding
    assert (found.code, found.location.file, found.related) == ("PC0333", "pilot.yaml", ())


def test_a_baseline_may_leave_a_variable_to_its_collections(estate):
    common = "baseline: {name: Common}\n" + NUMBER
    assert estate(common=common).found == []
    one, two = (f"collection: {{name: C{n}}}\nbaselines: [Common]\nvariables: {{x: {n}}}" for n in (1, 2))
    result = estate(common=common, one=one, two=two)
    assert [collection.settings[0].subject.condition.operands for collection in result.project.collections] == [(1,), (2,)]


def test_two_ways_with_different_variables_are_two_settings(estate):
    files = {
        "common": "baseline: {name: Common}\n" + NUMBER + variables(1),
        "a": "baseline: {name: A}\nbaselines: [Common]\n" + variables(2),
        "b": "baseline: {name: B}\nbaselines: [Common]\n",
    }
    pilot = "collection: {name: Pilot}\nbaselines: [A, B]\n"
    found = estate(**files, pilot=pilot).finding
    assert (found.code, found.location) == ("PC0332", Location("pilot.yaml", ("baselines", 1)))
    assert "differ in the variable 'x': 'A' > 'Common' and 'B' > 'Common'" in found.message
    settled = estate(**files, pilot=pilot + variables(3))
    assert settled.found == []
    assert settled.setting.subject.condition.operands == (3,)


def test_a_product_word_takes_a_variable(estate):
    pilot = "collection: {name: Pilot}\ndefender_atp: {state: onboarded, device_tag: {variable: x}}\n"
    result = estate(pilot=pilot + variables("Ring 1"))
    tag = next(found for found in result.collection.settings if found.id == "defender-atp-device-tag")
    assert tag.subject.condition.operands == ("Ring 1",)
    assert tag.variables == (Named(tag.origin, "x", Location("pilot.yaml", ("variables", "x"))),)
    from_a_baseline = estate(pilot=pilot + "baselines: [Common]", common="baseline: {name: Common}\n" + variables("Tag"))
    assert from_a_baseline.found == []
    found = estate(pilot=pilot + variables(5)).finding
    assert (found.code, found.location) == ("PC0334", Location("pilot.yaml", ("defender_atp", "device_tag")))
    assert found.message == "the variable 'x' holds 5, which 'device_tag' can't be"
    assert estate(pilot=pilot).finding.code == "PC0333"
    exempt = "exceptions: [{settings: [defender-atp-device-tag], reason: R, owner: O, expires: '2026-12-31'}]"
    assert estate(pilot=pilot + exempt).finding.code == "PC0333"
