"""Which policyc this is: whatever could make it write other bytes is part of the answer."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

_FORMAT = b"1"
"""Of what is remembered."""
_SKIPPED = "__pycache__"


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """SHA-256 of policyc's own files, the interpreter's version and the names of the installed distributions."""
    digest = sha256(_FORMAT)
    package = Path(__file__).parents[1]
    schemas = package / "schema"
    for folder in (package, schemas if schemas.is_dir() else package.parents[1] / "schema"):
        for name, content in _files(os.fspath(folder)):
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
    digest.update(f"{sys.version}\0{sys.platform}\0".encode())
    for name in _distributions():
        digest.update(f"{name}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _files(folder: str) -> list[tuple[str, bytes]]:
    found = []
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != _SKIPPED]
        for name in names:
            path = os.path.join(here, name)  # noqa: PTH118 - a Path for each file would cost more than reading it
            with open(path, "rb") as stream:  # noqa: PTH123
                found.append((path[len(folder) :], stream.read()))
    return sorted(found)


def _distributions() -> list[str]:
    """`jinja2-3.1.6.dist-info` and its like, in the folders that policyc's dependencies come from."""
    folders = set()
    for module in ("yaml", "jinja2"):
        spec = find_spec(module)
        if spec is not None and spec.origin is not None:
            folders.add(Path(spec.origin).parents[1])
    names = [entry.name for folder in folders for entry in folder.iterdir()]
    return sorted(name for name in names if name.endswith((".dist-info", ".egg-link")))
