"""Random settings of all kinds in one collection: what the differential run holds to the evaluation beside the registry's own.

A sort of settings makes some, brings what they are about to a random state, and reads from a dump what is there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Protocol

from endpoint.cases import setting as registry_value
from endpoint.cases import write_scripts
from endpoint.device import JOURNAL, ROOT, Batch, Device, Dump, Run
from endpoint.differential_check import Checked
from endpoint.differential_sorts import DEFENDER, DISM, Mitigations, Parts, Preferences
from endpoint.differential_wholes import VARIABLES, Lists, Scripts, Trees, Variables, whole
from endpoint.own import place_beside
from endpoint.registry import State, Type, Value, dword, sz
from endpoint.secedit import ACCESS, MACHINE, POLICY, PRODUCT, RIGHTS, setting
from endpoint.services import MANAGED, MANAGER, RUNNING, STOPPED, One, asked
from endpoint.standins import AUDIT, STATE
from policyc.evaluation import ABSENT, UNREADABLE, Held
from policyc.evaluation import State as Known
from policyc.evaluation import device as devices
from policyc.kinds.audit_policy.subcategories import names
from policyc.kinds.defender.exclusions import ListPlace, held_by
from policyc.kinds.defender.exclusions import key as member_key
from policyc.kinds.registry.trees import removes_tree
from policyc.kinds.secedit.keys import NEVER, AccessKey, keys
from policyc.kinds.service.subject import fights
from policyc.kinds.user_right import sets
from policyc.kinds.user_right.rights import rights
from policyc.model import Kind, Operator, Setting
from policyc.powershell.scripts import Script
from policyc.simulation.outcomes import Outcome, Result, remediated, simulate
from policyc.simulation.rollback import RolledBack, rolled_back

GIVEN_BACK = frozenset({"SeInteractiveLogonRight", "SeImpersonatePrivilege"})
"""Rights that Windows gives back to Administrators, whatever it is told."""
_LINE = re.compile(r"(Compliant|NonCompliant|Error) +([a-z0-9-]+): ")
_WORDS = {Result.COMPLIANT: "Compliant", Result.NON_COMPLIANT: "NonCompliant", Result.ERROR: "Error"}


class Sort(Protocol):
    """Settings of one kind, on a device of their own."""

    def settings(self, rng: Random) -> Iterator[Setting]:
        """Some, with ids that no other sort has."""

    def spoil(self, batch: Batch, rng: Random, settings: Sequence[Setting], share: float) -> None:
        """Bring this share of their places to a random state; what it was doesn't matter."""

    def held(self, place: Any, state: State) -> Known:
        """What a dump says of a place."""

    @property
    def roots(self) -> tuple[str, ...]:
        """Keys to be dumped, and wiped before."""


def _shared(rng: Random, count: int, of: Sequence[Any]) -> list[Any]:
    """As many, of which some come twice."""
    return [rng.choice(of) for _ in range(count)]


def _places(settings: Sequence[Setting], kind: str) -> dict[str, Any]:
    return {str(one.subject.place): one.subject.place for one in settings if one.subject.word == kind}


class Registry:
    """Numbers at values of their own."""

    roots: tuple[str, ...] = (ROOT,)

    def settings(self, rng: Random) -> Iterator[Setting]:
        """Conditions of numbers."""
        for number in range(rng.randint(50, 80)):
            operator = rng.choice((Operator.EQUALS, Operator.AT_LEAST, Operator.AT_MOST))
            bound = rng.randrange(5)
            yield registry_value(f"value-{number}", Kind.DWORD, operator, bound, write=bound)

    def spoil(self, batch: Batch, rng: Random, settings: Sequence[Setting], share: float) -> None:
        """Another number, or none."""
        for place in _places(settings, "registry").values():
            if rng.random() < share:
                batch.key(rf"HKLM\{place.key}")
                batch.unset(rf"HKLM\{place.key}", "v")
                if rng.random() < 0.7:
                    batch.value(rf"HKLM\{place.key}", "v", dword(rng.randrange(5)))

    def held(self, place: Any, state: State) -> Known:
        """The number."""
        found = state.get(rf"HKLM\{place.key}", {}).get("v")
        return ABSENT if found is None else Held(Kind.DWORD, _number(found))


class Audit:
    """Subcategories of the audit policy."""

    roots: tuple[str, ...] = (AUDIT,)

    def settings(self, rng: Random) -> Iterator[Setting]:
        """Success, failure, both or none."""
        flags = ["success"], ["failure"], ["success", "failure"]
        for number, name in enumerate(_shared(rng, rng.randint(60, 90), names())):
            words: dict[str, Any] = {"at_least": rng.choice(flags)}
            if rng.random() < 0.6:
                words = {"equals": rng.choice((*flags, []))}
            yield setting("audit_policy", f"audit-{number}", subcategory=name, remediate=rng.random() < 0.8, **words)

    def spoil(self, batch: Batch, rng: Random, settings: Sequence[Setting], share: float) -> None:
        """Any of the four."""
        for place in _places(settings, "audit_policy").values():
            if rng.random() < share:
                batch.value(AUDIT, place.guid, dword(rng.randrange(4)))

    def held(self, place: Any, state: State) -> Known:
        """Its number."""
        return Held(Kind.DWORD, _number(state[AUDIT][place.guid]))


class Rights:
    """User rights."""

    roots: tuple[str, ...] = (RIGHTS,)
    members = ("S-1-5-32-544", "S-1-5-32-545", "S-1-5-32-546", "S-1-5-80-0", "S-1-5-21-9-8-7-1104")

    def settings(self, rng: Random) -> Iterator[Setting]:
        """Who must, who must not, who alone."""
        known = [one.constant for one in rights().values() if one.constant not in GIVEN_BACK]
        for number, constant in enumerate(_shared(rng, rng.randint(45, 65), known)):
            word = rng.choice(("contains", "none_of", "set_equals"))
            words: dict[str, Any] = {word: self._some(rng, int(word != "set_equals"))}
            if word == "set_equals" and rng.random() < 0.4:
                words["also_allowed"] = self._some(rng, 1)
            known_as, writes = f"right-{number}", rng.random() < 0.8
            yield setting("user_right", known_as, right=constant, accept_lockout="For a test", remediate=writes, **words)

    def _some(self, rng: Random, least: int) -> list[str]:
        return rng.sample(self.members, rng.randint(least, 3))

    def spoil(self, batch: Batch, rng: Random, settings: Sequence[Setting], share: float) -> None:
        """Anybody."""
        for place in _places(settings, "user_right").values():
            if rng.random() < share:
                batch.value(RIGHTS, place.constant, sz(",".join(self._some(rng, 0))))

    def held(self, place: Any, state: State) -> Known:
        """Those who have it."""
        found = state.get(RIGHTS, {}).get(place.constant)
        return sets.state_of(frozenset(filter(None, _text(found).split(","))) if found else frozenset())


class Access:
    """Account policies and security options: within bounds in which Windows takes each whatever the others are."""

    roots: tuple[str, ...] = (ACCESS,)
    bounds: ClassVar[dict[str, tuple[int, int]]] = {
        "MinimumPasswordLength": (0, 14),
        "MinimumPasswordAge": (0, 40),
        "MaximumPasswordAge": (50, 999),
        "ResetLockoutCount": (1, 30),
        "LockoutDuration": (40, 999),
    }
    """Else those of the key. Accounts are locked at times, so that what depends on that is in force."""

    accounts: ClassVar[dict[str, tuple[str, ...]]] = {
        "NewAdministratorName": ("Administrator", "X_Admin", "Somebody", "Chief"),
        "NewGuestName": ("Guest", "X_Guest", "Nobody", "Visitor"),
    }
    """No name that another account may have by then: Windows refuses one that is taken, and with it all of the section."""

    def settings(self, rng: Random) -> Iterator[Setting]:
        """Of each key some, which may fight each other."""
        for kind, word in (("account_policy", "policy"), ("security_option", "option")):
            known = keys(kind)
            for number, name in enumerate(_shared(rng, rng.randint(8, 12), list(known))):
                words, writes = self._words(rng, known[name]), rng.random() < 0.85
                yield setting(kind, f"{word}-{number}", **{word: name}, remediate=writes, **words)

    def _words(self, rng: Random, key: AccessKey) -> dict[str, Any]:
        if key.is_switch:
            return {"equals": rng.choice(("enabled", "disabled"))}
        if key.is_name:
            names = rng.sample(self.accounts[key.constant], 3)
            return rng.choice(({"equals": names[0]}, {"none_of": names[:2], "set": names[2]}))
        one, other = sorted((self._number(rng, key), self._number(rng, key)))
        way = rng.randrange(5)
        if way == 0 and one != other:
            return {"between": [one, other], "set": other}
        if way == 1 and one != other:
            return {"one_of": [one, other], "set": one}
        return {rng.choice(("equals", "at_least", "at_most")): one}

    def _number(self, rng: Random, key: AccessKey) -> int:
        return rng.randint(*self.bounds.get(key.constant, (key.least, key.most)))

    def spoil(self, batch: Batch, rng: Random, settings: Sequence[Setting], share: float) -> None:
        """Each key is listed."""
        if share == 1:
            batch.value(ACCESS, "LockoutBadCount", sz("5"))
        for key in [one for kind in ("account_policy", "security_option") for one in keys(kind).values()]:
            if rng.random() >= share:
                continue
            if key.is_name:
                text = rng.choice(self.accounts[key.constant])
            elif key.is_switch:
                text = rng.choice("01")
            else:
                never = {"MaximumPasswordAge": "-1", "LockoutDuration": "-1"}.get(key.constant)
                text = never if never and rng.random() < 0.3 else str(self._number(rng, key))
            batch.value(ACCESS, key.constant, sz(text))

    def held(self, place: Any, state: State) -> Known:
        """A number or a name."""
        text = _text(state[ACCESS][place.key.constant])
        if place.key.is_name:
            return Held(Kind.STRING, text)
        return Held(Kind.DWORD, NEVER if text == "-1" else int(text))


class Services:
    """Services that depend on nothing, below a manager of the tests."""

    names = tuple(f"policyc-test-{number}" for number in range(80))
    roots: tuple[str, ...] = (MANAGED, *(One(name).key for name in names))

    def settings(self, rng: Random) -> Iterator[Setting]:
        """One or two a service, which don't fight each other."""
        for number, name in enumerate(rng.sample(self.names, rng.randint(50, 70))):
            made = [self._asked(rng, name, f"service-{number}"), self._asked(rng, name, f"service-{number}-too")]
            yield made[0]
            if rng.random() < 0.2 and not fights(made[0].subject, made[1].subject):
                yield made[1]

    def _asked(self, rng: Random, name: str, id: str) -> Setting:
        startup = rng.choice((None, "automatic", "delayed", "manual", "disabled"))
        states = ["stopped"] if startup == "disabled" else ["running", "stopped"]
        state = rng.choice(states if startup is None else [None, *states])
        return asked(startup, state, name=name, missing=rng.random() < 0.3, writes=rng.random() < 0.85, id=id)

    def spoil(self, batch: Batch, rng: Random, settings: Sequence[Setting], share: float) -> None:
        """Started and stopped, of any start type; a few are being removed, or aren't installed."""
        for place in _places(settings, "service").values():
            if rng.random() >= share:
                continue
            start, delayed = rng.choice(((2, None), (2, 1), (2, 0), (3, None), (3, 1), (4, None)))
            more = {"DeleteFlag": dword(1)} if rng.random() < 0.05 else {}
            status = rng.choice((STOPPED, RUNNING))
            # One that is disabled and runs can't be started again: what -Force makes of it is told by no state alone.
            one = One(place.name, start, delayed, STOPPED if start == 4 else status, more=more)
            one.install(batch)
            if rng.random() < 0.05:
                batch.wipe(one.key, one.managed)

    def held(self, place: Any, state: State) -> Known:
        """Start type and whether it runs."""
        one = One(place.name)
        if "Start" not in state.get(one.key, {}):
            return ABSENT
        return UNREADABLE if "DeleteFlag" in state[one.key] else one.is_now(state).state


SORTS: dict[str, Sort] = {
    "registry": Registry(),
    "tree": Trees(),
    "audit_policy": Audit(),
    "user_right": Rights(),
    "account_policy": Access(),
    "security_option": Access(),
    "service": Services(),
    "process_mitigation": Mitigations(),
    "defender": Preferences(),
    "list": Lists(),
    "optional_feature": Parts(),
    "capability": Parts(),
    "environment_variable": Variables(),
    "script": Scripts(),
}
"""By the words of kinds, or of what is told apart within one."""
MODULES = (MANAGER, DEFENDER, DISM)
"""Stand-ins of Windows' own, for every batch."""


def _number(value: Value) -> int:
    return int.from_bytes(value.data, "little")


def _text(value: Value) -> str:
    return value.data.decode("utf-16-le").rstrip("\0")


def sort_of(one: Setting) -> Sort:
    """The one that made it, or might have."""
    place = one.subject.place
    if isinstance(place, ListPlace):
        return SORTS["list"]
    return SORTS["tree" if removes_tree(one.subject) or one.id.startswith("tree-") else one.subject.word]


def _content(one: Setting, device: devices.Device) -> object:
    """All that is at its place; of a tree, all below it, and of a list each member in whichever spelling."""
    place = one.subject.place
    if isinstance(place, ListPlace):
        # Two settings that fight make one change, in which one spelling isn't taken out for another to come in.
        return sorted(map(member_key, held_by(device.state(place))))
    if not isinstance(sort_of(one), Trees):
        return device.state(place)
    return [(at.key, key.values) for at, key in device.tree(place)]


def made(rng: Random) -> list[Setting]:
    """Settings of all kinds, in any order; of some nobody may see the data."""
    sorts = {type(sort): sort for sort in SORTS.values()}.values()
    settings = [replace(one, sensitive=True) if rng.random() < 0.05 else one for sort in sorts for one in sort.settings(rng)]
    rng.shuffle(settings)
    return settings


@dataclass(slots=True)
class Moment:
    """What is there at a moment of a batch."""

    dumps: list[Dump]
    journal: Dump

    def device(self, settings: Sequence[Setting]) -> devices.Device:
        """The same, imagined."""
        state = {path: values for dump in self.dumps for path, values in dump.state.items()}
        draft = devices.Draft()
        for one in settings:
            held = sort_of(one).held(one.subject.place, state)
            if held is not ABSENT:
                draft.put(one.subject.place, None, held)
        for place, held in whole(state):
            draft.put(place, None, held)
        return draft.device()


@dataclass(slots=True)
class _Way:
    """Scripts of one collection on one device, from detection to the last rollback."""

    device: Device
    settings: Sequence[Setting]
    checked: Checked
    moments: list[Moment] = field(default_factory=list)

    def moment(self, batch: Batch) -> None:
        roots = sorted({root for sort in SORTS.values() for root in sort.roots})
        self.moments.append(Moment([batch.dump(root) for root in roots], batch.dump(JOURNAL)))

    def run(self, rng: Random, folder: Path, number: int) -> None:
        scripts = write_scripts(folder, self.settings, f"m{number}", hurried=False)
        place_beside(folder, self.settings)
        change = scripts[Script.REMEDIATE if number % 2 else Script.REMEDIATION]
        batch = self.device.batch()
        for module in MODULES:
            batch.load(module)
        self._spoil(batch, rng, 1.0)
        self.moment(batch)
        detect, discovery = batch.run(scripts[Script.DETECT]), batch.run(scripts[Script.DISCOVERY])
        for _ in range(2):
            batch.run(change)
            self.moment(batch)
        self._spoil(batch, rng, 0.3)
        self.moment(batch)
        again, back = batch.run(scripts[Script.DETECT]), batch.run(scripts[Script.ROLLBACK])
        self.moment(batch)
        forced = batch.run(scripts[Script.ROLLBACK], "-Force")
        self.moment(batch)
        batch.execute(timeout=900)
        self._compare(detect, discovery, again, back, forced)

    def _spoil(self, batch: Batch, rng: Random, share: float) -> None:
        for sort in {type(sort): sort for sort in SORTS.values()}.values():
            own = [one for one in self.settings if type(sort_of(one)) is type(sort)]
            sort.spoil(batch, rng, own, share)

    def _compare(self, detect: Run, discovery: Run, spoilt_run: Run, back: Run, forced: Run) -> None:
        before, after, second, spoilt, undone, last = (moment.device(self.settings) for moment in self.moments)
        outcomes = simulate(self.settings, before)
        self._said("detect", detect, outcomes)
        self._listed(discovery, outcomes)
        expected = remediated(before, outcomes)
        self._holds("remediation", expected, after)
        # Settings that fight each other each have their way, one after the other.
        again = simulate(self.settings, expected)
        self._holds("second remediation", remediated(expected, again), second)
        if not any(one.writes for one in again) and self.moments[1].journal.state != self.moments[2].journal.state:
            self.checked.wrong.append("a second remediation that changes nothing changes the journal")
        self._said("detect after somebody's changes", spoilt_run, simulate(self.settings, spoilt))
        left = rolled_back(before, (*outcomes, *again), spoilt)
        self._went_back("rollback", back, left, undone)
        at_last = rolled_back(before, (*outcomes, *again), left.device, force=True)
        self._went_back("rollback -Force", forced, at_last, last)
        if not at_last.left and self.moments[-1].journal.state:
            self.checked.wrong.append("the journal isn't empty at last")
        self._count(outcomes, left, at_last)

    def _said(self, what: str, run: Run, outcomes: Sequence[Outcome]) -> None:
        said = {found[2]: found[1] for line in run.out if (found := _LINE.match(line))}
        for one in outcomes:
            if said.get(one.setting.id) != _WORDS[one.verdict]:
                self._wrong(
                    what, one.setting, f"said {said.get(one.setting.id)}, evaluation says {one.verdict} {run.failure or ''}"
                )

    def _listed(self, run: Run, outcomes: Sequence[Outcome]) -> None:
        failing = [one.setting.id for one in outcomes if one.verdict is not Result.COMPLIANT]
        if run.out != [f"NonCompliant: {', '.join(failing)}" if failing else "Compliant"]:
            self.checked.wrong.append(f"discovery said {run.out} {run.failure}, evaluation says {failing}")

    def _holds(self, what: str, expected: devices.Device, now: devices.Device) -> None:
        for one in self.settings:
            should, found = (_content(one, each) for each in (expected, now))
            if should != found:
                self._wrong(what, one, f"left {found}, evaluation says {should}")

    def _went_back(self, what: str, run: Run, expected: RolledBack, now: devices.Device) -> None:
        self._holds(what, expected.device, now)
        if (run.exit_code, run.failure) != (1 if expected.left else 0, None):
            self.checked.wrong.append(
                f"{what} ended with {run.exit_code} {run.failure} {run.out[-1:]}, left {expected.left[:3]}"
            )

    def _wrong(self, what: str, one: Setting, text: str) -> None:
        states = [str(_content(one, moment.device(self.settings))) for moment in self.moments]
        self.checked.wrong.append(f"{one.id}: {what} {text}; {one.subject}; first to last: {'; '.join(states)}")

    def _count(self, outcomes: Sequence[Outcome], left: RolledBack, at_last: RolledBack) -> None:
        counts: Counter[str] = self.checked.counts
        counts["settings"] += len(outcomes)
        counts["pairs"] += len(outcomes)
        for one in outcomes:
            counts[f"kind {one.setting.subject.word}"] += 1
            counts["of them lists of Defender"] += isinstance(sort_of(one.setting), Lists)
            counts["of them keys with all below them"] += isinstance(sort_of(one.setting), Trees)
            counts[f"verdict {_WORDS[one.verdict]}"] += 1
        written = {str(write.place) for one in outcomes for write in one.writes}
        counts["writes"] += sum(len(one.writes) for one in outcomes)
        counts["rolled back"] += len(written) - len(left.left)
        counts["left alone"] += len(left.left)
        counts["rolled back by -Force"] += len(left.left) - len(at_last.left)


def check_all_kinds(device: Device, folder: Path, seed: int, number: int) -> Checked:
    """One collection of all kinds. The stand-ins of `StandIns` must be in the endpoint, which is the run's own."""
    rng = Random(f"{seed}/kinds/{number}")
    batch = device.batch()
    batch.wipe(STATE, JOURNAL, *(root for sort in SORTS.values() for root in sort.roots if root != VARIABLES))
    batch.value(POLICY + r"\PolAcDmS", "", Value(Type.NONE, _sid(MACHINE)))
    batch.value(POLICY + r"\PolPrDmS", "", Value(Type.NONE, b""))
    batch.value(PRODUCT, "ProductType", sz("WinNT"))
    batch.execute()
    checked = Checked()
    _Way(device, made(rng), checked).run(rng, folder, number)
    return checked


def _sid(text: str) -> bytes:
    revision, authority, *parts = map(int, text.split("-")[1:])
    return bytes([revision, len(parts)]) + authority.to_bytes(6, "big") + b"".join(part.to_bytes(4, "little") for part in parts)
