"""Text of a policy in XML: escaped, and nothing in it that XML can't hold."""

from __future__ import annotations

import re

_NONE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\t": "&#9;",
    "\n": "&#10;",
    "\r": "&#13;",
}
_ESCAPED = re.compile("[" + "".join(_ESCAPES) + "]")


def is_xml(text: str) -> bool:
    """Whether XML 1.0 can hold the text at all.

    >>> is_xml("a\\tb"), is_xml("a\\x07b"), is_xml("\\ud800")
    (True, False, False)
    """
    return not _NONE.search(text)


def escaped(text: str) -> str:
    """The text in an element or between the quotation marks of an attribute. What XML can't hold is a question mark."""
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], _NONE.sub("?", text))


def cdata(text: str) -> str:
    """The text as CDATA, in two where it holds the end of one.

    >>> cdata("a]]>b")
    '<![CDATA[a]]]]><![CDATA[>b]]>'
    """
    return f"<![CDATA[{_NONE.sub('?', text).replace(']]>', ']]]]><![CDATA[>')}]]>"


def attributes(said: dict[str, str]) -> str:
    """What stands behind an element's name, with a space before each."""
    return "".join(f' {name}="{escaped(value)}"' for name, value in said.items())
