"""One collection's file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from policyc.diagnostics import Diagnostic, error
from policyc.lowering.deployment import Block, lower_deployment
from policyc.lowering.duplicates import warn_of_repeated
from policyc.lowering.settings import lower_setting
from policyc.lowering.slugs import slug
from policyc.lowering.vocabulary import unfold
from policyc.model import Collection, Location, Members, Mode, Platform, Setting, Version
from policyc.vocabularies import NAMES, load_vocabulary

if TYPE_CHECKING:
    from policyc.source import Document


def lower_collection(
    document: Document, server_version: Version | None, found: list[Diagnostic], shared: tuple[Block, ...] = ()
) -> Collection:
    """The collection, without the settings in which `found` was told of an error.

    `shared` holds the `deployment` blocks that the collection's own goes before.
    """
    tree = document.tree
    at = Location(document.file)
    head: dict[str, Any] = tree["collection"]
    audit = head.get("mode") == Mode.AUDIT
    unfolded = [
        (name, unfold(name, tree[name], at.below(name), server_version, found, audit=audit)) for name in NAMES if name in tree
    ]
    settings = [setting for _, product in unfolded for setting in product.settings]
    settings += _own_settings(tree.get("settings", {}), at, found, audit=audit)
    products = [product for _, product in unfolded]
    return Collection(
        name=head["name"],
        slug=slug(head["name"]),
        origin=at,
        id=head.get("id"),
        limited_to=head.get("limited_to"),
        members=_members(head["members"], at.below("collection", "members"), found) if "members" in head else None,
        mode=Mode.AUDIT if audit else Mode.ENFORCE,
        settings=tuple(settings),
        packages=tuple(product.package for product in products if product.package is not None),
        vocabulary_states=tuple((name, tree[name][load_vocabulary(name).state]) for name, _ in unfolded),
        platforms=tuple(dict.fromkeys(map(Platform, head.get("platforms", (Platform.WINDOWS_10,))))),
        deployment=lower_deployment((*shared, (tree.get("deployment", {}), at.below("deployment"))), found),
    )


def _own_settings(trees: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> Iterator[Setting]:
    for name, tree in trees.items():
        node = at.below("settings", name)
        owner = _owner_of(name)
        if owner is not None:
            found.append(
                error(
                    "PC0319",
                    f"the id '{name}' belongs to '{owner}'",
                    node.key(),
                    help=f"use the words of '{owner}', or give the setting another id",
                )
            )
            continue
        setting = lower_setting(name, tree, node, found, audit=audit)
        if setting is not None:
            yield setting


def _owner_of(id: str) -> str | None:
    """The vocabulary that has this id for itself. Read only where the id's beginning asks for it."""
    for name in NAMES:
        if id.startswith(name.replace("_", "-")) and id in load_vocabulary(name).setting_ids:
            return name
    return None


def _members(tree: dict[str, Any], at: Location, found: list[Diagnostic]) -> Members:
    for word in ("devices", "include", "exclude"):
        warn_of_repeated(tuple(tree.get(word, ())), at.below(word), found, exact_case=False, can_be_exact=False)
    return Members(
        query=tree.get("query"),
        devices=tuple(tree.get("devices", ())),
        include=tuple(tree.get("include", ())),
        exclude=tuple(tree.get("exclude", ())),
    )
