"""What the schema refuses, in an administrator's words: one finding for one mistake."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from policyc.diagnostics import Located

Load = Callable[..., tuple[Any, list[Located]]]
HEAD = "collection:\n  name: Pilot\n"


def setting(registry: str, *lines: str) -> str:
    extra = "".join(f"    {line}\n" for line in lines)
    example = f"  example:\n    title: An example\n{extra}"
    return f"{HEAD}settings:\n{example}    registry: {{key: HKLM\\SOFTWARE\\Example, {registry}}}\n"


DWORD = "name: Value, type: dword"


@pytest.mark.parametrize(
    ("text", "code", "marked", "message", "way_out"),
    [
        # Unknown keys
        (
            setting(f"{DWORD}, atleast: 5"),
            "PC0201",
            "atleast",
            "'atleast' is not known under 'registry'",
            "did you mean 'at_least'?",
        ),
        (setting("nmae: Value, type: dword, equals: 5"), "PC0201", "nmae", "'nmae' is not known", "did you mean 'name'?"),
        (
            setting(f"{DWORD}, equals: 5, xyz: 1"),
            "PC0201",
            "xyz",
            "'xyz' is not known under 'registry'",
            "known here: 'absent'",
        ),
        (
            setting(f"{DWORD}, equals: 5", "tite: x"),
            "PC0201",
            "tite",
            "'tite' is not known in a setting",
            "did you mean 'title'?",
        ),
        ("colection:\n  name: Pilot\n", "PC0201", "colection", "not known at the top level", "did you mean 'collection'?"),
        (HEAD + "  modes: audit\n", "PC0201", "modes", "not known under 'collection'", "'mode'"),
        (HEAD + "  Limited-To: All\n", "PC0201", "Limited-To", "'Limited-To'", "'limited_to'"),
        # Known keys at the wrong level
        (
            setting(DWORD, "at_least: 5"),
            "PC0202",
            "at_least",
            "'at_least' stands in a setting, but belongs under 'registry'",
            "move it",
        ),
        (
            setting(DWORD, "atleast: 5"),
            "PC0202",
            "atleast",
            "but 'at_least' belongs under 'registry'",
            "did you mean 'at_least'?",
        ),
        (
            setting(f"{DWORD}, equals: 5, severity: none"),
            "PC0202",
            "severity",
            "belongs in a setting",
            "move it to the setting itself",
        ),
        (HEAD + "  settings: {}\n", "PC0202", "settings", "belongs at the top level", "move it to the top level"),
        (
            HEAD + "query: x\n",
            "PC0202",
            "query",
            "stands at the top level, but belongs under 'members'",
            "move it below 'members:'",
        ),
        (HEAD + "  devices: [a]\n", "PC0202", "devices", "belongs under 'members'", ""),
        ("collection: {}\nname: x\n", "PC0202", "name", "belongs under 'collection'", ""),
        (HEAD + "defender_atp: {state: onboarded, script: a.cmd}\n", "PC0202", "script", "belongs under 'package'", ""),
        # Missing keys
        (setting("name: Value, equals: 5"), "PC0203", "{", "'registry' has no 'type'", "'dword'"),
        (
            HEAD + "defender_atp: {device_tag: a}\n",
            "PC0203",
            "{",
            "'defender_atp' has no 'state'",
            "'onboarded' or 'offboarded'",
        ),
        ("collection: {id: PS10001F}\n", "PC0203", "{", "'collection' has no 'name'", "'name: Pilot workstations'"),
        # Wrong types
        (
            setting(f"{DWORD}, equals: '5'"),
            "PC0204",
            "'5'",
            "'equals' takes a whole number, but '5' is text",
            "write it without quotes: 5",
        ),
        (setting(f"{DWORD}, equals: 1_000"), "PC0204", "1_000", "but '1_000' is text", "write 1000"),
        (setting(f"{DWORD}, equals: five"), "PC0204", "five", "is text", "write digits, or 0x and hex digits"),
        (setting(f"{DWORD}, equals: 5.0"), "PC0204", "5.0", "with a fraction or exponent", "write 5"),
        (setting(f"{DWORD}, equals: 1E05"), "PC0204", "1E05", "'1E05'", "write 100000"),
        (setting(f"{DWORD}, equals: true"), "PC0204", "true", "'true' is true or false", ""),
        (setting(f"{DWORD}, equals: [5]"), "PC0204", "[5]", "not a list", "write one value"),
        (
            setting(f"{DWORD}, equals: 5", "remediate: no"),
            "PC0204",
            "no",
            "'remediate' takes true or false, but 'no' is text",
            "write false",
        ),
        (setting(f"{DWORD}, equals: 5", "sensitive: On"), "PC0204", "On", "'On' is text", "write true"),
        (
            setting(f"{DWORD}, equals: 5", "references: CIS 1"),
            "PC0204",
            "CIS",
            "takes a list, but 'CIS 1' is a single value",
            "brackets: [CIS 1]",
        ),
        (setting(f"{DWORD}, equals: 5, view: '32'"), "PC0204", "'32'", "'view' takes a whole number", "without quotes: 32"),
        (HEAD + "settings:\n", "PC0204", "settings", "'settings' has no value", "take out the line"),
        (HEAD + "settings:\n- a\n", "PC0204", "settings", "takes keys of its own below it, not a list", "take out each '-'"),
        (HEAD + "settings:\n  a: b\n", "PC0204", "b", "'a' takes keys of its own below it", "indented"),
        ("collection:\n  name: {a: b}\n", "PC0204", "{", "'name' takes text, not keys of its own", "in quotes"),
        ("collection:\n  name:\n", "PC0204", "name", "'name' has no value", "after the colon"),
        # Text without quotes, shown as written
        (
            "collection:\n  name: 1E05\n",
            "PC0205",
            "1E05",
            "'name' takes text, but '1E05' without quotes is a number",
            'quotes: "1E05"',
        ),
        ("collection:\n  name: 0x1F\n", "PC0205", "0x1F", "'0x1F'", 'quotes: "0x1F"'),
        ("collection:\n  name: 007\n", "PC0205", "007", "'007'", 'quotes: "007"'),
        ("collection:\n  name: TRUE\n", "PC0205", "TRUE", "'TRUE' without quotes is true or false", '"TRUE"'),
        ("collection:\n  name: null\n", "PC0205", "null", "'null' without quotes means that there is no value", '"null"'),
        ("collection:\n  name: .inf\n", "PC0205", ".inf", "'.inf' without quotes is a number", '".inf"'),
        (HEAD + "  members: {devices: [PC-1, 0815]}\n", "PC0205", "0815", "Item 2 of 'devices' takes text", '"0815"'),
        (setting("name: Value, type: binary, equals: 001020"), "PC0205", "001020", "'001020'", '"001020"'),
        (setting("name: Value, type: string, equals: 0"), "PC0205", "0", "'0'", '"0"'),
        (setting("name: 5, present: true"), "PC0205", "5", "'name' takes text", '"5"'),
        # Words
        (
            HEAD + "  mode: Audit\n",
            "PC0206",
            "Audit",
            "'mode' can't be 'Audit', only 'enforce' or 'audit'",
            "did you mean 'audit'?",
        ),
        (setting("name: Value, type: REG_DWORD, equals: 5"), "PC0206", "REG_DWORD", "'type' can't be 'REG_DWORD'", "'dword'"),
        (setting(f"{DWORD}, equals: 5, view: 16"), "PC0206", "16", "'view' can't be '16', only '32' or '64'", ""),
        (setting("name: Value, present: false"), "PC0206", "false", "'present' takes only true", "write 'absent: true'"),
        # Ranges
        (setting(f"{DWORD}, equals: -1"), "PC0207", "-1", "'equals' is '-1', which is out of range", "-1 is 4294967295"),
        (setting(f"{DWORD}, equals: 0x100000000"), "PC0207", "0x100000000", "'0x100000000'", "from 0 to 4294967295"),
        (
            setting("name: V, type: qword, one_of: [0, 18446744073709551616]"),
            "PC0207",
            "18446744073709551616",
            "Item 2 of 'one_of'",
            "from 0",
        ),
        # Forms
        (HEAD + "  id: pilot\n", "PC0208", "pilot", "'id' is 'pilot'", "PS10001F"),
        (
            HEAD + "settings:\n  My_Setting: {title: x, registry: {key: a, present: true}}\n",
            "PC0208",
            "My_Setting",
            "can't be an id",
            "hyphens",
        ),
        (setting("name: V, type: binary, equals: 0xAB_"), "PC0208", "0xAB_", "'equals' is '0xAB_'", "pairs of hex digits"),
        # Conditions
        (setting(DWORD), "PC0209", "{", "'registry' has no condition", "'equals'"),
        (
            setting(f"{DWORD}, at_least: 1, at_most: 5"),
            "PC0209",
            "at_most",
            "has 2 conditions, 'at_least' and 'at_most'",
            "'between'",
        ),
        # Sizes
        (setting(f"{DWORD}, between: [1]"), "PC0210", "[1]", "'between' has 1 item", "exactly 2 items"),
        (setting(f"{DWORD}, one_of: []"), "PC0210", "[]", "'one_of' is an empty list", "1 to 1000 items"),
        (
            setting("name: V, type: multi_string, contains: ['']"),
            "PC0210",
            "''",
            "Item 1 of 'contains' is empty",
            "at least one",
        ),
        ("collection:\n  name: ''\n", "PC0210", "''", "'name' is empty", ""),
        (f"collection:\n  name: {'x' * 256}\n", "PC0210", "x" * 256, "'name' has 256 characters", "at most 255"),
        (
            HEAD + f"settings:\n  {'a' * 65}: {{title: x, registry: {{key: a, present: true}}}}\n",
            "PC0210",
            "a" * 65,
            "has 65 characters",
            "64",
        ),
        # Keys that don't fit the others
        (
            setting(f"{DWORD}, matches: '5'"),
            "PC0211",
            "matches",
            "'matches' is not for the type 'dword'",
            "'string' and 'expand_string'",
        ),
        (
            setting("name: V, type: multi_string, matches: a"),
            "PC0211",
            "matches",
            "'matches' is not for the type 'multi_string'",
            "",
        ),
        (
            setting("name: V, type: string, at_least: 5"),
            "PC0211",
            "at_least",
            "'at_least' is not for the type 'string'",
            "'dword' and 'qword'",
        ),
        (setting("name: V, type: string, contains: [a]"), "PC0211", "contains", "'contains'", "'multi_string'"),
        (setting(f"{DWORD}, equals: 5, case: exact"), "PC0211", "case", "'case' is not for the type 'dword'", "'multi_string'"),
        (setting("type: dword, equals: 5, default: 3"), "PC0212", "type", "but no 'name' says which", "add 'name:'"),
        (setting("equals: 5"), "PC0212", "equals", "'equals' is about a value", ""),
        (setting("present: true, pin: true"), "PC0212", "pin", "'pin' is about a value", ""),
        (
            setting(f"{DWORD}, absent: true, default: 3"),
            "PC0213",
            "default",
            "'default' has no meaning beside 'absent'",
            "take it out",
        ),
        # Heads
        ("settings: {}\n", "PC0214", None, "The file has no head", "collection:"),
        ("registry: {}\n", "PC0214", None, "it looks like the state of a device", "device: {}"),
        ("users: {}\n", "PC0214", None, "it looks like the state of a device", "device: {}"),
        ("- a\n", "PC0214", None, "The file holds a list, not a policy", "collection:"),
        ("text\n", "PC0214", None, "The file holds text, not a policy", "collection:"),
        ("project: {name: x}\n", "PC0214", "project", "'project' stands outside of 'project.yaml'", "move it"),
        (HEAD + "baseline: {}\n", "PC0214", "baseline", "two heads, 'collection' and 'baseline'", "file of its own"),
        (HEAD + "baseline: [Common]\n", "PC0214", "baseline", "lists its baselines under 'baselines:'", "baselines: [name]"),
        # Numbers that others read otherwise
        (
            setting(f"{DWORD}, equals: 0777"),
            "PC0115",
            "0777",
            "'0777' is a decimal number with a leading zero",
            "write 777, or 0o777",
        ),
        (setting(f"{DWORD}, equals: 0980"), "PC0115", "0980", "'0980'", "write 980"),
    ],
)
def test_one_mistake_is_one_finding(load: Load, text: str, code: str, marked: str | None, message: str, way_out: str) -> None:
    _, found = load(text)
    assert [(one.diagnostic.code, one.diagnostic.message) for one in found] == [(code, found[0].diagnostic.message)]
    [one] = found
    assert message in one.diagnostic.message
    assert way_out in one.diagnostic.help
    assert one.diagnostic.location.file == "pilot.yaml"
    if marked is None:
        assert one.region is None
    else:
        assert one.region is not None
        assert one.region.excerpt[one.region.column - 1 :].startswith(marked)


def test_tabs_in_a_key_come_from_double_quotes(load: Load) -> None:
    _, [one] = load(HEAD + 'settings:\n  a: {title: x, registry: {key: "HKLM\\temp", present: true}}\n')
    assert one.diagnostic.code == "PC0208"
    assert one.diagnostic.message == r"'key' is 'HKLM\temp'"
    assert "single quotes" in one.diagnostic.help


def test_several_mistakes_are_several_findings(load: Load) -> None:
    _, found = load(
        HEAD
        + """\
settings:
  one:
    title: 5
    registry: {key: HKLM\\A, name: b, type: dwrod, equals: 5}
  two:
    registry: {key: HKLM\\A, name: b, type: dword, equals: -1, default: -2, set: '1'}
"""
    )
    assert [(one.diagnostic.code, one.region and one.region.line) for one in found] == [
        ("PC0205", 5),
        ("PC0206", 6),
        ("PC0203", 7),
        ("PC0207", 8),
        ("PC0207", 8),
        ("PC0204", 8),
    ]


def test_other_files_are_read_all_the_same(load: Load) -> None:
    sources, found = load("collection: {name: 5}\n", other=HEAD)
    assert [document.file for document in sources.documents] == ["other.yaml", "project.yaml"]
    assert [one.diagnostic.code for one in found] == ["PC0205"]


def test_project(load: Load) -> None:
    _, found = load(
        HEAD, project="project: {name: x}\nconfigmgr:\n  site_code: 1E3\n  server_version: 1602\n  granularity: each\n"
    )
    assert [(one.diagnostic.code, one.diagnostic.message) for one in found] == [
        ("PC0205", "'site_code' takes text, but '1E3' without quotes is a number"),
        ("PC0205", "'server_version' takes text, but '1602' without quotes is a number"),
        ("PC0206", "'granularity' can't be 'each', only 'group' or 'setting'"),
    ]


@pytest.mark.parametrize("version", ["2012", "2012 R2", "1511", "1602", "2403"])
def test_versions(load: Load, version: str) -> None:
    assert load(HEAD, project=f'project: {{name: x}}\nconfigmgr: {{server_version: "{version}"}}\n')[1] == []


@pytest.mark.parametrize("version", ["1613", "16.02", "1606 ", "2016 R2", "160", "current"])
def test_no_versions(load: Load, version: str) -> None:
    _, [one] = load(HEAD, project=f'project: {{name: x}}\nconfigmgr: {{client_version: "{version}"}}\n')
    assert one.diagnostic.code == "PC0208"


def test_many_wrong_settings_end(load: Load) -> None:
    text = HEAD + "settings:\n" + "".join(f"  s{number}: {{registry: {{key: a, present: true}}}}\n" for number in range(300))
    _, found = load(text)
    assert len(found) == 51
    assert found[0].diagnostic.code == "PC0215"
    assert found[0].diagnostic.message == "250 more settings of this file are wrong, too, and aren't listed"


def test_what_an_alias_repeats_is_told_once(load: Load) -> None:
    text = HEAD + "settings:\n  a: &a {title: 5, registry: {kye: a, present: true}}\n  b: *a\n  c: *a\n"
    assert [one.diagnostic.code for one in load(text)[1]] == ["PC0205", "PC0201"]
