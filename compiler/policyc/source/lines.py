"""The lines on which nodes stand, for those who show where a value comes from."""

from __future__ import annotations

from pathlib import Path

from policyc.diagnostics import Diagnostic
from policyc.model import Location
from policyc.source.marks import Marks
from policyc.source.reading import read_text


class Lines:
    """Looks locations up in the files of a policies folder. Each file is parsed once, when it is first asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._marks: dict[str, Marks | None] = {}

    def line(self, location: Location) -> int | None:
        """The line, from 1, of a node; None where nothing of it is written: a default."""
        if location.file not in self._marks:
            text = read_text(self._root, location.file)
            self._marks[location.file] = None if isinstance(text, Diagnostic) else Marks(text)
        marks = self._marks[location.file]
        return None if marks is None else marks.line(location.path)
