"""Lines of a security template's other sections as settings of their kinds (MS-GPSB 2.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from policyc.importers.found import Found, NotExpressibleError, Refused
from policyc.importers.rights import KIND as USER_RIGHT
from policyc.importers.rights import right_named, right_title, right_words

_ASSIGNED = re.compile(r"(?P<key>[^=]*)=(?P<value>.*)")


def _right(text: str, source: str) -> list[Found | Refused]:
    constant, value = _assigned(text)
    right = right_named(constant)
    words = right_words(right, [one for one in value.split(",") if one.strip()])
    return [Found(right_title(right, words), words, source, right.title, section="User rights", kind=USER_RIGHT)]


def _assigned(text: str) -> tuple[str, str]:
    match = _ASSIGNED.fullmatch(text)
    if match is None:
        raise NotExpressibleError("a line here is KEY = VALUE")
    return match["key"].strip(), match["value"].strip()


SECTIONS: Mapping[str, Callable[[str, str], list[Found | Refused]]] = {
    "privilege rights": _right,
}
"""By the section in small letters: what a line of it says. Each raises NotExpressibleError."""
