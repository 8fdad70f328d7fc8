"""From a finding's comparison to a condition of the language.

HardeningKitty compares text: what the value holds, turned into text, or the finding's default value where there is none. A
policy asks for a kind first. It is the one that HardeningKitty itself writes in its mode HailMary, but where Windows keeps a
number as text: there HailMary's DWORD would replace a value that was right by one that Windows doesn't read.
"""

from __future__ import annotations

import re
from dataclasses import replace

from policyc.importers.found import NotExpressibleError
from policyc.importers.hardeningkitty.numbers import ORDERED, dword
from policyc.importers.hardeningkitty.terms import NO_DATA, Comparison, Terms, Wanted, same
from policyc.importers.hardeningkitty.text_numbers import ordered_text
from policyc.importers.hardeningkitty.texts import HARDENED_PATHS, asr_rule, hardened_path, multi_string, string
from policyc.kinds.registry.places import Complaint, parse_key
from policyc.model import Kind
from policyc.vocabularies import known_value

_OPERATORS = frozenset({"=", "!=", "=|0", "contains", *ORDERED})
_ASR_RULES = "asrrules"
_NEVER_WRITTEN = frozenset({_ASR_RULES, "asronlyexclusions", "excludedextensions", "excludedpaths", "excludedprocesses"})
_TEXTS = (Kind.STRING, Kind.EXPAND_STRING)
_LIST = Kind.MULTI_STRING
_DIGITS = re.compile(r"\d+\n?")


def compare(asked: Comparison) -> Wanted:
    """The condition that holds where the finding passes. Raises NotExpressibleError."""
    if asked.operator not in _OPERATORS:
        missing = f"HardeningKitty has no operator '{asked.operator}'" if asked.operator else "the finding has no operator"
        raise NotExpressibleError(f"{missing}, so it never passes")
    item = asked.item.lower()
    if same(asked.recommended, NO_DATA):
        return _absent(asked, remediate=item not in _NEVER_WRITTEN)
    terms = _terms(asked, item)
    terms.remediate = terms.remediate and item not in _NEVER_WRITTEN
    return terms.wanted()


def _absent(asked: Comparison, *, remediate: bool) -> Wanted:
    if asked.operator == "!=":
        raise NotExpressibleError(f"{NO_DATA} stands for a value that isn't there, and '!=' takes any data for another text")
    return Wanted({"absent": True}, remediate=remediate)


def _terms(asked: Comparison, item: str) -> Terms:
    if item == _ASR_RULES:
        return asr_rule(asked)
    hardened = same(asked.key, HARDENED_PATHS)
    kind = _kept_as(asked.key, item)
    if kind not in (*_TEXTS, _LIST) and _DIGITS.fullmatch(asked.recommended):
        return dword(replace(asked, default=asked.default.replace(" ", "")) if hardened else asked)
    if asked.operator in ORDERED and kind in _TEXTS and _DIGITS.fullmatch(asked.recommended):
        return ordered_text(asked)
    if asked.operator in ORDERED:
        raise NotExpressibleError(f"'{asked.operator}' orders numbers, and this value holds text, which a policy can't order")
    if hardened:
        return hardened_path(asked)
    return multi_string(asked) if kind is _LIST else string(asked)


def _kept_as(key: str, item: str) -> Kind | None:
    """The kind in which Windows keeps the value, where that is known."""
    place = parse_key(key, None)
    known = None if isinstance(place, Complaint) else known_value(place.hive, place.key, item)
    return None if known is None else known.kind
