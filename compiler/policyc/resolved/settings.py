"""One setting, in the words of the language, with every default said."""

from __future__ import annotations

from typing import Any, NamedTuple

from policyc.kinds import by_program, kind_of
from policyc.model import Applicability, Setting

Tree = dict[str, Any]


class Value(NamedTuple):
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
    applies_to = [Value(("applies_to",), _devices(setting.applies_to))] if setting.applies_to.of_windows else []
    fact = setting.applies_to.only_if
    only_if = [] if fact is None else [Value(("only_if",), fact.words)]
    flags = [Value((word,), data=True) for word in ("sensitive", "native") if getattr(setting, word)]
    subject, kind = setting.subject, kind_of(setting.subject)
    said = kind.words(subject, masked=masked and setting.sensitive)
    effect = [] if setting.takes_effect is None else [Value(("takes_effect",), setting.takes_effect.value)]
    return [
        Value(("title",), setting.title),
        Value(("severity",), setting.severity.value),
        Value(("remediate",), f"{kind.remediation(subject)}{', by a program alone' if by_program(setting) else ''}"),
        *applies_to,
        *only_if,
        *effect,
        *flags,
        *(Value((subject.word, word), data) for word, data in said.items()),
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
