"""Whether an item differs from what it was in the functions of its scripts alone: another release, and the same policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from policyc.model.records import dataclass
from policyc.powershell.linker import END_REGION, REGION

FOLDER = "compliance"
_ITEM = "item"
_MARK = " [policyc:"
_BEGIN, _END = f"\n{REGION}".encode("ascii"), f"\n{END_REGION}".encode("ascii")


@dataclass(frozen=True, slots=True)
class Outline:
    """A script as two hashes."""

    whole: str
    own: str
    """Without the functions, which stand between two marks."""


@dataclass(frozen=True, slots=True)
class Item:
    """What a configuration item is made of."""

    said: tuple[str, str]
    """Name and description on the site, without policyc's mark."""
    scripts: Mapping[str, Outline]
    """By path below the item's folder."""


def outline(script: bytes) -> Outline:
    """The script's outline, whatever line ends git gave it."""
    text = script.replace(b"\r\n", b"\n")
    head, begin, rest = text.partition(_BEGIN)
    _, end, tail = rest.partition(_END)
    own = head + begin + end + tail if begin and end else text
    return Outline(sha256(text).hexdigest(), sha256(own).hexdigest())


def is_engine_only(before: Item | None, after: Item | None) -> bool:
    """Whether some script differs, and nothing but the functions in it."""
    if before is None or after is None or before.said != after.said or before.scripts.keys() != after.scripts.keys():
        return False
    pairs = [(old, after.scripts[path]) for path, old in before.scripts.items()]
    return all(old.own == new.own for old, new in pairs) and any(old.whole != new.whole for old, new in pairs)


def item_of(object: str) -> tuple[str, str] | None:
    """Identity of the collection and key of the item that an entry of `revisions.json` is about; None: it is no item.

    >>> item_of("pilot/item/settings"), item_of("pilot/baseline")
    (('pilot', 'settings'), None)
    """
    identity, _, name = object.partition("/")
    kind, _, key = name.partition("/")
    return (identity, key) if kind == _ITEM and key else None


def item_folder(slug: str, key: str) -> str:
    """The folder of an item's scripts, below the output folder."""
    return f"{slug}/{FOLDER}/{key}"


def is_script(path: str) -> bool:
    """Whether a path below the output folder is that of an item's script."""
    return path.endswith(".ps1") and path.count("/") == 4 and path.split("/", 2)[1] == FOLDER


def item(deployment: object, key: str, scripts: Mapping[str, Outline]) -> Item | None:
    """The item, with what `deployment.json` says of it; None where that has none of this key."""
    place = f"{FOLDER}/{key}/"
    for one in _listed(deployment):
        if isinstance(one, dict) and str(one.get("cabinet", "")).startswith(place):
            return Item((str(one.get("name")), str(one.get("description")).rpartition(_MARK)[0]), scripts)
    return None


def _listed(deployment: object) -> Iterable[Any]:
    baseline = deployment.get("baseline") if isinstance(deployment, dict) else None
    items = baseline.get("items") if isinstance(baseline, dict) else None
    return items if isinstance(items, list) else ()
