"""Optional features and capabilities on an endpoint: what scripts find, change through Windows' module Dism, and bring back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from endpoint.cases import write_scripts
from endpoint.device import JOURNAL, ROOT, Device, Run
from endpoint.fuse import with_fuse
from endpoint.journal import ENTRIES, text_of
from endpoint.registry import State, Value, dword, multi_sz, sz
from policyc.kinds.capability import Capability, CapabilityKind
from policyc.kinds.dism.part import Part, PartPlace
from policyc.kinds.optional_feature import OptionalFeature, OptionalFeatureKind
from policyc.model import Location, Setting
from policyc.powershell.scripts import Script

pytestmark = pytest.mark.endpoint
MODULE = Path(__file__).with_name("features.ps1")
IMAGE = rf"{ROOT}\image"
SMB, CLIENT = "SMB1Protocol", "SMB1Protocol-Client"
SSH = "OpenSSH.Server~~~~0.0.1.0"


@dataclass(frozen=True, slots=True)
class One:
    """A part of the image."""

    name: str
    state: str
    more: dict[str, Value] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Where the module has it."""
        return rf"{IMAGE}\{'capabilities' if '~' in self.name else 'features'}\{self.name}"


def asked(state: str, name: str = SMB, *, missing: bool | None = None, id: str = "one", writes: bool = True) -> Setting:
    """A setting of a feature, or of a capability where the state is one of those."""
    kind: type[Part] = OptionalFeature if state in ("enabled", "disabled") else Capability
    wanted = state == kind.there
    subject = kind(PartPlace(kind.word, name), wanted, (not wanted) if missing is None else missing, writes)
    return Setting(id=id, title=f"Title of {id}", subject=subject, origin=Location("test.yaml", ("settings", id)))


@pytest.fixture
def endpoint(device: Device) -> Iterator[Device]:
    """One whose image has nothing yet."""
    device.clean(IMAGE)
    yield device
    device.clean(IMAGE)


def install(device: Device, *parts: One) -> None:
    for one in parts:
        device.install({one.key: {"State": sz(one.state), **one.more}})


def run(device: Device, *scripts: tuple[Path, *tuple[str, ...]] | Path) -> list[Run]:
    batch = device.batch()
    batch.load(MODULE)
    runs = [batch.run(script) if isinstance(script, Path) else batch.run(*script) for script in scripts]
    batch.execute(timeout=240)
    return runs


def here(device: Device) -> State:
    """The image and the journal."""
    return {key: values for state in device.dump(IMAGE, JOURNAL).values() for key, values in state.items()}


def states(device: Device) -> dict[str, str]:
    """The state of each part."""
    return {key.rsplit("\\", 1)[1]: text_of(values["State"]) for key, values in here(device).items() if "State" in values}


def calls(device: Device) -> list[str]:
    """What the cmdlets were told."""
    told = [values["Calls"] for values in here(device).values() if "Calls" in values]
    return [line for one in told for line in one.data.decode("utf-16-le").split("\0") if line]


def journalled(device: Device) -> list[tuple[str, str]]:
    """(Before, written) of each entry."""
    entries = [values for key, values in here(device).items() if key.startswith(ENTRIES + "\\")]
    return [(text_of(one["Previous"]), text_of(one["Written"])) for one in entries]


WAYS = [
    ("disabled", SMB, SMB, "Enabled", "Disabled"),
    ("disabled", SMB, SMB, "EnablePending", "Disabled"),
    ("enabled", SMB, SMB, "Disabled", "Enabled"),
    ("enabled", SMB, SMB, "DisabledWithPayloadRemoved", "Enabled"),
    ("absent", "OpenSSH.Server", SSH, "Installed", "NotPresent"),
    ("present", "OpenSSH.Server", SSH, "NotPresent", "Installed"),
]


@pytest.mark.parametrize(("state", "name", "there", "before", "after"), WAYS)
@pytest.mark.parametrize("waits", [0, 1])
def test_it_is_changed_once_and_goes_back(
    endpoint: Device, tmp_path: Path, state: str, name: str, there: str, before: str, after: str, waits: int
) -> None:
    install(endpoint, One(there, before, {"Waits": dword(waits)}))
    scripts = write_scripts(tmp_path, [asked(state, name)])
    detect, whatif, remediate, again, idle = run(
        endpoint,
        scripts[Script.DETECT],
        (scripts[Script.REMEDIATE], "-WhatIf"),
        scripts[Script.REMEDIATE],
        scripts[Script.DETECT],
        scripts[Script.REMEDIATE],
    )
    assert detect.exit_code == 1, detect.said
    assert whatif.exit_code in (0, 1), whatif.said
    assert (remediate.exit_code, again.exit_code, idle.out) == (0, 0, ["Compliant"]), remediate.said
    pending = {
        "Enabled": "EnablePending",
        "Disabled": "DisablePending",
        "Installed": "InstallPending",
        "NotPresent": "UninstallPending",
    }
    assert states(endpoint) == {there: pending[after] if waits else after}
    assert len(calls(endpoint)) == 1
    # Windows has restarted, and nothing of it is somebody else's change.
    endpoint.install({One(there, after).key: {"State": sz(after), "Waits": dword(0)}})
    [rollback] = run(endpoint, scripts[Script.ROLLBACK])
    assert rollback.exit_code == 0, rollback.said
    assert states(endpoint) == {there: before.replace("EnablePending", "Enabled")}
    assert journalled(endpoint) == []


SATISFIED = [
    ("disabled", SMB, SMB, "Disabled"),
    ("disabled", SMB, SMB, "DisablePending"),
    ("disabled", SMB, SMB, "DisabledWithPayloadRemoved"),
    ("enabled", SMB, SMB, "EnablePending"),
    ("present", "OpenSSH.Server", SSH, "InstallPending"),
    ("absent", "OpenSSH.Server", SSH, "Staged"),
    ("absent", "OpenSSH.Server", SSH, "UninstallPending"),
]


@pytest.mark.parametrize(("state", "name", "there", "before"), SATISFIED)
def test_what_holds_is_left(endpoint: Device, tmp_path: Path, state: str, name: str, there: str, before: str) -> None:
    install(endpoint, One(there, before))
    scripts = write_scripts(tmp_path, [asked(state, name)])
    detect, remediate = run(endpoint, scripts[Script.DETECT], scripts[Script.REMEDIATE])
    assert (detect.exit_code, remediate.out) == (0, ["Compliant"]), detect.said
    assert calls(endpoint) == []


def test_a_pending_change_is_said(endpoint: Device, tmp_path: Path) -> None:
    install(endpoint, One(SMB, "EnablePending"))
    [detect] = run(endpoint, write_scripts(tmp_path, [asked("disabled")])[Script.DETECT])
    assert detect.out[1].strip() == (
        "the optional feature SMB1Protocol is enabled once Windows has restarted, "
        "must be disabled; one that this Windows does not know counts as that"
    )


@pytest.mark.parametrize("state", ["enabled", "disabled", "present", "absent"])
def test_the_words_are_those_of_the_compiler(endpoint: Device, tmp_path: Path, state: str) -> None:
    other = {"enabled": "Disabled", "disabled": "Enabled", "present": "NotPresent", "absent": "Installed"}[state]
    feature = state in ("enabled", "disabled")
    install(endpoint, One(SMB if feature else SSH, other))
    setting = asked(state, SMB if feature else "OpenSSH.Server", missing=True)
    [detect] = run(endpoint, write_scripts(tmp_path, [setting])[Script.DETECT])
    kind = OptionalFeatureKind() if feature else CapabilityKind()
    was = {"enabled": "disabled", "disabled": "enabled", "present": "absent", "absent": "present"}[state]
    assert detect.out[1].strip() == f"{setting.subject.place} is {was}, must {kind.must(setting.subject, masked=False)}"


@pytest.mark.parametrize("missing", [True, False])
def test_what_windows_does_not_know(endpoint: Device, tmp_path: Path, *, missing: bool) -> None:
    install(endpoint, One("Other", "Enabled"))
    scripts = write_scripts(tmp_path, [asked("disabled", missing=missing)])
    detect, remediate = run(endpoint, scripts[Script.DETECT], scripts[Script.REMEDIATE])
    if missing:
        assert (detect.exit_code, remediate.out) == (0, ["Compliant"])
        return
    assert detect.out[1].strip() == "the optional feature SMB1Protocol is not known to this Windows, must be disabled"
    assert remediate.exit_code == 1
    assert "This Windows knows none of this name" in remediate.out[0]


def test_a_capability_in_several_languages_has_to_be_named_whole(endpoint: Device, tmp_path: Path) -> None:
    names = [f"Language.Basic~~~{code}~0.0.1.0" for code in ("de-DE", "fr-FR")]
    install(endpoint, *(One(name, "Installed") for name in names))
    [detect] = run(endpoint, write_scripts(tmp_path / "a", [asked("absent", "Language.Basic")])[Script.DETECT])
    assert detect.exit_code == 2
    assert "it names 2 capabilities, such as Language.Basic~~~" in "\n".join(detect.said)
    [whole] = run(endpoint, write_scripts(tmp_path / "b", [asked("absent", "Language.Basic~~~de-DE")])[Script.DETECT])
    assert whole.exit_code == 1


UNREADABLE = {
    0x80040154: "the module Dism does not work in this PowerShell; it does in Windows PowerShell (0x80040154)",
    0x80070005: "Der Vorgang ist fehlgeschlagen. (0x80070005)",
    0x800F0902: "Windows is busy with other servicing: a later run tries again (0x800f0902)",
}


@pytest.mark.parametrize("code", UNREADABLE)
def test_what_cannot_be_read_is_an_error_and_never_changed(endpoint: Device, tmp_path: Path, code: int) -> None:
    install(endpoint, One(SMB, "Enabled"))
    endpoint.install({IMAGE: {"Fails": dword(code)}})
    before = here(endpoint)
    scripts = write_scripts(tmp_path, [asked("disabled"), asked("absent", "OpenSSH.Server", id="two")])
    detect, remediate = run(endpoint, scripts[Script.DETECT], scripts[Script.REMEDIATE])
    assert (detect.exit_code, remediate.exit_code) == (2, 1)
    assert UNREADABLE[code] in "\n".join(detect.said)
    assert here(endpoint) == before


def test_a_state_that_nobody_knows_is_an_error(endpoint: Device, tmp_path: Path) -> None:
    install(endpoint, One(SMB, "PartiallyInstalled"))
    [detect] = run(endpoint, write_scripts(tmp_path, [asked("disabled")])[Script.DETECT])
    assert detect.exit_code == 2
    assert "DISM says that it is PartiallyInstalled" in "\n".join(detect.said)


def test_without_the_module_it_is_an_error(endpoint: Device, tmp_path: Path) -> None:
    scripts = write_scripts(tmp_path, [asked("disabled")])
    batch = endpoint.batch()
    detect, remediate = batch.run(scripts[Script.DETECT]), batch.run(scripts[Script.REMEDIATE])
    batch.execute(timeout=120)
    assert (detect.exit_code, remediate.exit_code) == (2, 1)
    assert "this PowerShell has no module Dism" in "\n".join(detect.said)


REFUSALS = {
    0x800F0902: "Windows is busy with other servicing: a later run tries again (0x800f0902)",
    0x80070020: "Windows is busy with other servicing: a later run tries again (0x80070020)",
    0x800F081F: "Windows has no source for its files, in no store of its own and where it may look (0x800f081f)",
    0x80070005: "Der Vorgang ist fehlgeschlagen. (0x80070005)",
}


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_is_told_and_nothing_is_kept(endpoint: Device, tmp_path: Path, code: int) -> None:
    install(endpoint, One(SMB, "Disabled", {"Refuses": dword(code)}))
    scripts = write_scripts(tmp_path, [asked("enabled")])
    remediate, rollback = run(endpoint, scripts[Script.REMEDIATE], scripts[Script.ROLLBACK])
    assert remediate.exit_code == 1
    assert REFUSALS[code] in remediate.out[0]
    assert rollback.exit_code == 0
    assert (states(endpoint), journalled(endpoint)) == ({SMB: "Disabled"}, [])


@pytest.mark.parametrize(("state", "before"), [("disabled", "Enabled"), ("enabled", "Disabled")])
def test_a_cmdlet_that_lies_is_found_out(endpoint: Device, tmp_path: Path, state: str, before: str) -> None:
    install(endpoint, One(SMB, before, {"Lies": dword(1)}))
    scripts = write_scripts(tmp_path, [asked(state)])
    [remediate] = run(endpoint, scripts[Script.REMEDIATE])
    assert remediate.exit_code == 1
    assert remediate.out[0].startswith("Failed")
    assert journalled(endpoint) == []


def test_what_changed_along_with_it_is_said_and_goes_back(endpoint: Device, tmp_path: Path) -> None:
    off = One("SMB1Protocol-Server", "Disabled", {"Parent": sz(SMB)})
    install(
        endpoint, One(SMB, "Enabled", {"Along": multi_sz(CLIENT, off.name)}), One(CLIENT, "Enabled", {"Parent": sz(SMB)}), off
    )
    before = states(endpoint)
    scripts = write_scripts(tmp_path, [asked("disabled")])
    remediate, again = run(endpoint, scripts[Script.REMEDIATE], scripts[Script.REMEDIATE])
    assert (remediate.exit_code, again.out) == (0, ["Compliant"]), remediate.said
    assert states(endpoint) == dict.fromkeys(before, "Disabled")
    assert journalled(endpoint) == [("enabled", f"disabled;{CLIENT}")]
    endpoint.install({One(SMB, "").key: {"Along": multi_sz("")}})
    [rollback] = run(endpoint, scripts[Script.ROLLBACK])
    assert rollback.exit_code == 0, rollback.said
    assert states(endpoint) == before
    assert journalled(endpoint) == []


@pytest.mark.parametrize("names", [(SMB, CLIENT), (CLIENT, SMB)])
def test_a_parent_comes_first_in_whatever_order_they_stand(endpoint: Device, tmp_path: Path, names: Sequence[str]) -> None:
    install(endpoint, One(SMB, "Disabled"), One(CLIENT, "Disabled", {"Parent": sz(SMB)}))
    settings = [asked("enabled", name, id=f"number-{number}") for number, name in enumerate(names)]
    scripts = write_scripts(tmp_path, settings)
    [remediate] = run(endpoint, scripts[Script.REMEDIATE])
    assert remediate.exit_code == 0, remediate.said
    assert states(endpoint) == dict.fromkeys(names, "Enabled")
    [rollback] = run(endpoint, scripts[Script.ROLLBACK])
    assert rollback.exit_code == 0, rollback.said
    assert states(endpoint) == dict.fromkeys(names, "Disabled")


def test_a_parent_that_is_disabled_is_an_error(endpoint: Device, tmp_path: Path) -> None:
    install(endpoint, One(SMB, "Disabled"), One(CLIENT, "Disabled", {"Parent": sz(SMB)}))
    [remediate] = run(endpoint, write_scripts(tmp_path, [asked("enabled", CLIENT)])[Script.REMEDIATE])
    assert remediate.exit_code == 1
    assert "(0xc004000d)" in remediate.out[0]
    assert states(endpoint) == {SMB: "Disabled", CLIENT: "Disabled"}


def test_somebody_elses_change_since_stays(endpoint: Device, tmp_path: Path) -> None:
    install(endpoint, One(SMB, "Enabled"))
    scripts = write_scripts(tmp_path, [asked("disabled")])
    run(endpoint, scripts[Script.REMEDIATE])
    endpoint.install({One(SMB, "").key: {"State": sz("DisabledWithPayloadRemoved")}})
    [rollback] = run(endpoint, scripts[Script.ROLLBACK])
    assert rollback.exit_code == 1, rollback.said
    assert states(endpoint) == {SMB: "DisabledWithPayloadRemoved"}


def test_many_are_listed_once(endpoint: Device, tmp_path: Path) -> None:
    names = [f"Example-{number}" for number in range(12)]
    install(endpoint, *(One(name, "Disabled") for name in names))
    settings = [asked("disabled", name, id=name.lower()) for name in names]
    [detect] = run(endpoint, write_scripts(tmp_path, settings)[Script.DETECT])
    assert detect.exit_code == 0, detect.said
    assert here(endpoint)[IMAGE]["Listed"] == dword(1)


def test_a_run_that_was_killed_goes_back_whole(endpoint: Device, tmp_path: Path) -> None:
    """Before each of its writes, also that of the cmdlet; every other time another run ends its work first."""
    scripts = write_scripts(tmp_path, [asked("disabled")])
    fused = tmp_path / "fused.ps1"
    told = "$null = Disable-WindowsOptionalFeature @part -FeatureName $name -NoRestart }"
    plain = scripts[Script.REMEDIATE].read_text("ascii")
    # The fuse stands before another parameter.
    text = with_fuse(plain.replace("\nparam()\n", "\nparam(\n    [switch] $Unused\n)\n"))
    assert text.count(told) == 1
    fused.write_text(text.replace(told, f"Step-Fuse; {told}"), encoding="ascii", newline="\n")
    one = One(SMB, "Enabled", {"Along": multi_sz(CLIENT)})
    batch = endpoint.batch()
    batch.load(MODULE)
    ways = []
    for fuse in range(1, 31):
        batch.wipe(IMAGE, JOURNAL)
        for part in (one, One(CLIENT, "Enabled")):
            batch.install({part.key: {"State": sz(part.state), **part.more}})
        first = batch.run(fused, f"-Fuse={fuse}")
        killed = batch.dump(one.key)
        if fuse % 2:
            batch.run(scripts[Script.REMEDIATE])
        batch.unset(one.key, "Along")
        rollback = batch.run(scripts[Script.ROLLBACK])
        ways.append((first, killed, rollback, [batch.dump(part) for part in (one.key, One(CLIENT, "").key, JOURNAL)]))
    batch.execute(timeout=300)
    reached = {text_of(killed.state[one.key]["State"]) for _, killed, _, _ in ways}
    assert reached == {"Enabled", "Disabled"}, ways[-1][0]
    for number, (_, _, rollback, (feature, along, journal)) in enumerate(ways, 1):
        assert rollback.exit_code == 0, (number, rollback.said)
        assert text_of(feature.state[one.key]["State"]) == "Enabled", number
        assert text_of(along.state[One(CLIENT, "").key]["State"]) in ("Enabled", "Disabled")
        assert not [key for key in journal.state if key.startswith(ENTRIES + "\\")], number
