"""Which files of the policies folder are policies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path

from policyc.diagnostics import Diagnostic, Related, error, warning
from policyc.model import Location
from policyc.model.place import upper
from policyc.model.records import dataclass
from policyc.source.limits import DEEPEST_FOLDER
from policyc.source.wording import visible

PROJECT = "project.yaml"


@dataclass(slots=True)
class Found:
    """Policy files, POSIX and relative to the folder, in order."""

    files: list[str] = field(default_factory=list)
    findings: list[Diagnostic] = field(default_factory=list)


def find_files(root: Path) -> Found:
    """Every `.yaml` file below the folder. Names that begin with a dot are left alone, as are all other files."""
    found = Found()
    if not root.is_dir():
        what = "is not a folder" if root.exists() else "doesn't exist"
        way_out = "run it where the 'policies' folder is, name the folder with --policies, or begin with 'policyc init'"
        found.findings.append(error("PC0118", f"The policies folder '{visible(str(root))}' {what}", Location(""), help=way_out))
        return found
    _walk(root, found)
    found.files.sort()
    if PROJECT not in found.files and not any(finding.location.file == PROJECT for finding in found.findings):
        way_out = "write one with 'project: {name: ...}', or begin with 'policyc init'"
        found.findings.append(error("PC0117", f"The policies folder has no '{PROJECT}'", Location(PROJECT), help=way_out))
    found.findings.extend(_same_on_windows(found.files))
    return found


def _walk(root: Path, found: Found) -> None:
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(root / folder) as entries:
                for entry in sorted(entries, key=lambda entry: entry.name):
                    if not entry.name.startswith("."):
                        _sort_in(entry, f"{folder}{entry.name}", root, folders, found)
        except (OSError, ValueError) as failure:
            reason = getattr(failure, "strerror", None) or str(failure)
            place = folder.rstrip("/")
            message = f"The folder '{visible(place) or '.'}' can't be read: {reason}"
            way_out = "check that the account of this run may read it"
            found.findings.append(error("PC0110", message, Location(visible(place)), help=way_out))


def _sort_in(entry: os.DirEntry[str], file: str, root: Path, folders: list[str], found: Found) -> None:
    ending = os.path.splitext(entry.name)[1]  # noqa: PTH122 - a Path for each file would cost more than the walk
    is_policy = ending == ".yaml"
    is_folder = entry.is_dir(follow_symlinks=False)
    is_link = entry.is_symlink() or (is_folder and _is_junction(entry))
    if visible(file) != file:
        if is_policy or is_folder or is_link:
            way_out = "rename it: it can't be told apart in a report, or not be stored on Windows"
            found.findings.append(
                error(
                    "PC0120",
                    f"The name '{visible(file)}' holds characters that can't be seen",
                    Location(visible(file)),
                    help=way_out,
                )
            )
    elif is_link:
        if is_policy or entry.is_dir():
            found.findings.append(_link(file, root))
    elif is_folder:
        if is_policy:
            message = f"'{file}' is a folder, but named like a policy file"
            found.findings.append(error("PC0109", message, Location(file), help="rename the folder"))
        elif file.count("/") >= DEEPEST_FOLDER:
            message = f"Folders are nested more than {DEEPEST_FOLDER} levels deep at '{file}'"
            found.findings.append(error("PC0121", message, Location(file), help="move the policies up"))
        else:
            folders.append(f"{file}/")
    elif is_policy:
        found.files.append(file)
    elif ending.lower() in (".yml", ".yaml"):
        message = f"'{file}' is not read: names of policy files end in '.yaml'"
        way_out = f"rename it to '{entry.name.removesuffix(ending)}.yaml', or move it out of the folder"
        found.findings.append(warning("PC0119", message, Location(file), help=way_out))


def _is_junction(entry: os.DirEntry[str]) -> bool:
    return bool(getattr(entry, "is_junction", lambda: False)())


def _link(file: str, root: Path) -> Diagnostic:
    try:
        inside = (root / file).resolve(strict=True).is_relative_to(root.resolve())
        where = "to another place in the policies folder" if inside else "out of the policies folder"
    except (OSError, RuntimeError):
        where = "nowhere, or in a circle"
    way_out = "put the file itself here: what is compiled must be what is reviewed"
    return error("PC0116", f"'{file}' is a link that leads {where}", Location(file), help=way_out)


def _same_on_windows(files: list[str]) -> Iterator[Diagnostic]:
    seen: dict[str, str] = {}
    for file in files:
        first = seen.setdefault(upper(file), file)
        if first != file:
            message = f"'{file}' and '{first}' are the same file to Windows, which keeps only one of them"
            related = [Related(Location(first), "the other one")]
            yield error("PC0122", message, Location(file), help="give one of them another name", related=related)
