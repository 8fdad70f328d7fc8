"""The file system below the output folder, without ever following a link.

Paths are strings: `Path` costs more than the system calls it makes. Nothing is synced to the disk file by file: on an
ext4 disk 5,000 files of 15 KB took 0.6 s without and 3.1 s with it, and there is nothing to save. What a loss of power
leaves half-written is compared with the policies by the next run, which writes it again.
"""

# ruff: noqa: PTH102, PTH105, PTH106, PTH108, PTH112

from __future__ import annotations

import errno
import os
import stat
import time
from hashlib import sha256
from pathlib import Path

from policyc.artifacts.failures import Obstacle, file_for_folder, folder_for_file, link, may_be_too_long

_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0) | getattr(os, "O_CLOEXEC", 0)
_PART = 1024 * 1024
"""Bytes of a large file that are read at once."""
_READ = os.O_RDONLY | _BINARY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY
_REPARSE_POINT = 0x400
"""FILE_ATTRIBUTE_REPARSE_POINT: a link or junction of Windows."""
_TEMPORARY = os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY | getattr(os, "O_TEMPORARY", 0)
"""On Windows: the file goes when it is closed, even by a kill."""
_LINKS = (0xA000000C, 0xA0000003)
"""IO_REPARSE_TAG_SYMLINK and IO_REPARSE_TAG_MOUNT_POINT."""
_SHORT_ENOUGH = 100
"""Characters of a path that every system takes, wherever its folder is."""
_WINDOWS = os.name == "nt"
_NOWHERE = frozenset({errno.ENOENT, errno.ENAMETOOLONG})
"""Nothing is there, or can be."""
_NO_SUCH = frozenset({errno.ENOENT, errno.EINVAL})
_PATIENCE = (0.01, 0.05, 0.2, 0.5) if _WINDOWS else ()
"""Seconds between attempts: virus scanners hold a new file for a moment."""


def is_link(info: os.stat_result) -> bool:
    """Whether `lstat` found a symbolic link or a junction."""
    return stat.S_ISLNK(info.st_mode) or bool(getattr(info, "st_file_attributes", 0) & _REPARSE_POINT)


def leads_elsewhere(folder: Path) -> bool:
    """Whether a folder is a symbolic link, a junction or a mount point of Windows; what a cloud keeps there is no link."""
    try:
        info = os.lstat(folder)
    except (OSError, ValueError):
        return False
    tag: int = getattr(info, "st_reparse_tag", 0)
    return stat.S_ISLNK(info.st_mode) or tag in _LINKS


def create(path: str, content: bytes) -> int:
    """Write a new file; when it was modified then, in the file system's nanoseconds."""
    descriptor = os.open(path, _CREATE, 0o666)
    try:
        done = os.write(descriptor, content)
        while done < len(content):
            done += os.write(descriptor, content[done:])
        return os.fstat(descriptor).st_mtime_ns
    finally:
        os.close(descriptor)


def replace(source: str, destination: str) -> None:
    """Rename over what is there; on Windows with some patience."""
    for pause in _PATIENCE:
        try:
            os.replace(source, destination)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    os.replace(source, destination)


def too_long(failure: OSError, path: str) -> OSError:
    """The failure by its name. Windows tells of a path or name that is too long as of one that isn't found, or is wrong."""
    if failure.errno in _NO_SUCH and _WINDOWS and may_be_too_long(path):
        return OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), path)
    return failure


def unlink(path: str) -> None:
    """Remove a file, if it is there."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


def _read_all(descriptor: int, size: int) -> bytes:
    content = os.read(descriptor, size)
    while len(content) < size and (more := os.read(descriptor, size - len(content))):
        content += more
    return content


class Tree:
    """A folder and what is below it, with the folders that were looked at remembered."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.base = os.fspath(root)
        self._folders: dict[str, bool] = {"": True}
        self.made: list[str] = []
        """Folders that this run has made, parents first."""

    def absolute(self, path: str) -> str:
        """The path for the operating system."""
        if _WINDOWS:
            # Below a root like \\?\C:\out it takes nothing else for a separator.
            path = path.replace("/", "\\")
        return f"{self.base}{os.sep}{path}"

    def is_there(self) -> bool:
        """Whether the root is a folder. Raises Obstacle if it is something else."""
        if os.path.isdir(self.base):
            return True
        if os.path.lexists(self.base):
            raise Obstacle(file_for_folder(self.root, ""))
        return False

    def forget(self, path: str) -> None:
        """Look at the folder anew the next time."""
        self._folders.pop(path, None)

    def folder(self, path: str, *, make: bool) -> bool:
        """Whether the folder is there, made if asked for. Raises Obstacle where it or one above is no folder of its own."""
        known = self._folders.get(path)
        if known or (known is False and not make):
            return bool(known)
        above = path.rpartition("/")[0]
        there = self.folder(above, make=make)
        if there:
            there = self._look_or_make(path, make=make)
        self._folders[path] = there
        return there

    def _look_or_make(self, path: str, *, make: bool) -> bool:
        if make:
            try:
                os.mkdir(self.absolute(path))
            except FileExistsError:
                pass
            except OSError as failure:
                raise too_long(failure, self.absolute(path)) from failure
            else:
                self.made.append(path)
                return True
        try:
            info = os.lstat(self.absolute(path))
        except OSError as failure:
            if failure.errno in _NOWHERE:
                return False
            raise
        if is_link(info):
            raise Obstacle(link(self.root, path))
        if not stat.S_ISDIR(info.st_mode):
            raise Obstacle(file_for_folder(self.root, path))
        return True

    def must_take(self, path: str) -> None:
        """Raise OSError for a path that the system takes no file at, ENAMETOOLONG where it is longer than that.

        Its folder is there. Windows is asked by making a file: whether it takes long paths is a matter of its
        registry and of who asks, and of the file system of a share.
        """
        name = self.absolute(path)
        try:
            if _WINDOWS and may_be_too_long(name):
                os.close(os.open(name, _TEMPORARY))
            elif len(name) > _SHORT_ENOUGH:
                os.lstat(name)
        except FileExistsError:
            return
        except OSError as failure:
            named = too_long(failure, name)
            if named.errno != errno.ENOENT:
                raise named from failure

    def read(self, path: str) -> bytes | None:
        """The file's bytes, None if it isn't there.

        Raises Obstacle if something else than an ordinary file is there, or a link above it.
        """
        opened = self._open(path)
        if opened is None:
            return None
        descriptor, size = opened
        try:
            return _read_all(descriptor, size)
        finally:
            os.close(descriptor)

    def holds(self, path: str, content: bytes) -> bool | None:
        """Whether the file holds exactly these bytes, None if it isn't there. Raises Obstacle as `read` does."""
        opened = self._open(path)
        if opened is None:
            return None
        descriptor, size = opened
        try:
            return size == len(content) and _read_all(descriptor, size) == content
        finally:
            os.close(descriptor)

    def digest(self, path: str) -> str | None:
        """SHA-256 of the file, None if it isn't there. Raises Obstacle as `read` does."""
        opened = self._open(path)
        if opened is None:
            return None
        descriptor, size = opened
        digest = sha256()
        try:
            while part := os.read(descriptor, min(size + 1, _PART)):
                digest.update(part)
        finally:
            os.close(descriptor)
        return digest.hexdigest()

    def _open(self, path: str) -> tuple[int, int] | None:
        if not self.folder(path.rpartition("/")[0], make=False):
            return None
        name = self.absolute(path)
        try:
            descriptor = os.open(name, _READ)
        except OSError as failure:
            if failure.errno in _NOWHERE:
                return None
            raise self._opened_badly(path, failure) from failure
        try:
            info = os.fstat(descriptor)
            self._must_be_file(path, info)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor, info.st_size

    def _must_be_file(self, path: str, info: os.stat_result) -> None:
        if not stat.S_ISREG(info.st_mode):
            raise Obstacle(folder_for_file(self.root, path))
        if _WINDOWS and is_link(os.lstat(self.absolute(path))):
            raise Obstacle(link(self.root, path))

    def _opened_badly(self, path: str, failure: OSError) -> Exception:
        if failure.errno in (errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENXIO, errno.EISDIR, errno.EMLINK):
            info = os.lstat(self.absolute(path))
            if is_link(info):
                return Obstacle(link(self.root, path))
            if not stat.S_ISREG(info.st_mode):
                return Obstacle(folder_for_file(self.root, path))
        return failure

    def remove_empty(self, path: str) -> None:
        """Remove the folder, and those above it up to the root, as long as they are empty."""
        while path:
            try:
                os.rmdir(self.absolute(path))
            except FileNotFoundError:
                pass
            except OSError:
                return
            self.forget(path)
            path = path.rpartition("/")[0]
