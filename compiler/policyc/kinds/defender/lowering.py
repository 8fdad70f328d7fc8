"""The words below `defender:` as the model has them, and what no device should be asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyc.diagnostics import Diagnostic, error, warning
from policyc.diagnostics.cures import remove, rename, write
from policyc.evaluation import UNREADABLE, Held, State
from policyc.kinds.defender.exclusions import Exclusions, ListPlace, key, state_of
from policyc.kinds.defender.preferences import PREFERENCES, nearest_rule, rule_id
from policyc.kinds.defender.risky import risk
from policyc.kinds.defender.subject import Defender, DefenderPlace
from policyc.kinds.duplicates import warn_of_repeated
from policyc.model import Kind, Location, Operator
from policyc.source.wording import as_yaml, listed, nearest, quoted

_OPERATORS = (Operator.CONTAINS, Operator.NONE_OF, Operator.SET_EQUALS)


def lower(tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> Defender | Exclusions | None:
    """The subject of a setting's tree; None where an error was added to `found`."""
    said: dict[str, Any] = tree["defender"]
    node = at.below("defender")
    writes = not audit and tree.get("remediate", True)
    if "list" in said:
        return _exclusions(said, node, found, writes=writes)
    strange = next((word for word in ("contains", "none_of", "set_equals", "also_allowed") if word in said), None)
    if strange is not None:
        found.append(_not_beside(strange, "asr_rule" if "asr_rule" in said else "preference", node))
        return None
    if "asr_rule" in said:
        place = rule(said["asr_rule"], node.below("asr_rule"), found)
    else:
        place = preference(said["preference"], node.below("preference"), found)
    if place is None or not _value(place, said["equals"], node.below("equals"), found):
        return None
    return Defender(place, said["equals"], writes=writes)


def stated(
    tree: dict[str, Any], at: Location, found: list[Diagnostic]
) -> Iterator[tuple[DefenderPlace | ListPlace, State, Location]]:
    """What is where, as a state or a test says it."""
    for part, place_of in (("asr_rules", rule), ("preferences", preference)):
        said: dict[str, str] = tree.get(part, {})
        for name, word in said.items():
            node = at.below(part, name)
            place = place_of(name, node, found, on_key=True)
            if place is None:
                continue
            if word == "unreadable":
                yield place, UNREADABLE, node
            elif known_value(place, word, node, found):
                yield place, Held(Kind.STRING, word), node
    lists: dict[str, list[str]] = tree.get("lists", {})
    for name, held in lists.items():
        yield ListPlace(name), UNREADABLE if held == ["unreadable"] else state_of(held), at.below("lists", name)


def _exclusions(said: dict[str, Any], at: Location, found: list[Diagnostic], *, writes: bool) -> Exclusions | None:
    """A list; None where an error was added to `found`."""
    operator = next(one for one in _OPERATORS if one.value in said)
    strange = "equals" if "equals" in said else "also_allowed"
    if strange in said and (strange == "equals" or operator is not Operator.SET_EQUALS):
        found.append(_not_beside(strange, operator.value, at))
        return None
    lists = {word: _members(said, word, at, found) for word in (operator.value, "also_allowed") if word in said}
    also = lists.get("also_allowed", ())
    return Exclusions(ListPlace(said["list"]), operator, lists[operator.value], also, writes=writes)


def _not_beside(word: str, other: str, at: Location) -> Diagnostic:
    message = f"'{word}' has no meaning beside '{other}'"
    node = at.below(word)
    return error("PC1506", message, node.key(), help=f"take '{word}' out", cures=[remove(node)])


def _members(said: dict[str, Any], word: str, at: Location, found: list[Diagnostic]) -> tuple[str, ...]:
    """The members of a list, each once; what leaves a door open is told where it is asked for or may stay."""
    members: list[str] = said[word]
    warn_of_repeated(tuple(map(key, members)), at.below(word), found, exact_case=True, can_be_exact=False)
    if word != Operator.NONE_OF.value:
        for index, member in enumerate(members):
            why = risk(said["list"], member)
            if why is not None:
                way_out = "exclude the one file or folder that a product asks for, by its whole path, or take it out"
                found.append(warning("PC1505", f"{quoted(member)} {why}", at.below(word, index), help=way_out))
    return tuple({key(member): member for member in reversed(members)}.values())[::-1]


def rule(said: str, at: Location, found: list[Diagnostic], *, on_key: bool = False) -> DefenderPlace | None:
    """A rule by its name or its GUID."""
    guid = rule_id(said)
    if guid is not None:
        return DefenderPlace(guid, None)
    near = nearest_rule(said)
    message = f"there is no attack surface reduction rule {quoted(said)}"
    way_out = "write the rule's GUID, or its name, of Microsoft's reference of attack surface reduction rules"
    if near is not None:
        message, way_out = f"{message}, and there is {quoted(near)}", f"write {as_yaml(near)}"
    cures = [] if near is None else [rename(at, near) if on_key else write(at, as_yaml(near))]
    found.append(error("PC1501", message, at.key() if on_key else at, help=way_out, cures=cures))
    return None


def preference(said: str, at: Location, found: list[Diagnostic], *, on_key: bool = False) -> DefenderPlace | None:
    """A preference by the name of its parameter."""
    if said in PREFERENCES:
        return DefenderPlace(None, said)
    where = at.key() if on_key else at
    near = nearest(said, PREFERENCES)
    if near is not None:
        cures = [rename(at, near) if on_key else write(at, near)]
        message = f"there is no preference {quoted(said)}, and there is '{near}'"
        found.append(error("PC1502", message, where, help=f"write '{near}'", cures=cures))
    else:
        message = f"a policy can't set Defender's preference {quoted(said)}"
        way_out = (
            "set its policy with 'registry', below HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows Defender; the preferences here "
        )
        found.append(error("PC1502", message, where, help=f"{way_out}are {listed(PREFERENCES, 'and')}"))
    return None


def known_value(place: DefenderPlace, said: str, at: Location, found: list[Diagnostic]) -> bool:
    """Whether the place can be this."""
    if said in place.words:
        return True
    near = nearest(said, place.words)
    message = f"{place} is never {quoted(said)}"
    way_out = f"write one of {listed(place.words)}" if near is None else f"write '{near}'"
    found.append(error("PC1503", message, at, help=way_out, cures=[] if near is None else [write(at, near)]))
    return False


def _value(place: DefenderPlace, said: str, at: Location, found: list[Diagnostic]) -> bool:
    """Whether the place can be this, and may be."""
    if not known_value(place, said, at, found):
        return False
    if place.preference is not None and said in PREFERENCES[place.preference].refused:
        message = f"'{said}' turns a protection of Microsoft Defender off, which no policy does"
        way_out = "take the setting out: what nobody has set is as Windows has it; a policy in the registry can say otherwise"
        found.append(error("PC1504", message, at, help=way_out))
        return False
    return True
