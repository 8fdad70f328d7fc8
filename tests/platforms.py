"""What a machine may lack that tests need, each with the reason that a skip gives."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest


def _has_links() -> bool:
    """Whether a link can be made, which takes a privilege on Windows, and is seen to be one, which it isn't on Wine."""
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder, "link")
        try:
            link.symlink_to(folder, target_is_directory=True)
        except OSError:
            return False
        return link.is_symlink()


links = pytest.mark.skipif(not _has_links(), reason="this system lets nobody make links, or tells of none")
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
