"""The matrix as one page that needs nothing else: no server, no network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from policyc.analysis import Answer
from policyc.matrix.estate import Matrix, Side

if TYPE_CHECKING:
    from markupsafe import Markup

_ANSWERS = (Answer.NEVER, Answer.PERHAPS, Answer.SURELY)
"""A cell of the data names its answer by the place in this list."""
_MOST_ROWS = 2000
"""In each of the tables for a browser without JavaScript; the CSV file has all."""


def render(matrix: Matrix) -> bytes:
    """The page's bytes: ASCII, as everything else is a character reference."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("policyc.matrix"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    text = environment.get_template("page.html.j2").render(
        matrix=matrix,
        conflicts=matrix.conflicts,
        meeting=sum(cell.answer is not Answer.NEVER for cell in matrix.cells),
        sure=sum(cell.answer is Answer.SURELY for cell in matrix.conflicts),
        most=_MOST_ROWS,
        data=_data(matrix),
    )
    return text.encode("ascii", "xmlcharrefreplace")


def _data(matrix: Matrix) -> Markup:
    """What the page's script reads: each text that repeats stands there once."""
    from markupsafe import Markup

    reasons: dict[str, int] = {}
    natures: dict[str, int] = {}
    numbers: dict[int, int] = {}
    sides: list[Side] = []

    def number(side: Side) -> int:
        known = numbers.setdefault(id(side), len(sides))
        if known == len(sides):
            sides.append(side)
        return known

    cells = [
        [
            cell.one,
            cell.other,
            _ANSWERS.index(cell.answer),
            reasons.setdefault(cell.reason, len(reasons)),
            cell.shared,
            [
                [natures.setdefault(clash.nature, len(natures)), number(one), number(other)]
                for clash, one, other in matrix.sides(cell)
            ],
        ]
        for cell in matrix.cells
    ]
    text = json.dumps(
        {
            "collections": matrix.collections,
            "reasons": list(reasons),
            "natures": list(natures),
            "sides": [[side.id, side.place, side.says, side.registry] for side in sides],
            "cells": cells,
        },
        separators=(",", ":"),
    )
    # Inside <script>, nothing is unescaped but by JSON itself; ASCII already, so no line separator is in it.
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - escaped above
