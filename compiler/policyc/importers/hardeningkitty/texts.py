"""Findings whose recommended value HardeningKitty writes as text or as a list of texts."""

from __future__ import annotations

import re

from policyc.importers.found import NotExpressibleError
from policyc.importers.hardeningkitty.terms import NO_DATA, Comparison, Terms, equality, same

HARDENED_PATHS = r"HKLM\Software\Policies\Microsoft\Windows\NetworkProvider\HardenedPaths"
_SPECIAL = frozenset("\\^$.*+?{}[]()|")
_ANYTHING = r"(?:.|\n)*"


def string(asked: Comparison) -> Terms:
    """The terms of a finding that recommends a text."""
    if asked.operator == "contains":
        return _containing(asked)
    terms = equality("string", asked, asked.recommended, "")
    terms.own = _default(asked)
    return terms


def multi_string(asked: Comparison) -> Terms:
    """The terms of a finding that recommends a list, whose elements HardeningKitty joins with semicolons to compare them."""
    if asked.operator == "contains":
        raise NotExpressibleError("'contains' looks at the elements joined into one text, where a policy looks at each element")
    terms = equality("multi_string", asked, _elements(asked.recommended), [])
    default = _default(asked) or ""
    terms.own = None if "" in default.split(";") else _elements(default)
    return terms


def asr_rule(asked: Comparison) -> Terms:
    """One rule in the text that holds them all, as in `id=1|id=2`. HardeningKitty reads it and never writes it."""
    if asked.operator != "=":
        raise NotExpressibleError(f"'{asked.operator}' within the one text that holds all rules is more than a policy can say")
    if not asked.argument or set("|=") & set(asked.argument + asked.recommended):
        raise NotExpressibleError("the finding doesn't name one rule (MethodArgument) and its action (RecommendedValue)")
    if same(asked.default, asked.recommended):
        raise NotExpressibleError("a text without this rule passes too, and no condition says that something isn't in a text")
    rule = f"{_escaped(asked.argument)}={_escaped(asked.recommended)}"
    return Terms("string", {"matches": rf"(?:[^|]*\|)*{rule}(?:\|[^|]*)*"}, absence=False)


def hardened_path(asked: Comparison) -> Terms:
    """A hardened UNC path, where HardeningKitty compares without spaces: here they may stand around `,` and `=`."""
    parts = [part.strip(" ") for part in re.split("([,=])", asked.recommended)]
    if asked.operator != "=" or not any(parts):
        raise NotExpressibleError(
            f"HardeningKitty drops the spaces of the data here; by '{asked.operator}' and with"
            f" '{asked.recommended}' that is more than a policy can say"
        )
    if any(" " in part for part in parts):
        raise NotExpressibleError(
            "HardeningKitty drops the spaces of the data here, and the recommended value has one in a word"
        )
    return Terms(
        "string",
        {"matches": " *" + "".join(f"{_escaped(part)} *" for part in parts if part), "set": asked.recommended},
        absence=same(asked.default.replace(" ", ""), asked.recommended.replace(" ", "")),
        stand_in=asked.recommended,
    )


def _default(asked: Comparison) -> str | None:
    """The default value, unless it says that there is none."""
    return None if asked.default == "" or same(asked.default, NO_DATA) else asked.default


def _containing(asked: Comparison) -> Terms:
    if not asked.recommended:
        raise NotExpressibleError("every text contains the empty one, so the finding always passes")
    return Terms(
        "string",
        {"matches": _ANYTHING + _escaped(asked.recommended) + _ANYTHING, "set": asked.recommended},
        absence=asked.recommended in asked.default,
        own=_default(asked),
        stand_in=asked.recommended,
        more={"case": "exact"},
    )


def _escaped(text: str) -> str:
    """A pattern for just this text."""
    return "".join(_escape(character) for character in text)


def _escape(character: str) -> str:
    if character in _SPECIAL:
        return "\\" + character
    return f"\\u{ord(character):04X}" if character < " " or character == "\x7f" else character


def _elements(text: str) -> list[str]:
    elements = text.split(";") if text else []
    if "" in elements:
        raise NotExpressibleError(f"'{text}' has an empty element, and a REG_MULTI_SZ can't hold one")
    return elements
