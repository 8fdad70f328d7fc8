"""Environment variables on a device: every condition in every state, random lists, and what may go wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from endpoint.cases import write_scripts
from endpoint.device import JOURNAL, Device, Run
from endpoint.fuse import with_fuse
from endpoint.journal import ENTRIES
from endpoint.registry import State, Type, Value, dword, expand_sz, sz
from endpoint.secedit import results, said, setting
from policyc.evaluation import ABSENT, UNREADABLE, Held, Verdict
from policyc.evaluation import State as Known
from policyc.kinds.environment_variable import KEY, EnvironmentVariableKind, meaning, texts
from policyc.kinds.environment_variable.subject import EnvironmentVariable
from policyc.model import Setting
from policyc.powershell.scripts import Script

pytestmark = pytest.mark.endpoint
KIND = EnvironmentVariableKind()
HERE = rf"HKLM\{KEY}"
PREFIX = "PolicycTest"
WORDS = {Verdict.COMPLIANT: "Compliant", Verdict.NON_COMPLIANT: "NonCompliant", Verdict.ERROR: "Error"}


@pytest.fixture(autouse=True)
def variables(device: Device) -> Iterator[None]:
    """Windows' own variables stay: only the tests' are taken away."""
    clear(device)
    yield
    clear(device)


def clear(device: Device) -> None:
    batch = device.batch()
    for name in here(device):
        batch.unset(HERE, name)
    batch.wipe(JOURNAL)
    batch.execute()


def variable(id: str, *, remediate: bool = True, name: str | None = None, **words: Any) -> Setting:
    return setting("environment_variable", id, remediate=remediate, name=name or f"{PREFIX}-{id}", **words)


def subject(one: Setting) -> EnvironmentVariable:
    assert isinstance(one.subject, EnvironmentVariable)
    return one.subject


def ours(state: State) -> dict[str, Value]:
    return {name: value for name, value in state.get(HERE, {}).items() if name.startswith(PREFIX)}


def here(device: Device) -> dict[str, Value]:
    return ours(device.dump(HERE)[HERE])


def known(value: Value | None) -> Known:
    """What a value is, as the compiler has it."""
    if value is None:
        return ABSENT
    if value.type not in (Type.SZ, Type.EXPAND_SZ):
        return UNREADABLE
    kind = texts.Type.STRING if value.type == Type.SZ else texts.Type.EXPAND_STRING
    return texts.held(kind, value.data.decode("utf-16-le").rstrip("\0"))


def value_of(state: Known, before: Value | None = None) -> Value | None:
    """The same back; what can't be read is what it was."""
    found = texts.of_state(state)
    if found is None:
        return None if state is ABSENT else before
    return sz(found[1]) if found[0] is texts.Type.STRING else expand_sz(found[1])


def install(device: Device, values: Mapping[str, Value | None]) -> None:
    batch = device.batch()
    for name, value in values.items():
        if value is None:
            batch.unset(HERE, name)
        else:
            batch.value(HERE, name, value)
    batch.execute()


def run(device: Device, *scripts: Path | tuple[Path, str]) -> list[Run]:
    batch = device.batch()
    runs = [batch.run(script) if isinstance(script, Path) else batch.run(*script) for script in scripts]
    batch.execute(timeout=240)
    return runs


def entries_of_journal(device: Device) -> list[str]:
    return [key for key in device.dump(JOURNAL)[JOURNAL] if key.startswith(ENTRIES + "\\")]


CONDITIONS: dict[str, dict[str, Any]] = {
    "equals": {"equals": "One"},
    "exact": {"equals": "One", "case": "exact"},
    "reference": {"equals": r"%SystemRoot%\One"},
    "plain": {"equals": r"%SystemRoot%\One", "type": "string"},
    "contains": {"contains": [r"C:\A", r"C:\B b"]},
    "refers": {"contains": [r"%SystemRoot%\One"]},
    "none-of": {"none_of": [r"C:\A", r"C:\C"]},
    "typed": {"contains": [r"C:\C"], "type": "expand_string"},
    "present": {"present": True, "set": "One"},
    "reported": {"present": True, "remediate": False},
    "absent": {"absent": True},
}
STATES: dict[str, Value | None] = {
    "none": None,
    "empty": sz(""),
    "one": sz("One"),
    "two": expand_sz("oNE"),
    "sys": expand_sz(r"%SystemRoot%\One"),
    "raw": sz(r"%systemroot%\one"),
    "list": expand_sz('C:\\Windows;;c:\\a\\;"C:\\B b";C:\\A;'),
    "some": sz(r"C:\C;C:\Größe"),
    "long": sz("C:\\X;" * 1638),
    "number": dword(1),
}


def test_every_condition_in_every_state(device: Device, tmp_path: Path) -> None:
    """Judged as the compiler does, changed as it says, left alone the second time, and back to the letter."""
    settings = [variable(f"{one}-{state}", **words) for one, words in CONDITIONS.items() for state in STATES]
    before = {f"{PREFIX}-{one}-{state}": value for one in CONDITIONS for state, value in STATES.items()}
    install(device, before)
    untouched = {name: value for name, value in device.dump(HERE)[HERE][HERE].items() if name not in before}
    scripts = write_scripts(tmp_path, settings, hurried=False)
    first, changed = run(device, scripts[Script.DETECT], scripts[Script.REMEDIATE])
    judged = {one.id: KIND.verdict(subject(one), known(before[subject(one).place.name])) for one in settings}
    assert results(first) == {name: WORDS[verdict] for name, verdict in judged.items()}, said(first)
    assert {*judged.values()} == {Verdict.COMPLIANT, Verdict.NON_COMPLIANT, Verdict.ERROR}
    for one in settings:
        if judged[one.id] is Verdict.NON_COMPLIANT:
            state, must = KIND.shown(known(before[subject(one).place.name])), KIND.must(subject(one), masked=False)
            assert f"{subject(one).place} is {state}, must {must}" in said(first)
    expected, failing = {}, set()
    for one in settings:
        name = subject(one).place.name
        after = KIND.after(subject(one), known(before[name])) if subject(one).writes else known(before[name])
        if judged[one.id] is Verdict.ERROR or KIND.verdict(subject(one), after) is not Verdict.COMPLIANT:
            failing.add(one.id)
        value = value_of(after, before[name])
        if value is not None:
            expected[name] = value
    assert here(device) == expected, said(changed)
    assert "contains-long" in failing
    assert "and programs that cmd.exe starts get none of more than 8191" in said(changed)
    second, again = run(device, scripts[Script.DETECT], scripts[Script.REMEDIATE])
    assert {name for name, word in results(second).items() if word != "Compliant"} == failing, said(second)
    assert "Changed" not in results(again).values(), said(again)
    assert here(device) == expected
    [back] = run(device, scripts[Script.ROLLBACK])
    assert back.exit_code == 0, said(back)
    assert here(device) == {name: value for name, value in before.items() if value is not None}
    assert {name: value for name, value in device.dump(HERE)[HERE][HERE].items() if name not in before} == untouched
    assert device.dump(JOURNAL)[JOURNAL] == {}


PIECES = [r"C:\A", r"c:\a\\", r'"C:\A"', r"C:\B", r"%X%\C", "", r"C:\D d", r"C:\E"]


def any_variable(rng: Random, id: str) -> Setting:
    some = list(
        {texts.folded(one): one for one in rng.sample([r"C:\A", r"C:\B", r"%X%\C", r"C:\D d"], rng.randint(1, 3))}.values()
    )
    words: dict[str, Any] = rng.choice(
        [
            {"contains": some},
            {"none_of": some},
            {"contains": some, "type": "string"},
            {"equals": ";".join(some)},
            {"absent": True},
            {"present": True, "set": ";".join(some)},
        ]
    )
    return variable(id, **words)


def any_value(rng: Random) -> Value | None:
    text = ";".join(rng.choice(PIECES) for _ in range(rng.randrange(5)))
    return rng.choice([None, sz(text), sz(text), expand_sz(text), expand_sz(text)])


@pytest.mark.parametrize("seed", range(3))
def test_random_lists_as_simulated(device: Device, tmp_path: Path, seed: int) -> None:
    """Verdicts, writes, and what a rollback leaves of what somebody has changed in between."""
    rng = Random(f"environment variables {seed}")
    settings = [any_variable(rng, f"v{number}") for number in range(80)]
    names = [subject(one).place.name for one in settings]
    before = {name: any_value(rng) for name in names}
    install(device, before)
    scripts = write_scripts(tmp_path, settings, hurried=False)
    first, changed = run(device, scripts[Script.DETECT], scripts[Script.REMEDIATE])
    judged = {one.id: KIND.verdict(subject(one), known(before[subject(one).place.name])) for one in settings}
    assert results(first) == {name: WORDS[verdict] for name, verdict in judged.items()}, said(first)
    written = {subject(one).place.name: KIND.after(subject(one), known(before[subject(one).place.name])) for one in settings}
    assert {name: known(value) for name, value in here(device).items()} == {
        name: state for name, state in written.items() if state is not ABSENT
    }, said(changed)
    since = {name: any_value(rng) for name in names if rng.random() < 0.4}
    install(device, since)
    run(device, scripts[Script.ROLLBACK])
    for name in names:
        first_state, last = known(before[name]), written[name]
        now = known(since[name]) if name in since else last
        if first_state == last:
            wanted: Known = now
        else:
            undone = meaning.undone(first_state, last, now)
            wanted = undone if undone is not None else first_state if now in (first_state, last) else now
        assert known(here(device).get(name)) == wanted, (name, first_state, last, now)


def test_what_others_add_between_two_remediations_stays(device: Device, tmp_path: Path) -> None:
    """What an installer wrote in between isn't taken for what policyc wrote."""
    one = variable("path", contains=[r"C:\Ours"])
    name = subject(one).place.name
    scripts = write_scripts(tmp_path, [one])
    install(device, {name: expand_sz(r"C:\Windows;C:\Old")})
    run(device, scripts[Script.REMEDIATE])
    install(device, {name: expand_sz(r"C:\Windows;C:\Product")})
    run(device, scripts[Script.REMEDIATE])
    assert here(device) == {name: expand_sz(r"C:\Windows;C:\Product;C:\Ours")}
    install(device, {name: expand_sz(r"C:\First;C:\Windows;C:\Product;C:\Ours;C:\Last")})
    [rollback] = run(device, scripts[Script.ROLLBACK])
    assert rollback.exit_code == 0, said(rollback)
    assert here(device) == {name: expand_sz(r"C:\First;C:\Windows;C:\Product;C:\Last")}
    assert device.dump(JOURNAL)[JOURNAL] == {}


def test_a_text_that_somebody_else_changed_stays(device: Device, tmp_path: Path) -> None:
    one = variable("home", equals=r"C:\jdk-11")
    name = subject(one).place.name
    scripts = write_scripts(tmp_path, [one])
    install(device, {name: sz(r"C:\jdk-8")})
    run(device, scripts[Script.REMEDIATE])
    install(device, {name: sz(r"C:\jdk-17")})
    [rollback] = run(device, scripts[Script.ROLLBACK])
    assert rollback.exit_code == 1
    assert "it was changed by someone else since policyc wrote it" in said(rollback)
    assert here(device) == {name: sz(r"C:\jdk-17")}
    [forced] = run(device, (scripts[Script.ROLLBACK], "-Force"))
    assert (forced.exit_code, here(device)) == (0, {name: sz(r"C:\jdk-8")}), said(forced)


SPOILS = {
    "refused": ("throw [UnauthorizedAccessException]::new('Zugriff verweigert')", "Zugriff verweigert"),
    "a lie": ("$null = 1", 'It is "old" (string) all the same'),
    "another's": (f"$key.SetValue($change.Name, 'other'); $null = '{HERE}'", 'It is "other" (string) all the same'),
}


@pytest.mark.parametrize("how", SPOILS)
def test_a_change_that_is_refused_or_not_kept(device: Device, tmp_path: Path, how: str) -> None:
    one = variable("one", equals="new")
    name = subject(one).place.name
    install(device, {name: sz("old")})
    scripts = write_scripts(tmp_path, [one])
    text, count = re.subn(
        r"\$key\.SetValue\(\$change\.Name, ?\(.+\]\)", lambda _: SPOILS[how][0], scripts[Script.REMEDIATE].read_text("ascii")
    )
    assert count == 1
    spoilt = tmp_path / "spoilt.ps1"
    spoilt.write_text(text, encoding="ascii", newline="\n")
    [remediate] = run(device, spoilt)
    assert remediate.exit_code == 1
    assert SPOILS[how][1] in said(remediate)
    if how == "another's":
        assert here(device) == {name: sz("other")}
        run(device, scripts[Script.ROLLBACK])
    assert here(device) == {name: sz("old")}
    assert entries_of_journal(device) == []


def test_a_killed_run_is_undone(device: Device, tmp_path: Path) -> None:
    """Wherever the run ends; behind it an installer adds its entry, and another remediation may come."""
    settings = [variable("list", contains=[r"C:\Ours"]), variable("one", equals="new"), variable("gone", absent=True)]
    scripts = write_scripts(tmp_path, settings)
    before = {f"{PREFIX}-list": expand_sz(r"C:\A;;C:\B"), f"{PREFIX}-gone": sz("here")}
    fused = tmp_path / "fused.ps1"
    fused.write_text(with_fuse(scripts[Script.REMEDIATION].read_text("ascii")), encoding="ascii", newline="\n")
    product = tmp_path / "product.ps1"
    product.write_text(
        f"$key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey('{KEY}', $true)\n"
        f"$text = $key.GetValue('{PREFIX}-list', '', 'DoNotExpandEnvironmentNames')\n"
        f"$key.SetValue('{PREFIX}-list', 'C:\\Product;' + $text, 'ExpandString')\n",
        encoding="ascii",
    )
    batch = device.batch()
    ways = []
    for fuse in range(1, 60):
        batch.wipe(JOURNAL)
        batch.unset(HERE, f"{PREFIX}-one")
        for name, value in before.items():
            batch.value(HERE, name, value)
        killed = batch.run(fused, f"-Fuse={fuse}")
        batch.run(product)
        between = batch.dump(HERE)
        if fuse % 2:
            batch.run(scripts[Script.REMEDIATE])
        ways.append((fuse, killed, between, batch.run(scripts[Script.ROLLBACK]), batch.dump(HERE), batch.dump(JOURNAL)))
    batch.execute(timeout=400)
    for fuse, _, _, rollback, after, journal in ways:
        wanted = {**before, f"{PREFIX}-list": expand_sz(r"C:\Product;C:\A;;C:\B")}
        assert (rollback.exit_code, ours(after.state)) == (0, wanted), (fuse, said(rollback))
        assert journal.state == {}, fuse
    assert ways[-1][1].failure is None, "it never came to its end"
    assert len({ours(between.state)[f"{PREFIX}-list"] for _, _, between, *_ in ways}) == 2, (
        "killed before and behind the change"
    )


def test_a_whatif_and_a_report_change_nothing(device: Device, tmp_path: Path) -> None:
    whatif = write_scripts(tmp_path / "whatif", [variable("one", equals="new")])
    report = write_scripts(tmp_path / "report", [variable("one", equals="new", remediate=False)])
    told, remediate = run(device, (whatif[Script.REMEDIATE], "-WhatIf"), report[Script.REMEDIATE])
    assert f"environment variable {PREFIX}-one" in said(told)
    assert "1 reported only: one" in remediate.out[-1]
    assert here(device) == {}
    assert entries_of_journal(device) == []


@pytest.mark.parametrize("script", [Script.DISCOVERY, Script.REMEDIATION])
def test_compliance_scripts(device: Device, tmp_path: Path, script: Script) -> None:
    [answer] = run(device, write_scripts(tmp_path, [variable("one", contains=[r"C:\Ours"])])[script])
    assert answer.failure is None, answer.said
    assert answer.out == (["NonCompliant: one"] if script is Script.DISCOVERY else [])
    assert here(device) == ({f"{PREFIX}-one": sz(r"C:\Ours")} if script is Script.REMEDIATION else {})


def test_the_log_says_what_was_there_and_hides_what_is_sensitive(device: Device, tmp_path: Path) -> None:
    from dataclasses import replace

    one = variable("path", contains=[r"C:\Ours"])
    install(device, {f"{PREFIX}-path": expand_sz(r"C:\Secret")})
    run(device, write_scripts(tmp_path / "shown", [one])[Script.REMEDIATE])
    assert r'from "C:\Secret" (expand_string) to "C:\Secret;C:\Ours" (expand_string)' in "".join(
        log.read_text("utf-8") for log in device.logs()
    )
    hidden = write_scripts(tmp_path / "hidden", [replace(variable("path", none_of=[r"C:\Ours"]), sensitive=True)])
    [remediate] = run(device, hidden[Script.REMEDIATE])
    assert "Secret" not in said(remediate)


def test_held_is_what_a_device_holds() -> None:
    """The helper's own round trip, which all tests above stand on."""
    for value in STATES.values():
        state = known(value)
        assert isinstance(state, Held) or state in (ABSENT, UNREADABLE)
        assert value_of(state, value) == value


def test_what_an_installer_put_where_nothing_was_stays(device: Device, tmp_path: Path) -> None:
    """A list that policyc made, made anew by somebody else and added to once more."""
    one = variable("path", contains=[r"C:\Ours"])
    name = subject(one).place.name
    scripts = write_scripts(tmp_path, [one])
    run(device, scripts[Script.REMEDIATE])
    install(device, {name: sz(r"C:\Product")})
    run(device, scripts[Script.REMEDIATE])
    assert here(device) == {name: sz(r"C:\Product;C:\Ours")}
    [rollback] = run(device, scripts[Script.ROLLBACK])
    assert (rollback.exit_code, here(device)) == (0, {name: sz(r"C:\Product")}), said(rollback)
