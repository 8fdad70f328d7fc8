"""Which kind of document a file holds: its place and its head say it."""

from __future__ import annotations

from itertools import islice
from typing import Any

from policyc.diagnostics import Diagnostic, error
from policyc.diagnostics.cures import rename, write
from policyc.model import Location
from policyc.source.files import PROJECT
from policyc.source.limits import MOST_FINDINGS
from policyc.source.untyped import Tree
from policyc.source.wording import nearest

HEADS = {"collection": "collection", "baseline": "baseline", "device": "state", "tests": "tests"}
"""The head of a file to the kind of document that it is."""
EMPTY_DEVICE = "device: {}"
"""The least that a state begins with."""
_OF_A_STATE = ("registry", "registry_32", "users")
"""What only the file of a state has at its top, beside its head."""


def kind_of(file: str, tree: Tree) -> str | Diagnostic:
    """`project`, or one of `HEADS`, or why the file is none. Misspelt heads are left to the schema."""
    if not isinstance(tree, dict):
        what = "a list" if isinstance(tree, list) else "text"
        way_out = "begin it with 'project:'" if file == PROJECT else "begin it with 'collection:' or 'baseline:'"
        return error("PC0214", f"The file holds {what}, not a policy", Location(file), help=way_out)
    if file == PROJECT:
        return "project"
    head = next((head for head in HEADS if head in tree), None)
    if head is not None:
        return _second_head(file, tree) or HEADS[head]
    if "project" in tree:
        place = Location(file, ("project",), on_key=True)
        way_out = f"move it to '{PROJECT}' at the top of the policies folder"
        return error("PC0214", f"'project' stands outside of '{PROJECT}'", place, help=way_out)
    near = next(filter(None, (nearest(key, HEADS) for key in islice(tree, MOST_FINDINGS))), None)
    if near is not None:
        return HEADS[near]
    if any(word in tree for word in _OF_A_STATE):
        message = "The file has no head that says what it describes; it looks like the state of a device"
        return error("PC0214", message, Location(file), help=f"begin it with '{EMPTY_DEVICE}'")
    way_out = "write 'collection:' or 'baseline:' with a 'name:' below it; move files that are no policies out of the folder"
    return error("PC0214", "The file has no head that says what it describes", Location(file), help=way_out)


def _second_head(file: str, tree: dict[str, Any]) -> Diagnostic | None:
    first, *others = [head for head in (*HEADS, "project") if head in tree]
    if not others:
        return None
    other = others[0]
    place = Location(file, (other,), on_key=True)
    if other == "baseline" and not isinstance(tree[other], dict):
        message = "A collection lists its baselines under 'baselines:'; 'baseline:' is the head of a file of its own"
        name = tree[other]
        if not isinstance(name, str):
            return error("PC0214", message, place, help="write 'baselines: [name]'")
        cure = (*write(Location(file, (other,)), f"[{name}]"), *rename(place, "baselines"))
        return error("PC0214", message, place, help=f"write 'baselines: [{name}]'", cures=[cure])
    return error("PC0214", f"The file has two heads, '{first}' and '{other}'", place, help="give each a file of its own")
