"""A resolved policy for people: a value a line, where it stands beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from textwrap import wrap

from policyc.diagnostics.reporters.plain import plain, width
from policyc.model import Change, Collection, Exemption, Setting
from policyc.resolved.as_tree import replaced
from policyc.resolved.collection import changed_by, head_tree, source_of
from policyc.resolved.origins import Origin, Places, origin_of, variables_in
from policyc.resolved.settings import Value, values

_WIDTH = 100
_WORD = 13
_VALUE = 46
"""Columns of a word, and of a value that has its place on the same line."""
_HEAD = ("policy", "id", "limited_to", "mode", "targets", "platforms", "baselines", "states", "packages")


def render(collection: Collection, chosen: Sequence[Setting], places: Places, *, whole: bool) -> Iterator[str]:
    """The lines of a collection with these settings; `whole` with all else that it says."""
    yield plain(collection.name)
    if whole:
        yield from _head(collection)
    shown = {setting.whole for setting in chosen}
    for exemption in collection.exemptions:
        if whole or shown.intersection(exemption.settings):
            yield ""
            yield from _exemption(exemption, places)
    exempted = {setting.id for setting in collection.exempted}
    for setting in chosen:
        yield ""
        yield from _setting(collection, setting, places, exempted=setting.id in exempted)


def _head(collection: Collection) -> Iterator[str]:
    tree = head_tree(collection)
    for word in _HEAD:
        if word in tree:
            value = tree[word]
            text = ", ".join(value) if isinstance(value, list) else value
            if isinstance(value, dict):
                text = ", ".join(f"{name}: {part}" if isinstance(part, str) else name for name, part in value.items())
            yield from _folded(word, text)
    for word, said in tree.get("intune", {}).items():
        yield from _folded(f"intune.{word}", ", ".join(said) if isinstance(said, list) else str(said))
    for word, members in tree.get("members", {}).items():
        text = members if isinstance(members, str) else ", ".join(members[:8]) + (" ..." if len(members) > 8 else "")
        yield from _folded(word, text)


def _exemption(exemption: Exemption, places: Places) -> Iterator[str]:
    line = places.line(exemption.location)
    at = f"{exemption.location.file}:{line}" if line else exemption.location.file
    yield from _folded("exception", ", ".join(exemption.settings))
    yield from _folded("until", f"{exemption.expires} ({at})")
    ticket = f", ticket {exemption.ticket}" if exemption.ticket else ""
    yield from _folded("owner", f"{exemption.owner}{ticket}")
    yield from _folded("because", exemption.reason)


def _setting(collection: Collection, setting: Setting, places: Places, *, exempted: bool) -> Iterator[str]:
    yield plain(f"{setting.id}: {setting.title}") + (" (not in force: exception)" if exempted else "")
    yield from _folded("from", source_of(setting))
    for value in values(setting, masked=True):
        if value.word != "title":
            yield from _value(collection, setting, value, places)
    for change in setting.layer.changes if setting.layer else ():
        yield from _change(collection, setting, change, places)


def _value(collection: Collection, setting: Setting, value: Value, places: Places) -> Iterator[str]:
    text = plain(_words(value.data))
    origin = origin_of(collection, setting, value, places)
    at = _at(origin)
    start = f"  {value.word:<{_WORD}} "
    if width(text) <= _VALUE:
        yield f"{start}{text}{' ' * (_VALUE - width(text))}  {at}"
    else:
        yield f"{start}{text}"
        yield f"{'':<{_WORD + _VALUE + 5}}{at}"
    for named in variables_in(setting, value):
        variable = f"from the variable '{plain(named.name)}'"
        yield f"{'':<{_WORD + 3}}{variable:<{_VALUE}}  {_at(places.origin(named.defined))}"


def _at(origin: Origin | None) -> str:
    return "(default)" if origin is None else plain(f"{origin.file}:{origin.line}  {origin.layer}")


def _words(data: object) -> str:
    """Data on one line: text as it is, where nobody could take it for something else."""
    if isinstance(data, str) and data and data == data.strip() and data[0] not in '"[{':
        return data
    if isinstance(data, dict):
        return ", ".join(f"{word or json.dumps(word)} {_part(part)}" for word, part in data.items())
    return json.dumps(data, ensure_ascii=False)


def _part(data: object) -> str:
    """A part of a mapping; a mapping of its own in brackets, as a policy may write it."""
    if isinstance(data, dict):
        return "{" + ", ".join(f"{word}: {_words(part)}" for word, part in data.items()) + "}"
    return str(data)


def _change(collection: Collection, setting: Setting, change: Change, places: Places) -> Iterator[str]:
    line = places.line(change.location)
    yield from _folded("overridden", f"by {changed_by(collection, change)}, {change.location.file}:{line}")
    gone = [f"{word.removeprefix('registry.')} {text}" for word, text in replaced(setting, change) if text is not None]
    if gone:
        yield from _folded("was", ", ".join(gone))
    yield from _folded("because", change.reason)


def _folded(word: str, text: str) -> Iterator[str]:
    """A word with a text that may need more lines."""
    room = _WIDTH - _WORD - 3
    parts = text.split("\n")
    lines = [line for part in parts for line in wrap(plain(part), room, break_long_words=False, break_on_hyphens=False)]
    for number, line in enumerate(lines or [""]):
        yield f"  {word if number == 0 else '':<{_WORD}} {line}".rstrip()
