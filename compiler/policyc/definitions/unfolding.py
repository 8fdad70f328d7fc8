"""What Group Policy would write for a policy: the values of a state with its options.

Sources: Microsoft, "Group Policy ADMX Syntax Reference Guide" (`enabledValue` and `disabledValue`, `boolean`, `enum`, `list`);
[MS-GPREG] for `**del.` and `**delvals.`, which the editor writes where a policy is disabled. Where a template gives no value,
enabled is the number 1 and disabled deletes; so it is for a check box. An empty text is written as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from policyc.definitions.index import items
from policyc.definitions.options import Misfit, checked, label, matched, must_be_given
from policyc.definitions.template import Choice, Item, Option, Policy, Sort, Value
from policyc.model.place import upper
from policyc.model.records import dataclass

_ON = Value(1)
_DELETED = Value(None)
_TREES = ("SOFTWARE\\POLICIES\\", "SOFTWARE\\MICROSOFT\\WINDOWS\\CURRENTVERSION\\POLICIES\\")
"""Where Group Policy takes away what no policy sets any more; elsewhere it leaves values behind."""


class State(StrEnum):
    """What a policy is to be."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True, slots=True)
class Part:
    """One value that is written, or deleted."""

    key: str
    """Below its hive."""
    name: str
    type: str | None
    """None where it is deleted."""
    data: int | str | tuple[str, ...] | None
    about: str
    """What of the policy it is: empty for the policy itself, the id of an option, and behind a slash the name of a value."""
    label: str
    """The same for people."""
    way: tuple[str | int, ...]
    """From `group_policy` to what says it."""


@dataclass(frozen=True, slots=True)
class Unfolding:
    """All that is written."""

    parts: tuple[Part, ...]
    cleared: tuple[tuple[Option, tuple[Part, ...]], ...] = ()
    """Lists whose keys hold nothing else afterwards, with what they hold."""

    def split(self) -> tuple[tuple[Part, ...], tuple[tuple[Option, tuple[Part, ...]], ...], tuple[Option, ...]]:
        """(Values that are written alone, lists that have a key for themselves, lists that share theirs)."""
        whole = tuple((option, kept) for option, kept in self.cleared if self._is_alone(option, kept))
        said = {part for _, kept in whole for part in kept}
        shared = tuple(option for option, kept in self.cleared if (option, kept) not in whole)
        return tuple(part for part in self.parts if part not in said), whole, shared

    def _is_alone(self, option: Option, kept: tuple[Part, ...]) -> bool:
        key = upper(option.key)
        others = [one for one, _ in self.cleared if upper(one.key) == key]
        return len(others) == 1 and sum(upper(part.key) == key for part in self.parts) == len(kept)


def unfolding(policy: Policy, state: State, said: Mapping[str, Any]) -> Unfolding | list[Misfit]:
    """The values; or what the template doesn't take. `said` are the options, of which only an enabled policy has any."""
    match state:
        case State.ENABLED:
            return _enabled(policy, said)
        case State.DISABLED:
            parts = [*_elements_gone(policy), *_main(policy, policy.disabled or _DELETED, policy.disabled_items)]
            lists = tuple((option, ()) for option in policy.options if option.sort is Sort.LIST)
            return Unfolding(_last(parts), lists)
        case _:
            return Unfolding(_last(_all_gone(policy)))


def _enabled(policy: Policy, said: Mapping[str, Any]) -> Unfolding | list[Misfit]:
    given, wrong = matched(policy, said)
    values: dict[str, Any] = {}
    silent = []
    for option in policy.options:
        if option.id in given:
            value = checked(option, *given[option.id])
            if isinstance(value, Misfit):
                wrong.append(value)
            else:
                values[option.id] = value
        else:
            values[option.id] = _default(option)
            if values[option.id] is None:
                silent.append(option)
    if not wrong:  # a misspelt one may be what is missing
        wrong += must_be_given(policy, silent)
    if wrong:
        return wrong
    parts = [*_main(policy, policy.enabled or _ON, policy.enabled_items)]
    cleared = []
    for option in policy.options:
        way = ("options", given[option.id][0]) if option.id in given else ("policy",)
        own = tuple(_option(option, values[option.id], way))
        parts += own
        if option.sort is Sort.LIST and not option.additive:
            cleared.append((option, own))
    return Unfolding(_last(parts), tuple(cleared))


def _default(option: Option) -> Any:  # noqa: ANN401 - as `checked` gives it, None where it has to be said
    match option.sort:
        case Sort.CHOICE:
            return None if option.default is None else option.choices[option.default]
        case Sort.LIST:
            return () if not option.required else None
        case Sort.LINES:
            return () if not option.required else None
        case Sort.TEXT:
            text = option.default or ""
            return None if option.required and not text else text
        case _:
            return option.default


def _main(policy: Policy, value: Value, values: Iterable[Item]) -> Iterator[Part]:
    if policy.value is not None:
        yield _part(policy.key, policy.value, value, "", "", ("state",))
    for item in values:
        yield _part(item.key, item.name, item.value, f"/{item.name}", item.name, ("state",))


def _option(option: Option, value: Any, way: tuple[str | int, ...]) -> Iterator[Part]:  # noqa: ANN401
    name = option.name
    match option.sort:
        case Sort.NUMBER | Sort.LONG_NUMBER:
            data, kind = (str(value), "string") if option.as_text else (value, _number_type(option))
            yield Part(option.key, name or "", kind, data, option.id, label(option), way)
        case Sort.TEXT:
            yield Part(option.key, name or "", _text_type(option), value, option.id, label(option), way)
        case Sort.LINES:
            yield Part(option.key, name or "", "multi_string", value, option.id, label(option), way)
        case Sort.SWITCH:
            own, default, others = (option.on, _ON, option.on_items) if value else (option.off, _DELETED, option.off_items)
            if name is not None:
                yield _part(option.key, name, own or default, option.id, label(option), way)
            yield from _items(option, others, way)
        case Sort.CHOICE:
            chosen: Choice = value
            if name is not None and chosen.value is not None:
                yield _part(option.key, name, chosen.value, option.id, label(option), way)
            yield from _items(option, chosen.items, way)
        case _:
            for own_name, text in value:
                shown = f"{label(option)}, {own_name}"
                yield Part(option.key, own_name, _text_type(option), text, f"{option.id}/{own_name}", shown, way)


def _items(option: Option, values: Iterable[Item], way: tuple[str | int, ...]) -> Iterator[Part]:
    for item in values:
        yield _part(item.key, item.name, item.value, f"{option.id}/{item.name}", f"{label(option)}, {item.name}", way)


def _part(key: str, name: str, value: Value, about: str, label: str, way: tuple[str | int, ...]) -> Part:
    kind = None if value.data is None else "string" if isinstance(value.data, str) else "qword" if value.long else "dword"
    return Part(key, name, kind, value.data, about, label, way)


def _number_type(option: Option) -> str:
    return "dword" if option.sort is Sort.NUMBER else "qword"


def _text_type(option: Option) -> str:
    return "expand_string" if option.expandable else "string"


def _elements_gone(policy: Policy) -> Iterator[Part]:
    """What a disabled policy deletes: the values of its elements."""
    for option in policy.options:
        if option.name is not None:
            yield _part(option.key, option.name, _DELETED, option.id, label(option), ("state",))


def _all_gone(policy: Policy) -> Iterator[Part]:
    """What is away once nothing sets a policy any more, as far as Group Policy itself takes it away."""
    beside = [(option, item) for option in policy.options for item in items(option)]
    gone = [
        *(part for option, item in beside for part in _items(option, [Item(item.key, item.name, _DELETED)], ("state",))),
        *_elements_gone(policy),
        *_main(policy, _DELETED, [Item(i.key, i.name, _DELETED) for i in (*policy.enabled_items, *policy.disabled_items)]),
    ]
    yield from (part for part in gone if f"{upper(part.key)}\\".startswith(_TREES))


def _last(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Of several that write one value the last; in the order in which each place first comes."""
    found: dict[tuple[str, str], Part] = {}
    for part in parts:
        found[upper(part.key), upper(part.name)] = part
    return tuple(found.values())
