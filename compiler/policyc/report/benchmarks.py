"""Lists of what a benchmark asks for: a reference a line, as settings name them, and behind a tab what it is called."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from policyc.diagnostics import Diagnostic, error
from policyc.model import Location, Setting, upper
from policyc.report.model import Cover, Coverage, Entry
from policyc.source.wording import quoted, visible

LARGEST = 1_048_576
"""Bytes: the longest published list has some thousand entries."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A list that the project names."""

    name: str
    file: str
    entries: tuple[tuple[str, str], ...]
    """(Reference, title or nothing), none twice."""


@dataclass(frozen=True, slots=True)
class Member:
    """A collection, as a benchmark sees it."""

    name: str
    settings: tuple[Setting, ...]
    excepted: tuple[Setting, ...]


def folded(reference: str) -> str:
    """One form for all spellings.

    >>> folded("cis  2.3.11.7") == folded("CIS 2.3.11.7 ")
    True
    """
    return upper(" ".join(reference.split()))


def read_benchmark(root: Path, name: str, file: str, at: Location) -> Benchmark | Diagnostic:
    """The list in a file below the policies folder, or PC2601."""
    path = PurePosixPath(file)
    if path.is_absolute() or ".." in path.parts or "\\" in file or ":" in file:
        return _unusable(f"{quoted(file)} may lead out of the policies folder", at, "write the way from that folder downwards")
    try:
        with (root / path).open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            data = stream.read(LARGEST + 1)
    except OSError as failure:
        way_out = "add the file, or take the benchmark out"
        return _unusable(f"the list {quoted(file)} can't be read: {failure.strerror}", at, way_out)
    if size > LARGEST or len(data) > LARGEST:
        return _unusable(
            f"the list {quoted(file)} has more than {LARGEST:,} bytes", at, "leave the references and titles alone"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _unusable(f"the list {quoted(file)} is not UTF-8", at, "save it as UTF-8")
    entries = _entries(text.splitlines())
    if not entries:
        return _unusable(f"the list {quoted(file)} names nothing", at, "write one reference a line, as settings name it")
    return Benchmark(visible(name), file, entries)


def _entries(lines: Iterable[str]) -> tuple[tuple[str, str], ...]:
    found: dict[str, tuple[str, str]] = {}
    for line in lines:
        reference, _, title = line.partition("\t")
        reference = " ".join(reference.split())
        if reference and not reference.startswith("#"):
            found.setdefault(folded(reference), (visible(reference), visible(title.strip())))
    return tuple(found.values())


def _unusable(message: str, at: Location, way_out: str) -> Diagnostic:
    return error("PC2601", message, at, help=way_out)


def coverage(benchmark: Benchmark, members: Iterable[Member]) -> Coverage:
    """What the collections make of each entry."""
    asked = {folded(reference): number for number, (reference, _) in enumerate(benchmark.entries)}
    best: list[Cover] = [Cover.MISSING] * len(asked)
    settings: list[dict[str, None]] = [{} for _ in asked]
    holders: list[dict[str, None]] = [{} for _ in asked]
    excepted: list[dict[str, None]] = [{} for _ in asked]
    table = []
    for member in members:
        own: dict[int, Cover] = {}
        for setting, cover in _named(member):
            for reference in setting.references:
                number = asked.get(folded(reference))
                if number is None:
                    continue
                settings[number][setting.whole] = None
                (excepted if cover is Cover.EXCEPTED else holders)[number][member.name] = None
                own[number] = _better(own.get(number, Cover.MISSING), cover)
                best[number] = _better(best[number], cover)
        said = list(own.values())
        counts = [said.count(cover) for cover in (Cover.SET, Cover.REPORTED, Cover.EXCEPTED)]
        table.append((member.name, counts[0], counts[1], counts[2], len(asked) - len(own)))
    entries = tuple(
        Entry(reference, title, best[number], tuple(settings[number]), tuple(holders[number]), tuple(excepted[number]))
        for number, (reference, title) in enumerate(benchmark.entries)
    )
    return Coverage(benchmark.name, benchmark.file, entries, tuple(table))


def _named(member: Member) -> Iterable[tuple[Setting, Cover]]:
    for setting in member.settings:
        yield setting, Cover.SET if setting.remediated else Cover.REPORTED
    for setting in member.excepted:
        yield setting, Cover.EXCEPTED


def _better(one: Cover, other: Cover) -> Cover:
    order = list(Cover)
    return min(one, other, key=order.index)
