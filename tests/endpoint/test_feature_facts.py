"""Settings that are about devices with an optional feature enabled or disabled, on an endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from endpoint.cases import key_path, setting, write_scripts
from endpoint.device import ROOT, Device, Run
from endpoint.registry import dword, sz
from policyc.model import Applicability, Fact, FeaturePlace, Kind, Operator, Setting
from policyc.powershell.scripts import Script

pytestmark = pytest.mark.endpoint
MODULE = Path(__file__).with_name("features.ps1")
IMAGE = rf"{ROOT}\image"
SMB = "SMB1Protocol"


@pytest.fixture
def endpoint(device: Device) -> Iterator[Device]:
    """One whose image has nothing yet."""
    device.clean(IMAGE)
    yield device
    device.clean(IMAGE)


def depending(name: str, *, enabled: bool = True, feature: str = SMB) -> Setting:
    fact = Fact(feature=FeaturePlace(feature), enabled=enabled)
    return replace(setting(name, Kind.DWORD, Operator.EQUALS, 1, write=1), applies_to=Applicability(only_if=fact))


BOTH = [depending("on"), depending("off", enabled=False)]


def have(device: Device, **values: object) -> None:
    device.install({rf"{IMAGE}\features\{SMB}": values})


def run(device: Device, *scripts: Path) -> list[Run]:
    batch = device.batch()
    batch.load(MODULE)
    runs = [batch.run(script) for script in scripts]
    batch.execute(timeout=240)
    return runs


@pytest.mark.parametrize(
    ("state", "judged"),
    [
        ("Enabled", "on"),
        ("DisablePending", "on"),
        ("Disabled", "off"),
        ("EnablePending", "off"),
        ("DisabledWithPayloadRemoved", "off"),
    ],
)
def test_a_setting_is_about_devices_with_the_feature_so(endpoint: Device, tmp_path: Path, state: str, judged: str) -> None:
    have(endpoint, State=sz(state))
    scripts = write_scripts(tmp_path, BOTH)
    discovery, remediate, detect = run(endpoint, *(scripts[one] for one in (Script.DISCOVERY, Script.REMEDIATE, Script.DETECT)))
    assert discovery.out == [f"NonCompliant: {judged}"], discovery.said
    assert remediate.exit_code == 0, remediate.said
    other, word = ("off", "disabled") if judged == "on" else ("on", "enabled")
    assert detect.out[0] == f"NotApplicable {other}: the {word} optional feature SMB1Protocol is not there"
    assert detect.out[-1] == "1 compliant, 0 not compliant, 0 could not be judged"
    (written,) = endpoint.dump(ROOT).values()
    assert {one.id for one in BOTH if key_path(one) in written} == {judged}


def test_a_windows_without_the_feature_has_it_in_no_state(endpoint: Device, tmp_path: Path) -> None:
    endpoint.install({rf"{IMAGE}\features\TelnetClient": {"State": sz("Enabled")}})
    scripts = write_scripts(tmp_path, BOTH)
    discovery, remediate = run(endpoint, scripts[Script.DISCOVERY], scripts[Script.REMEDIATE])
    assert (discovery.out, remediate.out) == (["Compliant"], ["Compliant"]), remediate.said
    (written,) = endpoint.dump(ROOT).values()
    assert not any(key_path(one) in written for one in BOTH)


@pytest.mark.parametrize("broken", ["unknown", "refused"])
def test_what_cannot_be_told_is_an_error_of_those_settings(endpoint: Device, tmp_path: Path, broken: str) -> None:
    have(endpoint, State=sz("Enabled"), **({"Asked": dword(4)} if broken == "unknown" else {}))
    if broken == "refused":
        endpoint.install({IMAGE: {"WmiFails": dword(0x80041003)}})
    plain = setting("plain", Kind.DWORD, Operator.EQUALS, 1, write=1)
    scripts = write_scripts(tmp_path, [*BOTH, plain])
    remediate, detect = run(endpoint, scripts[Script.REMEDIATE], scripts[Script.DETECT])
    assert remediate.exit_code == 1, remediate.said
    assert detect.out[-1] == "1 compliant, 0 not compliant, 2 could not be judged"
    assert "\n".join(detect.out).count("what it depends on cannot be read: ") == 2
    (written,) = endpoint.dump(ROOT).values()
    assert [one.id for one in (*BOTH, plain) if key_path(one) in written] == ["plain"]


def test_each_feature_is_asked_for_once_a_run(endpoint: Device, tmp_path: Path) -> None:
    have(endpoint, State=sz("Enabled"))
    scripts = write_scripts(tmp_path, [*BOTH, depending("more"), depending("telnet", feature="TelnetClient")])
    run(endpoint, scripts[Script.DETECT])
    image = endpoint.dump(IMAGE)
    [asked] = [values["WmiAsked"] for state in image.values() for values in state.values() if "WmiAsked" in values]
    assert asked == dword(2)
