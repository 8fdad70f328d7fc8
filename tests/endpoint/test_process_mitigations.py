"""Mitigations on an endpoint: of the bytes that Windows keeps, one field is judged, changed and brought back, and no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import pytest

from endpoint.cases import RETIRE, write_scripts
from endpoint.device import JOURNAL, Device, Run
from endpoint.fuse import with_fuse
from endpoint.journal import ENTRIES
from endpoint.registry import State, Value, binary, dword, sz
from policyc.evaluation import ABSENT, Held, Verdict
from policyc.kinds.process_mitigation import ProcessMitigationKind
from policyc.kinds.process_mitigation.mitigations import mitigations
from policyc.kinds.process_mitigation.subject import ALL_PROGRAMS, ONE_PROGRAM, MitigationPlace, ProcessMitigation
from policyc.model import Kind, Location, Setting
from policyc.powershell.scripts import Script

pytestmark = pytest.mark.endpoint
KIND = ProcessMitigationKind()
PROGRAM = "policyc test.exe"
KEY = rf"HKLM\{ONE_PROGRAM}\{PROGRAM}"
SYSTEM = rf"HKLM\{ALL_PROGRAMS}"
VALUE = "MitigationOptions"


@pytest.fixture
def endpoint(device: Device) -> Iterator[Device]:
    """One where nothing is set."""
    clear(device)
    yield device
    clear(device)


def clear(device: Device) -> None:
    device.clean(KEY)
    batch = device.batch()
    batch.key(SYSTEM)
    batch.unset(SYSTEM, VALUE)
    batch.execute()


def asked(
    mitigation: str = "ForceRelocateImages",
    *,
    equals: str | None = None,
    program: str | None = PROGRAM,
    writes: bool = True,
    id: str = "one",
) -> Setting:
    """A setting; without `equals`, that it isn't off."""
    subject = ProcessMitigation(
        MitigationPlace(mitigation, program),
        "not_equals" if equals is None else "equals",
        equals or "off",
        mitigations()[mitigation].three_is_on,
        writes,
    )
    return Setting(id=id, title=f"Title of {id}", subject=subject, origin=Location("test.yaml", ("settings", id)))


def subject_of(setting: Setting) -> ProcessMitigation:
    assert isinstance(setting.subject, ProcessMitigation)
    return setting.subject


def run(device: Device, *scripts: Path | tuple[Path, *tuple[str, ...]]) -> list[Run]:
    batch = device.batch()
    runs = [batch.run(script) if isinstance(script, Path) else batch.run(*script) for script in scripts]
    batch.execute(timeout=240)
    return runs


def here(device: Device, *keys: str) -> State:
    return {key: values for state in device.dump(*(keys or (KEY,)), JOURNAL).values() for key, values in state.items()}


def journalled(state: State) -> list[str]:
    return [key for key in state if key.startswith(ENTRIES + "\\")]


def field(data: bytes, number: int) -> int:
    """Four bits of the bytes, as the kernel reads them: a map of 64-bit numbers, the lowest bits first."""
    return int.from_bytes(data, "little") >> 4 * number & 15


def with_field(data: bytes, number: int, to: int) -> bytes:
    whole = int.from_bytes(data, "little") & ~(15 << 4 * number) | to << 4 * number
    return whole.to_bytes(max(len(data), 16), "little")


def setting_words(setting: Setting) -> str:
    subject = subject_of(setting)
    return f"{subject.place.mitigation} {subject.asked} {subject.value}"


OTHERS = bytes.fromhex("32 21 10 02 00 00 21 00 20 00 11 00 00 00 00 12 01 00 00 00 00 00 00 22")
HELD: list[bytes | None] = [None, b"", OTHERS[:8], bytes(16)]
CONDITIONS = [
    *(asked(equals=word) for word in ("on", "off", "not_set", None)),
    asked("SEHOP", equals="on"),
    asked("UserShadowStack", equals="off"),
]


@pytest.mark.parametrize("setting", CONDITIONS, ids=setting_words)
def test_condition_and_state(endpoint: Device, tmp_path: Path, setting: Setting) -> None:
    """Whatever is there: judged as the compiler judges it, one field changed, left alone the second time, and back."""
    scripts = write_scripts(tmp_path, [setting])
    subject = subject_of(setting)
    number = mitigations()[subject.place.mitigation].field
    held = [*HELD, *(with_field(OTHERS[:16], number, to) for to in (1, 3, 9)), with_field(OTHERS, number, 2)]
    steps = (Script.DETECT, Script.REMEDIATE, Script.DETECT, Script.REMEDIATE, Script.ROLLBACK)
    batch = endpoint.batch()
    ways = []
    for data in held:
        batch.wipe(KEY, JOURNAL)
        if data is not None:
            batch.install({KEY: {VALUE: binary(data), "Debugger": sz("")}})
        ways.append((data, *((batch.run(scripts[step]), batch.dump(KEY), batch.dump(JOURNAL)) for step in steps)))
    batch.execute(timeout=300)
    for data, detect, remediate, again, idle, rollback in ways:
        was = b"" if data is None else data
        state = ABSENT if data is None else Held(Kind.DWORD, field(was, number))
        compliant = KIND.verdict(subject, state) is Verdict.COMPLIANT
        assert detect[0].exit_code == (0 if compliant else 1), (data, detect[0].said)
        assert (remediate[0].exit_code, again[0].exit_code, idle[0].out) == (0, 0, ["Compliant"]), (data, remediate[0].said)
        assert rollback[0].exit_code == 0, (data, rollback[0].said)
        assert not journalled(rollback[2].state)
        if compliant:
            assert idle[1].state == detect[1].state == rollback[1].state
            continue
        should = with_field(was, number, subject.next(field(was, number)))
        assert idle[1].state[KEY][VALUE] == binary(should), remediate[0].said
        if data is None:
            assert rollback[1].state == {}
        else:
            assert rollback[1].state == {KEY: {VALUE: binary(with_field(was, number, field(was, number))), "Debugger": sz("")}}


def test_fields_are_those_of_windows(endpoint: Device, tmp_path: Path) -> None:
    """Each by itself, against winbase.h: ALWAYS_ON of PROCESS_CREATION_MITIGATION_POLICY_* is 1 at its bit."""
    bits = {
        "ForceRelocateImages": 8,
        "TerminateOnError": 12,
        "BottomUp": 16,
        "HighEntropy": 20,
        "StrictHandle": 24,
        "DisableWin32kSystemCalls": 28,
        "DisableExtensionPoints": 32,
        "BlockDynamicCode": 36,
        "CFG": 40,
        "MicrosoftSignedOnly": 44,
        "DisableNonSystemFonts": 48,
        "BlockRemoteImageLoads": 52,
        "BlockLowLabelImageLoads": 56,
        "PreferSystem32": 60,
        "EnforceModuleDependencySigning": 64 + 4,
        "StrictCFG": 64 + 8,
    }
    # The order of PS_MITIGATION_OPTION, in Microsoft's public symbols.
    bits |= {"DEP": 0, "SEHOP": 4, "EnableRopStackPivot": 80, "EnableRopCallerCheck": 84, "EnableRopSimExec": 88}
    bits |= {"EnableExportAddressFilter": 92, "EnableExportAddressFilterPlus": 96, "DisallowChildProcessCreation": 100}
    bits |= {"EnableImportAddressFilter": 104, "UserShadowStack": 124}
    assert bits.keys() == mitigations().keys()
    batch = endpoint.batch()
    ways = []
    for name in bits:
        batch.wipe(KEY, JOURNAL)
        script = write_scripts(tmp_path / name, [asked(name, equals="on")])[Script.REMEDIATE]
        ways.append((name, batch.run(script), batch.dump(KEY)))
    batch.execute(timeout=240)
    for name, remediate, dump in ways:
        assert remediate.exit_code == 0, remediate.said
        assert dump.state[KEY][VALUE] == binary((1 << bits[name]).to_bytes(16, "little")), name


def test_all_programs(endpoint: Device, tmp_path: Path) -> None:
    settings = [asked(name, equals="on", program=None, id=name.lower()) for name in ("DEP", "CFG")]
    scripts = write_scripts(tmp_path, settings)
    before = here(endpoint, SYSTEM)
    detect, remediate = run(endpoint, scripts[Script.DETECT], scripts[Script.REMEDIATE])
    assert detect.out[1].strip() == "mitigation DEP of all programs is not set, must be on"
    assert remediate.exit_code == 0, remediate.said
    assert here(endpoint, SYSTEM)[SYSTEM][VALUE] == binary((1 | 1 << 40).to_bytes(16, "little"))
    [rollback] = run(endpoint, scripts[Script.ROLLBACK])
    assert rollback.exit_code == 0, rollback.said
    assert here(endpoint, SYSTEM) == before


def test_the_words_are_those_of_the_compiler(endpoint: Device, tmp_path: Path) -> None:
    conditions = [asked(name, equals=word) for name, word in product(("DEP", "CFG"), ("on", "off", None))]
    batch = endpoint.batch()
    ways = []
    for at, setting in enumerate(conditions):
        detect = write_scripts(tmp_path / str(at), [setting])[Script.DETECT]
        number = mitigations()[subject_of(setting).place.mitigation].field
        for held in (0, 2, 3, 9):
            batch.install({KEY: {VALUE: binary(with_field(b"", number, held))}})
            ways.append((setting, Held(Kind.DWORD, held), batch.run(detect)))
    batch.execute(timeout=240)
    said = 0
    for setting, state, detect in ways:
        subject = subject_of(setting)
        if KIND.verdict(subject, state) is Verdict.NON_COMPLIANT:
            must = KIND.must(subject, masked=False)
            assert detect.out[1].strip() == f"{subject.place} is {KIND.shown(state)}, must {must}"
            said += 1
    assert said > 10


@pytest.mark.parametrize("value", [dword(0x100), sz("0x100")], ids=["number", "text"])
def test_unreadable_is_an_error_and_never_changed(endpoint: Device, tmp_path: Path, value: Value) -> None:
    endpoint.install({KEY: {VALUE: value}})
    before = here(endpoint)
    scripts = write_scripts(tmp_path, [asked(equals="on")])
    detect, remediate = run(endpoint, scripts[Script.DETECT], scripts[Script.REMEDIATE])
    assert detect.exit_code == 2
    assert "its value MitigationOptions is no binary value" in "\n".join(detect.said)
    assert remediate.exit_code == 1
    assert here(endpoint) == before


@pytest.mark.parametrize("refuses", [True, False], ids=["refused", "lies"])
def test_a_write_that_does_not_come_through_is_told_and_nothing_is_kept(
    endpoint: Device, tmp_path: Path, refuses: bool
) -> None:
    """An alias goes before a function: instead of writing, it throws, or does nothing."""
    stand_in = tmp_path / "stand-in.ps1"
    does = "throw 'Access is denied'" if refuses else ""
    alias = "$ExecutionContext.SessionState.InvokeProvider.Item.New('alias:\\', 'Set-MitigationField', '{0}', '{1}')"
    stand_in.write_text(
        f"function global:Set-Nothing {{ {does} }}\n$null = {alias.format('Alias', 'Set-Nothing')}\n",
        encoding="ascii",
        newline="\n",
    )
    endpoint.install({KEY: {VALUE: binary(OTHERS)}})
    before = here(endpoint)
    scripts = write_scripts(tmp_path, [asked(equals="off")])
    batch = endpoint.batch()
    batch.load(stand_in)
    remediate = batch.run(scripts[Script.REMEDIATE])
    batch.execute()
    assert remediate.exit_code == 1
    assert ("Access is denied" if refuses else "It is on all the same") in remediate.out[0]
    after = here(endpoint)
    assert after[KEY] == before[KEY]
    assert not journalled(after)


def test_somebody_else_s_field_stays_and_its_neighbours_do_not_count(endpoint: Device, tmp_path: Path) -> None:
    endpoint.install({KEY: {VALUE: binary(bytes(16))}})
    scripts = write_scripts(tmp_path, [asked(equals="on")])
    run(endpoint, scripts[Script.REMEDIATE])
    endpoint.install({KEY: {VALUE: binary(with_field(bytes(16), 2, 2))}})
    [rollback] = run(endpoint, scripts[Script.ROLLBACK])
    assert rollback.exit_code == 1
    assert (
        f"mitigation ForceRelocateImages of {PROGRAM}, it was changed by someone else since policyc wrote it" in rollback.out[0]
    )
    # The neighbour is somebody else's too, and stays when the field goes back.
    endpoint.install({KEY: {VALUE: binary(with_field(with_field(bytes(16), 2, 1), 3, 2))}})
    [rollback] = run(endpoint, scripts[Script.ROLLBACK])
    assert rollback.exit_code == 0, rollback.said
    assert here(endpoint)[KEY][VALUE] == binary(with_field(bytes(16), 3, 2))


def test_what_was_removed_since_is_forgotten(endpoint: Device, tmp_path: Path) -> None:
    scripts = write_scripts(tmp_path, [asked(equals="on")])
    run(endpoint, scripts[Script.REMEDIATE])
    batch = endpoint.batch()
    batch.wipe(KEY)
    rollback = batch.run(scripts[Script.ROLLBACK])
    batch.execute()
    assert rollback.exit_code == 0, rollback.said
    state = here(endpoint)
    assert KEY not in state
    assert not journalled(state)


def test_a_killed_run_is_undone(endpoint: Device, tmp_path: Path) -> None:
    """Wherever the run ends, a rollback leaves no more than there was, and so does one behind another remediation."""
    scripts = write_scripts(tmp_path, [asked("DEP", equals="on", id="dep"), asked(equals="off")])
    fused = tmp_path / "fused.ps1"
    fused.write_text(with_fuse(scripts[Script.REMEDIATION].read_text("ascii")), encoding="ascii", newline="\n")
    batch = endpoint.batch()
    ways = []
    held: Sequence[bytes | None] = (None, OTHERS)
    for fuse, data in product(range(1, 16), held):
        batch.wipe(KEY, JOURNAL)
        if data is not None:
            batch.install({KEY: {VALUE: binary(data)}})
        before = batch.dump(KEY)
        first = batch.run(fused, f"-Fuse={fuse}")
        runs = [batch.run(scripts[Script.REMEDIATE])] if fuse % 2 else []
        runs.append(batch.run(scripts[Script.ROLLBACK]))
        ways.append((fuse, before, first, runs, batch.dump(KEY), batch.dump(JOURNAL)))
    batch.execute(timeout=300)
    whole = [first for _, _, first, _, _, _ in ways if first.failure is None]
    assert len(whole) < 25
    for fuse, before, _, runs, after, journal in ways:
        assert runs[-1].exit_code == 0, (fuse, runs[-1].said)
        assert after.state == before.state, (fuse, runs[-1].said)
        assert not journalled(journal.state), fuse


def test_one_of_two_goes_back_and_the_other_stays(endpoint: Device, tmp_path: Path) -> None:
    dep = asked("DEP", equals="on", id="dep")
    both = write_scripts(tmp_path / "both", [dep, asked(equals="on")])
    one = write_scripts(tmp_path / "one", [dep])
    remediate, retire = run(endpoint, both[Script.REMEDIATE], one[RETIRE])
    assert (remediate.exit_code, retire.exit_code) == (0, 0), retire.said
    state = here(endpoint)
    assert state[KEY][VALUE] == binary(with_field(bytes(16), 0, 1))
    assert len(journalled(state)) == 1
    [rollback] = run(endpoint, one[Script.ROLLBACK])
    assert rollback.exit_code == 0, rollback.said
    assert KEY not in here(endpoint)


def test_a_whatif_and_a_report_change_nothing(endpoint: Device, tmp_path: Path) -> None:
    whatif = write_scripts(tmp_path / "whatif", [asked(equals="on")])
    report = write_scripts(tmp_path / "report", [asked(equals="on", writes=False)])
    told, detect, remediate = run(
        endpoint, (whatif[Script.REMEDIATE], "-WhatIf"), report[Script.DETECT], report[Script.REMEDIATE]
    )
    assert f"mitigation ForceRelocateImages of {PROGRAM}" in "\n".join(told.said)
    assert detect.exit_code == 1
    assert "1 reported only: one" in remediate.out[-1]
    assert KEY not in here(endpoint)


@pytest.mark.parametrize("script", [Script.DISCOVERY, Script.REMEDIATION])
def test_compliance_scripts(endpoint: Device, tmp_path: Path, script: Script) -> None:
    [answer] = run(endpoint, write_scripts(tmp_path, [asked(equals="on")])[script])
    assert answer.failure is None, answer.said
    assert answer.out == (["NonCompliant: one"] if script is Script.DISCOVERY else [])
    assert (KEY in here(endpoint)) is (script is Script.REMEDIATION)
