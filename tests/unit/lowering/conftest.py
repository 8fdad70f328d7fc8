"""Policies for the tests of lowering."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from policyc.diagnostics import Diagnostic
from policyc.lowering import lower
from policyc.model import Collection, Project, Setting

KINDS = ("project", "collection", "baseline")


@dataclass
class Lowered:
    project: Project | None
    found: list[Diagnostic]

    @property
    def collection(self) -> Collection:
        (collection,) = self.project.collections
        return collection

    @property
    def setting(self) -> Setting:
        (setting,) = self.collection.settings
        return setting

    def named(self, name: str) -> Collection:
        return next(found for found in self.project.collections if found.name == name)

    @property
    def codes(self) -> list[str]:
        return [diagnostic.code for diagnostic in self.found]

    @property
    def finding(self) -> Diagnostic:
        (diagnostic,) = self.found
        return diagnostic


def sources(trees: dict[str, dict[str, Any]]) -> SimpleNamespace:
    """Trees as `source` hands them on, by file name."""
    documents = (
        SimpleNamespace(file=file, kind=next(kind for kind in KINDS if kind in tree), tree=tree, root=Path())
        for file, tree in sorted(trees.items())
    )
    return SimpleNamespace(documents=tuple(documents), diagnostics=(), root=Path())


def lowered(*trees: dict[str, Any], **configmgr: str) -> Lowered:
    """Collections (`a.yaml`, `b.yaml`, …) in a project."""
    files = {f"{'abcdef'[index]}.yaml": tree for index, tree in enumerate(trees)}
    files["project.yaml"] = {
        "project": {"name": "Example", "id": "6eb3e9c0-8007-57db-857f-94065b852411"},
        "configmgr": configmgr,
    }
    return Lowered(*lower(sources(files)))


@pytest.fixture
def policies():
    """Lower collections that are written as YAML or given as trees."""

    def run(*texts: str | dict[str, Any], **configmgr: str) -> Lowered:
        return lowered(*(yaml.safe_load(text) if isinstance(text, str) else text for text in texts), **configmgr)

    return run


@pytest.fixture
def registry(policies):
    """Lower one setting's `registry`."""

    def run(text: str, *, mode: str = "enforce", **setting: Any) -> Lowered:
        tree = {"title": "A", "registry": {"key": "HKLM\\SOFTWARE\\Example"} | yaml.safe_load(f"{{{text}}}")} | setting
        return policies({"collection": {"name": "Pilot", "mode": mode}, "settings": {"a": tree}})

    return run


@pytest.fixture(scope="session")
def lower_files():
    """Lower whole files, by name."""

    def run(trees: dict[str, dict[str, Any]]) -> Lowered:
        return Lowered(*lower(sources(trees)))

    return run


@pytest.fixture
def project(lower_files):
    """Lower whole files, by their names without the ending."""

    def run(**trees: dict[str, Any]) -> Lowered:
        return lower_files({f"{name}.yaml": tree for name, tree in trees.items()})

    return run


@pytest.fixture(scope="session")
def estate(lower_files):
    """Lower files that are written as YAML, by their names without the ending; a project file is added."""

    def run(**texts: str) -> Lowered:
        trees = {f"{name}.yaml": yaml.safe_load(text) for name, text in texts.items()}
        return lower_files(
            {"project.yaml": {"project": {"name": "Example", "id": "6eb3e9c0-8007-57db-857f-94065b852411"}}} | trees
        )

    return run
