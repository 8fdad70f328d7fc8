"""Bytes to elements: encodings as ConfigMgr leaves them, no document type, nothing too large."""

from __future__ import annotations

import codecs
from xml.etree import ElementTree as ET

from policyc.targets.configmgr.digest.errors import DigestError

_LARGEST = 8 * 2**20
"""The largest script of an exported digest has 44 KB; a tree takes a multiple of its text."""


def parse(content: bytes) -> ET.Element:
    """The root element. DigestError for what isn't well-formed, or brings a document type and so entities."""
    if len(content) > _LARGEST:
        raise DigestError(f"the digest has {len(content)} bytes: at most {_LARGEST} are read")
    text = _decode(content)
    _refuse_document_type(text)
    try:
        # Text, not bytes: the encoding that it declares is then left aside.
        return ET.fromstring(text)  # noqa: S314 - no document type, so no entities; and bounded
    except ET.ParseError as error:
        raise DigestError(f"the digest is no well-formed XML: {error}") from None


def _decode(content: bytes) -> str:
    """By its first bytes: digests from the site declare UTF-16 and are often stored as UTF-8."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise DigestError(f"the digest is neither UTF-8 nor UTF-16 with a byte order mark: {error.reason}") from None


def _refuse_document_type(text: str) -> None:
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
        raise DigestError("the digest brings a document type, which ConfigMgr's never do")
