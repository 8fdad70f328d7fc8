"""Who the estate is that an output folder was compiled from, and what that says of the project's id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from policyc.artifacts.revisions import project_of
from policyc.diagnostics import Diagnostic, warning
from policyc.driver.check import Checked
from policyc.model import is_derived

NO_ID = "PC0349"


def another_estate(checked: Checked, output: Path) -> Iterator[Diagnostic]:
    """A warning where the project has another id than the output was compiled with."""
    before = project_of(output)
    if checked.project is None or before is None or before[1] == checked.project.id:
        return
    yield warning(
        "PC0624",
        f"the project had the id '{before[1]}': with another, every object on the site gets a new identity, and what the old "
        f"one changed on devices is another's",
        checked.project.origin.below("project", "id"),
        help=f"keep 'id: {before[1]}'; or undo and remove first what the old one did, as the page of this code says",
    )


def known_id(checked: Checked, output: Path) -> Iterator[Diagnostic]:
    """The findings; what is said of a project without an id knows who this output was compiled from."""
    before = project_of(output)
    for found in checked.diagnostics:
        if found.code != NO_ID or before is None:
            yield found
            continue
        name, own = before
        kept = f"add the line 'id: {own}' below 'project:' ('policyc init --id' does): this output was compiled with it"
        if is_derived(own):
            kept = (
                f"add the line 'id: {own}' below 'project:' ('policyc init --id' does): it derives from the name '{name}', "
                f"from which this output has its identities, so that nothing changes on the site and devices; another estate "
                f"of that name can't be told from this one"
            )
        yield replace(found, help=kept)
