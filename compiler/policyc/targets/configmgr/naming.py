"""What configuration items, the groups in them and baselines are called in the console."""

from __future__ import annotations

from collections.abc import Sequence

from policyc.model import Collection, Setting, Severity
from policyc.targets.configmgr import limits
from policyc.targets.configmgr.groups import OWN_SETTINGS, Group, Item
from policyc.targets.lengths import shorten, units


def item_name(collection: Collection, item: Item) -> str:
    """The name of a configuration item.

    `shorten` keeps two long names of collections apart.
    """
    room = limits.CONFIGURATION_ITEM_NAME - len(item.title) - 2
    return f"{shorten(collection.name, room)}: {item.title}"


def baseline_name(collection: Collection) -> str:
    """The name of the baseline: the collection's."""
    return shorten(collection.name, limits.BASELINE_NAME)


_SEVERITIES = {
    Severity.NONE: "no severity",
    Severity.INFORMATIONAL: "informational",
    Severity.WARNING: "warning",
    Severity.CRITICAL: "critical",
    Severity.CRITICAL_WITH_EVENT: "critical with an event",
}


def group_name(collection: Collection, item: Item, group: Group) -> str:
    """What the console and its reports call a group: the product or baseline (the collection, for what its own file says),
    then what its settings have in common.
    """
    about = collection.name if item.key.partition("--")[0] == OWN_SETTINGS else item.title
    what = "remediated" if group.remediated else "changed by a program" if group.program else "reported only"
    again = "" if group.number == 1 else f" ({group.number})"
    return f"{about}: {_SEVERITIES[group.severity]}, {what}{again}"


def titles(settings: Sequence[Setting], room: int) -> str:
    """The titles that fit whole, and how many more there are; of the first its start, where that is all that fits."""
    said = ""
    for number, setting in enumerate(settings):
        rest = len(settings) - number - 1
        longer = f"{said}; {setting.title}" if number else setting.title
        if units(longer) + (len(f" and {rest} more") if rest else 0) > room:
            return _cut(said, setting.title, len(settings) - number, room)
        said = longer
    return said


def _cut(said: str, title: str, left: int, room: int) -> str:
    if said:
        return f"{said} and {left} more"
    more = f" and {left - 1} more" if left > 1 else ""
    return f"{shorten(title, room - len(more))}{more}"
