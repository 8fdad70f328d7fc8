"""What places hold, in words for logs, consoles and runbooks."""

from __future__ import annotations

import re

from policyc.model import Data

_LONGEST = 120
"""UTF-16 code units, as scripts count them."""
_UNSEEN = re.compile("[^ -~]")
_BLANKS = frozenset("\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000")
"""Blanks that aren't ASCII's: Python doesn't print them, scripts do."""


def visible(text: str) -> str:
    r"""The text with line ends, controls, and what is invisible or turns the direction of writing as `\u` and four digits.

    As in scripts, which look at each half of a surrogate pair by itself.

    >>> visible("a\n\u202e\xe4")
    'a\\u000a\\u202e\xe4'
    """
    return text if text.isascii() and text.isprintable() else _UNSEEN.sub(_shown, text)


def _shown(found: re.Match[str]) -> str:
    character = found[0]
    if (character.isprintable() and character <= "\uffff") or character in _BLANKS:
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def data_text(data: Data) -> str:
    """Data as people write it: numbers decimal, text in double quotes, binary as hex, lists in braces.

    >>> data_text(("a", "b")), data_text(b"\\x01\\xff"), data_text("Normal"), data_text(b"")
    ('{"a"; "b"}', '01FF', '"Normal"', 'empty')
    """
    if isinstance(data, int):
        return str(data)
    if isinstance(data, bytes):
        text = data.hex().upper() or "empty"
    elif isinstance(data, tuple):
        text = "{" + "; ".join(f'"{element}"' for element in data) + "}"
    else:
        text = f'"{data}"'
    units = text if text.isascii() else text.encode("utf-16-le", "surrogatepass")
    if len(units) > (_LONGEST if isinstance(units, str) else 2 * _LONGEST):
        text = _cut(text)
    return visible(text)


def _cut(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass")[: 2 * _LONGEST].decode("utf-16-le", "surrogatepass") + "..."
