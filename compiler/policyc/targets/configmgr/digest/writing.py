"""Objects to digests: elements and attributes in the order in which ConfigMgr's console exports them."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator

from policyc.model import Severity
from policyc.targets.configmgr.digest.escaping import attribute, content, holdable, script
from policyc.targets.configmgr.digest.model import (
    CO_MANAGED,
    LISTS,
    Baseline,
    ConfigurationItem,
    Identity,
    RegistryExistenceSetting,
    RegistryValueSetting,
    ScriptSetting,
    Setting,
)
from policyc.targets.configmgr.digest.resources import resource_id

DIGEST = "http://schemas.microsoft.com/SystemsCenterConfigurationManager/2009/07/10/DesiredConfiguration"
RULES = "http://schemas.microsoft.com/SystemsCenterConfigurationManager/2009/06/14/Rules"
_IN_RULES = f' xmlns="{RULES}"'

SEVERITIES = {
    Severity.NONE: "None",
    Severity.INFORMATIONAL: "Informational",
    Severity.WARNING: "Warning",
    Severity.CRITICAL: "Critical",
    Severity.CRITICAL_WITH_EVENT: "CriticalWithEvent",
}

MEMBERS = (
    "RequiredItems",
    "ProhibitedItems",
    "OptionalItems",
    "OperatingSystems",
    "SoftwareUpdates",
    "Baselines",
    "OtherConfigurationItems",
)
"""The children of a baseline, all of which must be there."""


def item_digest(item: ConfigurationItem) -> bytes:
    """The digest of a configuration item. ValueError for a script or a registry path that XML can't hold."""
    owner = item.identity
    lines = [
        f"  <OperatingSystem {_identity(owner)}>",
        *_annotation(owner, "", item.name, item.description, "    ", _IN_RULES),
        "    <Parts>",
        "      <SuppressionReferences />",
        "    </Parts>",
        "    <Settings>",
        "      <RootComplexSetting>",
    ]
    for setting in item.settings:
        lines += _setting(owner, setting)
    lines += ["      </RootComplexSetting>", "    </Settings>"]
    if item.settings:
        lines.append("    <Rules>")
        for setting in item.settings:
            lines += _rule(owner, setting)
        lines.append("    </Rules>")
    lines += _platforms(item.platforms)
    lines.append("  </OperatingSystem>")
    return _document(lines)


def baseline_digest(baseline: Baseline) -> bytes:
    """The digest of a baseline, whose items are each taken in their latest revision."""
    owner = baseline.identity
    flags = f' ConfigurationFlags="{CO_MANAGED}"' if baseline.co_managed else ""
    lines = [
        f"  <Baseline {_identity(owner)}{flags}>",
        *_annotation(owner, "", baseline.name, baseline.description, "    ", _IN_RULES),
    ]
    for members in MEMBERS:
        if members == "OperatingSystems" and baseline.items:
            lines.append(f"    <{members}>")
            lines += (f"      <OperatingSystemReference {_reference(item)} />" for item in baseline.items)
            lines.append(f"    </{members}>")
        else:
            lines.append(f"    <{members} />")
    lines.append("  </Baseline>")
    return _document(lines)


def _document(lines: list[str]) -> bytes:
    # The mark alone would make text of two bytes a character of all that follows.
    return (
        BOM_UTF8
        + "\n".join(
            (
                '<?xml version="1.0" encoding="utf-8"?>',
                f'<DesiredConfigurationDigest xmlns="{DIGEST}">',
                "  <!--Authored against the following schema version: 5-->",
                *lines,
                "</DesiredConfigurationDigest>\n",
            )
        ).encode()
    )


def _reference(identity: Identity) -> str:
    return f'AuthoringScopeId="{attribute(identity.scope)}" LogicalName="{attribute(identity.logical_name)}"'


def _identity(identity: Identity) -> str:
    return f'{_reference(identity)} Version="{identity.revision}"'


def _annotation(owner: Identity, part: str, name: str, description: str, indent: str, namespace: str = "") -> Iterator[str]:
    """The texts for people. A description that isn't there has no ResourceId."""
    yield f"{indent}<Annotation{namespace}>"
    for element, text in (("DisplayName", name), ("Description", description)):
        identified = text or element == "DisplayName"
        resource = f' ResourceId="{resource_id(owner.logical_name, part, element)}"' if identified else ""
        yield f'{indent}  <{element} Text="{attribute(holdable(text))}"{resource} />'
    yield f"{indent}</Annotation>"


def _setting(owner: Identity, setting: Setting) -> Iterator[str]:
    name = setting.logical_name
    yield f'        <SimpleSetting LogicalName="{attribute(name)}" DataType="{_data_type(setting)}">'
    yield from _annotation(owner, name, setting.name, setting.description, "          ", _IN_RULES)
    yield from _script_source(setting) if isinstance(setting, ScriptSetting) else _registry_source(setting)
    yield "        </SimpleSetting>"


def _script_source(setting: ScriptSetting) -> Iterator[str]:
    # Is64Bit: the native PowerShell, where false is the 32-bit one.
    yield '          <ScriptDiscoverySource Is64Bit="true">'
    yield _script_body("DiscoveryScriptBody", setting.discovery)
    if setting.remediation is not None:
        yield _script_body("RemediationScriptBody", setting.remediation)
    yield "          </ScriptDiscoverySource>"


def _script_body(element: str, text: str) -> str:
    """On the lines of the script: anything between a tag and its text would become part of it."""
    return f'            <{element} ScriptType="PowerShell">{script(text)}</{element}>'


def _registry_source(setting: RegistryValueSetting | RegistryExistenceSetting) -> Iterator[str]:
    # CreateMissingPath is on each exported one, and without effect where nothing is remediated.
    yield ('          <RegistryDiscoverySource Hive="HKEY_LOCAL_MACHINE" Depth="Base" Is64Bit="true" CreateMissingPath="true">')
    yield f"            <Key>{content(setting.key)}</Key>"
    yield f"            <ValueName>{content(setting.value_name)}</ValueName>"
    yield "          </RegistryDiscoverySource>"


def _rule(owner: Identity, setting: Setting) -> Iterator[str]:
    rule = f"Rule_{setting.id}"
    operator, method, constants = _comparison(setting)
    remediates = isinstance(setting, ScriptSetting) and setting.remediation is not None
    source = "Script" if isinstance(setting, ScriptSetting) else "Registry"
    data_type = "Int64" if method == "Count" else _data_type(setting)
    yield (
        f'      <Rule{_IN_RULES} id="{attribute(rule)}" Severity="{SEVERITIES[setting.severity]}"'
        f' NonCompliantWhenSettingIsNotFound="{_boolean(_missing_is_noncompliant(setting))}">'
    )
    yield from _annotation(owner, rule, setting.name, setting.description, "        ")
    yield "        <Expression>"
    yield f"          <Operator>{operator}</Operator>"
    yield "          <Operands>"
    yield (
        f'            <SettingReference {_identity(owner)} DataType="{data_type}"'
        f' SettingLogicalName="{attribute(setting.logical_name)}" SettingSourceType="{source}" Method="{method}"'
        f' Changeable="{_boolean(remediates)}" />'
    )
    yield from constants
    yield "          </Operands>"
    yield "        </Expression>"
    yield "      </Rule>"


def _comparison(setting: Setting) -> tuple[str, str, list[str]]:
    """(Operator, Method, what the setting is compared with)."""
    if isinstance(setting, ScriptSetting):
        return "BeginsWith" if setting.begins else "Equals", "Value", [_constant(attribute(setting.expected), "String")]
    if isinstance(setting, RegistryExistenceSetting):
        return "NotEquals" if setting.must_exist else "Equals", "Count", [_constant("0", "Int64")]
    constants = [_constant(str(operand), "Int64") for operand in setting.operands]
    if setting.operator in LISTS:
        # A list has a type of its own, as in the digests of applications.
        constants = [
            '            <ConstantValueList DataType="Int64Array">',
            *(f"  {constant}" for constant in constants),
            "            </ConstantValueList>",
        ]
    return setting.operator, "Value", constants


def _constant(value: str, data_type: str) -> str:
    return f'            <ConstantValue Value="{value}" DataType="{data_type}" />'


def _missing_is_noncompliant(setting: Setting) -> bool:
    if isinstance(setting, RegistryExistenceSetting):
        # The rule counts what is there: none is an answer, not a missing one.
        return False
    return setting.missing_is_noncompliant if isinstance(setting, RegistryValueSetting) else True


def _data_type(setting: Setting) -> str:
    if isinstance(setting, RegistryExistenceSetting):
        return setting.data_type
    return "String" if isinstance(setting, ScriptSetting) else "Int64"


def _platforms(platforms: tuple[str, ...]) -> Iterator[str]:
    yield f"    <OperatingSystemDiscoveryRule{_IN_RULES}>"
    yield "      <OperatingSystemExpression>"
    yield "        <Operator>OneOf</Operator>"
    yield "        <Operands>"
    for platform in platforms:
        yield f'          <RuleExpression RuleId="{attribute(platform)}" />'
    yield "        </Operands>"
    yield "      </OperatingSystemExpression>"
    yield "    </OperatingSystemDiscoveryRule>"


def _boolean(value: bool) -> str:  # noqa: FBT001 - a value, not a switch
    return "true" if value else "false"
