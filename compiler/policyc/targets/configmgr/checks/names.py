"""Names that ConfigMgr has no room for."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.diagnostics import Diagnostic, error, note
from policyc.model import Collection, DeployAs, Project
from policyc.targets.configmgr import limits
from policyc.targets.configmgr.built_in import policy_name
from policyc.targets.configmgr.package import built_packages, package_kind, package_name, settings_scripts
from policyc.targets.lengths import units


def names(project: Project) -> Iterator[Diagnostic]:
    """Notes about names that are shortened, and an error for one that can't be."""
    packages = False
    for collection in project.collections:
        kinds = _kinds(collection)
        packages = packages or bool(kinds)
        yield from _packages(collection, kinds)
        yield from _policies(collection)
        yield from _items(project, collection)
    if packages and units(project.publisher) > limits.MANUFACTURER:
        yield _publisher(project)


def _kinds(collection: Collection) -> list[str]:
    """The kinds of the packages that the collection gets."""
    kinds = [package_kind(script) for script in built_packages(collection)]
    if settings_scripts(collection):
        kinds.append("Settings")
    return kinds


def _packages(collection: Collection, kinds: list[str]) -> Iterator[Diagnostic]:
    for kind in kinds:
        room = limits.PACKAGE_NAME - len(kind) - 3
        if units(collection.name) > room:
            yield note(
                "PC0501",
                f"The package of '{collection.name}' is called '{package_name(kind, collection)}': "
                f"ConfigMgr takes {limits.PACKAGE_NAME} characters, so {room} are left for the collection's name",
                collection.origin.below("collection", "name"),
                help=_kept(room),
            )


def _policies(collection: Collection) -> Iterator[Diagnostic]:
    for script in collection.packages:
        room = limits.BUILT_IN_POLICY_NAME - len(package_kind(script)) - 3
        if script.deploy_as is DeployAs.POLICY and units(collection.name) > room:
            yield note(
                "PC0507",
                f"The built-in policy of '{collection.name}' is called '{policy_name(collection, script)}': "
                f"ConfigMgr takes {limits.BUILT_IN_POLICY_NAME} characters, so {room} are left for the collection's name",
                collection.origin.below("collection", "name"),
                help=_kept(room),
            )


def _items(project: Project, collection: Collection) -> Iterator[Diagnostic]:
    # The title of an item is short: only a name that nearly fills the room is looked at, as finding the items costs.
    if units(collection.name) + _LONGEST_TITLE <= limits.CONFIGURATION_ITEM_NAME:
        return
    from policyc.targets.configmgr.groups import items
    from policyc.targets.configmgr.naming import item_name

    longest = max(items(collection, project.granularity), key=lambda item: len(item.title), default=None)
    if longest is None:
        return
    room = limits.CONFIGURATION_ITEM_NAME - len(longest.title) - 2
    if units(collection.name) > room:
        yield note(
            "PC0507",
            f"A configuration item of '{collection.name}' is called '{item_name(collection, longest)}': "
            f"ConfigMgr takes {limits.CONFIGURATION_ITEM_NAME} characters, so {room} are left for the collection's name",
            collection.origin.below("collection", "name"),
            help=_kept(room),
        )


_LONGEST_TITLE = 100
"""Characters that no title of an item reaches."""


def _kept(room: int) -> str:
    return f"nothing has to be done; a collection name of at most {room} characters is kept whole"


def _publisher(project: Project) -> Diagnostic:
    # Without a publisher the project's name is taken, so the two are the same.
    key = "name" if project.publisher == project.name else "publisher"
    return error(
        "PC0502",
        f"The publisher '{project.publisher}' has {units(project.publisher)} characters, "
        f"and the manufacturer of a package takes {limits.MANUFACTURER}",
        project.origin.below("project", key),
        help=f"write a `publisher` of at most {limits.MANUFACTURER} characters beside `name`",
    )
