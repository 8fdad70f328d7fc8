"""What a parser's complaint means, in an administrator's words."""

from __future__ import annotations

from typing import NamedTuple

import yaml

from policyc.diagnostics import Diagnostic, Related, error
from policyc.model import Location
from policyc.source.reading import position
from policyc.source.wording import quoted

_ESCAPES = "in double quotes a backslash begins an escape: use single quotes, or none, for paths and registry keys"
_INDENT = "check that the line is indented, with spaces, exactly like its neighbours"


class _Words(NamedTuple):
    """`parts`: pieces that the parser's message (problem and context, libyaml's or PyYAML's) must hold."""

    parts: tuple[str, ...]
    message: str
    help: str


_TABLE = (
    _Words(("found unknown escape character",), "This escape is not known in double quotes", _ESCAPES),
    _Words(("hexdecimal number",), "The escape in double quotes lacks hex digits", _ESCAPES),
    _Words(("expected escape sequence of",), "The escape in double quotes lacks hex digits", _ESCAPES),
    _Words(("invalid Unicode character escape",), "The escape in double quotes names no character", _ESCAPES),
    _Words(
        ("mapping values are not allowed",),
        "A colon stands where no key can be",
        f"put text with a colon and a space in quotes, add the colon that the line above lacks, or {_INDENT}",
    ),
    _Words(
        ("quoted scalar", "end of stream"),
        "The quotes that are opened here are never closed",
        "close them, or double a quote that belongs to the text",
    ),
    _Words(
        ("quoted scalar", "document indicator"),
        "The quotes that are opened here aren't closed before the document ends",
        "close them",
    ),
    _Words(
        ("could not find expected ':'",), "A key lacks its colon", f"write 'key: value'; for text over several lines, {_INDENT}"
    ),
    _Words(("tab character",), "A tab stands where only spaces may", "indent with spaces"),
    _Words(
        ("flow sequence",),
        "The list in brackets isn't closed, or a comma is missing",
        "close it with ']', with commas between the items",
    ),
    _Words(
        ("flow mapping",),
        "The mapping in braces isn't closed, or a comma is missing",
        "close it with '}', with commas between the entries",
    ),
    _Words(
        ("sequence entries are not allowed",),
        "A list item stands where none can be",
        f"put the '-' on a line of its own below its key; {_INDENT}",
    ),
    _Words(("block collection",), "This line doesn't fit the list around it", _INDENT),
    _Words(("block sequence",), "This line doesn't fit the list around it", _INDENT),
    _Words(
        ("block mapping",),
        "This line doesn't fit the mapping around it",
        f"{_INDENT}; put text that begins with a quote, bracket or brace in quotes as a whole",
    ),
    _Words(("mapping keys are not allowed",), "A '?' stands where no key can be", "put text that begins with '?' in quotes"),
    _Words(("scanning an alias",), "Text that begins with '*' is read as an alias", "put it in quotes"),
    _Words(("scanning an anchor",), "Text that begins with '&' is read as an anchor", "put it in quotes"),
    _Words(
        ("block scalar",),
        "The text block's first line holds more than '|' or '>' and its indicators",
        "begin the text on the next line",
    ),
    _Words(("undefined tag handle",), "Text that begins with '!' is read as a tag", "put it in quotes: policies need no tags"),
    _Words(("scanning a tag",), "Text that begins with '!' is read as a tag", "put it in quotes: policies need no tags"),
    _Words(("parsing a tag",), "Text that begins with '!' is read as a tag", "put it in quotes: policies need no tags"),
    _Words(
        ("directive",),
        "A line that begins with '%' is read as a directive",
        "take it out, or put text that begins with '%' in quotes",
    ),
    _Words(
        ("incompatible YAML document",),
        "The file says that it is written in another version of YAML",
        "take out the line '%YAML'",
    ),
    _Words(("expected <document start>",), "Something stands behind the end of the document", _INDENT),
    _Words(
        ("node content",),
        "Something is missing here, or doesn't belong",
        "put text that begins with a special character in quotes",
    ),
    _Words(("cannot start any token",), "Text can't begin with this character", "put it in quotes"),
)


def explain_failure(file: str, text: str, failure: BaseException) -> Diagnostic:
    """The finding for what parsing raised."""
    if not isinstance(failure, yaml.MarkedYAMLError) or failure.problem_mark is None:
        return _unmarked(file, text, failure)
    mark = failure.problem_mark
    place = Location(file, line=mark.line + 1, column=mark.column + 1)
    problem, context = failure.problem or "", failure.context or ""
    words = _look_up(problem, f"{problem} {context}")
    related = []
    opened = failure.context_mark
    if opened is not None and opened.line != mark.line:
        where = Location(file, line=opened.line + 1, column=opened.column + 1)
        if "quoted scalar" in context and "end of stream" in problem:
            place = where
        else:
            related = [Related(where, "it belongs to what begins here")]
    if words is None:
        return error("PC0101", f"This is not valid YAML: {problem or context}", place, help=_INDENT, related=related)
    message, way_out = words.message, words.help
    if "invalid Unicode character escape" in problem:
        return error("PC0108", message, place, help="write the character itself, or its full escape such as \\U0001F600")
    if "cannot start any token" in problem:
        message, way_out = _first_character(text, mark.line, mark.column, message, way_out)
    return error("PC0101", message, place, help=way_out, related=related)


def _look_up(problem: str, both: str) -> _Words | None:
    """The problem itself says more than what was being read, so it is asked first."""
    for said in (problem, both):
        for words in _TABLE:
            if all(part in said for part in words.parts):
                return words
    return None


def _first_character(text: str, line: int, column: int, message: str, help: str) -> tuple[str, str]:
    from policyc.source.reading import split_lines

    lines = split_lines(text)
    character = lines[line][column : column + 1] if line < len(lines) else ""
    if character == "\t":
        return "A tab stands where only spaces may", "indent with spaces"
    return (f"Text can't begin with {quoted(character)}", help) if character else (message, help)


def _unmarked(file: str, text: str, failure: BaseException) -> Diagnostic:
    """Readers give an offset; the escapes of PyYAML's own scanner may give no place at all."""
    offset = getattr(failure, "position", None)
    if isinstance(failure, yaml.reader.ReaderError) and isinstance(offset, int):
        line, column = position(text, offset)
        place = Location(file, line=line, column=column)
        return error(
            "PC0108",
            "The file holds a character that YAML doesn't allow",
            place,
            help="take it out, or write it as an escape in double quotes",
        )
    reason = str(failure).splitlines()[0] if str(failure) else type(failure).__name__
    return error(
        "PC0101", f"This is not valid YAML: {quoted(reason)}", Location(file), help="check quotes, escapes and indentation"
    )
