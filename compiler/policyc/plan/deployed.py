"""What an output folder holds, as a project: the base of a plan that names no commit.

`resolved.yaml` has each setting in the words of the language, so it is lowered as a policy is. What neither it nor `site.json`
tells is taken from the policies as they are now, and so is no change.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from policyc.artifacts.collections import load
from policyc.artifacts.manifest import parse as parse_manifest
from policyc.artifacts.paths import MANIFEST, collection_of, is_of_project
from policyc.lowering.facts import lower_fact
from policyc.lowering.settings import lower_setting
from policyc.lowering.slugs import slug as to_slug
from policyc.lowering.vocabulary import unfold
from policyc.lowering.ways import lower_intune
from policyc.model import (
    CONFIGMGR,
    Applicability,
    Collection,
    Exemption,
    Interval,
    Location,
    Members,
    Mode,
    Platform,
    Project,
    Role,
    ScriptPackage,
    Setting,
    Signing,
    Span,
    TakesEffect,
    Version,
)
from policyc.plan.compare import pairs
from policyc.plan.damage import DamageError, expect, part, reading
from policyc.plan.failure import StateError
from policyc.source.schema import is_valid
from policyc.vocabularies import NAMES, load_vocabulary

Tree = dict[str, Any]
Shape = dict[str, type | tuple[type, ...]]
_PACKAGE = ("script", "source", "configuration_file", "sha256")
_OF_SNAPSHOTS = frozenset({"from", "variables", "overridden"})
"""Words of a setting that only a snapshot has: where it comes from."""
_MAYBE = (str, type(None))
_SITE: Shape = {
    "project": dict,
    "site": dict,
    "offboarding_wait_hours": int,
    "signing": _MAYBE,
    "content_source": _MAYBE,
}
_PLACE: Shape = dict.fromkeys(("code", "server", "server_version", "client_version"), _MAYBE)
_HEAD: Shape = {
    "collection": str,
    "policy": str,
    "mode": str,
    "platforms": list,
    "targets": list,
    "intune": dict,
    "settings": dict,
    "id": str,
    "limited_to": str,
    "formerly": list,
    "baselines": list,
    "states": dict,
    "members": dict,
    "packages": dict,
    "exceptions": list,
}
_NEEDED = frozenset({"collection", "policy", "mode", "platforms", "settings"})
_NAMES = ("formerly", "baselines", "targets", "settings")
_MEMBERS: Shape = {"query": str, "devices": list, "include": list, "exclude": list}
_EXEMPTION: Shape = {"settings": list, "reason": str, "owner": str, "expires": str, "ticket": str}
RESOLVED, DEPLOYMENT, SITE = "resolved.yaml", "deployment.json", "site.json"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The faster of PyYAML's loaders."""


def read(output: Path, head: Project, held: Iterable[str] = ()) -> Project:
    """The project that was compiled last; collections in `held` are as they are now. Raises StateError."""
    if not (output / MANIFEST).is_file():
        return replace(head, collections=())
    files = _listed(output)
    # What an older policyc wrote may have no resolved.yaml, what no site gets has no deployment.json.
    named = {file for file in files if file.endswith((f"/{RESOLVED}", f"/{DEPLOYMENT}")) and not is_of_project(file)}
    slugs = sorted(set(map(collection_of, named)))
    # Where nothing goes by ConfigMgr there is no site.
    project = _project(head, _json(output / SITE), output / SITE) if SITE in files else head
    slugs = [slug for slug in slugs if slug not in held]
    for slug in slugs:
        if f"{slug}/{RESOLVED}" not in files:
            raise StateError(
                f"'{(output / slug).as_posix()}' holds no {RESOLVED}: an older policyc wrote it",
                "run policyc compile with this version first, or name the commit to start from as BASE",
                is_usage=False,
            )
    who = {known.folder: known.identity for known in load(output)[0]}
    by_identity = {collection.identity: collection for collection in head.collections}
    now = {slug: by_identity[who.get(slug, slug)] for slug in slugs if who.get(slug, slug) in by_identity}
    lost = [_read_collection(output / slug, project, None) for slug in slugs if slug not in now]
    there = {collection.identity for collection in now.values()}
    now |= _counterparts(lost, [collection for collection in head.collections if collection.identity not in there])
    collections = (_read_collection(output / slug, project, now.get(slug)) for slug in slugs)
    return replace(project, collections=tuple(collections))


def _counterparts(lost: Iterable[Collection], new: Iterable[Collection]) -> dict[str, Collection]:
    """What the lost ones are called now, by their slugs in the output: another name is still the same collection's policy."""
    by_slug = {collection.slug: collection for collection in new}
    # Compared without the words that a snapshot doesn't have.
    matched = pairs(lost, map(_as_snapshot, by_slug.values()))
    return {one.slug: by_slug[other.slug] for one, other in matched if one is not None and other is not None}


def _as_snapshot(collection: Collection) -> Collection:
    settings = tuple(replace(setting, why="", references=()) for setting in collection.settings)
    return replace(collection, settings=settings)


def deployment_tree(output: Path, slug: str) -> Tree:
    """The collection's deployment.json. Raises StateError."""
    return _json(output / slug / DEPLOYMENT)


def _listed(output: Path) -> frozenset[str]:
    file = output / MANIFEST
    with reading(file):
        content = file.read_bytes()
        try:
            return frozenset(parse_manifest(content))
        except ValueError as failure:
            # It says so itself, in words.
            raise DamageError(str(failure)) from failure


def _json(file: Path) -> Tree:
    with reading(file):
        tree: Tree = json.loads(file.read_bytes())
        expect(tree, {}, needed=frozenset())
        return tree


def _project(head: Project, site: Tree, file: Path) -> Project:
    with reading(file):
        expect(site, _SITE, needed=frozenset(_SITE) - {"signing", "content_source"})
        own, place = site["project"], site["site"]
        with part("its 'project'"):
            expect(own, {"name": str, "id": str}, needed=frozenset({"name", "id"}))
        with part("its 'site'"):
            expect(place, _PLACE, needed=frozenset(_PLACE))
        hours = site["offboarding_wait_hours"]
        same_wait = hours == -(-head.offboarding_wait.minutes // 60)
        return replace(
            head,
            name=own["name"],
            id=str(UUID(own["id"])),
            site_code=place["code"],
            site_server=place["server"],
            server_version=_version(place["server_version"]),
            client_version=_version(place["client_version"]),
            signing=None if site["signing"] is None else Signing(site["signing"]),
            content_source=site["content_source"],
            offboarding_wait=head.offboarding_wait if same_wait else Span(hours, Interval.HOURS),
        )


def _version(text: str | None) -> Version | None:
    return None if text is None else Version(text)


def _read_collection(folder: Path, project: Project, now: Collection | None) -> Collection:
    file = folder / RESOLVED
    with reading(file):
        return _collection(yaml.load(file.read_bytes(), _Loader), folder.name, project, now)  # noqa: S506 - a safe loader


def _collection(tree: Tree, slug: str, project: Project, now: Collection | None) -> Collection:
    expect(tree, _HEAD, needed=_NEEDED)
    for word in _NAMES:
        if not all(isinstance(name, str) for name in tree.get(word, ())):
            raise DamageError(f"its '{word}' isn't as policyc writes it")
    origin = Location(tree["policy"])
    known = {setting.id: setting for setting in (*now.settings, *now.exempted)} if now else {}
    settings = tuple(_setting(name, words, origin, known.get(name)) for name, words in tree["settings"].items())
    with part("its 'exceptions'"):
        exemptions = tuple(_exemptions(tree.get("exceptions", ()), origin))
    # The snapshot says nothing of what an exception takes out, so that is as it is now.
    names = {name for exemption in exemptions for name in exemption.settings}
    exempt = [one for name, one in known.items() if one.whole in names and name not in tree["settings"]]
    states = tuple(tree.get("states", {}).items())
    with part("its 'members'"):
        members = _members(tree["members"]) if "members" in tree else None
    if not all(name in NAMES for name, _ in states):
        raise DamageError("its 'states' name what this policyc doesn't know")
    with part("its 'packages' and 'states'"):
        packages = tuple(_packages(tree.get("packages", {}), states, project))
    with part("its 'mode' and 'platforms'"):
        mode, platforms = Mode(tree["mode"]), tuple(map(Platform, tree["platforms"]))
    with part("its 'intune'"):
        if not is_valid("collection", {"collection": {"name": "x"}, "intune": tree.get("intune", {})}):
            raise ValueError("what it says is none of the language")
        intune = lower_intune(tree["intune"]) if "intune" in tree else None
    blank = now or Collection(tree["collection"], slug, origin)
    return Collection(
        name=tree["collection"],
        slug=slug,
        origin=origin,
        id=tree.get("id"),
        formerly=tuple(tree.get("formerly", ())),
        first=_first(tree.get("formerly", ()), slug),
        estate=project.id,
        limited_to=tree.get("limited_to"),
        members=members,
        mode=mode,
        settings=settings,
        packages=packages,
        vocabulary_states=states,
        platforms=platforms,
        targets=tuple(tree.get("targets", (CONFIGMGR,))),
        intune=intune,
        deployment=blank.deployment,
        baselines=tuple(tree.get("baselines", ())),
        exemptions=exemptions,
        exempted=tuple(exempt),
    )


def _first(formerly: Sequence[str], slug: str) -> str:
    first = to_slug(formerly[0]) if formerly else ""
    return "" if first == slug else first


def _members(tree: Tree) -> Members:
    expect(tree, _MEMBERS, needed=frozenset())
    lists = [tuple(tree.get(word, ())) for word in ("devices", "include", "exclude")]
    if not all(isinstance(name, str) for names in lists for name in names):
        raise TypeError("a name is text")
    return Members(tree.get("query"), *lists)


def _setting(id: str, words: Tree, origin: Location, now: Setting | None) -> Setting:
    """The setting as it was written; of what the snapshot leaves out, as it is now."""
    with part(f"its setting '{id}'"):
        tree = {word: value for word, value in words.items() if word not in _OF_SNAPSHOTS}
        tree["remediate"] = not words["remediate"].startswith("no")
        if not is_valid("collection", {"collection": {"name": "x"}, "settings": {id: tree}}):
            raise ValueError("what it says is none of the language")
    setting = lower_setting(id, tree, origin, [], audit=False)
    if setting is None:
        raise DamageError(f"its setting '{id}' is none that this policyc knows")
    fact = lower_fact(words["only_if"], origin, []) if "only_if" in words else None
    reach, effect = words.get("applies_to", {}), words.get("takes_effect")
    role = Role(reach["role"]) if "role" in reach else None
    setting = replace(
        setting,
        applies_to=Applicability(reach.get("from_build"), reach.get("before_build"), role, fact),
        takes_effect=None if effect is None else TakesEffect(effect),
    )
    return (
        setting
        if now is None
        else replace(setting, why=now.why, references=now.references, layer=now.layer, part_of=now.part_of)
    )


def _exemptions(trees: Iterable[Tree], origin: Location) -> Iterator[Exemption]:
    for tree in trees:
        expect(tree, _EXEMPTION, needed=frozenset(_EXEMPTION) - {"ticket"})
        expires = date.fromisoformat(tree["expires"])
        yield Exemption(tuple(tree["settings"]), tree["reason"], tree["owner"], expires, origin, tree.get("ticket"))


def _packages(trees: Mapping[str, Tree], states: Iterable[tuple[str, str]], project: Project) -> Iterator[ScriptPackage]:
    """The packages, by the vocabularies of the states that the collection asks for."""
    for name, state in states:
        vocabulary = load_vocabulary(name)
        tree = trees.get(vocabulary.packages[state].id)
        if tree is None:
            continue
        words: Tree = {word: tree[word] for word in _PACKAGE if word in tree} | {"deploy_as": tree["deployed_as"]}
        asked = {vocabulary.state: state, "package": words}
        package = unfold(name, asked, Location(""), project.server_version, [], audit=False).package
        if package is None:
            raise DamageError(f"its package '{vocabulary.packages[state].id}' is none that this policyc knows")
        yield package
