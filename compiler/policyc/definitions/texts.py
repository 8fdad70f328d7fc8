"""What an ADML file says: strings by id, and the boxes of each presentation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from policyc.definitions.xml import Element
from policyc.model.records import dataclass

_REFERENCE = re.compile(r"^\$\((string|presentation)\.([^)]*)\)$")
_BOXES = frozenset(
    ("checkBox", "comboBox", "decimalTextBox", "dropdownList", "listBox", "longDecimalTextBox", "multiTextBox", "textBox")
)


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one template in one language."""

    strings: Mapping[str, str]
    """By id, and by id in small letters: some files mind no case."""
    presentations: Mapping[str, Element]

    def string(self, reference: str | None) -> str:
        """What `$(string.Name)` stands for; a text that is no reference is itself, one that leads nowhere is empty."""
        said = (reference or "").strip()
        found = _REFERENCE.match(said)
        if found is None:
            return "" if said.startswith("$(") else said
        return self.strings.get(found[2]) or self.strings.get(found[2].lower(), "")

    def boxes(self, reference: str | None) -> Mapping[str, Mapping[str, Any]]:
        """The boxes of a presentation by `refId` in small letters: label, default, item, checked, and these texts."""
        found = _REFERENCE.match((reference or "").strip())
        tree = None if found is None else self.presentations.get(found[2].lower())
        shown = () if tree is None else tree.children
        named = {(one.get("refId") or "").strip().lower(): self._box(one) for one in shown if one.name in _BOXES}
        return _Boxes(named, self)

    def _box(self, tree: Element) -> dict[str, Any]:
        label, default = tree.first("label"), tree.first("defaultValue") or tree.first("default")
        of_number = tree.name in ("decimalTextBox", "longDecimalTextBox")
        return {
            "label": _line(tree.text if label is None else label.text),
            "default": default.text if default is not None else tree.get("defaultValue") or ("1" if of_number else None),
            "item": tree.get("defaultItem"),
            "checked": tree.flag("defaultChecked"),
            "texts": self,
        }


class _Boxes(dict[str, Mapping[str, Any]]):
    """A box that isn't there has a language all the same: that of the choices below its element."""

    def __init__(self, boxes: Mapping[str, Mapping[str, Any]], texts: Texts) -> None:
        super().__init__(boxes)
        self._none = {"texts": texts}

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401, ARG002 - as a mapping's
        return super().get(key, self._none)


def texts(root: Element) -> Texts:
    """The texts of a tree whose root is `policyDefinitionResources`."""
    strings: dict[str, str] = {}
    for one in root.all("resources", "stringTable", "string"):
        name = (one.get("id") or "").strip()
        strings.setdefault(name.lower(), one.text.strip())
        strings.setdefault(name, one.text.strip())
    shown = root.all("resources", "presentationTable", "presentation")
    presentations = {(one.get("id") or "").strip().lower(): one for one in shown}
    return Texts(strings, presentations)


def _line(text: str) -> str:
    """A label on one line, without the colon that leads to its box."""
    return " ".join(text.split()).rstrip(": ")


NO_TEXTS = Texts({}, {})
"""Of a template without a file of texts."""
