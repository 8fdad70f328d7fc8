"""PC05xx: what a policy asks for and ConfigMgr doesn't take."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.diagnostics import Diagnostic, error, note
from policyc.model import Collection, Project
from policyc.targets.configmgr import limits
from policyc.targets.configmgr.package import built_packages, package_kind, package_name


def check(project: Project) -> Iterator[Diagnostic]:
    """Findings about names that ConfigMgr has no room for."""
    packages = False
    for collection in project.collections:
        kinds = _kinds(collection)
        packages = packages or bool(kinds)
        yield from _shortened(collection, kinds)
    if packages and len(project.publisher) > limits.MANUFACTURER:
        yield _publisher(project)


def _kinds(collection: Collection) -> list[str]:
    """The kinds of the packages that the collection gets."""
    kinds = [package_kind(script) for script in built_packages(collection)]
    if any(setting.remediated for setting in collection.settings):
        kinds.append("Settings")
    return kinds


def _shortened(collection: Collection, kinds: list[str]) -> Iterator[Diagnostic]:
    for kind in kinds:
        room = limits.PACKAGE_NAME - len(kind) - 3
        if len(collection.name) > room:
            yield note(
                "PC0501",
                f"The package of '{collection.name}' is called '{package_name(kind, collection)}': "
                f"ConfigMgr takes {limits.PACKAGE_NAME} characters, so {room} are left for the collection's name",
                collection.origin.below("collection", "name"),
                help=f"nothing has to be done; a collection name of at most {room} characters is kept whole",
            )


def _publisher(project: Project) -> Diagnostic:
    # Without a publisher the project's name is taken, so the two are the same.
    key = "name" if project.publisher == project.name else "publisher"
    return error(
        "PC0502",
        f"The publisher '{project.publisher}' has {len(project.publisher)} characters, "
        f"and the manufacturer of a package takes {limits.MANUFACTURER}",
        project.origin.below("project", key),
        help=f"write a `publisher` of at most {limits.MANUFACTURER} characters beside `name`",
    )
