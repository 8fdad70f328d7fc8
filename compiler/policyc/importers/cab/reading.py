"""A file of ConfigMgr's to settings, and to all that can't be one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePath

from policyc.importers.cab.files import contents
from policyc.importers.cab.inexpressible import InexpressibleError
from policyc.importers.cab.own_settings import own_settings
from policyc.importers.cab.platforms import platforms_left
from policyc.importers.cab.registry_rules import registry_setting
from policyc.importers.classes import in_classes, with_classes
from policyc.importers.found import Found, Imported, Refused
from policyc.targets.configmgr.digest.exported import (
    Exported,
    ExportedBaseline,
    ExportedItem,
    ExportedSetting,
    OtherSource,
    RegistrySource,
    ScriptSource,
)

_SOURCES = {
    "WqlQueryDiscoverySource": "it asks WMI (WqlQueryDiscoverySource)",
    "XPathQueryDiscoverySource": "it asks an XML file (XPathQueryDiscoverySource)",
    "FileSystemDiscoverySource": "it asks the file system (FileSystemDiscoverySource)",
}


def read(data: bytes, name: str, *, classes: str | None = None) -> Imported:
    """What the cabinet, or the digest, says. `name` is the file's. FormatError for anything that is neither."""
    held = contents(data, name)
    objects = held.objects
    items = [one for one in objects if isinstance(one, ExportedItem)]
    everything = [
        *held.refused,
        *_others(objects, items),
        *(part for item in items for part in _item(item, classes, alone=len(items) == 1)),
    ]
    everything += platforms_left(items)
    settings = tuple(one for one in everything if isinstance(one, Found))
    refused = tuple(one for one in everything if isinstance(one, Refused))
    return Imported(_title(objects, name), settings, refused, len(everything))


def _title(objects: Iterable[Exported], name: str) -> str:
    """The baseline's name, else that of the only item, else the file's."""
    objects = list(objects)
    baselines = [one.name for one in objects if isinstance(one, ExportedBaseline)]
    items = [one.name for one in objects if isinstance(one, ExportedItem)]
    named = baselines if len(baselines) == 1 else items if len(items) == 1 else []
    return " ".join("".join(named).split()) or PurePath(name).stem or name


def _others(objects: Iterable[Exported], items: Iterable[ExportedItem]) -> Iterator[Refused]:
    """Members of baselines that the file doesn't hold, and objects of other kinds."""
    there = {item.unique_id for item in items}
    for one in objects:
        if isinstance(one, ExportedBaseline):
            for element, unique_id in one.members:
                if unique_id not in there:
                    yield Refused(one.name, unique_id, _missing(element))
        elif not isinstance(one, ExportedItem):
            yield Refused(one.element, "the object", "it is neither a configuration item nor a baseline")


def _missing(element: str) -> str:
    if element in ("OperatingSystemReference", "BusinessPolicyReference", "ApplicationReference", "BaselineReference"):
        return "the baseline names it and the file doesn't hold it: import the file that does"
    return f"the baseline has it as a member ({element}), and a policy has settings only"


def _item(item: ExportedItem, classes: str | None, *, alone: bool) -> Iterator[Found | Refused]:
    """Each setting of the item, and what else it says. One that is alone needs no heading, as the policy is called so."""
    section = "" if alone else " ".join(item.name.split())
    for part in item.more:
        yield Refused(item.name, part, "only settings are imported")
    for setting in item.settings:
        try:
            yield from list(_setting(item, setting, section, classes))
        except InexpressibleError as error:
            yield Refused(item.name, setting.name or setting.logical_name, str(error))


def _setting(item: ExportedItem, setting: ExportedSetting, section: str, classes: str | None) -> Iterator[Found | Refused]:
    if item.kind == "Application":
        raise InexpressibleError("it is judged only where an application is installed, which a policy can't ask")
    match setting.source:
        case RegistrySource() as source:
            yield registry_setting(setting, _placed(source, classes), item.name, section)
        case ScriptSource() as source:
            yield from own_settings(setting, source, section)
        case OtherSource(element):
            raise InexpressibleError(_SOURCES.get(element, f"it is no registry setting ({element})"))


def _placed(source: RegistrySource, classes: str | None) -> RegistrySource:
    """The source in the classes that were chosen, where it looks into HKEY_CLASSES_ROOT."""
    if classes is None or not in_classes(source.hive):
        return source
    hive, _, key = with_classes(f"{source.hive}\\{source.key}", classes).partition("\\")
    of_user = hive == "HKCU"
    return replace(source, hive="HKEY_CURRENT_USER" if of_user else "HKEY_LOCAL_MACHINE", key=key, per_user=of_user)
