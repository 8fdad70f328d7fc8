"""The nodes that are known: `nodes.yaml`, and what each takes for data of the registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias
from xml.sax.saxutils import quoteattr

from policyc.model import Data, DeleteValue, Hive, Kind, Place, SetValue, View, Write, upper
from policyc.model.records import dataclass

Value: TypeAlias = int | str
"""What a node is set to: an integer (format int), or a string (format chr)."""

PRODUCT = "./Device/Vendor/MSFT/WindowsAdvancedThreatProtection"
LARGEST = 2**31 - 1
"""An `omaSettingInteger` is an Int32 (Graph v1.0)."""


class UnsayableError(ValueError):
    """A node can't be set to it. The text says why, as a sentence without a full stop."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node, and the value of the registry that it stands for."""

    uri: str
    place: Place
    kind: Kind
    source: str
    """The page that documents it."""
    form: str
    """integers, words, text, switch or element."""
    takes: Any
    """As the form has it in `nodes.yaml`."""
    permanent: bool = False
    """Windows keeps its value when the profile is gone."""
    default: Data | None = None
    """What brings a permanent node back."""
    absent: str | None = None
    """The side of a switch that deletes the value."""
    sensor: bool = False
    """The policy for endpoint detection and response sets it too."""
    since: str | None = None
    """Version of Windows 10."""


@cache
def nodes() -> Mapping[tuple[str, int, str, str | None], Node]:
    """All of them by the identity of the place that they write."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = Path(__file__).with_name("nodes.yaml").read_text(encoding="utf-8")
    groups = yaml.load(text, Loader=loader)  # noqa: S506 (one of the two safe loaders, and our own file)
    made = [_node(tree, group) for group in groups for tree in group["nodes"]]
    return {node.place.identity: node for node in made}


_FORMS = ("integers", "words", "text", "switch", "element")


def _node(tree: dict[str, Any], group: dict[str, Any]) -> Node:
    (form,) = (form for form in _FORMS if form in tree)
    return Node(
        uri=tree["uri"],
        place=Place(Hive.MACHINE, View.BITS_64, tree["key"], tree["name"]),
        kind=Kind(tree["kind"]),
        source=group["source"],
        form=form,
        takes=tree[form],
        permanent=group.get("permanent", False),
        default=tree.get("default"),
        absent=tree.get("absent"),
        sensor=tree.get("sensor", False),
        since=tree.get("since"),
    )


def value_of(node: Node, kind: Kind | None, write: Write) -> Value:
    """What the node is set to so that the registry holds what a remediation would write. Raises UnsayableError."""
    if isinstance(write, DeleteValue):
        if node.absent is None:
            raise UnsayableError("its node sets the value, and never deletes it")
        return f"<{node.absent}/>"
    if not isinstance(write, SetValue):
        raise UnsayableError("a node is set as a whole, and this changes a part of what is there")
    if kind is not node.kind:
        raise UnsayableError(f"its node writes a {node.kind.value}, and the policy asks for another type")
    return _SAY[node.form](node, write.data)


def _integers(node: Node, data: Data) -> Value:
    if not isinstance(data, int) or data not in node.takes:
        raise UnsayableError(f"its node takes {_listed(node.takes)} alone")
    return data


def _words(node: Node, data: Data) -> Value:
    words = {upper(word): number for word, number in node.takes.items()}
    if not isinstance(data, str) or upper(data) not in words:
        raise UnsayableError(f"its node takes {_listed(node.takes)} alone")
    number: int = words[upper(data)]
    return number


def _text(node: Node, data: Data) -> Value:
    if not isinstance(data, str) or len(data) > node.takes:
        raise UnsayableError(f"its node takes a text of at most {node.takes} characters")
    return data


def _switch(node: Node, data: Data) -> Value:
    for side, number in node.takes.items():
        if data == number:
            return f"<{side}/>"
    raise UnsayableError(f"its node takes {_listed(node.takes.values())} alone")


def _element(node: Node, data: Data) -> Value:
    first, last = node.takes["from"], node.takes["to"]
    if not isinstance(data, int) or not first <= data <= last:
        raise UnsayableError(f"its node takes {first} to {last}")
    return f"<enabled/><data id={quoteattr(node.takes['id'])} value={quoteattr(str(data))}/>"


_SAY = {"integers": _integers, "words": _words, "text": _text, "switch": _switch, "element": _element}


def _listed(values: Iterable[object]) -> str:
    return " or ".join(str(value) for value in values)
