"""The whole project: its head, its collections, and what must be unique among them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policyc.diagnostics import Diagnostic, Related, error
from policyc.kinds.duplicates import warn_of_repeated
from policyc.lowering.collections import Shared, lower_collection
from policyc.lowering.declared import Lowering
from policyc.lowering.deployment import Block, lower_deployment, span
from policyc.lowering.group_policy import GroupPolicies
from policyc.lowering.identities import identified
from policyc.lowering.layers import Layers
from policyc.lowering.slugs import is_device
from policyc.lowering.ways import check_intune
from policyc.model import (
    CONFIGMGR,
    Apart,
    Collection,
    Deployment,
    ExecutionPolicy,
    Granularity,
    LeftBehind,
    Location,
    Precedence,
    Project,
    Signing,
    Version,
    derived_id,
    upper,
)
from policyc.source.project import Packed

if TYPE_CHECKING:
    from policyc.definitions import OpenShelf
    from policyc.source import Document, Sources


def lower(sources: Sources, *, open_shelf: OpenShelf | None = None) -> tuple[Project | None, list[Diagnostic]]:
    """What the policies mean, and what is wrong with their meaning.

    The project holds what could be understood, so that analysis has its say too; it is None only where there is no
    project file. The collections are ordered by slug.
    """
    complete = not any(one.is_error for one in sources.diagnostics)
    return lower_all(list(sources.documents), complete=complete, open_shelf=open_shelf)


def lower_all(
    documents: list[Document | Packed], *, complete: bool = True, open_shelf: OpenShelf | None = None
) -> tuple[Project | None, list[Diagnostic]]:
    """The same of documents, which are taken out of the list: a tree takes more memory than what it means.

    `complete`: every file of the project could be read. `open_shelf` gives a place where templates are remembered.
    """
    found: list[Diagnostic] = []
    head = next((_whole(document) for document in documents if document.kind == "project"), None)
    version = _version(head, "server_version")
    shared = _shared_deployment(head)
    # Its own mistakes are told once, and where they stand.
    common_deployment = lower_deployment(shared, found)
    layers = Layers((_whole(one) for one in documents if one.kind == "baseline"), found, complete=complete)
    root = documents[0].root if documents else None
    policies = _policies(head, open_shelf)
    found += policies.check()
    lowering = Lowering(layers, {} if head is None else head.tree.get("variables", {}), policies, found, root)
    for name in layers:
        layers.baseline(name)
    common = Shared(version, shared, layers, lowering, _targets(head), _shared_intune(head, found))
    documents.reverse()
    collections: list[Collection] = []
    while documents:
        document = documents.pop()
        if document.kind == "collection":
            collections.append(lower_collection(_whole(document), common, found))
    _check_unused(layers, lowering)
    policies.save()
    found += _unique(collections)
    if head is None:
        return None, found
    ordered = sorted(collections, key=lambda collection: (collection.slug, collection.origin.file))
    project = _project(head, ordered, common_deployment, found)
    return identified(project, found), found


def _whole(document: Document | Packed) -> Document:
    return document.unpacked() if isinstance(document, Packed) else document


def _policies(head: Document | None, open_shelf: OpenShelf | None) -> GroupPolicies:
    """The administrative templates of the project."""
    if head is None:
        return GroupPolicies(Path(), (), None, None)
    folders = tuple(head.tree.get("definitions", ()))
    return GroupPolicies(head.root, folders, head.tree.get("definitions_language"), open_shelf)


def _check_unused(layers: Layers, lowering: Lowering) -> None:
    """What is wrong in a baseline is told even if no collection lists it yet."""
    for name in layers:
        for declared in layers.baseline(name).settings.values():
            lowering.check_alone(declared)


def _version(head: Document | None, word: str) -> Version | None:
    text = None if head is None else head.tree.get("configmgr", {}).get(word)
    return None if text is None else Version(text)


def _shared_deployment(head: Document | None) -> tuple[Block, ...]:
    tree = {} if head is None else head.tree.get("configmgr", {}).get("deployment", {})
    return ((tree, Location(head.file).below("configmgr", "deployment")),) if head is not None and tree else ()


def _targets(head: Document | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys((CONFIGMGR,) if head is None else head.tree.get("targets", (CONFIGMGR,))))


def _shared_intune(head: Document | None, found: list[Diagnostic]) -> tuple[Block, ...]:
    if head is None or "intune" not in head.tree:
        return ()
    block = head.tree["intune"], Location(head.file).below("intune")
    found += check_intune(*block)
    return (block,)


def _project(head: Document, collections: list[Collection], shared: Deployment, found: list[Diagnostic]) -> Project:
    names, site = head.tree["project"], head.tree.get("configmgr", {})
    return Project(
        name=names["name"],
        publisher=names.get("publisher", names["name"]),
        origin=Location(head.file),
        id=_id(head, found),
        site_code=site.get("site_code"),
        site_server=site.get("site_server"),
        server_version=_version(head, "server_version"),
        client_version=_version(head, "client_version"),
        targets=_targets(head),
        granularity=Granularity(site.get("granularity", Granularity.GROUP)),
        execution_policy=ExecutionPolicy(site.get("execution_policy", ExecutionPolicy.BYPASS)),
        signing=Signing(site["signing"]) if "signing" in site else None,
        content_source=site.get("content_source"),
        offboarding_wait=span(site.get("offboarding_wait", "1 day")),
        departed=_names(head.tree.get("departed", []), Location(head.file).below("departed"), found),
        left_behind=_left_behind(site.get("left_behind", {}), shared),
        disjoint=tuple(_apart(head, found)),
        precedence=tuple(_precedence(head, found)),
        collections=tuple(collections),
        definitions=tuple(head.tree.get("definitions", ())),
    )


def _left_behind(tree: dict[str, Any], shared: Deployment) -> LeftBehind:
    """An id alone names the collection too."""
    standard = LeftBehind()
    return LeftBehind(
        report=tree.get("report", standard.report),
        collection=tree.get("collection", tree.get("id", standard.collection)),
        id=tree.get("id", None if "collection" in tree else standard.id),
        deployment=shared,
    )


def _id(head: Document, found: list[Diagnostic]) -> str:
    """The project's id. Without one it is what an estate had before there were ids, and an error says how to write it down."""
    tree = head.tree["project"]
    if "id" in tree:
        return str(tree["id"])
    derived = derived_id(tree["name"])
    way_out = (
        f"for a new estate run 'policyc init --id', which adds one of its own; one that is on a site or on devices already "
        f"keeps what it owns there by the line 'id: {derived}', which derives from its name (another estate of that name "
        f"can't be told from it)"
    )
    message = "the project has no id: by its name alone, nobody can tell it from another of that name"
    found.append(error("PC0349", message, Location(head.file).below("project"), help=way_out))
    return derived


def _apart(head: Document, found: list[Diagnostic]) -> Iterable[Apart]:
    at = Location(head.file).below("disjoint")
    for number, tree in enumerate(head.tree.get("disjoint", ())):
        names = _names(tree["collections"], at.below(number, "collections"), found)
        yield Apart(names, tree["reason"], at.below(number))


def _precedence(head: Document, found: list[Diagnostic]) -> Iterable[Precedence]:
    """One order, or several."""
    at, tree = Location(head.file).below("precedence"), head.tree.get("precedence", ())
    if tree and isinstance(tree[0], str):
        yield Precedence(_names(tree, at, found), at)
    else:
        for number, names in enumerate(tree):
            yield Precedence(_names(names, at.below(number), found), at.below(number))


def _names(names: list[str], at: Location, found: list[Diagnostic]) -> tuple[str, ...]:
    warn_of_repeated(tuple(names), at, found, exact_case=False, can_be_exact=False)
    return tuple(names)


def _unique(collections: Iterable[Collection]) -> Iterable[Diagnostic]:
    names: dict[str, Collection] = {}
    slugs: dict[str, Collection] = {}
    ids: dict[str, Collection] = {}
    for collection in collections:
        name = collection.origin.below("collection", "name")
        if is_device(collection.slug):
            message = f"the folder of '{collection.name}' would be '{collection.slug}', which Windows takes for a device"
            yield error("PC0317", message, name, help="add a word to the name")
        first = names.setdefault(upper(collection.name), collection)
        if first is not collection:
            message = f"another file describes the collection '{collection.name}' too"
            yield error(
                "PC0315",
                message,
                name,
                help="join the two files, or give one of them another name",
                related=_related(first, "name"),
            )
        elif (first := slugs.setdefault(collection.slug, collection)) is not collection:
            message = f"'{collection.name}' and '{first.name}' would share the folder '{collection.slug}'"
            way_out = "change a letter or digit of one of the names, other characters don't count in a folder's name"
            yield error("PC0316", message, name, help=way_out, related=_related(first, "name"))
        if collection.id is not None and (first := ids.setdefault(collection.id, collection)) is not collection:
            message = f"'{collection.name}' and '{first.name}' have the same id '{collection.id}'"
            node = collection.origin.below("collection", "id")
            yield error("PC0318", message, node, help="give each the id that the site gave it", related=_related(first, "id"))


def _related(collection: Collection, word: str) -> list[Related]:
    return [Related(collection.origin.below("collection", word), f"the collection '{collection.name}'")]
