"""Which systems bring a collection to devices, and what it says to each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyc.diagnostics import Diagnostic, error, warning
from policyc.diagnostics.cures import remove
from policyc.lowering.deployment import Block, span
from policyc.model import BEYOND_A_SITE, CONFIGMGR, CSP, INTUNE, Interval, Intune, Location
from policyc.model.records import dataclass

_SITE_WORDS = ("id", "limited_to", "members")
"""What a collection's head says to a site."""
_OF_REMEDIATIONS = ("every", "at", "time_zone", "more_info")
"""What the block `intune` says to Remediations and custom compliance alone."""
_OF_A_TENANT = frozenset({INTUNE, CSP})
"""The targets that an Intune tenant brings to devices: both read the block `intune`."""


@dataclass(frozen=True, slots=True)
class Ways:
    """What `targets` comes to."""

    targets: tuple[str, ...]
    intune: Intune | None
    by_site: bool
    """Whether anybody reads what it says to a site."""


def lower_ways(
    tree: dict[str, Any], at: Location, usual: tuple[str, ...], shared: tuple[Block, ...], found: list[Diagnostic]
) -> Ways:
    """The ways of a collection's file; `usual` are those of the project, `shared` its `intune` block."""
    targets = tuple(dict.fromkeys(tree.get("targets", usual)))
    if targets == (CONFIGMGR,) and "intune" not in tree:
        return Ways(targets, None, by_site=True)
    by_site = CONFIGMGR in targets or BEYOND_A_SITE.isdisjoint(targets)
    found += _unread(tree, at, targets, by_site=by_site)
    if _OF_A_TENANT.isdisjoint(targets):
        return Ways(targets, None, by_site)
    blocks = (*shared, (tree.get("intune", {}), at.below("intune")))
    found += check_intune(*blocks[-1])
    words: dict[str, Any] = {}
    for own, _ in blocks:
        words.update(own)
    return Ways(targets, lower_intune(words), by_site)


def lower_intune(words: dict[str, Any]) -> Intune:
    """What the words of the block say; what they don't is as usual."""
    usual = Intune()
    return Intune(
        groups=_ids(words.get("groups", ())),
        excluded_groups=_ids(words.get("excluded_groups", ())),
        all_devices=words.get("all_devices", usual.all_devices),
        every=span(words["every"]) if "every" in words else usual.every,
        at=words.get("at", usual.at),
        utc=words.get("time_zone") == "utc",
        remediate=words.get("remediate", usual.remediate),
        more_info=words.get("more_info"),
        layout=words.get("layout"),
    )


def _ids(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.lower() for text in texts))


def check_intune(tree: dict[str, Any], at: Location) -> Iterator[Diagnostic]:
    """PC2005: a time of day for what runs every few hours."""
    if "at" in tree and "every" in tree and span(tree["every"]).interval is Interval.HOURS:
        yield error(
            "PC2005",
            f"what runs every {tree['every']} has no time of day, and Intune takes none for it",
            at.below("at"),
            help="take 'at' out, or let 'every' count days",
            cures=[remove(at.below("at"))],
        )


def _unread(tree: dict[str, Any], at: Location, targets: tuple[str, ...], *, by_site: bool) -> Iterator[Diagnostic]:
    """PC2004: words for a system that the collection doesn't go by."""
    lost = [("intune", at.below("intune").key(), INTUNE)] if "intune" in tree and _OF_A_TENANT.isdisjoint(targets) else []
    if CSP in targets and INTUNE not in targets:
        lost += [(word, at.below("intune", word).key(), INTUNE) for word in _OF_REMEDIATIONS if word in tree.get("intune", {})]
    if not by_site:
        head = tree["collection"]
        lost += [(word, at.below("collection", word).key(), CONFIGMGR) for word in _SITE_WORDS if word in head]
        if "deployment" in tree:
            lost.append(("deployment", at.below("deployment").key(), CONFIGMGR))
    for word, place, target in lost:
        yield warning(
            "PC2004",
            f"'{word}' speaks to {target}, which doesn't bring this collection to devices (its targets: {', '.join(targets)})",
            place,
            help=f"take '{word}' out, or add '{target}' to 'targets'",
        )
