"""Whether files and folders are this user's own.

POSIX tells owner and mode. On Windows the standard library tells neither owner nor access list, so there a thing is taken for
the user's own if it is no link, and what is in it is believed for its seal alone (`cache/secret.py`).
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def is_own_folder(folder: Path) -> bool:
    """A folder, no link or junction, of this user, in which nobody else can make files."""
    try:
        info = folder.lstat()
    except (OSError, ValueError):
        return False
    return stat.S_ISDIR(info.st_mode) and is_own(info)


def make_own_folder(folder: Path) -> bool:
    """Make the folder where it is missing, and close it to others where it is this user's; whether it then is one's own."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        info = folder.lstat()
        if _has_owner(info) and stat.S_ISDIR(info.st_mode) and info.st_mode & _WRITABLE_BY_OTHERS:
            folder.chmod(0o700)
    except (OSError, ValueError):
        return False
    return is_own_folder(folder)


def make_parents(folder: Path) -> bool:
    """Make the folders above, unless that would be in somebody else's: a run as root leaves no locked folders with a user."""
    try:
        above = next((one for one in folder.parents if one.exists()), None)
        if above is None or (os.name != "nt" and above.stat().st_uid not in (os.geteuid(), 0)):
            return False
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, ValueError):
        return False
    return True


def read_own(file: Path, most: int, *, private: bool = False, first: int | None = None) -> bytes | None:
    """What a file of this user's own holds; None for anything else that is there, and beyond `most` bytes.

    `private`: nobody else may read it either. `first`: no more than so many bytes are wanted. Links aren't followed, a pipe
    isn't waited for.
    """
    try:
        with open(file, "rb", opener=_open_itself) as stream:
            info = os.fstat(stream.fileno())
            if not stat.S_ISREG(info.st_mode) or info.st_size > most or not is_own(info, private=private):
                return None
            return stream.read(info.st_size if first is None else first)
    except (OSError, ValueError):
        return None


def is_own(info: os.stat_result, *, private: bool = False) -> bool:
    """Whether what was found is this user's, and nobody else's to write (`private`: or to read)."""
    if os.name == "nt":
        return not _is_link(info)
    closed = stat.S_IRWXG | stat.S_IRWXO if private else _WRITABLE_BY_OTHERS
    return _has_owner(info) and not info.st_mode & closed


def _has_owner(info: os.stat_result) -> bool:
    return os.name == "nt" or info.st_uid == os.geteuid()


def _is_link(info: os.stat_result) -> bool:
    """A link, junction or mount point of Windows."""
    tag: int = getattr(info, "st_reparse_tag", 0)
    return tag != 0


def _open_itself(path: str, flags: int) -> int:
    """Open no link: on Windows, which has no flag for it, look first."""
    if os.name == "nt" and _is_link(os.lstat(path)):
        raise OSError(path)
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
