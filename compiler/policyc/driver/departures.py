"""Which collections of an output folder the policies don't name any more, and the line that says what became of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from policyc.artifacts.collections import Known
from policyc.diagnostics import Diagnostic, error, note, warning
from policyc.driver.check import Checked
from policyc.driver.make import known
from policyc.lowering.slugs import slug
from policyc.model import Collection, Project


def gone(checked: Checked, before: Iterable[Known], is_same: Callable[[Collection], bool]) -> Iterator[Diagnostic]:
    """An error for each that had anything that may have to be undone on devices, else a note.

    `is_same` tells of collections that surely say what they said before.
    """
    project = checked.project
    if project is None:
        return
    before = tuple(before)
    claimed = {slug(name) for collection in project.collections for name in collection.formerly}
    claimed |= {collection.identity for collection in project.collections}
    claimed |= {slug(name) for name in project.departed}
    lost = [one for one in before if one.identity not in claimed]
    there = {one.identity for one in before}
    new = [collection for collection in project.collections if collection.identity not in there]
    for one in lost:
        likely = _likely(one, lost, new)
        if not one.content:
            if likely is None:
                yield _nothing_left(project, one)
            continue
        yield _departed(project, one) if likely is None else _renamed(one, likely)
    yield from _exchanged(project, before, is_same)


def _likely(one: Known, lost: list[Known], new: list[Collection]) -> Collection | None:
    """The new collection that is probably the lost one: in the same file, or with the same content, and the only one."""
    same_file = [collection for collection in new if collection.origin.file == one.policy]
    if len(same_file) == 1:
        return same_file[0]
    same = [collection for collection in new if one.content and known(collection).content == one.content]
    others = [other for other in lost if other.content == one.content]
    return same[0] if len(same) == len(others) == 1 else None


def _renamed(one: Known, likely: Collection) -> Diagnostic:
    names = _listed((*one.formerly, *(() if one.name in one.formerly else (one.name,))))
    where = "add the line" if not likely.formerly else "write"
    return error(
        "PC0625",
        f"'{one.name}' is gone and '{likely.name}' is new: nothing says whether they are one collection",
        likely.origin.below("collection", "name"),
        help=f"if it was renamed, {where} 'formerly: [{names}]' below its name, and it stays who it is on the site and on "
        f"devices; if it is another one and '{one.name}' is gone for good, add '{_listed(one.first_names)}' to 'departed:' in "
        f"project.yaml",
    )


def _departed(project: Project, one: Known) -> Diagnostic:
    return error(
        "PC0626",
        f"the collection '{one.name}' ({one.policy}) is gone, and what it changed on devices stays there",
        project.origin,
        help=f"if it is gone for good, add the line 'departed: [{_listed(one.first_names)}]' to project.yaml: "
        f"it can then be undone on devices, by deploy.ps1 where monitor.ps1 lists them, by its package 'rollback' where Intune "
        f"brought it, by its last 'policy.ps1 -Mode Restore' where a person did; if another collection goes on with it, "
        f"write 'formerly: [{_listed(one.first_names)}]' below the name of that",
    )


def _nothing_left(project: Project, one: Known) -> Diagnostic:
    return note(
        "PC0628",
        f"the collection '{one.name}' ({one.policy}) is gone; it had nothing that could have changed a device",
        project.origin,
        help="nothing has to be done; deploy.ps1 -Prune removes it from the site",
    )


def _exchanged(project: Project, before: tuple[Known, ...], is_same: Callable[[Collection], bool]) -> Iterator[Diagnostic]:
    """Two names that were exchanged without a word: each would go on with what the other changed."""
    now = {collection.identity: collection for collection in project.collections}
    there = [one for one in before if one.identity in now]
    # Only of those that say something else than they did is it asked who said that before: an estate has very many pairs.
    says = {one.identity: one.content if is_same(now[one.identity]) else known(now[one.identity]).content for one in there}
    said: dict[str, list[int]] = {}
    for number, one in enumerate(there):
        said.setdefault(one.content, []).append(number)
    for number, one in enumerate(there):
        if says[one.identity] == one.content:
            continue
        for other in (there[place] for place in said.get(says[one.identity], ()) if place > number):
            if says[other.identity] == one.content:
                first, second = now[one.identity], now[other.identity]
                yield warning(
                    "PC0629",
                    f"'{first.name}' and '{second.name}' have exchanged all that they say",
                    first.origin.below("collection", "name"),
                    help=f"where the two exchanged their names, write 'formerly: [{_listed(other.first_names)}]' here and "
                    f"'formerly: [{_listed(one.first_names)}]' in {second.origin.file}: each then goes on with what it changed",
                )


def _listed(names: Iterable[str]) -> str:
    """Names as they stand in brackets in YAML."""
    return ", ".join(name if _is_plain(name) else "'" + name.replace("'", "''") + "'" for name in names)


def _is_plain(name: str) -> bool:
    """Whether YAML takes the name for text without quotes, inside of brackets too."""
    from policyc.source.tree import build

    return not set(name) & set(",[]{}#:&*!|>'\"%@`") and build("", f"formerly: [{name}]").tree == {"formerly": [name]}


__all__ = ["gone"]
