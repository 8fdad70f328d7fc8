"""`policyc conflicts`: what it writes where, and what it ends with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from unit.matrix.conftest import collection

SURE = "members: {devices: [PC-0001]}"
OPEN = "mode: enforce"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two collections that fight, and whose members only the site knows."""
    policies = tmp_path / "policies"
    (policies / "rings").mkdir(parents=True)
    (policies / "project.yaml").write_text(
        "project: {name: Example estate, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    fill(tmp_path, OPEN)
    return tmp_path


def fill(project: Path, head: str) -> None:
    for name, file, value in (("Servers", "servers.yaml", 5), ("Pilot", "rings/pilot.yaml", 4)):
        (project / "policies" / file).write_text(collection(name, value, head=head), encoding="utf-8")


def test_conflicts_that_are_not_certain_end_with_0(policyc: Any, project: Path) -> None:
    answer = policyc("conflicts")
    assert (answer.code, answer.err) == (0, "")
    assert "'Pilot' and 'Servers' perhaps share a device: the site's memberships of both are unknown" in answer.out
    assert "    rings/pilot.yaml:" in answer.out


def test_conflicts_that_are_certain_end_with_1(policyc: Any, project: Path) -> None:
    fill(project, SURE)
    answer = policyc("conflicts")
    assert answer.code == 1
    assert "surely share a device: 'PC-0001' is in both" in answer.out


def test_files(policyc: Any, project: Path) -> None:
    answer = policyc("conflicts", "--format", "html", "--output", "page.html")
    assert (answer.code, answer.out) == (0, "page.html: 1 pair in conflict\n")
    assert (project / "page.html").read_bytes().startswith(b"<!DOCTYPE html>")
    assert policyc("conflicts", "--format", "csv", "--output", "all.csv").code == 0
    assert (project / "all.csv").read_bytes().startswith(b"\xef\xbb\xbfcollection,other collection,")
    assert policyc("conflicts", "--format", "csv").out.startswith("collection,other collection,")
    assert policyc("conflicts", "--output", "all.txt").code == 0
    assert (project / "all.txt").read_text(encoding="utf-8") == policyc("conflicts").out


def test_a_file_that_cannot_be_written(policyc: Any, project: Path) -> None:
    answer = policyc("conflicts", "--output", "nowhere/page.html")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("error: 'nowhere/page.html' can't be written: ")


def test_policies_with_errors_have_no_matrix(policyc: Any, project: Path) -> None:
    (project / "policies" / "servers.yaml").write_text("collection: {name: Servers, nmae: x}\n", encoding="utf-8")
    answer = policyc("conflicts")
    assert (answer.code, answer.out) == (1, "")
    assert "error[PC02" in answer.err
    assert answer.err.endswith("no matrix: the policies have errors\n")


def test_an_order_that_cannot_be_carried_out_is_told(policyc: Any, project: Path) -> None:
    head = project / "policies" / "project.yaml"
    head.write_text(head.read_text(encoding="utf-8") + "precedence: [Servers, Pilot]\n", encoding="utf-8")
    answer = policyc("conflicts")
    assert answer.code == 1
    assert "error[PC0427]" in answer.err
    assert "'Pilot' and 'Servers' perhaps share a device" in answer.out
