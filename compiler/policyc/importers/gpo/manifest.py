"""The list of a folder's backups (`manifest.xml`)."""

from __future__ import annotations

from policyc.registry_files import FormatError
from policyc.registry_files.markup import local_name, parse


def listed_backups(data: bytes) -> list[tuple[str, str]]:
    """(id, name of the object) of each backup; the id is its folder's name. Raises FormatError."""
    root = parse(data)
    if local_name(root) != "Backups":
        raise FormatError(f"its root is {local_name(root)!r}, and a manifest begins with 'Backups'")
    found = []
    for backup in root:
        said = {local_name(part): " ".join((part.text or "").split()) for part in backup}
        if said.get("ID"):
            found.append((said["ID"], said.get("GPODisplayName", "")))
    return found
