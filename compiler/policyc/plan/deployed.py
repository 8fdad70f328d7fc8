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
from policyc.lowering.settings import lower_setting
from policyc.lowering.slugs import slug as to_slug
from policyc.lowering.vocabulary import unfold
from policyc.model import (
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
from policyc.plan.failure import StateError
from policyc.vocabularies import load_vocabulary

_PACKAGE = ("script", "source", "configuration_file", "sha256")
RESOLVED, DEPLOYMENT, SITE = "resolved.yaml", "deployment.json", "site.json"
Tree = dict[str, Any]


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The faster of PyYAML's loaders."""


def read(output: Path, head: Project, held: Iterable[str] = ()) -> Project:
    """The project that was compiled last; collections in `held` are as they are now. Raises StateError."""
    if not (output / MANIFEST).is_file():
        return replace(head, collections=())
    files = _listed(output)
    slugs = sorted({collection_of(file) for file in files if file.endswith(f"/{DEPLOYMENT}") and not is_of_project(file)})
    project = _project(head, _json(output / SITE))
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
    try:
        return frozenset(parse_manifest((output / MANIFEST).read_bytes()))
    except (OSError, ValueError) as failure:
        raise _unusable(output / MANIFEST, failure) from failure


def _json(file: Path) -> Tree:
    try:
        tree = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as failure:
        raise _unusable(file, failure) from failure
    if not isinstance(tree, dict):
        raise _unusable(file, ValueError("it is no object"))
    return tree


def _unusable(file: Path, failure: Exception) -> StateError:
    reason = getattr(failure, "strerror", None) or " ".join(str(failure).split())[:200] or type(failure).__name__
    way_out = "restore it from git, or run policyc compile; a plan against a commit needs no output: policyc plan BASE"
    return StateError(f"'{file.as_posix()}' can't be used: {reason}", way_out, is_usage=False)


def _project(head: Project, site: Tree) -> Project:
    try:
        own, place = site["project"], site["site"]
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
    except (KeyError, TypeError, ValueError) as failure:
        raise _unusable(Path(SITE), failure) from failure


def _version(text: str | None) -> Version | None:
    return None if text is None else Version(text)


def _read_collection(folder: Path, project: Project, now: Collection | None) -> Collection:
    file = folder / RESOLVED
    try:
        tree = yaml.load(file.read_bytes(), _Loader)  # noqa: S506 - a safe loader
        return _collection(tree, folder.name, project, now)
    except (
        OSError,
        yaml.YAMLError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        StopIteration,
        RecursionError,
    ) as failure:
        raise _unusable(file, failure) from failure


def _collection(tree: Tree, slug: str, project: Project, now: Collection | None) -> Collection:
    origin = Location(tree["policy"])
    known = {setting.id: setting for setting in (*now.settings, *now.exempted)} if now else {}
    settings = tuple(_setting(name, words, origin, known.get(name)) for name, words in tree["settings"].items())
    exemptions = tuple(_exemptions(tree.get("exceptions", ()), origin))
    # The snapshot says nothing of what an exception takes out, so that is as it is now.
    exempt = [name for exemption in exemptions for name in exemption.settings if name in known.keys() - tree["settings"].keys()]
    states = tuple(tree.get("states", {}).items())
    members = tree.get("members")
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
        members=None if members is None else _members(members),
        mode=Mode(tree["mode"]),
        settings=settings,
        packages=tuple(_packages(tree.get("packages", {}), states, project)),
        vocabulary_states=states,
        platforms=tuple(map(Platform, tree["platforms"])),
        deployment=blank.deployment,
        baselines=tuple(tree.get("baselines", ())),
        exemptions=exemptions,
        exempted=tuple(known[name] for name in dict.fromkeys(exempt)),
    )


def _first(formerly: Sequence[str], slug: str) -> str:
    first = to_slug(formerly[0]) if formerly else ""
    return "" if first == slug else first


def _members(tree: Tree) -> Members:
    return Members(
        tree.get("query"), tuple(tree.get("devices", ())), tuple(tree.get("include", ())), tuple(tree.get("exclude", ()))
    )


def _setting(id: str, words: Tree, origin: Location, now: Setting | None) -> Setting:
    """The setting as it was written; of what the snapshot leaves out, as it is now."""
    tree = {**words, "remediate": not words["remediate"].startswith("no")}
    found: list[Any] = []
    setting = lower_setting(id, tree, origin, found, audit=False)
    if setting is None:
        raise ValueError(f"its setting '{id}' is none that this policyc knows")
    reach, effect = words.get("applies_to", {}), words.get("takes_effect")
    role = reach.get("role")
    setting = replace(
        setting,
        applies_to=Applicability(reach.get("from_build"), reach.get("before_build"), None if role is None else Role(role)),
        takes_effect=None if effect is None else TakesEffect(effect),
    )
    return setting if now is None else replace(setting, why=now.why, references=now.references, layer=now.layer)


def _exemptions(trees: Iterable[Tree], origin: Location) -> Iterator[Exemption]:
    for tree in trees:
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
            raise ValueError(f"its package '{vocabulary.packages[state].id}' is none that this policyc knows")
        yield package
