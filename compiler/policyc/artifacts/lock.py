"""One run at a time writes to an output folder."""

# ruff: noqa: PTH102, PTH106, PTH108, PTH112, PTH116

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from stat import S_ISDIR

from policyc.artifacts.disk import Tree, is_link
from policyc.artifacts.failures import Obstacle, at, file_for_folder, folder_for_file, from_os_error, link, shown
from policyc.artifacts.paths import WORK_FOLDER
from policyc.diagnostics import error

_FLAGS = (
    os.O_RDWR
    | os.O_CREAT
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_ATTEMPTS = 20
"""How often another run may take the file away between opening and locking it."""

if os.name == "nt":  # pragma: no cover - the other system's half
    import msvcrt

    def _take(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def locked(tree: Tree) -> Iterator[None]:
    """Hold the output folder's lock, which the operating system lets go of when the process ends.

    The lock file goes with the work folder when the run is over. Raises Obstacle if another run holds it.
    """
    folder = tree.absolute(WORK_FOLDER)
    name = tree.absolute(f"{WORK_FOLDER}/lock")
    try:
        descriptor = _acquire(tree, folder, name)
    except OSError as failure:
        raise Obstacle(from_os_error(failure, tree.root, f"{WORK_FOLDER}/lock")) from failure
    try:
        yield
    finally:
        # POSIX: taken away while it is still held, so that nobody locks a file that is about to go. Windows
        # doesn't remove an open file, and removes it after closing only if nobody else has it open.
        if os.name != "nt":
            with suppress(OSError):
                os.unlink(name)
        os.close(descriptor)
        if os.name == "nt":
            with suppress(OSError):
                os.unlink(name)
        with suppress(OSError):
            os.rmdir(folder)


def _acquire(tree: Tree, folder: str, name: str) -> int:
    for _ in range(_ATTEMPTS):
        _make_folder(tree, folder)
        try:
            descriptor = os.open(name, _FLAGS, 0o666)
        except FileNotFoundError:
            continue
        except (IsADirectoryError, PermissionError):
            # Windows lets nobody open a folder, whoever asks.
            if not os.path.isdir(name):
                raise
            raise Obstacle(folder_for_file(tree.root, f"{WORK_FOLDER}/lock")) from None
        if _take(descriptor):
            if _is_still_there(descriptor, name):
                return descriptor
        elif _is_still_there(descriptor, name):
            os.close(descriptor)
            break
        os.close(descriptor)
    raise Obstacle(
        error(
            "PC0610",
            f"another run of policyc is writing to '{shown(tree.root)}'",
            at(),
            help="wait until it is done, or give this run a folder of its own with --output",
        )
    )


def _make_folder(tree: Tree, folder: str) -> None:
    try:
        os.mkdir(folder)
    except FileExistsError:
        try:
            info = os.lstat(folder)
        except FileNotFoundError:
            return
        if is_link(info):
            raise Obstacle(link(tree.root, WORK_FOLDER)) from None
        if not S_ISDIR(info.st_mode):
            raise Obstacle(file_for_folder(tree.root, WORK_FOLDER)) from None


def _is_still_there(descriptor: int, name: str) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(name))
    except FileNotFoundError:
        return False
