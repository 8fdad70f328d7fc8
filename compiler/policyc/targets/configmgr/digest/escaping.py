"""Text as any parser of XML 1.0 gives it back."""

from __future__ import annotations

import re

from policyc.targets.text import visible

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FUNCTIONS = "\n#region "
_NAMED = 120
"""Characters of a region that tell it from others: its hash is among them. What is told apart by no hash is compared."""
_MOST = 64
_KNOWN: dict[str, tuple[str, str]] = {}
"""Regions by their first characters, each with its escaped text."""
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")


def holdable(text: str) -> str:
    r"""The text with what XML 1.0 can't hold, even as a reference, written as its code point.

    >>> holdable("a\x0bb\tc")
    'a<U+000B>b\tc'
    """
    if text.isprintable():
        return text
    return _NOT_XML.sub(lambda match: visible(match[0]), text)


def content(text: str) -> str:
    r"""The text between tags. A parser makes LF of CR LF, so CR is a reference.

    >>> content("if ($a -gt 1) { '&' }\r\n")
    "if ($a -gt 1) { '&amp;' }&#13;\n"
    """
    _refuse(text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def attribute(text: str) -> str:
    r"""The text between double quotes. A parser makes spaces of line ends and tabs, so they are references.

    >>> attribute('"a"\n')
    '&quot;a&quot;&#10;'
    """
    return content(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def script(text: str) -> str:
    """A script between tags: ASCII, as no encoding that a client might choose for its file can change that.

    The functions are most of it, and the same in the scripts of a whole estate: they are escaped once.
    """
    own, region, shared = text.partition(_FUNCTIONS)
    return _script(own) + _shared_script(region + shared) if region else _script(own)


def _shared_script(text: str) -> str:
    before = _KNOWN.get(text[:_NAMED])
    if before is None or before[0] != text:
        if len(_KNOWN) >= _MOST:
            _KNOWN.clear()
        before = _KNOWN[text[:_NAMED]] = text, _script(text)
    return before[1]


def _script(text: str) -> str:
    try:
        code = text.encode("ascii")
    except UnicodeEncodeError as error:
        raise ValueError(f"a script in a digest is ASCII, and this one has {visible(text[error.start])}") from None
    if len(code.translate(None, _CONTROLS)) < len(code):
        raise ValueError("a script in a digest has no control characters but tab and line ends")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def _refuse(text: str) -> None:
    if not text.isprintable() and (found := _NOT_XML.search(text)):
        raise ValueError(f"XML can't hold {visible(found[0])}")
