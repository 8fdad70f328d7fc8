"""What goes wrong on a disk, as diagnostics."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from dataclasses import field
from pathlib import Path

from policyc.diagnostics import Diagnostic, error, warning
from policyc.model import Location
from policyc.model.records import dataclass

_NO_SPACE = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, getattr(errno, "ETXTBSY", errno.EBUSY)})
_LONGEST_WINDOWS_FOLDER = 247
"""Characters; a file's path may have 259. Without long paths, that is, and from the drive on."""
_LONGEST_NAME = 255
_NAMED = 3
"""How many files a message names before it counts the rest."""


class Obstacle(Exception):  # noqa: N818 - it is what stands in the way, and is always made a diagnostic
    """Something on the disk that policyc won't step over."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def shown(root: Path, path: str = "") -> str:
    """A file of the output as messages name it: with the output folder as it was given."""
    return (root / path).as_posix()


def at(source: str = "") -> Location:
    """The policy file that a finding is about; without one the policies as a whole."""
    return Location(source)


def from_os_error(failure: OSError, root: Path, path: str, doing: str = "written") -> Diagnostic:
    """The diagnostic for a refusal of the operating system at `path` below `root`."""
    name = shown(root, path)
    reason = failure.strerror or type(failure).__name__
    if failure.errno in _NO_SPACE:
        return error(
            "PC0601",
            f"'{name}' can't be {doing}: the disk or the quota is full",
            at(),
            help="make room and run policyc again; the output stands as it was",
        )
    if _is_too_long(failure, root / path):
        return error(
            "PC0603",
            f"'{name}' can't be {doing}: the path is too long for this system",
            at(),
            help="shorten the collection's name, or choose an output folder nearer to the root with --output",
        )
    if failure.errno in _REFUSED:
        return error(
            "PC0602",
            f"'{name}' can't be {doing}: {reason}",
            at(),
            help="close what has it open, give yourself the right to write to the folder, or choose another one with --output",
        )
    if failure.errno in (errno.ENOTDIR, errno.EEXIST):
        return file_for_folder(root, path)
    if failure.errno == errno.EISDIR:
        return folder_for_file(root, path)
    if failure.errno == errno.ELOOP:
        return link(root, path)
    return error(
        "PC0616", f"'{name}' can't be {doing}: {reason}", at(), help="mend the disk or the share, then run policyc again"
    )


def may_be_too_long(path: str | Path) -> bool:
    """Whether a Windows may refuse the path for its length, or for that of a name in it."""
    whole = os.path.abspath(path)  # noqa: PTH100 - resolves nothing, as the system does
    return len(whole) > _LONGEST_WINDOWS_FOLDER or any(len(part) > _LONGEST_NAME for part in Path(whole).parts)


def _is_too_long(failure: OSError, path: Path) -> bool:
    if failure.errno == errno.ENAMETOOLONG:
        return True
    # Windows says of it that it isn't found, or that it is wrong.
    refused = os.name == "nt" and failure.errno in (errno.ENOENT, errno.EINVAL)
    return refused and any(may_be_too_long(name) for name in (path, failure.filename, failure.filename2) if name)


def file_for_folder(root: Path, path: str) -> Diagnostic:
    """PC0604."""
    return error(
        "PC0604",
        f"'{shown(root, path)}' is no folder, and a folder is needed there",
        at(),
        help="move or remove what stands there, or choose another output folder with --output",
    )


def folder_for_file(root: Path, path: str, source: str = "") -> Diagnostic:
    """PC0605."""
    return error(
        "PC0605",
        f"'{shown(root, path)}' is a folder or a device, and a file is to be written there",
        at(source),
        help="move or remove what stands there",
    )


def link(root: Path, path: str) -> Diagnostic:
    """PC0606."""
    return error(
        "PC0606",
        f"'{shown(root, path)}' is a link, and nothing is written through a link",
        at(),
        help="replace the link by a folder or file of its own",
    )


def linked_root(root: Path) -> Diagnostic:
    """PC0630."""
    return error(
        "PC0630",
        f"the output folder '{shown(root)}' is itself a link, and nothing is written through a link",
        at(),
        help="name the folder that it leads to with --output, or make a folder of its own",
    )


@dataclass(slots=True)
class Grouped:
    """Findings about many files, as one diagnostic for each policy file."""

    root: Path
    files: dict[str, list[str]] = field(default_factory=dict)

    def add(self, source: str, path: str) -> None:
        """Count one more file of that policy."""
        self.files.setdefault(source, []).append(path)

    def errors(self, code: str, what: str, help: str, *, placed: bool = True) -> Iterable[Diagnostic]:
        """One error for each policy: the files, then what is wrong with them."""
        for source, paths in sorted(self.files.items()):
            yield error(code, f"{self._names(paths)} {what}", at(source if placed else ""), help=help)

    def warnings(self, code: str, what: str, help: str) -> Iterable[Diagnostic]:
        """One warning for each policy; the policy itself may be gone, so it isn't the place."""
        for _, paths in sorted(self.files.items()):
            yield warning(code, f"{self._names(paths)} {what}", at(), help=help)

    def _names(self, paths: list[str]) -> str:
        named = ", ".join(f"'{shown(self.root, path)}'" for path in paths[:_NAMED])
        rest = len(paths) - _NAMED
        return f"{named} and {rest} more:" if rest > 0 else f"{named}:"
