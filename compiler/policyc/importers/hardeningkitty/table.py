"""A finding list as a table: the records that PowerShell's Import-Csv would read, each with its line."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policyc.registry_files.entries import FormatError

REQUIRED = ("ID", "Name", "Method", "RegistryPath", "RegistryItem", "RecommendedValue", "Operator")
OPTIONAL = ("Category", "MethodArgument", "ClassName", "Namespace", "Property", "DefaultValue", "Severity")
"""What HardeningKitty takes for empty where a list has no such column."""

_MOST_LINES = 100_000
_MOST_FIELDS = 1_000
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_BLANKS = re.compile(r"[ \t]*")
_QUOTED = re.compile(r'"([^"]*(?:""[^"]*)*)"')
_BARE = re.compile(r"[^,\r\n]*")
_TRAILING = re.compile(r'([^ \t"]+[ \t])[ \t]*')
_LINE_END = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Row:
    """One record under the names of the columns."""

    line: int
    fields: Mapping[str, str]
    """Every name of REQUIRED and OPTIONAL is in it."""
    misshapen: str = ""
    """What is wrong with the record, where its fields don't fit the columns; they may then be shifted."""


def read_table(data: bytes) -> Iterator[Row]:
    """The records below the first line. Raises FormatError for what isn't such a list."""
    text = _text(data)
    if text.count("\n") + text.count("\r") > 2 * _MOST_LINES:
        raise FormatError(f"the file has more than {_MOST_LINES:,} lines, and the longest list has some thousand")
    records = _records(text)
    header = next(records, None)
    if header is not None and header[1][0].startswith("#TYPE "):
        header = next(records, None)  # what Export-Csv puts first
    columns = _columns(header)
    for line, fields in records:
        misshapen = ""
        if len(fields) != len(columns):
            misshapen = (
                f"its record has {len(fields)} fields and the first line names {len(columns)} columns;"
                " text that holds a comma needs quotation marks around it"
            )
        named = dict.fromkeys((*REQUIRED, *OPTIONAL), "")
        named.update((name, field) for name, field in zip(columns, fields, strict=False) if name in named)
        yield Row(line, named, misshapen)


def _text(data: bytes) -> str:
    bom, encoding = next(((bom, name) for bom, name in _BOMS if data.startswith(bom)), (b"", "utf-8"))
    try:
        text = data[len(bom) :].decode(encoding)
    except UnicodeDecodeError as undecodable:
        before = data[len(bom) : len(bom) + undecodable.start].decode(encoding, "replace")
        message = f"line {_lines(before) + 1} isn't text in {encoding[:6].upper()}; save the list as 'CSV UTF-8'"
        raise FormatError(message) from None
    if "\0" in text:
        raise FormatError(f"line {_lines(text[: text.index(chr(0))]) + 1} holds a NUL character, so this is no CSV file")
    return text


def _lines(text: str) -> int:
    return sum(1 for _ in _LINE_END.finditer(text))


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line, fields) of each record that isn't empty."""
    at, line = 0, 1
    while at < len(text):
        start = at
        fields, at = _record(text, at, line)
        if fields != [""]:
            yield line, fields
        line += _lines(text[start:at])


def _record(text: str, at: int, line: int) -> tuple[list[str], int]:
    fields = []
    start = at
    while True:
        blanks = _BLANKS.match(text, at)
        at = blanks.end() if blanks else at
        if text.startswith('"', at):
            quoted = _QUOTED.match(text, at)
            if quoted is None:
                raise FormatError(f"the quotation mark that opens in line {line + _lines(text[start:at])} is never closed")
            field, at = quoted[1].replace('""', '"'), quoted.end()
        else:
            field = ""
        rest, at = _bare(text, at)
        # Behind a closing quotation mark blanks are dropped, anything else belongs to the field.
        fields.append(field + rest if rest.strip(" \t") else field)
        if len(fields) > _MOST_FIELDS:
            raise FormatError(f"line {line} has more than {_MOST_FIELDS:,} fields, and a list has some ten columns")
        if not text.startswith(",", at):
            end = _LINE_END.match(text, at)
            return fields, end.end() if end else at
        at += 1


def _bare(text: str, at: int) -> tuple[str, int]:
    """What stands outside of quotation marks, up to the next comma or line. One of the blanks at its end stays, no more."""
    bare = _BARE.match(text, at)
    if bare is None:
        return "", at
    trailing = _TRAILING.fullmatch(bare[0])
    return trailing[1] if trailing else bare[0], bare.end()


def _columns(header: tuple[int, list[str]] | None) -> list[str]:
    """The columns as HardeningKitty spells them; PowerShell doesn't regard their case."""
    if header is None:
        raise FormatError("the file is empty; a finding list begins with a line that names its columns")
    line, fields = header
    spelled = {name.casefold(): name for name in (*REQUIRED, *OPTIONAL)}
    columns = [spelled.get(field.strip().casefold(), field) for field in fields]
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        message = f"line {line} should name the columns of a finding list, and has no {_listed(missing)}"
        if len(fields) == 1 and fields[0].count(";") >= len(REQUIRED) - 1:
            message += "; its columns are separated by semicolons, HardeningKitty reads commas"
        raise FormatError(message)
    twice = sorted({name for name in columns if name in spelled.values() and columns.count(name) > 1})
    if twice:
        raise FormatError(f"line {line} names the column {_listed(twice)} twice")
    return columns


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
