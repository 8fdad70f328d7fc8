"""Everything that is made for an output folder: one collection after the other, then what is no collection's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar, overload

from policyc.artifacts import Artifact, Build
from policyc.artifacts.paths import PROJECT_FOLDER
from policyc.artifacts.staging import Looked
from policyc.driver.check import Checked
from policyc.driver.make import chosen, collection_artifacts, memories, target_artifacts, with_past
from policyc.model import Collection, Project
from policyc.model.records import dataclass
from policyc.targets.choosing import without_collections

if TYPE_CHECKING:
    from policyc.cache.memory import Memory

T = TypeVar("T")


class Watch(Protocol):
    """Who is told how far a run has come: passes the items on, of which there are `total`."""

    def __call__(self, items: Iterable[T], total: int, what: str, /) -> Iterator[T]:
        """The same items; `what` names them in the plural."""


def unwatched(items: Iterable[T], total: int, what: str, /) -> Iterator[T]:  # noqa: ARG001 - who watches is told them
    """Nobody is told."""
    return iter(items)


@dataclass(frozen=True, slots=True)
class Staging:
    """Where files may be put aside as soon as they are made: by several processes where that is much."""

    output: Path
    memory: Memory | None = None
    """What is known to be there already, and isn't made again."""


@overload
def walk(
    checked: Checked, build: Build, only: frozenset[str] | None = None, watch: Watch = unwatched
) -> Iterator[Artifact]: ...


@overload
def walk(
    checked: Checked, build: Build, only: frozenset[str] | None, watch: Watch, staging: Staging
) -> Iterator[Artifact | Looked]: ...


def walk(
    checked: Checked,
    build: Build,
    only: frozenset[str] | None = None,
    watch: Watch = unwatched,
    staging: Staging | None = None,
) -> Iterator[Artifact | Looked]:
    """All files, or those of some collections (slugs) and of the project; none of a collection that is held back.

    Without `staging` each comes with its bytes; with it, what is staged or known to be there comes without them.
    """
    checked = with_past(checked, build.collections)
    if checked.project is None:
        return
    alone = without_collections(checked.project)
    memory = staging.memory if staging else None
    made = []
    same: set[str] = set()
    for collection in chosen(checked, only):
        known = build.ledger.known_of(collection.identity) if memory else {}
        kept = memory.kept(alone, collection, known) if memory else None
        if kept is None:
            made.append(collection)
        else:
            build.ledger.take(known)
            same.add(collection.identity)
            yield from kept
    for _, files in watch(_made(checked, alone, tuple(made), build, staging), len(made), "collections"):
        yield from files
    known = build.ledger.known_of(PROJECT_FOLDER) if memory else {}
    kept = memory.kept_project(alone, known) if memory else None
    # After those of the collections, as the revisions are among them.
    if kept is None:
        yield from target_artifacts(alone, checked.targets, build)
    else:
        build.ledger.take(known)
        yield from kept
    yield from memories(checked, build, only, same if memory and memory.knows_collections else ())


def _made(
    checked: Checked, alone: Project, collections: tuple[Collection, ...], build: Build, staging: Staging | None
) -> Iterator[tuple[Collection, Iterable[Artifact | Looked]]]:
    if staging is not None:
        from policyc.driver import workers

        processes = workers.how_many(collections)
        if processes > 1:
            ledger = build.ledger
            job = workers.Job(alone, checked.targets, ledger.known, ledger.signer, collections, staging.output)
            yield from workers.staged(job, build, processes)
            return
    for collection in collections:
        yield collection, collection_artifacts(alone, checked.targets, collection, build)
