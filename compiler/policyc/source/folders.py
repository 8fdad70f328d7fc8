"""Folders that a project names beside its policies: what is in them, as one more part of what a run reads."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path


def contents(root: Path, folders: Iterable[str]) -> Iterator[bytes]:
    """Names and bytes of the templates and texts in these folders and those right below them, in order."""
    for folder in folders:
        for place, _, names in _walk(root / folder):
            for name in sorted(names):
                if name.lower().endswith((".admx", ".adml")):
                    yield f"{place}\0{name}\0".encode("utf-8", "surrogatepass")
                    yield _content(os.path.join(place, name))  # noqa: PTH118 - a Path each would cost more than reading


def _walk(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    top = os.fspath(folder)
    for place, folders, names in os.walk(top):
        folders[:] = sorted(folders) if place == top else []
        yield place, folders, names


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:  # noqa: PTH123
            data = stream.read()
    except OSError:
        return b"unreadable"
    return b"%d\0" % len(data) + data
