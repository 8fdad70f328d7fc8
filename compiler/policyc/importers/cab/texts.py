"""Texts for people, from a site to a policy."""

from __future__ import annotations

import re

from policyc.targets.configmgr.limits import SETTING_DESCRIPTION, units

_LONGEST_TITLE = 256
_CUT = re.compile(r"~[0-9a-f]{7}\Z")
_CUT_AT = range(SETTING_DESCRIPTION - 20, SETTING_DESCRIPTION + 1)


def one_line(text: str, otherwise: str) -> str:
    """The text as a title: one line, not too long. `otherwise` where there is none."""
    return " ".join(text.split())[:_LONGEST_TITLE].strip() or " ".join(otherwise.split())[-_LONGEST_TITLE:].strip()


def whole(description: str) -> str:
    """The description. One that policyc had to cut for the console has dots for the rest, and not its mark.

    >>> whole("Short~0123456")
    'Short~0123456'
    """
    text = description.strip()
    return _CUT.sub("...", text) if units(text) in _CUT_AT else text
