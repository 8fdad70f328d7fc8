"""A collection, its settings and what each of them comes from."""

from __future__ import annotations

from policyc.model import CONFIGMGR, Change, Collection, Exemption, Interval, Intune, Members, ScriptPackage, Setting
from policyc.resolved.settings import Tree, setting_tree


def collection_tree(collection: Collection) -> Tree:
    """What holds, and by which files, without lines: an edit that changes nothing else changes nothing here."""
    settings = {setting.id: with_source(collection, setting) for setting in collection.settings}
    return {**head_tree(collection), "settings": settings}


def head_tree(collection: Collection) -> Tree:
    """All but the settings."""
    head: Tree = {
        "collection": collection.name,
        "policy": collection.origin.file,
        "id": collection.id,
        "formerly": list(collection.formerly) or None,
        "limited_to": collection.limited_to,
        "members": None if collection.members is None else _members(collection.members),
        "mode": collection.mode.value,
        "targets": None if collection.targets == (CONFIGMGR,) else list(collection.targets),
        "intune": None if collection.intune is None else _intune(collection.intune),
        "platforms": [platform.value for platform in collection.platforms],
        "baselines": list(collection.baselines) or None,
        "states": dict(collection.vocabulary_states) or None,
        "packages": {package.id: _package(package) for package in collection.packages} or None,
        "exceptions": [exemption_tree(exemption) for exemption in collection.exemptions] or None,
    }
    return {word: value for word, value in head.items() if value is not None}


def _members(members: Members) -> Tree:
    words: Tree = {
        "query": members.query,
        "devices": list(members.devices),
        "include": list(members.include),
        "exclude": list(members.exclude),
    }
    return {word: value for word, value in words.items() if value}


def _intune(intune: Intune) -> Tree:
    """The words of the block, but those that say no more than no word does."""
    count, unit = intune.every.count, intune.every.interval.value.lower().removesuffix("s")
    words: Tree = {
        "groups": list(intune.groups),
        "excluded_groups": list(intune.excluded_groups),
        "all_devices": intune.all_devices or None,
        "every": f"{count} {unit}{'' if count == 1 else 's'}",
        "at": None if intune.every.interval is Interval.HOURS else intune.at,
        "time_zone": "utc" if intune.utc else None,
        "remediate": None if intune.remediate else False,
        "more_info": intune.more_info,
        "layout": intune.layout,
    }
    return {word: value for word, value in words.items() if value not in (None, [])}


def _package(package: ScriptPackage) -> Tree:
    words: Tree = {
        "product": package.product,
        "action": package.action.value,
        "deployed_as": package.deploy_as.value,
        "script": package.script,
        "configuration_file": package.configuration_file,
        "source": package.source,
        "sha256": package.sha256,
        "valid_until": None if package.valid_until is None else package.valid_until.isoformat(),
        "policy_settings": dict(package.built_in_settings) or None,
    }
    return {word: value for word, value in words.items() if value is not None}


def exemption_tree(exemption: Exemption) -> Tree:
    """An entry of `exceptions`."""
    ticket = {} if exemption.ticket is None else {"ticket": exemption.ticket}
    return {
        "settings": list(exemption.settings),
        "reason": exemption.reason,
        "owner": exemption.owner,
        **ticket,
        "expires": exemption.expires.isoformat(),
    }


def with_source(collection: Collection, setting: Setting, *, masked: bool = False) -> Tree:
    """A setting and the layers that it comes from."""
    tree = setting_tree(setting, masked=masked)
    source: Tree = {"title": tree.pop("title"), "from": source_of(setting)}
    if setting.variables:
        source["variables"] = sorted({f"{named.name} ({named.defined.file})" for named in setting.variables})
    if setting.layer is not None and setting.layer.changes:
        source["overridden"] = [
            {"by": changed_by(collection, change), "reason": change.reason} for change in setting.layer.changes
        ]
    return {**source, **tree}


def source_of(setting: Setting) -> str:
    """Where a setting is declared, in words."""
    if setting.from_vocabulary is not None:
        word = next((step for step in reversed(setting.origin.path) if isinstance(step, str)), "")
        return f"'{word}' of '{setting.from_vocabulary}'"
    if setting.layer is None:
        return "the collection itself"
    *through, own = setting.layer.baselines
    way = " and ".join(f"'{name}'" for name in reversed(through))
    return f"baseline '{own}' ({setting.origin.file})" + (f", through {way}" if way else "")


def changed_by(collection: Collection, change: Change) -> str:
    """The layer of an override, in words."""
    if change.location.file == collection.origin.file:
        return "the collection itself"
    return f"baseline '{change.by}' ({change.location.file})"
