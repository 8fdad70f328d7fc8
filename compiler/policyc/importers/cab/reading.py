"""A file of ConfigMgr's to settings, and to all that can't be one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import TypeVar

from policyc.importers.cab.files import Contents, contents, of_set
from policyc.importers.cab.inexpressible import InexpressibleError
from policyc.importers.cab.own_settings import own_settings
from policyc.importers.cab.platforms import platforms_left
from policyc.importers.cab.registry_rules import key_setting, registry_settings
from policyc.importers.classes import in_classes, with_classes
from policyc.importers.found import Found, Imported, Refused
from policyc.targets.configmgr.digest.exported import (
    Exported,
    ExportedBaseline,
    ExportedItem,
    ExportedSetting,
    OtherSource,
    RegistryKeySource,
    RegistrySource,
    ScriptSource,
)

Part = TypeVar("Part", Found, Refused, Found | Refused)
Where = TypeVar("Where", RegistrySource, RegistryKeySource)
_SEVERAL = "Configuration items"
"""What several items without one baseline are called where there is no cabinet to call them after."""
_SOURCES = {
    "WqlQueryDiscoverySource": "it asks WMI (WqlQueryDiscoverySource)",
    "XPathQueryDiscoverySource": "it asks an XML file (XPathQueryDiscoverySource)",
    "FileSystemDiscoverySource": "it asks the file system (FileSystemDiscoverySource)",
}


def read(data: bytes, name: str, *, classes: str | None = None) -> Imported:
    """What the cabinet, or the digest, says. `name` is the file's. FormatError for anything that is neither."""
    return _imported(contents(data, name), name, classes)


def read_set(files: Sequence[tuple[str, bytes]], *, classes: str | None = None) -> Imported:
    """What several digests say together, as if they came in one cabinet; texts (.resx) may be among them.

    Each file has its name, which stands before all that is from it. SetError for one that is no digest.
    """
    return _imported(of_set(files), _SEVERAL, classes)


def _imported(held: Contents, name: str, classes: str | None) -> Imported:
    objects = [one for _, one in held.objects]
    items = [(file, one) for file, one in held.objects if isinstance(one, ExportedItem)]
    everything: list[Found | Refused] = [*held.refused, *_others(held.objects)]
    for file, item in items:
        everything += (_from(file, part) for part in _item(item, classes, alone=len(items) == 1))
    everything += platforms_left(item for _, item in items)
    settings = tuple(one for one in everything if isinstance(one, Found))
    refused = tuple(one for one in everything if isinstance(one, Refused))
    return Imported(_title(objects, name), settings, refused, len(everything))


def _from(file: str, part: Part) -> Part:
    return replace(part, source=f"{file}: {part.source}") if file else part


def _title(objects: Iterable[Exported], name: str) -> str:
    """The baseline's name, else that of the only item, else the file's."""
    objects = list(objects)
    baselines = [one.name for one in objects if isinstance(one, ExportedBaseline)]
    items = [one.name for one in objects if isinstance(one, ExportedItem)]
    named = baselines if len(baselines) == 1 else items if len(items) == 1 else []
    return " ".join("".join(named).split()) or PurePath(name).stem or name


def _others(objects: Iterable[tuple[str, Exported]]) -> Iterator[Refused]:
    """Members of baselines that aren't held, and objects of other kinds."""
    objects = list(objects)
    there = {one.unique_id for _, one in objects if isinstance(one, ExportedItem)}
    for file, one in objects:
        if isinstance(one, ExportedBaseline):
            for element, unique_id in one.members:
                if unique_id not in there:
                    yield _from(file, Refused(one.name, unique_id, _missing(element)))
        elif not isinstance(one, ExportedItem):
            yield _from(file, Refused(one.element, "the object", "it is neither a configuration item nor a baseline"))


def _missing(element: str) -> str:
    if element in ("OperatingSystemReference", "BusinessPolicyReference", "ApplicationReference", "BaselineReference"):
        return "the baseline names it and the file doesn't hold it: import the file that does"
    return f"the baseline has it as a member ({element}), and a policy has settings only"


def _item(item: ExportedItem, classes: str | None, *, alone: bool) -> Iterator[Found | Refused]:
    """Each setting of the item, and what else it says. One that is alone needs no heading, as the policy is called so."""
    section = "" if alone else " ".join(item.name.split())
    for part in item.more:
        yield Refused(item.name, part, "only settings are imported")
    if not item.settings and not item.more:
        yield Refused(item.name, "the item", "it has no settings")
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
            yield from registry_settings(setting, _placed(source, classes), item.name, section)
        case RegistryKeySource() as source:
            yield key_setting(setting, _placed(source, classes), item.name, section)
        case ScriptSource() as source:
            yield from own_settings(setting, source, section)
        case OtherSource(element):
            raise InexpressibleError(_SOURCES.get(element, f"it is no registry setting ({element})"))


def _placed(source: Where, classes: str | None) -> Where:
    """The source in the classes that were chosen, where it looks into HKEY_CLASSES_ROOT."""
    if classes is None or not in_classes(source.hive):
        return source
    hive, _, key = with_classes(f"{source.hive}\\{source.key}", classes).partition("\\")
    of_user = hive == "HKCU"
    return replace(source, hive="HKEY_CURRENT_USER" if of_user else "HKEY_LOCAL_MACHINE", key=key, per_user=of_user)
