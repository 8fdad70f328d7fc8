"""What a product needs left alone, as data: `vocabularies/<vocabulary>_hazards.yaml`, and the vocabulary itself."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from policyc.model import Append, DeleteValue, Kind, Setting, SetValue, of_registry, upper
from policyc.model.records import dataclass
from policyc.vocabularies import load_vocabulary

_HIVE = "HKLM\\"


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A value whose type the vocabulary knows."""

    kind: Kind
    option: str | None
    """What says it in a policy; None: only a setting can."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a value may hold where the product runs."""

    why: str
    only: tuple[int, ...] = ()
    """Data that it works with; empty: any but `never`."""
    never: tuple[int, ...] = ()
    absent: bool | str = True
    """Whether the value may be missing; "only": it must be."""
    write: str | None = None
    """What a setting may write instead."""

    def broken_by(self, setting: Setting) -> bool:
        """Whether a remediation leaves what the product can't work with."""
        match of_registry(setting).write:
            case SetValue(data):
                refused = data in self.never or (bool(self.only) and data not in self.only)
                return refused or self.absent == "only"
            case Append():
                return True
            case DeleteValue():
                return self.absent is False
            case _:
                return False


@dataclass(frozen=True, slots=True)
class Hazards:
    """By upper-cased key (below HKLM, 64-bit view) and name."""

    vocabulary: str
    product: str
    state: str
    """The state in which the product runs on a device."""
    known: dict[tuple[str, str], KnownValue]
    owned_keys: dict[str, str]
    """Why nobody else writes below this key."""
    owned_values: dict[tuple[str, str], str]
    needed: dict[tuple[str, str], Need]
    keys: frozenset[str]
    """Every key that is spoken of."""
    owned_beginnings: tuple[str, ...]

    def is_near(self, key: str) -> bool:
        """Whether anything is known of an upper-cased key or its values."""
        return key in self.keys or key.startswith(self.owned_beginnings)


@lru_cache(maxsize=8)
def load_hazards(vocabulary: str) -> Hazards:
    """The data of a vocabulary that comes with policyc."""
    import yaml

    text = (Path(__file__).parents[1] / "vocabularies" / f"{vocabulary}_hazards.yaml").read_bytes()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    tree: dict[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506 - both loaders are safe ones
    words = load_vocabulary(vocabulary)
    known = {
        (upper(word.key.removeprefix(_HIVE)), upper(word.value_name)): KnownValue(word.kind, word.name) for word in words.words
    }
    known |= {_value(entry): KnownValue(Kind(entry["kind"]), None) for entry in tree["known"]}
    owned_keys = {upper(entry["key"]): entry["why"] for entry in tree["owned_keys"]}
    owned_values = {_value(entry): entry["why"] for entry in tree["owned_values"]}
    needed = {_value(entry): _need(entry) for entry in tree["needed"]}
    return Hazards(
        vocabulary=vocabulary,
        product=words.product,
        state=tree["state"],
        known=known,
        owned_keys=owned_keys,
        owned_values=owned_values,
        needed=needed,
        keys=frozenset(key for values in (known, owned_values, needed) for key, _ in values) | owned_keys.keys(),
        owned_beginnings=tuple(key + "\\" for key in owned_keys),
    )


def _need(entry: dict[str, Any]) -> Need:
    return Need(
        why=entry["why"],
        only=tuple(entry.get("only", ())),
        never=tuple(entry.get("never", ())),
        absent=entry["absent"],
        write=entry.get("write"),
    )


def _value(entry: dict[str, Any]) -> tuple[str, str]:
    return upper(entry["key"]), upper(entry["name"])
