"""`policyc plan` as a command: its formats, its exit codes, its mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policyc.cli import formats
from policyc.driver import plan as planning


@pytest.fixture
def compiled(policyc: Any, project: Path) -> Path:
    """The estate, compiled."""
    answer = policyc("compile")
    assert answer.code == 0, answer.err
    return project


def change(project: Path) -> None:
    path = project / "policies" / "servers.yaml"
    path.write_text(path.read_text("utf-8").replace("at_least: 5", "at_least: 3"), encoding="utf-8")


def test_no_change(policyc: Any, compiled: Path) -> None:
    answer = policyc("plan", "--as-of", "2026-01-15")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == "Plan from output to policies, as of 2026-01-15\nNo changes.\n"
    assert policyc("plan", "--detailed-exitcode").code == 0


@pytest.mark.parametrize("targets", ["[intune]", "[configmgr, intune]"])
def test_ways_to_devices(policyc: Any, compiled: Path, targets: str) -> None:
    """What an output holds of them is read from it: no change behind a compile, and only what changed behind another edit."""
    pilot = compiled / "policies" / "rings" / "pilot.yaml"
    before = pilot.read_text()
    block = "{all_devices: true, every: 2 days, at: '09:30', time_zone: utc, remediate: false}"
    pilot.write_text(f"{before}targets: {targets}\nintune: {block}\n")
    assert 'intune.every: nothing -> "2 days"' in policyc("plan").out
    assert policyc("compile").code == 0
    assert policyc("plan").out.endswith("\nNo changes.\n")
    pilot.write_text(pilot.read_text().replace("2 days", "3 days"))
    said = policyc("plan").out
    assert 'intune.every: "2 days" -> "3 days"' in said
    assert said.count("intune.") == 1
    pilot.write_text(before)
    assert 'intune.every: "2 days" -> nothing' in policyc("plan").out


def test_changes(policyc: Any, compiled: Path) -> None:
    change(compiled)
    answer = policyc("plan")
    assert (answer.code, answer.err) == (0, "")
    assert "at_least: 5 -> 3 (weakened)" in answer.out
    assert answer.out.count("Changes in 1 collection; settings: 1 changed (1 weakened); revisions that rise: 1.") == 2
    assert policyc("plan", "--detailed-exitcode").code == 2


def test_nothing_is_written(policyc: Any, compiled: Path) -> None:
    change(compiled)

    def look() -> dict[str, bytes]:
        return {path.as_posix(): path.read_bytes() for path in compiled.rglob("*") if path.is_file()}

    before = look()
    for kind in ("text", "json", "markdown", "sheet", "sheet-markdown"):
        assert policyc("plan", "--format", kind).code == 0
    assert look() == before


def test_the_sheet_is_one_page_of_html_or_markdown(policyc: Any, compiled: Path) -> None:
    change(compiled)
    page = policyc("plan", "--format", "sheet", "--as-of", "2026-01-15")
    assert (page.code, page.err) == (0, "")
    assert page.out.startswith("<!DOCTYPE html>\n")
    assert page.out.isascii()
    text = policyc("plan", "--format", "sheet-markdown", "--as-of", "2026-01-15").out
    for part in ("What changes", "On which devices", "Risk", "What does not go back by itself", "The way back", "Who approves"):
        assert f"<h2>{part}</h2>" in page.out
        assert f"\n## {part}\n" in text
    assert "<code>at_least</code>: <code>5</code> -&gt; <code>3</code> (weakened)" in page.out
    assert policyc("plan", "--format", "sheet", "--detailed-exitcode").code == 2


def test_no_sheet_of_what_is_wrong(policyc: Any, compiled: Path) -> None:
    (compiled / "policies" / "servers.yaml").write_text("collection: {nmae: x}\n", encoding="utf-8")
    answer = policyc("plan", "--format", "sheet")
    assert (answer.code, answer.out) == (1, "")
    assert "error[" in answer.err


def test_json_has_stable_names(policyc: Any, compiled: Path) -> None:
    change(compiled)
    tree = json.loads(policyc("plan", "--format", "json", "--as-of", "2026-01-15").out)
    assert list(tree) == [
        *("version", "diagnostics", "summary"),
        *("asOf", "base", "head", "changes", "totals", "project", "collections"),
    ]
    assert (tree["version"], tree["asOf"], tree["changes"]) == (1, "2026-01-15", True)
    assert tree["base"] == {"kind": "output", "name": "output", "commit": None}
    assert tree["head"] == {"kind": "files", "name": "policies", "commit": None}
    (one,) = tree["collections"]
    assert list(one) == [
        "name",
        "slug",
        "policy",
        "action",
        "was",
        "stays",
        "held",
        "changes",
        "moved",
        "leftBehind",
        "revisions",
    ]
    assert one["changes"] == [
        {
            "subject": "setting",
            "name": "deny-lm",
            "title": "Only NTLMv2 is sent",
            "action": "changed",
            "direction": "weakened",
            "words": [{"word": "at_least", "before": 5, "after": 3, "direction": "weakened", "note": ""}],
            "baselines": [],
            "reasons": [],
            "means": "",
            "inForce": [],
        }
    ]
    assert one["revisions"] == [{"object": "servers/item/settings", "before": 1, "after": 2, "engineOnly": False}]
    assert tree["totals"]["settingsWeakened"] == 1


def test_markdown(policyc: Any, compiled: Path) -> None:
    change(compiled)
    answer = policyc("plan", "--format", "markdown")
    assert answer.out.startswith("## Plan of the policies\n\n**Changes in 1 collection;")
    assert "| changed setting `deny-lm`: `Only NTLMv2 is sent` | `at_least` | `5` | `3` | weakened |\n" in answer.out
    assert "| Collection `Servers` | item/settings 1 -> 2 |\n" in answer.out


@pytest.mark.parametrize("more", [[], ["--format", "json"], ["--format", "markdown"]])
def test_errors_end_with_one(policyc: Any, compiled: Path, more: list[str]) -> None:
    (compiled / "policies" / "servers.yaml").write_text("collection: {name: Servers, nmae: x}\n", encoding="utf-8")
    for detailed_exitcode in ([], ["--detailed-exitcode"]):
        answer = policyc("plan", *more, *detailed_exitcode)
        assert answer.code == 1
        assert "policies/servers.yaml" in (answer.out if "json" in more else answer.err)


@pytest.mark.parametrize(
    "arguments",
    [["--format", "xml"], ["--as-of", "yesterday"], ["a", "b", "c"], ["--nothing"], ["nowhere"]],
)
def test_wrong_usage(policyc: Any, compiled: Path, arguments: list[str]) -> None:
    answer = policyc("plan", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err
    assert policyc("plan", *arguments, "--detailed-exitcode").code == 1
    assert policyc("plan", "--detailed-exitcode", *arguments).code == 1


def test_a_defect_is_wrong_too(policyc: Any, compiled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("by the test")

    monkeypatch.setattr(planning, "make_plan", lambda *_, **__: broken())
    assert policyc("plan").code == 3
    assert policyc("plan", "--detailed-exitcode").code == 1


def test_other_commands_end_as_ever(policyc: Any, compiled: Path) -> None:
    assert policyc("validate", "--detailed-exitcode").code == 2
    assert policyc("explain", "--detailed-exitcode").code == 2
    assert formats.translated(["plan", "--detailed-exitcode"], 130) == 130


def test_the_help_tells_the_exit_codes(policyc: Any, compiled: Path) -> None:
    answer = policyc("plan", "--help")
    assert answer.code == 0
    assert "policyc plan origin/main" in answer.out
    assert "2 for" in answer.out


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("[csp, configmgr]", "[configmgr]", "csp/way-back/profile.json"),
        ("[intune, configmgr]", "[configmgr]", "the package 'rollback'"),
        ("[group_policy, local]", "[group_policy]", "policy.ps1 -Mode Restore"),
        ("[configmgr, local]", "[local]", "deploy.ps1 -RollBack 'A'"),
    ],
)
def test_what_a_target_leaves_that_is_gone_by_no_more(
    policyc: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str, told: str
) -> None:
    policies = tmp_path / "policies"
    policies.mkdir()
    head = "project: {name: E, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\nconfigmgr: {signing: none}\n"
    (policies / "project.yaml").write_text(head, encoding="utf-8")
    place = "{key: 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\DNSClient', name: EnableMulticast, type: dword, equals: 0}"
    text = f"collection: {{name: A}}\ntargets: %s\nsettings: {{one: {{title: x, registry: {place}}}}}\n"
    (policies / "a.yaml").write_text(text % before, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert policyc("compile").code == 0
    (policies / "a.yaml").write_text(text % after, encoding="utf-8")
    answer = policyc("plan")
    assert answer.code == 0
    [line] = [line for line in answer.out.splitlines() if "it brings the collection no more" in line]
    gone = before.strip("[]").replace(after.strip("[]"), "").strip(", ")
    assert gone in line
    assert told in answer.out
