"""Digests of any site to data: each setting with its source and rules, and what else an item says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias
from xml.etree import ElementTree as ET

from policyc.targets.configmgr.digest.errors import DigestError
from policyc.targets.configmgr.digest.exported import (
    Exported,
    ExportedBaseline,
    ExportedItem,
    ExportedOther,
    ExportedRule,
    ExportedSetting,
    Kind,
    OtherSource,
    RegistryKeySource,
    RegistrySource,
    ScriptSource,
    Source,
)
from policyc.targets.configmgr.digest.parsing import parse
from policyc.targets.configmgr.digest.tree import digest, local_name, rules
from policyc.targets.configmgr.digest.writing import MEMBERS

Texts: TypeAlias = Mapping[str, str]
"""ResourceIds with their texts, from the files beside a digest."""

_KINDS: dict[str, Kind] = {
    digest("OperatingSystem"): "OperatingSystem",
    digest("BusinessPolicy"): "BusinessPolicy",
    digest("Application"): "Application",
}
_PLATFORMS = (rules("OperatingSystemDiscoveryRule"), rules("PlatformApplicabilityCondition"))
_KEY = digest("RegistryKey")
_KNOWN_PARTS = {rules("Annotation"), digest("Parts"), digest("Settings"), digest("Rules"), *_PLATFORMS}


def read_exported(content: bytes, texts: Texts) -> Exported:
    """The object that the digest describes. DigestError for what is no digest."""
    root = parse(content)
    if root.tag != digest("DesiredConfigurationDigest"):
        raise DigestError(f"this is no digest: its root is {local_name(root)}, or of another version")
    if len(root) != 1:
        raise DigestError(f"a digest describes one object, and this one {len(root)}")
    [described] = root
    if described.tag == digest("Baseline"):
        return ExportedBaseline(_shown(described, texts)[0], tuple(_members(described)))
    kind = _KINDS.get(described.tag)
    return ExportedOther(local_name(described)) if kind is None else _item(kind, described, texts)


def read_texts(content: bytes) -> dict[str, str]:
    """The texts of a .resx file by their ResourceIds."""
    found = {}
    for data in parse(content).iterfind("data"):
        found[data.get("name", "")] = data.findtext("value") or ""
    return found


def _item(kind: Kind, element: ET.Element, texts: Texts) -> ExportedItem:
    rules_of: dict[str, list[ET.Element]] = {}
    for rule in element.iterfind(f"{digest('Rules')}/{rules('Rule')}"):
        rules_of.setdefault(_judged(rule, element), []).append(rule)
    # The console's settings about keys are no settings in the digest, but parts of the item.
    described = [
        *element.iterfind(f"{digest('Settings')}/{digest('RootComplexSetting')}/*"),
        *element.iterfind(f"{digest('Parts')}/{_KEY}"),
    ]
    settings = [_setting(one, rules_of.pop(one.get("LogicalName", ""), []), texts) for one in described]
    left = [
        f"the rule {rule.get('id', '')}, which isn't about one setting of the item"
        for them in rules_of.values()
        for rule in them
    ]
    name, description = _shown(element, texts)
    platforms = (found for tag in _PLATFORMS for found in element.iterfind(f"{tag}//{rules('RuleExpression')}"))
    return ExportedItem(
        kind,
        _unique_id(element),
        name,
        description,
        tuple(settings),
        tuple(found.get("RuleId", "") for found in platforms),
        (*_more(element), *left),
    )


def _judged(rule: ET.Element, item: ET.Element) -> str:
    """The logical name of the one setting of the item that the rule is about, else nothing."""
    references = rule.findall(f".//{rules('SettingReference')}")
    if len(references) != 1 or _unique_id(references[0]) != _unique_id(item):
        return ""
    return references[0].get("SettingLogicalName", "")


def _setting(element: ET.Element, its_rules: list[ET.Element], texts: Texts) -> ExportedSetting:
    name, description = _shown(element, texts)
    if element.tag == _KEY:
        own = element.get("LogicalName", "")
        return ExportedSetting(own, "", name, description, _key(element), tuple(map(_rule, its_rules)))
    sources = [child for child in element if child.tag != rules("Annotation")]
    is_simple = element.tag == digest("SimpleSetting") and len(sources) == 1
    return ExportedSetting(
        element.get("LogicalName", ""),
        element.get("DataType", ""),
        name,
        description,
        _source(sources[0]) if is_simple else OtherSource(local_name(element)),
        tuple(map(_rule, its_rules)),
    )


def _source(element: ET.Element) -> Source:
    if element.tag == digest("RegistryDiscoverySource"):
        return _registry(element)
    if element.tag == digest("ScriptDiscoverySource"):
        return _script(element)
    return OtherSource(local_name(element))


def _registry(element: ET.Element) -> RegistrySource:
    rest = dict(element.attrib)
    read = RegistrySource(
        hive=rest.pop("Hive", ""),
        key=element.findtext(digest("Key")) or "",
        value_name=element.findtext(digest("ValueName")) or "",
        is_64_bit=_boolean(rest.pop("Is64Bit", "false")),
        per_user=_boolean(rest.pop("IsPerUser", "false")),
        remediate_dword=_boolean(rest.pop("RemediateDword", "false")),
    )
    # Where a key is made is no question: a remediation makes it.
    rest.pop("CreateMissingPath", None)
    if rest.get("Depth") == "Base":
        del rest["Depth"]
    shape = [child.tag for child in element] == [digest("Key"), digest("ValueName")]
    return replace(read, more=(*_attributes(rest), *(() if shape else ("other parts than Key and ValueName",))))


def _key(element: ET.Element) -> RegistryKeySource:
    """RegistryKeyType of Microsoft's schema: its permissions count only where it says that they are validated."""
    rest = dict(element.attrib)
    rest.pop("LogicalName", None)
    read = RegistryKeySource(
        hive=rest.pop("Hive", ""),
        key=element.findtext(digest("Key")) or "",
        is_64_bit=_boolean(rest.pop("Is64Bit", "false")),
        per_user=_boolean(rest.pop("IsPerUser", "false")),
    )
    if not _boolean(rest.get("ValidatePermissions", "false")):
        rest.pop("ValidatePermissions", None)
    if rest.get("Depth") == "Base":
        del rest["Depth"]
    others = {child.tag for child in element} - {digest("Key"), digest("Permissions"), rules("Annotation")}
    return replace(read, more=(*_attributes(rest), *sorted(tag.rpartition("}")[2] for tag in others)))


def _script(element: ET.Element) -> ScriptSource:
    bodies = {local_name(body): body for body in element}
    discovery, remediation = bodies.pop("DiscoveryScriptBody", None), bodies.pop("RemediationScriptBody", None)
    unsaid = {"Is64Bit": "true", "IsPerUser": "false"}
    more = [f'{name}="{value}"' for name, value in element.attrib.items() if unsaid.get(name) != value]
    for body in element:
        more += (f'{name}="{value}"' for name, value in body.attrib.items() if (name, value) != ("ScriptType", "PowerShell"))
    more += bodies
    return ScriptSource(
        "" if discovery is None else discovery.text or "",
        None if remediation is None else remediation.text or "",
        tuple(more),
    )


def _rule(element: ET.Element) -> ExportedRule:
    expression = element.find(rules("Expression"))
    operands = None if expression is None else expression.find(rules("Operands"))
    reference = element.find(f".//{rules('SettingReference')}")
    if expression is None or operands is None or reference is None:
        return ExportedRule("", False, "", "", (), frozenset(), False, ("no expression",))  # noqa: FBT003 - nothing is said
    compared = [child for child in operands if child is not reference]
    constants = [one for child in compared for one in (child if child.tag == rules("ConstantValueList") else (child,))]
    rest = {
        name: value
        for name, value in element.attrib.items()
        if name not in ("id", "Severity", "NonCompliantWhenSettingIsNotFound")
    }
    odd = [local_name(one) for one in constants if one.tag != rules("ConstantValue") or len(one)]
    odd += (local_name(child) for child in element if child.tag not in (rules("Annotation"), rules("Expression")))
    if len(expression) != 2 or reference not in list(operands) or len(element.findall(rules("Expression"))) != 1:
        odd.append("an expression of several parts")
    if "PropertyPath" in reference.attrib:
        odd.append("PropertyPath")
    return ExportedRule(
        severity=element.get("Severity", ""),
        missing_is_noncompliant=_boolean(element.get("NonCompliantWhenSettingIsNotFound", "false")),
        operator=expression.findtext(rules("Operator")) or "",
        method=reference.get("Method", ""),
        constants=tuple(one.get("Value", "") for one in constants),
        constant_types=frozenset(one.get("DataType", "") for one in constants),
        remediates=_boolean(reference.get("Changeable", "false")),
        more=(*_attributes(rest), *odd),
    )


def _members(baseline: ET.Element) -> Iterator[tuple[str, str]]:
    for members in baseline:
        if members.tag in map(digest, MEMBERS):
            yield from ((local_name(member), _unique_id(member)) for member in members)


def _more(item: ET.Element) -> Iterator[str]:
    yield from (local_name(part) for part in item if part.tag not in _KNOWN_PARTS)
    for part in item.iterfind(f"{digest('Parts')}/*"):
        if part.tag != _KEY and (part.tag != digest("SuppressionReferences") or len(part)):
            yield local_name(part)


def _shown(element: ET.Element, texts: Texts) -> tuple[str, str]:
    """(name, description): as the digest has them, else as the texts beside it."""
    annotation = element.find(rules("Annotation"))
    found = [None if annotation is None else annotation.find(rules(name)) for name in ("DisplayName", "Description")]
    name, description = (
        "" if text is None else text.get("Text") or texts.get(text.get("ResourceId", ""), "") for text in found
    )
    return name, description


def _unique_id(element: ET.Element) -> str:
    return f"{element.get('AuthoringScopeId', '')}/{element.get('LogicalName', '')}"


def _attributes(rest: Mapping[str, str]) -> Iterator[str]:
    yield from (f'{name}="{value}"' for name, value in rest.items())


def _boolean(text: str) -> bool:
    return text.strip().lower() in ("true", "1")
