"""The terminal: whether it is one, colours, progress."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, TypeVar

T = TypeVar("T")
_PATIENCE = 1.0
"""Seconds before a progress bar appears."""
_INTERVAL = 0.1
_BAR = 30
_ENABLE_VT = 0x0004
_STANDARD_ERROR = -12


def prepare() -> None:
    """Let no character stop the output: what a console's code page lacks is written as an escape."""
    # A stream that the caller closed is None: nobody is there to read.
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - open until the process ends
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            with suppress(ValueError, OSError):
                reconfigure(errors="backslashreplace")


def is_terminal(stream: IO[str]) -> bool:
    """Whether somebody is looking."""
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False


def colour(stream: IO[str]) -> bool:
    """Whether to colour: only on a terminal, never with NO_COLOR."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not is_terminal(stream):
        return False
    return _windows_takes_escapes() if os.name == "nt" else True


def _windows_takes_escapes() -> bool:  # pragma: no cover - the other system's half
    import ctypes

    try:
        kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
        handle = kernel.GetStdHandle(_STANDARD_ERROR)
        mode = ctypes.c_ulong()
        if not kernel.GetConsoleMode(handle, ctypes.byref(mode)):
            return False
        return bool(kernel.SetConsoleMode(handle, mode.value | _ENABLE_VT))
    except (AttributeError, OSError):
        return False


def progress(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    """Pass the items on; after a second, and only on a terminal, with a bar on stderr that is gone in the end."""
    if not is_terminal(sys.stderr) or not total:
        yield from items
        return
    started = shown = time.monotonic()
    drawn = False
    try:
        for number, item in enumerate(items):
            yield item
            now = time.monotonic()
            if now - started > _PATIENCE and now - shown > _INTERVAL:
                shown, drawn = now, True
                sys.stderr.write("\r" + bar(number + 1, total, what))
                sys.stderr.flush()
    finally:
        if drawn:
            sys.stderr.write("\r" + " " * len(bar(total, total, what)) + "\r")
            sys.stderr.flush()


def bar(done: int, total: int, what: str) -> str:
    """A progress bar in ASCII.

    >>> bar(1, 2, "collections")
    '[###############               ] 1/2 collections'
    """
    full = min(_BAR, _BAR * done // total)
    return f"[{'#' * full}{' ' * (_BAR - full)}] {done:>{len(str(total))}}/{total} {what}"
