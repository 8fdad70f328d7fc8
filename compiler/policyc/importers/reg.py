"""Files of the Registry Editor to settings."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from policyc.importers.classes import with_classes
from policyc.importers.found import Imported
from policyc.importers.registry_entries import imported
from policyc.registry_files import Action
from policyc.registry_files.reg import RegFile, parse_reg
from policyc.registry_files.reg_text import DEFAULT_CODE_PAGE


def read(data: bytes, name: str, *, code_page: str = DEFAULT_CODE_PAGE, classes: str | None = None) -> Imported:
    """What a `.reg` file says. Raises FormatError.

    `code_page` is that of a file in no Unicode encoding; `classes` says whose classes HKEY_CLASSES_ROOT is: machine or user.
    """
    file = parse_reg(data, code_page=code_page)
    entries = [replace(entry, key=with_classes(entry.key, classes)) for entry in file.entries] if classes else file.entries
    title = name[: -len(".reg")] if name.lower().endswith(".reg") else name
    malformed = [
        replace(line, reason=f"{line.reason}; Windows passes over the line") if line.known else line for line in file.malformed
    ]
    return imported(entries, title, lambda number: f"line {number}", malformed, _headings(file))


def _headings(file: RegFile) -> frozenset[int]:
    """The lines with a key that only say where the lines below them belong."""
    values = {entry.number for entry in file.entries if entry.name is not None}
    numbers = sorted([*(entry.number for entry in file.entries), *(line.number for line in file.malformed)])
    follows = dict(pairwise(numbers))
    no_keys = values | {line.number for line in file.malformed}
    return frozenset(
        entry.number for entry in file.entries if entry.action is Action.CREATE_KEY and follows.get(entry.number) in no_keys
    )
