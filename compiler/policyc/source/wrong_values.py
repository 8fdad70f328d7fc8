"""What a value of the right type should have been: words, forms, ranges."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from policyc.source.keywords import fits
from policyc.source.limits import LONGEST_QUOTE
from policyc.source.other_words import VALUES, plain
from policyc.source.untyped import Node
from policyc.source.wording import as_yaml, listed, nearest, quoted

Choices = tuple[str, ...]
_HEX_PREFIX = re.compile(r"^(hex(\([0-9a-f]+\))?:|0x)", re.IGNORECASE)


def _bytes(text: str) -> str:
    bare = re.sub(r"[\s,:\\-]", "", _HEX_PREFIX.sub("", text.strip()))
    return bare if re.fullmatch("[0-9A-Fa-f]+", bare) else text


_FORMS: tuple[Callable[[str], str], ...] = (
    lambda text: " ".join(text.split()),
    str.upper,
    str.lower,
    # A day and its time
    lambda text: text.strip().replace(" ", "T", 1),
    # A device with its domain
    lambda text: text.partition(".")[0],
    lambda text: text.rstrip("\\/ "),
    lambda text: text.replace("\\", "/").strip("/ "),
    # A file with its folder
    lambda text: re.split(r"[\\/]", text)[-1],
    # A span of time
    lambda text: re.sub(r"^(\d+) ?h(ours?|rs?)?$", lambda found: f"{found[1]} hour{'s' * (found[1] != '1')}", text),
    lambda text: re.sub(r"^(\d+) ?d(ays?)?$", lambda found: f"{found[1]} day{'s' * (found[1] != '1')}", text),
    lambda text: re.sub(r"^(\d+) ?m(in(utes?)?)?$", lambda found: f"{found[1]} minute{'s' * (found[1] != '1')}", text),
)
"""From what people paste to what the language takes; the first that the schema accepts is what was meant."""


def word_help(key: str, written: str, words: list[Any]) -> tuple[str, Choices]:
    """Way out, and the words as YAML, for a word that isn't on the list."""
    shown = [str(word) for word in words]
    theirs = VALUES.get(key, {}).get(plain(written), ())
    near = next((ours for ours in theirs if ours in shown), None) or nearest(written, shown)
    if near is not None:
        return f"did you mean {quoted(near)}?", (near,)
    return f"write one of {listed(shown)}", tuple(as_yaml(word) if isinstance(word, str) else str(word) for word in words)


def form_help(schema: dict[str, Any], part: Node, written: str, wanted: str) -> tuple[str, Choices]:
    """The same for text that hasn't the form that it should have."""
    # Bytes as a .reg file and a hex editor show them.
    for form in (_bytes, *_FORMS) if "hex" in wanted else _FORMS:
        other = form(written)
        if other != written and other and len(other) <= LONGEST_QUOTE and fits(schema, part, other):
            text = as_yaml(other)
            return f"write {wanted}: {text}", (text,)
    return f"write {wanted}", ()


def can_be(schema: dict[str, Any], part: Node, choice: str) -> bool:
    """Whether the schema accepts what this YAML says."""
    from policyc.source.tree import build

    return fits(schema, part, build("", choice).tree)


def id_meant(written: str) -> str:
    """The text as an id is written.

    >>> id_meant("Disable_SMBv1 (server)")
    'disable-smbv1-server'
    """
    return re.sub(r"[^a-z0-9]+", "-", written.lower()).strip("-")


def meaningless(key: str, registry: dict[str, Any]) -> tuple[str, str, str] | None:
    """The key that has no meaning beside the condition, why, and the way out; None where it is another fault."""
    if "only_values" in registry and key == "only_values":
        why = "'only_values' is about all values of the key, and 'name' is about one of them"
        return "name", why, "take 'name' out"
    if "only_values" in registry and key in ("default", "pin", "set"):
        return key, f"{quoted(key)} has no meaning beside 'only_values', which says all that is written", f"take '{key}' out"
    if "name" in registry and key == "default" and ("present" in registry or "absent" in registry):
        beside = "present" if "present" in registry else "absent"
        return key, f"'default' has no meaning beside {quoted(beside)}", "take it out: presence itself is the condition"
    return None


def range_help(instance: int, low: int, high: int | None) -> tuple[str, Choices]:
    """The same for a number outside of its range."""
    way_out = f"write a number from {low} to {high}"
    if isinstance(high, int) and -(high // 2) - 1 <= instance < 0:
        unsigned = instance + high + 1
        return f"{way_out}; numbers have no sign here, so that {instance} is {unsigned}", (str(unsigned),)
    return way_out, ()
