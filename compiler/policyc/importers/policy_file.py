"""From what an importer found to policy files that validate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from policyc.importers.earlier import Known
from policyc.importers.found import Found, Imported, Refused
from policyc.importers.identity import meaning, place_of
from policyc.importers.ids import with_ids
from policyc.importers.proof import Check, Complaint, all_right, alone, together
from policyc.importers.text import collection_of, policy_text

Remarks = Callable[[str], Iterable[str]]
Naming = Callable[[list[Found]], list[Found]]

MOST = 1000
"""Settings of one file, as the schema has it."""
MOST_BYTES = 3 * 1024 * 1024
"""Text of settings in one file, so that it stays below what a policy file may hold."""

_MOST_NAMED = 5
"""Entries of a contradiction that its message names."""


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A file to write."""

    head: str
    """`baseline` or `collection`."""
    name: str
    """Of the baseline or collection."""
    text: str
    settings: tuple[Found, ...]
    """With their ids."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Entries that can't all hold. None of them is written."""

    what: str
    """The place of the first."""
    settings: tuple[Found, ...]
    message: str

    @property
    def sources(self) -> tuple[str, ...]:
        """Where each stands."""
        return tuple(setting.source for setting in self.settings)

    def __str__(self) -> str:
        """What each of them says, and what is wrong with that."""
        shown = [f"{one.title} ({one.source})" if one.source else one.title for one in self.settings[:_MOST_NAMED]]
        more = len(self.settings) - len(shown)
        return f"{'; '.join(shown)}{f'; and {more} more' if more else ''}: {self.message}"


@dataclass(frozen=True, slots=True)
class Written:
    """What came of an import. Each entry of the file is counted once: written, refused, contradicted, overwritten or said
    before."""

    files: tuple[PolicyText, ...]
    """None where nothing could be said; more than one where a file would hold too much."""
    refused: tuple[Refused, ...]
    contradictions: tuple[Contradiction, ...]
    entries: int
    same: int
    joined: int = 0
    """Entries that are said together with another one in one setting."""
    overwritten: tuple[Refused, ...] = ()
    """Entries of which another one of their file leaves nothing. The reason is where that one stands."""

    @property
    def settings(self) -> int:
        """How many were written."""
        return sum(len(file.settings) for file in self.files)

    @property
    def contradicted(self) -> int:
        """How many entries say what another one denies."""
        return sum(len(one.sources) for one in self.contradictions)


def write_policy(
    imported: Imported,
    *,
    name: str,
    head: str = "baseline",
    remarks: Remarks = lambda _: (),
    check: Check = lambda _: (),
    earlier: Known = (),
    named: Naming = list,
) -> Written:
    """The policy files of an import.

    `head` is `baseline` or `collection`; `remarks` gives the lines for the first comment of a file with a head; `check` says
    what else the settings have to pass; `earlier` are the settings of an earlier import, whose ids stay; `named` says
    what is left in fewer words that mean the same. What the language
    refuses is listed with the reason, and what contradicts itself too.
    """
    state = _State(list(imported.refused))
    distinct = list(with_ids(_distinct(imported.settings), earlier))
    same = imported.same + len(imported.settings) - len(distinct)
    settings = state.without_fights(state.without_wrong(distinct), check)
    files = _files(named(settings), name, head, remarks, (state.listed, imported.overwritten))
    return Written(
        tuple(files),
        tuple(state.refused),
        tuple(state.contradictions),
        imported.entries,
        same,
        imported.joined,
        imported.overwritten,
    )


@dataclass(slots=True)
class _State:
    refused: list[Refused]
    contradictions: list[Contradiction] = field(default_factory=list)

    def without_wrong(self, settings: Sequence[Found]) -> list[Found]:
        kept: list[Found] = []
        for start in range(0, len(settings), MOST):
            some = settings[start : start + MOST]
            # One by one only where something is wrong: that takes some milliseconds for each.
            kept += some if all_right(some) else filter(self._stands, some)
        return kept

    def _stands(self, setting: Found) -> bool:
        reason = alone(setting)
        if reason is not None:
            self.refused.append(Refused(setting.source, described(setting), reason))
        return reason is None

    def without_fights(self, settings: list[Found], check: Check) -> list[Found]:
        """Until nothing is wrong any more: each round takes out at least one setting."""
        while complaints := together(settings, check) if settings else {}:
            self._take_out([setting for setting in settings if setting.id in complaints], complaints)
            settings = [setting for setting in settings if setting.id not in complaints]
        return settings

    def _take_out(self, settings: Sequence[Found], complaints: Mapping[str, Complaint]) -> None:
        groups: dict[str, list[Found]] = {}
        first_of: dict[str, str] = {}
        for setting in settings:
            complaint = complaints[setting.id]
            if complaint.other is None:
                self.refused.append(Refused(setting.source, described(setting), complaint.message))
                continue
            # One group for all that hang together: each names one that it fights.
            first = first_of.get(setting.id) or first_of.get(complaint.other) or setting.id
            first_of[setting.id] = first_of[complaint.other] = first
            groups.setdefault(first, []).append(setting)
        for group in groups.values():
            self.contradictions.append(Contradiction(described(group[0]), tuple(group), complaints[group[0].id].message))

    @property
    def listed(self) -> list[Refused]:
        """All that isn't written, for the file's own list."""
        fights = [Refused("", one.what, str(one)) for one in self.contradictions]
        return [*self.refused, *fights]


def described(setting: Found) -> str:
    """The place of a setting, as people write it; where it has none, its title."""
    place = place_of(setting)
    return setting.title if place is None else str(place)


def _distinct(settings: Iterable[Found]) -> list[Found]:
    """The settings without those that say what an earlier one says of the same place."""
    seen: set[object] = set()
    kept = []
    for setting in settings:
        place = place_of(setting)
        if place is not None:
            says = (place.identity, meaning(setting))
            if says in seen:
                continue
            seen.add(says)
        kept.append(setting)
    return kept


def _files(
    settings: Sequence[Found],
    name: str,
    head: str,
    remarks: Remarks,
    left_out: tuple[Sequence[Refused], Sequence[Refused]],
) -> Iterable[PolicyText]:
    """The files, the last one with what was refused and what was overwritten."""
    parts = list(_parts(settings))
    if len(parts) > 1 and head == "collection":
        # What is too much for one file is said in several, which the collection lists.
        names = [_part(name, number, len(parts)) for number in range(1, len(parts) + 1)]
        yield PolicyText("collection", name, collection_of(name, remarks(head), names), ())
        head = "baseline"
    for number, part in enumerate(parts, start=1):
        own = name if len(parts) == 1 else _part(name, number, len(parts))
        refused, overwritten = left_out if number == len(parts) else ((), ())
        text = policy_text(head, own, remarks(head), part, refused, audit=head == "collection", overwritten=overwritten)
        yield PolicyText(head, own, text, tuple(part))


def _part(name: str, number: int, of: int) -> str:
    return f"{name} ({number} of {of})"


def _parts(settings: Sequence[Found]) -> Iterable[list[Found]]:
    part: list[Found] = []
    size = 0
    for setting in settings:
        own = len(policy_text("baseline", "", (), [setting], ()).encode())
        if part and (len(part) == MOST or size + own > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(setting)
        size += own
    if part:
        yield part
