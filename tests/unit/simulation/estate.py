"""A small estate to be simulated, and its tests run."""

from __future__ import annotations

from pathlib import Path

from policyc.lowering import lower
from policyc.model import Project
from policyc.simulation.cases import Case, run_cases
from policyc.source import Sources, load_project

POLICY = r"""
collection: {name: Workstations, members: {devices: [PC-0001]}}
exceptions:
  - {settings: [exempted], reason: Old, owner: Anna, expires: 2099-01-01}
baselines: [Base]
settings:
  level:
    title: Only NTLMv2
    registry: {key: 'HKLM\SYSTEM\CurrentControlSet\Control\Lsa', name: Level, type: dword, at_least: 5, default: 3}
  colour:
    title: Blue
    registry: {key: 'HKCU\Software\Example', name: Colour, type: string, equals: blue}
  list:
    title: Holds b
    registry: {key: 'HKLM\SOFTWARE\Example', name: List, type: multi_string, contains: [b], view: 32}
  old:
    title: Gone
    registry: {key: 'HKLM\SOFTWARE\Example', name: Old, absent: true}
  key:
    title: There
    registry: {key: 'HKLM\SOFTWARE\Made\Deep', present: true}
  reported:
    title: Reported
    remediate: false
    registry: {key: 'HKLM\SOFTWARE\Example', name: Reported, type: dword, not_equals: 1}
  secret:
    title: Secret
    sensitive: true
    registry: {key: 'HKLM\SOFTWARE\Example', name: Secret, type: string, equals: hush}
  new:
    title: New
    applies_to: {from_build: 22000, role: workstation}
    registry: {key: 'HKLM\SOFTWARE\Example', name: New, type: dword, equals: 1}
"""
BASE = r"""
baseline: {name: Base}
settings:
  exempted:
    title: Exempted
    registry: {key: 'HKLM\SOFTWARE\Example', name: Exempted, type: dword, equals: 1}
"""


def make(root: Path, **files: str) -> Path:
    """The policies folder; the files' names have their dots as underscores."""
    policies = root / "policies"
    policies.mkdir(exist_ok=True)
    (policies / "project.yaml").write_text(
        "project: {name: Example, id: 6eb3e9c0-8007-57db-857f-94065b852411}\nconfigmgr: {signing: none}\n", encoding="utf-8"
    )
    (policies / "workstations.yaml").write_text(POLICY, encoding="utf-8")
    (policies / "base.yaml").write_text(BASE, encoding="utf-8")
    for name, text in files.items():
        file = policies / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return policies


def loaded(policies: Path) -> tuple[Project, Sources]:
    sources = load_project(policies)
    project, found = lower(sources)
    assert project is not None
    assert [one for one in (*sources.diagnostics, *found) if one.is_error] == []
    return project, sources


def run(policies: Path) -> list[Case]:
    project, sources = loaded(policies)
    return [case for one in sources.documents if one.kind == "tests" for case in run_cases(project, one)]
