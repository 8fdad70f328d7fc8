"""What a shell offers behind the tab key: codes, collections and settings.

Asked on every press of a key, in any folder and any state of its policies: nothing is checked, and whatever fails offers
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import typer

_MOST_FILES = 500
"""Files that are looked into: some tenths of a second."""


def _quiet(offer: Callable[..., Iterator[str]]) -> Callable[..., list[str]]:
    @wraps(offer)
    def quiet(ctx: typer.Context, incomplete: str) -> list[str]:
        try:
            return [word for word in dict.fromkeys(offer(ctx)) if word.casefold().startswith(incomplete.casefold())]
        except Exception:  # a traceback would stand in the middle of what is being typed
            return []

    # Typer hands over what the signature names.
    del quiet.__wrapped__
    return quiet


@_quiet
def codes(_: typer.Context) -> Iterator[str]:
    """Codes of findings."""
    from policyc.diagnostics import pages

    yield from pages.codes()


@_quiet
def collections(ctx: typer.Context) -> Iterator[str]:
    """Collections, as their folders in the output are called."""
    from policyc.lowering.slugs import slug

    for tree in _trees(ctx):
        head = tree.get("collection")
        name = head.get("name") if isinstance(head, dict) else None
        if isinstance(name, str):
            yield slug(name)


@_quiet
def settings(ctx: typer.Context) -> Iterator[str]:
    """Ids of settings, those of baselines too."""
    for tree in _trees(ctx):
        if isinstance(tree.get("settings"), dict):
            yield from tree["settings"]


def _trees(ctx: typer.Context) -> Iterator[dict[str, Any]]:
    from policyc.source.files import find_files
    from policyc.source.reading import read_text
    from policyc.source.tree import build

    root = Path(ctx.params.get("policies") or "policies")
    for file in find_files(root).files[:_MOST_FILES]:
        text = read_text(root, file)
        tree = build(file, text).tree if isinstance(text, str) else None
        if isinstance(tree, dict):
            yield tree
