"""Baselines and overrides: what a collection gets, where each word of it stands, and what can't be joined."""

from __future__ import annotations

from operator import attrgetter

import pytest
import yaml

from policyc.diagnostics import Level
from policyc.lowering.layers import DEEPEST
from policyc.model import Applicability, Condition, Kind, Layer, Location, Operator, Role, SetValue, Severity

COMMON = """
baseline: {name: Common}
settings:
  s:
    title: S
    severity: critical
    why: Because
    references: [CIS 1]
    registry: {key: 'HKLM\\SOFTWARE\\A', name: V, type: dword, between: [1, 9], set: 5, default: 3, pin: true}
  t: {title: T, registry: {key: 'HKLM\\SOFTWARE\\A', name: W, type: string, equals: text, case: exact}}
"""


def a_baseline(name: str, *listed: str, more: str = "") -> str:
    return f"baseline: {{name: {name}}}\nbaselines: [{', '.join(listed)}]\n{more}"


def a_collection(*listed: str, more: str = "", name: str = "Pilot", mode: str = "enforce") -> str:
    return f"collection: {{name: {name}, mode: {mode}}}\nbaselines: [{', '.join(listed)}]\n{more}"


def override(words: str, id: str = "s") -> str:
    return f"override: {{{id}: {{reason: R, {words}}}}}"


def only(settings, id="s"):
    return next(setting for setting in settings if setting.id == id)


# What comes together


def test_a_baseline_joins_the_settings_of_a_collection(estate):
    own = "settings: {o: {title: O, registry: {key: 'HKLM\\SOFTWARE\\A', present: true}}}"
    result = estate(common=COMMON, pilot=a_collection("COMMON", more=own))
    assert result.found == []
    assert [setting.id for setting in result.collection.settings] == ["s", "t", "o"]
    assert [setting.layer for setting in result.collection.settings] == [Layer(("Common",)), Layer(("Common",)), None]
    assert only(result.collection.settings).origin == Location("common.yaml", ("settings", "s"))
    assert result.collection.baselines == ("COMMON",)


def test_what_comes_by_two_ways_is_one(estate):
    result = estate(
        common=COMMON,
        a=a_baseline("A", "Common"),
        b=a_baseline("B", "Common"),
        pilot=a_collection("A", "B", "A"),
    )
    assert result.found == []
    assert [setting.layer.baselines for setting in result.collection.settings] == [("A", "Common"), ("A", "Common")]


@pytest.mark.parametrize("listed", [("A",), ("A", "Common"), ("Common", "A"), ("Common", "B", "A"), ("a", "b", "common", "B")])
def test_a_baseline_beside_one_that_contains_it_changes_nothing(estate, listed):
    files = {
        "common": COMMON,
        "b": a_baseline("B", "Common", more=override("registry: {equals: 7}")),
        "a": a_baseline("A", "B", more=override("severity: none")),
    }
    result = estate(**files, pilot=a_collection(*listed))
    assert result.found == []
    assert result.collection.settings == estate(**files, pilot=a_collection("A")).collection.settings
    assert only(result.collection.settings).subject.condition.operands == (7,)
    assert only(result.collection.settings).severity is Severity.NONE


def test_collections_share_what_they_have_in_common(estate):
    result = estate(common=COMMON, one=a_collection("Common", name="One"), two=a_collection("Common", name="Two"))
    for first, second in zip(result.named("One").settings, result.named("Two").settings, strict=True):
        assert first is second


def test_audit_and_enforcement_of_one_baseline(estate):
    result = estate(common=COMMON, one=a_collection("Common", name="One"), two=a_collection("Common", name="Two", mode="audit"))
    assert result.found == []
    assert only(result.named("One").settings).subject.write == SetValue(5)
    assert only(result.named("Two").settings).subject.write is None


NOTHING_TO_WRITE = "settings: {s: {title: S, registry: {key: 'HKLM\\SOFTWARE\\A', name: V, type: dword, between: [1, 9]}}}"


def test_a_baseline_that_is_only_audited_needs_nothing_to_write(estate):
    common = a_baseline("Common", more=NOTHING_TO_WRITE)
    assert estate(common=common, pilot=a_collection("Common", mode="audit")).codes == []
    assert estate(common=common, pilot=a_collection("Common", more=override("registry: {equals: 1}"))).codes == []
    assert estate(common=common, pilot=a_collection("Common")).codes == ["PC0307"]
    assert estate(common=common).codes == ["PC0307"]


def test_an_error_in_a_shared_setting_is_told_once(estate):
    wrong = COMMON.replace("set: 5", "set: 50")
    many = {f"c{number}": a_collection("Common", name=f"C{number}") for number in range(3)}
    result = estate(common=wrong, a=a_baseline("A", "Common"), audit=a_collection("A", mode="audit"), **many)
    assert result.codes == ["PC0308"]
    assert result.finding.location == Location("common.yaml", ("settings", "s", "registry", "set"))
    assert [only_id.id for only_id in result.named("C1").settings] == ["t"]


def test_an_unused_baseline_is_checked_too(estate):
    overridden = a_baseline("A", "Common", more=override("registry: {between: [1, 4], set: 9}"))
    result = estate(common=COMMON.replace("'HKLM\\SOFTWARE\\A', name: W", "'HKXX\\A', name: W"), a=overridden)
    assert sorted((found.code, found.location.file) for found in result.found) == [
        ("PC0301", "common.yaml"),
        ("PC0308", "a.yaml"),
    ]


# Overrides


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        ("severity: none", "severity", Severity.NONE),
        ("why: ''", "why", ""),
        ("references: []", "references", ()),
        ("remediate: false, registry: {between: [1, 9]}", "subject.write", None),
        ("registry: {equals: 0}", "subject.condition", Condition(Operator.EQUALS, (0,))),
        ("registry: {at_least: 0, default: 0}", "subject.default", 0),
        ("registry: {at_least: 1, default: 2, pin: false}", "subject.pin", False),
        ("title: Other", "title", "Other"),
        ("takes_effect: restart", "takes_effect", "restart"),
        ("applies_to: {from_build: 0}", "applies_to", Applicability(from_build=0)),
        ("sensitive: true", "sensitive", True),
    ],
)
def test_a_word_is_overridden_by_any_value(estate, words, field, value):
    result = estate(common=COMMON, pilot=a_collection("Common", more=override(words)))
    assert result.found == []
    assert attrgetter(field)(only(result.collection.settings)) == value
    assert only(result.collection.settings, "t") == only(
        estate(common=COMMON, pilot=a_collection("Common")).collection.settings, "t"
    )


@pytest.mark.parametrize(("data", "held"), [("''", ""), ("'0'", "0"), ("'false'", "false")])
def test_empty_text_is_a_value(estate, data, held):
    result = estate(common=COMMON, pilot=a_collection("Common", more=override(f"registry: {{equals: {data}}}", "t")))
    setting = only(result.collection.settings, "t")
    assert setting.subject.condition == Condition(Operator.EQUALS, (held,), exact_case=False)
    assert (setting.subject.kind, setting.subject.write) == (Kind.STRING, SetValue(held))


def test_condition_and_what_is_written_are_replaced_as_one(estate):
    result = estate(common=COMMON, pilot=a_collection("Common", more=override("registry: {at_least: 4}")))
    setting = only(result.collection.settings)
    assert setting.subject.condition == Condition(Operator.AT_LEAST, (4,))
    assert (setting.subject.write, setting.subject.default, setting.subject.pin) == (SetValue(4), None, False)
    (change,) = setting.layer.changes
    assert (change.by, change.reason, change.location) == ("Pilot", "R", Location("pilot.yaml", ("override", "s")))
    assert change.replaced == (
        ("registry.between", "[1, 9]"),
        ("registry.set", "5"),
        ("registry.default", "3"),
        ("registry.pin", "true"),
        ("registry.at_least", ""),
    )


def test_the_override_nearest_to_the_collection_wins(estate):
    result = estate(
        common=COMMON,
        a=a_baseline("A", "Common", more=override("registry: {equals: 1}, severity: none, why: A")),
        b=a_baseline("B", "A", more=override("registry: {equals: 2}, severity: warning")),
        pilot=a_collection("B", more=override("registry: {equals: 3}")),
        other=a_collection("A", name="Other"),
    )
    assert result.found == []
    setting = only(result.named("Pilot").settings)
    assert (setting.subject.condition.operands, setting.severity, setting.why) == ((3,), Severity.WARNING, "A")
    assert setting.layer.baselines == ("B", "A", "Common")
    assert [change.by for change in setting.layer.changes] == ["A", "B", "Pilot"]
    assert only(result.named("Other").settings).subject.condition.operands == (1,)


def test_each_word_leads_to_where_it_stands(estate):
    result = estate(
        common=COMMON,
        a=a_baseline("A", "Common", more=override("registry: {at_least: 1, default: 2}, severity: none")),
        pilot=a_collection("A", more=override("registry: {at_most: 3}, why: P")),
    )
    origin = only(result.collection.settings).origin
    assert (origin.file, origin.path) == ("common.yaml", ("settings", "s"))
    assert origin.below("title") == Location("common.yaml", ("settings", "s", "title"))
    assert origin.below("registry", "key") == Location("common.yaml", ("settings", "s", "registry", "key"))
    assert origin.below("severity") == Location("a.yaml", ("override", "s", "severity"))
    assert origin.below("registry", "at_most") == Location("pilot.yaml", ("override", "s", "registry", "at_most"))
    assert origin.below("registry", "at_most", 1).path[-1] == 1
    assert origin.below("why") == Location("pilot.yaml", ("override", "s", "why"))
    assert origin.key() == Location("common.yaml", ("settings", "s"), on_key=True)


@pytest.mark.parametrize(
    ("words", "code", "path"),
    [
        ("registry: {between: [9, 1], set: 5}", "PC0311", ("registry", "between")),
        ("registry: {at_most: 3, set: 5}", "PC0308", ("registry", "set")),
        ("registry: {between: [1, 2]}", "PC0307", ("registry", "between")),
        ("registry: {equals: text}", "PC0204", ("registry", "equals")),
        ("registry: {equals: 4294967296}", "PC0207", ("registry", "equals")),
        ("registry: {equals: 1, case: exact}", "PC0211", ("registry", "case")),
        ("registry: {default: 3}", "PC0209", ()),
        ("registry: {matches: a}", "PC0211", ("registry", "matches")),
    ],
)
def test_what_an_override_gets_wrong_is_told_at_the_override(estate, words, code, path):
    result = estate(common=COMMON, pilot=a_collection("Common", more=override(words)), other=a_collection("Common", name="O"))
    found = result.finding
    assert (found.location.file, found.location.path) == ("pilot.yaml", ("override", "s", *path)), found
    assert found.code == code, found
    assert [setting.id for setting in result.named("Pilot").settings] == ["t"]
    assert [setting.id for setting in result.named("O").settings] == ["s", "t"]


def test_an_override_that_leaves_out_the_condition_says_why_it_is_gone(estate):
    found = estate(common=COMMON, pilot=a_collection("Common", more=override("registry: {set: 4}"))).finding
    assert (found.code, found.message) == ("PC0209", "'registry' has no condition")
    assert found.location == Location("pilot.yaml", ("override", "s"), on_key=True)
    assert found.help.endswith("; an override replaces condition, set, default, pin and case as one")


def test_two_conditions_of_an_override_are_both_shown_there(estate):
    found = estate(common=COMMON, pilot=a_collection("Common", more=override("registry: {equals: 0, at_least: 3}"))).finding
    place = ("override", "s", "registry")
    assert (found.code, found.location) == ("PC0209", Location("pilot.yaml", (*place, "at_least"), on_key=True))
    assert [one.location for one in found.related] == [Location("pilot.yaml", (*place, "equals"), on_key=True)]


def test_an_override_that_needs_a_type(estate):
    present = "settings: {p: {title: P, remediate: false, registry: {key: 'HKLM\\SOFTWARE\\A', name: V, present: true}}}"
    pilot = a_collection("Common", more=override("registry: {equals: 5}", "p"))
    found = estate(common=a_baseline("Common", more=present), pilot=pilot).finding
    assert (found.code, found.location) == ("PC0203", Location("pilot.yaml", ("override", "p"), on_key=True))
    assert found.help == "add it where the setting is declared, an override can't"
    assert found.related[0].location == Location("common.yaml", ("settings", "p"))


def test_a_wrong_override_in_a_baseline_is_told_once_for_all_that_list_it(estate):
    many = {f"c{number}": a_collection("A", name=f"C{number}") for number in range(3)}
    result = estate(common=COMMON, a=a_baseline("A", "Common", more=override("registry: {equals: text}")), **many)
    assert result.finding.location == Location("a.yaml", ("override", "s", "registry", "equals"))


# What can't be joined


def test_two_baselines_of_a_name(estate):
    result = estate(a=a_baseline("Common"), b=a_baseline("COMMON"))
    found = result.finding
    assert (found.code, found.level, found.location) == ("PC0327", Level.ERROR, Location("b.yaml", ("baseline", "name")))
    assert found.message == "another file describes the baseline 'COMMON' too"
    assert found.related[0].location == Location("a.yaml", ("baseline", "name"))


@pytest.mark.parametrize(
    ("listed", "help"), [("Comon", "did you mean 'Common'?"), ("Xyz", "write a file with 'baseline:'"), ("x" * 200, "write a")]
)
def test_an_unknown_baseline_names_the_nearest(estate, listed, help):
    # An override or exception of what would come from there isn't complained of, too.
    more = override("severity: none") + "\nexceptions: [{settings: [s], reason: R, owner: O, expires: '2026-12-31'}]"
    found = estate(common=COMMON, pilot=a_collection(listed, more=more)).finding
    assert (found.code, found.location) == ("PC0328", Location("pilot.yaml", ("baselines", 0)))
    assert found.message == f"no baseline is called '{listed}'"
    assert found.help.startswith(help)


def test_circles_show_their_path(estate):
    result = estate(
        a=a_baseline("A", "B", more=override("severity: none")),
        b=a_baseline("B", "C"),
        c=a_baseline("C", "b", "A"),
        d=a_baseline("D", "d"),
        pilot=a_collection("A", "D", more=override("severity: none")),
    )
    assert [(found.code, found.location.file, found.location.path, found.message) for found in result.found] == [
        ("PC0329", "c.yaml", ("baselines", 0), "the baseline 'B' lists itself: 'B' > 'C' > 'B'"),
        ("PC0329", "c.yaml", ("baselines", 1), "the baseline 'A' lists itself: 'A' > 'B' > 'C' > 'A'"),
        ("PC0329", "d.yaml", ("baselines", 0), "the baseline 'D' lists itself: 'D' > 'D'"),
    ]


def chain(length: int) -> dict:
    trees = {f"{n}.yaml": {"baseline": {"name": f"B{n}"}, "baselines": [f"B{n + 1}"]} for n in range(length - 1)}
    trees["common.yaml"] = yaml.safe_load(COMMON.replace("Common", f"B{length - 1}"))
    trees["pilot.yaml"] = {"collection": {"name": "Pilot"}, "baselines": ["B0"]}
    return trees | {"project.yaml": {"project": {"name": "Example", "id": "6eb3e9c0-8007-57db-857f-94065b852411"}}}


def test_as_many_baselines_as_may_stand_on_each_other(lower_files):
    result = lower_files(chain(DEEPEST - 1))
    assert result.found == []
    assert len(only(result.collection.settings).layer.baselines) == DEEPEST - 1
    found = lower_files(chain(DEEPEST + 1)).finding
    assert (found.code, found.location) == ("PC0337", Location("0.yaml", ("baselines", 0)))
    assert found.message == "'B1' stands on 31 other baselines, one on the other: no more are taken"


def test_more_than_python_would_follow(lower_files):
    assert set(lower_files(chain(3000)).codes) == {"PC0337"}


@pytest.mark.parametrize(("id", "help"), [("ss", "did you mean"), ("zzzz", "take the override out")])
def test_an_override_of_what_is_not_there(estate, id, help):
    common = COMMON.replace("  s:", "  sss:")
    found = estate(common=common, pilot=a_collection("Common", more=override("severity: none", id))).finding
    assert (found.code, found.location) == ("PC0330", Location("pilot.yaml", ("override", id), on_key=True))
    assert found.message == f"no baseline that 'Pilot' lists has a setting '{id}'"
    assert found.help.startswith(help)


def test_a_setting_of_the_file_itself_is_not_overridden(estate):
    own = "settings: {o: {title: O, registry: {key: 'HKLM\\SOFTWARE\\A', present: true}}}\n"
    assert estate(pilot=a_collection(more=own + override("severity: none", "o"))).codes == ["PC0330"]


def test_a_setting_that_a_baseline_has_already(estate):
    own = "settings: {s: {title: O, registry: {key: 'HKLM\\SOFTWARE\\A', present: true}}}"
    result = estate(common=COMMON, a=a_baseline("A", "Common"), pilot=a_collection("A", more=own))
    found = result.finding
    assert (found.code, found.location) == ("PC0331", Location("pilot.yaml", ("settings", "s"), on_key=True))
    assert found.message == "the setting 's' comes from the baseline 'A' > 'Common' already"
    assert found.related[0].location == Location("common.yaml", ("settings", "s"))


def test_two_ways_to_different_settings(estate):
    files = {
        "common": COMMON,
        "a": a_baseline("A", "Common", more=override("registry: {equals: 1}, severity: none")),
        "b": a_baseline("B", "Common"),
    }
    found = estate(**files, pilot=a_collection("A", "B")).finding
    assert (found.code, found.location) == ("PC0332", Location("pilot.yaml", ("baselines", 1)))
    assert found.message == (
        "the setting 's' comes by two ways that differ in 'severity', 'equals', 'between', 'set', 'default', 'pin': "
        "'A' > 'Common' and 'B' > 'Common'"
    )
    assert [one.location for one in found.related] == [
        Location("a.yaml", ("override", "s")),
        Location("common.yaml", ("settings", "s")),
    ]
    # To say here what both shall be settles it; to say a part of it doesn't.
    settled = estate(**files, pilot=a_collection("A", "B", more=override("registry: {equals: 2}, severity: warning")))
    assert settled.found == []
    assert only(settled.collection.settings).subject.condition.operands == (2,)
    in_part = estate(**files, pilot=a_collection("A", "B", more=override("registry: {equals: 2}")))
    assert in_part.finding.message.startswith("the setting 's' comes by two ways that differ in 'severity': ")


def test_overrides_that_say_the_same_agree(estate):
    same = override("registry: {equals: 1}")
    result = estate(
        common=COMMON,
        a=a_baseline("A", "Common", more=same),
        b=a_baseline("B", "Common", more=same),
        pilot=a_collection("A", "B"),
    )
    assert result.found == []


def test_two_declarations_that_say_the_same_are_one(estate):
    """Lists that others publish, imported one by one, often have a setting in common."""
    other = COMMON.replace("Common", "B").replace("title: S", "title: Another").replace("SOFTWARE", "Software")
    assert other.count("Another") == 1
    result = estate(a=COMMON.replace("Common", "A"), b=other, pilot=a_collection("A", "B"))
    assert result.found == []
    first = next(one for one in result.collection.settings if one.id == "s")
    assert first.origin.file == "a.yaml"


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [("severity: critical", "severity: none", "'severity'"), ("default: 3", "default: 2", "'default'")],
)
def test_two_declarations_that_differ_are_never_one(estate, was, becomes, said):
    other = COMMON.replace("Common", "B").replace(was, becomes)
    result = estate(a=COMMON.replace("Common", "A"), b=other, pilot=a_collection("A", "B"))
    assert result.codes == ["PC0332"]
    assert result.finding.message == f"the setting 's' comes by two ways that differ in {said}: 'A' and 'B'"
    assert result.finding.help.startswith("list one of the two baselines")


# Which devices a setting is about


def test_what_baseline_and_setting_say_of_devices_meets(estate):
    with_bounds = COMMON.replace("    title: S\n", "    title: S\n    applies_to: {from_build: 10, before_build: 30}\n")
    servers = a_baseline("Servers", "Common", more="applies_to: {from_build: 20, role: server}")
    newer = a_baseline("Newer", "Servers", more="applies_to: {from_build: 5, before_build: 25}")
    result = estate(common=with_bounds, servers=servers, newer=newer, pilot=a_collection("Newer"))
    assert result.found == []
    settings = result.collection.settings
    assert only(settings).applies_to == Applicability(20, 25, Role.SERVER)
    assert only(settings, "t").applies_to == Applicability(20, 25, Role.SERVER)
    assert only(settings, "t").origin.below("applies_to") == Location("servers.yaml", ("applies_to",))
    assert only(settings).origin.below("applies_to") == Location("common.yaml", ("settings", "s", "applies_to"))


def test_an_override_says_anew_for_which_devices(estate):
    servers = a_baseline("Servers", "Common", more="applies_to: {role: server}")
    more = override("applies_to: {role: workstation}")
    result = estate(common=COMMON, servers=servers, pilot=a_collection("Servers", more=more))
    assert only(result.collection.settings).applies_to == Applicability(role=Role.WORKSTATION)


def test_of_no_device_at_all(estate):
    servers = a_baseline("Servers", "Common", more=override("applies_to: {role: workstation}") + "\napplies_to: {role: server}")
    result = estate(common=COMMON, servers=servers, pilot=a_collection("Servers"))
    assert (result.finding.code, result.finding.level) == ("PC0336", Level.WARNING)
    assert result.finding.message == "no device is left to which 's' applies"
    assert result.finding.location == Location("servers.yaml", ("override", "s", "applies_to"))
    assert not only(result.collection.settings).applies_to.meets(Applicability())


def test_to_list_a_baseline_beside_one_that_narrows_it_is_told(estate):
    """Taken for the narrow one alone, other devices would lose the settings without a word."""
    servers = a_baseline("Servers", "Common", more="applies_to: {role: server}")
    result = estate(common=COMMON, servers=servers, pilot=a_collection("Common", "Servers"))
    assert result.codes == ["PC0332", "PC0332"]
    assert "differ in 'applies_to'" in result.found[0].message


# Exceptions


def test_an_exception_takes_settings_out_whatever_they_come_from(estate):
    more = override("severity: none") + (
        "\ndefender_atp: {state: onboarded, sample_collection: all}"
        "\nsettings: {o: {title: O, registry: {key: 'HKLM\\SOFTWARE\\A', present: true}}}"
        "\nexceptions: [{settings: [s, o, defender-atp-sample-collection], reason: R, owner: O, expires: '2026-12-31'}]"
    )
    result = estate(common=COMMON, pilot=a_collection("Common", more=more))
    assert result.found == []
    assert {setting.id for setting in result.collection.exempted} == {"s", "o", "defender-atp-sample-collection"}
    assert {setting.id for setting in result.collection.settings} == {"t", "defender-atp-onboarding"}
    (exemption,) = result.collection.exemptions
    assert (exemption.reason, exemption.owner, exemption.ticket, str(exemption.expires)) == ("R", "O", None, "2026-12-31")
    assert exemption.location == Location("pilot.yaml", ("exceptions", 0))


@pytest.mark.parametrize(("id", "help"), [("tt", "did you mean 't'?"), ("zzzzzz", "take it out")])
def test_an_exception_from_nothing(estate, id, help):
    more = f"exceptions: [{{settings: [s, {id}], reason: R, owner: O, expires: '2026-12-31'}}]"
    found = estate(common=COMMON, pilot=a_collection("Common", more=more)).finding
    assert (found.code, found.location) == ("PC0335", Location("pilot.yaml", ("exceptions", 0, "settings", 1)))
    assert found.message == f"the collection has no setting '{id}' that it could go without"
    assert found.help.startswith(help)


def test_an_exception_until_no_day(estate):
    more = "exceptions: [{settings: [s], reason: R, owner: O, expires: '2026-02-30'}]"
    result = estate(common=COMMON, pilot=a_collection("Common", more=more))
    assert (result.finding.code, result.finding.location.path) == ("PC0326", ("exceptions", 0, "expires"))
    assert result.collection.exempted == ()
