"""The texts of a digest by language: each is named in the digest (`ResourceId`) and repeated in a .resx file beside it."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from functools import lru_cache
from uuid import UUID

from policyc.targets.configmgr.digest.escaping import attribute, content, holdable
from policyc.targets.configmgr.digest.model import Baseline, ConfigurationItem
from policyc.targets.uuids import uuid5

_NAMESPACE = UUID("6d2f6a3e-6c0b-5a0e-9a55-0d4b8f5f5c11")
"""Of policyc's ResourceIds. Never to change: every digest would, and so every revision."""

_ASSEMBLY = "System.Windows.Forms, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089"
_HEADERS = {
    "resmimetype": "text/microsoft-resx",
    "version": "2.0",
    "reader": f"System.Resources.ResXResourceReader, {_ASSEMBLY}",
    "writer": f"System.Resources.ResXResourceWriter, {_ASSEMBLY}",
}
"""What the reader of .NET asks of a file before it takes it for version 2.0."""
_HEAD = "\n".join(
    (
        '<?xml version="1.0" encoding="utf-8"?>',
        "<root>",
        *(f'  <resheader name="{name}">\n    <value>{value}</value>\n  </resheader>' for name, value in _HEADERS.items()),
    )
)


@lru_cache(maxsize=1024)
def resource_id(owner: str, part: str, element: str) -> str:
    """The ResourceId of one text: `owner` is the object's logical name, `part` a setting, a rule or empty.

    >>> resource_id("OperatingSystem_1", "", "DisplayName") == resource_id("OperatingSystem_1", "Rule_1", "DisplayName")
    False
    """
    return f"ID-{uuid5(_NAMESPACE, f'{owner}/{part}/{element}')}"


def resource_texts(of: ConfigurationItem | Baseline) -> dict[str, str]:
    """Each ResourceId that the digest of the object names, in its order, with its text."""
    return dict(_texts(of))


def resx(texts: Mapping[str, str]) -> bytes:
    """The texts as .NET ResX 2.0, UTF-8 with BOM as the console exports it."""
    lines = [_HEAD]
    for name, value in texts.items():
        lines += [
            f'  <data name="{attribute(name)}" xml:space="preserve">',
            f"    <value>{content(holdable(value))}</value>",
            "  </data>",
        ]
    return BOM_UTF8 + ("\n".join(lines) + "\n</root>\n").encode()


def _texts(of: ConfigurationItem | Baseline) -> Iterator[tuple[str, str]]:
    owner = of.identity.logical_name
    yield from _annotation(owner, "", of.name, of.description)
    if isinstance(of, ConfigurationItem):
        for setting in of.settings:
            yield from _annotation(owner, setting.logical_name, setting.name, setting.description)
        for setting in of.settings:
            yield from _annotation(owner, f"Rule_{setting.id}", setting.name, setting.description)


def _annotation(owner: str, part: str, name: str, description: str) -> Iterator[tuple[str, str]]:
    yield resource_id(owner, part, "DisplayName"), holdable(name)
    if description:
        yield resource_id(owner, part, "Description"), holdable(description)
