"""The user's key, which seals what is remembered.

It lies in the user's own folder and never in the one that `POLICYC_CACHE` names: a cache that is shared, restored from an
archive or written by somebody else isn't sealed with it, and is not believed. Nothing of it reaches an output.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from policyc.cache.ownership import make_own_folder, make_parents, read_own

_LENGTH = 32
_NAME = "key"


def load_secret(home: Path) -> bytes | None:
    """The key in this folder, made where there is none; None where the folder or the key isn't this user's own."""
    if not make_parents(home) or not make_own_folder(home):
        return None
    file = home / _NAME
    key = _read(file)
    if key is None:
        _make(file)
        key = _read(file)
    return key


def _read(file: Path) -> bytes | None:
    key = read_own(file, _LENGTH, private=True)
    return key if key is not None and len(key) == _LENGTH else None


def _make(file: Path) -> None:
    """Whole, or not at all. Of two runs at once the later one's stays, and what the other has sealed isn't believed."""
    with suppress(OSError):
        descriptor, temporary = tempfile.mkstemp(prefix=_NAME, dir=file.parent)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(os.urandom(_LENGTH))
            Path(temporary).replace(file)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
