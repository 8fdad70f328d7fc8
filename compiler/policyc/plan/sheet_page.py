"""The sheet as one page that needs nothing else: no server, no network, no script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyc.diagnostics.reporters.plain import plain
from policyc.plan.wording import Pieces, Said

if TYPE_CHECKING:
    from markupsafe import Markup

    from policyc.plan.sheet import Sheet


def render(sheet: Sheet) -> bytes:
    """The page's bytes: ASCII, as everything else is a character reference."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    environment = Environment(
        # The style that all pages share is the matrix's.
        loader=ChoiceLoader([PackageLoader("policyc.plan"), PackageLoader("policyc.matrix")]),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["told"] = _told
    environment.filters["plain"] = plain
    text = environment.get_template("sheet.html.j2").render(sheet=sheet)
    return text.encode("ascii", "xmlcharrefreplace")


def _told(pieces: Pieces) -> Markup:
    """Our own words as they are, a policy's marked and escaped."""
    from markupsafe import Markup, escape

    parts = (
        Markup("<code>{}</code>").format(plain(piece.text) or "(empty)") if isinstance(piece, Said) else escape(piece)
        for piece in pieces
    )
    return Markup("").join(parts)
