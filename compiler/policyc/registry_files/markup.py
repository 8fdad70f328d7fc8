"""XML of others to elements: without a document type and so without entities, bounded in size and depth."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import cast
from xml.etree import ElementTree as ET

from policyc.registry_files.entries import FormatError

LARGEST = 8 * 2**20
"""Bytes: a tree takes a multiple of its text."""
DEEPEST = 500
"""Elements in one another. Files of Group Policy have some ten, expressions of a digest may have more."""
MOST_ELEMENTS = 500_000
_PIECE = 2**16


def parse(content: bytes) -> ET.Element:
    """The root element. FormatError for what isn't well-formed, brings a document type, or is out of bounds."""
    if len(content) > LARGEST:
        raise FormatError(f"it has {len(content)} bytes, and of XML at most {LARGEST} are read")
    text = decoded(content)
    refuse_document_type(text)
    # Text, not bytes: the encoding that it declares is then left aside.
    parser: ET.XMLPullParser[ET.Element] = ET.XMLPullParser(("start", "end"))
    root: ET.Element | None = None
    depth = elements = 0
    try:
        for start in range(0, len(text), _PIECE):
            parser.feed(text[start : start + _PIECE])
            for event, element in cast("Iterator[tuple[str, ET.Element]]", parser.read_events()):
                root = element if root is None else root
                depth += 1 if event == "start" else -1
                elements += event == "start"
                _bound(depth, elements)
        parser.close()
    except ET.ParseError as error:
        raise FormatError(f"it is no well-formed XML: {error}") from None
    if root is None:  # pragma: no cover - the parser has refused that
        raise FormatError("it is no well-formed XML: it has no element")
    return root


def local_name(element: ET.Element) -> str:
    """The tag without its namespace."""
    return element.tag.rpartition("}")[2]


def decoded(content: bytes) -> str:
    """The text by its first bytes: files that declare UTF-16 are often stored as UTF-8."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"it is neither UTF-8 nor UTF-16 with a byte order mark: {error.reason}") from None


def refuse_document_type(text: str) -> None:
    """Looks where one may stand: after the declaration, comments and instructions, before the first element."""
    place = 0
    while True:
        while text[place : place + 1].isspace():
            place += 1
        for start, end in (("<?", "?>"), ("<!--", "-->")):
            if text.startswith(start, place) and (found := text.find(end, place + len(start))) >= 0:
                place = found + len(end)
                break
        else:
            break
    if text.startswith("<!DOCTYPE", place):
        raise FormatError("it brings a document type, which could define anything, and such files never do")


def _bound(depth: int, elements: int) -> None:
    if depth > DEEPEST:
        raise FormatError(f"its elements are nested more than {DEEPEST} deep")
    if elements > MOST_ELEMENTS:
        raise FormatError(f"it has more than {MOST_ELEMENTS:,} elements")
