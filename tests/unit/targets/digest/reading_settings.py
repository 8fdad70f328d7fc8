"""One setting of a digest and its rule, to the model. `UnreadError` where the model can't hold what they say."""

from __future__ import annotations

from typing import Literal, NamedTuple
from xml.etree import ElementTree as ET

from policyc.model import Severity
from policyc.targets.configmgr.digest.errors import DigestError
from policyc.targets.configmgr.digest.model import (
    LISTS,
    ONE_OPERAND,
    RegistryExistenceSetting,
    RegistryValueSetting,
    ScriptSetting,
    Setting,
    ValueOperator,
)
from policyc.targets.configmgr.digest.tree import digest, integer, local_name, rules
from policyc.targets.configmgr.digest.writing import SEVERITIES

_SEVERITY = {spelling: severity for severity, spelling in SEVERITIES.items()}
_READ_AS: dict[str, Literal["Int64", "String"]] = {"Int64": "Int64", "String": "String"}

_SCRIPT_SOURCE = {"Is64Bit": ("true",), "IsPerUser": (None, "false")}
_REGISTRY_SOURCE = {
    "Hive": ("HKEY_LOCAL_MACHINE",),
    "Depth": ("Base",),
    "Is64Bit": ("true",),
    "IsPerUser": (None, "false"),
    # What remediation would create, and how: nothing here is remediated.
    "CreateMissingPath": (None, "true", "false"),
    "RemediateDword": (None, "true", "false"),
}
_OF_A_REFERENCE = ("AuthoringScopeId", "LogicalName", "Version", "DataType", "SettingLogicalName", "SettingSourceType")


def texts(element: ET.Element) -> tuple[str, str]:
    """(name, description) of an object or a setting. DigestError where it has none."""
    annotation = element.find(rules("Annotation"))
    shown = [None if annotation is None else annotation.find(rules(name)) for name in ("DisplayName", "Description")]
    name, description = ("" if text is None else text.get("Text", "") for text in shown)
    if shown[0] is None:
        raise DigestError(f"{local_name(element)} has no Annotation with a DisplayName")
    return name, description


class UnreadError(Exception):
    """Why a setting isn't read."""


class Rule(NamedTuple):
    """What the one rule of a setting says."""

    operator: str
    method: str
    constants: tuple[str, ...]
    is_list: bool
    constant_type: str
    severity: Severity
    missing_is_noncompliant: bool
    remediates: bool


def read_setting(element: ET.Element, its_rules: list[ET.Element]) -> Setting:
    """The setting with its rule, all of what they mean."""
    if element.tag != digest("SimpleSetting"):
        raise UnreadError("no SimpleSetting")
    _require(element, {"LogicalName": (element.get("LogicalName"),), "DataType": ("String", "Int64")})
    if len(its_rules) != 1:
        raise UnreadError(f"{len(its_rules)} rules, where one is read")
    try:
        name, description = texts(element)
    except DigestError as error:
        raise UnreadError(str(error)) from None
    source = [child for child in element if child.tag != rules("Annotation")]
    if len(source) == 1 and source[0].tag == digest("ScriptDiscoverySource"):
        return _script(element, source[0], _rule(its_rules[0], "Script"), name, description)
    if len(source) == 1 and source[0].tag == digest("RegistryDiscoverySource"):
        return _registry(element, source[0], _rule(its_rules[0], "Registry"), name, description)
    raise UnreadError(f"discovered by {', '.join(map(local_name, source)) or 'nothing'}")


def _script(element: ET.Element, source: ET.Element, rule: Rule, name: str, description: str) -> ScriptSetting:
    _require(source, _SCRIPT_SOURCE)
    bodies = {local_name(body): body for body in source}
    discovery = bodies.pop("DiscoveryScriptBody", None)
    remediation = bodies.pop("RemediationScriptBody", None)
    if discovery is None or bodies or len(source) > 2:
        raise UnreadError("other scripts than one for discovery and one for remediation")
    for body in source:
        _require(body, {"ScriptType": ("PowerShell",)})
        _text_only(body)
    if rule.remediates != (remediation is not None):
        raise UnreadError("a remediation script that its rule doesn't run, or the other way round")
    begins = rule.operator == "BeginsWith" and remediation is None
    _agree(
        (element.get("DataType"), rule.constant_type, rule.operator, rule.method),
        ("String", "String", "BeginsWith" if begins else "Equals", "Value"),
    )
    if not rule.missing_is_noncompliant:
        raise UnreadError("no output counts as compliant")
    return ScriptSetting(
        id=_id(element, "ScriptSetting_"),
        name=name,
        description=description,
        discovery=discovery.text or "",
        remediation=None if remediation is None else remediation.text or "",
        severity=rule.severity,
        expected=_only(rule),
        begins=begins,
    )


def _registry(
    element: ET.Element, source: ET.Element, rule: Rule, name: str, description: str
) -> RegistryValueSetting | RegistryExistenceSetting:
    _require(source, _REGISTRY_SOURCE)
    places = [(local_name(child), child.text or "") for child in source]
    if [place for place, _ in places] != ["Key", "ValueName"]:
        raise UnreadError("other than a Key and a ValueName in it")
    for child in source:
        _text_only(child)
    (_, key), (_, value_name) = places
    if rule.remediates:
        raise UnreadError("remediated by the client itself")
    known, read_as = _id(element, "RegSetting_"), element.get("DataType", "")
    if rule.method == "Count":
        _agree((rule.constant_type, rule.constants, rule.missing_is_noncompliant), ("Int64", ("0",), False))
        _agree((rule.operator in ONE_OPERAND, rule.is_list), (True, False))
        must_exist = rule.operator == "NotEquals"
        return RegistryExistenceSetting(known, name, description, key, value_name, must_exist, rule.severity, _READ_AS[read_as])
    _agree((read_as, rule.constant_type), ("Int64", "Int64"))
    try:
        return RegistryValueSetting(
            id=known,
            name=name,
            description=description,
            key=key,
            value_name=value_name,
            operator=_operator(rule),
            operands=tuple(_number(constant) for constant in rule.constants),
            missing_is_noncompliant=rule.missing_is_noncompliant,
            severity=rule.severity,
        )
    except ValueError as error:
        raise UnreadError(str(error)) from None


def _rule(element: ET.Element, source_type: str) -> Rule:
    expression = element.find(rules("Expression"))
    operands = None if expression is None else expression.find(rules("Operands"))
    if expression is None or operands is None or len(expression) != 2 or len(operands) != 2:
        raise UnreadError("a rule that doesn't compare one setting with one operand")
    reference, operand = operands
    if [child.tag for child in element] != [rules("Annotation"), rules("Expression")]:
        raise UnreadError("a rule with more than one comparison")
    _require(
        element,
        {
            "id": (element.get("id"),),
            "Severity": tuple(_SEVERITY),
            "NonCompliantWhenSettingIsNotFound": ("true", "false"),
        },
    )
    _agree((local_name(reference), reference.get("SettingSourceType")), ("SettingReference", source_type))
    unsaid = {name: (reference.get(name),) for name in _OF_A_REFERENCE}
    _require(reference, {**unsaid, "Method": ("Value", "Count"), "Changeable": ("true", "false")})
    is_list = operand.tag == rules("ConstantValueList")
    constants = list(operand) if is_list else [operand]
    types = {constant.get("DataType", "") for constant in constants}
    list_type = operand.get("DataType", "") if is_list else ""
    if any(constant.tag != rules("ConstantValue") for constant in constants) or len(types) != 1:
        raise UnreadError(f"compared with {local_name(operand)}")
    [constant_type] = types
    if is_list and list_type != f"{constant_type}Array":
        raise UnreadError(f"a list of type {list_type}")
    return Rule(
        operator=expression.findtext(rules("Operator"), ""),
        method=reference.get("Method", ""),
        constants=tuple(constant.get("Value", "") for constant in constants),
        is_list=is_list,
        constant_type=constant_type,
        severity=_SEVERITY[element.get("Severity", "")],
        missing_is_noncompliant=element.get("NonCompliantWhenSettingIsNotFound") == "true",
        remediates=reference.get("Changeable") == "true",
    )


def _require(element: ET.Element, allowed: dict[str, tuple[str | None, ...]]) -> None:
    """Each attribute is one of these, None where it may be absent."""
    for name in {**allowed, **element.attrib}:
        if element.get(name) not in allowed.get(name, ()):
            raise UnreadError(f'{local_name(element)} {name}="{element.get(name, "")}"')


def _text_only(element: ET.Element) -> None:
    if len(element):
        raise UnreadError(f"{local_name(element)} holds more than text")


def _agree(found: tuple[object, ...], wanted: tuple[object, ...]) -> None:
    if found != wanted:
        raise UnreadError(f"its rule says {', '.join(map(str, found))}, where {', '.join(map(str, wanted))} is read")


def _operator(rule: Rule) -> ValueOperator:
    for operator in LISTS if rule.is_list else ONE_OPERAND:
        if operator == rule.operator and rule.method == "Value":
            return operator
    raise UnreadError(f"compared by {rule.operator} of {rule.method}")


def _only(rule: Rule) -> str:
    if rule.is_list:
        raise UnreadError("a script compared with a list")
    return rule.constants[0]


def _number(text: str) -> int:
    number = integer(text)
    if number is None:
        raise UnreadError(f"compared with {text!r}, which is no number")
    return number


def _id(element: ET.Element, prefix: str) -> str:
    logical_name = element.get("LogicalName", "")
    if not logical_name.startswith(prefix) or logical_name == prefix:
        raise UnreadError(f"a name that doesn't begin with {prefix}")
    return logical_name.removeprefix(prefix)
