"""The words below `defender:` as the model has them, and what no device should be asked for."""

from __future__ import annotations

from typing import Any

from policyc.diagnostics import Diagnostic, error
from policyc.diagnostics.cures import rename, write
from policyc.kinds.defender.preferences import PREFERENCES, nearest_rule, rule_id
from policyc.kinds.defender.subject import Defender, DefenderPlace
from policyc.model import Location
from policyc.source.wording import as_yaml, listed, nearest, quoted


def lower(tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> Defender | None:
    """The subject of a setting's tree; None where an error was added to `found`."""
    said: dict[str, Any] = tree["defender"]
    node = at.below("defender")
    if "asr_rule" in said:
        place = rule(said["asr_rule"], node.below("asr_rule"), found)
    else:
        place = preference(said["preference"], node.below("preference"), found)
    if place is None or not _value(place, said["equals"], node.below("equals"), found):
        return None
    return Defender(place, said["equals"], writes=not audit and tree.get("remediate", True))


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
