"""What a collection gets for machines without management, and what is told of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from policyc.driver.check import Checked, check
from policyc.driver.order import Order
from policyc.driver.output import run

HEAD = "project: {name: E, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\n"
SETTING = "settings:\n  one: {title: One of them, registry: {key: HKLM\\SOFTWARE\\C, name: N, type: dword, equals: %d}}\n"
OWN = "settings:\n  agent: {title: x, script: {discovery: find.ps1, expect: 'On'}}\n"
DAY = date(2026, 1, 15)


def policies(folder: Path, project: str = "configmgr: {signing: none}\n", **files: str) -> Path:
    root = folder / "policies"
    root.mkdir(exist_ok=True)
    (root / "project.yaml").write_text(HEAD + project, encoding="utf-8")
    (root / "find.ps1").write_text("'On'\n", encoding="utf-8")
    for name, text in files.items():
        (root / f"{name}.yaml").write_text(text, encoding="utf-8")
    return root


def checked(folder: Path, **files: str) -> Checked:
    return check(policies(folder, **files), DAY)


def collection(name: str, ways: str, rest: str = "", members: str = "") -> str:
    return f"collection: {{name: {name}{members}}}\ntargets: {ways}\n{rest or SETTING % 1}"


def written(folder: Path, project: str = "configmgr: {signing: none}\n", **files: str) -> dict[str, str]:
    output = folder / "output"
    run(Order(policies(folder, project, **files), output, DAY))
    local = [path for path in output.rglob("local/*") if path.is_file()]
    return {path.relative_to(output).as_posix(): path.read_text("utf-8") for path in local}


def test_one_script_and_its_page_in_a_folder_of_their_own(tmp_path: Path) -> None:
    files = written(tmp_path, a=collection("A", "[local]"), b=collection("B", "[configmgr]"))
    assert files.keys() == {"a/local/policy.ps1", "a/local/README.md"}
    assert not (tmp_path / "output" / "a" / "scripts").exists()
    script = files["a/local/policy.ps1"]
    assert script.isascii()
    assert script.count("@{ Id = 'one'; Title = 'One of them'; ") == 1
    assert "\n$Kept = @(\n" not in script
    assert "- `one`: One of them\n" in files["a/local/README.md"]


def test_a_functions_code_is_in_it_once(tmp_path: Path) -> None:
    """Judging, changing and undoing share their functions; three scripts would hold most of them twice."""
    script = written(tmp_path, a=collection("A", "[local]"))["a/local/policy.ps1"]
    functions = [line.split()[1] for line in script.splitlines() if line.startswith("function ")]
    assert len(functions) == len(set(functions))
    assert {"Get-Finding", "Invoke-Remediation", "Invoke-Rollback"} <= set(functions)
    assert len(script) < 90_000


def test_audit_mode_leaves_nothing_to_change(tmp_path: Path) -> None:
    files = written(tmp_path, a="collection: {name: A, mode: audit}\ntargets: [local]\n" + SETTING % 1)
    assert "ReportOnly = $true" in files["a/local/policy.ps1"]
    assert "(only reported: `Apply` leaves it)" in files["a/local/README.md"]


def test_signed_scripts_need_no_bypass(tmp_path: Path) -> None:
    page = written(tmp_path, a=collection("A", "[local]"))["a/local/README.md"]
    assert "powershell.exe -NoProfile -ExecutionPolicy Bypass -File policy.ps1 -Mode Apply`" in page
    page = written(tmp_path, "configmgr: {signing: required}\n", a=collection("A", "[local]"))["a/local/README.md"]
    assert "Bypass" not in page
    assert "powershell.exe -NoProfile -File policy.ps1 -Mode Apply`" in page


def test_what_one_script_cannot_bring_along_is_told(tmp_path: Path) -> None:
    (alone,) = checked(tmp_path, a=collection("A", "[local]", OWN)).diagnostics
    assert (alone.code, alone.location.path) == ("PC2001", ("settings", "agent", "script"))
    assert "local can't take 'agent': its script is alone" in alone.message
    (shared,) = checked(tmp_path, a=collection("A", "[configmgr, local]", OWN)).diagnostics
    assert shared.code == "PC2002"
    files = written(tmp_path, a=collection("A", "[configmgr, local]", OWN))
    assert "agent" not in files["a/local/policy.ps1"]
    assert "None. `Restore` still" in files["a/local/README.md"]


@pytest.mark.parametrize("ways", ["[local]", "[configmgr, local]"])
def test_a_machine_that_a_person_goes_to_may_be_of_any_collection(tmp_path: Path, ways: str) -> None:
    """What a site's rules say of members proves nothing of it."""
    found = checked(
        tmp_path,
        a=collection("A", "[configmgr]", SETTING % 1, ", members: {devices: [PC-1]}"),
        b=collection("B", ways, SETTING % 2, ", members: {devices: [PC-2]}" if "configmgr" in ways else ""),
    )
    (conflict,) = (one for one in found.diagnostics if one.code.startswith("PC04"))
    told = [conflict.message, conflict.help, *(one.message for one in conflict.related)]
    assert any("'B' goes by local to devices that no site's rule names" in text for text in told), told


ONBOARD = """defender_atp:
  state: onboarded
  package: {sha256: %s}
""" % ("ab" * 32)


def test_the_vendors_script_is_named_and_never_brought_along(tmp_path: Path) -> None:
    assert not [one for one in checked(tmp_path, a=collection("A", "[local]", ONBOARD)).diagnostics if one.is_error]
    files = written(tmp_path, a=collection("A", "[local]", ONBOARD), b=collection("B", "[local]"))
    script, page = files["a/local/policy.ps1"], files["a/local/README.md"]
    names = "'WindowsDefenderATPOnboardingScript.cmd', 'WindowsDefenderATPLocalOnboardingScript.cmd'"
    assert f"Names = ([string[]]@({names})); Hash = @{{ 'WindowsDefenderATPOnboardingScript.cmd' = '{'ab' * 32}' }}" in script
    assert "15 = 'The sensor service could not be started'" in script
    assert "function Invoke-Vendor {" in script
    assert "ten devices at most" in page
    assert "-Mode Apply -VendorScript .\\WindowsDefenderATPLocalOnboardingScript.cmd\n" in page
    assert "| 15 | The sensor service could not be started |" in page
    assert "\n$Vendor = @{}\n" in files["b/local/policy.ps1"]
    assert "Invoke-Vendor" not in files["b/local/policy.ps1"]
    assert "VendorScript" not in files["b/local/README.md"]


def test_an_offboarding_script_has_its_last_day(tmp_path: Path) -> None:
    name = "WindowsDefenderATPOffboardingScript_valid_until_2026-01-31.cmd"
    state = f"defender_atp: {{state: offboarded, package: {{script: {name}}}}}\n"
    files = written(tmp_path, a=collection("A", "[local]", state))
    assert f"Names = ([string[]]@('{name}')); ValidUntil = '2026-01-31'; " in files["a/local/policy.ps1"]
    assert "Devices take it until 2026-01-31 (UTC)." in files["a/local/README.md"]
