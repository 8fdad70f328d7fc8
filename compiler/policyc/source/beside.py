"""Files that a policy names and that lie beside it: their texts, or the reason why one can't be taken."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from policyc.diagnostics import Diagnostic, error
from policyc.diagnostics.cures import write
from policyc.model import Location
from policyc.model.records import dataclass
from policyc.source.wording import as_yaml, nearest, quoted

ENDING = ".ps1"
LARGEST_TEXT = 32_768
"""Bytes. A device keeps the texts with its journal, and ConfigMgr takes no compliance script of much more."""
_PART = re.compile(r"[A-Za-z0-9_(](?:[A-Za-z0-9._ ()-]*[A-Za-z0-9_()-])?")
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Beside:
    """A file that a policy names."""

    file: str
    """POSIX, relative to the policies folder."""
    text: str
    """Without a byte order mark, its lines ended by LF, whatever a checkout made of them."""


def read_beside(root: Path, at: Location, path: str) -> Beside | Diagnostic:
    """The file that is named at a node of a policy, by its way from that policy's folder."""
    wrong = _wrong_name(path, at)
    if wrong is not None:
        return wrong
    file = (PurePosixPath(at.file).parent / path).as_posix()
    missing = _missing(root, file, path, at)
    if missing is not None:
        return missing
    try:
        with (root / file).open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            data = b"" if size > LARGEST_TEXT else stream.read(LARGEST_TEXT + 1)
    except OSError as failure:
        return _unusable(f"'{file}' can't be read: {failure.strerror}", at, "check that the account of this run may read it")
    if size > LARGEST_TEXT or len(data) > LARGEST_TEXT:
        way_out = "split it, or install what it needs with a package and call that"
        return _unusable(f"'{file}' has more than {LARGEST_TEXT:,} bytes", at, way_out)
    try:
        text = data.removeprefix(_MARK).decode("utf-8")
    except UnicodeDecodeError:
        return _unusable(f"'{file}' is not UTF-8", at, "save it as UTF-8; in Windows PowerShell 5.1, '>' writes UTF-16")
    if not text.strip():
        return _unusable(f"'{file}' is empty", at, "write the script, or take the word out")
    return Beside(file, text.replace("\r\n", "\n"))


def files_beside(root: Path) -> Iterator[str]:
    """Every file below the folder that a policy might name, POSIX and relative to it, in order."""
    found: list[str] = []
    for here, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(here, name).relative_to(root).as_posix() for name in names if name.endswith(ENDING)]
    yield from sorted(found)


def _wrong_name(path: str, at: Location) -> Diagnostic | None:
    parts = path.split("/")
    if path.endswith(ENDING) and all(_PART.fullmatch(part) for part in parts):
        return None
    if "\\" in path and ":" not in path and not path.startswith("\\"):
        forward = as_yaml(path.replace("\\", "/"))
        message = f"{quoted(path)} has backslashes, and the names of files in a policy have slashes on every machine"
        return error("PC1601", message, at, help=f"write {forward}", cures=[write(at, forward)])
    if ".." in parts or path.startswith(("/", "\\")) or ":" in path:
        message = f"{quoted(path)} may lead out of the policies folder"
        way_out = "write the way from the folder of this policy downwards: what is compiled lies in what is reviewed"
    elif not path.endswith(ENDING):
        message = f"{quoted(path)} doesn't end in '{ENDING}'"
        way_out = f"name a file of PowerShell, whose name ends in '{ENDING}' in small letters"
    else:
        message = f"{quoted(path)} is no name that every machine of yours can have"
        way_out = "use letters, digits, '-', '_', '.', brackets and single spaces, with '/' between folders"
    return error("PC1601", message, at, help=way_out)


def _missing(root: Path, file: str, path: str, at: Location) -> Diagnostic | None:
    """Each step of the way has to be there by exactly this name, and be no link."""
    here = root
    parts = file.split("/")
    for number, part in enumerate(parts, 1):
        try:
            names = sorted(one.name for one in here.iterdir())
        except OSError as failure:
            return _unusable(f"the folder of '{file}' can't be read: {failure.strerror}", at, "look at the folder's rights")
        if part not in names:
            near = nearest(part, [name for name in names if name.endswith(ENDING) or number < len(parts)])
            if near is None:
                return _unusable(f"there is no file '{file}' in the policies folder", at, "add it, or name another")
            whole = path.split("/")
            whole[number - 1 - (len(parts) - len(whole))] = near
            text = as_yaml("/".join(whole))
            message = f"there is no file '{file}' in the policies folder, and there is '{near}'"
            return error("PC1602", message, at, help=f"write {text}, or add the file", cures=[write(at, text)])
        here = here / part
        info = here.lstat()
        if stat.S_ISLNK(info.st_mode) or getattr(info, "st_reparse_tag", None):
            return _unusable(f"'{'/'.join(parts[:number])}' is a link", at, "put the file itself here")
    if not stat.S_ISREG(here.lstat().st_mode):
        return _unusable(f"'{file}' is not a file", at, "name a file of PowerShell")
    return None


def _unusable(message: str, at: Location, way_out: str) -> Diagnostic:
    return error("PC1602", message, at, help=way_out)
