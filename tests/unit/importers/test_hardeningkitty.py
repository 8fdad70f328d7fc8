"""Finding lists of HardeningKitty: what is read from the file, what is said of each finding, and files that are none."""

from __future__ import annotations

import codecs

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from policyc.importers.hardeningkitty import read
from policyc.importers.hardeningkitty.methods import ELSEWHERE
from policyc.importers.policy_file import write_policy
from policyc.registry_files.entries import FormatError

HEADER = (
    "ID,Category,Name,Method,MethodArgument,RegistryPath,RegistryItem,ClassName,Namespace,Property,"
    "DefaultValue,RecommendedValue,Operator,Severity"
)
PRINTERS = r"77,Printers,Spooler is off,Registry,,HKLM:\SYSTEM\CurrentControlSet\Services\Spooler,Start,,,,2,4,=,High"


def one(text, name="list.csv"):
    result = read(text.encode(), name)
    assert len(result.settings) + len(result.refused) + result.joined == result.entries
    return result


def listed(*lines):
    return "\n".join((HEADER, *lines)) + "\n"


def test_a_finding_becomes_a_setting():
    result = one(listed(PRINTERS), "finding_list_my_own_machine.csv")
    assert result.title == "my own machine"
    assert (result.entries, result.refused) == (1, ())
    found = result.settings[0]
    assert (found.title, found.source, found.section) == ("Spooler is off", "finding 77", "Printers")
    assert dict(found.words) == {
        "key": r"HKLM\SYSTEM\CurrentControlSet\Services\Spooler",
        "name": "Start",
        "type": "dword",
        "equals": 4,
        "default": 2,
    }
    assert dict(found.others) == {"severity": "critical", "references": ["HardeningKitty 77"]}


def test_the_policy_says_where_each_setting_is_from():
    rows = (PRINTERS, r'78,Printers,"Only ""known"" servers",Registry,,HKCU:\Software\Example,Servers,,,,,a: b,=,Low')
    text = write_policy(one(listed(*rows)), name="Printers").files[0].text
    assert text.index("# Printers\n") < text.index("- HardeningKitty 77\n") < text.index("- HardeningKitty 78\n")
    assert "finding" not in text
    assert yaml.safe_load(text) == {
        "baseline": {"name": "Printers"},
        "settings": {
            "spooler-is-off": {
                "title": "Spooler is off",
                "severity": "critical",
                "references": ["HardeningKitty 77"],
                "registry": {
                    "key": r"HKLM\SYSTEM\CurrentControlSet\Services\Spooler",
                    "name": "Start",
                    "type": "dword",
                    "equals": 4,
                    "default": 2,
                },
            },
            "only-known-servers": {
                "title": 'Only "known" servers',
                "severity": "informational",
                "references": ["HardeningKitty 78"],
                "registry": {"key": r"HKCU\Software\Example", "name": "Servers", "type": "string", "equals": "a: b"},
            },
        },
    }


@pytest.mark.parametrize(
    ("severity", "expected"),
    [("Low", "informational"), ("medium", "warning"), ("High", "critical"), ("Passed", None), ("", None)],
)
def test_severities(severity, expected):
    found = one(listed(PRINTERS.replace("High", severity))).settings[0]
    assert found.others.get("severity") == expected


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (r"HKLM:\SOFTWARE\A", r"HKLM\SOFTWARE\A"),
        ("HKCU:\\Software\\A\\", r"HKCU\Software\A"),
        (r"HKLM:SOFTWARE\A", r"HKLM\SOFTWARE\A"),
        (r"HKLM:\\SOFTWARE\A", r"HKLM\SOFTWARE\A"),
        (r"Registry::HKEY_LOCAL_MACHINE\SOFTWARE\A", r"HKLM\SOFTWARE\A"),
        (r"microsoft.powershell.core\registry::HKEY_CURRENT_USER\Software", r"HKCU\Software"),
        (r"HKLM:\SOFTWARE\Channels\A/Operational", r"HKLM\SOFTWARE\Channels\A/Operational"),
    ],
)
def test_powershell_s_paths(path, key):
    found = one(listed(rf"1,,A,Registry,,{path},B,,,,,1,=,")).settings[0]
    assert found.words["key"] == key


@pytest.mark.parametrize(("item", "name"), [("(Default)", ""), ("(Reserved)", "(Reserved)"), ("*", "*"), ('" Odd"', " Odd")])
def test_names_of_values(item, name):
    found = one(listed(rf"1,,A,Registry,,HKLM:\SOFTWARE\A,{item},,,,,1,=,")).settings[0]
    assert found.words["name"] == name


@pytest.mark.parametrize(
    ("row", "what", "reason"),
    [
        (r"9,,A,Registry,,HKLM:\SOFTWARE\A,,,,,,1,=,", "A (recommended: 1)", "names no value"),
        (r"9,,A,Registry,,,B,,,,,1,=,", "A (recommended: 1)", "names no key"),
        (r"9,,,Registry,,HKLM:\SOFTWARE\*,B,,,,,1,=,", r"HKLM:\SOFTWARE\*\B (recommended: 1)", "one key"),
        (r"9,,,,,,,,,,,1,=,", "a finding without a name (recommended: 1)", "has no method"),
        (r"9,,A,Telepathy,,,,,,,,1,=,", "A (recommended: 1)", "method 'Telepathy' isn't known"),
        (r"9,,A,service,Spooler,,,,,,,Disabled,!=,", "A (recommended: Disabled)", "'!=' compares the name"),
        (r"9,,A,service,,,,,,,,Disabled,=,", "A (recommended: Disabled)", "doesn't name one service"),
        (r"9,,A,service,Xbl*,,,,,,,Disabled,=,", "A (recommended: Disabled)", "doesn't name one service"),
        (r"9,,A,service,Spooler,,,,,,,AutomaticDelayedStart,=,", "A (recommended: AutomaticDelayedStart)", "no start type"),
    ],
)
def test_refused(row, what, reason):
    refused = one(listed(row)).refused[0]
    assert (refused.source, refused.what) == ("line 2", f"finding 9, {what}")
    assert reason in refused.reason


@pytest.mark.parametrize("method", sorted(ELSEWHERE))
def test_each_method_elsewhere_has_its_reason(method):
    refused = one(listed(f"9,,A,{method},x,,,,,,,1,=,")).refused[0]
    assert refused.reason == f"{method}: {ELSEWHERE[method]}"


def test_a_finding_without_an_id_is_known_by_its_line():
    result = one(listed(PRINTERS.replace("77,", ",", 1), ",,A,bcdedit,x,,,,,,,1,=,"))
    assert result.settings[0].source == "line 2"
    assert "references" not in result.settings[0].others
    assert (result.refused[0].source, result.refused[0].what) == ("line 3", "A (recommended: 1)")


RULE = "b2b3f03d-6a65-4f7b-a9c7-1c7ef74a9ba4"
POLICIES = r"HKLM:\Software\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\rules"


def test_a_preference_of_an_attack_surface_reduction_rule_is_its_policy():
    imported = one(listed(f"9,,A,MpPreferenceAsr,{RULE},,,,,,0,1,=,"))
    (found,) = imported.settings
    assert dict(found.words) == {
        "key": POLICIES.replace(":", "").replace("rules", "Rules"),
        "name": RULE,
        "type": "string",
        "equals": "1",
        "default": "0",
    }
    assert write_policy(imported, name="x").settings == 1


def test_a_list_that_has_both_says_it_once():
    rows = (f"8,,A (Policy),Registry,,{POLICIES},{RULE},,,,0,1,=,", f"9,,A,MpPreferenceAsr,{RULE},,,,,,0,1,=,")
    written = write_policy(one(listed(*rows)), name="x")
    assert (written.settings, written.same) == (1, 1)


def test_a_preference_that_names_no_rule_is_refused():
    assert "doesn't name one rule" in one(listed("9,,A,MpPreferenceAsr,x,,,,,,,1,=,")).refused[0].reason


def test_rules_that_share_one_text_are_all_reported():
    rule = "00000000-0000-0000-0000-00000000000"
    rows = [rf"{n},,Rule {n},Registry,{rule}{n},HKLM:\SOFTWARE\Policy Manager,ASRRules,,,,0,1,=,Low" for n in range(3)]
    written = write_policy(one(listed(*rows)), name="Rules")
    assert (written.settings, written.contradictions, written.refused) == (3, (), ())


def test_text_beyond_the_language_is_shortened_or_made_one_line():
    name = "n" * 300
    found = one(listed(rf'1,"a{chr(10)}b","{name}",Registry,,HKLM:\SOFTWARE\A,B,,,,,1,=,')).settings[0]
    assert found.title == "n" * 255 + "…"
    assert found.section == "a b"


# The table


@pytest.mark.parametrize(
    "data",
    [
        listed(PRINTERS).encode("utf-8-sig"),
        codecs.BOM_UTF16_LE + listed(PRINTERS).encode("utf-16-le"),
        codecs.BOM_UTF16_BE + listed(PRINTERS).encode("utf-16-be"),
        listed(PRINTERS).replace("\n", "\r\n").encode(),
        listed(PRINTERS).replace("\n", "\r").encode(),
        listed(PRINTERS).rstrip("\n").encode(),
        ("\n \n" + listed("", PRINTERS, "  ", "")).encode(),
        ("#TYPE System.Management.Automation.PSCustomObject\n" + listed(PRINTERS)).encode(),
        listed(PRINTERS.replace(",Start,", ',\t "Start"  ,')).encode(),
        listed(PRINTERS).replace("Severity", "SEVERITY").replace("ID,", ' "id" ,').encode(),
    ],
)
def test_spellings_of_one_list(data):
    assert read(data, "list.csv").settings == read(listed(PRINTERS).encode(), "list.csv").settings


def test_columns_are_known_by_their_names():
    text = (
        "Operator,RecommendedValue,Remarks,RegistryItem,RegistryPath,Method,Name,ID\n"
        '=,1,"mine, not HardeningKitty\'s",B,HKLM:\\SOFTWARE\\A,registry,A is 1,5\n'
    )
    found = one(text).settings[0]
    assert dict(found.words) == {"key": r"HKLM\SOFTWARE\A", "name": "B", "type": "dword", "equals": 1}
    assert dict(found.others) == {"references": ["HardeningKitty 5"]}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ('"a ""b"" c"', 'a "b" c'),
        ('"a, b"', "a, b"),
        ('"a\nb"', "a\nb"),
        ("  a b", "a b"),
        ("a  ", "a "),
        ('"a" b', "a b"),
        ('a "b" c', 'a "b" c'),
        ('" a "', " a "),
    ],
)
def test_fields_are_read_as_import_csv_does(field, value):
    found = one(listed(rf"1,,A,Registry,,HKLM:\SOFTWARE\A,B,,,,,{field},=,")).settings[0]
    assert found.words["equals"] == value


@pytest.mark.parametrize(("row", "count"), [(PRINTERS + ",more", 15), ("1,,A,Registry", 4)])
def test_a_record_of_another_length_is_refused(row, count):
    result = one(listed(PRINTERS, "", row))
    assert len(result.settings) == 1
    assert result.refused[0].source == "line 4"
    assert f"has {count} fields and the first line names 14 columns" in result.refused[0].reason


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "the file is empty"),
        (b"Windows Registry Editor Version 5.00\n", "line 1 should name the columns"),
        (
            b"\n" + HEADER.replace("Operator,", "").encode(),
            "line 2 should name the columns of a finding list, and has no 'Operator'",
        ),
        (HEADER.replace(",", ";").encode(), "separated by semicolons"),
        (HEADER.encode() + b",operator\n", "names the column 'Operator' twice"),
        (listed(PRINTERS, '1,"open').encode(), "the quotation mark that opens in line 3 is never closed"),
        (listed(PRINTERS).encode() + b"\xff\xfe", "line 3 isn't text in UTF-8"),
        (codecs.BOM_UTF16_LE + listed(PRINTERS).encode("utf-16-le") + b"\x00", "line 3 isn't text in UTF-16"),
        (listed(PRINTERS).encode() + b"a\0", "line 3 holds a NUL character"),
        (b"PReg\x01\x00\x00\x00", "line 1 holds a NUL character"),
    ],
)
def test_what_is_no_finding_list(data, message):
    with pytest.raises(FormatError) as refused:
        read(data, "list.csv")
    assert message in str(refused.value)


# Anything at all

_FIELDS = st.one_of(
    st.sampled_from(
        [
            "Registry",
            "RegistryList",
            "auditpol",
            "ASRRules",
            "Machine",
            "(Default)",
            r"HKLM:\SOFTWARE\A",
            r"HKU:\x",
            "=",
            ">=",
            "=|0",
            "contains",
            "1",
            "-NODATA-",
            "a;b",
            "",
        ]
    ),
    st.text(max_size=12),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(_FIELDS, min_size=13, max_size=15), max_size=4), st.booleans(), st.text(max_size=20))
def test_any_table_is_imported_or_no_finding_list(rows, quoted, name):
    lines = [",".join('"' + field.replace('"', '""') + '"' if quoted else field for field in row) for row in rows]
    data = listed(*lines).encode("utf-8", "surrogatepass")
    try:
        result = read(data, name)
    except FormatError:
        return
    assert len(result.settings) + len(result.refused) + result.joined == result.entries
    written = write_policy(result, name="Any")
    assert written.settings + len(written.refused) + written.contradicted + written.same + written.joined == result.entries


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text('",;\n\rab ', max_size=200).map(str.encode)))
def test_any_bytes_are_imported_or_no_finding_list(data):
    with pytest.raises(FormatError):
        read(data, "list.csv")


@settings(max_examples=200, deadline=None)
@given(st.text('",\n\r\tab ', max_size=60))
def test_any_text_below_the_columns(text):
    try:
        result = read((HEADER + "\n" + text).encode(), "list.csv")
    except FormatError:
        assert '"' in text
        return
    assert result.settings == ()
    assert len(result.refused) == result.entries


@pytest.mark.parametrize(
    ("recommended", "words", "others"),
    [
        ("Automatic", {"equals": 2}, {"remediate": False}),
        ("Boot", {"equals": 0}, {"remediate": False}),
    ],
)
def test_a_start_type_that_no_policy_has_is_its_value(recommended, words, others):
    imported = one(listed(f"9,,A,Service,Spooler,,,,,,Automatic,{recommended},=,"))
    (found,) = imported.settings
    place = {"key": r"HKLM\SYSTEM\CurrentControlSet\Services\Spooler", "name": "Start", "type": "dword"}
    assert dict(found.words) == {**place, **words}
    assert {word: said for word, said in found.others.items() if word == "remediate"} == others
    assert write_policy(imported, name="x").settings == 1


LOGON = "{0CCE9215-69AE-11D9-BED3-505054503030}"


@pytest.mark.parametrize(
    ("argument", "recommended", "operator", "words"),
    [
        (LOGON, "Success and Failure", "=", {"subcategory": "Logon", "equals": ["success", "failure"]}),
        (LOGON.lower(), "success", "=", {"subcategory": "Logon", "equals": ["success"]}),
        (LOGON, "No Auditing", "=", {"subcategory": "Logon", "equals": []}),
        (LOGON, "No Auditing", "contains", {"subcategory": "Logon", "equals": []}),
        (LOGON, "Success", "contains", {"subcategory": "Logon", "at_least": ["success"]}),
        (LOGON, "Success and Failure", "contains", {"subcategory": "Logon", "at_least": ["success", "failure"]}),
        ("", "Failure", "=", {"subcategory": "Plug and Play Events", "equals": ["failure"]}),
    ],
)
def test_an_audit_subcategory_is_a_setting_of_its_kind(argument, recommended, operator, words):
    imported = one(listed(f"9,Audit,Audit PNP Activity,auditpol,{argument},,,,,,No Auditing,{recommended},{operator},Low"))
    (found,) = imported.settings
    assert (found.kind, dict(found.words), found.section) == ("audit_policy", words, "Audit")
    assert found.others == {"severity": "informational", "references": ["HardeningKitty 9"]}
    assert write_policy(imported, name="x").settings == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"9,,A,auditpol,{LOGON},,,,,,,Erfolg,=,", "'Erfolg' is nothing that auditpol says"),
        (f"9,,A,auditpol,{LOGON},,,,,,,Success,!=,", "'!=' compares text"),
        ("9,,A,auditpol,{0CCE92FF-69AE-11D9-BED3-505054503030},,,,,,,Success,=,", "no subcategory"),
        ("9,,Weather,auditpol,,,,,,,,Success,=,", "no subcategory 'Weather'"),
        ("9,,Logonn,auditpol,,,,,,,,Success,=,", "no subcategory 'Logonn'"),
    ],
)
def test_an_audit_finding_that_says_something_else_is_refused(row, reason):
    refused = one(listed(row)).refused[0]
    assert reason in refused.reason


def test_keys_of_32_bit_programs_are_their_view():
    path = r"HKLM:\SOFTWARE\Wow6432Node\Example"
    found = one(listed(rf"1,,A,Registry,,{path},B,,,,,1,=,")).settings[0]
    assert (found.words["key"], found.words["view"]) == (r"HKLM\SOFTWARE\Example", 32)


def pair(*rows: str):
    """What comes of findings on one value."""
    path = r"HKLM:\SOFTWARE\Example"
    lines = [f"{number},,{name},Registry,,{path},Time,,,,{rest}" for number, (name, rest) in enumerate(rows, start=1)]
    imported = one(listed(*lines))
    return imported, write_policy(imported, name="x")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("A", "0,900,<=,Low"), ("B", "0,1,>=,High")], {"between": [1, 900], "set": 900, "default": 0}),
        ([("A", ",15,>=,"), ("B", ",30,<=,")], {"between": [15, 30], "set": 30}),
        ([("A", "20,15,>=,"), ("B", "20,30,<=,")], {"between": [15, 30], "set": 30, "default": 20}),
        ([("A", ",900,<=,"), ("B", ",0,!=,")], {"between": [1, 900], "set": 900, "default": 900}),
        ([("A", "0,900,<=,"), ("B", "0,0,!=,")], {"between": [1, 900], "set": 900, "default": 0}),
    ],
)
def test_two_findings_that_bound_a_value_are_one_setting(rows, words):
    imported, written = pair(*rows)
    (found,) = imported.settings
    assert dict(found.words) == {"key": r"HKLM\SOFTWARE\Example", "name": "Time", "type": "dword", **words}
    assert found.others["references"] == ["HardeningKitty 1", "HardeningKitty 2"]
    assert (imported.entries, imported.joined, written.settings, written.contradicted) == (2, 1, 1, 0)


def test_the_weight_of_two_findings_is_the_heavier_one():
    imported, _ = pair(("A", "0,900,<=,Low"), ("B", "0,1,>=,High"))
    assert imported.settings[0].others["severity"] == "critical"


@pytest.mark.parametrize(
    "rows",
    [
        [("A", "0,900,>=,"), ("B", "0,15,<=,")],
        [("A", "0,900,<=,"), ("B", "0,5,!=,")],
        [("A", "0,900,<=,"), ("B", "0,5,=,")],
        [("A", "0,900,<=,"), ("B", "0,90,<=,")],
        [("A", "0,900,<=,"), ("B", "0,1,>=,"), ("C", "0,2,>=,")],
    ],
)
def test_others_are_not(rows):
    imported, _ = pair(*rows)
    assert (len(imported.settings), imported.joined) == (len(rows), 0)
