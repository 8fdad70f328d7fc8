"""Cabinets that are packed with LZX, as the console exports them: unpacked by what the system has for it.

The tool runs without a shell, for a bounded time, in a folder of its own, and only what the cabinet lists is read from
there. What the cabinet may hold was measured before, and names that could lead out of the folder are refused.
"""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from policyc.lowering.slugs import is_device
from policyc.model import upper
from policyc.registry_files import FormatError

SECONDS = 60
"""For a cabinet of at most 64 MB, which takes a second or two."""
_IN = "packed.cab"
_OUT = "unpacked"
_SPECIAL = frozenset('\\/:*?"<>|')
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that unpacks cabinets."""

    name: str
    arguments: tuple[str, ...]
    """`{cabinet}` and `{folder}` stand for absolute paths."""

    def command(self, program: Path, cabinet: Path, folder: Path) -> list[str]:
        """The program with its arguments."""
        return [str(program), *(one.format(cabinet=cabinet, folder=folder) for one in self.arguments)]


_EXPAND = Tool("expand.exe", ("-F:*", "{cabinet}", "{folder}"))
_OTHERS = (
    Tool("cabextract", ("-q", "-d", "{folder}", "{cabinet}")),
    *(Tool(name, ("x", "-y", "-bd", "-o{folder}", "{cabinet}")) for name in ("7z", "7zz", "7za")),
)


def expanded(cabinet: bytes, sizes: Mapping[str, int]) -> dict[str, bytes] | None:
    """The files of a cabinet, of which `sizes` has each with its length; None where no tool is here. Raises FormatError."""
    for name in sizes:
        if not _is_plain(name):
            raise FormatError(f"the cabinet holds a file named '{name[:80]}', and such a name isn't unpacked")
    if len(set(map(upper, sizes))) < len(sizes):
        raise FormatError("the cabinet holds several files of one name")
    failed: list[str] = []
    for tool, program in tools():
        with tempfile.TemporaryDirectory(prefix="policyc-", ignore_cleanup_errors=True) as scratch:
            reason = _run(tool, program, Path(scratch), cabinet)
            found = _read(Path(scratch, _OUT), sizes) if reason is None else reason
        if isinstance(found, dict):
            return found
        failed.append(f"{tool.name} {found}")
    if failed:
        raise FormatError(f"the cabinet is packed with LZX, and can't be unpacked: {'; '.join(failed)}")
    return None


def tools() -> Iterator[tuple[Tool, Path]]:
    """What there is, the system's own first. Never from the folder that the command runs in."""
    if os.name == "nt":
        own = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", _EXPAND.name)
        if own.is_file():
            yield _EXPAND, own
    folders = [Path(folder) for folder in os.get_exec_path() if os.path.isabs(folder)]  # noqa: PTH117 - of a text
    for tool in _OTHERS:
        name = f"{tool.name}.exe" if os.name == "nt" else tool.name
        for folder in folders:
            program = folder / name
            if program.is_file() and os.access(program, os.X_OK):
                yield tool, program
                break


def _run(tool: Tool, program: Path, scratch: Path, cabinet: bytes) -> str | None:
    """Why it failed; None: it says that it didn't."""
    folder, packed = scratch / _OUT, scratch / _IN
    folder.mkdir()
    packed.write_bytes(cabinet)
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and the tool is the administrator's
            tool.command(program, packed, folder),
            cwd=scratch,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"took more than {SECONDS} seconds"
    except OSError as failure:
        return f"doesn't run: {failure.strerror}"
    return None if done.returncode == 0 else f"ended with {done.returncode}"


def _read(folder: Path, sizes: Mapping[str, int]) -> dict[str, bytes] | str:
    """What was unpacked, or what is wrong with it."""
    there = {upper(entry.name): entry for entry in os.scandir(folder)}
    found: dict[str, bytes] = {}
    for name, size in sizes.items():
        entry = there.get(upper(name))
        if entry is None or not stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
            return f"made no file '{name}'"
        with Path(entry.path).open("rb") as stream:
            found[name] = stream.read(size + 1)
        if len(found[name]) != size:
            return f"made a file '{name}' of another length than the cabinet says"
    return found


def _is_plain(name: str) -> bool:
    """Whether it is a name and nothing else, on every system."""
    stem = name.partition(".")[0].strip(" ").lower()
    return (
        0 < len(name) <= _LONGEST_NAME
        and name.isprintable()
        and not _SPECIAL & set(name)
        and not name.endswith((".", " "))
        and not name.startswith("-")
        and not is_device(stem)
    )
