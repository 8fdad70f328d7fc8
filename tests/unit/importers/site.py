"""Digests and cabinets as a site exports them, put together for tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from typing import Any

from policyc.importers import Found, Imported
from policyc.importers.cab import read
from policyc.targets.configmgr.digest import cabinet
from policyc.targets.configmgr.digest.writing import DIGEST, RULES

SCOPE = "ScopeId_0B1C2D3E-4F50-4617-8293-A4B5C6D7E8F9"
ITEM = "OperatingSystem_0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9"
OWNER = f'AuthoringScopeId="{SCOPE}" LogicalName="{ITEM}" Version="2"'
WINDOWS_10 = (
    "Windows/All_x64_Windows_10_and_higher_Clients",
    "Windows/All_x86_Windows_10_and_higher_Clients",
    "Windows/All_ARM64_Windows_10_and_higher_Clients",
)


def constant(value: object, data_type: str = "Int64") -> str:
    return f'<ConstantValue Value="{escape(str(value))}" DataType="{data_type}" />'


def constants(values: Iterable[object], data_type: str = "Int64") -> str:
    listed = "".join(constant(value, data_type) for value in values)
    return f'<ConstantValueList DataType="{data_type}Array">{listed}</ConstantValueList>'


@dataclass(frozen=True)
class Rule:
    operator: str = "Equals"
    operand: str = field(default_factory=lambda: constant(1))
    method: str = "Value"
    missing: str = "true"
    severity: str = "Warning"
    changeable: str = "false"
    attributes: str = ""
    after: str = ""

    def xml(self, setting: str, number: int, data_type: str, source: str) -> str:
        return (
            f'<Rule xmlns="{RULES}" id="Rule_{setting}_{number}" Severity="{self.severity}"'
            f' NonCompliantWhenSettingIsNotFound="{self.missing}"{self.attributes}>'
            f'<Annotation><DisplayName Text="" /><Description Text="" /></Annotation>'
            f"<Expression><Operator>{self.operator}</Operator><Operands>"
            f'<SettingReference {OWNER} DataType="{data_type}" SettingLogicalName="{setting}" SettingSourceType="{source}"'
            f' Method="{self.method}" Changeable="{self.changeable}" />{self.operand}'
            f"</Operands></Expression>{self.after}</Rule>"
        )


@dataclass(frozen=True)
class Registry:
    """A registry setting with its rules."""

    rules: tuple[Rule, ...] = (Rule(),)
    name: str = "A is 1"
    description: str = ""
    key: str = r"SOFTWARE\Policies\Example"
    value_name: str = "A"
    hive: str = "HKEY_LOCAL_MACHINE"
    bits: str = "true"
    attributes: str = ""
    data_type: str = "Int64"
    logical_name: str = "RegSetting_1"

    def source(self) -> str:
        return (
            f'<RegistryDiscoverySource Hive="{self.hive}" Depth="Base" Is64Bit="{self.bits}" CreateMissingPath="true"'
            f"{self.attributes}><Key>{escape(self.key)}</Key><ValueName>{escape(self.value_name)}</ValueName></RegistryDiscoverySource>"
        )

    source_type = "Registry"


@dataclass(frozen=True)
class Other(Registry):
    """A setting with any other source."""

    body: str = "<WqlQueryDiscoverySource />"

    def source(self) -> str:
        return self.body

    source_type = "Script"


def annotation(name: str, description: str = "", resource: str = "") -> str:
    identified = f' ResourceId="{resource}"' if resource else ""
    return (
        f'<Annotation xmlns="{RULES}"><DisplayName Text="{escape(name)}"{identified} />'
        f'<Description Text="{escape(description)}" /></Annotation>'
    )


def item(
    *settings: Registry,
    name: str = "An item",
    platforms: Iterable[str] = WINDOWS_10,
    parts: str = "<SuppressionReferences />",
    element: str = "OperatingSystem",
    rules: str = "",
    resource: str = "",
) -> bytes:
    body = "".join(
        f'<SimpleSetting LogicalName="{one.logical_name}" DataType="{one.data_type}">'
        f"{annotation(one.name, one.description, resource)}{one.source()}</SimpleSetting>"
        for one in settings
    )
    judged = "".join(
        rule.xml(one.logical_name, number, one.data_type, one.source_type)
        for one in settings
        for number, rule in enumerate(one.rules)
    )
    operands = "".join(f'<RuleExpression RuleId="{platform}" />' for platform in platforms)
    return document(
        f"<{element} {OWNER}>{annotation(name)}<Parts>{parts}</Parts>"
        f"<Settings><RootComplexSetting>{body}</RootComplexSetting></Settings><Rules>{judged}{rules}</Rules>"
        f'<OperatingSystemDiscoveryRule xmlns="{RULES}"><OperatingSystemExpression><Operator>OneOf</Operator>'
        f"<Operands>{operands}</Operands></OperatingSystemExpression></OperatingSystemDiscoveryRule></{element}>"
    )


def document(body: str) -> bytes:
    declared = '<?xml version="1.0" encoding="utf-16"?>'
    return f'{declared}<DesiredConfigurationDigest xmlns="{DIGEST}">{body}</DesiredConfigurationDigest>'.encode("utf-8-sig")


def imported(*settings: Registry, **options: Any) -> Imported:
    """What comes of a digest with these settings."""
    return read(item(*settings, **options), "item.xml")


def only(*settings: Registry, **options: Any) -> Found:
    """The only setting that comes of it, with nothing left out."""
    made = imported(*settings, **options)
    assert made.refused == ()
    [found] = made.settings
    return found


def reason(*settings: Registry, **options: Any) -> str:
    """Why the only thing in it is left out."""
    made = imported(*settings, **options)
    assert made.settings == ()
    [refused] = made.refused
    return refused.reason


def packed(*digests: bytes, **others: bytes) -> bytes:
    """A cabinet of them, as the console names the files."""
    files = {f"{number}.xml": digest for number, digest in enumerate(digests)}
    return cabinet(files | {name.replace("_", "."): content for name, content in others.items()})
