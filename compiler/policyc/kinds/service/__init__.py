"""Services of Windows: when they start, and whether they run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from policyc.diagnostics import Diagnostic
from policyc.evaluation import ABSENT, UNREADABLE, State, Verdict
from policyc.evaluation.device import Device
from policyc.kinds.kind import AT_ONCE, Together
from policyc.kinds.service import words as words_of
from policyc.kinds.service.installed import DISABLED, DRIVER_STARTS, STARTS, Installed, installed, undone_parts
from policyc.kinds.service.subject import Running, Service, ServicePlace, Startup, fights
from policyc.model import Location, Registry


class ServiceKind:
    """What `policyc.kinds.kind.SettingKind` asks."""

    word = Service.word
    as_one = frozenset({"startup", "state", "missing"})
    place_words: tuple[str, ...] = ("service.name",)
    condition_words = frozenset({"startup", "state", "missing"})
    unreadable = "its start type can't be read"
    note = (
        "Services: a start type counts from the next start of Windows, but a disabled service can't be started from now on; "
        "one that runs goes on where its state isn't asked for. Before a service is stopped, those that depend on it are named "
        "in the log and stopped. A Group Policy with the same service (System Services) sets its start type again at its next "
        'refresh: take it out there. Services that Windows guards refuse every change, and fail with "access denied" (error 5).'
    )

    def lower(self, tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> Service | None:
        """Its own node is `service` below `at`."""
        from policyc.kinds.service.lowering import lower

        return lower(tree, at, found, audit=audit)

    def same_word(self, word: str, one: object, other: object) -> bool:
        """Names without regard to case."""
        if word == "name" and isinstance(one, str) and isinstance(other, str):
            return one.upper() == other.upper()
        return one == other

    def users(self, subject: Service, device: Device) -> tuple[str | None, ...]:
        """Services are the machine's."""
        return (None,)

    def verdict(self, subject: Service, state: State) -> Verdict:
        """As scripts judge it: whether a driver runs, nothing says."""
        if state is ABSENT:
            return Verdict.COMPLIANT if subject.missing else Verdict.NON_COMPLIANT
        service = installed(state)
        if state is UNREADABLE or service is None or (service.running is None and subject.running is not None):
            return Verdict.ERROR
        return Verdict.COMPLIANT if subject.holds(service) else Verdict.NON_COMPLIANT

    def after(self, subject: Service, state: State) -> State:
        """Start type and state, as far as they are asked for. No policy installs a service."""
        service = installed(state)
        return state if service is None else subject.change(service).state

    def is_kept(self, state: State, user: str | None) -> bool:
        """What isn't installed is never changed."""
        return state is not ABSENT

    def undone(self, subject: Service, before: State, after: State) -> State:
        """A service that was disabled and ran can't be started again."""
        was, now = installed(before), installed(after)
        if was is not None and now is not None and was.start == DISABLED and was.running and not now.running:
            return Installed(was.start, was.delayed, running=False).state
        return before

    def undone_now(self, before: State, written: State, now: State) -> State | None:
        """Start type and state each by itself, as scripts do it (`Get-ServiceUndone`)."""
        was, last, there = installed(before), installed(written), installed(now)
        if there is None:
            # One that was removed since has nothing left that could go back.
            return now
        return None if was is None or last is None else undone_parts(was, last, there, now)

    def meaning(self, subject: Service) -> tuple[object, ...]:
        """All but the place."""
        return (subject.startup, subject.running, subject.missing, subject.writes)

    def remembered(self, subject: Service) -> tuple[object, ...]:
        """Name, start type and state, as texts."""
        return (subject.place.name.upper(), *map(str, (subject.startup, subject.running, subject.missing)))

    def covers(self, winner: Service, loser: Service) -> bool:
        """Whether nothing is lost where the winner's setting stands for the loser's one."""
        return replace(loser, place=winner.place) in (winner, replace(winner, writes=False))

    def contradict(self, one: Service, other: Service) -> bool:
        """Two that accept a service that isn't there have that to agree on."""
        return fights(one, other) and not (one.missing and other.missing)

    def agree(self, one: Service, other: Service) -> bool:
        """Each sets what the other one leaves, or they set the same."""
        return not fights(one, other)

    def same_write(self, one: Service, other: Service) -> bool:
        """The same start type and the same state."""
        return one.writes and other.writes and (one.startup, one.running) == (other.startup, other.running)

    def violates(self, writer: Service, judge: Service) -> bool:
        """Where the service is installed; where it isn't, nothing is written."""
        return writer.writes and fights(writer, judge)

    def together(self, subject: Service, other: Registry) -> Together:
        """Whether the value `Start` is such that the service can be as it must."""
        from policyc.kinds.service.values import together

        return together(subject, other)

    def empties(self, subject: Service) -> bool:
        """Nothing lies below a service."""
        return False

    def above(self, subject: Service) -> Iterable[tuple[str, int, str, None]]:
        """The registry's keys in which Windows keeps it."""
        hive, view, key, _ = subject.place.identity
        steps = key.split("\\")
        for depth in range(len(steps), 0, -1):
            yield (hive, view, "\\".join(steps[:depth]), None)

    def needs_above(self, subject: Service) -> bool:
        """Whether it has to be installed."""
        return not subject.missing

    def implies(self, one: Service, other: Service) -> bool:
        """Whatever the other one asks for, the first asks for too."""
        return (
            other.startup in (None, one.startup) and other.running in (None, one.running) and (other.missing or not one.missing)
        )

    def words(self, subject: Service, *, masked: bool) -> dict[str, Any]:
        """Name, start type, state, and what counts where it isn't installed."""
        return words_of.words(subject, masked=masked)

    def plan_words(self, subject: Service) -> dict[str, Any]:
        """The same, flat."""
        said = words_of.words(subject, masked=False)
        return {"service.name": said["name"], **{word: said.get(word) for word in ("startup", "state", "missing")}}

    def hidden(self, words: Iterable[str]) -> frozenset[str]:
        """Start type and state."""
        return frozenset({"startup", "state"}.intersection(words))

    def remediation(self, subject: Service) -> str:
        """Set, started or stopped."""
        return words_of.remediation(subject)

    def effect(self, subject: Service) -> str:
        """What it starts or stops is so at once, and so is a service that nobody can start any more."""
        return AT_ONCE if subject.running is not None or subject.startup is Startup.DISABLED else "the next start of Windows"

    def must(self, subject: Service, *, masked: bool) -> str:
        """Start type, state, and whether it may be missing."""
        return words_of.must(subject, masked=masked)

    def written(self, subject: Service, *, masked: bool) -> str:
        """What is done through the service manager."""
        return words_of.written(subject, masked=masked)

    def shown(self, state: State) -> str:
        """As the function of the scripts says it."""
        service = installed(state)
        return "not installed" if service is None else str(service)

    def stated(
        self, tree: dict[str, Any], at: Location, found: list[Diagnostic]
    ) -> Iterator[tuple[ServicePlace, State, Location]]:
        """By name: start type, state, and whether it is a driver."""
        for name, said in tree.items():
            yield ServicePlace(name), _stated(said), at.below(name)

    def row(self, subject: Service) -> dict[str, str | int | bool | tuple[str, ...]]:
        """The words of the policy."""
        said: dict[str, str | int | bool | tuple[str, ...]] = {"Place": subject.place.name}
        for name, value in (("Startup", subject.startup), ("State", subject.running)):
            if value is not None:
                said[name] = value.value
        return {**said, "Missing": True} if subject.missing else said

    def functions(self) -> str:
        """`functions.ps1`."""
        from importlib.resources import files

        return (files(__package__) / "functions.ps1").read_text("ascii")

    def needs(self, subject: Service) -> frozenset[str]:
        """All that it calls, it names."""
        return frozenset()


def _stated(said: dict[str, Any]) -> State:
    """A service of a state."""
    startup = said["startup"]
    if startup == "unreadable":
        return UNREADABLE
    start, delayed = STARTS[startup] if startup in STARTS else DRIVER_STARTS[startup]
    driver = said.get("driver", startup in DRIVER_STARTS)
    return Installed(start, delayed, None if driver else said.get("state") == "running").state


def said_by(row: Mapping[str, object]) -> dict[str, Any] | None:
    """The words of a policy whose row this is; None for none."""
    words = {"startup": row.get("Startup"), "state": row.get("State")}
    said = {word: value for word, value in words.items() if value is not None}
    if not {*row} <= {"Place", "Startup", "State", "Missing"} or not said.items() <= _SAID or "Place" not in row:
        return None
    return {"name": row["Place"], **said, "missing": "compliant" if row.get("Missing") else "non-compliant"}


_SAID = {("startup", word.value) for word in Startup} | {("state", word.value) for word in Running}
