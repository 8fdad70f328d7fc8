"""A folder of policies from a few lines of text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from policyc.diagnostics import Located
from policyc.source import Sources, events, load_project, locate

Load = Callable[..., tuple[Sources, list[Located]]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load `pilot.yaml` (text or bytes) beside a good project, and locate what is found."""

    def load(pilot: str | bytes, **files: str | bytes) -> tuple[Sources, list[Located]]:
        named = {"project": "project: {name: Example, id: 6eb3e9c0-8007-57db-857f-94065b852411}\n", "pilot": pilot, **files}
        for name, content in named.items():
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / f"{name}.yaml").write_bytes(data)
        sources = load_project(tmp_path)
        return sources, locate(tmp_path, sources.diagnostics)

    return load


@pytest.fixture(params=["libyaml", "python"])
def _each_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with libyaml's events and with PyYAML's own."""
    monkeypatch.setattr(events, "events", getattr(events, f"{request.param}_events"))
