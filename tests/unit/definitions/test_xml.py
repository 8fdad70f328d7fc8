"""Bytes to elements: every encoding that real files have, and nothing that could hurt."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.definitions.xml import DEEPEST, LARGEST, Element, XmlError, parse

TEXT = '<?xml version="1.0" encoding="{}"?>\r\n<a><b c="Ü">ä</b></a>'


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"),
        ("cp1252", "windows-1252"),
        # What vendors get wrong: the file says one encoding, and is in another.
        ("utf-8", "utf-16"),
        ("utf-8-sig", "utf-16"),
        ("utf-16", "utf-8"),
        ("utf-8", "no-such-encoding"),
    ],
)
def test_encodings(encoding: str, said: str) -> None:
    root = parse(TEXT.format(said).encode(encoding))
    (child,) = root.all("b")
    assert (child.get("c"), child.text, child.line) == ("Ü", "ä", 2)


def test_prefixes_of_names_dont_count() -> None:
    root = parse(b'<x:a xmlns:x="urn:any"><x:b/></x:a>')
    assert (root.name, [child.name for child in root.children]) == ("a", ["b"])


@pytest.mark.parametrize(
    ("data", "message", "line"),
    [
        (b"", "no element found", 1),
        (b"<a>\n<b>\n</a>", "mismatched tag", 3),
        (b"<a/><b/>", "junk after document element", 1),
        (b'<!DOCTYPE a [<!ENTITY x "y">]>\n<a>&x;</a>', "document type", 1),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd">\n<a/>', "document type", 1),
        (b"<a>&undefined;</a>", "undefined entity", 1),
        (b"<a>\n\xff</a>", "byte 0xFF is no UTF-8", 2),
        (b"<a>" * (DEEPEST + 1), "levels", 1),
        (b"\x00\x01\x02", "not well-formed", 1),
        ("<a>\0</a>".encode("utf-16"), "not well-formed", 1),
        (b"\xff\xfe<", "UTF-16", 1),
    ],
)
def test_what_is_refused(data: bytes, message: str, line: int) -> None:
    with pytest.raises(XmlError, match=message) as refused:
        parse(data)
    assert refused.value.line == line
    assert refused.value.help


def test_size_is_bounded() -> None:
    with pytest.raises(XmlError, match="larger than 16 MB"):
        parse(b" " * (LARGEST + 1))


def test_the_number_of_elements_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyc.definitions.xml.MOST_ELEMENTS", 3)
    with pytest.raises(XmlError, match="more than 3 elements"):
        parse(b"<a><b/><b/><b/></a>")


@given(st.binary(max_size=200) | st.text("<>/a!?= \"'&;[]\0\r\n-", max_size=60).map(str.encode))
def test_anything_is_a_tree_or_refused(data: bytes) -> None:
    with suppress(XmlError):
        assert isinstance(parse(data), Element)
