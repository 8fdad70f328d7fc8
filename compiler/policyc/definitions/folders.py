"""Which files are templates, and their texts in the language that is asked for. Nothing but the names is looked at here."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from policyc.definitions.xml import LARGEST
from policyc.model.records import dataclass

STANDARD = "en-US"
"""The language that vendors always ship, and that Windows falls back to."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
MOST = 5_000
"""Templates of one project. Windows has some 250."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one template, POSIX and relative to the policies folder."""

    stem: str
    template: str
    texts: str
    """Empty where there are none in any language."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What the folders hold."""

    files: tuple[Files, ...]
    """By stem, each once."""
    missing: tuple[int, ...]
    """Numbers of the folders that can't be read, or aren't there."""
    twice: tuple[tuple[str, str], ...]
    """Templates that another folder has already: the one that isn't read, and the one that is."""


def listing(root: Path, folders: tuple[str, ...], language: str) -> Listing:
    """The templates in these folders; of two with one name, the one whose folder is named first."""
    files: dict[str, Files] = {}
    missing, twice = [], []
    for number, folder in enumerate(folders):
        try:
            names = sorted(os.listdir(root / folder))  # noqa: PTH208 - names, not paths
        except (OSError, ValueError):
            missing.append(number)
            continue
        place = "/".join(part for part in folder.split("/") if part not in ("", "."))
        place = f"{place}/" if place else ""
        texts = dict(_texts(root, place, names, language))
        for name in names:
            stem, ending = os.path.splitext(name)  # noqa: PTH122 - a Path for each file would cost more than the walk
            if ending.lower() != ".admx" or not name.isprintable() or len(files) >= MOST:
                continue
            own = Files(stem, f"{place}{name}", texts.get(stem.lower(), ""))
            first = files.setdefault(stem.lower(), own)
            if first is not own:
                twice.append((own.template, first.template))
    return Listing(tuple(files[stem] for stem in sorted(files)), tuple(missing), tuple(twice))


def _texts(root: Path, place: str, names: list[str], language: str) -> Iterator[tuple[str, str]]:
    """(Stem in small letters, file) of texts, the last of a stem holds: the language that is asked for comes last."""
    languages = [name for name in names if _LANGUAGE.fullmatch(name)]
    order = ("", *sorted(languages, key=lambda name: (name.lower() == language.lower(), name.lower() == STANDARD.lower())))
    for folder in order:
        try:
            inside = sorted(os.listdir(root / place / folder)) if folder else names  # noqa: PTH208
        except OSError:
            continue
        for name in inside:
            stem, ending = os.path.splitext(name)  # noqa: PTH122
            if ending.lower() == ".adml":
                yield stem.lower(), f"{place}{folder}/{name}" if folder else f"{place}{name}"


def content(root: Path, file: str) -> bytes | None:
    """What a file holds, up to one byte more than a template may; None where it can't be read, or is no ordinary file."""
    try:
        # A Path for each of five hundred files would cost more than reading them.
        with open(f"{root}/{file}", "rb", buffering=0, opener=_open_without_waiting) as stream:
            found = os.fstat(stream.fileno())
            if not stat.S_ISREG(found.st_mode):
                return None
            return stream.read(min(LARGEST, found.st_size) + 1)
    except (OSError, ValueError):
        return None


def _open_without_waiting(path: str, flags: int) -> int:
    # A pipe would otherwise be waited for.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
