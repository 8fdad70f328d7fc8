"""A vocabulary as it is read from its file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from policyc.model import Action, Data, Kind, Severity, VendorExitCode, Version
from policyc.model.records import dataclass

NAMES = ("defender_atp",)
"""The vocabularies, each a file of this room and a head of a collection."""

OWN_KEYS = {"defender_atp": "WINDOWS ADVANCED THREAT PROTECTION"}
"""By vocabulary, what every key has in it, in upper case, that only the product or its vendor's scripts write: a policy without
such a key needn't read what is known of the product."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said wherever a word is used."""

    code: str
    message: str
    help: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one value of a word asks for: `equals`."""

    data: Data
    title: str
    default: Data | None


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """A word of the vocabulary that unfolds to one setting. Hashed by identity, as there's one of each."""

    name: str
    id: str
    """The setting's."""
    title: str
    """Where the word takes free text; otherwise each meaning has its own."""
    why: str
    severity: Severity
    remediate: bool
    key: str
    value_name: str
    kind: Kind
    exact_case: bool
    pin: bool
    clear_on_undo: bool
    in_built_in_policy: bool
    """ConfigMgr's built-in policy writes it."""
    meanings: Mapping[str, Meaning]
    """Empty where the word takes free text."""
    remark: Remark | None
    longest: int | None
    """Characters of free text."""
    unwise: str
    """Characters that free text had better not hold."""


@dataclass(frozen=True, slots=True)
class Package:
    """What is known of the vendor's script for a state."""

    id: str
    action: Action
    script: str
    """Its file name; with `dated` a pattern in which the day stands as YYYY-MM-DD."""
    local_script: str
    """What the vendor calls the one for single devices, which a person runs; likewise."""
    configuration_file: str
    dated: bool
    longest_validity_days: int | None
    event_source: str
    waits_for_setup: bool
    exit_codes: tuple[VendorExitCode, ...]
    other_exit_code: int
    time_limit_seconds: int
    duration_minutes: int


@dataclass(frozen=True, slots=True)
class Image:
    """What a golden image must not hold, and what starts the onboarding of its clones."""

    starter: str
    """The vendor's file that starts the onboarding script where clones keep their names, a device each."""
    service: str
    folder: str
    """Below %ProgramData%: what must not be in it are files."""
    absent: tuple[tuple[str, str | None], ...]
    """(key, value) that must not be there; without a value the key."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a product's words mean."""

    name: str
    product: str
    state: str
    """The word that says what a device is to be."""
    built_in_policy_since: Version
    words: tuple[Word, ...]
    packages: Mapping[str, Package]
    """By state."""
    image: Image

    @property
    def setting_ids(self) -> frozenset[str]:
        """The ids that settings of one's own can't have."""
        return frozenset(word.id for word in self.words)


@cache
def load_vocabulary(name: str) -> Vocabulary:
    """The vocabulary of that name, read once."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = Path(__file__).with_name(f"{name}.yaml").read_text(encoding="utf-8")
    tree = yaml.load(text, Loader=loader)  # noqa: S506 (one of the two safe loaders, and our own file)
    return Vocabulary(
        name=tree["name"],
        product=tree["product"],
        state=tree["state"],
        built_in_policy_since=Version(tree["built_in_policy_since"]),
        words=tuple(map(_word, tree["settings"])),
        packages={state: _package(package, tree["launcher"]) for state, package in tree["packages"].items()},
        image=_image(tree["image"]),
    )


def _image(tree: dict[str, Any]) -> Image:
    absent = tuple((place[0], place[1] if len(place) > 1 else None) for place in tree["absent"])
    return Image(tree["starter"], tree["service"], tree["folder"], absent)


def _word(tree: dict[str, Any]) -> Word:
    registry, text = tree["registry"], tree.get("text", {})
    default = registry.get("default")
    meanings = {
        word: Meaning(value["equals"], value["title"], value.get("default", default))
        for word, value in tree.get("values", {}).items()
    }
    return Word(
        name=tree["word"],
        id=tree["id"],
        title=tree.get("title", ""),
        why=tree["why"],
        severity=Severity(tree.get("severity", Severity.WARNING)),
        remediate=tree.get("remediate", True),
        key=registry["key"],
        value_name=registry["name"],
        kind=Kind(registry["type"]),
        exact_case=registry.get("case") == "exact",
        pin=registry.get("pin", False),
        clear_on_undo=tree.get("clear_on_undo", False),
        in_built_in_policy=tree.get("in_built_in_policy", False),
        meanings=meanings,
        remark=Remark(**tree["note"]) if "note" in tree else None,
        longest=text.get("longest"),
        unwise=text.get("unwise", ""),
    )


def _package(tree: dict[str, Any], launcher: dict[str, Any]) -> Package:
    offset = launcher["exit_code_offset"]
    return Package(
        id=tree["id"],
        action=Action(tree["action"]),
        script=tree["script"],
        local_script=tree["local_script"],
        configuration_file=tree["configuration_file"],
        dated=tree.get("dated", False),
        longest_validity_days=tree.get("longest_validity_days"),
        event_source=tree["event_source"],
        waits_for_setup=tree["waits_for_setup"],
        exit_codes=tuple(VendorExitCode(code, meaning, offset + code) for code, meaning in tree["exit_codes"].items()),
        other_exit_code=launcher["other_exit_code"],
        time_limit_seconds=launcher["time_limit_seconds"],
        duration_minutes=launcher["duration_minutes"],
    )
