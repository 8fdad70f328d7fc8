"""A collection's configuration items and its baseline: scripts, digests, cabinets, and what the site shall have of them."""

from __future__ import annotations

import json
from dataclasses import astuple, replace
from hashlib import sha256
from uuid import UUID

from policyc.artifacts import Build
from policyc.kinds import texts_of
from policyc.model import Collection, Operator, Project, of_registry
from policyc.model import Setting as PolicySetting
from policyc.model.records import dataclass
from policyc.powershell.scripts import Script, collection_script, entry
from policyc.targets.configmgr import limits
from policyc.targets.configmgr.digest import (
    COMPLIANT,
    Baseline,
    ConfigurationItem,
    Identity,
    RegistryExistenceSetting,
    RegistryValueSetting,
    ScriptSetting,
    Setting,
    baseline_digest,
    cabinet,
    item_digest,
    resource_texts,
    resx,
)
from policyc.targets.configmgr.groups import Group, Item
from policyc.targets.configmgr.naming import baseline_name, group_name, item_name, titles
from policyc.targets.configmgr.own_scripts import expected, has_own
from policyc.targets.configmgr.platforms import rule_ids
from policyc.targets.identity import HASH_LENGTH, mark, marked, object_id, scope_id, state_hash
from policyc.targets.lengths import shorten

FOLDER = "compliance"
ITEM_CABINET = "configuration-item.cab"
"""In the item's folder."""
BASELINE_CABINET = f"{FOLDER}/configuration-baseline.cab"
_OPERATORS = {
    Operator.EQUALS: "Equals",
    Operator.NOT_EQUALS: "NotEquals",
    Operator.ONE_OF: "OneOf",
    Operator.NONE_OF: "NoneOf",
}


@dataclass(frozen=True, slots=True)
class Made:
    """A configuration item or baseline as it was made."""

    id: UUID
    hash: str
    name: str
    description: str
    """With the mark."""
    unique_id: str
    revision: int
    cabinet: str
    """Path below the collection's folder."""
    scripts: bool = False
    """It holds scripts."""
    signed: bool = False
    """All of them are signed."""


@dataclass(frozen=True, slots=True)
class Compliance:
    """Everything that was made for the compliance settings of a collection."""

    files: tuple[tuple[str, bytes], ...]
    """(Path below the collection's folder, content)."""
    baseline: Made | None
    items: tuple[Made, ...]


@dataclass(frozen=True, slots=True)
class _Plain:
    """An object before it has its revision."""

    key: str
    id: UUID
    content: str
    """SHA-256 of all that it says."""
    description: str
    scripts: bool = False
    signed: bool = False


@dataclass(frozen=True, slots=True)
class _Scripts:
    """The scripts of a group, as they are written and as they are distributed."""

    discovery: bytes
    remediation: bytes | None
    sealed_discovery: bytes
    sealed_remediation: bytes | None

    @property
    def signed(self) -> bool:
        return self.sealed_discovery != self.discovery and self.sealed_remediation != (self.remediation or b"")


def compliance(project: Project, collection: Collection, items: tuple[Item, ...], build: Build) -> Compliance:
    """Items and baseline of the collection, with the revisions that the build's ledger gives them."""
    files: list[tuple[str, bytes]] = []
    made = [_item(project, collection, item, build, files) for item in items]
    baseline = made_baseline(project, collection, baseline_name(collection), made, build, files) if made else None
    return Compliance(tuple(files), baseline, tuple(made))


def _item(project: Project, collection: Collection, item: Item, build: Build, files: list[tuple[str, bytes]]) -> Made:
    folder = f"{FOLDER}/{item.key}"
    own = object_id(project.id, collection.identity, "item", item.key)
    scripts = {group.id: _scripts(collection, folder, group, build) for group in item.groups if not group.native}
    for name, pair in scripts.items():
        files.append((f"{folder}/{name}/{Script.DISCOVERY}.ps1", pair.sealed_discovery))
        if pair.sealed_remediation is not None:
            files.append((f"{folder}/{name}/{Script.REMEDIATION}.ps1", pair.sealed_remediation))
    number = sum(len(group.settings) for group in item.groups)
    plain = ConfigurationItem(
        Identity(scope_id(project.id), f"OperatingSystem_{own}", 0),
        item_name(collection, item),
        f"{number} setting{'' if number == 1 else 's'}, from {collection.origin.file}",
        tuple(_setting(project, collection, item, group, scripts.get(group.id)) for group in item.groups),
        rule_ids(collection.platforms, project.server_version),
    )
    bodies = [(pair.discovery, pair.remediation) for pair in scripts.values()]
    signed = bool(scripts) and all(pair.signed for pair in scripts.values())
    return made_item(project, collection, item.key, plain, bodies, build, files, signed=signed)


def made_item(
    project: Project,
    collection: Collection,
    key: str,
    plain: ConfigurationItem,
    bodies: list[tuple[bytes, bytes | None]],
    build: Build,
    files: list[tuple[str, bytes]],
    *,
    signed: bool,
) -> Made:
    """An item with its revision, its cabinet among the files; `bodies` are its scripts as they are before anyone signs them."""
    own = object_id(project.id, collection.identity, "item", key)
    before = _Plain(f"item/{key}", own, _content(plain, bodies), plain.description, bool(bodies), signed)
    revision, state, description = _state(project, collection, before, build)
    final = replace(plain, identity=replace(plain.identity, revision=revision), description=description)
    cabinet_path = f"{FOLDER}/{key}/{ITEM_CABINET}"
    files.append(_cabinet(collection, cabinet_path, final, item_digest(final), build))
    return Made(
        own,
        state,
        final.name,
        description,
        final.identity.unique_id,
        revision,
        cabinet_path,
        scripts=bool(bodies),
        signed=signed,
    )


def made_baseline(
    project: Project, collection: Collection, name: str, items: list[Made], build: Build, files: list[tuple[str, bytes]]
) -> Made:
    """The baseline of these items with its revision, its cabinet among the files."""
    own = object_id(project.id, collection.identity, "baseline")
    references = tuple(Identity(scope_id(project.id), f"OperatingSystem_{item.id}", 0) for item in items)
    plain = Baseline(
        Identity(scope_id(project.id), f"Baseline_{own}", 0),
        name,
        f"From {collection.origin.file}",
        references,
        collection.deployment.co_managed,
    )
    content = _hash([plain.name, plain.description, [one.unique_id for one in references], plain.co_managed])
    before = _Plain("baseline", own, content, plain.description)
    revision, state, description = _state(project, collection, before, build)
    final = replace(plain, identity=replace(plain.identity, revision=revision), description=description)
    digest = baseline_digest(final)
    files.append(_cabinet(collection, BASELINE_CABINET, final, digest, build))
    return Made(own, state, final.name, description, final.identity.unique_id, revision, BASELINE_CABINET)


def _state(project: Project, collection: Collection, made: _Plain, build: Build) -> tuple[int, str, str]:
    """(Revision, hash, description with the mark). A signed object is another than the unsigned one."""
    key = f"{collection.identity}/{made.key}"
    revision = build.ledger.revision(key, made.content, scripts=made.scripts)
    signer = build.ledger.signer_of(key) if made.signed else None
    state = made.content[:HASH_LENGTH] if signer is None else state_hash([made.content, signer])
    return revision, state, marked(made.description, mark(project.id, made.id, state), limits.DESCRIPTION)


def _cabinet(
    collection: Collection, path: str, of: ConfigurationItem | Baseline, digest: bytes, build: Build
) -> tuple[str, bytes]:
    stem = of.identity.logical_name
    content = cabinet({f"{stem}.xml": digest, f"{stem}.en-US.resx": resx(resource_texts(of))})
    return path, build.sealed(f"{collection.slug}/{path}", content)


def _scripts(collection: Collection, folder: str, group: Group, build: Build) -> _Scripts:
    own = texts_of(group.settings[0])
    rows = [] if own else [entry(setting) for setting in group.settings]

    def made(script: Script) -> tuple[bytes, bytes]:
        content = own["discovery"].content if own else collection_script(script, collection, rows)
        return content, build.sealed(f"{collection.slug}/{folder}/{group.id}/{script}.ps1", content)

    discovery, sealed_discovery = made(Script.DISCOVERY)
    remediation, sealed_remediation = made(Script.REMEDIATION) if group.remediated else (None, None)
    return _Scripts(discovery, remediation, sealed_discovery, sealed_remediation)


def _setting(project: Project, collection: Collection, item: Item, group: Group, scripts: _Scripts | None) -> Setting:
    own = str(object_id(project.id, collection.identity, "setting", item.key, group.id))
    if scripts is None:
        return _native(own, group.settings[0])
    if group.alone:
        only = group.settings[0]
        name, description = only.title, only.why
    else:
        name, description = group_name(collection, item, group), titles(group.settings, limits.SETTING_DESCRIPTION)
    return ScriptSetting(
        own,
        shorten(name, limits.SETTING_NAME),
        shorten(description, limits.SETTING_DESCRIPTION),
        scripts.sealed_discovery.decode("ascii"),
        None if scripts.sealed_remediation is None else scripts.sealed_remediation.decode("ascii"),
        group.severity,
        expected(group.settings[0]) if has_own(group.settings[0]) else COMPLIANT,
    )


def _native(id: str, setting: PolicySetting) -> RegistryValueSetting | RegistryExistenceSetting:
    subject = of_registry(setting)
    place, condition = subject.place, subject.condition
    name = shorten(setting.title, limits.SETTING_NAME)
    description = shorten(f"{NATIVE_LACKS}. {setting.why}".strip(), limits.SETTING_DESCRIPTION)
    value_name = place.name or ""
    if condition.operator in (Operator.PRESENT, Operator.ABSENT):
        is_text = subject.kind is not None and not subject.kind.is_number
        return RegistryExistenceSetting(
            id,
            name,
            description,
            place.key,
            value_name,
            must_exist=condition.operator is Operator.PRESENT,
            severity=setting.severity,
            data_type="String" if is_text or subject.kind is None else "Int64",
        )
    return RegistryValueSetting(
        id,
        name,
        description,
        place.key,
        value_name,
        operator=_OPERATORS[condition.operator],  # type: ignore[arg-type]
        operands=tuple(operand for operand in condition.operands if isinstance(operand, int)),
        missing_is_noncompliant=condition.operator in (Operator.EQUALS, Operator.ONE_OF),
        severity=setting.severity,
    )


NATIVE_LACKS = "Judged by ConfigMgr itself: it does not look at the value's type"


def _content(item: ConfigurationItem, scripts: list[tuple[bytes, bytes | None]]) -> str:
    """The hash of all that the item says, of its scripts as they are before anyone signs them."""
    told = [_told(setting) for setting in item.settings]
    bodies = [[sha256(body).hexdigest() for body in pair if body is not None] for pair in scripts]
    return _hash([item.name, item.description, item.platforms, told, bodies])


def _told(setting: Setting) -> list[object]:
    if isinstance(setting, ScriptSetting):
        told: list[object] = [setting.id, setting.name, setting.description, setting.severity, setting.expected]
        return [*told, "begins"] if setting.begins else told
    return [type(setting).__name__, *astuple(setting)]


def _hash(tree: object) -> str:
    return sha256(json.dumps(tree, separators=(",", ":")).encode("ascii")).hexdigest()
