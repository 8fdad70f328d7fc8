"""Group Policy's `registry.pol` to settings."""

from __future__ import annotations

import re
from dataclasses import replace

from policyc.importers.found import Imported
from policyc.importers.registry_entries import imported
from policyc.registry_files import FormatError
from policyc.registry_files.pol import read_pol

_WHOSE = {"HKLM": "the machine", "HKCU": "the users"}


def read(data: bytes, name: str, *, hive: str | None = None) -> Imported:
    """What a `registry.pol` says. `hive` is HKLM or HKCU, as the file itself doesn't tell. Raises FormatError."""
    if hive not in _WHOSE:
        raise FormatError("the file doesn't tell whether it is for the machine (HKLM) or for its users (HKCU)")
    entries = [replace(entry, key=f"{hive}\\{entry.key}") for entry in read_pol(data)]
    stem = name[: -len(".pol")] if name.lower().endswith(".pol") else name
    # In a policy of Windows every such file has this name.
    title = f"Group Policy of {_WHOSE[hive]}" if stem.lower() == "registry" else re.sub(r"(?i)\.registry$", "", stem)
    return imported(entries, title, lambda number: f"entry {number}")
