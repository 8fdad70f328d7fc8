"""A state from a file: a state file, a `.reg` export or a hive, told by name and first bytes."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from policyc.diagnostics import Diagnostic, Related, error, note
from policyc.model import Location, Place
from policyc.registry_files import FormatError
from policyc.simulation import hives
from policyc.simulation.entries import SOMEBODY, Exported, is_classes_root
from policyc.simulation.statements import Stated, more, stated
from policyc.source import Document, load_file
from policyc.source.heads import EMPTY_DEVICE
from policyc.source.limits import MOST_FINDINGS
from policyc.source.wording import visible

Layer: TypeAlias = Stated | Exported
_LARGEST = 512 * 1024 * 1024
"""Bytes of a hive, of which only what is asked for is read."""
_LARGEST_EXPORT = 32 * 1024 * 1024
"""Bytes of an export, which is read as a whole, and takes twenty times its size in memory."""
_HIVE = b"regf"
_GROUP_POLICY = b"PReg"


def split(text: str) -> tuple[str | None, str]:
    r"""(Where a hive belongs, its file) of what names a file of a state.

    >>> split(r"HKU\anna=NTUSER.DAT"), split("a=b.yaml")
    (('HKU\\anna', 'NTUSER.DAT'), (None, 'a=b.yaml'))
    """
    before, sign, after = text.partition("=")
    return (before, after) if sign and hives.is_place(before) else (None, text)


def load_state(root: Path, text: str, at: Location, wanted: Iterable[Place], found: list[Diagnostic]) -> Layer | None:
    r"""The state in a file below the root, which `text` names, with its place before it (`HKLM\SOFTWARE=file`).

    What is wrong is added to `found`, at `at` where it isn't in a state file itself. Of a hive only the wanted
    places are read.
    """
    place, name = split(text)
    before = len(found)
    layer: Layer | None = None
    try:
        _must_be_there(root / name)
        if name.lower().endswith((".yaml", ".yml")):
            layer = _state_file(root, name, place, at, found)
        else:
            layer = _other_file(root / name, name, place, wanted, at, found)
    except FormatError as failure:
        message = f"'{visible(name or text)}' can't be read as a state: {failure}"
        found.append(error("PC0901", message, at, help=_way_out(failure)))
    except (OSError, ValueError) as failure:
        reason = getattr(failure, "strerror", None) or str(failure)
        message = f"'{visible(name or text)}' can't be read: {reason}"
        found.append(error("PC0901", message, at, help="check the name, and that the account of this run may read it"))
    return None if any(one.is_error for one in found[before:]) else layer


def _way_out(failure: FormatError) -> str:
    from policyc.registry_files.hive import INSTALL, NoReaderError

    return INSTALL if isinstance(failure, NoReaderError) else "give a state file (.yaml), a .reg export or a hive"


def _must_be_there(path: Path) -> None:
    if path.is_dir():
        raise FormatError("it is a folder")
    if not path.exists():
        raise FileNotFoundError(errno.ENOENT, "there is no such file")


def _state_file(root: Path, name: str, place: str | None, at: Location, found: list[Diagnostic]) -> Stated | None:
    if place is not None:
        raise FormatError("a state file has its places in it: leave out what stands before '='")
    file = os.path.normpath(name).replace("\\", "/")
    loaded = load_file(root, file)
    if not isinstance(loaded, Document):
        found += (replace(one, help=f"begin it with '{EMPTY_DEVICE}'") if one.code == "PC0214" else one for one in loaded)
        return None
    if loaded.kind != "state":
        message = f"'{file}' is a file of the kind '{loaded.kind}', not a state"
        found.append(error("PC0901", message, at, help="a state file has the head 'device:'"))
        return None
    return stated(loaded.tree, Location(file), found)


def _other_file(
    path: Path, name: str, place: str | None, wanted: Iterable[Place], at: Location, found: list[Diagnostic]
) -> Exported | None:
    start = _beginning(path)
    if start == _GROUP_POLICY:
        raise FormatError(
            "it holds what Group Policy writes and not what a device holds; policyc import pol makes a policy of it"
        )
    if start == _HIVE:
        return hives.read(path, hives.mount(place, name), wanted)
    if _must_be_hive(start, name, place):
        raise FormatError("it doesn't begin as a hive does (regf)")
    user = SOMEBODY if place is None else hives.user_of(place)
    if user is None:
        raise FormatError(
            r"an export has its places in it, only 'HKU\name=' may stand before it: whose HKEY_CURRENT_USER it is"
        )
    return _export(path, name, user, at, found)


def _must_be_hive(start: bytes, name: str, place: str | None) -> bool:
    """Whether a file that is no hive could be nothing else: its name or its place says so, and it is no export."""
    from policyc.registry_files.reg_text import is_reg

    return (place is not None or hives.is_known(name)) and not name.lower().endswith(".reg") and not is_reg(start)


def _beginning(path: Path) -> bytes:
    with open(path, "rb", opener=_open_without_waiting) as stream:
        about = os.fstat(stream.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise FormatError("it is no file")
        if about.st_size > _LARGEST:
            raise FormatError(f"it is larger than {_LARGEST // (1024 * 1024)} MB")
        return stream.read(4)


def _open_without_waiting(path: str, flags: int) -> int:
    # A pipe would otherwise be waited for.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _export(path: Path, name: str, user: str, at: Location, found: list[Diagnostic]) -> Exported:
    from policyc.registry_files.reg import parse_reg

    with path.open("rb") as stream:
        data = stream.read(_LARGEST_EXPORT + 1)
    if len(data) > _LARGEST_EXPORT:
        megabytes = _LARGEST_EXPORT // (1024 * 1024)
        raise FormatError(f"the export is larger than {megabytes} MB; export the keys that the policies name, or save the hive")
    read = parse_reg(data)
    # From a command line the file itself is the place; in a test, so is what stands there with the test's line beside it.
    related = [Related(at, "the state is taken from it here")] if at.path else []
    file = name if at.path else at.file
    for line in read.malformed[:MOST_FINDINGS]:
        message = f"line {line.number} of '{visible(name)}' can't be read: {line.reason}"
        place = Location(file, line=line.number)
        found.append(error("PC0901", message, place, help="take the line out, or export the key again", related=related))
    if len(read.malformed) > MOST_FINDINGS:
        found.append(more(len(read.malformed) - MOST_FINDINGS, "more lines", Location(file)))
    exported = Exported(tuple(read.entries), user)
    found += _passed_over(exported.passed_over, name, at)
    return exported


def _passed_over(keys: Iterable[str], name: str, at: Location) -> Iterator[Diagnostic]:
    classes: list[str] = []
    others: list[str] = []
    for key in keys:
        (classes if is_classes_root(key) else others).append(key)
    if classes:
        message = (
            f"{_counted(classes)} in '{visible(name)}' isn't taken: HKEY_CLASSES_ROOT is only a view, of "
            r"HKLM\SOFTWARE\Classes and of each user's Software\Classes"
        )
        way_out = r"export HKEY_LOCAL_MACHINE\SOFTWARE\Classes and HKEY_CURRENT_USER\Software\Classes instead"
        yield note("PC0905", message, at, help=way_out)
    if others:
        message = f"{_counted(others)} in '{visible(name)}' can be named by no policy, and scripts don't look there"
        yield note("PC0905", message, at, help="nothing needs to be done: the rest of the file is taken")


def _counted(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - 1} more key{'s' if len(keys) > 2 else ''}" if len(keys) > 1 else ""
    return f"'{visible(keys[0])}'{more}"
