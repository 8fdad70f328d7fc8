"""What a policy file says of a policy's options: which is meant, and whether the template takes the value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policyc.definitions.template import Choice, Option, Policy, Sort
from policyc.model.records import dataclass

LONGEST_TEXT = 32_767
"""Characters of a text of which a template doesn't say how long it may be."""
_LONGEST_NAME = 16_383
"""Characters of a value's name (Microsoft, "Registry Element Size Limits")."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Something that the template doesn't take."""

    code: str
    message: str
    help: str
    way: tuple[str | int, ...]
    """From `group_policy` to what is meant."""
    line: int
    """In the template."""
    near: str | None = None
    """What to write instead, as it is written."""


def label(option: Option) -> str:
    """What people call it."""
    return option.label or option.id


def matched(policy: Policy, said: Mapping[str, Any]) -> tuple[dict[str, tuple[str, Any]], list[Misfit]]:
    """By the option's id, the word by which a policy file names it, and what it says."""
    by_id = {option.id.lower(): option for option in policy.options}
    by_label: dict[str, list[Option]] = {}
    for option in policy.options:
        if option.label:
            by_label.setdefault(_folded(option.label), []).append(option)
    found: dict[str, tuple[str, Any]] = {}
    wrong = []
    for word, value in said.items():
        several = [by_id[word.lower()]] if word.lower() in by_id else by_label.get(_folded(word), [])
        if len(several) != 1:
            wrong.append(_no_option(policy, word, several))
        elif several[0].id in found:
            message = f"'{word}' and '{found[several[0].id][0]}' are one option"
            wrong.append(Misfit("PC1911", message, "take one of the two out", ("options", word), several[0].line))
        else:
            found[several[0].id] = word, value
    return found, wrong


def _no_option(policy: Policy, word: str, several: list[Option]) -> Misfit:
    way = ("options", word)
    if several:
        ids = ", ".join(f"'{one.id}'" for one in several)
        message = f"'{word}' is the label of {len(several)} options of '{policy.name}'"
        return Misfit("PC1911", message, f"write one of their ids: {ids}", way, several[0].line)
    from policyc.source.wording import nearest

    near = nearest(word, [name for one in policy.options for name in (one.label, one.id) if name])
    names = ", ".join(f"'{label(one)}'" for one in policy.options)
    way_out = f"did you mean '{near}'?" if near else f"it has {names}" if names else "take 'options' out"
    return Misfit("PC1911", f"'{policy.name}' has no option '{word}'", way_out, way, policy.line, near)


def checked(option: Option, word: str, value: Any) -> Any | Misfit:  # noqa: ANN401 - a node of YAML
    """The value as it is written: an int, a str, a bool, a Choice, or a tuple of lines or pairs."""
    match option.sort:
        case Sort.NUMBER | Sort.LONG_NUMBER:
            return _number(option, word, value)
        case Sort.TEXT:
            return _text(option, word, value)
        case Sort.LINES:
            return _lines(option, word, value)
        case Sort.SWITCH:
            if isinstance(value, bool):
                return value
            return _wrong(option, word, f"'{word}' is switched on or off, which {_shown(value)} isn't", "write true or false")
        case Sort.CHOICE:
            return _choice(option, word, value)
        case _:
            return _list(option, word, value)


def _wrong(option: Option, word: str, message: str, help: str, *below: str | int, near: str | None = None) -> Misfit:
    return Misfit("PC1912", message, help, ("options", word, *below), option.line, near)


def _number(option: Option, word: str, value: Any) -> int | Misfit:  # noqa: ANN401
    way_out = f"write a number from {option.least} to {option.most}"
    if isinstance(value, bool) or not isinstance(value, int):
        return _wrong(option, word, f"'{word}' takes a number, which {_shown(value)} isn't", way_out)
    if not option.least <= value <= option.most:
        return _wrong(option, word, f"'{word}' can't be {value}", way_out)
    return value


def _text(option: Option, word: str, value: Any) -> str | Misfit:  # noqa: ANN401
    if not isinstance(value, str):
        return _wrong(option, word, f"'{word}' takes a text, which {_shown(value)} isn't", "put it in quotes")
    most = option.most or LONGEST_TEXT
    if len(value) > most:
        return _wrong(option, word, f"'{word}' has {len(value)} characters", f"write {most} at most, as the template says")
    if option.required and not value:
        return _wrong(option, word, f"'{word}' can't be empty", "write a text")
    return value


def _lines(option: Option, word: str, value: Any) -> tuple[str, ...] | Misfit:  # noqa: ANN401
    if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
        return _wrong(option, word, f"'{word}' takes a list of texts", "write each line as an item, in brackets or behind '- '")
    empty = next((number for number, line in enumerate(value) if not line), None)
    if empty is not None:
        return _wrong(option, word, f"a line of '{word}' is empty", "take it out: the registry can't hold one", empty)
    most = option.most or LONGEST_TEXT
    if sum(map(len, value)) > most:
        return _wrong(option, word, f"the lines of '{word}' have more than {most} characters", "write fewer")
    if option.required and not value:
        return _wrong(option, word, f"'{word}' can't be empty", "write a line")
    return tuple(value)


def _choice(option: Option, word: str, value: Any) -> Choice | Misfit:  # noqa: ANN401
    known = {_folded(one.label): one for one in reversed(option.choices) if one.label}
    if isinstance(value, str) and _folded(value) in known:
        return known[_folded(value)]
    by_value = {one.value.data: one for one in reversed(option.choices) if one.value is not None and one.value.data is not None}
    if not isinstance(value, bool) and isinstance(value, int | str) and value in by_value:
        return by_value[value]
    from policyc.source.wording import as_yaml, nearest

    names = [named(one) for one in option.choices]
    near = nearest(value, names) if isinstance(value, str) else None
    way_out = f"did you mean {as_yaml(near)}?" if near else f"write one of: {'; '.join(names)}"
    message = f"'{word}' has no choice {_shown(value)}"
    return _wrong(option, word, message, way_out, near=None if near is None else as_yaml(near))


def named(choice: Choice) -> str:
    """A choice by its words; where the template has none, by its value."""
    return choice.label or ("" if choice.value is None else str(choice.value.data))


def _list(option: Option, word: str, value: Any) -> tuple[tuple[str, str], ...] | Misfit:  # noqa: ANN401
    """Names and texts of the values."""
    if option.explicit:
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            way_out = "write 'name: text' for each value, the text in quotes"
            return _wrong(option, word, f"'{word}' takes names with texts", way_out)
        pairs = [(str(name), text) for name, text in value.items()]
    else:
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            return _wrong(option, word, f"'{word}' takes a list of texts", "write each as an item, in brackets or behind '- '")
        pairs = [(text if option.prefix is None else f"{option.prefix}{number}", text) for number, text in enumerate(value, 1)]
    seen: set[str] = set()
    for number, (name, _) in enumerate(pairs):
        step = number if not option.explicit else name
        if name.lower() in seen:
            return _wrong(option, word, f"'{name}' stands in '{word}' twice", "take one out", step)
        if not name or len(name) > _LONGEST_NAME:
            message = f"an entry of '{word}' can't be the name of a value"
            return _wrong(option, word, message, "write 1 to 16,383 characters", step)
        seen.add(name.lower())
    return tuple(pairs)


def _folded(text: str) -> str:
    return " ".join(text.split()).rstrip(": ").casefold()


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a mapping"
    text = str(value)
    return f"'{text if len(text) <= 60 else text[:57] + '...'}'"


def must_be_given(policy: Policy, options: Iterable[Option]) -> Iterable[Misfit]:
    """Options of which the template doesn't say what they are at first."""
    for option in options:
        match option.sort:
            case Sort.CHOICE:
                what = f"write one of: {'; '.join(map(named, option.choices))}"
            case Sort.NUMBER | Sort.LONG_NUMBER:
                what = f"write a number from {option.least} to {option.most}"
            case _:
                what = "write a text"
        message = f"'{label(option)}' of '{policy.name}' has to be said: the template gives it no default"
        yield Misfit("PC1913", message, f"add it under 'options': {what}", ("options",), option.line)
