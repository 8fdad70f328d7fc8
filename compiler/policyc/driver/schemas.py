"""The JSON Schemas as they ship."""

from __future__ import annotations

from pathlib import Path

KINDS = ("project", "collection", "baseline", "state", "tests")


def schema_text(kind: str) -> bytes:
    """The schema of a kind of document, byte for byte."""
    return (_folder() / file_name(kind)).read_bytes()


def file_name(kind: str) -> str:
    """Its name, in the wheel and in a project.

    >>> file_name("project")
    'project.schema.json'
    """
    return f"{kind}.schema.json"


def _folder() -> Path:
    """In an installed package beside the code, in a clone at the top."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "schema"
    return installed if installed.is_dir() else package.parents[1] / "schema"
