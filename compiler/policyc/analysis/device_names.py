"""File names of policies that Windows takes for devices."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policyc.analysis.context import Context
from policyc.diagnostics import Diagnostic, error
from policyc.model import Location, Project

_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])", re.IGNORECASE)
"""Microsoft, "Naming Files, Paths, and Namespaces": with any extension, and in any folder."""
_SEPARATOR = re.compile(r"[\\/:]")


def device_names(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """An error for each script, configuration file and folder that can't be one."""
    yield from _judge(project.content_source, project.origin.below("configmgr", "content_source"), None)
    for collection in project.collections:
        for package in collection.packages:
            named = (("script", package.script), ("configuration_file", package.configuration_file), ("source", package.source))
            for word, path in named:
                yield from _judge(path, package.origin.below(word), collection.slug)


def device_in(path: str) -> str | None:
    r"""The part of a path that Windows takes for a device.

    >>> device_in(r"\\\\files\\in\\Nul .txt"), device_in("console.cmd")
    ('Nul .txt', None)
    """
    return next((part for part in _SEPARATOR.split(path) if _DEVICE.fullmatch(part.partition(".")[0].rstrip(" "))), None)


def _judge(path: str | None, at: Location, holds: str | None) -> Iterator[Diagnostic]:
    part = None if path is None else device_in(path)
    if part is not None:
        yield error(
            "PC0436",
            f"'{part}' names a device of Windows, in each folder and with any extension, and so no file",
            at,
            help="give the file or folder another name: CON, PRN, AUX, NUL, COM0 to COM9 and LPT0 to LPT9 are taken",
            holds=holds,
        )
