"""Policies for collections that come with every site and can't be modified."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.analysis.context import Context
from policyc.analysis.site_classes import load_site_classes
from policyc.diagnostics import Diagnostic, error
from policyc.model import Collection, Project, upper


def built_in_collections(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """An error where a policy would make a built-in collection anew, or is about one that has no devices.

    Settings for a built-in collection of devices are deployed to it as it is.
    """
    for collection in project.collections:
        name = upper(collection.name)
        if not name.startswith(("ALL ", "CO-")):
            continue
        data = load_site_classes()
        at = collection.origin.below("collection", "name")
        if name in data.built_in_users:
            yield error(
                "PC0433",
                f"'{collection.name}' comes with every site and has users, no devices",
                at,
                help="name a collection of devices; settings of users (HKCU) go to the devices that they sign in to",
            )
        elif name in data.built_in_devices:
            rule = _said(collection)
            if rule is not None:
                yield error(
                    "PC0433",
                    f"'{collection.name}' comes with every site and can't be modified: '{rule}' says who is in it",
                    collection.origin.below("collection", rule),
                    help=f"take '{rule}:' out, or give the collection a name of its own and 'limited_to: {collection.name}'",
                )


def _said(collection: Collection) -> str | None:
    """The first key that would change it."""
    if collection.members is not None:
        return "members"
    return None if collection.limited_to is None else "limited_to"
