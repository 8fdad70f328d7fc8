"""Registry settings as policies of administrative templates: where one that is unfolded gives exactly what was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policyc.definitions import Library, Named, Option, Part, Policy, Scope, State, Unfolding, unfolding
from policyc.definitions.options import label, matched, named
from policyc.definitions.template import Choice, Item, Sort, Value
from policyc.importers.found import Found
from policyc.importers.identity import registry_place
from policyc.kinds.registry import RegistryKind
from policyc.model import Hive, View, upper
from policyc.model.records import dataclass

KIND = "group_policy"
_SCOPES = {Hive.MACHINE: Scope.MACHINE, Hive.USER: Scope.USER}
_SAID = frozenset({"key", "name", "type", "equals", "absent"})
_SAID_OF_KEYS = frozenset({"key", "type", "only_values"})
_LONGEST_LABEL = 60
_Place = tuple[str, str]
"""Key below the hive and name, in upper case; of a key that holds certain values and no others, `_WHOLE` for a name."""
_WHOLE = "\0"


@dataclass(frozen=True, slots=True)
class _Policy:
    """A policy that says what some settings say."""

    words: dict[str, Any]
    places: frozenset[_Place]


def by_name(settings: list[Found], library: Library) -> list[Found]:
    """The settings in their order; where policies mean the same as several, the policy stands in the place of the first."""
    sides = {scope: _Side(scope, dict(_places(settings, hive)), library) for hive, scope in _SCOPES.items()}
    replaced: dict[int, Found | None] = {}
    for side in sides.values():
        for one, policy in side.policies():
            several = [side.there[place] for place in side.there if place in policy.places]
            replaced |= dict.fromkeys(map(id, several), None)
            replaced[id(one)] = _found(one, several, policy)
    said = (replaced.get(id(one), one) for one in settings)
    return [one for one in said if one is not None]


def _places(settings: Iterable[Found], hive: Hive) -> Iterator[tuple[_Place, Found]]:
    """What only says that a value is written or isn't there, or what a key holds."""
    for one in settings:
        if one.kind == RegistryKind.word and _SAID_OF_KEYS.issuperset(one.words) and "only_values" in one.words:
            place = registry_place(one)
            if place is not None and place.hive is hive and place.view is View.BITS_64:
                yield (upper(place.key), _WHOLE), one
        if one.kind != RegistryKind.word or not _SAID.issuperset(one.words) or not {"equals", "absent"} & one.words.keys():
            continue
        place = registry_place(one)
        if place is not None and place.name is not None and place.hive is hive and place.view is View.BITS_64:
            yield (upper(place.key), upper(place.name)), one


def _found(first: Found, several: list[Found], policy: _Policy) -> Found:
    sources = ", ".join(dict.fromkeys(filter(None, (one.source for one in several))))
    others = {word: value for word, value in first.others.items() if word != "title"}
    return Found("", policy.words, sources, first.id, first.section, others, first.remark, KIND)


class _Side:
    """The values of machines, or those of users."""

    def __init__(self, scope: Scope, there: dict[_Place, Found], library: Library) -> None:
        self.scope = scope
        self.there = there
        self._library = library

    def policies(self) -> Iterator[tuple[Found, _Policy]]:
        """Each policy with the setting that comes first of those that it says. No setting is said by two."""
        free = dict(self.there)
        for place, one in self.there.items():
            if place not in free:
                continue
            fitting = [made for made in self._candidates(place) if place in made.places and made.places <= free.keys()]
            most = max((len(made.places) for made in fitting), default=0)
            best = [made for made in fitting if len(made.places) == most]
            # Of two that mean the same, nobody can say which was meant.
            if len(best) == 1 and self._alike(best[0].places):
                for taken in best[0].places:
                    del free[taken]
                yield one, best[0]

    def _alike(self, places: Iterable[_Place]) -> bool:
        """Whether all of these say the same beside their values: one setting can't have two severities."""
        said = [repr(sorted(self.there[place].others.items(), key=str)) for place in places]
        return len(set(said)) == 1

    def _candidates(self, place: _Place) -> Iterator[_Policy]:
        ids = dict.fromkeys(one.policy for one in self._library.writers(self.scope, *place))
        for one in self._library.named(ids):
            if self.scope in one.policy.scopes:
                yield from self._fitting(one)

    def _fitting(self, one: Named) -> Iterator[_Policy]:
        """The states of a policy that unfold to what is there, to the letter."""
        options = self._options(one.policy)
        tries = [(State.DISABLED, {})] if options is None else [(State.ENABLED, options), (State.DISABLED, {})]
        for state, said in tries:
            unfolded = unfolding(one.policy, state, said)
            if not isinstance(unfolded, Unfolding):
                continue
            parts, lists, shared = unfolded.split()
            there = all(map(self._is_there, parts)) and all(self._is_whole(option, kept) for option, kept in lists)
            if shared or not there or not (parts or lists):
                continue
            words: dict[str, Any] = {"policy": one.id, "state": state.value}
            if len(one.policy.scopes) > 1:
                words["scope"] = self.scope.value
            if said:
                words["options"] = said
            places = {(upper(part.key), upper(part.name)) for part in parts}
            yield _Policy(words, frozenset(places | {(upper(option.key), _WHOLE) for option, _ in lists}))

    def _is_whole(self, option: Option, kept: Iterable[Part]) -> bool:
        """Whether the key of a list is asked to hold these values and no others."""
        there = self._held(option)
        return there is not None and {upper(name): said for name, said in there.items()} == {
            upper(part.name): (part.type, part.data) for part in kept
        }

    def _held(self, option: Option) -> dict[str, tuple[object, object]] | None:
        """Type and data by name of what a key is asked to hold; None where it isn't asked."""
        one = self.there.get((upper(option.key), _WHOLE))
        if one is None:
            return None
        held, kind = one.words["only_values"], one.words.get("type")
        pairs = enumerate(held, 1) if isinstance(held, list) else held.items()
        return {str(name): (said["type"], said["data"]) if isinstance(said, dict) else (kind, said) for name, said in pairs}

    def _is_there(self, part: Part) -> bool:
        there = self.there.get((upper(part.key), upper(part.name)))
        if there is None:
            return False
        if part.type is None:
            return there.words.get("absent") is True
        data = list(part.data) if isinstance(part.data, tuple) else part.data
        return there.words.get("type") == part.type and "equals" in there.words and there.words["equals"] == data

    # Options, read back

    def _options(self, policy: Policy) -> dict[str, Any] | None:
        """What the boxes of the policy would have to hold; None where nothing in them gives what is there."""
        said: dict[str, Any] = {}
        for option in policy.options:
            value = self._value(option)
            if value is None:
                return None
            said[_word(policy, option)] = value
        return said

    def _value(self, option: Option) -> Any:  # noqa: ANN401 - as a policy file says it
        if option.sort is Sort.SWITCH:
            return self._switch(option)
        if option.sort is Sort.CHOICE:
            return next((named(one) for one in option.choices if self._is_chosen(option, one)), None)
        if option.sort is Sort.LIST:
            return self._list(option)
        there = self.there.get((upper(option.key), upper(option.name or "")))
        data = None if there is None else there.words.get("equals")
        if option.as_text and isinstance(data, str):
            return int(data) if data.isascii() and data.isdecimal() and len(data) <= 20 else None
        return data

    def _switch(self, option: Option) -> bool | None:
        for state, own, default, items in (
            (True, option.on, Value(1), option.on_items),
            (False, option.off, Value(None), option.off_items),
        ):
            if self._holds(option, own or default, items):
                return state
        return None

    def _is_chosen(self, option: Option, choice: Choice) -> bool:
        return choice.value is not None and self._holds(option, choice.value, choice.items)

    def _holds(self, option: Option, own: Value, items: Iterable[Item]) -> bool:
        values = [*items] if option.name is None else [Item(option.key, option.name, own), *items]
        return all(self._is_there(_part(item)) for item in values)

    def _list(self, option: Option) -> list[str] | Mapping[str, str] | None:
        key = upper(option.key)
        values = {
            str(one.words["name"]): one.words.get("equals")
            for (own, name), one in self.there.items()
            if own == key and name != _WHOLE
        }
        if not option.additive:
            held = self._held(option)
            values = {} if held is None else {name: said for name, (_, said) in held.items()}
        texts = {name: text for name, text in values.items() if isinstance(text, str)}
        if option.explicit:
            return texts or None
        if option.prefix is None:
            return [text for name, text in texts.items() if name == text] or None
        numbered: list[str] = []
        folded = {upper(name): text for name, text in texts.items()}
        while upper(f"{option.prefix}{len(numbered) + 1}") in folded:
            numbered.append(folded[upper(f"{option.prefix}{len(numbered) + 1}")])
        return numbered or None


def _part(item: Item) -> Part:
    data = item.value.data
    kind = None if data is None else "string" if isinstance(data, str) else "qword" if item.value.long else "dword"
    return Part(item.key, item.name, kind, data, "", "", ())


def _word(policy: Policy, option: Option) -> str:
    """The label where it says which option is meant, and the id where it doesn't."""
    shown = label(option)
    given, wrong = matched(policy, {shown: None})
    return shown if not wrong and option.id in given and len(shown) <= _LONGEST_LABEL else option.id
