"""Several files as one import, each entry with the file that it is from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from policyc.importers.found import Found, Imported


def joined(read: Sequence[tuple[str, Imported]]) -> Imported:
    """What files say together, each with the label that stands before its entries; the first one gives the title."""
    settings = tuple(_labelled(one, label) for label, imported in read for one in imported.settings)
    refused, overwritten = (
        tuple(replace(one, source=prefixed(label, one.source)) for label, imported in read for one in getattr(imported, word))
        for word in ("refused", "overwritten")
    )
    entries, same, both = (sum(getattr(one, word) for _, one in read) for word in ("entries", "same", "joined"))
    return Imported(read[0][1].title, settings, refused, entries, same, both, overwritten)


def prefixed(label: str, source: str) -> str:
    """The source with the label before it, where both say anything."""
    return ": ".join(filter(None, (label, source)))


def _labelled(one: Found, label: str) -> Found:
    if not label:
        return one
    remark = None if one.remark is None else prefixed(label, one.remark)
    return replace(one, source=prefixed(label, one.source), remark=remark)
