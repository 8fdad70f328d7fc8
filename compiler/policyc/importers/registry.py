"""The importers by format. Each is a module that is imported when its format is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Protocol, cast

from policyc.importers.found import Imported

IMPORTERS: dict[str, str] = {
    "hardeningkitty": "policyc.importers.hardeningkitty",
    "reg": "policyc.importers.reg",
    "pol": "policyc.importers.pol",
    "cab": "policyc.importers.cab",
    "inf": "policyc.importers.inf",
    "gpo": "policyc.importers.gpo",
    "audit": "policyc.importers.audit",
}
"""Format and module."""


class Importer(Protocol):
    """What the module of a format offers."""

    def read(self, data: bytes, name: str, **options: Any) -> Imported:  # noqa: ANN401 - each format has options of its own
        """What a file holds. `name` is its file name. Raises FormatError, and nothing else."""

    def read_set(self, files: Sequence[tuple[str, bytes]], **options: Any) -> Imported:  # noqa: ANN401 - the same
        """What several files say together, each with its name. Only of formats with files that belong together."""


def importer(format: str) -> Importer:
    """The importer of a format in `IMPORTERS`."""
    return cast("Importer", import_module(IMPORTERS[format]))
