"""A finding and the setting that it becomes say the same of every state of the kind that HardeningKitty writes.

The other side of the comparison is a model of HardeningKitty's audit (commit 92b8ef7 of its repository), which knows nothing
of policyc: PowerShell's conversions, its comparison by operator, and what its mode HailMary writes.
"""

from __future__ import annotations

import csv
import io
import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyc.evaluation import ABSENT, Held, Verdict, after, verdict
from policyc.importers.hardeningkitty import read
from policyc.lowering.settings import lower_setting
from policyc.model import Kind, Location

COLUMNS = (
    "ID",
    "Name",
    "Method",
    "MethodArgument",
    "RegistryPath",
    "RegistryItem",
    "DefaultValue",
    "RecommendedValue",
    "Operator",
)
KEY = r"HKLM:\SOFTWARE\Policies\Example"
UNC_PATHS = r"HKLM:\Software\Policies\Microsoft\Windows\NetworkProvider\HardenedPaths"
RULE = "0f3c2b1a-1111-2222-3333-444455556666"
JOINED = {"machine", "ecccurves", "nullsessionpipes", "nullsessionshares"}
TEXT = {"mitigationoptions_fontbocking", "retention", "allocatedasd", "scremoveoption", "autoadminlogon"}
OPERATORS = ("=", "!=", "=|0", "<=", ">=", "<=!0", "contains")


# HardeningKitty, as it behaves


class CastError(Exception):
    """What PowerShell throws at a cast that fails."""


PLACES = {
    "scremoveoption": r"HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon",
    "machine": r"HKLM:\System\CurrentControlSet\Control\SecurePipeServers\Winreg\AllowedPaths",
    "nullsessionpipes": r"HKLM:\System\CurrentControlSet\Services\LanManServer\Parameters",
    "nullsessionshares": r"HKLM:\System\CurrentControlSet\Services\LanManServer\Parameters",
    "retention": r"HKLM:\SOFTWARE\Policies\Microsoft\Windows\EventLog\System",
    "ecccurves": r"HKLM:\SOFTWARE\Policies\Microsoft\Cryptography\Configuration\SSL\00010002",
}
"""Where Windows has the values that aren't what their data look like."""


def finding(operator, recommended, default="", *, item="Enabled", path="", argument=""):
    path = path or PLACES.get(item.lower(), KEY)
    values = ("1", "A finding", "Registry", argument, path, item, default, recommended, operator)
    return dict(zip(COLUMNS, values, strict=True))


def as_int(thing):
    """PowerShell's [int]."""
    if isinstance(thing, int):
        if thing > 2**31 - 1:
            raise CastError
        return thing
    if isinstance(thing, str) and thing.strip() == "":
        return 0
    if not isinstance(thing, str) or not re.fullmatch(r"\s*[+-]?\d+\s*", thing):
        raise CastError
    number = int(thing)
    if not -(2**31) <= number < 2**31:
        raise CastError
    return number


def as_string(thing):
    return " ".join(thing) if isinstance(thing, list) else str(thing)


def equal(one, other):
    return as_string(one).lower() == other.lower()


def audited(row, state):
    """What the audit has in hand: the value, or else the default value."""
    item = row["RegistryItem"].lower()
    result = row["DefaultValue"] if state is ABSENT else list(state.data) if isinstance(state.data, tuple) else state.data
    if isinstance(result, list) and item in JOINED:
        result = ";".join(result)
    if row["RegistryPath"].lower() == UNC_PATHS.lower() and isinstance(result, str):
        result = result.replace(" ", "")
    if item == "asrrules" and isinstance(result, str):
        for entry in result.split("|"):
            parts = entry.split("=")
            if equal(parts[0], row["MethodArgument"]):
                return parts[1] if len(parts) > 1 else ""
        return row["DefaultValue"]
    return result


def passes(row, state):
    result, recommended = audited(row, state), row["RecommendedValue"]
    if row["RegistryPath"].lower() == UNC_PATHS.lower():
        recommended = recommended.replace(" ", "")
    length = 1 if isinstance(result, int) else len(result)
    try:
        match row["Operator"]:
            case "=":
                return equal(result, recommended)
            case "!=":
                return not equal(result, recommended)
            case "=|0":
                return equal(result, recommended) or length == 0
            case "<=":
                return as_int(result) <= as_int(recommended)
            case ">=":
                return as_int(result) >= as_int(recommended)
            case "<=!0":
                return as_int(result) <= as_int(recommended) and as_int(result) != 0
            case "contains":
                return recommended in as_string(result)
    except CastError:
        return False
    return False


def written_kind(row):
    """What HailMary writes, where Windows has the value: elsewhere a name alone says nothing of the kind."""
    item = row["RegistryItem"].lower()
    if row["RegistryPath"] != PLACES.get(item):
        return "dword" if re.fullmatch(r"\d+", row["RecommendedValue"]) else "string"
    if item in TEXT:
        return "string"
    if item in JOINED:
        return "multi_string"
    return "dword" if re.fullmatch(r"\d+", row["RecommendedValue"]) else "string"


# policyc


def imported(*rows):
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n", quoting=csv.QUOTE_ALL)
    table.writeheader()
    table.writerows(rows)
    return read(text.getvalue().encode(), "list.csv")


def setting_of(found):
    complaints = []
    tree = {"title": found.title, **found.others, "registry": dict(found.words)}
    setting = lower_setting("a", tree, Location("a.yaml"), complaints, audit=False)
    assert complaints == []
    assert setting is not None
    return setting


def lowered(row):
    """The setting of a finding that can be expressed."""
    result = imported(row)
    assert result.refused == ()
    return setting_of(result.settings[0])


def agree(row, states):
    """Same verdict in every state; and what a remediation leaves passes HardeningKitty's audit."""
    setting = lowered(row)
    for state in states:
        compliant = verdict(setting.subject, state) is Verdict.COMPLIANT
        assert compliant == passes(row, state), (row, state, setting.subject.condition, setting.subject.default)
        if setting.subject.write is not None:
            assert passes(row, after(setting.subject, state)), (row, state, setting.subject.write)
    return setting


NUMBERS = [ABSENT, *(Held(Kind.DWORD, number) for number in (0, 1, 2, 5, 6, 10, 11, 255, 4095, 4096, 4097, 2**31 - 1))]
HUGE = [Held(Kind.DWORD, number) for number in (2**31, 2**32 - 1)]
STRINGS = [
    ABSENT,
    *(
        Held(Kind.STRING, text)
        for text in ("", " ", "0", "1", "01", "Block", "BLOCK", "blocked", "a Block b", "-NODATA-", "x\nBlock")
    ),
]
LISTS = [
    ABSENT,
    *(
        Held(Kind.MULTI_STRING, data)
        for data in (
            (),
            ("lsarpc",),
            ("LSARPC",),
            ("lsarpc", "samr"),
            ("samr", "lsarpc"),
            ("lsarpc", "samr", "x"),
            ("lsarpc samr",),
        )
    ),
]
DEFAULTS = ("", " ", "0", "1", "5", "6", "01", "-1", "+6", " 6 ", "Never", "Block", "-NODATA-", "4294967295", "99999999999")


FEATURES = r"HKCU:\Software\Policies\Microsoft\Internet Explorer\Main\FeatureControl\FEATURE_X"
RULES = r"HKLM:\Software\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\rules"
WINLOGON = r"HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon"


SAVER = r"HKCU:\Software\Policies\Microsoft\Windows\Control Panel\Desktop"
EVENTS = r"HKLM:\Software\policies\Microsoft\Windows\EventLog\Setup"


@pytest.mark.parametrize(
    ("path", "item"),
    [
        (FEATURES, "iexplore.exe"),
        (RULES, "00000000-0000"),
        (WINLOGON, "cachedLogonsCount"),
        (WINLOGON, "AutoAdminLogon"),
        (WINLOGON, "ScreenSaverGracePeriod"),
        (SAVER, "ScreenSaveTimeOut"),
        (SAVER, "ScreenSaverIsSecure"),
        (EVENTS, "Retention"),
    ],
)
def test_a_number_that_windows_keeps_as_text_stays_text(path, item):
    row = finding("=", "4", "10", path=path, item=item)
    states = [ABSENT, *(Held(Kind.STRING, text) for text in ("", "1", "4", "04", "10"))]
    assert agree(row, states).subject.kind is Kind.STRING
    assert imported(finding(">=", "4", path=path, item=item)).refused != ()


@pytest.mark.parametrize("default", [*DEFAULTS, "10", "300"])
@pytest.mark.parametrize("recommended", ["0", "1", "4", "99", "100", "900", "86400"])
@pytest.mark.parametrize("operator", ["<=", "<=!0"])
def test_numbers_that_windows_keeps_as_text_are_ordered(operator, recommended, default):
    row = finding(operator, recommended, default, path=WINLOGON, item="CachedLogonsCount")
    if operator == "<=!0" and recommended == "0":
        assert "never passes" in imported(row).refused[0].reason
        return
    near = {str(max(0, int(recommended) + step)) for step in (-1, 0, 1)}
    texts = {*near, *map(str, range(120)), "899", "1000", "8640", "99999", "864000", "x", "Never"}
    setting = agree(row, [ABSENT, *(Held(Kind.STRING, text) for text in sorted(texts))])
    assert setting.subject.kind is Kind.STRING
    assert setting.subject.write.data == recommended


@pytest.mark.parametrize(("recommended", "word"), [("99", "one_of"), ("100", "matches"), ("900", "matches")])
def test_as_many_as_can_be_read_are_named(recommended, word):
    assert word in imported(finding("<=", recommended, path=WINLOGON, item="CachedLogonsCount")).settings[0].words


@pytest.mark.parametrize("recommended", ["04", "9999999999"])
def test_a_number_as_text_that_is_none_is_refused(recommended):
    (refused,) = imported(finding("<=", recommended, path=WINLOGON, item="CachedLogonsCount")).refused
    assert "no whole number" in refused.reason


@pytest.mark.parametrize(
    ("path", "item"),
    [(FEATURES.replace(r"\Policies", ""), "a"), (RULES + "2", "a"), (WINLOGON + r"\B", "CachedLogonsCount"), (WINLOGON, "X")],
)
def test_its_neighbours_do_not(path, item):
    assert lowered(finding("=", "4", path=path, item=item)).subject.kind is Kind.DWORD


@pytest.mark.parametrize("default", DEFAULTS)
@pytest.mark.parametrize("recommended", ["0", "1", "5", "6", "4096", "2147483647"])
@pytest.mark.parametrize("operator", ["=", "!=", "=|0", "<=", ">="])
def test_numbers(operator, recommended, default):
    states = NUMBERS if operator == ">=" else NUMBERS + HUGE
    assert agree(finding(operator, recommended, default), states).subject.kind is Kind.DWORD


@pytest.mark.parametrize("default", DEFAULTS)
@pytest.mark.parametrize("recommended", ["1", "5", "6", "4096", "2147483647"])
def test_numbers_but_zero(recommended, default):
    agree(finding("<=!0", recommended, default), NUMBERS + HUGE)


@pytest.mark.parametrize("recommended", ["2147483648", "4294967295"])
@pytest.mark.parametrize("operator", ["=", "!=", "=|0"])
def test_numbers_beyond_what_powershell_orders(operator, recommended):
    agree(finding(operator, recommended, "0"), NUMBERS + HUGE)


@pytest.mark.parametrize("default", DEFAULTS)
@pytest.mark.parametrize(
    ("operator", "recommended", "item"),
    [
        (operator, recommended, item)
        for item, texts in {
            "Level": ("", "Block", "a.b*"),
            "ExcludedPaths": ("", "Block", "a.b*"),
            "ScRemoveOption": ("", "Block", "a.b*", "1"),
        }.items()
        for operator, recommended in itertools.product(("=", "!=", "=|0", "contains"), texts)
        if (operator, recommended) != ("contains", "")
    ],
)
def test_texts(operator, recommended, item, default):
    row = finding(operator, recommended, default, item=item)
    states = [*STRINGS, Held(Kind.STRING, "a.b*"), Held(Kind.STRING, "xA.B*"), Held(Kind.STRING, "xa.b*y")]
    assert agree(row, states).subject.kind is Kind.STRING


@pytest.mark.parametrize("default", ["", "lsarpc", "lsarpc;samr", ";", "-NODATA-"])
@pytest.mark.parametrize("recommended", ["", "lsarpc", "lsarpc;samr"])
@pytest.mark.parametrize("operator", ["=", "!=", "=|0"])
@pytest.mark.parametrize("item", ["NullSessionPipes", "machine"])
def test_lists(item, operator, recommended, default):
    assert agree(finding(operator, recommended, default, item=item), LISTS).subject.kind is Kind.MULTI_STRING


@pytest.mark.parametrize("default", ["", "Mutual=1", "Mutual=1,Integrity = 1"])
def test_hardened_paths_don_t_count_spaces(default):
    texts = (
        "",
        "Mutual=1,Integrity=1",
        "mutual=1, integrity=1",
        " Mutual = 1 ,  Integrity=1 ",
        "Mutual=1",
        "Integrity=1, Mutual=1",
    )
    row = finding("=", "Mutual=1, Integrity=1", default, item=r"\\*\SYSVOL", path=UNC_PATHS)
    agree(row, [ABSENT, *(Held(Kind.STRING, text) for text in texts)])
    assert lowered(row).subject.write.data == "Mutual=1, Integrity=1"


@pytest.mark.parametrize("recommended", ["1", "Warn"])
def test_a_rule_among_all_rules(recommended):
    other = "99999999-1111-2222-3333-444455556666"
    texts = (
        "",
        f"{RULE}={recommended}",
        f"{RULE}=6",
        f"{other}=6|{RULE.upper()}={recommended}|{other}=1",
        f"{other}={recommended}|{RULE}=6",
        f"{RULE}{RULE}={recommended}",
        f"{RULE}={recommended}1",
        f"{RULE}",
    )
    row = finding("=", recommended, "0", item="ASRRules", argument=RULE)
    setting = agree(row, [ABSENT, *(Held(Kind.STRING, text) for text in texts)])
    assert setting.subject.write is None


@pytest.mark.parametrize("operator", ["=", "<=", ">=", "=|0", "contains"])
def test_a_backup_of_nothing_wants_the_value_absent(operator):
    found = imported(finding(operator, "-NODATA-", "0")).settings[0]
    assert dict(found.words) == {"key": r"HKLM\SOFTWARE\Policies\Example", "name": "Enabled", "absent": True}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (finding("<=!0", "0"), "never passes"),
        (finding("contains", ""), "always passes"),
        (finding("contains", "1"), "digits within a number"),
        (finding("=", "01"), "no DWORD reads like it"),
        (finding("=", "4294967296"), "no DWORD reads like it"),
        (finding("=", "٣"), "no DWORD reads like it"),
        (finding(">=", "2147483648"), "never passes"),
        (finding(">=", "5", "0x10"), "'0x10' may be a number"),
        (finding(">=", "1", item="ScRemoveOption"), "orders numbers"),
        (finding("<=", "some", "1"), "orders numbers"),
        (finding("<=", "a", "1", item="Machine"), "orders numbers"),
        (finding("contains", "a", item="Machine"), "each element"),
        (finding("=", "a;;b", item="Machine"), "empty element"),
        (finding("!=", "-NODATA-"), "isn't there"),
        (finding("~", "1"), "no operator '~'"),
        (finding("", "1"), "the finding has no operator"),
        (finding("!=", "a=1", path=UNC_PATHS), "drops the spaces"),
        (finding("=", " ", path=UNC_PATHS), "drops the spaces"),
        (finding("=", "a b=1", path=UNC_PATHS), "in a word"),
        (finding("!=", "1", item="ASRRules", argument=RULE), "more than a policy can say"),
        (finding("=", "1", item="ASRRules"), "doesn't name one rule"),
        (finding("=", "0", "0", item="ASRRules", argument=RULE), "isn't in a text"),
    ],
)
def test_what_no_condition_means(row, reason):
    result = imported(row)
    assert result.settings == ()
    assert [refused.source for refused in result.refused] == ["line 2"]
    assert reason in result.refused[0].reason


@pytest.mark.parametrize(
    ("row", "registry", "others"),
    [
        (finding("=", "1"), {"type": "dword", "equals": 1}, {}),
        (finding("=", "1", "0"), {"type": "dword", "equals": 1, "default": 0}, {}),
        (finding("=", "1", "Never"), {"type": "dword", "equals": 1}, {}),
        (finding("=|0", "3"), {"type": "dword", "equals": 3, "default": 3}, {}),
        (finding(">=", "0"), {"type": "dword", "at_least": 0, "default": 0}, {}),
        (finding(">=", "8"), {"type": "dword", "at_least": 8}, {}),
        (finding("<=", "8"), {"type": "dword", "at_most": 8, "default": 0}, {}),
        (finding("<=!0", "900", "0"), {"type": "dword", "between": [1, 900], "set": 900, "default": 0}, {}),
        (finding("<=!0", "900"), {"type": "dword", "between": [1, 900], "set": 900}, {}),
        (finding("=", "a", "-NODATA-"), {"type": "string", "equals": "a"}, {}),
        (finding("=", "-NODATA-", item="ExcludedPaths"), {"absent": True}, {"remediate": False}),
        (finding("!=", "2", "1"), {"type": "dword", "not_equals": 2, "default": 1}, {"remediate": False}),
        (finding("!=", ""), {"type": "string", "not_equals": "", "default": ""}, {"remediate": False}),
        (finding("=", ""), {"type": "string", "equals": "", "default": ""}, {}),
        (finding("=", "", item="ExcludedPaths"), {"type": "string", "equals": "", "default": ""}, {"remediate": False}),
        (finding("=|0", "a"), {"type": "string", "one_of": ["a", ""], "set": "a", "default": ""}, {}),
        (
            finding("=|0", "a", item="ExcludedPaths"),
            {"type": "string", "one_of": ["a", ""], "default": ""},
            {"remediate": False},
        ),
        (
            finding("contains", "(a|b)"),
            {"type": "string", "case": "exact", "matches": r"(?:.|\n)*\(a\|b\)(?:.|\n)*", "set": "(a|b)"},
            {},
        ),
        (finding("=", "1", "0", item="ScRemoveOption"), {"type": "string", "equals": "1", "default": "0"}, {}),
        (finding("=", "a;b", item="EccCurves"), {"type": "multi_string", "equals": ["a", "b"]}, {}),
        (finding("=", "", item="NullSessionShares"), {"type": "multi_string", "equals": [], "default": []}, {}),
    ],
)
def test_what_a_person_reads(row, registry, others):
    found = imported(row).settings[0]
    asked = {word: data for word, data in found.words.items() if word not in ("key", "name")}
    assert asked == registry
    assert {word: data for word, data in found.others.items() if word != "references"} == others


@pytest.mark.parametrize(
    ("row", "state", "kitty", "policy"),
    [
        (finding("=", "1"), Held(Kind.STRING, "1"), True, False),
        (finding("=", "a b"), Held(Kind.MULTI_STRING, ("a", "b")), True, False),
        (finding(">=", "32768"), Held(Kind.DWORD, 2**31), False, True),
        (finding("=", "a;b", item="Machine"), Held(Kind.MULTI_STRING, ("a;b",)), True, False),
        (finding("=", "Mutual=1", path=UNC_PATHS), Held(Kind.STRING, "Mut ual=1"), True, False),
        (finding("=", "1", item="ASRRules", argument=RULE), Held(Kind.STRING, f"{RULE}=0|{RULE}=1"), False, True),
        (finding("=", "1", item="ASRRules", argument=RULE), Held(Kind.STRING, f"{RULE}=1=x"), True, False),
        (finding("=", "-NODATA-", "0"), ABSENT, False, True),
    ],
)
def test_the_differences_that_the_page_names(row, state, kitty, policy):
    """docs/importing-hardeningkitty.md, "Where the verdicts differ"."""
    assert passes(row, state) is kitty
    assert (verdict(lowered(row).subject, state) is Verdict.COMPLIANT) is policy


# Anything at all

_WORDS = st.one_of(
    st.sampled_from(["", "0", "1", "2", "10", "007", "Block", "a;b", "a=1, b=2", "-NODATA-", "4294967295", "2147483648"]),
    st.integers(0, 2**32).map(str),
    st.text(" aAbB01;,=|.*()\\[]{}+?^$-", max_size=8),
)
_ROWS = st.builds(
    finding,
    st.sampled_from(OPERATORS),
    _WORDS,
    _WORDS,
    item=st.sampled_from(["Enabled", "Retention", "Machine", "ExcludedPaths", r"\\*\SYSVOL"]),
    path=st.sampled_from(["", UNC_PATHS]),
)
_STATES = {
    "dword": st.integers(0, 2**31 - 1).map(lambda number: Held(Kind.DWORD, number)),
    "string": _WORDS.map(lambda text: Held(Kind.STRING, text)),
    "multi_string": st.lists(st.text("aAbB ", min_size=1, max_size=3), max_size=3).map(
        lambda data: Held(Kind.MULTI_STRING, tuple(data))
    ),
}


@settings(max_examples=400, deadline=None)
@given(_ROWS, st.data())
def test_the_same_verdict_for_any_finding_and_state(row, data):
    result = imported(row)
    if result.refused or row["RecommendedValue"].upper() == "-NODATA-":
        return
    kind = result.settings[0].words["type"]
    assert kind == written_kind(row)
    default, recommended = row["DefaultValue"], row["RecommendedValue"]
    states = [ABSENT, data.draw(_STATES[kind])]
    near = (recommended, recommended.swapcase(), f"{recommended} ", default)
    if kind == "string":
        states += [Held(Kind.STRING, text) for text in near if row["RegistryPath"] != UNC_PATHS]
    elif kind == "dword":
        states += [
            Held(Kind.DWORD, number)
            for number in (int(recommended) - 1, int(recommended), int(recommended) + 1)
            if 0 <= number < 2**31
        ]
    elif kind == "multi_string":
        states += [Held(Kind.MULTI_STRING, tuple(text.split(";"))) for text in near if all(text.split(";"))]
    if row["RegistryPath"] == UNC_PATHS and kind == "string":
        states = [state for state in states if state is ABSENT or " " not in state.data]
    if row["Operator"] in ORDERING and kind == "string":
        states = [state for state in states if state is ABSENT or not only_powershell_reads(state.data)]
    agree(row, states)


ORDERING = ("<=", ">=", "<=!0")


def only_powershell_reads(text):
    """Whether [int] takes the text for a number though it isn't written as one: empty, with blanks, a sign, leading zeros."""
    return not text.strip() or (bool(re.fullmatch(r"\s*[+-]?\d+\s*", text)) and str(int(text)) != text)
