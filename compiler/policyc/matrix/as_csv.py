"""The matrix for a spreadsheet: a line for each conflict, or for a pair without one."""

from __future__ import annotations

import csv
from io import StringIO

from policyc.matrix.estate import Matrix

HEAD = (
    "collection",
    "other collection",
    "share a device",
    "reason",
    "shared places",
    "conflicts",
    "conflict",
    "registry place",
    "setting",
    "stands in",
    "says",
    "other setting",
    "stands in",
    "says",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def render(matrix: Matrix) -> str:
    """The file's text. No cell is a formula to a spreadsheet."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    for cell in matrix.cells:
        names = (matrix.collections[cell.one][0], matrix.collections[cell.other][0])
        head = [*map(_text, names), cell.answer.value, _text(cell.reason), cell.shared, len(cell.clashes)]
        if not cell.clashes:
            writer.writerow([*head, *[""] * (len(HEAD) - len(head))])
        for clash, one, other in matrix.sides(cell):
            sides = (part for side in (one, other) for part in (side.id, side.place, side.says))
            writer.writerow([*head, clash.nature, _text(clash.place), *map(_text, sides)])
    return out.getvalue()


def _text(text: str) -> str:
    """Text that a spreadsheet takes for text: what it would calculate gets an apostrophe, as people write it there.

    >>> _text("=1+1"), _text("Pilot")
    ("'=1+1", 'Pilot')
    """
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
