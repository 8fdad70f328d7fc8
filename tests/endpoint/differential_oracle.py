"""What `policyc.evaluation` says of a device: findings, the registry after each script, the journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from endpoint import differential_data as some
from endpoint.cases import BEYOND_DOTNET
from endpoint.differential_cases import Family, Step, World
from endpoint.registry import Type, Value, sz, value
from policyc import evaluation
from policyc.evaluation import Held
from policyc.evaluation.device import Device, Draft, place_of
from policyc.evaluation.windows import BUILD, INSTALLATION_TYPE
from policyc.kinds.registry.places import split_hive
from policyc.model import Hive, Kind, Place, Setting, View, upper
from policyc.registry_files import RawValue
from policyc.registry_files.values import decode
from policyc.simulation.outcomes import Outcome, Write, remediated, simulate
from policyc.simulation.rollback import rolled_back

Raw = dict[str, dict[str, Value]]
"""Keys and names in upper case, as Windows knows them."""
Entry = tuple[str, int, str, str | None]
"""Hive, view, key and name of an entry in the journal, in upper case."""


def folded(state: Mapping[str, Mapping[str, Value]]) -> Raw:
    """The state with keys and names in upper case."""
    return {upper(path): {upper(name): held for name, held in values.items()} for path, values in state.items()}


def tidy(state: Raw) -> Raw:
    """With each text as Windows would keep it: what was misshapen is well-formed once it has been written again."""
    return {path: {name: _tidy(held) for name, held in values.items()} for path, values in state.items()}


def _tidy(held: Value) -> Value:
    read = decode(RawValue(held.type, held.data))
    return held if read is None else value(*read)


def state_of(held: Value) -> evaluation.State:
    """What a value is to the evaluation."""
    read = decode(RawValue(held.type, held.data))
    if read is not None:
        return Held(*read)
    return Held(None, held.data) if held.type == Type.NONE else evaluation.UNREADABLE


def device_of(state: Raw, world: World) -> Device:
    """The device that evaluation is asked about."""
    draft = Draft()
    for user in world.users:
        draft.load_user(user)
    draft.put(BUILD, None, Held(Kind.STRING, str(world.build)))
    draft.put(INSTALLATION_TYPE, None, Held(Kind.STRING, world.installation_type))
    for path, values in state.items():
        place, user = _place(path)
        draft.make_key(place, user)
        for name, held in values.items():
            draft.put(Place(place.hive, place.view, place.key, name), user, state_of(held))
    return draft.device()


def _place(path: str) -> tuple[Place, str | None]:
    hive, _, key = path.partition("\\")
    if hive == "HKU":
        account, below = split_hive(path)
        if account is not None:
            return Place(account, View.BITS_64, below, None), None
        user, _, key = key.partition("\\")
        return Place(Hive.USER, View.BITS_64, key, None), user
    return Place(Hive.MACHINE, View.BITS_32 if hive == "HKLM32" else View.BITS_64, key, None), None


def path_of(place: Place, user: str | None) -> str:
    """The key's path as the harness and `folded` have it."""
    hive = "HKLM32" if place.hive is Hive.MACHINE and place.view is View.BITS_32 else place.hive
    return upper(rf"HKU\{user}\{place.key}" if user is not None else rf"{hive}\{place.key}")


def raw_of(device: Device, *known: Raw) -> Raw:
    """The device's test keys as the harness would dump them; what is as in a known state has the bytes that it has there."""
    made: Raw = {}
    for at, key in device.keys.items():
        path = path_of(*place_of(at, key.path))
        if "\\POLICYC-TEST" in path:
            made[path] = {upper(name): _bytes(path, name, state, known) for name, (_, state) in key.values.items()}
    return made


def _bytes(path: str, name: str, state: evaluation.State, known: Sequence[Raw]) -> Value:
    for one in known:
        held = one.get(path, {}).get(name)
        if held is not None and state_of(held) == state:
            return held
    assert isinstance(state, Held), (path, name, state)
    assert state.data is not None
    return (
        Value(Type.NONE, state.data) if state.kind is None and isinstance(state.data, bytes) else value(state.kind, state.data)
    )


@dataclass
class Oracle:
    """What all scripts should say and leave, one after the other."""

    settings: tuple[Setting, ...]
    world: World
    before: Raw
    families: tuple[Family, ...]
    seed: int

    def __post_init__(self) -> None:
        self.device = device_of(self.before, self.world)
        self.outcomes = simulate(self.settings, self.device)
        self._hold_to_conditions()
        after = remediated(self.device, self.outcomes)
        self.after = raw_of(after, self.before)
        self.outcomes_after = simulate(self.settings, after)
        self.first_entries, self.first_made = _journal(self.device, self.outcomes)
        self.between = {family.number: self._between(family) for family in self.families}
        self.disturbed = changed(self.after, [step for steps in self.between.values() for step in steps])
        disturbed = device_of(self.disturbed, self.world)
        self.outcomes_again = simulate(self.settings, disturbed)
        again = remediated(disturbed, self.outcomes_again)
        self.after_again = raw_of(again, self.disturbed, self.before)
        self.outcomes_settled = simulate(self.settings, again)
        both = (*self.outcomes, *self.outcomes_again)
        self.entries, self.made = _journal(self.device, both)
        self.steps = {family.number: self._steps(family) for family in self.families}
        self.tampered = changed(self.after_again, [step for steps in self.steps.values() for step in steps])
        now = device_of(self.tampered, self.world)
        self.outcomes_tampered = simulate(self.settings, now)
        self.first = rolled_back(self.device, both, now)
        self.rolled_back = raw_of(self.first.device, self.tampered, self.before)
        self.forced_left = rolled_back(self.device, both, self.first.device, force=True)
        self.forced = raw_of(self.forced_left.device, self.rolled_back, self.before)

    def _hold_to_conditions(self) -> None:
        """The simulation is the sum of `verdict` and `after`."""
        for outcome in self.outcomes:
            for found in outcome.findings:
                assert found.verdict is evaluation.verdict(found.subject, found.state), outcome

    def left(self, outcomes: Iterable[Outcome]) -> Iterator[tuple[str, str]]:
        """(id, result) of each finding, with those that don't apply."""
        for outcome in outcomes:
            if not outcome.applies:
                yield outcome.setting.id, "NotApplicable"
            for found in outcome.findings:
                yield outcome.setting.id, WORDS[found.verdict]

    def lost(self) -> list[str]:
        """Settings that are remediated, and yet don't hold after it: there should be none but the unreadable."""
        return [
            outcome.setting.id
            for outcome in self.outcomes_after
            for found in outcome.findings
            if outcome.setting.subject.write is not None and found.verdict is evaluation.Verdict.NON_COMPLIANT
        ]

    def changed_since(self) -> set[tuple[str, str]]:
        """(id, path) of findings of which detection says that somebody changed them."""
        return {
            (outcome.setting.id, path_of(found.place, found.user))
            for outcome in self.outcomes_tampered
            for found in outcome.findings
            if found.verdict is not evaluation.Verdict.ERROR
            and self._is_changed(entry_of(found.place, found.user), found.state)
        }

    def disturbed_places(self) -> set[str]:
        """Settings of which the second remediation's log says that somebody had changed what it writes."""
        known = {at: written for at, (_, written) in self.first_entries.items()}
        blamed = set()
        for outcome in self.outcomes_again:
            for write in outcome.writes:
                at = entry_of(write.place, write.user)
                if known.get(at, write.before) != write.before:
                    blamed.add(outcome.setting.id)
                known[at] = write.after
        return blamed

    def _is_changed(self, at: Entry, state: evaluation.State) -> bool:
        if at in self.made:
            return state is evaluation.ABSENT
        entry = self.entries.get(at)
        return entry is not None and entry[1] != state

    def keys_left(self, device: Device, left: Iterable[Write]) -> set[Entry]:
        """Entries of keys that a rollback keeps: something that it left lies in them."""
        entries = {entry_of(write.place, write.user) for write in left}
        return {
            key
            for key in self.made
            if any(one[:2] == key[:2] and (one[2] + "\\").startswith(key[2] + "\\") for one in entries)
            and self._is_there(device, key)
        }

    @staticmethod
    def _is_there(device: Device, key: Entry) -> bool:
        hive, view, path, _ = key
        root = "HKU" if hive == "HKU" else "HKLM32" if view == 32 else "HKLM"
        place, user = _place(rf"{root}\{path}")
        return device.state(place, user) is not evaluation.ABSENT

    def _steps(self, family: Family) -> list[Step]:
        if family.steps is not None:
            return list(family.steps)
        rng = Random(f"{self.seed}/{family.number}/steps")
        writes = [*self._writes(family, self.outcomes), *self._writes(family, self.outcomes_again)]
        return [_step(rng, write, self.before) for write in writes if rng.random() < 0.4]

    def _between(self, family: Family) -> list[Step]:
        """Only values that were written: each is judged and mended once more."""
        if family.between is not None:
            return list(family.between)
        rng = Random(f"{self.seed}/{family.number}/between")
        writes = [
            write for write in self._writes(family, self.outcomes) if write.place.name is not None and rng.random() < 0.35
        ]
        steps = [_step(rng, write, self.before) for write in writes]
        return [
            step
            for step, write in zip(steps, writes, strict=True)
            if step[0] in ("value", "unset") and step[2] == write.place.name
        ]

    @staticmethod
    def _writes(family: Family, outcomes: Iterable[Outcome]) -> Iterator[Write]:
        for outcome in outcomes:
            if outcome.setting.id.startswith(f"g{family.number}-"):
                yield from outcome.writes


WORDS = {
    evaluation.Verdict.COMPLIANT: "Compliant",
    evaluation.Verdict.NON_COMPLIANT: "NonCompliant",
    evaluation.Verdict.ERROR: "Error",
}


def changed(state: Raw, steps: Iterable[Step]) -> Raw:
    """The state after somebody's changes; one that finds nothing to change changes nothing."""
    now = {path: dict(values) for path, values in state.items()}
    for verb, path, name, held in steps:
        if verb == "wipe":
            now = {key: values for key, values in now.items() if not (key + "\\").startswith(path + "\\")}
        elif verb == "unset":
            now.get(path, {}).pop(upper(name), None)
        else:
            parts = path.split("\\")
            for length in range(parts.index("POLICYC-TEST") + 1, len(parts) + 1):
                now.setdefault("\\".join(parts[:length]), {})
            if held is not None:
                now[path][upper(name)] = held
    return now


def entry_of(place: Place, user: str | None) -> Entry:
    """The identity of a place in the journal."""
    hive, _, account = ("HKU", "", user) if user is not None else place.hive.partition("\\")
    key = upper(rf"{account}\{place.key}" if account else place.key)
    return (hive, int(place.view), key, None if place.name is None else upper(place.name))


def _journal(
    device: Device, outcomes: Iterable[Outcome]
) -> tuple[dict[Entry, tuple[evaluation.State, evaluation.State]], set[Entry]]:
    """Values with what was there and what was written, and the keys that were made."""
    draft = Draft(device)
    values: dict[Entry, tuple[evaluation.State, evaluation.State]] = {}
    made: set[Entry] = set()
    for outcome in outcomes:
        for write in outcome.writes:
            for at in draft.put(write.place, write.user, write.after):
                made.add(entry_of(*place_of(at, at[2])))
            if write.place.name is not None:
                at = entry_of(write.place, write.user)
                values[at] = (values.get(at, (write.before,))[0], write.after)
    return values, made


def _step(rng: Random, write: Write, before: Raw) -> Step:
    """What somebody else does to what was written."""
    path, name = path_of(write.place, write.user), write.place.name
    way = rng.randrange(9)
    if name is None or way == 0:
        return rng.choice((("key", path + r"\THEIRS", "", None), ("value", path, "theirs", sz("x")), ("wipe", path, "", None)))
    if way == 1:
        return ("unset", path, name, None)
    if way == 2 and upper(name) in before.get(path, {}):
        return ("value", path, name, before[path][upper(name)])
    if way == 3:
        return ("value", path, name, rng.choice(list(BEYOND_DOTNET.values())))
    after = write.after
    kind = after.kind if isinstance(after, Held) and after.kind is not None else rng.choice(tuple(Kind))
    data = after.data if isinstance(after, Held) and after.kind is not None and after.data is not None else some.data(rng, kind)
    if way == 4:
        return ("value", path, name, some.other_kind(rng, kind, data))
    return ("value", path, name, value(kind, some.near(rng, kind, data)))
