"""What `policyc import` tells: what became of each entry, for people and for programs."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policyc.cli.console import colour
from policyc.cli.import_room import is_read
from policyc.diagnostics import Diagnostic, Located, Related, note, warning
from policyc.diagnostics.reporters import Report
from policyc.diagnostics.reporters.plain import plain
from policyc.importers import Refused
from policyc.importers.policy_file import PolicyText, Written, described
from policyc.model import Location
from policyc.source.files import PROJECT

_LINE = re.compile(r"(?:^|: )line (\d+)$")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one import."""

    files: tuple[Path, ...]
    written: Written
    places: tuple[tuple[Path, PolicyText], ...]
    labels: tuple[str, ...]
    """What the files are called where there are several: the shortest ends of their paths that tell them apart."""

    @property
    def shown(self) -> str:
        """The files as the command line named them."""
        return ", ".join(file.as_posix() for file in self.files)


def tell(outcomes: Sequence[Outcome], errors: Sequence[Diagnostic], policies: Path, *, as_json: bool) -> None:
    """Report the findings, then what was written."""
    found = [*errors, *(finding for outcome in outcomes for finding in _findings(outcome))]
    extra = {"imports": [_as_data(outcome, policies, written=not errors) for outcome in outcomes]}
    content = Report(tuple(Located(one, None, (None,) * len(one.related)) for one in found), ".", extra)
    if as_json:
        from policyc.diagnostics.reporters import as_json as reporter

        sys.stdout.writelines(reporter.render(content))
        return
    if found:
        from policyc.diagnostics.reporters import text

        sys.stderr.writelines(text.render(content, colour=colour(sys.stderr)))
    for outcome in outcomes:
        sys.stderr.write(f"{_summary(outcome, written=not errors)}\n")
        sys.stderr.writelines(f"{plain(line)}\n" for line in _not_read(outcome, policies))
    sys.stderr.flush()
    if not errors:
        sys.stdout.writelines(_written(outcomes, policies))


def _findings(outcome: Outcome) -> Iterator[Diagnostic]:
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
        count = _counted(len(related), "entry", "entries")
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
    return Location((named or list(outcome.files))[0].as_posix(), line=number)


def labels(files: Sequence[Path]) -> tuple[str, ...]:
    """The shortest ends of paths that tell the files apart.

    >>> labels([Path("a/x.reg"), Path("b/x.reg")])
    ('a/x.reg', 'b/x.reg')
    """
    for depth in range(1, max(len(file.parts) for file in files) + 1):
        found = tuple("/".join(file.parts[-depth:]) for file in files)
        if len(set(found)) == len(files):
            return found
    return tuple(file.as_posix() for file in files)


def _counted(number: int, word: str, words: str) -> str:
    return f"{number:,} {word if number == 1 else words}"


def _summary(outcome: Outcome, *, written: bool) -> str:
    counts = outcome.written
    places = ", ".join(place.as_posix() for place, file in outcome.places if file.settings)
    came = _counted(counts.settings, "setting", "settings")
    where = f"{came} written to {places}" if written and places else f"{came} could be written, nothing was"
    if not places:
        where = "nothing to write"
    words = [
        f"{_counted(counts.entries, 'entry', 'entries')}, {where}",
        f"{len(counts.refused):,} not expressed",
        f"{counts.same:,} said twice",
    ]
    if counts.contradicted:
        words.append(f"{counts.contradicted:,} contradicted")
    if counts.joined:
        words.append(f"{counts.joined:,} joined with another")
    if counts.overwritten:
        words.append(f"{len(counts.overwritten):,} overwritten")
    return plain(f"{outcome.shown}: {', '.join(words)}")


def _not_read(outcome: Outcome, policies: Path) -> Iterator[str]:
    """A warning about each file that only looks like a policy of the project."""
    for place, _ in outcome.places:
        if not is_read(place, policies):
            yield f"warning: no command reads '{place.as_posix()}', as it isn't below '{policies.as_posix()}': move it there"


def _written(outcomes: Sequence[Outcome], policies: Path) -> Iterator[str]:
    if not any(outcome.places for outcome in outcomes):
        return
    baselines: list[str] = []
    for outcome in outcomes:
        for place, file in outcome.places:
            yield plain(f"made  {place.as_posix()}: {file.head} '{file.name}'") + "\n"
        if outcome.places and all(file.head == "baseline" for _, file in outcome.places):
            baselines += [file.name for _, file in outcome.places]
    yield "\nNext:\n"
    if baselines:
        from policyc.resolved.yaml_text import yaml_text

        names = yaml_text({"baselines": baselines}).rstrip("\n").split("\n")
        yield "  list it in the collections that shall have it; without one it reaches no device:\n"
        yield from (f"    {plain(line)}\n" for line in names)
    if not os.path.isfile(policies / PROJECT):  # noqa: PTH113 - Path's raises for a name that is too long
        yield f"  there is no {(policies / PROJECT).as_posix()} yet: begin with 'policyc init'\n"
    yield "  policyc validate\n"


def _as_data(outcome: Outcome, policies: Path, *, written: bool) -> dict[str, Any]:
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
