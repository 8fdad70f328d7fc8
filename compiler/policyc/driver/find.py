"""Which collection is asked for: by name, by folder in the output, or by file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from policyc.diagnostics.reporters.plain import plain
from policyc.model import Collection, Setting, upper
from policyc.source.wording import nearest


class NotFoundError(Exception):
    """An argument that names nothing: wrong usage."""

    def __init__(self, message: str, argument: str) -> None:
        super().__init__(plain(message))
        self.argument = argument


def find_collection(collections: Sequence[Collection], policies: Path, asked: str) -> Collection | None:
    """The collection, None where there is none."""
    root = policies.absolute()
    files = [Path(os.path.normpath(path)) for path in (Path(asked).absolute(), root / asked)]
    by_name = [one for one in collections if upper(one.name) == upper(asked)]
    by_slug = [one for one in collections if one.slug == asked]
    by_file = [one for one in collections if Path(os.path.normpath(root / one.origin.file)) in files]
    return next(iter((*by_name, *by_slug, *by_file)), None)


def no_collection(collections: Sequence[Collection], asked: str) -> NotFoundError:
    """What to say where there is none."""
    near = nearest(asked, [name for one in collections for name in (one.slug, one.origin.file, one.name)])
    way_out = f"did you mean '{near}'?" if near else f"there are {len(collections)}, by name, folder or file"
    return NotFoundError(f"no collection is called '{asked}'; {way_out}", "COLLECTION")


def no_setting(collection: Collection, settings: Iterable[Setting], asked: str) -> NotFoundError:
    """What to say where a collection has no such setting among these."""
    near = nearest(asked, [one.id for one in settings])
    way_out = f"did you mean '{near}'?" if near else f"policyc show {collection.slug} shows all"
    return NotFoundError(f"'{collection.name}' has no setting '{asked}'; {way_out}", "SETTING")
