"""From entries of registry files to settings: what a file does to a registry, said as what must hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any

from policyc.evaluation import counted
from policyc.importers.classes import CHOOSE, in_classes
from policyc.importers.found import Found, Imported, Refused
from policyc.importers.ids import of_place
from policyc.importers.registry_lists import ValueList, value_lists
from policyc.importers.registry_names import list_title, title
from policyc.importers.registry_order import Keys, Outcome, Placed, outcome
from policyc.kinds.registry.needed import needed
from policyc.kinds.registry.places import DEEPEST_KEY, Complaint, parse_key
from policyc.kinds.registry.words import listed_words
from policyc.model import Data, Kind, Listed, Place, View
from policyc.registry_files import Action, Entry, RawValue
from policyc.registry_files.reg import Malformed
from policyc.registry_files.values import Type, decode, type_name

_SIZES: dict[int, int] = {Type.REG_DWORD: 4, Type.REG_QWORD: 8}
_HALF = re.compile("[\ud800-\udfff]")
_TEXTS = frozenset({Type.REG_SZ, Type.REG_EXPAND_SZ, Type.REG_MULTI_SZ})
_CONDITIONS: dict[Action, dict[str, Any]] = {
    Action.CREATE_KEY: {"present": True},
    Action.DELETE_KEY: {"absent": True},
    Action.DELETE_VALUE: {"absent": True},
}
_NO_SETTING = {
    Action.DELETE_ALL_VALUES: "it deletes every value of the key, and what the file then writes there can't all be said; "
    "write 'only_values:' with what the key is to hold",
    Action.SECURE_KEY: "it changes who may write to the key, and a policy changes values, not permissions",
}
_MADE_ANEW = (
    "the file deletes the key with all that is below it and then writes to it again, and a policy that removes a key wants it "
    "gone; what it writes is imported, what else is below the key stays"
)


def imported(
    entries: Sequence[Entry],
    called: str,
    source: Callable[[int], str],
    malformed: Iterable[Malformed] = (),
    headings: Container[int] = frozenset(),
    *,
    ordered: bool = True,
) -> Imported:
    """What entries mean together.

    `called` is the file's name in words, `source` tells where a number stands. `headings` are the numbers of keys that say
    where other entries belong: they count for nothing, unless they make a key anew. `ordered`: each entry is done to what
    those before it left.
    """
    out = [(line.number, Refused(source(line.number), line.text, line.reason)) for line in malformed]
    placed = [one for one in (_place(entry, source, out, headings) for entry in entries) if one is not None]
    keys = Keys()
    left = outcome(placed, keys, headings) if ordered else Outcome(placed)
    settings: list[Found] = []
    same = left.same
    needed = _Needed(left.live, keys)
    lists = value_lists(left.live, keys, _why_not)
    joined: dict[int, ValueList] = {id(one): found for found in lists for one in (found.first, *found.values, *found.others)}
    for index, one in enumerate(left.live):
        found = joined.get(id(one))
        if found is not None:
            settings += [_list(found, source(one.entry.number))] if one is found.first else []
            continue
        reason = _why_not(one.entry)
        if one.entry.action is Action.DELETE_KEY and needed.anew(one, index):
            reason = _MADE_ANEW
        if one.entry.action is Action.CREATE_KEY and needed.at_all(one, index):
            same += one.entry.number not in headings
        elif reason is not None:
            out.append((one.entry.number, Refused(source(one.entry.number), _shown(one), reason)))
        else:
            settings.append(_setting(one, source(one.entry.number)))
    refused = tuple(one for _, one in sorted(out, key=lambda numbered: numbered[0]))
    overwritten = tuple(Refused(source(one.entry.number), _shown(one), source(by.entry.number)) for one, by in left.overwritten)
    together = len(joined) - len(lists)
    count = len(settings) + len(refused) + len(overwritten) + same + together
    return Imported(called, tuple(settings), refused, count, same, together, overwritten)


class _Needed:
    """Which keys come into being by other entries than the one that names them."""

    def __init__(self, placed: Sequence[Placed], keys: Keys) -> None:
        self._keys = keys
        self._last: dict[tuple[int, bool], int] = {}
        """By key, and whether an entry names just the key, the last entry that brings it about and becomes a setting."""
        self._written: dict[int, int] = {}
        """By key, the last entry that brings it about, whether it becomes a setting or not."""
        for index, one in enumerate(placed):
            if one.entry.action not in (Action.SET, Action.SET_IF_ABSENT, Action.CREATE_KEY):
                continue
            *above, own = lineage = keys.lineage(one)
            self._written.update(dict.fromkeys(lineage, index))
            if _why_not(one.entry) is None:
                self._last.update(dict.fromkeys(((number, False) for number in above), index))
                self._last[own, one.entry.action is Action.CREATE_KEY] = index

    def anew(self, one: Placed, index: int) -> bool:
        """Whether the key is made anew further down."""
        return self._written.get(self._keys.lineage(one)[-1], -1) > index

    def at_all(self, one: Placed, index: int) -> bool:
        """Whether a value in the key or something below it brings it about anyway, or a later entry says the same."""
        own = self._keys.lineage(one)[-1]
        return (own, False) in self._last or self._last.get((own, True), -1) > index


def _place(
    entry: Entry, source: Callable[[int], str], refused: list[tuple[int, Refused]], headings: Container[int]
) -> Placed | None:
    if entry.number in headings and (entry.key.count("\\") > DEEPEST_KEY or isinstance(parse_key(entry.key, None), Complaint)):
        return None  # told of what stands below it
    if entry.key.count("\\") > DEEPEST_KEY:
        reason = f"the key is more than {DEEPEST_KEY} levels deep, and so deep is no registry"
        refused.append((entry.number, Refused(source(entry.number), f"{entry.key[:80]}...", reason)))
        return None
    where = parse_key(entry.key, None)
    if isinstance(where, Complaint):
        what = entry.key if entry.name is None else f"{entry.key} : {entry.name or '(Default)'}"
        reason = CHOOSE if in_classes(entry.key) else f"{where.message}; {where.help}"
        refused.append((entry.number, Refused(source(entry.number), what, reason)))
        return None
    return Placed(entry, where)


def _why_not(entry: Entry) -> str | None:
    """Why an entry can't be a setting, whatever its key."""
    if entry.action in _NO_SETTING:
        return _NO_SETTING[entry.action]
    if entry.name is not None and entry.name.startswith("**") and entry.action is Action.SET:
        return "no directive of this name is known, and Group Policy takes no value whose name begins with two asterisks"
    if _HALF.search(f"{entry.key} {entry.name}"):
        return "its name holds half of a surrogate pair, which is no character"
    return None if entry.value is None else _why_no_data(entry.value)


def _why_no_data(value: RawValue) -> str | None:
    known = decode(value)
    if known is None:
        if value.type in _SIZES:
            return f"a {type_name(value.type)} has {_SIZES[value.type]} bytes, this one has {len(value.data)}"
        return f"no policy writes a value of the type {type_name(value.type)}"
    if value.type in _TEXTS and len(value.data) % 2:
        return f"its text has {len(value.data)} bytes, and each character takes two"
    _, data = known
    texts = data if isinstance(data, tuple) else (data,) if isinstance(data, str) else ()
    if isinstance(data, tuple) and any(data[len(counted(data)) :]):
        return "an element of the list is empty, and Windows' own functions read such a list only up to there"
    if any("\0" in text for text in texts):
        return "the text holds the character NUL, and most programs read it only up to there"
    return "the text holds half of a surrogate pair, which is no character" if any(map(_HALF.search, texts)) else None


def _setting(one: Placed, source: str) -> Found:
    entry = one.entry
    registry: dict[str, Any] = {"key": f"{one.key.hive}\\{one.key.key}"}
    if entry.name is not None:
        registry["name"] = entry.name
    place = Place(one.key.hive, one.key.view, one.key.key, entry.name)
    registry |= _CONDITIONS.get(entry.action, {})
    if entry.action is Action.DELETE_KEY and needed(place) is None:
        registry["recurse"] = True
    known = None if entry.value is None else _meant(entry.value)
    if known is not None:
        kind, data = known
        registry["type"] = kind.value
        registry |= {"equals": _written(data)} if entry.action is Action.SET else {"present": True, "set": _written(data)}
    if one.key.view is View.BITS_32:
        registry["view"] = 32
    id_ = of_place(place)[0]
    return Found(title(one.key.key, entry, known), registry, source, id_, section=_section(one))


def _list(found: ValueList, source: str) -> Found:
    """A key with all of its values."""
    key = found.first.key
    values = [
        Listed(str(one.entry.name), *known)
        for one in found.values
        if one.entry.value is not None and (known := _meant(one.entry.value)) is not None
    ]
    registry = {"key": f"{key.hive}\\{key.key}", **listed_words(values)}
    if key.view is View.BITS_32:
        registry["view"] = 32
    id_ = of_place(Place(key.hive, key.view, key.key, None))[0]
    return Found(list_title(key.key, len(values)), registry, source, id_, section=_section(found.first))


def _meant(value: RawValue) -> tuple[Kind, Data] | None:
    """Kind and data, of a list what is read of it: one of nothing but empty elements is the empty list."""
    known = decode(value)
    if known is None:
        return None
    kind, data = known
    return kind, counted(data) if isinstance(data, tuple) else data


def _written(data: Data) -> Any:  # noqa: ANN401 - a node of YAML
    """Data as a policy writes it."""
    if isinstance(data, tuple):
        return list(data)
    return data.hex().upper() if isinstance(data, bytes) else data


def _section(one: Placed) -> str:
    return f"{one.key.hive}\\{one.key.key}" + (" (32-bit view)" if one.key.view is View.BITS_32 else "")


def _shown(one: Placed) -> str:
    name = one.entry.name
    return _section(one) if name is None else f"{_section(one)} : {name or '(Default)'}"
