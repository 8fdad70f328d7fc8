"""`policyc report`: what it writes where, and what it ends with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from unit.matrix.conftest import collection


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    policies = tmp_path / "policies"
    policies.mkdir()
    head = "project: {name: Example estate, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\n"
    (policies / "project.yaml").write_text(head, encoding="utf-8")
    (policies / "servers.yaml").write_text(collection("Servers", 5, head="mode: enforce"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_form_is_told_by_the_files_ending(policyc: Any, project: Path) -> None:
    answer = policyc("report", "--output", "report.html")
    assert (answer.code, answer.out, answer.err) == (0, "report.html: written\n", "")
    assert (project / "report.html").read_bytes().startswith(b"<!DOCTYPE html>")
    assert policyc("report", "--output", "report.md", "--as-of", "2026-01-31").code == 0
    assert (project / "report.md").read_text(encoding="utf-8").startswith("# Example estate on 2026-01-31\n")
    assert policyc("report", "--output", "report.json").code == 0
    assert json.loads((project / "report.json").read_text(encoding="ascii"))["project"] == "Example estate"
    assert policyc("report", "--output", "report.json", "--format", "markdown").code == 0
    assert (project / "report.json").read_text(encoding="utf-8").startswith("# Example estate")
    assert policyc("report").out.startswith("<!DOCTYPE html>")


def test_a_file_that_cannot_be_written(policyc: Any, project: Path) -> None:
    answer = policyc("report", "--output", "nowhere/report.html")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("error: 'nowhere/report.html' can't be written: ")


def test_policies_with_errors_have_no_report(policyc: Any, project: Path) -> None:
    (project / "policies" / "servers.yaml").write_text("collection: {name: Servers, nmae: x}\n", encoding="utf-8")
    answer = policyc("report", "--output", "report.html")
    assert (answer.code, answer.out) == (1, "")
    assert "error[PC02" in answer.err
    assert answer.err.endswith("no report: there are errors\n")
    assert not (project / "report.html").exists()


def test_a_list_that_is_missing_is_shown_where_it_is_named(policyc: Any, project: Path) -> None:
    head = project / "policies" / "project.yaml"
    head.write_text(head.read_text(encoding="utf-8") + "benchmarks: {Own: own.txt}\n", encoding="utf-8")
    answer = policyc("report")
    assert (answer.code, answer.out) == (1, "")
    assert "error[PC2601]" in answer.err
    assert "project.yaml:2:19" in answer.err
