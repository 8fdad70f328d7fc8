"""What configuration items and baselines are called in the console."""

from __future__ import annotations

from policyc.model import Collection
from policyc.targets.configmgr import limits
from policyc.targets.configmgr.groups import Item


def item_name(collection: Collection, item: Item) -> str:
    """The name of a configuration item.

    `shorten` keeps two long names of collections apart.
    """
    room = limits.CONFIGURATION_ITEM_NAME - len(item.title) - 2
    return f"{limits.shorten(collection.name, room)}: {item.title}"


def baseline_name(collection: Collection) -> str:
    """The name of the baseline: the collection's."""
    return limits.shorten(collection.name, limits.BASELINE_NAME)
