"""One setting, in the words of the language, with every default said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from policyc.model import (
    EVERYWHERE,
    Append,
    Applicability,
    CreateKey,
    Data,
    DeleteValue,
    Operator,
    Setting,
    SetValue,
    View,
)

Tree = dict[str, Any]

MASKED = "(sensitive)"
_LISTS = frozenset({Operator.BETWEEN, Operator.ONE_OF, Operator.NONE_OF, Operator.CONTAINS, Operator.SET_EQUALS})
_WRITTEN = frozenset({Operator.EQUALS, Operator.AT_LEAST, Operator.AT_MOST})
_WITHOUT = frozenset({Operator.PRESENT, Operator.ABSENT})


@dataclass(frozen=True, slots=True)
class Value:
    """A word of a setting."""

    way: tuple[str, ...]
    """To it from the setting's node: `("registry", "at_least")`."""
    data: Any
    """As YAML and JSON have it."""

    @property
    def word(self) -> str:
        """The last step."""
        return self.way[-1]


def values(setting: Setting, *, masked: bool = False) -> list[Value]:
    """What holds, in the order in which it is read; `masked` hides the data of a sensitive setting."""
    applies_to = [] if setting.applies_to == EVERYWHERE else [Value(("applies_to",), _devices(setting.applies_to))]
    flags = [Value((word,), data=True) for word in ("sensitive", "native") if getattr(setting, word)]
    effect = [] if setting.takes_effect is None else [Value(("takes_effect",), setting.takes_effect.value)]
    return [
        Value(("title",), setting.title),
        Value(("severity",), setting.severity.value),
        Value(("remediate",), _remediation(setting)),
        *applies_to,
        *effect,
        *flags,
        *_registry(setting, masked=masked and setting.sensitive),
    ]


def setting_tree(setting: Setting, *, masked: bool = False) -> Tree:
    """The same as a tree."""
    tree: Tree = {}
    for value in values(setting, masked=masked):
        node = tree
        for step in value.way[:-1]:
            node = node.setdefault(step, {})
        node[value.word] = value.data
    return tree


def _devices(applies_to: Applicability) -> Tree:
    words = (
        ("from_build", applies_to.from_build),
        ("before_build", applies_to.before_build),
        ("role", None if applies_to.role is None else applies_to.role.value),
    )
    return {word: value for word, value in words if value is not None}


def _remediation(setting: Setting) -> str:
    match setting.subject.write:
        case None:
            return "no, it is only reported"
        case DeleteValue():
            return "delete the value"
        case Append():
            return "append what is missing"
        case CreateKey():
            return "create the key"
        case SetValue():
            return f"write what '{setting.subject.condition.operator if _says_itself(setting) else 'set'}' says"


def _says_itself(setting: Setting) -> bool:
    """Whether the condition's operand is what is written."""
    condition = setting.subject.condition
    return condition.operator in _WRITTEN and setting.subject.write == SetValue(condition.operands[0])


def _registry(setting: Setting, *, masked: bool) -> list[Value]:
    place, condition = setting.subject.place, setting.subject.condition
    operator = condition.operator
    operands = [MASKED if masked else _plain(operand) for operand in condition.operands]
    words: Tree = {"key": f"{place.hive}\\{place.key}"}
    if place.name is not None:
        words["name"] = place.name
    if setting.subject.kind is not None:
        words["type"] = setting.subject.kind.value
    if place.view is View.BITS_32:
        words["view"] = int(place.view)
    words[operator.value] = True if operator in _WITHOUT else operands if operator in _LISTS else operands[0]
    if condition.exact_case:
        words["case"] = "exact"
    if setting.subject.default is not None:
        words["default"] = MASKED if masked else _plain(setting.subject.default)
    if setting.subject.pin:
        words["pin"] = True
    if isinstance(setting.subject.write, SetValue) and not _says_itself(setting):
        words["set"] = MASKED if masked else _plain(setting.subject.write.data)
    return [Value(("registry", word), data) for word, data in words.items()]


def _plain(data: Data) -> str | int | list[str]:
    if isinstance(data, bytes):
        return data.hex().upper()
    return list(data) if isinstance(data, tuple) else data
