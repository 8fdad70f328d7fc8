"""Digests back to objects: policyc's own exactly, others with what is left out, broken ones with a reason."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from policyc.targets.configmgr.digest import (
    LATEST,
    Baseline,
    ConfigurationItem,
    DigestError,
    Setting,
    baseline_digest,
    item_digest,
)
from policyc.targets.configmgr.digest.escaping import holdable
from unit.targets.digest import samples
from unit.targets.digest.reading import read_digest
from unit.targets.digest.samples import BASELINES, ITEM, ITEMS, LIST, PRESENCE, SCRIPT, SCRIPTS, VALUE


def shown(setting: Setting) -> Setting:
    return replace(setting, name=holdable(setting.name), description=holdable(setting.description))


@given(ITEMS)
def test_an_item_comes_back(item: ConfigurationItem) -> None:
    expected = replace(
        item,
        name=holdable(item.name),
        description=holdable(item.description),
        settings=tuple(shown(setting) for setting in item.settings),
    )
    assert read_digest(item_digest(item)) == expected


@given(BASELINES)
def test_a_baseline_comes_back(baseline: Baseline) -> None:
    expected = replace(
        baseline,
        name=holdable(baseline.name),
        description=holdable(baseline.description),
        items=tuple(replace(item, revision=LATEST) for item in baseline.items),
    )
    assert read_digest(baseline_digest(baseline)) == expected


@given(SCRIPTS, SCRIPTS)
@example("a\r\nb\rc\n", "]]>\t\"'&<![CDATA[")
def test_scripts_come_back_to_the_letter(discovery: str, remediation: str) -> None:
    read = read_digest(item_digest(samples.item(replace(SCRIPT, discovery=discovery, remediation=remediation))))
    assert isinstance(read, ConfigurationItem)
    assert [(setting.discovery, setting.remediation) for setting in read.settings] == [(discovery, remediation)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("declared", ["utf-8", "utf-16", "us-ascii"])
def test_what_is_declared_decides_nothing(encoding: str, declared: str) -> None:
    item = samples.item(replace(SCRIPT, name="Gr\u00f6\u00dfe \U0001f600"))
    text = item_digest(item).decode("utf-8-sig").replace('encoding="utf-8"', f'encoding="{declared}"')
    assert read_digest(text.replace("\n", "\r\n").encode(encoding)) == item


LISTED = '<ConstantValueList DataType="StringArray"><ConstantValue Value="a" DataType="String" /></ConstantValueList>'
UNREAD = [
    (SCRIPT, 'Is64Bit="true"', 'Is64Bit="false"', 'ScriptDiscoverySource Is64Bit="false"'),
    (SCRIPT, 'Is64Bit="true"', 'Is64Bit="true" IsPerUser="true"', 'ScriptDiscoverySource IsPerUser="true"'),
    (SCRIPT, 'ScriptType="PowerShell"', 'ScriptType="VBScript"', 'DiscoveryScriptBody ScriptType="VBScript"'),
    (SCRIPT, 'Changeable="true"', 'Changeable="false"', "a remediation script that its rule doesn't run"),
    (SCRIPT, 'NotFound="true"', 'NotFound="false"', "no output counts as compliant"),
    (SCRIPT, "<Operator>Equals", "<Operator>NotEquals", "its rule says String, String, NotEquals, Value"),
    (SCRIPT, 'Severity="Warning"', 'Severity="Odd"', 'Rule Severity="Odd"'),
    (SCRIPT, "'Compliant'", "'Compliant'<b />", "DiscoveryScriptBody holds more than text"),
    (SCRIPT, f"ScriptSetting_{SCRIPT.id}", f"Odd_{SCRIPT.id}", "a name that doesn't begin with ScriptSetting_"),
    (SCRIPT, "RemediationScriptBody", "OtherScriptBody", "other scripts than one for discovery"),
    (SCRIPT, "ScriptDiscoverySource", "WqlQueryDiscoverySource", "discovered by WqlQueryDiscoverySource"),
    (SCRIPT, 'SettingSourceType="Script"', 'SettingSourceType="File"', "its rule says SettingReference, File"),
    (SCRIPT, 'Method="Value"', 'Method="Value" PropertyPath="a"', 'SettingReference PropertyPath="a"'),
    (SCRIPT, "SimpleSetting", "ComplexSetting", "no SimpleSetting"),
    (SCRIPT, "</Annotation>\n        <Expression>", "</Annotation><Expression /><Expression>", "doesn't compare one setting"),
    (SCRIPT, "</Expression>\n", "</Expression><Odd />\n", "more than one comparison"),
    (SCRIPT, '<ConstantValue Value="Compliant" DataType="String" />', "<Expression />", "compared with Expression"),
    (SCRIPT, '<ConstantValue Value="Compliant" DataType="String" />', LISTED, "compared with a list"),
    (SCRIPT, '<DisplayName Text="Settings', '<OtherName Text="Settings', "no Annotation with a DisplayName"),
    (VALUE, 'Hive="HKEY_LOCAL_MACHINE"', 'Hive="HKEY_CURRENT_USER"', 'Hive="HKEY_CURRENT_USER"'),
    (VALUE, 'Is64Bit="true"', 'Is64Bit="false"', 'RegistryDiscoverySource Is64Bit="false"'),
    (VALUE, 'Depth="Base"', 'Depth="Subtree"', 'RegistryDiscoverySource Depth="Subtree"'),
    (VALUE, 'Changeable="false"', 'Changeable="true"', "remediated by the client itself"),
    (VALUE, "<Operator>Equals", "<Operator>GreaterThan", "compared by GreaterThan of Value"),
    (VALUE, 'Value="1"', 'Value="one"', "compared with 'one', which is no number"),
    (VALUE, 'Value="1"', f'Value="{2**63}"', "wider than Int64"),
    (VALUE, "</ValueName>", "</ValueName><Other />", "other than a Key and a ValueName"),
    (VALUE, 'SimpleSetting LogicalName="', 'SimpleSetting LogicalName="x', "0 rules, where one is read"),
    (LIST, 'DataType="Int64Array"', 'DataType="StringArray"', "a list of type StringArray"),
    (LIST, "<Operator>OneOf", "<Operator>AllOf", "compared by AllOf of Value"),
    (PRESENCE, 'Value="0"', 'Value="2"', "its rule says Int64, ('2',), False"),
    (PRESENCE, "<Operator>Equals", "<Operator>LessThan", "its rule says False, False"),
]


@pytest.mark.parametrize(("setting", "old", "new", "reason"), UNREAD)
def test_a_setting_that_means_more_is_left_out_with_a_reason(setting: Setting, old: str, new: str, reason: str) -> None:
    text = item_digest(samples.item(setting, replace(SCRIPT, id="9"))).decode()
    # The neighbour's own words come later, in either list.
    is_pair = old.isalpha() or old.startswith("ScriptSetting_")
    read = read_digest(text.replace(old, new, 2 if is_pair else 1).encode())
    assert isinstance(read, ConfigurationItem)
    assert [kept.id for kept in read.settings] == ["9"]
    assert any(reason in left for left in read.unread), read.unread


def test_of_two_settings_with_one_id_the_first_is_read() -> None:
    text = item_digest(samples.item(SCRIPT, replace(VALUE, id="9"))).decode()
    read = read_digest(text.replace("_9", f"_{SCRIPT.id}").encode())
    assert read == replace(samples.item(SCRIPT), unread=(f"SimpleSetting RegSetting_{SCRIPT.id}: another setting has its id",))


def test_what_is_around_the_settings_is_told() -> None:
    text = item_digest(samples.item(SCRIPT)).decode()
    text = text.replace('Version="3">', 'Version="3" ConfigurationFlags="256">', 1)
    text = text.replace("<SuppressionReferences />", "<SuppressionReferences /><File />")
    text = text.replace("    <Rules>", "    <Odd /><Rules>")
    read = read_digest(text.encode())
    assert read == replace(samples.item(SCRIPT), unread=('ConfigurationFlags="256"', "Odd", "Parts: File"))


def test_a_rule_about_another_item_is_told() -> None:
    text = item_digest(samples.item(SCRIPT)).decode()
    text = text.replace('Version="3" DataType', 'Version="2" DataType')
    read = read_digest(text.encode())
    assert read.unread == (
        f"SimpleSetting {SCRIPT.logical_name}: 0 rules, where one is read",
        f"Rule Rule_{SCRIPT.id}: of no setting",
    )


def test_two_rules_of_a_setting_are_not_one() -> None:
    text = item_digest(samples.item(SCRIPT)).decode()
    rule = text[text.index("      <Rule ") : text.index("    </Rules>")]
    read = read_digest(text.replace("    </Rules>", rule + "    </Rules>").encode())
    assert read.unread == (f"SimpleSetting {SCRIPT.logical_name}: 2 rules, where one is read",)


def test_members_of_a_baseline_that_are_no_such_items_are_told() -> None:
    text = baseline_digest(samples.baseline(ITEM)).decode()
    members = '<RequiredItems><ApplicationReference AuthoringScopeId="a" LogicalName="Application_1" /></RequiredItems>'
    read = read_digest(
        text.replace("<RequiredItems />", members).replace('Version="1"', 'Version="1" ConfigurationFlags="65"').encode()
    )
    assert read == replace(
        samples.baseline(replace(ITEM, revision=LATEST)),
        unread=('ConfigurationFlags="65"', "RequiredItems: ApplicationReference Application_1"),
    )


WHOLE = item_digest(samples.item(SCRIPT, VALUE, LIST, PRESENCE))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no well-formed XML"),
        (b"<a/>", "its root is a"),
        (b"\xff\xfe<", "neither UTF-8 nor UTF-16"),
        (b"\x80", "neither UTF-8 nor UTF-16"),
        (b" " * (8 * 2**20 + 1), "at most"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        (b"<?xml version='1.0'?><!-- a --> <?b?><!DOCTYPE a><a/>", "document type"),
        (WHOLE.replace(b"OperatingSystem ", b"Application ").replace(b"/OperatingSystem>", b"/Application>"), "Application"),
        (WHOLE.replace(b' Version="3">', b">"), "no Version"),
        (WHOLE.replace(b' Version="3">', b' Version="4294967296">'), "no Version"),
        (WHOLE.replace(b"LogicalName=", b"Name=", 1), "no identity"),
        (WHOLE.replace(b"<RuleExpression", b"<Other"), "no platform"),
        (WHOLE.replace(b"<DisplayName", b"<OtherName", 1), "no Annotation with a DisplayName"),
        (WHOLE.replace(b"<Annotation xmlns", b"<Odd xmlns", 1).replace(b"</Annotation>", b"</Odd>", 1), "no Annotation"),
        (WHOLE.replace(b"  </OperatingSystem>", b"  </OperatingSystem><Baseline />"), "one object, and this one 2"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_digest_is_refused_with_a_reason(content: bytes, reason: str) -> None:
    with pytest.raises(DigestError, match=reason):
        read_digest(content)


def read_or_refuse(content: bytes) -> None:
    """Anything else than DigestError goes through."""
    with contextlib.suppress(DigestError):
        assert read_digest(content).identity.unique_id


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    read_or_refuse(content)


@given(st.integers(0, len(WHOLE) - 1))
def test_a_digest_cut_off_is_refused(length: int) -> None:
    # The last byte is the line end after the root.
    if length < len(WHOLE) - 1:
        with pytest.raises(DigestError):
            read_digest(WHOLE[:length])


@given(st.integers(0, len(WHOLE) - 1), st.binary(max_size=3), st.integers(0, 30))
def test_a_damaged_digest_is_read_or_refused(place: int, put: bytes, taken: int) -> None:
    read_or_refuse(WHOLE[:place] + put + WHOLE[place + taken :])


WORDS = sorted(set(re.split(r'[<>"\s]+', WHOLE.decode("utf-8-sig"))) - {""})


@given(st.sampled_from(WORDS), st.sampled_from(WORDS), st.integers(1, 3))
def test_a_digest_with_other_words_is_read_or_refused(word: str, other: str, times: int) -> None:
    read_or_refuse(WHOLE.replace(word.encode(), other.encode(), times))
