"""Characters that hide what a policy says. Who means one writes it as an escape, which everybody sees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyc.diagnostics import Diagnostic, error
from policyc.model import Location
from policyc.model.characters import look_alikes, unseen
from policyc.source.limits import MOST_FINDINGS
from policyc.source.marks import Marks
from policyc.source.reading import position
from policyc.source.wording import quoted

_PROSE = frozenset({"why", "reason", "owner", "references"})
_PLACE = frozenset({"key", "name"})


def hidden(file: str, text: str) -> list[Diagnostic]:
    """Characters that stand in the text and can't be seen, comments included. One finding a line."""
    found: dict[int, Diagnostic] = {}
    for offset in unseen(text):
        line, column = position(text, offset)
        if line not in found:
            message = f"The line holds {_named(text[offset])}, which can't be seen and changes what is read"
            way_out = f"take it out; where it is meant, write it as {_escape(text[offset])} in double quotes"
            found[line] = error("PC0347", message, Location(file, line=line, column=column), help=way_out)
        if len(found) >= MOST_FINDINGS:
            break
    return list(found.values())


def disguised(file: str, text: str, tree: Any) -> list[Diagnostic]:  # noqa: ANN401 - any node
    """Texts of a file in which characters look like others. `text` is the file's: what is an escape there is meant."""
    found: list[Diagnostic] = []
    marks = Marks(text)
    for path, value in _texts(tree, ()):
        is_place = len(path) > 1 and path[-1] in _PLACE and path[-2] == "registry"
        strange = look_alikes(value, is_place=is_place)
        if not strange or len(found) >= MOST_FINDINGS:
            continue
        # What stands there as an escape is seen by everybody.
        raw = marks.raw(path)
        strange = [character for character in strange if character in raw]
        if not strange:
            continue
        names = " and ".join(map(_named, strange[:3])) + (" and more" if len(strange) > 3 else "")
        message = f"{quoted(value)} holds {names}, drawn like another character"
        escapes = ", ".join(map(_escape, strange[:3]))
        way_out = (
            f"write it anew with the characters that it seems to have; where it is meant, write {escapes} in double quotes"
        )
        found.append(error("PC0348", message, Location(file, path), help=way_out))
    return found


def _texts(node: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:  # noqa: ANN401
    """Texts that aren't prose for people, with their way. The schema bounds the depth."""
    if isinstance(node, str):
        if not node.isascii():
            yield path, node
    elif isinstance(node, dict):
        for key, value in node.items():
            if key not in _PROSE:
                yield from _texts(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _texts(value, (*path, index))


def _named(character: str) -> str:
    import unicodedata

    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X}" + (f" ({name})" if name else "")


def _escape(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04X}" if number < 0x10000 else f"\\U{number:08X}"
