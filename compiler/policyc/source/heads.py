"""Which kind of document a file holds: its place and its head say it."""

from __future__ import annotations

from itertools import islice
from typing import Any

from policyc.diagnostics import Diagnostic, error
from policyc.model import Location
from policyc.source.files import PROJECT
from policyc.source.limits import MOST_FINDINGS
from policyc.source.untyped import Tree
from policyc.source.wording import nearest


def kind_of(file: str, tree: Tree) -> str | Diagnostic:
    """`project` or `collection`, or why the file is neither. Misspelt heads are left to the schema."""
    if not isinstance(tree, dict):
        what = "a list" if isinstance(tree, list) else "text"
        way_out = "begin it with 'project:'" if file == PROJECT else "begin it with 'collection:'"
        return error("PC0214", f"The file holds {what}, not a policy", Location(file), help=way_out)
    if file == PROJECT:
        return "project"
    if "collection" in tree:
        return _second_head(file, tree) or "collection"
    if "baseline" in tree:
        place = Location(file, ("baseline",), on_key=True)
        way_out = "move its settings to the collections that need them"
        return error("PC0215", "Baselines are not supported by this version of policyc", place, help=way_out)
    if "project" in tree:
        place = Location(file, ("project",), on_key=True)
        way_out = f"move it to '{PROJECT}' at the top of the policies folder"
        return error("PC0214", f"'project' stands outside of '{PROJECT}'", place, help=way_out)
    if any(nearest(key, ["collection"]) for key in islice(tree, MOST_FINDINGS)):
        return "collection"
    way_out = "write 'collection:' with a 'name:' below it; move files that are no policies out of the folder"
    return error("PC0214", "The file has no head that says what it describes", Location(file), help=way_out)


def _second_head(file: str, tree: dict[str, Any]) -> Diagnostic | None:
    other = next((head for head in ("baseline", "project") if head in tree), None)
    if other is None:
        return None
    place = Location(file, (other,), on_key=True)
    return error("PC0214", f"The file has two heads, 'collection' and '{other}'", place, help="give each a file of its own")
