"""Bytes to elements: encodings as ConfigMgr leaves them, no document type, nothing too large."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyc.registry_files import FormatError, markup
from policyc.targets.configmgr.digest.errors import DigestError

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET


def parse(content: bytes) -> ET.Element:
    """The root element. DigestError for what isn't well-formed, or brings a document type and so entities."""
    try:
        return markup.parse(content)
    except FormatError as error:
        raise DigestError(f"the digest can't be read: {error}") from None
