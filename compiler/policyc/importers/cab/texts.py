"""Texts for people, from a site to a policy."""

from __future__ import annotations

import re

from policyc.targets.configmgr.limits import SETTING_DESCRIPTION
from policyc.targets.lengths import units

_LONGEST_TITLE = 256
_CUT = re.compile(r"~[0-9a-f]{7}\Z")
_CUT_AT = range(SETTING_DESCRIPTION - 20, SETTING_DESCRIPTION + 1)


def one_line(text: str, otherwise: str) -> str:
    r"""The text as a title: one line, not too long. `otherwise` where there is none.

    >>> one_line(" a\n\x7f b ", "x"), one_line("\t", "x")
    ('a b', 'x')
    """
    return _shown(text)[:_LONGEST_TITLE].strip() or _shown(otherwise)[-_LONGEST_TITLE:].strip()


def _shown(text: str) -> str:
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def whole(description: str) -> str:
    """The description. One that policyc had to cut for the console has dots for the rest, and not its mark.

    >>> whole("Short~0123456")
    'Short~0123456'
    """
    text = description.strip()
    return _CUT.sub("...", text) if units(text) in _CUT_AT else text
