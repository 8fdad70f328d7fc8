"""From the bytes of a template to a tree of elements: bounded, without entities of its own, each element with its line.

Group Policy's files are XML in UTF-8 or UTF-16. Some say one and are the other: the mark at their beginning decides, then
what they say of themselves. A document type could name other files, or unfold to gigabytes: none is read.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import field
from xml.parsers import expat

from policyc.model.records import dataclass

LARGEST = 16 * 1024 * 1024
"""Bytes of one file. The largest that vendors ship have some two megabytes."""
MOST_ELEMENTS = 500_000
DEEPEST = 64
"""Levels of elements; the schema needs ten."""
_SAYS = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_CODE_PAGES = frozenset({"cp1250", "cp1251", "cp1252", "iso8859-1", "iso8859-2", "iso8859-15", "ascii"})
"""What a file without a mark may say that it is, besides UTF-8 and UTF-16."""


class XmlError(Exception):
    """A file that can't be read. The message says why."""

    def __init__(self, message: str, help: str, line: int | None = None) -> None:
        super().__init__(message)
        self.help = help
        self.line = line
        """1-based; None: it is about the file as a whole."""


@dataclass(slots=True)
class Element:
    """An element, without the prefix of its name: real files have several namespaces for one schema, or none."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    text: str = ""
    """The characters that stand directly in it."""

    def all(self, *names: str) -> Iterator[Element]:
        """The elements below this one that are called so, each name a level."""
        for child in self.children:
            if child.name == names[0]:
                if len(names) == 1:
                    yield child
                else:
                    yield from child.all(*names[1:])

    def first(self, *names: str) -> Element | None:
        """The first of them."""
        return next(self.all(*names), None)

    def get(self, name: str) -> str | None:
        """An attribute, None where it isn't there."""
        return self.attributes.get(name)

    def flag(self, name: str) -> bool:
        """An attribute that is true or false, by the words of XML Schema."""
        return self.attributes.get(name, "").strip().lower() in ("true", "1")


def parse(data: bytes) -> Element:
    """The root of a file. Raises XmlError."""
    return _Reader().read(_text(data))


def _text(data: bytes) -> str:
    if len(data) > LARGEST:
        raise XmlError(f"it is larger than {LARGEST // (1024 * 1024)} MB", "no template is: look what it really is")
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as failure:
        line = data.count(b"\n", 0, failure.start) + 1
        message = f"the byte 0x{data[failure.start]:02X} is no {encoding.removesuffix('-sig').upper()} here"
        raise XmlError(message, "save it as UTF-8, or take the vendor's file again", line) from None
    return text.removeprefix("\ufeff")


def _encoding(data: bytes) -> str:
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return name
    if data[:4] in (b"<\0?\0", b"\0<\0?"):
        return "utf-16-le" if data[:1] == b"<" else "utf-16-be"
    said = _SAYS.match(data[:300])
    if said is not None:
        try:
            name = codecs.lookup(said[1].decode("ascii")).name
        except LookupError:
            name = ""
        if name in _CODE_PAGES:
            return name
    return "utf-8"


class _Reader:
    def __init__(self) -> None:
        # What the file says of its encoding has had its say: what is parsed here is UTF-8.
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self._root: Element | None = None
        self._count = 0

    def read(self, text: str) -> Element:
        try:
            self._parser.Parse(text.encode("utf-8", "surrogatepass"), True)  # noqa: FBT003 - it takes no names
        except expat.ExpatError as failure:
            message = f"it is no well-formed XML: {expat.ErrorString(failure.code)}"
            raise XmlError(message, "take the vendor's file again, or mend this line", failure.lineno) from None
        if self._root is None:  # pragma: no cover - the parser has complained
            raise XmlError("it is empty", "take the vendor's file again")
        return self._root

    def _refuse(self, *_: object) -> None:
        message = "it has a document type of its own, which could name other files or unfold without end"
        raise XmlError(message, "take '<!DOCTYPE …>' out: no template needs one", self._parser.CurrentLineNumber)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) >= DEEPEST:
            what = f"more than {MOST_ELEMENTS:,} elements" if self._count > MOST_ELEMENTS else f"more than {DEEPEST} levels"
            raise XmlError(f"it has {what}", "no template has: look what it really is", self._parser.CurrentLineNumber)
        element = Element(name.rpartition(":")[2], attributes, self._parser.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)
        self._texts.append([])

    def _characters(self, text: str) -> None:
        self._texts[-1].append(text)

    def _end(self, _: str) -> None:
        self._open.pop().text = "".join(self._texts.pop())
