"""What came of an import: its findings, and all of it as data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policyc.diagnostics import Diagnostic, Related, note, warning
from policyc.driver.imports.room import is_read
from policyc.importers import Refused
from policyc.importers.policy_file import PolicyText, Written, described
from policyc.model import Location

_LINE = re.compile(r"(?:^|: )line (\d+)$")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one import."""

    files: tuple[Path, ...]
    written: Written
    places: tuple[tuple[Path, PolicyText], ...]
    labels: tuple[str, ...]
    """What the files are called where there are several: the shortest ends of their paths that tell them apart."""
    folders: tuple[Path, ...] = ()
    """Those that hold the files, where it is folders that were named."""

    @property
    def named(self) -> tuple[Path, ...]:
        """What was read, as the command line says it."""
        return self.folders or self.files

    @property
    def shown(self) -> str:
        """The same in one line."""
        return ", ".join(file.as_posix() for file in self.named)


def findings(outcome: Outcome) -> Iterator[Diagnostic]:
    """What there is to say of it."""
    by_reason: dict[str, list[Refused]] = {}
    for one in outcome.written.refused:
        by_reason.setdefault(one.reason, []).append(one)
    for reason, several in by_reason.items():
        yield _refused(outcome, reason, several)
    for fight in outcome.written.contradictions:
        places = [_location(outcome, source) for source in fight.sources]
        related = [
            Related(place, one.title) for one, place in zip(fight.settings, places, strict=True) if place.line is not None
        ]
        way_out = "decide which of them is meant, and write it into the policy"
        message = f"Not imported, as they contradict each other: {fight}"
        yield warning("PC0803", message, places[0], help=way_out, related=related[1:])
    yield from _overwritten(outcome)
    if not outcome.places:
        yield _nothing(outcome)


def _nothing(outcome: Outcome) -> Diagnostic:
    """Neither a mistake nor a success: a policy without settings would look like one."""
    where = Location(outcome.shown)
    if not outcome.written.entries:
        return note("PC0805", f"'{outcome.shown}' holds no entries, so no policy is written", where)
    message = f"Nothing of '{outcome.shown}' can be expressed, so no policy is written"
    return note("PC0805", message, where, help="look at the reasons; is it the file that you meant?")


def _overwritten(outcome: Outcome) -> Iterator[Diagnostic]:
    """One for each file, with every entry."""
    by_file: dict[str, list[Related]] = {}
    for one in outcome.written.overwritten:
        place = _location(outcome, one.source)
        by_file.setdefault(place.file, []).append(Related(place, f"{_named(one, place)}, by {one.reason}"))
    for file, related in by_file.items():
        count = counted(len(related), "entry", "entries")
        message = f"Overwritten by what the same file says elsewhere, {count}: what comes last holds, and is imported"
        yield note("PC0912", message, Location(file), related=related)


def _refused(outcome: Outcome, reason: str, several: Sequence[Refused]) -> Diagnostic:
    """One finding for all entries with the same reason, each named."""
    first = _location(outcome, several[0].source)
    if len(several) == 1:
        return warning("PC0802", f"Not imported: {_named(several[0], first)}: {reason}", first)
    places = [_location(outcome, one.source) for one in several]
    related = [Related(place, _named(one, place)) for one, place in zip(several, places, strict=True)]
    return warning("PC0802", f"Not imported, {len(several)} entries: {reason}", Location(first.file), related=related)


def _named(one: Refused, place: Location) -> str:
    """An entry, with its source where the place doesn't say it."""
    return one.what if not one.source or place.line is not None else f"{one.source}, {one.what}"


def _location(outcome: Outcome, source: str) -> Location:
    """The place in the imported file, a line where its source is one."""
    line = _LINE.search(source)
    number = int(line[1]) if line else None
    named = [file for file, label in zip(outcome.files, outcome.labels, strict=True) if source.startswith(f"{label}: ")]
    return Location((named or outcome.named)[0].as_posix(), line=number)


def as_data(outcome: Outcome, policies: Path, *, written: bool) -> dict[str, Any]:
    """All of it, for programs; `written`: whether its policies were."""
    counts = outcome.written
    return {
        "files": [file.as_posix() for file in outcome.files],
        "policies": [
            {
                "file": place.as_posix(),
                "read": is_read(place, policies),
                "head": file.head,
                "name": file.name,
                "settings": [
                    {"id": one.id, "title": one.title, "place": described(one), "source": one.source} for one in file.settings
                ],
            }
            for place, file in outcome.places
        ],
        "written": written,
        "notExpressed": [{"source": one.source, "what": one.what, "reason": one.reason} for one in counts.refused],
        "contradicted": [{"sources": list(one.sources), "what": one.what, "reason": str(one)} for one in counts.contradictions],
        "overwritten": [{"source": one.source, "what": one.what, "by": one.reason} for one in counts.overwritten],
        "counts": {
            "entries": counts.entries,
            "settings": counts.settings,
            "notExpressed": len(counts.refused),
            "contradicted": counts.contradicted,
            "overwritten": len(counts.overwritten),
            "joined": counts.joined,
            "saidTwice": counts.same,
        },
    }


def counted(number: int, word: str, words: str) -> str:
    """`1 entry`, `2 entries`."""
    return f"{number:,} {word if number == 1 else words}"
