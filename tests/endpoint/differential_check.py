"""Families on an endpoint: every script run, and what it said and left held against the oracle."""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from endpoint.cases import RETIRE, write_scripts
from endpoint.device import JOURNAL, ROOT, ROOT_32, Batch, Device, Dump, Run
from endpoint.differential_cases import Family, Step, World
from endpoint.differential_oracle import Entry, Oracle, Raw, changed, entry_of, folded, path_of, state_of, tidy
from endpoint.differential_policy import settings_of
from endpoint.registry import Value, sz
from policyc.model import ACCOUNTS, Hive, Setting, upper
from policyc.powershell.scripts import Script, script_text
from policyc.simulation.outcomes import Outcome
from policyc.simulation.rollback import RolledBack

LOG = r"C:\windows\Logs\policyc\policyc-{}.log"
WINDOWS = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
_FINDING = re.compile(r"(Compliant|NonCompliant|Error|NotApplicable) +([a-z0-9-]+): ")
_SINCE = "              changed by someone else since policyc wrote it"


@dataclass(slots=True)
class Checked:
    """What came of some families."""

    wrong: list[str] = field(default_factory=list)
    """Where scripts and evaluation differ, a line each."""
    counts: Counter[str] = field(default_factory=Counter)
    steps: Mapping[int, Sequence[Step]] = field(default_factory=dict)
    """What somebody changed between remediation and rollback, by family."""
    between: Mapping[int, Sequence[Step]] = field(default_factory=dict)
    """The same, between two remediations."""

    def families(self) -> set[int]:
        """Those that the differences name."""
        return {int(number) for line in self.wrong for number in re.findall(r"\b[gG](\d+)(?=[-\\ :,']|$)", line)}


def user_root(user: str) -> str:
    """The test key of a user."""
    return rf"HKU\{user}\Software\policyc-test"


def check(device: Device, world: World, families: Sequence[Family], folder: Path, seed: int, number: int = 0) -> Checked:
    """Run all scripts of these families, as one collection, and compare."""
    lowered = settings_of(families, folder / "policies")
    checked = hold(device, world, lowered.settings, folder, families=lowered.families, seed=seed, number=number)
    checked.counts["refused"] += len(lowered.refused)
    return checked


def hold(
    device: Device,
    world: World,
    settings: Sequence[Setting],
    folder: Path,
    *,
    families: Sequence[Family] = (),
    seed: int = 0,
    number: int = 0,
) -> Checked:
    """Hold the scripts of these settings to evaluation, on a device that holds what the families say, and else nothing."""
    checked = Checked()
    if settings:
        before = _installed(device, world, families, checked)
        oracle = Oracle(tuple(settings), world, before, tuple(families), seed)
        _Check(device, world, oracle, folder, number, checked).run()
        _count(oracle, checked.counts)
        checked.steps, checked.between = oracle.steps, oracle.between
    return checked


def _roots(world: World) -> list[str]:
    return [ROOT, ROOT_32, *(rf"{account}\Software\policyc-test" for account in sorted(ACCOUNTS)), *map(user_root, world.users)]


def _installed(device: Device, world: World, families: Iterable[Family], checked: Checked) -> Raw:
    """What the device holds, as the registry keeps it: it mends the end of some misshapen texts by itself."""
    batch = device.batch()
    batch.wipe(*_roots(world), JOURNAL)
    for root in _roots(world):
        batch.key(root)
    if world.ours:
        batch.value(WINDOWS, "CurrentBuildNumber", sz(str(world.build)))
        batch.value(WINDOWS, "InstallationType", sz(world.installation_type))
    asked: dict[str, dict[str, Value]] = {root: {} for root in _roots(world)}
    for family in families:
        batch.install(family.before)
        asked.update({path: dict(values) for path, values in family.before.items()})
    dumps = [batch.dump(root) for root in _roots(world)]
    batch.execute(timeout=600)
    held, wanted = _state(dumps), _with_parents(folded(asked))
    if {path: set(values) for path, values in held.items()} != {path: set(values) for path, values in wanted.items()}:
        different = [path for path in sorted({*held, *wanted}) if set(held.get(path, "?")) != set(wanted.get(path, "?"))]
        checked.wrong.append(f"the registry doesn't take two names for one as policyc does: {different[:5]}")
    return held


def _with_parents(state: Raw) -> Raw:
    """With the keys between the test key and those that are there."""
    for path in list(state):
        parts = path.split("\\")
        for length in range(parts.index("POLICYC-TEST") + 1, len(parts)):
            state.setdefault("\\".join(parts[:length]), {})
    return state


@dataclass(slots=True)
class _Check:
    device: Device
    world: World
    oracle: Oracle
    folder: Path
    number: int
    checked: Checked

    def run(self) -> None:
        oracle, slug = self.oracle, f"d{self.folder.name}"
        scripts = write_scripts(self.folder / "scripts", oracle.settings, slug, hurried=False)
        if not self.world.users:
            # Nobody is signed in: no hive that is loaded is taken for a real user's.
            for script in scripts.values():
                script.write_bytes(script.read_bytes().replace(b"(5-21|12-1)", b"(9-99)"))
        console = self.number % 2 == 1
        change = scripts[Script.REMEDIATE if console else Script.REMEDIATION]
        undo = scripts[Script.ROLLBACK]
        if self.number % 3 == 2:
            # A policy that wants nothing any more: what retires then is everything.
            undo = scripts[RETIRE]
            undo.write_bytes(script_text(Script.ROLLBACK, slug=slug, source="test.yaml"))
        batch = self.device.batch()
        detect, discovery = batch.run(scripts[Script.DETECT]), batch.run(scripts[Script.DISCOVERY])
        first = batch.run(change)
        after, journal, log = self._dump(batch), batch.dump(JOURNAL), batch.read(LOG.format(slug))
        second = batch.run(change)
        after_second, journal_second = self._dump(batch), batch.dump(JOURNAL)
        for steps in oracle.between.values():
            _tamper(batch, steps, oracle.after)
        third = batch.run(change)
        after_third, journal_third, log_third = self._dump(batch), batch.dump(JOURNAL), batch.read(LOG.format(slug))
        for steps in oracle.steps.values():
            _tamper(batch, steps, oracle.after_again)
        detect_tampered = batch.run(scripts[Script.DETECT])
        back = batch.run(undo)
        rolled_back, journal_back = self._dump(batch), batch.dump(JOURNAL)
        forced = batch.run(undo, "-Force")
        at_last, journal_last = self._dump(batch), batch.dump(JOURNAL)
        batch.execute(timeout=600)

        self._said("detect", detect, oracle.outcomes)
        self._listed("discovery", discovery, oracle.outcomes)
        self._ended("remediation", first, oracle.outcomes_after, console=console)
        self._logged("remediation", log.lines, oracle.outcomes, blamed=set())
        self._holds("remediation", oracle.after, after)
        self._journal("journal", journal, oracle.first_entries, oracle.first_made)
        for lost in oracle.lost():
            self.checked.wrong.append(f"{lost} is remediated and does not hold after it, by the evaluation itself")
        self._ended("second remediation", second, oracle.outcomes_after, console=console)
        self._same("second remediation", _state(after), _state(after_second))
        self._same("second remediation, journal", folded(journal.state), folded(journal_second.state))
        self._ended("remediation of somebody's changes", third, oracle.outcomes_settled, console=console)
        self._logged(
            "remediation of somebody's changes",
            log_third.lines[len(log.lines) :],
            oracle.outcomes_again,
            oracle.disturbed_places(),
        )
        self._holds("remediation of somebody's changes", oracle.after_again, after_third)
        self._journal("journal after it", journal_third, oracle.entries, oracle.made)
        self._said("detect after somebody's changes", detect_tampered, oracle.outcomes_tampered)
        self._since(detect_tampered)
        self._rolled("rollback", back, oracle.first, oracle.rolled_back, rolled_back, journal_back)
        self._rolled("rollback -Force", forced, oracle.forced_left, oracle.forced, at_last, journal_last)

    def _dump(self, batch: Batch) -> list[Dump]:
        return [batch.dump(root) for root in _roots(self.world)]

    def _wrong(self, what: str) -> None:
        self.checked.wrong.append(what)

    def _said(self, what: str, run: Run, outcomes: Iterable[Outcome]) -> None:
        """Each verdict of detect.ps1, its counts and its exit code."""
        said = [(match[2], match[1]) for line in run.out if (match := _FINDING.match(line))]
        expected = list(self.oracle.left(outcomes))
        self._lists(what, expected, said)
        words = Counter(word for _, word in expected)
        code = 2 if words["Error"] else 1 if words["NonCompliant"] else 0
        last = f"{words['Compliant']} compliant, {words['NonCompliant']} not compliant, {words['Error']} could not be judged"
        silent = {one.setting.id for one in self.oracle.outcomes if not one.setting.remediated}
        if reported := sum(name in silent and word in ("NonCompliant", "Error") for name, word in expected):
            last += f"; {reported} of them reported only"
        if (run.exit_code, run.failure, run.out[-1:]) != (code, None, [last]):
            self._wrong(
                f"{what} ended with {run.exit_code}, {run.failure} {run.errors} {run.out[-1:]}; expected {code}, {last}"
            )

    def _lists(self, what: str, expected: Sequence[tuple[str, str]], said: Sequence[tuple[str, str]]) -> None:
        for name in sorted({name for name, _ in {*expected, *said}}):
            should = [word for one, word in expected if one == name]
            is_said = [word for one, word in said if one == name]
            if should != is_said:
                self._wrong(f"{name}: {what} said {', '.join(is_said) or 'nothing'}, evaluation says {', '.join(should)}")

    def _listed(self, what: str, run: Run, outcomes: Iterable[Outcome]) -> None:
        """The one line of discovery.ps1."""
        failing = dict.fromkeys(
            name for name, word in self.oracle.left(_hurried(outcomes)) if word in ("NonCompliant", "Error")
        )
        line = f"NonCompliant: {', '.join(failing)}" if failing else "Compliant"
        if (run.out, run.failure, run.errors) != ([line], None, []):
            said = set(re.split("[:,] ?", " ".join(run.out))) ^ set(re.split("[:,] ?", line))
            self._wrong(f"{what}: {sorted(said)} differ; {run.failure} {run.errors}")

    def _logged(self, what: str, log: Sequence[str], outcomes: Sequence[Outcome], blamed: set[str]) -> None:
        """The log tells each change, and of each place whether somebody else had changed it."""
        told = Counter(match[1] for line in log if (match := re.match(r"<!\[LOG\[([a-z0-9-]+): changed [HKLMCU]+\\", line)))
        writes = Counter({one.setting.id: len(one.writes) for one in outcomes if one.writes})
        for name in sorted({name for name in {*told, *writes} if told[name] != writes[name]}):
            self._wrong(f"{name}: {what}: the log tells {told[name]} changes, evaluation {writes[name]}")
        said = {match[1] for line in log if (match := re.match(r"<!\[LOG\[([a-z0-9-]+): changed by someone else since", line))}
        for name in sorted(said ^ blamed):
            self._wrong(f"{name}: {what}: the log {'blames' if name in said else 'does not blame'} someone else, wrongly")

    def _ended(self, what: str, run: Run, outcomes: Iterable[Outcome], *, console: bool) -> None:
        """How a remediation ends, by what is left."""
        changed = {one.setting.id for one in self.oracle.outcomes if one.setting.subject.write is not None}
        judged = outcomes if console else _hurried(outcomes)
        left = [name for name, word in self.oracle.left(judged) if word in ("NonCompliant", "Error") and name in changed]
        if console:
            code = 1 if left else 0
            if (run.failure, run.exit_code) != (None, code):
                self._wrong(f"{what} ended with {run.exit_code} {run.failure} {run.errors}, expected {code}")
            return
        said = run.failure.partition("after remediation: ")[2].split(", ") if run.failure else []
        if said != left or run.said:
            self._wrong(f"{what}: {sorted(set(said) ^ set(left))} differ; {run.said[:3]} {(run.failure or '')[:300]}")

    def _holds(self, what: str, expected: Raw, dumps: list[Dump]) -> None:
        self._same(what, tidy(expected), tidy(_state(dumps)))

    def _same(self, what: str, expected: Raw, found: Raw) -> None:
        for key in sorted({*expected, *found}):
            if key not in expected or key not in found:
                self._wrong(f"{what}: {key} is {'there' if key in found else 'not there'}, evaluation says otherwise")
                continue
            for name in sorted({*expected[key], *found[key]}):
                should, held = expected[key].get(name), found[key].get(name)
                if should != held:
                    self._wrong(f"{what}: {key} : {name!r} is {held}, evaluation says {should}")

    def _journal(self, what: str, dump: Dump, values: Mapping[Entry, object], made: Iterable[Entry]) -> None:
        """An entry for each value that was changed and each key that was made, and nothing else."""
        found = dict(_entries(dump))
        expected = {**values, **dict.fromkeys(made, "made")}
        for at in sorted({*expected, *found}, key=str):
            if expected.get(at) != found.get(at):
                self._wrong(f"{what}, {at[2]} {at}: {found.get(at)}, evaluation says {expected.get(at)}")

    def _since(self, run: Run) -> None:
        """Of which places detection says that somebody changed them."""
        said = set()
        now = ""
        findings = iter(
            [
                (one.setting.id, path_of(found.place, found.user))
                for one in self.oracle.outcomes_tampered
                for found in one.findings
            ]
        )
        at = ("", "")
        for now in run.out:
            match = _FINDING.match(now)
            if match and match[1] != "NotApplicable":
                at = next(findings, ("", ""))
            elif now == _SINCE:
                said.add(at)
        for name, path in sorted(said ^ self.oracle.changed_since()):
            verb = "says" if (name, path) in said else "doesn't say"
            self._wrong(f"{name}: detect {verb} that {path} was changed by someone else, evaluation differs")

    def _rolled(self, what: str, run: Run, expected: RolledBack, state: Raw, dumps: list[Dump], journal: Dump) -> None:
        self._holds(what, state, dumps)
        keys = self.oracle.keys_left(expected.device, expected.left)
        values = {at for at in self.oracle.entries if at in {entry_of(write.place, write.user) for write in expected.left}}
        found = {at for at, _ in _entries(journal)}
        for at in sorted((keys | values) ^ found, key=str):
            self._wrong(f"{what}: {at[2]} {at} is {'' if at in found else 'not '}in the journal, evaluation differs")
        code = 1 if keys | values else 0
        if (run.exit_code, run.failure) != (code, None):
            self._wrong(f"{what} ended with {run.exit_code} {run.failure} {run.errors}, expected {code}")


def _tamper(batch: Batch, steps: Iterable[Step], after: Raw) -> None:
    """Somebody's changes, in a state that is as the oracle says."""
    now = after
    for step in steps:
        verb, path, name, held = step
        then = changed(now, [step])
        if verb == "wipe":
            batch.wipe(path)
        elif verb == "key":
            batch.key(path)
        elif verb == "unset":
            if then != now:
                batch.unset(path, name)
        elif held is not None:
            batch.value(path, name, held)
        now = then


def _state(dumps: Iterable[Dump]) -> Raw:
    return folded({path: values for dump in dumps for path, values in dump.state.items()})


def _entries(dump: Dump) -> Iterator[tuple[Entry, object]]:
    """The journal's entries as the oracle has them."""
    for key, values in dump.state.items():
        if not key.startswith(JOURNAL + r"\journal" + "\\"):
            # The journal's own key: the days on which users were seen.
            assert all(name.startswith("Seen ") for name in values), values
            continue
        assert "Complete" in values, values
        name = _text(values["Name"]) if "Name" in values else None
        at = (
            _text(values["Hive"]),
            struct.unpack("<I", values["View"].data)[0],
            upper(_text(values["Key"])),
            name and upper(name),
        )
        if name is None:
            yield at, "made"
            continue
        yield at, (_known(values, "Previous"), _known(values, "Written"))


def _known(values: dict[str, Value], what: str) -> object:
    return "absent" if f"{what}Absent" in values else state_of(values[what]) if what in values else None


def _text(held: Value) -> str:
    return held.data.decode("utf-16-le", "surrogatepass")[:-1]


def _count(oracle: Oracle, counts: Counter[str]) -> None:
    counts["settings"] += len(oracle.settings)
    counts["pairs"] += sum(len(one.findings) or 1 for one in oracle.outcomes)
    for outcomes in (oracle.outcomes, oracle.outcomes_after, oracle.outcomes_tampered):
        for _, word in oracle.left(outcomes):
            counts[f"verdict {word}"] += 1
    counts["writes"] += sum(len(one.writes) for one in (*oracle.outcomes, *oracle.outcomes_again))
    counts["keys made"] += len(oracle.made)
    counts["changes by others"] += sum(map(len, [*oracle.steps.values(), *oracle.between.values()]))
    counts["rolled back"] += len(oracle.entries) - len(oracle.first.left)
    counts["left alone"] += len(oracle.first.left)
    counts["rolled back by -Force"] += len(oracle.first.left) - len(oracle.forced_left.left)


def _hurried(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """In the order of a script that has little time: what users hold comes last."""
    return sorted(outcomes, key=lambda one: one.setting.subject.place.hive is Hive.USER)
