"""What a digest looks like, and that a schema of real ones accepts it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given

from policyc.model import Severity
from policyc.targets.configmgr.digest import (
    ConfigurationItem,
    Identity,
    RegistryValueSetting,
    ScriptSetting,
    Setting,
    baseline_digest,
    item_digest,
    resource_texts,
)
from policyc.targets.configmgr.digest.escaping import holdable
from policyc.targets.configmgr.digest.escaping import script as escaped_script
from unit.targets.digest import samples
from unit.targets.digest.samples import BASELINES, ITEM, ITEMS, LIST, PRESENCE, SCRIPT, VALUE

etree = pytest.importorskip("lxml.etree")
SCHEMAS = Path(__file__).parent / "schemas"
EXPECTED = Path(__file__).parent / "expected"
STRING_ARRAY = b'<xs:enumeration value="StringArray"/>'


@cache
def schema() -> etree.XMLSchema:
    """The schema inferred from exported digests, which have no list of numbers among them: its type is added."""

    class Rules(etree.Resolver):
        def resolve(self, url: str, _public_id: str | None, context: object) -> object:
            content = (SCHEMAS / Path(url).name).read_bytes()
            assert content.count(STRING_ARRAY) == 1
            widened = content.replace(STRING_ARRAY, STRING_ARRAY + STRING_ARRAY.replace(b"String", b"Int64"))
            return self.resolve_string(widened, context, base_url=url)

    parser = etree.XMLParser()
    parser.resolvers.add(Rules())
    content = (SCHEMAS / "dcm-digest.xsd").read_bytes()
    return etree.XMLSchema(etree.fromstring(content, parser, base_url=(SCHEMAS / "dcm-digest.xsd").as_uri()))


def complaints(digest: bytes) -> list[str]:
    schema().validate(etree.fromstring(digest))
    return [error.message for error in schema().error_log]


@given(ITEMS)
def test_each_item_is_valid(item: ConfigurationItem) -> None:
    assert complaints(item_digest(item)) == []


@given(BASELINES)
def test_each_baseline_is_valid(baseline: samples.Baseline) -> None:
    assert complaints(baseline_digest(baseline)) == []


def swapped(first: str, second: str) -> Callable[[str], str]:
    return lambda text: re.sub(f"({first})(\\s*)({second})", r"\3\2\1", text, count=1, flags=re.DOTALL)


def replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


@pytest.mark.parametrize(
    "damage",
    [
        swapped("<Parts>.*?</Parts>", "<Settings>.*?</Settings>"),
        swapped("<Settings>.*?</Settings>", "<Rules>.*?</Rules>"),
        swapped("<DisplayName[^>]*>", "<Description[^>]*>"),
        swapped("<Key>[^<]*</Key>", "<ValueName>[^<]*</ValueName>"),
        swapped("<DiscoveryScriptBody.*?</DiscoveryScriptBody>", "<RemediationScriptBody.*?</RemediationScriptBody>"),
        swapped("<Operator>[^<]*</Operator>", "<Operands>.*?</Operands>"),
        swapped("<SettingReference[^>]*>", "<ConstantValue [^>]*>"),
        replaced(' Version="3"', ""),
        replaced("<SuppressionReferences />", ""),
        replaced('ScriptType="PowerShell"', ""),
        replaced('Severity="Warning"', 'Severity="warning"'),
        replaced(' NonCompliantWhenSettingIsNotFound="true"', ""),
        replaced('Method="Value"', 'Method="All"'),
        replaced('DataType="Int64"', 'DataType="Integer"'),
        replaced('Hive="HKEY_LOCAL_MACHINE"', 'Hive="HKLM"'),
        replaced('id="Rule_', 'id="'),
        replaced('ResourceId="ID-', 'ResourceId="'),
        replaced('<RuleExpression RuleId="Windows/All_Windows_Client_Server" />', ""),
        replaced("<Operator>OneOf</Operator>", "<Operator>AnyOf</Operator>"),
        replaced(' xmlns="http://schemas.microsoft.com/SystemsCenterConfigurationManager/2009/06/14/Rules"', ""),
    ],
)
def test_the_schema_sees_each_damage(damage: Callable[[str], str]) -> None:
    whole = item_digest(samples.item(VALUE, SCRIPT)).decode("utf-8-sig")
    damaged = damage(whole)
    assert damaged != whole
    assert complaints(whole.encode()) == []
    assert complaints(damaged.encode()) != []


def test_the_schema_sees_a_missing_part_of_a_baseline() -> None:
    whole = baseline_digest(samples.baseline(ITEM))
    assert complaints(whole.replace(b"    <ProhibitedItems />\n", b"")) != []


def test_an_item_looks_like_this() -> None:
    assert item_digest(samples.item(SCRIPT, VALUE, LIST, PRESENCE)) == (EXPECTED / "item.xml").read_bytes()


def test_a_baseline_looks_like_this() -> None:
    assert baseline_digest(samples.baseline(ITEM)) == (EXPECTED / "baseline.xml").read_bytes()


def test_an_item_without_settings_has_no_rules() -> None:
    text = item_digest(samples.item()).decode()
    assert "<Rules>" not in text
    assert complaints(text.encode()) == []


def rule_of(setting: Setting) -> etree._Element:
    root = etree.fromstring(item_digest(samples.item(setting)))
    [rule] = root.iter("{*}Rule")
    return rule


@pytest.mark.parametrize(
    ("severity", "spelling"),
    [
        ("none", "None"),
        ("informational", "Informational"),
        ("warning", "Warning"),
        ("critical", "Critical"),
        ("critical-with-event", "CriticalWithEvent"),
    ],
)
def test_severities_are_spelled_as_the_digest_does(severity: str, spelling: str) -> None:
    setting = ScriptSetting("1", "a", "", "", None, Severity(severity))
    assert rule_of(setting).get("Severity") == spelling
    assert len(Severity) == 5


@pytest.mark.parametrize(("remediation", "changeable"), [("'x'", "true"), ("", "true"), (None, "false")])
def test_a_rule_remediates_where_there_is_a_script_for_it(remediation: str | None, changeable: str) -> None:
    setting = ScriptSetting("1", "a", "", "", remediation, Severity.NONE)
    [reference] = rule_of(setting).iter("{*}SettingReference")
    assert reference.get("Changeable") == changeable
    assert (b"RemediationScriptBody" in item_digest(samples.item(setting))) is (remediation is not None)


@pytest.mark.parametrize("setting", [SCRIPT, VALUE, LIST, PRESENCE])
def test_a_rule_repeats_the_identity_of_its_item(setting: Setting) -> None:
    [reference] = rule_of(setting).iter("{*}SettingReference")
    assert [reference.get(name) for name in ("AuthoringScopeId", "LogicalName", "Version")] == [
        ITEM.scope,
        ITEM.logical_name,
        "3",
    ]
    assert reference.get("SettingLogicalName") == setting.logical_name


@pytest.mark.parametrize(
    ("setting", "operator", "method", "missing"),
    [
        (SCRIPT, "Equals", "Value", "true"),
        (VALUE, "Equals", "Value", "true"),
        (LIST, "OneOf", "Value", "false"),
        (PRESENCE, "Equals", "Count", "false"),
    ],
)
def test_what_a_rule_compares(setting: Setting, operator: str, method: str, missing: str) -> None:
    rule = rule_of(setting)
    assert rule.findtext(".//{*}Operator") == operator
    assert [reference.get("Method") for reference in rule.iter("{*}SettingReference")] == [method]
    assert rule.get("NonCompliantWhenSettingIsNotFound") == missing


def test_a_list_of_numbers_has_a_type_of_its_own() -> None:
    [values] = rule_of(LIST).iter("{*}ConstantValueList")
    assert values.get("DataType") == "Int64Array"
    assert [(value.get("Value"), value.get("DataType")) for value in values] == [("2", "Int64"), ("3", "Int64")]


def test_registry_settings_are_never_changed() -> None:
    digest = item_digest(samples.item(VALUE, LIST, PRESENCE))
    assert b'Changeable="true"' not in digest
    assert digest.count(b'<RegistryDiscoverySource Hive="HKEY_LOCAL_MACHINE" Depth="Base" Is64Bit="true"') == 3


@given(ITEMS)
def test_each_resource_is_named_once_and_has_its_text(item: ConfigurationItem) -> None:
    root = etree.fromstring(item_digest(item))
    named = [(element.get("ResourceId"), element.get("Text")) for element in root.iter() if element.get("ResourceId")]
    assert sorted(resource_texts(item).items()) == sorted(named)
    without = [element for element in root.iter("{*}DisplayName", "{*}Description") if not element.get("ResourceId")]
    assert {(etree.QName(element).localname, element.get("Text")) for element in without} <= {("Description", "")}


@given(ITEMS)
def test_the_same_item_gives_the_same_bytes(item: ConfigurationItem) -> None:
    digest = item_digest(item)
    assert item_digest(item) == digest
    assert digest.startswith(b"\xef\xbb\xbf<?xml")
    assert b"\r" not in digest


def test_an_identity_is_part_of_each_resource_id() -> None:
    other = ConfigurationItem(Identity(ITEM.scope, "OperatingSystem_other", 3), "An item", "", (SCRIPT,), samples.EVERYWHERE)
    assert set(resource_texts(other)).isdisjoint(resource_texts(samples.item(SCRIPT)))


@pytest.mark.parametrize(
    ("script", "words"),
    [("'\u00e9'", "is ASCII, and this one has \u00e9"), ("a\x00", "no control characters"), ("\ud800", "<U+D800>")],
)
def test_a_script_that_xml_would_change_is_refused(script: str, words: str) -> None:
    setting = ScriptSetting("1", "a", "", script, None, Severity.NONE)
    with pytest.raises(ValueError, match=re.escape(words)):
        item_digest(samples.item(setting))


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_a_place_that_xml_would_change_is_refused(character: str) -> None:
    setting = RegistryValueSetting("1", "a", "", f"SOFTWARE\\{character}", "b", "Equals", (1,), True, Severity.NONE)
    with pytest.raises(ValueError, match=re.escape(f"<U+{ord(character):04X}>")):
        item_digest(samples.item(setting))
    assert holdable(f"a{character}\t\n\rb") == f"a<U+{ord(character):04X}>\t\n\rb"


@pytest.mark.parametrize(("operator", "operands"), [("Equals", ()), ("Equals", (1, 2)), ("OneOf", ()), ("NotEquals", (2**63,))])
def test_a_comparison_that_means_nothing_is_refused(operator: str, operands: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"operands|Int64"):
        RegistryValueSetting("1", "a", "", "b", "c", operator, operands, True, Severity.NONE)  # type: ignore[arg-type]


def test_an_item_that_no_site_takes_is_refused() -> None:
    with pytest.raises(ValueError, match="platform"):
        ConfigurationItem(ITEM, "a", "", (), ())
    with pytest.raises(ValueError, match="one id"):
        samples.item(SCRIPT, SCRIPT)
    with pytest.raises(ValueError, match="32 bits"):
        Identity("ScopeId_1", "OperatingSystem_1", -1)


def test_functions_that_begin_alike_are_escaped_each_for_itself() -> None:
    begin = "#region policyc engine, SHA-256 " + "0" * 200
    scripts = [f"'<{number}>'\n{begin}\n{number} & {number}\n#endregion\n" for number in (1, 2, 1)]
    for one in scripts:
        assert etree.fromstring(f"<s>{escaped_script(one)}</s>").text == one


def test_functions_that_xml_would_change_are_refused() -> None:
    with pytest.raises(ValueError, match="control characters"):
        escaped_script("1\n#region a\n\x07\n")
    with pytest.raises(ValueError, match="ASCII"):
        escaped_script("1\n#region a\n\xfc\n")
