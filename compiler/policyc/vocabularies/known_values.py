"""What Windows keeps in well-known values: `windows_values.txt`, the one place for this knowledge.

Checks of policies and all importers ask here. The file is read when it is first asked for, in less than a millisecond.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from policyc.model import Hive, Kind, upper
from policyc.model.records import dataclass

_FILE = "windows_values.txt"
_HIVES = tuple(f"{hive}\\" for hive in Hive)
_ANY = "*"
_LEVEL = "\\*"
_BELOW = "\\**"


@dataclass(frozen=True, slots=True)
class KnownValue:
    """What is known of a value."""

    name: str
    """As Windows' own tools spell it."""
    kind: Kind
    """The kind in which Windows keeps and reads it."""
    is_number: bool
    """It is text, and the text is a number."""
    sources: tuple[str, ...]
    """Where that is from, in the short names that the file explains."""


def known_value(hive: Hive, key: str, name: str) -> KnownValue | None:
    r"""What is known of a value. `key` is below the hive, in its canonical spelling (`policyc.kinds.registry.places`).

    >>> known_value(Hive.USER, r"Control Panel\Desktop", "ScreenSaveTimeOut").kind
    <Kind.STRING: 'string'>
    """
    for names in _said_of(hive, key):
        line = names.get(upper(name)) or names.get(_ANY)
        if line is not None:
            return _value(line, name)
    return None


@lru_cache(maxsize=8192)
def _said_of(hive: Hive, key: str) -> tuple[_Names, ...]:
    """What is said of the values of a key: nothing of most, and many policies have the same."""
    place, table = f"{hive}\\{upper(key)}", _table()
    found = (table.keys.get(place), table.levels.get(place.rpartition("\\")[0]), table.below(place))
    return tuple(names for names in found if names is not None)


@lru_cache(maxsize=8192)
def value_at_end(hive: Hive, key: str) -> KnownValue | None:
    r"""The well-known value whose name is the last part of what should be its key, as in `…\Control\Lsa\RunAsPPL`.

    >>> value_at_end(Hive.MACHINE, r"SYSTEM\CurrentControlSet\Control\Lsa\RunAsPPL").name
    'RunAsPPL'
    """
    above, _, last = key.rpartition("\\")
    place, folded = f"{hive}\\{upper(above)}", upper(last)
    table = _table()
    for names in (table.keys.get(place), table.levels.get(place.rpartition("\\")[0])):
        line = None if names is None else names.get(folded)
        if line is not None:
            as_key = f"{place}\\{folded}\\"
            is_key = any(f"{known}\\".startswith(as_key) for known in table.keys)
            return None if is_key else _value(line, last)
    return None


_Names = dict[str, str]
"""Lines of the file by upper-cased name."""


@dataclass(frozen=True, slots=True)
class _Table:
    """By upper-cased key, with its hive."""

    keys: dict[str, _Names]
    levels: dict[str, _Names]
    """By the key above any key."""
    trees: dict[str, _Names]

    def below(self, place: str) -> _Names | None:
        """What is said of a key and all that is below it."""
        return next((names for top, names in self.trees.items() if place == top or place.startswith(f"{top}\\")), None)


@cache
def _table() -> _Table:
    table = _Table({}, {}, {})
    names: _Names = {}
    text = Path(__file__).with_name(_FILE).read_text(encoding="ascii")
    # Lines are kept as they stand: of hundreds a run asks for few.
    for line, folded in zip(text.splitlines(), text.upper().splitlines(), strict=True):
        if folded.startswith("["):
            names = {}
            _enter(table, folded[1:-1], names)
        elif folded and not folded.startswith("#"):
            names[folded.partition(" = ")[0]] = line
    return table


def _enter(table: _Table, key: str, names: _Names) -> None:
    hives = ("",) if key.startswith(_HIVES) else _HIVES
    for hive in hives:
        if key.endswith(_BELOW):
            table.trees[hive + key.removesuffix(_BELOW)] = names
        elif key.endswith(_LEVEL):
            table.levels[hive + key.removesuffix(_LEVEL)] = names
        else:
            table.keys[hive + key] = names


def _value(line: str, asked: str) -> KnownValue:
    name, _, facts = line.partition(" = ")
    kinds, _, sources = facts.partition("; ")
    kind, *number = kinds.split()
    return KnownValue(asked if name == _ANY else name, Kind(kind), bool(number), tuple(sources.split()))
