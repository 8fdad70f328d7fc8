"""Security templates (`GptTmpl.inf`, and what `secedit /export` writes), read as far as they are about the registry.

Below `[Registry Values]` a line is `KEY\\Name=type,data`, with Windows' number of the kind (MS-GPSB). Data of several elements
has commas between them; quotation marks keep a comma in an element, around all of it or around the comma alone.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from policyc.model import Data, Kind
from policyc.registry_files import FormatError, RawValue
from policyc.registry_files.bounds import too_many
from policyc.registry_files.values import Type, encode

REGISTRY = "registry values"
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SECTION = re.compile(r"\[([^\]]*)\]\s*(?:;.*)?")
# Blanks before the sign are the path's until it is stripped: looked for at each place, a line of blanks would take for ever.
_VALUE = re.compile(r"(?P<path>.*?)=[ \t]*(?P<type>[0-9]{1,3})[ \t]*,(?P<data>.*)")
_NUMBER = re.compile(r"[0-9]{1,10}")
_KINDS = {Type.REG_SZ: Kind.STRING, Type.REG_EXPAND_SZ: Kind.EXPAND_STRING}
_HEADS = frozenset({"unicode", "version", "profile description", "strings"})


class DataError(ValueError):
    """The data of a line can't be read. The message says why."""


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A line that says something."""

    number: int
    section: str
    """As the file has it."""
    text: str

    @property
    def is_registry(self) -> bool:
        """Whether it is about a value of the registry."""
        return self.section.lower() == REGISTRY


def read_template(data: bytes) -> list[TemplateLine]:
    """The lines but those that only say what the file is. FormatError for what is no security template."""
    text = _decoded(data)
    large = too_many(text.count("\n") + text.count("\r") - text.count("\r\n"), "lines")
    if large is not None:
        raise FormatError(large)
    found: list[TemplateLine] = []
    section: str | None = None
    sections: set[str] = set()
    for number, line in enumerate(re.split(r"\r\n?|\n", text), start=1):
        content = line.strip(" \t")
        if not content or content.startswith(";"):
            continue
        head = _SECTION.fullmatch(content)
        if head is not None:
            section = head[1].strip()
            sections.add(section.lower())
        elif section is None:
            raise FormatError(f"line {number} stands in no section: a security template begins with a line like '[Unicode]'")
        elif section.lower() not in _HEADS:
            found.append(TemplateLine(number, section, content))
    if not sections & {REGISTRY, "version", "unicode"}:
        raise FormatError("it has none of the sections [Version], [Unicode] and [Registry Values] of a security template")
    return found


def registry_value(text: str) -> tuple[str, str, RawValue]:
    """Key (as the file has it), name and value of a line below `[Registry Values]`. Raises DataError."""
    match = _VALUE.fullmatch(text)
    if match is None:
        raise DataError(r"a line here is KEY\Name=type,data")
    path = match["path"].strip()
    if len(path) > 1 and path[0] == path[-1] == '"':
        path = path[1:-1]
    key, _, name = path.rpartition("\\")
    return key, name, _value(int(match["type"]), match["data"].strip(" \t"))


def _value(number: int, text: str) -> RawValue:
    if number in _KINDS:
        return encode(_KINDS[Type(number)], _whole(text))
    if number == Type.REG_MULTI_SZ:
        return encode(Kind.MULTI_STRING, tuple(_elements(text)) if text else ())
    if number == Type.REG_DWORD:
        if not _NUMBER.fullmatch(text) or int(text) >= 2**32:
            raise DataError("the data of a DWORD is a whole number here, up to 4294967295")
        return encode(Kind.DWORD, int(text))
    if number == Type.REG_BINARY:
        return encode(Kind.BINARY, _bytes(text))
    raise DataError(f"no value of the type {number} is known here: 1, 2, 3, 4 and 7 are")


def _bytes(text: str) -> Data:
    parts = [part.strip() for part in text.split(",")]
    if not all(len(part) == 1 and part in "0123456789" for part in parts):
        # Nothing says in which base a longer byte is written.
        raise DataError("of binary data only bytes of one digit can be told")
    return bytes(int(part) for part in parts)


def _whole(text: str) -> str:
    """A string: without the marks around it, and one for each two within."""
    inner = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    return inner.replace('""', '"')


def _elements(text: str) -> Iterator[str]:
    """A mark opens or closes; a comma between an opening and a closing one belongs to the element."""
    if text.count('"') % 2:
        raise DataError("a quotation mark is never closed")
    kept: list[str] = []
    for number, part in enumerate(text.split('"')):
        if number % 2:
            kept.append(part)
            continue
        first, *others = part.split(",")
        kept.append(first)
        for other in others:
            yield "".join(kept)
            kept = [other]
    yield "".join(kept)


def _decoded(data: bytes) -> str:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _with(encoding, data[len(bom) :])
    if b"\0" in data[:64]:
        return _with("utf-16-le", data)
    try:
        return _with("utf-8", data)
    except FormatError:
        return _with("cp1252", data)


def _with(encoding: str, data: bytes) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as wrong:
        raise FormatError(f"byte {wrong.start} is no text in {encoding}") from None
    if "\0" in text:
        raise FormatError("it holds a NUL character, so this is no text")
    return text
