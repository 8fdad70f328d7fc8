"""What a collection gets for a golden image, and what is refused."""

from __future__ import annotations

import codecs
from datetime import date
from pathlib import Path

import pytest

from policyc.diagnostics import Diagnostic
from policyc.driver.check import check
from policyc.driver.order import Order
from policyc.driver.output import run

DAY = date(2026, 1, 15)
HEAD = "project: {name: E, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\nconfigmgr: {signing: none}\n"
ONE = "settings:\n  one: {title: One of them, registry: {key: HKLM\\SOFTWARE\\C, name: N, type: dword, equals: 1}}\n"
ON = "defender_atp: {state: onboarded, device_tag: Pool 7}\n"

OFF = "defender_atp: {state: offboarded, package: {script: WindowsDefenderATPOffboardingScript_valid_until_2026-01-31.cmd}}\n"


def policies(folder: Path, text: str, ways: str = "[vdi]") -> Path:
    root = folder / "policies"
    root.mkdir(exist_ok=True)
    (root / "project.yaml").write_text(HEAD, encoding="utf-8")
    (root / "a.yaml").write_text(f"collection: {{name: A}}\ntargets: {ways}\n{text}", encoding="utf-8")
    return root


def found(folder: Path, text: str, ways: str = "[vdi]") -> tuple[Diagnostic, ...]:
    return tuple(one for one in check(policies(folder, text, ways), DAY).diagnostics if one.code.startswith("PC20"))


def written(folder: Path, text: str) -> dict[str, bytes]:
    run(Order(policies(folder, text), folder / "output", DAY))
    below = folder / "output" / "a" / "vdi"
    return {path.relative_to(below).as_posix(): path.read_bytes() for path in below.rglob("*") if path.is_file()}


def startup(content: bytes) -> list[str]:
    """What Group Policy reads of it: UTF-16 behind its mark, lines that end in CRLF, the last one too."""
    assert content.startswith(codecs.BOM_UTF16_LE)
    text = content[2:].decode("utf-16-le")
    assert "\n" not in text.replace("\r\n", "")
    assert text.endswith("\r\n")
    return text.split("\r\n")[:-1]


def test_everything_for_an_image(tmp_path: Path) -> None:
    files = written(tmp_path, ON + ONE)
    assert files.keys() == {
        "README.md",
        "check-image.ps1",
        "policy.ps1",
        "single-entry/Machine/Scripts/psscripts.ini",
        "multiple-entries/Machine/Scripts/scripts.ini",
    }
    single = startup(files["single-entry/Machine/Scripts/psscripts.ini"])
    assert single == ["", "[Startup]", "0CmdLine=Onboard-NonPersistentMachine.ps1", "0Parameters="]
    multiple = startup(files["multiple-entries/Machine/Scripts/scripts.ini"])
    assert multiple == ["", "[Startup]", "0CmdLine=WindowsDefenderATPOnboardingScript.cmd", "0Parameters="]


def test_the_image_gets_the_settings_and_nothing_that_onboards(tmp_path: Path) -> None:
    package = (
        "defender_atp: {state: onboarded, device_tag: Pool 7, package: {script: WindowsDefenderATPOnboardingScript.cmd}}\n"
    )
    policy = written(tmp_path, package + ONE)["policy.ps1"].decode("ascii")
    assert "Id = 'defender-atp-device-tag'" in policy
    assert "Id = 'one'" in policy
    assert "OnboardingState" not in policy
    assert "\n$Vendor = @{}\n" in policy


def test_the_steps_stand_in_their_order(tmp_path: Path) -> None:
    page = written(tmp_path, ON)["README.md"].decode("utf-8")
    steps = [line for line in page.splitlines() if line.startswith("## ")]
    assert [step.split(" ")[1] for step in steps[:7]] == [f"{number}." for number in range(1, 8)]
    assert page.index("Clean it") < page.index("Stage the vendor's files") < page.index("check-image.ps1\n")
    assert 'del "%ProgramData%\\Microsoft\\Windows Defender Advanced Threat Protection\\Cyber\\*.*" /f /s /q' in page
    assert "/v senseGuid /f /reg:64" in page
    assert "<" not in page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ONE, "the collection names none"),
        (
            OFF,
            "its devices are to be offboarded",
        ),
    ],
    ids=["no product", "offboarded"],
)
def test_a_collection_that_onboards_nothing_has_no_image(tmp_path: Path, text: str, said: str) -> None:
    (alone,) = found(tmp_path, text)
    assert (alone.code, said in alone.message) == ("PC2001", True)
    (shared,) = found(tmp_path, text, "[configmgr, vdi]")
    assert (shared.code, said in shared.message) == ("PC2002", True)
