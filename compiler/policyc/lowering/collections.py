"""One collection's file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from policyc.diagnostics import Diagnostic, Related, error
from policyc.diagnostics.cures import write
from policyc.kinds.duplicates import warn_of_repeated
from policyc.lowering.declared import Lowering
from policyc.lowering.deployment import Block, lower_deployment
from policyc.lowering.group_policy_findings import taken_ids
from policyc.lowering.layers import Layers
from policyc.lowering.slugs import slug
from policyc.lowering.variables import Scope, Variables, look_up
from policyc.lowering.vocabulary import unfold
from policyc.lowering.ways import lower_ways
from policyc.model import CONFIGMGR, Collection, Exemption, Location, Members, Mode, Platform, Setting, Version
from policyc.model.records import dataclass
from policyc.model.variable import Named
from policyc.source.schema import is_valid
from policyc.source.wording import nearest
from policyc.vocabularies import NAMES, load_vocabulary

if TYPE_CHECKING:
    from policyc.source import Document


@dataclass(frozen=True, slots=True)
class Shared:
    """What all collections of a project have in common."""

    server_version: Version | None
    deployment: tuple[Block, ...]
    """The `deployment` blocks that a collection's own goes before."""
    layers: Layers
    lowering: Lowering
    targets: tuple[str, ...] = (CONFIGMGR,)
    intune: tuple[Block, ...] = ()
    """The project's `intune` block."""


def lower_collection(document: Document, shared: Shared, found: list[Diagnostic]) -> Collection:
    """The collection, without the settings in which `found` was told of an error."""
    tree = document.tree
    at = Location(document.file)
    head: dict[str, Any] = tree["collection"]
    audit = head.get("mode") == Mode.AUDIT
    variables: Variables = (tree.get("variables", {}), at.below("variables"))
    joined = shared.layers.join(document, head["name"])
    scope = shared.lowering.scope(variables, joined.chain)
    unfolded = []
    settings: list[Setting] = []
    for name in NAMES:
        if name in tree:
            words, named = _product(tree[name], at.below(name), scope, found)
            product = unfold(name, words, at.below(name), shared.server_version, found, audit=audit)
            unfolded.append((name, product))
            settings += [
                replace(one, variables=(named[one.origin],)) if one.origin in named else one for one in product.settings
            ]
    for declared in joined.settings.values():
        settings += shared.lowering.settings(declared, variables, audit=audit)
    found += taken_ids(settings)
    exemptions: tuple[Exemption, ...] = ()
    if "exceptions" in tree:
        # Of settings that can't be known, nobody can say that they aren't there.
        ids = [*joined.settings, *_product_ids(tree)] if joined.whole else None
        exemptions = tuple(_exemptions(tree["exceptions"], at.below("exceptions"), ids, found))
    exempt = {name for exemption in exemptions for name in exemption.settings}
    products = [product for _, product in unfolded]
    ways = lower_ways(tree, at, shared.targets, shared.intune, found)
    if not ways.by_site:
        head = {word: value for word, value in head.items() if word not in ("id", "limited_to", "members")}
    return Collection(
        name=head["name"],
        slug=slug(head["name"]),
        origin=at,
        id=head.get("id"),
        formerly=_formerly(head.get("formerly", ()), at.below("collection", "formerly"), found),
        limited_to=head.get("limited_to"),
        members=_members(head["members"], at.below("collection", "members"), found) if "members" in head else None,
        mode=Mode.AUDIT if audit else Mode.ENFORCE,
        settings=tuple(setting for setting in settings if setting.whole not in exempt) if exempt else tuple(settings),
        packages=tuple(product.package for product in products if product.package is not None),
        vocabulary_states=tuple((name, tree[name][load_vocabulary(name).state]) for name, _ in unfolded),
        platforms=tuple(one for one in Platform if one in head.get("platforms", (Platform.WINDOWS_10,))),
        deployment=lower_deployment((*shared.deployment, (tree.get("deployment", {}), at.below("deployment"))), found),
        baselines=tuple(tree.get("baselines", ())),
        exemptions=exemptions,
        exempted=tuple(setting for setting in settings if setting.whole in exempt) if exempt else (),
        targets=ways.targets,
        intune=ways.intune,
    )


def _product(
    tree: dict[str, Any], at: Location, scope: Scope, found: list[Diagnostic]
) -> tuple[dict[str, Any], dict[Location, Named]]:
    """The words of a vocabulary with the values of variables in place of their names, and which these are."""
    named = {word: value["variable"] for word, value in tree.items() if isinstance(value, dict) and set(value) == {"variable"}}
    if not named:
        return tree, {}
    values = {word: value for word, value in tree.items() if word not in named}
    origins = {}
    for word, name in named.items():
        known = look_up(name, scope, at.below(word), found)
        if known is None:
            continue
        value, place = known
        if is_valid("collection", {"collection": {"name": "x"}, at.path[-1]: {**values, word: value}}):
            values[word] = value
            origins[at.below(word)] = Named(at.below(word), name, place)
        else:
            message = f"the variable '{name}' holds {json.dumps(value, ensure_ascii=False)[:100]}, which '{word}' can't be"
            way_out = f"write what '{word}' takes into the variable, or use another one"
            related = [Related(place, f"the variable '{name}'")]
            found.append(error("PC0334", message, at.below(word), help=way_out, related=related))
    return values, origins


def _product_ids(tree: dict[str, Any]) -> Iterator[str]:
    """The settings that a vocabulary's words ask for, even where a word has an error."""
    for name in NAMES:
        if name in tree:
            yield from (word.id for word in load_vocabulary(name).words if word.name in tree[name])


def _exemptions(
    trees: list[dict[str, Any]], at: Location, ids: list[str] | None, found: list[Diagnostic]
) -> Iterator[Exemption]:
    for number, tree in enumerate(trees):
        place = at.below(number)
        for index, name in enumerate(tree["settings"]):
            if ids is not None and name not in ids:
                near = nearest(name, ids)
                way_out = f"did you mean '{near}'?" if near else "take it out: an exception from nothing hides a mistake"
                message = f"the collection has no setting '{name}' that it could go without"
                node = place.below("settings", index)
                cures = [write(node, near)] if near else []
                found.append(error("PC0335", message, node, help=way_out, cures=cures))
        try:
            expires = date.fromisoformat(tree["expires"])
        except ValueError:
            message = f"there is no such day as '{tree['expires']}'"
            way_out = "write a day of the calendar, as in '2026-12-31'"
            found.append(error("PC0326", message, place.below("expires"), help=way_out))
            continue
        yield Exemption(tuple(tree["settings"]), tree["reason"], tree["owner"], expires, place, tree.get("ticket"))


def _formerly(names: Iterable[str], at: Location, found: list[Diagnostic]) -> tuple[str, ...]:
    warn_of_repeated(tuple(names), at, found, exact_case=False, can_be_exact=False)
    return tuple(dict.fromkeys(names))


def _members(tree: dict[str, Any], at: Location, found: list[Diagnostic]) -> Members:
    for word in ("devices", "include", "exclude"):
        warn_of_repeated(tuple(tree.get(word, ())), at.below(word), found, exact_case=False, can_be_exact=False)
    return Members(
        query=tree.get("query"),
        devices=tuple(tree.get("devices", ())),
        include=tuple(tree.get("include", ())),
        exclude=tuple(tree.get("exclude", ())),
    )
