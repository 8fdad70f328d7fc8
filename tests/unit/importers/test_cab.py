"""Registry settings of a site's configuration items: each comes in as it is meant, or is listed with the reason."""

from __future__ import annotations

import struct
import sys
import tracemalloc
import zlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc import evaluation
from policyc.importers import Found, Imported, Refused
from policyc.importers.cab import read
from policyc.importers.policy_file import write_policy
from policyc.importers.registry import IMPORTERS, importer
from policyc.model import Kind, Setting
from policyc.registry_files import FormatError
from policyc.targets.configmgr.compliance import NATIVE_LACKS
from policyc.targets.configmgr.digest import Baseline, Identity, baseline_digest, cabinet, resx
from unit.importers.site import (
    ITEM,
    SCOPE,
    WINDOWS_10,
    Other,
    Registry,
    Rule,
    constant,
    constants,
    document,
    imported,
    item,
    only,
    packed,
    reason,
)
from unit.importers.test_policy_file import loaded

PLACE = {"key": r"HKLM\SOFTWARE\Policies\Example", "name": "A"}


def ruled(operator: str, *values: object, data_type: str = "Int64", missing: str = "true", **more: Any) -> Registry:
    operand = constant(values[0], data_type) if len(values) == 1 else constants(values, data_type)
    return Registry((Rule(operator, operand, missing=missing),), data_type=data_type, **more)


def scripted(language: str) -> str:
    body = f'<DiscoveryScriptBody ScriptType="{language}">1</DiscoveryScriptBody>'
    return f'<ScriptDiscoverySource Is64Bit="true">{body}</ScriptDiscoverySource>'


def words(found: Found) -> dict[str, Any]:
    """Condition and type, without the place."""
    return {word: value for word, value in found.words.items() if word not in ("key", "name", "view")}


def test_a_setting_comes_in_with_all_that_it_says() -> None:
    rule = Rule(severity="Critical", changeable="true")
    setting = Registry((rule,), description="Because it matters", attributes=' RemediateDword="true"')
    assert imported(setting) == Imported(
        "An item",
        (
            Found(
                "A is 1",
                {**PLACE, "type": "dword", "equals": 1},
                "An item, A is 1",
                others={"severity": "critical", "why": "Because it matters"},
                remark="",
            ),
        ),
        (),
        1,
    )


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        (ruled("Equals", 1), {"type": "dword", "equals": 1}),
        (ruled("Equals", 1, missing="false"), {"type": "dword", "equals": 1, "default": 1}),
        (ruled("Equals", -1), {"type": "dword", "equals": 2**32 - 1}),
        (ruled("Equals", 2**32), {"type": "qword", "equals": 2**32}),
        (ruled("Equals", -(2**40)), {"type": "qword", "equals": 2**64 - 2**40}),
        (ruled("NotEquals", 5, missing="false"), {"type": "dword", "not_equals": 5}),
        (ruled("NotEquals", 5), {"type": "dword", "not_equals": 5, "default": 5}),
        (ruled("GreaterEquals", 5), {"type": "dword", "at_least": 5}),
        (ruled("GreaterThan", 5), {"type": "dword", "at_least": 6}),
        (ruled("GreaterThan", -1), {"type": "dword", "at_least": 0}),
        (ruled("GreaterThan", 2**32 - 1), {"type": "qword", "at_least": 2**32}),
        (ruled("LessEquals", 900), {"type": "dword", "at_most": 900}),
        (ruled("LessThan", 900, missing="false"), {"type": "dword", "at_most": 899, "default": 899}),
        (ruled("Between", 1, 30), {"type": "dword", "between": [1, 30]}),
        (ruled("Between", 1, 30, missing="false"), {"type": "dword", "between": [1, 30], "default": 1}),
        (ruled("OneOf", 1, 2), {"type": "dword", "one_of": [1, 2]}),
        (ruled("OneOf", 1), {"type": "dword", "one_of": [1]}),
        (ruled("NoneOf", 1, 2), {"type": "dword", "none_of": [1, 2], "default": 1}),
        (ruled("Equals", "It's <a>", data_type="String"), {"type": "string", "equals": "It's <a>"}),
        (ruled("NotEquals", "", data_type="String", missing="false"), {"type": "string", "not_equals": ""}),
        (ruled("OneOf", "a", "b", data_type="String"), {"type": "string", "one_of": ["a", "b"]}),
        (ruled("BeginsWith", "C:\\", data_type="String"), {"type": "string", "matches": r"C:\\(?:.|\n)*"}),
        (ruled("EndsWith", ".exe", data_type="String"), {"type": "string", "matches": r"(?:.|\n)*\.exe"}),
        (
            ruled("Contains", "a(b", data_type="String", missing="false"),
            {"type": "string", "matches": r"(?:.|\n)*a\(b(?:.|\n)*", "default": "a(b"},
        ),
    ],
)
def test_each_comparison(setting: Registry, expected: dict[str, Any]) -> None:
    found = only(setting)
    assert words(found) == expected
    assert found.others == {"remediate": False}
    assert not write_policy(Imported("x", (found,), (), 1), name="x").refused


@pytest.mark.parametrize(
    ("rule", "others"),
    [
        (Rule(changeable="true"), {}),
        (Rule("GreaterEquals", changeable="true"), {"remediate": False}),
        (Rule("OneOf", changeable="true"), {"remediate": False}),
        (Rule(severity="CriticalWithEvent", changeable="true"), {"severity": "critical-with-event"}),
        (Rule(severity="None", changeable="true"), {"severity": "none"}),
    ],
)
def test_only_what_equals_is_remediated(rule: Rule, others: dict[str, Any]) -> None:
    assert only(Registry((rule,))).others == others


def test_two_constants_side_by_side_are_a_list() -> None:
    assert words(only(Registry((Rule("Between", constant(1) + constant(9)),))))["between"] == [1, 9]


@pytest.mark.parametrize(
    ("operator", "count", "expected"),
    [
        ("NotEquals", 0, {"present": True}),
        ("GreaterThan", 0, {"present": True}),
        ("GreaterEquals", 1, {"present": True}),
        ("Equals", 0, {"absent": True}),
        ("LessThan", 1, {"absent": True}),
        ("LessEquals", 0, {"absent": True}),
    ],
)
def test_existence(operator: str, count: int, expected: dict[str, Any]) -> None:
    setting = Registry((Rule(operator, constant(count), "Count", "false", changeable="true"),), data_type="String")
    found = only(setting)
    assert words(found) == expected
    # ConfigMgr neither makes nor deletes what it counts.
    assert found.others == {"remediate": False}


def test_a_rule_that_the_value_is_there_joins_the_one_that_compares() -> None:
    count = Rule("NotEquals", constant(0), "Count", "false")
    assert words(only(Registry((Rule(missing="false"), count)))) == {"type": "dword", "equals": 1}
    assert "two rules judge it" in reason(Registry((Rule(), replace(count, operator="Equals"))))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"bits": "false"}, {}),
        ({"bits": "false", "key": r"SYSTEM\Example"}, {}),
        ({"bits": "false", "key": r"SOFTWARE\Example"}, {"view": 32}),
        ({"bits": "true", "key": r"SOFTWARE\Example"}, {}),
        ({"bits": "false", "key": r"SOFTWARE\Wow6432Node\Example"}, {"key": r"HKLM\SOFTWARE\Example", "view": 32}),
        ({"bits": "true", "key": r"SOFTWARE\WOW6432Node\Example"}, {"key": r"HKLM\SOFTWARE\Example", "view": 32}),
        ({"key": r"SYSTEM\ControlSet001\Control"}, {"key": r"HKLM\SYSTEM\CurrentControlSet\Control"}),
        ({"hive": "HKEY_CURRENT_USER", "attributes": ' IsPerUser="true"'}, {"key": r"HKCU\SOFTWARE\Policies\Example"}),
        (
            {"hive": "HKEY_CURRENT_USER", "attributes": ' IsPerUser="true"', "bits": "false", "key": "Software\\Example"},
            {"key": r"HKCU\Software\Example"},
        ),
        ({"value_name": ""}, {"name": ""}),
    ],
)
def test_each_place(changes: dict[str, str], expected: dict[str, Any]) -> None:
    found = only(replace(Registry(), **changes))
    at = {word: found.words[word] for word in ("key", "name", "view") if word in found.words}
    plain = {"key": "HKLM\\" + changes["key"]} if "key" in changes else {}
    assert at == PLACE | plain | expected


def test_a_key_that_the_language_refuses_is_listed_when_it_is_written() -> None:
    found = only(Registry(key="SOFTWARE\\\\Example"))
    written = write_policy(Imported("x", (found,), (), 1), name="x")
    assert "two backslashes in a row" in written.refused[0].reason


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        (Registry(()), "no rule of the item judges it"),
        (Registry((Rule(), Rule("LessThan"))), "2 rules judge it"),
        (Registry((Rule(method="Count", operator="Equals", operand=constant(2)),)), "counts how often"),
        (Registry((Rule(method="Count", operand=""),)), "counts how often"),
        (Registry((Rule(method="Sum"),)), "the 'Sum'"),
        (Registry((Rule(severity="Fatal"),)), "severity 'Fatal'"),
        (Registry((Rule(attributes=' Odd="1"'),)), 'its rule says Odd="1"'),
        (Registry((Rule(after="<Odd />"),)), "its rule says Odd"),
        (Registry((Rule(operand="<Expression />"),)), "its rule says Expression"),
        (Registry((Rule(operand=constant(1, "Double")),)), "compared as Double, Int64"),
        (Registry((Rule(operand=constant(1, "Version")),), data_type="Version"), "compared as Version"),
        (ruled("Equals", "True", data_type="Boolean"), "compared as Boolean"),
        (ruled("AllOf", "a", "b", data_type="StringArray"), "compared as StringArray"),
        (Registry((Rule(operand=""),)), "compared as Int64"),
        (ruled("Equals", "one"), "'one', which is no whole number"),
        (ruled("Equals", 1, 2), "'Equals' with '1', '2' is unknown"),
        (ruled("Between", 1), "'Between' with '1' is unknown"),
        (ruled("AllOf", 1, 2), "'AllOf' with '1', '2' is unknown"),
        (ruled("AllOf", "a", "b", data_type="String"), "'AllOf' with 'a', 'b' is unknown"),
        (ruled("Equals", "a", "b", data_type="String"), "'Equals' with 'a', 'b' is unknown"),
        (ruled("GreaterThan", "a", data_type="String"), "'GreaterThan' with 'a' is unknown"),
        (ruled("NotContains", "a", data_type="String"), "'NotContains' is unknown to policies"),
        (ruled("NotBeginsWith", "a", data_type="String"), "'NotBeginsWith' is unknown to policies"),
        (ruled("BeginsWith", "a" * 1000, data_type="String"), "makes no pattern"),
        (ruled("LessThan", 0), "below 0"),
        (ruled("GreaterEquals", -5), "below 0"),
        (ruled("Equals", 2**64), "too large"),
        (ruled("Equals", 2**32, attributes=' RemediateDword="true"'), "too large"),
        (ruled("GreaterEquals", 2**32, attributes=' RemediateDword="true"'), "below 0, and none above"),
        (Registry(hive="HKEY_CLASSES_ROOT"), "import with '--classes machine'"),
        (Registry(hive="HKEY_CURRENT_USER"), "looks into HKEY_CURRENT_USER as the system"),
        (Registry(attributes=' IsPerUser="true"'), "looks into HKEY_LOCAL_MACHINE as the user"),
        (Registry(hive=""), "looks into no hive"),
        (Registry(attributes=' Odd="1"'), 'it says Odd="1"'),
        (Other(), "it asks WMI"),
        (Other(body="<FileDiscoverySource />"), "no registry setting (FileDiscoverySource)"),
        (Other(body=""), "no registry setting (SimpleSetting)"),
        (Other(body='<ScriptDiscoverySource Is64Bit="false" />'), 'it says Is64Bit="false"'),
        (Other(body=scripted("VBScript")), 'it says ScriptType="VBScript"'),
        (Other(body=scripted("PowerShell")), "a script judges it that policyc didn't write"),
    ],
)
def test_what_no_policy_can_say_is_listed(setting: Registry, expected: str) -> None:
    assert expected in reason(setting)


def test_depth_is_no_small_thing() -> None:
    digest = item(Registry()).replace(b'Depth="Base"', b'Depth="Subtree"')
    assert read(digest, "a.xml").refused[0].reason == 'it says Depth="Subtree"'


def test_policycs_own_native_setting_is_one_again() -> None:
    found = only(Registry(description=f"{NATIVE_LACKS}. Because it matters"))
    assert found.others == {"remediate": False, "native": True, "why": "Because it matters"}


def test_a_title_is_one_line_and_never_empty() -> None:
    assert only(Registry(name="  a\n b  ")).title == "a b"
    assert only(Registry(name=" ")).title == r"HKLM\SOFTWARE\Policies\Example : A"
    assert only(Registry(name="x" * 300)).title == "x" * 256


def test_what_else_an_item_says_is_listed() -> None:
    foreign = Rule().xml("RegSetting_9", 0, "Int64", "Registry").replace(ITEM, "OperatingSystem_other")
    made = imported(Registry(), parts="<SuppressionReferences /><File />", rules=foreign)
    assert [one.what for one in made.refused] == [
        "File",
        "the rule Rule_RegSetting_9_0, which isn't about one setting of the item",
    ]
    assert len(made.settings) == 1
    assert made.entries == 3


def test_a_rule_about_several_settings_is_listed() -> None:
    both = Rule().xml("RegSetting_1", 0, "Int64", "Registry")
    start, end = both.index("<SettingReference"), both.index("<ConstantValue")
    made = imported(Registry(()), rules=both[:end] + both[start:end] + both[end:])
    assert [one.reason for one in made.refused] == ["only settings are imported", "no rule of the item judges it"]


@pytest.mark.parametrize(
    ("platforms", "words"),
    [
        (["Windows/All_Windows_Client_Server"], "'platforms: [all]'"),
        (
            ["Windows/All_x64_Windows_Server_2016", "Windows/All_x64_Windows_Server_2019_and_higher"],
            "'platforms: [server-2016]'",
        ),
        ([*WINDOWS_10, "Windows/All_x64_Windows_Server_2022_and_higher"], "'platforms: [windows-10, server-2022]'"),
        (["Windows/Some_Windows"], "there they are Some_Windows"),
        (["Windows/Some_Windows", *WINDOWS_10], "there they are All_ARM64"),
    ],
)
def test_platforms_are_left_to_the_collection(platforms: list[str], words: str) -> None:
    [left] = imported(Registry(), platforms=platforms).refused
    assert (left.what, words in left.reason) == ("the platforms", True), left.reason


def test_platforms_of_many_items_are_told_once() -> None:
    one = item(Registry(), platforms=["Windows/All_Windows_Client_Server"])
    made = read(packed(one, one.replace(ITEM.encode(), b"OperatingSystem_2")), "a.cab")
    assert [left.what for left in made.refused] == ["the platforms of 2 items"]
    assert {found.section for found in made.settings} == {"An item"}


def test_general_items_are_read_and_applications_not() -> None:
    assert len(imported(Registry(), element="BusinessPolicy").settings) == 1
    assert "only where an application is installed" in reason(Registry(), element="Application")


def test_a_baseline_names_the_import_and_lists_what_the_file_lacks() -> None:
    members = (Identity(SCOPE, ITEM, 0), Identity(SCOPE, "OperatingSystem_elsewhere", 0))
    digest = baseline_digest(Baseline(Identity(SCOPE, "Baseline_1", 1), "A baseline", "", members))
    other = b'<SoftwareUpdates><SoftwareUpdateReference AuthoringScopeId="a" LogicalName="b" /></SoftwareUpdates>'
    made = read(packed(item(Registry()), digest.replace(b"<SoftwareUpdates />", other)), "1.cab")
    assert (made.title, len(made.settings), made.entries) == ("A baseline", 1, 3)
    assert [(one.source, one.what) for one in made.refused] == [
        ("A baseline", f"{SCOPE}/OperatingSystem_elsewhere"),
        ("A baseline", "a/b"),
    ]
    assert "import the file that does" in made.refused[0].reason
    assert "SoftwareUpdateReference" in made.refused[1].reason


def test_objects_of_other_kinds_are_listed() -> None:
    made = read(document("<GlobalExpression />"), "odd.xml")
    assert (made.title, made.refused) == (
        "odd",
        (Refused("GlobalExpression", "the object", "it is neither a configuration item nor a baseline"),),
    )


def test_texts_are_taken_from_the_file_beside_where_the_digest_has_none() -> None:
    digest = item(Registry(name=""), resource="ID-1")
    made = read(packed(digest, a_resx=resx({"ID-1": "From the file beside"})), "a.cab")
    assert [found.title for found in made.settings] == ["From the file beside"]


def test_other_files_of_a_cabinet_are_listed() -> None:
    made = read(packed(item(Registry()), readme_txt=b"x"), "a.cab")
    assert made.refused == (Refused("a.cab", "readme.txt", "it is neither a digest (.xml) nor the texts of one (.resx)"),)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_bare_digest_is_read_in_each_encoding(encoding: str) -> None:
    digest = item(Registry(name="Größe 😀")).decode("utf-8-sig").encode(encoding)
    assert [found.title for found in read(digest, "a.xml").settings] == ["Größe 😀"]


def test_the_importer_is_registered() -> None:
    assert importer("cab").read(item(Registry()), "a.xml").entries == 1
    assert IMPORTERS["cab"] == "policyc.importers.cab"


# ConfigMgr's own verdict, as documented: by the value, or by the switch where there is none.
OPERATORS = {
    "Equals": lambda value, operands: value == operands[0],
    "NotEquals": lambda value, operands: value != operands[0],
    "GreaterThan": lambda value, operands: value > operands[0],
    "GreaterEquals": lambda value, operands: value >= operands[0],
    "LessThan": lambda value, operands: value < operands[0],
    "LessEquals": lambda value, operands: value <= operands[0],
    "Between": lambda value, operands: operands[0] <= value <= operands[1],
    "OneOf": lambda value, operands: value in operands,
    "NoneOf": lambda value, operands: value not in operands,
}
TEXT_OPERATORS = {
    "Equals": lambda value, operands: value == operands[0],
    "NotEquals": lambda value, operands: value != operands[0],
    "OneOf": lambda value, operands: value in operands,
    "NoneOf": lambda value, operands: value not in operands,
    "BeginsWith": lambda value, operands: value.startswith(operands[0]),
    "EndsWith": lambda value, operands: value.endswith(operands[0]),
    "Contains": lambda value, operands: operands[0] in value,
}
SMALL = st.integers(0, 6)
SMALL_TEXT = st.text("AB.\n", max_size=3)


def verdict_of(found: Found, tmp_path: Any, state: evaluation.State) -> evaluation.Verdict:
    project, findings = loaded(write_policy(Imported("x", (found,), (), 1), name="x"), tmp_path)
    assert not [one for one in findings if one.is_error]
    [setting] = project.collections[0].settings
    assert isinstance(setting, Setting)
    return evaluation.verdict(setting.subject, state)


@given(
    st.sampled_from(sorted(OPERATORS)),
    st.lists(SMALL, min_size=2, max_size=2).map(sorted),
    st.none() | SMALL,
    st.sampled_from(["true", "false"]),
)
def test_numbers_are_judged_as_there(
    tmp_path_factory: pytest.TempPathFactory, operator: str, operands: list[int], held: int | None, missing: str
) -> None:
    several = operator in ("Between", "OneOf", "NoneOf")
    used = operands if several else operands[:1]
    made = imported(ruled(operator, *used, missing=missing))
    if not made.settings:
        assert (operator, used) == ("LessThan", [0])
        return
    state = evaluation.ABSENT if held is None else evaluation.Held(Kind.DWORD, held)
    holds = missing == "false" if held is None else OPERATORS[operator](held, used)
    verdict = verdict_of(made.settings[0], tmp_path_factory.mktemp("policies"), state)
    assert verdict is (evaluation.Verdict.COMPLIANT if holds else evaluation.Verdict.NON_COMPLIANT)


@given(
    st.sampled_from(sorted(TEXT_OPERATORS)),
    st.lists(SMALL_TEXT, min_size=1, max_size=1),
    st.none() | SMALL_TEXT,
    st.sampled_from(["true", "false"]),
)
def test_text_is_judged_as_there(
    tmp_path_factory: pytest.TempPathFactory, operator: str, operands: list[str], held: str | None, missing: str
) -> None:
    [found] = imported(
        ruled(operator, *(one.replace("\n", "|") for one in operands), data_type="String", missing=missing)
    ).settings
    used = [one.replace("\n", "|") for one in operands]
    state = evaluation.ABSENT if held is None else evaluation.Held(Kind.STRING, held)
    holds = missing == "false" if held is None else TEXT_OPERATORS[operator](held, used)
    verdict = verdict_of(found, tmp_path_factory.mktemp("policies"), state)
    assert verdict is (evaluation.Verdict.COMPLIANT if holds else evaluation.Verdict.NON_COMPLIANT)


WHOLE = item(Registry(), ruled("OneOf", 1, 2, logical_name="RegSetting_2"), Other(logical_name="ScriptSetting_3"))
CABINET = packed(WHOLE)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no well-formed XML"),
        (b"MSCF", "cut off"),
        (CABINET[:100], "cut off|broken"),
        (packed(readme_txt=b"x"), "holds no digest"),
        (packed(b"<a"), "0.xml: .*no well-formed XML"),
        (packed(WHOLE, a_resx=b"<a"), "a.resx: .*no well-formed XML"),
        (b"<a/>", "^this is no digest: its root is a"),
        (document(""), "describes one object, and this one 0"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        (WHOLE.replace(b"An item", b"&b;"), "undefined entity"),
        (b"\x00\x01\x02", "."),
        (b"\xff\xfe<", "UTF-16"),
        (b"Windows Registry Editor Version 5.00\r\n", "no well-formed XML"),
    ],
)
def test_what_is_not_of_the_format_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read(data, "x.cab")


def test_without_the_reader_of_cabinets_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cabarchive", None)
    with pytest.raises(FormatError, match=r"pip install 'policyc\[cabinets\]'"):
        read(CABINET, "a.cab")
    assert read(WHOLE, "a.xml").settings


def mszip(content: bytes, claimed: int) -> bytes:
    """A cabinet of one file in one folder, its blocks packed with MSZIP."""
    blocks = []
    for start in range(0, len(content), 0x8000):
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        raw = content[start : start + 0x8000]
        blocks.append((b"CK" + packer.compress(raw) + packer.flush(), len(raw)))
    entry = struct.pack("<IIHHHH", claimed, 0, 0, 33, 0, 32)
    entry += b"a.xml\0"
    data = b"".join(struct.pack("<IHH", 0, len(block), size) + block for block, size in blocks)
    first = 36 + 8 + len(entry)
    header = struct.pack("<4s4xI4xI4xBBHHHHH", b"MSCF", first + len(data), 44, 3, 1, 1, 1, 0, 0, 0)
    return header + struct.pack("<IHH", first, len(blocks), 1) + entry + data


def test_a_packed_cabinet_is_read() -> None:
    assert read(mszip(WHOLE, len(WHOLE)), "a.cab").entries == 3


def test_a_bomb_is_refused_in_bounded_memory() -> None:
    bomb = mszip(bytes(0x8000) * 2500, 0x8000 * 2500)
    assert len(bomb) < 400_000
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match="claims more than"):
            read(bomb, "a.cab")
        assert tracemalloc.get_traced_memory()[1] < 5 * len(bomb)
    finally:
        tracemalloc.stop()


def test_an_xml_of_many_levels_or_of_too_many_bytes_is_refused_or_read() -> None:
    deep = document("<OperatingSystem>" * 100_000 + "</OperatingSystem>" * 100_000)
    with pytest.raises(FormatError, match="nested more than 500 deep"):
        read(deep, "a.xml")
    with pytest.raises(FormatError, match="at most"):
        read(b" " * (8 * 2**20 + 1), "a.xml")


@pytest.mark.parametrize(
    "name", [b"../e.xml", b"C:\\e.xml", b"a\n# .xml", b"\xe4\xe9 .xml", "\u2028x.xml".encode(), b"\x1b[m.xml"]
)
def test_names_in_a_cabinet_are_only_text(name: bytes) -> None:
    plain = name.decode("latin-1").translate(
        dict.fromkeys(range(32), "x") | dict.fromkeys(range(128, 256), "x") | {92: "x", 47: "x", 58: "x"}
    )
    content = cabinet({plain: WHOLE})
    made = read(content.replace(plain.encode() + b"\0", name + b"\0"), "a.cab")
    assert len(made.settings) == 2


@pytest.mark.parametrize("name", ["../../evil.cab", "C:\\Windows\\evil.cab", "a\n# b.cab", "\x1b[31m.cab"])
def test_the_files_own_name_is_only_text(name: str) -> None:
    made = read(packed(WHOLE, readme_txt=b"x"), name)
    for file in write_policy(made, name="x").files:
        assert file.text.isprintable() or set(filter(lambda one: not one.isprintable(), file.text)) == {"\n"}
        assert all(line.startswith(("#", " ", "baseline:", "settings:")) or not line for line in file.text.split("\n"))


@given(st.binary(max_size=300))
def test_any_bytes_give_a_diagnostic(data: bytes) -> None:
    for start in (b"", b"MSCF"):
        read_or_refuse(start + data)


@given(st.integers(0, len(CABINET)), st.integers(0, 30), st.binary(max_size=12))
def test_a_damaged_cabinet_is_read_or_refused(at: int, gone: int, new: bytes) -> None:
    read_or_refuse(CABINET[:at] + new + CABINET[at + gone :])


@given(
    st.integers(0, len(WHOLE)),
    st.integers(0, 60),
    st.sampled_from([b"", b'"', b"<", b"/>", b">", b"&", b"1", b'="', b"<Rules>", b"\xff", b"]]>", b"Value", b"\0", b"-9"]),
)
def test_a_damaged_digest_is_read_or_refused(at: int, gone: int, new: bytes) -> None:
    read_or_refuse(WHOLE[:at] + new + WHOLE[at + gone :])


def read_or_refuse(data: bytes) -> None:
    """Anything but FormatError goes through; what is read is counted, and is written so that it validates."""
    try:
        made = read(data, "x.cab")
    except FormatError:
        return
    assert made.entries == len(made.settings) + len(made.refused)
    written = write_policy(made, name="x")
    assert written.settings + len(written.refused) + written.contradicted + written.same == made.entries
