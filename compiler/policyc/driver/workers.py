"""Making and staging the files of a large estate in several processes.

One collection's files depend on no other collection's, so each process makes those of some collections and puts them into
the staging folder. What comes back through a pipe is what the manifest needs to know of them; the bytes stay where they are.

The processes are forks, which know everything already; elsewhere each would have to import and be told it all, for longer
than the work takes. Nothing is shared between them and nothing locked, so that one that dies, or a parent that does, stops
nobody: the next write to a pipe that nobody reads ends a process. Until then it holds the lock of the output folder, as it
has inherited it, so that no other run stages beside it.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
import warnings
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import field
from io import BufferedReader
from pathlib import Path
from typing import NoReturn

from policyc.artifacts import Artifact, Build
from policyc.artifacts.disk import Tree
from policyc.artifacts.revisions import Ledger, Revision
from policyc.artifacts.staging import Looked, stage
from policyc.driver.make import collection_artifacts
from policyc.model import Collection, Project
from policyc.model.records import dataclass
from policyc.targets import Target

FORKS = sys.platform == "linux"
_WORTH_IT = 2_000
"""Settings from which on the work pays for starting processes."""
_AT_A_TIME = 8
"""Collections whose files are told of at once."""
_MOST = 8
_NUMBERS = 1_000_000
"""Staged files of one portion, at most; those that this process stages itself are numbered below it."""
_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be made."""

    project: Project
    targets: tuple[Target, ...]
    known: dict[str, Revision]
    signer: str | None
    collections: tuple[Collection, ...]
    root: Path

    @property
    def portions(self) -> list[range]:
        """Numbers of collections that are made together."""
        number = len(self.collections)
        return [range(start, min(start + _AT_A_TIME, number)) for start in range(0, number, _AT_A_TIME)]


@dataclass(frozen=True, slots=True)
class Portion:
    """What a process has made."""

    files: list[list[Looked]]
    """Of each collection."""
    given: dict[str, Revision]


def how_many(collections: Sequence[Collection]) -> int:
    """Processes that are worth starting; 1: none beside this one."""
    if not FORKS or sum(len(collection.settings) for collection in collections) < _WORTH_IT:
        return 1
    return max(1, min(len(os.sched_getaffinity(0)), _MOST, len(collections) // _AT_A_TIME))


def staged(job: Job, build: Build, processes: int) -> Generator[tuple[Collection, Iterable[Artifact | Looked]], None, None]:
    """The files of the job's collections, staged below its root, and their revisions in the build's ledger.

    What a process couldn't make or stage is made here again, so that every trouble is met as without processes.
    """
    team = _Team(job)
    _learn(job)
    try:
        team.start(processes)
        for portion, numbers in enumerate(job.portions):
            made = team.take(portion)
            if made is not None:
                build.ledger.take(made.given)
                yield from zip((job.collections[number] for number in numbers), made.files, strict=True)
                continue
            for number in numbers:
                collection = job.collections[number]
                yield collection, collection_artifacts(job.project, job.targets, collection, build)
    finally:
        team.end()


def _learn(job: Job) -> None:
    """Make the files of one collection for nobody: what is imported and linked for it, the processes have from the start."""
    # What is in the way is met where the files are wanted.
    with suppress(Exception):
        collection_artifacts(job.project, job.targets, job.collections[0], Build(Ledger(job.known, signer=job.signer)))


def make(job: Job, numbers: range) -> Portion:
    """Make and stage the files of some collections, in whatever process. Raises what is in the way."""
    tree = Tree(job.root)
    build = Build(Ledger(job.known, signer=job.signer))
    free = (numbers.start + 1) * _NUMBERS
    files: list[list[Looked]] = []
    for number in numbers:
        made = collection_artifacts(job.project, job.targets, job.collections[number], build)
        files.append([stage(tree, one, free + place) for place, one in enumerate(made)])
        free += len(made)
    return Portion(files, build.ledger.given)


@dataclass(slots=True)
class _Team:
    """The processes, each with the portions whose number it is, counted round."""

    job: Job
    members: list[tuple[int, BufferedReader | None]] = field(default_factory=list)
    """Process id, and where it tells what it has made; None once it doesn't any more."""

    def start(self, processes: int) -> None:
        """Fork; where the system doesn't let us, there is nobody."""
        # What was said so far would be said once more by each of them.
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        with _undisturbed(), warnings.catch_warnings():
            # Of threads that a fork lacks: policyc has none, only who calls it may.
            warnings.simplefilter("ignore", DeprecationWarning)
            pipes: list[tuple[int, int]] = []
            try:
                pipes.extend(os.pipe() for _ in range(processes))
                for number in range(processes):
                    child = os.fork()
                    if child == 0:
                        _work(self.job, number, pipes, [stream for _, stream in self.members if stream is not None])
                    self.members.append((child, os.fdopen(os.dup(pipes[number][0]), "rb")))
            except OSError:
                self.end()
            finally:
                for read, write in pipes:
                    os.close(read)
                    os.close(write)

    def take(self, portion: int) -> Portion | None:
        """What was made of it; None where it wasn't."""
        if not self.members:
            return None
        place = portion % len(self.members)
        child, stream = self.members[place]
        if stream is None:
            return None
        head = stream.read(_LENGTH.size)
        body = stream.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else b""
        if len(head) < _LENGTH.size or len(body) < _LENGTH.unpack(head)[0]:
            # It died. What it should have made is made here.
            stream.close()
            self.members[place] = (child, None)
            return None
        made: Portion | None = pickle.loads(body)  # noqa: S301 - from our own fork
        return made

    def end(self) -> None:
        """Nobody of them is left when this returns."""
        with _undisturbed():
            for child, stream in self.members:
                if stream is not None:
                    stream.close()
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
                with suppress(ChildProcessError):
                    os.waitpid(child, 0)
            self.members.clear()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """The interrupt key waits until this is over: half a fork, or half an end, would leave a process behind."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(
    job: Job, number: int, pipes: Sequence[tuple[int, int]], others: Iterable[BufferedReader]
) -> NoReturn:  # pragma: no cover - in another process
    """What a fork does. The interrupt key is its parent's business."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        # Who holds an end of another's pipe keeps that one from seeing that nobody reads any more.
        for stream in others:
            stream.close()
        for place, (read, write) in enumerate(pipes):
            os.close(read)
            if place != number:
                os.close(write)
        with os.fdopen(pipes[number][1], "wb") as told:
            for portion in job.portions[number :: len(pipes)]:
                try:
                    made = make(job, portion)
                except Exception:  # Its parent meets the same, and knows what to say.
                    made = None
                body = pickle.dumps(made, pickle.HIGHEST_PROTOCOL)
                told.write(_LENGTH.pack(len(body)) + body)
                told.flush()
    finally:
        os._exit(0)
