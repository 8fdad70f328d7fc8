"""What is wrong with a `group_policy`, in the words of whoever wrote it, with the template's file and line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from policyc.diagnostics import Diagnostic, Related, error, note, warning
from policyc.diagnostics.cures import Cure, remove, rename, write
from policyc.model import Location, Setting

if TYPE_CHECKING:
    from policyc.definitions import Misfit, Missing, Named
    from policyc.definitions.template import Option


def place(named: Named, line: int) -> Location:
    """A line of a policy's template."""
    return Location(named.template.file, line=line, column=1)


def missing(name: str, known: Missing, node: Location) -> Diagnostic:
    """A name that no policy has, or of one that can't be used."""
    if known.fault is not None:
        related = [Related(Location(known.file, line=known.fault.line or 1, column=1), "the template")]
        message = f"the policy '{name}' can't be used: {known.fault.message}"
        return error("PC1908", message, node, help=known.fault.help, related=related)
    if known.names:
        message = f"{len(known.names)} policies are called '{name}'"
        way_out = f"write the id of the one that is meant: {', '.join(known.names[:10])}"
        return error("PC1907", message, node, help=way_out, cures=[write(node, one) for one in known.names[:10]])
    way_out = "write the name of its template's file, a slash and its own, or what it is called in the editor of Group Policy"
    cures: list[Cure] = []
    if known.near is not None:
        way_out, cures = f"did you mean '{known.near}'?", [write(node, known.near)]
    return error("PC1906", f"no template has a policy '{name}'", node, help=way_out, cures=cures)


def scope_of(named: Named, said: dict[str, Any], node: Location, found: list[Diagnostic]) -> str | None:
    """Whose policy is meant; None where an error was added to `found`."""
    scopes, given = [scope.value for scope in named.policy.scopes], said.get("scope")
    if given is None and len(scopes) == 1:
        return scopes[0]
    related = [Related(place(named, named.policy.line), f"the policy '{named.id}'")]
    if given is None:
        message = f"'{named.id}' is a policy of machines and of users, and it isn't said which is meant"
        way_out = "add 'scope: machine' or 'scope: user'"
        found.append(error("PC1909", message, node, help=way_out, related=related))
        return None
    if given not in scopes:
        message = f"'{named.id}' is a policy of the {scopes[0]} alone"
        way_out = f"write 'scope: {scopes[0]}', or take it out"
        at = node.below("scope")
        found.append(error("PC1909", message, at, help=way_out, related=related, cures=[write(at, scopes[0]), remove(at)]))
        return None
    return str(given)


def misfit(named: Named, one: Misfit, node: Location) -> Diagnostic:
    """Something that the template doesn't take; `node` is that of `group_policy`."""
    at = node.below(*one.way)
    is_name = one.code == "PC1911"
    cures = [] if one.near is None else [rename(at, one.near) if is_name else write(at, one.near)]
    related = [Related(place(named, one.line), f"the policy '{named.id}'")]
    return error(one.code, one.message, at.key() if is_name else at, help=one.help, related=related, cures=cures)


def writes_nothing(named: Named, state: str, node: Location) -> Diagnostic:
    """A state in which nothing is checked or changed."""
    message = f"'{named.id}' writes nothing where it is {state.replace('_', ' ')}"
    related = [Related(place(named, named.policy.line), f"the policy '{named.id}'")]
    way_out = "write another state, or take the setting out: nothing is checked or changed"
    return warning("PC1915", message, node.below("state"), help=way_out, related=related)


def others_stay(named: Named, option: Option, node: Location) -> Diagnostic:
    """A list whose key keeps what else is in it."""
    what = f"all other values of '{option.key}' for '{option.label or option.id}'"
    message = f"Group Policy takes away {what}, which hold more than this list, and here they stay"
    related = [Related(place(named, option.line), f"the list of '{named.id}'")]
    way_out = "name the values that must go as registry settings with 'absent: true'"
    return note("PC1916", message, node, help=way_out, related=related)


def unfit(id: str, tree: dict[str, Any]) -> Iterator[str]:
    """What the schema has against a registry setting that a policy unfolds to."""
    from policyc.source.schema import is_valid

    whole = {"collection": {"name": "x"}, "settings": {id: tree}}
    if not is_valid("collection", whole):
        from policyc.source.explain import explain

        yield from (found.message for found in explain("", "collection", whole, ""))


def wrong_value(id: str, at: Location, wrong: str) -> Diagnostic:
    """A value that the registry, or a policy, can't have, though the template does."""
    way_out = "write another value, or ask the vendor for a template that takes what the registry does"
    return error("PC1912", f"'{id}' would be a registry setting that can't be: {wrong}", at, help=way_out)


def taken_ids(settings: Iterable[Setting]) -> Iterator[Diagnostic]:
    """Ids that a policy's unfolded settings share with others of the collection."""
    known: dict[str, Setting] = {}
    for setting in settings:
        first = known.setdefault(setting.id, setting)
        if first is setting or (first.part_of is None and setting.part_of is None):
            continue
        one, other = (first, setting) if setting.part_of is None else (setting, first)
        message = f"'{one.whole}' unfolds to a setting '{one.id}', and another one is called so"
        related = [Related(one.origin.key(), f"'{one.whole}', which unfolds to it")]
        place = Location(other.origin.file, other.origin.path, on_key=True)
        yield error("PC1914", message, place, help="give this setting another id", related=related)
