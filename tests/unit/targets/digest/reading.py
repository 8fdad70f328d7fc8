"""Digests back to objects, to see that nothing of one is lost: policyc's own exactly, others as far as the model holds them.

A setting is read whole or not at all: one of which a part was left out would mean something else. What isn't read is
told in `unread`. Names of rules and ResourceIds are left aside, as they decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from policyc.targets.configmgr.digest.errors import DigestError
from policyc.targets.configmgr.digest.model import CO_MANAGED, LATEST, Baseline, ConfigurationItem, Identity, Setting
from policyc.targets.configmgr.digest.parsing import parse
from policyc.targets.configmgr.digest.tree import digest, integer, local_name, rules
from policyc.targets.configmgr.digest.writing import MEMBERS
from unit.targets.digest.reading_settings import UnreadError, read_setting, texts

_REVISION = range(2**32)
_IDENTITY = {"AuthoringScopeId", "LogicalName", "Version"}
_PARTS_OF_AN_ITEM = {
    rules("Annotation"),
    digest("Parts"),
    digest("Settings"),
    digest("Rules"),
    rules("OperatingSystemDiscoveryRule"),
}


def read_digest(content: bytes) -> ConfigurationItem | Baseline:
    """The object that the digest describes; DigestError with a reason for anything that is no such digest."""
    root = parse(content)
    if root.tag != digest("DesiredConfigurationDigest"):
        raise DigestError(f"this is no digest: its root is {local_name(root)}")
    if len(root) != 1:
        raise DigestError(f"a digest describes one object, and this one {len(root)}")
    [described] = root
    if described.tag == digest("OperatingSystem"):
        return _item(described)
    if described.tag == digest("Baseline"):
        return _baseline(described)
    raise DigestError(f"the digest describes a {local_name(described)}: only OperatingSystem and Baseline are read")


def _item(element: ET.Element) -> ConfigurationItem:
    settings, unread = _settings(element)
    platforms = element.findall(f"{rules('OperatingSystemDiscoveryRule')}//{rules('RuleExpression')}")
    if not platforms:
        raise DigestError("the configuration item names no platform")
    name, description = texts(element)
    return ConfigurationItem(
        identity=_identity(element),
        name=name,
        description=description,
        settings=settings,
        platforms=tuple(platform.get("RuleId", "") for platform in platforms),
        unread=(*_other_attributes(element), *_other_parts(element), *unread),
    )


def _baseline(element: ET.Element) -> Baseline:
    name, description = texts(element)
    items, unread = [], []
    for members in element:
        for member in members if members.tag in map(digest, MEMBERS) else ():
            if member.tag == digest("OperatingSystemReference"):
                items.append(_identity(member, missing_revision=LATEST))
            else:
                unread.append(f"{local_name(members)}: {local_name(member)} {member.get('LogicalName', '')}".rstrip())
    co_managed = element.get("ConfigurationFlags") == str(CO_MANAGED)
    others = () if co_managed else _other_attributes(element)
    return Baseline(_identity(element), name, description, tuple(items), co_managed, (*others, *unread))


def _settings(item: ET.Element) -> tuple[tuple[Setting, ...], list[str]]:
    """The settings that the model can hold, and what is left out."""
    rules_of: dict[str, list[ET.Element]] = {}
    for rule in item.iterfind(f"{digest('Rules')}/{rules('Rule')}"):
        rules_of.setdefault(_setting_of(rule, item), []).append(rule)
    read: dict[str, Setting] = {}
    unread: list[str] = []
    for element in item.iterfind(f"{digest('Settings')}/{digest('RootComplexSetting')}/*"):
        logical_name = element.get("LogicalName", "")
        try:
            setting = read_setting(element, rules_of.pop(logical_name, []))
            if setting.id in read:
                raise UnreadError("another setting has its id")  # noqa: TRY301 - told as the others are
        except UnreadError as error:
            unread.append(f"{local_name(element)} {logical_name}: {error}")
        else:
            read[setting.id] = setting
    unread += (f"Rule {rule.get('id', '')}: of no setting" for left in rules_of.values() for rule in left)
    return tuple(read.values()), unread


def _setting_of(rule: ET.Element, item: ET.Element) -> str:
    """The logical name of the item's own setting that the rule is about, else nothing."""
    reference = rule.find(f".//{rules('SettingReference')}")
    own = ("AuthoringScopeId", "LogicalName", "Version")
    if reference is None or any(reference.get(name) != item.get(name) for name in own):
        return ""
    return reference.get("SettingLogicalName", "")


def _identity(element: ET.Element, missing_revision: int | None = None) -> Identity:
    scope, logical_name, version = (element.get(name) for name in ("AuthoringScopeId", "LogicalName", "Version"))
    if not scope or not logical_name:
        raise DigestError(f"{local_name(element)} has no identity: it needs AuthoringScopeId and LogicalName")
    revision = missing_revision if version is None else integer(version)
    if revision is None or revision not in _REVISION:
        raise DigestError(f"{local_name(element)} {logical_name} has no Version that is a number of 32 bits")
    return Identity(scope, logical_name, revision)


def _other_attributes(element: ET.Element) -> Iterator[str]:
    yield from (f'{name}="{value}"' for name, value in element.attrib.items() if name not in _IDENTITY)


def _other_parts(item: ET.Element) -> Iterator[str]:
    for part in item:
        if part.tag not in _PARTS_OF_AN_ITEM:
            yield local_name(part)
    for part in item.iterfind(f"{digest('Parts')}/*"):
        if part.tag != digest("SuppressionReferences") or len(part):
            yield f"Parts: {local_name(part)}"
