"""Projects and settings for the tests of plans."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from policyc.lowering import lower
from policyc.model import Project
from policyc.plan import Plan, Side, make_plan
from policyc.source import load_project

DAY = date(2026, 1, 15)
HEAD = "project: {name: Example estate, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\n"


def project_of(folder: Path, files: Mapping[str, str]) -> Project:
    """The project of these policies, which must be free of errors."""
    for name, text in {"project.yaml": HEAD, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    sources = load_project(folder)
    project, found = lower(sources)
    errors = [one for one in (*sources.diagnostics, *found) if one.is_error]
    assert errors == []
    assert project is not None
    return project


def setting(words: str = "equals: 1", *, name: str = "V", type: str = "dword", title: str = "T", more: str = "") -> str:
    """A setting in flow style."""
    registry = f"{{key: 'HKLM\\SOFTWARE\\Example', name: {name}, type: {type}, {words}}}"
    return f"{{title: {title}, registry: {registry}{', ' + more if more else ''}}}"


def collection(title: str, settings: Mapping[str, str] | None = None, head: str = "", more: str = "") -> str:
    """A collection's file; settings in flow style, `more` as lines of YAML."""
    lines = [f"collection: {{name: {title}{', ' + head if head else ''}}}"]
    if settings:
        lines += ["settings:", *(f"  {name}: {text}" for name, text in settings.items())]
    return "\n".join([*lines, more, ""])


def plan_of(tmp_path: Path, before: Mapping[str, str], after: Mapping[str, str], **more: Any) -> Plan:
    """The plan from the one state to the other."""
    number = len(list(tmp_path.iterdir()))
    sides = Side("commit", "before"), Side("commit", "after")
    projects = [project_of(tmp_path / f"{number}-{part}", files) for part, files in (("before", before), ("after", after))]
    days = more.pop("days", (DAY, DAY))
    return make_plan((sides[0], projects[0]), (sides[1], projects[1]), days, **more)
