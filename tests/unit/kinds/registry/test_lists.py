"""`only_values`: a key that holds the values of a list and no others, from a policy to verdicts, writes and conflicts."""

from __future__ import annotations

from typing import Any

import pytest

from policyc.analysis.conflict import Nature
from policyc.analysis.fights import Places, fights
from policyc.analysis.meetings import Meetings
from policyc.analysis.same_place import same_place
from policyc.evaluation import ABSENT, UNREADABLE, Held, Verdict
from policyc.evaluation.device import Device, Draft
from policyc.kinds import kind_of
from policyc.kinds.registry.order import implies
from policyc.kinds.registry.parts import MOST_OTHERS, parts
from policyc.model import (
    Condition,
    DeleteValue,
    Hive,
    KeepListed,
    Kind,
    Listed,
    Location,
    Operator,
    Place,
    Setting,
    SetValue,
    View,
)
from policyc.powershell.linker import link
from policyc.powershell.own_scripts import read_script
from policyc.powershell.rows import entry
from policyc.powershell.scripts import Script, script_text
from policyc.simulation.outcomes import Result, remediated, simulate
from policyc.simulation.rollback import rolled_back
from policyc.source import Document, Sources
from policyc.source.explain import explain
from policyc.source.schema import is_valid
from policyc.source.tree import build
from registry_settings import registry_setting
from unit.analysis.estates import CONTEXT, collection, project, setting

O = Operator  # noqa: E741
KEY = r"SOFTWARE\Example"
TWO = (Listed("1", Kind.STRING, "a"), Listed("2", Kind.STRING, "b"))


def only(*values: Listed, name: str = "list", writes: bool = True, exact: bool = False, hive: Hive = Hive.MACHINE) -> Setting:
    place = Place(hive, View.BITS_64, KEY, None)
    write = KeepListed() if writes else None
    condition = Condition(O.ONLY_VALUES, (), exact)
    origin = Location("pilot.yaml", ("settings", name))
    return registry_setting(name, name, place, condition, origin, write=write, values=values)


def device(**values: Any) -> Device:
    draft = Draft()
    draft.make_key(Place(Hive.MACHINE, View.BITS_64, KEY, None))
    for name, state in values.items():
        draft.put(Place(Hive.MACHINE, View.BITS_64, KEY, name.removeprefix("v")), None, state)
    return draft.device()


def held(device: Device) -> dict[str, Any]:
    key = next((key for key in device.keys.values() if key.path == KEY), None)
    return {} if key is None else dict(key.values.values())


A, B, X = (Held(Kind.STRING, text) for text in "abx")


@pytest.mark.parametrize(
    ("values", "before", "verdict", "writes", "after"),
    [
        (TWO, {"v1": A, "v2": B}, Result.COMPLIANT, 0, {"1": A, "2": B}),
        (TWO, {"v2": Held(Kind.STRING, "B"), "v1": A}, Result.COMPLIANT, 0, {"2": Held(Kind.STRING, "B"), "1": A}),
        (TWO, {"v1": A}, Result.NON_COMPLIANT, 1, {"1": A, "2": B}),
        (TWO, {"v1": A, "v2": X}, Result.NON_COMPLIANT, 1, {"1": A, "2": B}),
        (TWO, {"v1": A, "v2": Held(Kind.EXPAND_STRING, "b")}, Result.NON_COMPLIANT, 1, {"1": A, "2": B}),
        (TWO, {"v1": A, "v2": B, "v3": X}, Result.NON_COMPLIANT, 1, {"1": A, "2": B}),
        (TWO, {"v1": A, "v2": B, "v": X}, Result.NON_COMPLIANT, 1, {"1": A, "2": B}),
        (TWO, {"v1": UNREADABLE, "v2": B, "v3": X}, Result.ERROR, 1, {"1": UNREADABLE, "2": B}),
        (TWO, {"v1": A, "v2": B, "v3": UNREADABLE}, Result.ERROR, 0, {"1": A, "2": B, "3": UNREADABLE}),
        ((), {}, Result.COMPLIANT, 0, {}),
        ((), {"v": X}, Result.NON_COMPLIANT, 1, {}),
        ((), {"v1": A, "v2": B}, Result.NON_COMPLIANT, 2, {}),
    ],
)
def test_a_key_is_judged_written_and_undone_value_by_value(
    values: tuple[Listed, ...], before: dict[str, Any], verdict: Result, writes: int, after: dict[str, Any]
) -> None:
    there = device(**before)
    outcomes = simulate([only(*values)], there)
    assert (outcomes[0].verdict, len(outcomes[0].writes)) == (verdict, writes)
    now = remediated(there, outcomes)
    assert held(now) == after
    assert rolled_back(there, outcomes, now).device.holds_the_same(there)
    assert [one.writes for one in simulate([only(*values, writes=False)], there)] == [()]


def test_where_there_is_no_key() -> None:
    outcomes = simulate([only(*TWO)], Device())
    assert outcomes[0].verdict is Result.NON_COMPLIANT
    now = remediated(Device(), outcomes)
    assert held(now) == {"1": A, "2": B}
    assert not rolled_back(Device(), outcomes, now).device.keys
    assert simulate([only()], Device())[0].verdict is Result.COMPLIANT


def test_somebody_elses_value_since_stays_on_a_rollback() -> None:
    there = device(v3=X)
    outcomes = simulate([only(*TWO)], there)
    draft = Draft(remediated(there, outcomes))
    draft.put(Place(Hive.MACHINE, View.BITS_64, KEY, "1"), None, X)
    draft.put(Place(Hive.MACHINE, View.BITS_64, KEY, "9"), None, X)
    back = rolled_back(there, outcomes, draft.device())
    assert held(back.device) == {"1": X, "9": X, "3": X}
    assert [write.place.name for write in back.left] == ["1"]


def test_a_key_with_too_much_is_never_changed() -> None:
    there = device(**{f"v{number}": A for number in range(MOST_OTHERS + 2)})
    (outcome,) = simulate([only(TWO[0])], there)
    assert (outcome.verdict, outcome.writes) == (Result.ERROR, ())
    (fits,) = simulate([only(*TWO)], device(**{f"v{number}": A for number in range(MOST_OTHERS + 2)}))
    assert fits.verdict is Result.NON_COMPLIANT
    assert len(fits.writes) == MOST_OTHERS + 1


def test_of_users_each_has_a_key() -> None:
    draft = Draft()
    for user in ("anna", "ben"):
        draft.load_user(user)
    draft.put(Place(Hive.USER, View.BITS_64, KEY, "9"), "ben", X)
    (outcome,) = simulate([only(TWO[0], hive=Hive.USER)], draft.device())
    assert [(write.user, write.place.name, write.after) for write in outcome.writes] == [
        ("anna", "1", A),
        ("ben", "1", A),
        ("ben", "9", ABSENT),
    ]


def test_exact_case() -> None:
    other = device(v1=Held(Kind.STRING, "A"))
    assert simulate([only(TWO[0])], other)[0].verdict is Result.COMPLIANT
    assert simulate([only(TWO[0], exact=True)], other)[0].verdict is Result.NON_COMPLIANT


# What a policy says


def read(words: str, **head: Any) -> Any:
    from policyc.lowering import lower

    text = f"collection: {{name: Pilot}}\nsettings:\n  a:\n    title: x\n    registry:\n      key: HKLM\\{KEY}\n"
    text += "".join(f"      {line}\n" for line in words.splitlines())
    built = build("a.yaml", text)
    assert not built.findings
    if not is_valid("collection", built.tree):
        return list(explain("a.yaml", "collection", built.tree, text))
    for word, value in head.items():
        built.tree["settings"]["a"][word] = value
    tree = {"project": {"name": "P", "id": "00000000-0000-4000-8000-000000000000"}}
    documents = (
        Document("a.yaml", "collection", built.tree, CONTEXT.root),
        Document("project.yaml", "project", tree, CONTEXT.root),
    )
    lowered, found = lower(Sources(CONTEXT.root, documents, ()))
    assert lowered is not None
    return next(iter(lowered.collections[0].settings), None) or found


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("type: string\nonly_values: [a, b]", TWO),
        ('type: string\nonly_values: {"1": a, "2": b}', TWO),
        ('only_values: {"1": {type: string, data: a}, "2": {type: string, data: b}}', TWO),
        ('type: dword\nonly_values: {"": 1}', (Listed("", Kind.DWORD, 1),)),
        (
            "type: multi_string\nonly_values: [[a, b], []]",
            (Listed("1", Kind.MULTI_STRING, ("a", "b")), Listed("2", Kind.MULTI_STRING, ())),
        ),
        (
            "type: string\nonly_values: {A: a, B: {type: dword, data: 1}}",
            (Listed("A", Kind.STRING, "a"), Listed("B", Kind.DWORD, 1)),
        ),
        ('type: binary\nonly_values: ["00ff"]', (Listed("1", Kind.BINARY, b"\0\xff"),)),
        ("type: string\nonly_values: {variable: x}", (Listed("variable", Kind.STRING, "x"),)),
        ("only_values: []", ()),
        ("only_values: {}", ()),
        ("type: string\nonly_values: []", ()),
    ],
)
def test_what_a_list_says(words: str, values: tuple[Listed, ...]) -> None:
    setting = read(words)
    subject = setting.subject
    assert (subject.values, subject.write, subject.condition.operator) == (values, KeepListed(), O.ONLY_VALUES)
    assert read(words, remediate=False).subject.write is None
    # What is resolved is a policy again.
    said = kind_of(subject).words(subject, masked=False)
    again = kind_of(subject).lower({"registry": said}, Location(""), [], audit=False)
    assert again == subject


@pytest.mark.parametrize(
    ("words", "code", "where"),
    [
        ("only_values: [a]", "PC0203", None),
        ("type: dword\nonly_values: [a]", "PC0204", 0),
        ("type: dword\nonly_values: {N: a}", "PC0204", "N"),
        ("only_values: {N: 1}", "PC0204", "N"),
        ("only_values: {N: {type: dword, data: a}}", "PC0204", "data"),
        ("only_values: {N: {type: dword}}", "PC0203", "N"),
        ("type: string\nonly_values: {N: {type: dword, data: x}}", "PC0204", "data"),
        ("only_values: {N: {type: word, data: 1}}", "PC0206", "type"),
        ("name: V\ntype: string\nonly_values: [a]", "PC0213", "name"),
        ("type: string\nonly_values: [a]\nset: b", "PC0213", "set"),
        ("type: string\nonly_values: [a]\ndefault: b", "PC0213", "default"),
        ("type: strin\nonly_values: [a]", "PC0206", "type"),
        ("type: dword\ncase: exact\nonly_values: [1]", "PC0211", "case"),
        ("type: string\nonly_values: [a]\npresent: true", "PC0209", "present"),
        ("type: string\nonly_values: {A: x, a: y}", "PC0354", "a"),
    ],
)
def test_what_no_list_says(words: str, code: str, where: object) -> None:
    found = read(words)
    assert [one.code for one in found] == [code], [(one.code, one.message) for one in found]
    assert where is None or found[0].location.path[-1] == where
    assert found[0].help


# Beside other settings


@pytest.mark.parametrize(
    ("other", "code"),
    [
        (setting("v", O.EQUALS, "a", kind=Kind.STRING, name="1"), "PC0417"),
        (setting("v", O.EQUALS, "z", kind=Kind.STRING, name="1"), "PC0415"),
        (setting("v", O.EQUALS, 1, name="1"), "PC0415"),
        (setting("v", O.EQUALS, "z", kind=Kind.STRING, name="9"), "PC0415"),
        (setting("v", O.ABSENT, kind=None, name="9", write=DeleteValue()), "PC0417"),
        (setting("v", O.ABSENT, kind=None, name="2", write=DeleteValue()), "PC0415"),
        (setting("v", O.NOT_EQUALS, "z", kind=Kind.STRING, name="1", write=SetValue("y")), "PC0416"),
        (setting("v", O.NOT_EQUALS, "z", kind=Kind.STRING, name="9"), None),
        (setting("v", O.PRESENT, kind=None, name=None), None),
        (setting("v", O.ABSENT, kind=None, name=None), "PC0415"),
        (setting("v", O.EQUALS, 1, name="9", key=KEY + r"\Below"), None),
        (only(*reversed(TWO), name="v"), "PC0417"),
        (only(TWO[0], name="v"), "PC0415"),
        (only(name="v"), "PC0415"),
    ],
)
def test_in_one_collection(other: Setting, code: str | None) -> None:
    for settings in ((only(*TWO), other), (other, only(*TWO))):
        found = list(same_place(project(collection("Pilot", settings=settings)), CONTEXT))
        assert [one.code for one in found] == ([] if code is None else [code])


@pytest.mark.parametrize(
    ("other", "nature"),
    [
        (setting("v", O.EQUALS, "z", kind=Kind.STRING, name="9", write=SetValue("z")), Nature.WRITES),
        (setting("v", O.EQUALS, "z", kind=Kind.STRING, name="1", remediate=False), Nature.VIOLATES),
        (setting("v", O.EQUALS, "a", kind=Kind.STRING, name="1", write=SetValue("a")), None),
        (setting("v", O.EQUALS, "z", kind=Kind.STRING, name="9", key=KEY + r"\Below", write=SetValue("z")), None),
        (only(TWO[0], name="v"), Nature.WRITES),
        (setting("v", O.ABSENT, kind=None, name=None), Nature.VIOLATES),
    ],
)
def test_in_two_collections_that_meet(other: Setting, nature: Nature | None) -> None:
    made = project(
        collection("One", settings=(only(*TWO),), devices=("PC-1",)), collection("Two", settings=(other,), devices=("PC-1",))
    )
    found = list(fights(made, Meetings(made), Places(made)))
    assert [one.nature for one in found] == ([] if nature is None else [nature])


def test_which_list_is_the_stricter_one() -> None:
    upper_case = (Listed("1", Kind.STRING, "A"), TWO[1])
    assert implies(only(*TWO).subject, only(*reversed(TWO)).subject)
    assert implies(only(*TWO, exact=True).subject, only(*upper_case).subject)
    assert not implies(only(*TWO).subject, only(*upper_case, exact=True).subject)
    assert not implies(only(*TWO).subject, only(TWO[0]).subject)
    assert not implies(only(TWO[0]).subject, only(*TWO).subject)
    assert implies(only(*TWO).subject, setting("v", O.PRESENT, kind=None, name=None).subject)
    assert implies(setting("v", O.ABSENT, kind=None, name=None).subject, only().subject)
    assert not implies(setting("v", O.ABSENT, kind=None, name=None).subject, only(*TWO).subject)


# In words and in scripts


def test_words() -> None:
    kind = kind_of(only().subject)
    assert kind.must(only(*TWO).subject, masked=False) == 'hold no values but 1 = "a" [string], 2 = "b" [string]'
    assert kind.must(only(*TWO).subject, masked=True) == "hold no values but 1 = (sensitive) [string], 2 = (sensitive) [string]"
    assert kind.must(only().subject, masked=False) == "hold no values"
    assert kind.written(only(*TWO).subject, masked=False) == "writes each of the values, deletes every other one"
    assert kind.words(only(*TWO).subject, masked=True)["only_values"] == ["(sensitive)", "(sensitive)"]


def test_parts_come_in_the_order_of_scripts() -> None:
    names = [part.place.name for part in parts(only(*TWO).subject, ["z", "2", "B", "a", ""])]
    assert names == ["1", "2", "", "a", "B", "z"]
    assert [part.place.name for part in parts(only().subject, [])] == [""]


def test_only_a_script_with_a_list_has_its_functions() -> None:
    row = entry(only(*TWO))
    assert row.text(write=True) == (
        "    @{ Id = 'list'; Key = 'HKLM\\SOFTWARE\\Example'; Only = $true; "
        "List = @(@{ Name = '1'; Kind = 'String'; Equals = 'a' }, "
        "@{ Name = '2'; Kind = 'String'; Equals = 'b' }) }\n"
    )
    assert b"function Get-ListFinding" in link("remediation", row.needs).tail
    assert b"Get-ListFinding {" not in link("remediation", entry(setting("v", O.EQUALS, 1, write=SetValue(1))).needs).tail


@pytest.mark.parametrize("script", [Script.DISCOVERY, Script.REMEDIATION])
@pytest.mark.parametrize("values", [(), TWO[:1], TWO, (Listed("", Kind.BINARY, b"\1"), Listed("L", Kind.MULTI_STRING, ("x",)))])
def test_a_script_is_read_back(script: Script, values: tuple[Listed, ...]) -> None:
    setting = only(*values, exact=True, writes=script is Script.REMEDIATION)
    text = script_text(script, slug="test", source="test.yaml", entries=[entry(setting)]).decode("ascii")
    read = read_script(text, script)
    assert read.same_code
    assert [one.subject for one in read.settings] == [setting.subject]


def test_verdict_of_a_key_alone() -> None:
    kind = kind_of(only().subject)
    assert kind.verdict(only().subject, ABSENT) is Verdict.COMPLIANT
    assert kind.verdict(only(*TWO).subject, ABSENT) is Verdict.NON_COMPLIANT
    assert kind.verdict(only().subject, Held(None, None)) is Verdict.ERROR
