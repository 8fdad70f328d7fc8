"""Characters that hide what a policy says. Who means one writes it as an escape, which everybody sees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyc.diagnostics import Diagnostic, error
from policyc.model import Location
from policyc.model.characters import look_alikes, unseen
from policyc.source.limits import MOST_FINDINGS
from policyc.source.marks import Marks
from policyc.source.reading import split_lines
from policyc.source.wording import quoted

_PROSE = frozenset({"why", "reason", "owner", "references"})
_PLACE = frozenset({"key", "name"})
_REGISTRIES = frozenset({"registry", "registry_32"})
_Way = tuple[str | int, ...]


def hidden(file: str, text: str) -> list[Diagnostic]:
    """Characters that stand in the text and can't be seen, comments included. One finding a line."""
    found: list[Diagnostic] = []
    if next(unseen(text), None) is None:
        return found
    for number, line in enumerate(split_lines(text), start=1):
        at = next(unseen(line), None)
        if at is None:
            continue
        message = f"The line holds {_named(line[at])}, which can't be seen and changes what is read"
        way_out = f"take it out; where it is meant, write it as {_escape(line[at])} in double quotes"
        found.append(error("PC0347", message, Location(file, line=number, column=at + 1), help=way_out))
        if len(found) >= MOST_FINDINGS:
            break
    return found


def disguised(file: str, text: str, tree: Any) -> list[Diagnostic]:  # noqa: ANN401 - any node
    """Texts of a file in which characters look like others. `text` is the file's: what is an escape there is meant."""
    found: list[Diagnostic] = []
    marks = Marks(text)
    for path, value, on_key in _texts(tree, ()):
        strange = look_alikes(value, is_place=_is_place(path, on_key=on_key))
        if not strange:
            continue
        # What stands there as an escape is seen by everybody.
        raw = marks.raw(path, on_key=on_key)
        strange = [character for character in strange if character in raw]
        if not strange:
            continue
        names = " and ".join(map(_named, strange[:3])) + (" and more" if len(strange) > 3 else "")
        message = f"{quoted(value)} holds {names}, drawn like another character"
        escapes = ", ".join(map(_escape, strange[:3]))
        way_out = (
            f"write it anew with the characters that it seems to have; where it is meant, write {escapes} in double quotes"
        )
        found.append(error("PC0348", message, Location(file, path, on_key=on_key), help=way_out))
        if len(found) >= MOST_FINDINGS:
            break
    return found


def _is_place(path: _Way, *, on_key: bool) -> bool:
    """Whether a text names a place: the key or name of a setting; or what a state is spelled in, keys and names of values."""
    if not on_key:
        return len(path) > 1 and path[-1] in _PLACE and path[-2] == "registry"
    rest = path[2:] if path[0] == "tests" else path
    rest = rest[2:] if rest[:2] == ("expect", "writes") else rest
    return bool(rest) and ((rest[0] in _REGISTRIES and len(rest) > 1) or (rest[0] == "users" and len(rest) > 2))


def _texts(node: Any, path: _Way) -> Iterator[tuple[_Way, str, bool]]:  # noqa: ANN401 - any node
    """Texts that aren't prose for people, keys of mappings too, with their way. The schema bounds the depth."""
    if isinstance(node, str):
        if not node.isascii():
            yield path, node, False
    elif isinstance(node, dict):
        for key, value in node.items():
            if not key.isascii():
                yield (*path, key), key, True
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
