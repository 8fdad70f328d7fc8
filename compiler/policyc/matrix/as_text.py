"""The matrix for a terminal: who fights over what."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.analysis import Answer
from policyc.matrix.estate import Cell, Matrix

_WORDS = {Answer.SURELY: "surely share a device", Answer.PERHAPS: "perhaps share a device"}


def render(matrix: Matrix) -> Iterator[str]:
    """The lines of the report; conflicts of collections that surely meet come first."""
    conflicts = matrix.conflicts
    for cell in conflicts:
        yield from _pair(matrix, cell)
        yield "\n"
    meeting = sum(cell.answer is not Answer.NEVER for cell in matrix.cells)
    sure = sum(cell.answer is Answer.SURELY for cell in conflicts)
    collections, pairs = _count(len(matrix.collections), "collection"), _count(len(matrix.cells), "pair")
    yield f"{collections}: {pairs} with settings for the same places, of which {meeting} can share a device;"
    yield f" {_count(len(conflicts), 'pair')} in conflict, {sure} for sure\n"


def _pair(matrix: Matrix, cell: Cell) -> Iterator[str]:
    one, other = matrix.collections[cell.one], matrix.collections[cell.other]
    yield f"'{one[0]}' and '{other[0]}' {_WORDS[cell.answer]}: {cell.reason}\n"
    kinds = ", ".join(f"{nature}: {number}" for nature, number in matrix.natures(cell).items())
    yield f"  {_count(len(cell.clashes), 'conflict')} ({kinds}), {_count(cell.shared, 'shared place')}\n"
    for clash, left, right in matrix.sides(cell):
        yield f"  {clash.place}\n"
        for side in (left, right):
            yield f"    {side.place}  {side.id}: {side.says}\n"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
