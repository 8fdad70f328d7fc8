"""Looking into the tree of a digest."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from policyc.targets.configmgr.digest.writing import DIGEST, RULES

_INTEGER = re.compile("-?[0-9]{1,20}")


def digest(name: str) -> str:
    """The tag of an element of the digest's own namespace."""
    return f"{{{DIGEST}}}{name}"


def rules(name: str) -> str:
    """The tag of an element of the namespace of rules."""
    return f"{{{RULES}}}{name}"


def local_name(element: ET.Element) -> str:
    """The tag without its namespace."""
    return element.tag.rpartition("}")[2]


def integer(text: str) -> int | None:
    """The number that the text is, None for any other text.

    >>> integer("-1"), integer("1e3"), integer("9" * 5000)
    (-1, None, None)
    """
    return int(text) if _INTEGER.fullmatch(text) else None
