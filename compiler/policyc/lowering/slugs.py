"""The folder of a collection in `output/`."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256

LONGEST = 60
_HASH = 8
_OTHER = re.compile(r"[^a-z0-9]+")
_DEVICE = re.compile(r"con|prn|aux|nul|(?:com|lpt)[0-9]")


def slug(name: str) -> str:
    """A name as a folder's: ASCII small letters, digits and single hyphens, at most 60.

    A hash of the name is added where letters were lost or the end was cut, as two names could have become one.

    >>> slug("Büro: Köln (2. Ring)")
    'buro-koln-2-ring'
    >>> slug("Пилот")
    '35f2a7da'
    """
    plain = unicodedata.normalize("NFKD", name)
    kept = _OTHER.sub("-", "".join(c for c in plain if not unicodedata.combining(c)).lower()).strip("-")
    complete = not any(character.isalnum() and not character.isascii() for character in plain)
    if kept and complete and len(kept) <= LONGEST:
        return kept
    mark = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH]
    return f"{kept[: LONGEST - _HASH - 1].strip('-')}-{mark}".lstrip("-")


def is_device(slug: str) -> bool:
    """Whether Windows takes the folder's name for a device, as `con` or `com1`."""
    return _DEVICE.fullmatch(slug) is not None
