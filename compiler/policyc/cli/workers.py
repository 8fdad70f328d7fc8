"""Making and staging the files of a large estate in several processes.

One collection's files depend on no other collection's, so each process makes those of some collections and puts them into
the staging folder. What comes back is what the manifest needs to know of them; the bytes stay where they are.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from policyc.artifacts import Artifact, Build
from policyc.artifacts.disk import Tree
from policyc.artifacts.failures import Obstacle
from policyc.artifacts.revisions import Ledger, Revision
from policyc.artifacts.staging import Looked, stage
from policyc.cli.pipeline import collection_artifacts
from policyc.model import Collection, Project
from policyc.targets import Target

_FORKS = sys.platform == "linux"
_WORTH_IT = 2_000 if _FORKS else 10_000
"""Settings from which on the work pays for starting processes. Where they don't fork, they begin with every import anew."""
_AT_A_TIME = 8
"""Collections that a process is given at once."""
_MOST = 8
_NUMBERS = 1_000_000
"""Staged files of one portion, at most; those that this process stages itself are numbered below it."""


@dataclass(frozen=True, slots=True)
class Job:
    """What every process knows."""

    project: Project
    targets: tuple[Target, ...]
    known: dict[str, Revision]
    signer: str | None
    collections: tuple[Collection, ...]
    root: Path


@dataclass(frozen=True, slots=True)
class Portion:
    """What a process has made."""

    files: list[tuple[str, list[Looked]]]
    """By slug."""
    given: dict[str, Revision]


def how_many(collections: Sequence[Collection]) -> int:
    """Processes that are worth starting; 1: none beside this one."""
    if sum(len(collection.settings) for collection in collections) < _WORTH_IT:
        return 1
    available = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, min(available, _MOST, len(collections) // _AT_A_TIME))


def staged(job: Job, build: Build, processes: int) -> Generator[tuple[Collection, Iterable[Artifact | Looked]], None, None]:
    """The files of the job's collections, staged below its root, and their revisions in the build's ledger.

    What a process couldn't stage is made here again, so that every trouble is met as without processes.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    portions = [range(len(job.collections))[start : start + _AT_A_TIME] for start in range(0, len(job.collections), _AT_A_TIME)]
    pool = ProcessPoolExecutor(processes, get_context("fork" if _FORKS else "spawn"), _begin, (job,))
    try:
        futures = [pool.submit(_portion, portion) for portion in portions]
        for numbers, future in zip(portions, futures, strict=True):
            try:
                made = future.result()
            except BrokenProcessPool:
                made = None
            if made is None:
                for number in numbers:
                    collection = job.collections[number]
                    yield collection, collection_artifacts(job.project, job.targets, collection, build)
                continue
            build.ledger.take(made.given)
            for number, (_, files) in zip(numbers, made.files, strict=True):
                yield job.collections[number], files
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_job: Job | None = None


def _begin(job: Job) -> None:
    """A process starts. The interrupt key is its parent's business."""
    global _job  # noqa: PLW0603 - the one thing that a process of a pool keeps
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _job = job


def _portion(numbers: range) -> Portion | None:
    """Make and stage the files of some collections; None where something on the disk is in the way."""
    assert _job is not None  # noqa: S101 - _begin was called
    return make(_job, numbers)


def make(job: Job, numbers: range) -> Portion | None:
    """The same, in whatever process."""
    tree = Tree(job.root)
    build = Build(Ledger(job.known, signer=job.signer))
    free = (numbers.start + 1) * _NUMBERS
    files: list[tuple[str, list[Looked]]] = []
    try:
        for number in numbers:
            collection = job.collections[number]
            made = collection_artifacts(job.project, job.targets, collection, build)
            files.append((collection.slug, [stage(tree, one, free + place) for place, one in enumerate(made)]))
            free += len(made)
    except (Obstacle, OSError):
        return None
    return Portion(files, build.ledger.given)
