"""What `--format sarif` and `--format junit` say of a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest


@pytest.fixture
def estate(project: Path) -> Path:
    """Two collections that have nothing to do with each other."""
    pilot = project / "policies" / "rings" / "pilot.yaml"
    pilot.write_text(pilot.read_text(encoding="utf-8").replace("LmCompatibilityLevel", "RestrictAnonymous"), encoding="utf-8")
    return project


def results(answer: Any) -> list[dict[str, Any]]:
    assert answer.err == ""
    (run,) = json.loads(answer.out)["runs"]
    found: list[dict[str, Any]] = run["results"]
    return found


def place(result: dict[str, Any]) -> dict[str, Any]:
    (location,) = result["locations"]
    physical: dict[str, Any] = location["physicalLocation"]
    return physical


def cases(answer: Any) -> dict[str, ET.Element]:
    assert answer.err == ""
    return {case.get("name", ""): case for case in ET.fromstring(answer.out).iter("testcase")}


def test_an_estate_that_is_right(policyc: Any, estate: Path) -> None:
    answer = policyc("validate", "--format", "sarif")
    assert (answer.code, results(answer)) == (0, [])
    answer = policyc("validate", "--format", "junit")
    assert answer.code == 0
    assert list(cases(answer)) == ["policies", "policies/project.yaml", "policies/rings/pilot.yaml", "policies/servers.yaml"]
    assert not any(map(len, cases(answer).values()))


def test_a_mistake_is_marked_in_characters(policyc: Any, estate: Path) -> None:
    file = estate / "policies" / "servers.yaml"
    line = 'settings: {x: {title: "\U0001f600", severty: critical}}'
    file.write_text(f"collection: {{name: Servers}}\n{line}\n", encoding="utf-8")
    answer = policyc("validate", "--format", "sarif")
    assert answer.code == 1
    marked = {
        line[region["startColumn"] - 1 : region["endColumn"] - 1]
        for region in (place(result)["region"] for result in results(answer))
        if region["startLine"] == region["endLine"] == 2
    }
    assert "severty" in marked
    answer = policyc("validate", "--format", "junit")
    assert answer.code == 1
    failure = cases(answer)["policies/servers.yaml"].find("failure")
    assert failure is not None
    assert (failure.text or "").startswith("policies/servers.yaml:2:")


def test_drift_appears_at_the_policy_that_it_comes_from(policyc: Any, estate: Path) -> None:
    policyc("compile")
    (estate / "output" / "pilot" / "scripts" / "detect.ps1").write_text("Changed by hand.\n", encoding="utf-8")
    answer = policyc("compile", "--check", "--format", "sarif")
    assert answer.code == 1
    (result,) = results(answer)
    assert (result["ruleId"], result["level"]) == ("PC0612", "error")
    assert place(result)["artifactLocation"]["uri"] == "policies/rings/pilot.yaml"
    assert "pilot/scripts/detect.ps1" in result["message"]["text"]
    answer = policyc("compile", "--check", "--format", "junit")
    assert answer.code == 1
    assert {name: [node.get("type") for node in case] for name, case in cases(answer).items() if len(case)} == {
        "policies/rings/pilot.yaml": ["PC0612"]
    }


def test_no_policies_folder(policyc: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answer = policyc("validate", "--format", "sarif")
    assert answer.code == 1
    (result,) = results(answer)
    assert place(result) == {"artifactLocation": {"uri": "policies/", "uriBaseId": "%SRCROOT%"}}
    answer = policyc("validate", "--format", "junit")
    assert answer.code == 1
    assert [node.get("type") for node in cases(answer)["policies"]] == ["PC0118"]


def test_help_names_every_format(policyc: Any) -> None:
    shown = " ".join(policyc("validate", "--help").out.split())
    assert "text|json|github|sarif|junit" in shown
    assert "sarif, version 2.1.0" in shown
