"""Group Policy's `registry.pol`: `[key;value;type;size;data]` in UTF-16, after the signature PReg and a version (MS-GPREG).

A name of a value that begins with two asterisks is no name but a directive.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from policyc.registry_files.bounds import MOST_LISTED, name_too_long, too_many
from policyc.registry_files.entries import Action, Entry, FormatError, RawValue
from policyc.registry_files.values import Type, decode

SIGNATURE = b"PReg"
VERSION = 1
_OPEN, _CLOSE, _SEPARATOR, _NUL = (mark.encode("utf-16-le") for mark in "[];\0")


def read_pol(data: bytes) -> list[Entry]:
    """The entries, with the key as the file has it, which is without a hive. Raises FormatError.

    A directive that is none of those known is an entry that sets a value of this name.
    """
    if not data.startswith(SIGNATURE):
        raise FormatError("the file doesn't begin with 'PReg', as each registry.pol does")
    if len(data) < 8:
        raise FormatError("the file ends within its first eight bytes")
    (version,) = struct.unpack_from("<I", data, 4)
    if version != VERSION:
        raise FormatError(f"the file is of version {version} of its format; version {VERSION} is known")
    return list(_Reader(data).entries())


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 8
        self._number = 0

    def entries(self) -> Iterator[Entry]:
        while self._at < len(self._data):
            self._number += 1
            large = too_many(self._number, "entries")
            if large is not None:
                raise FormatError(large)
            self._expect(_OPEN, "begin with '['")
            yield from self._entry()

    def _entry(self) -> Iterator[Entry]:
        key = self._text("key")
        if self._takes(_CLOSE):
            return iter((self._made(Action.CREATE_KEY, key),))
        self._expect(_SEPARATOR, "have ';' behind its key")
        name = self._text("name of the value")
        # A directive may have its list behind it.
        self._refuse(None if name.startswith("**") else name_too_long(name))
        if self._takes(_CLOSE):
            return iter((self._made(Action.CREATE_KEY, key),))
        self._expect(_SEPARATOR, "have ';' behind the name of its value")
        number = self._integer("type")
        self._expect(_SEPARATOR, "have ';' behind its type")
        size = self._integer("size")
        self._expect(_SEPARATOR, "have ';' behind its size")
        content = self._data[self._at : self._at + size]
        if len(content) < size:
            raise self._wrong(f"says that it has {size} bytes of data, and the file has {len(content)} more")
        self._at += size
        self._expect(_CLOSE, "have ']' behind its data")
        return self._meant(key, name, RawValue(number, content))

    def _meant(self, key: str, name: str, value: RawValue) -> Iterator[Entry]:
        if not name and value.type == Type.REG_NONE and not value.data:
            yield self._made(Action.CREATE_KEY, key)
            return
        if name.startswith("**"):
            folded = name.lower()
            if folded.startswith("**comment:"):
                return
            for directive, act in _DIRECTIVES.items():
                if folded.startswith(directive):
                    self._refuse(_too_much_listed(key, name, value))
                    found = list(act(self._made, key, name[len(directive) :], value))
                    if found:
                        yield from found
                        return
        yield self._made(Action.SET, key, name, value)

    def _made(self, action: Action, key: str, name: str | None = None, value: RawValue | None = None) -> Entry:
        return Entry(action, key, name, value, self._number)

    def _text(self, what: str) -> str:
        """Up to its NUL: a name may hold every other character, brackets and semicolons too."""
        end = self._at
        while (end := self._data.find(_NUL, end)) >= 0 and (end - self._at) % 2:
            end += 1
        if end < 0:
            raise self._wrong(f"has no end of its {what}")
        text = self._data[self._at : end].decode("utf-16-le", "surrogatepass")
        self._at = end + 2
        return text

    def _integer(self, what: str) -> int:
        if self._at + 4 > len(self._data):
            raise self._wrong(f"ends within its {what}")
        (number,) = struct.unpack_from("<I", self._data, self._at)
        self._at += 4
        return int(number)

    def _refuse(self, large: str | None) -> None:
        if large is not None:
            raise FormatError(f"entry {self._number}, at byte {self._at} of the file: {large}")

    def _takes(self, mark: bytes) -> bool:
        there = self._data.startswith(mark, self._at)
        self._at += 2 * there
        return there

    def _expect(self, mark: bytes, what: str) -> None:
        if not self._takes(mark):
            raise self._wrong(f"doesn't {what}")

    def _wrong(self, what: str) -> FormatError:
        return FormatError(f"entry {self._number}, at byte {self._at} of the file, {what}")


_Make = Callable[..., Entry]


def _delete_value(make: _Make, key: str, rest: str, _: RawValue) -> Iterator[Entry]:
    yield make(Action.DELETE_VALUE, key, rest)


def _delete_values(make: _Make, key: str, rest: str, value: RawValue) -> Iterator[Entry]:
    for name in _listed(rest, value):
        yield make(Action.DELETE_VALUE, key, name)


def _delete_keys(make: _Make, key: str, rest: str, value: RawValue) -> Iterator[Entry]:
    for name in _listed(rest, value):
        yield make(Action.DELETE_KEY, f"{key}\\{name}" if key else name)


def _delete_all_values(make: _Make, key: str, _rest: str, _: RawValue) -> Iterator[Entry]:
    yield make(Action.DELETE_ALL_VALUES, key)


def _soft(make: _Make, key: str, rest: str, value: RawValue) -> Iterator[Entry]:
    yield make(Action.SET_IF_ABSENT, key, rest, value)


def _secure(make: _Make, key: str, _rest: str, _: RawValue) -> Iterator[Entry]:
    yield make(Action.SECURE_KEY, key)


_DIRECTIVES: dict[str, Callable[[_Make, str, str, RawValue], Iterator[Entry]]] = {
    "**del.": _delete_value,
    "**deletevalues": _delete_values,
    "**deletekeys": _delete_keys,
    "**delvals": _delete_all_values,
    "**soft.": _soft,
    "**securekey": _secure,
}


def _too_much_listed(key: str, name: str, value: RawValue) -> str | None:
    """Each name of a list is a key of its own, with all of the key above it."""
    names = name.count(";") + value.data.count(b";") + 1
    size = names * len(key) + len(name) + len(value.data)
    return None if size <= MOST_LISTED else f"its list of {names} names is larger than any registry needs"


def _listed(rest: str, value: RawValue) -> list[str]:
    """The names in a list with semicolons, which is the data, or stands behind the directive itself."""
    known = decode(RawValue(Type.REG_SZ, value.data))
    text = rest.strip() or (str(known[1]) if known is not None else "")
    return [name for part in text.split(";") if (name := part.strip(" \0"))]
