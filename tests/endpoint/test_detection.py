"""The detection script of an application: output means installed, silence not installed, an error unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from endpoint.cases import BEYOND_DOTNET, key_path, setting
from endpoint.device import Device
from endpoint.engine import Answer
from endpoint.registry import Value, binary, dword, multi_sz, qword, sz
from policyc.model import Collection, Kind, Location, Operator, Setting
from policyc.targets.configmgr.application import detection_script

pytestmark = pytest.mark.endpoint

VOCABULARY = "product"
STATE = setting("state", Kind.DWORD, Operator.EQUALS, 1, observed=True, from_vocabulary=VOCABULARY)
TENANT = setting("tenant", Kind.STRING, Operator.EQUALS, "Ours", observed=True, from_vocabulary=VOCABULARY)
OTHERS = (
    setting("written", Kind.DWORD, Operator.EQUALS, 1, write=1, from_vocabulary=VOCABULARY),
    setting("own", Kind.DWORD, Operator.EQUALS, 1),
)
"""Settings that say nothing of whether the product is there."""
LOG = r"C:\Windows\Logs\policyc\policyc-detected.log"


@pytest.fixture
def detect(device: Device, tmp_path: Path) -> Callable[..., Answer]:
    """Run the detection script of a collection with these settings."""

    def run(*settings: Setting) -> Answer:
        collection = Collection("Detected", "detected", Location("test.yaml"), settings=(*(settings or (STATE,)), *OTHERS))
        script = tmp_path / "detection.ps1"
        script.write_bytes(detection_script(collection, VOCABULARY))
        return device.run(script)

    return run


def install(device: Device, one: Setting, content: Value | None) -> None:
    device.install({key_path(one): {} if content is None else {"v": content}})


def log_of(device: Device) -> str:
    return device.file(LOG).read_text(encoding="ascii")


def test_the_state_holds(device: Device, detect: Callable[..., Answer]) -> None:
    install(device, STATE, dword(1))
    answer = detect()
    assert (answer.lines, answer.stderr, answer.exit_code) == (["Detected"], "", 0)


@pytest.mark.parametrize(
    "content",
    [None, dword(0), dword(2), qword(1), sz("1"), binary(b"\x01\x00\x00\x00"), multi_sz("1")],
    ids=["absent", "0", "2", "qword", "string", "binary", "list"],
)
def test_the_state_does_not_hold(device: Device, detect: Callable[..., Answer], content: Value | None) -> None:
    install(device, STATE, content)
    answer = detect()
    assert (answer.stdout, answer.stderr, answer.exit_code) == ("", "", 0)


def test_the_product_was_never_there(detect: Callable[..., Answer]) -> None:
    answer = detect()
    assert (answer.stdout, answer.stderr, answer.exit_code) == ("", "", 0)


@pytest.mark.parametrize("kind", BEYOND_DOTNET)
def test_a_state_that_cannot_be_read_is_unknown(device: Device, detect: Callable[..., Answer], kind: str) -> None:
    install(device, STATE, BEYOND_DOTNET[kind])
    answer = detect()
    assert answer.stdout == ""
    assert answer.exit_code == 1
    assert "policyc: could not be judged: state." in answer.stderr


def test_every_observed_state_must_hold(device: Device, detect: Callable[..., Answer]) -> None:
    install(device, STATE, dword(1))
    install(device, TENANT, sz("Theirs"))
    answer = detect(STATE, TENANT)
    assert (answer.stdout, answer.stderr, answer.exit_code) == ("", "", 0)
    install(device, TENANT, sz("OURS"))
    assert detect(STATE, TENANT).lines == ["Detected"]


def test_what_is_unknown_wins_over_what_is_missing(device: Device, detect: Callable[..., Answer]) -> None:
    """A device about which not everything is known is left alone."""
    install(device, STATE, dword(0))
    install(device, TENANT, BEYOND_DOTNET["resource list"])
    for order in ((STATE, TENANT), (TENANT, STATE)):
        answer = detect(*order)
        assert (answer.stdout, answer.exit_code) == ("", 1)
        assert "could not be judged: tenant." in answer.stderr


def test_the_reason_is_in_the_log(device: Device, detect: Callable[..., Answer]) -> None:
    install(device, STATE, dword(0))
    detect(STATE, TENANT)
    log = log_of(device)
    assert r"state: not detected, HKLM\SOFTWARE\policyc-test\state : v is 0 [DWord], must be 1 [dword]" in log
    assert "tenant: not detected, " in log
    assert "written" not in log
    assert "own" not in log


def test_sensitive_data_is_not_in_the_log(device: Device, detect: Callable[..., Answer]) -> None:
    install(device, TENANT, sz("a secret"))
    detect(replace(TENANT, sensitive=True))
    log = log_of(device)
    assert "tenant: not detected, " in log
    assert "secret" not in log


def test_a_collection_that_observes_nothing_has_no_detection_script() -> None:
    collection = Collection("Detected", "detected", Location("test.yaml"), settings=OTHERS)
    with pytest.raises(TypeError, match="nothing tells"):
        detection_script(collection, VOCABULARY)
