"""What changes of one collection's exceptions, and what that means for the settings that they take out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policyc.model import Collection, Exemption, Mode, Setting
from policyc.plan.left import BEFORE_AUDIT, retire
from policyc.plan.model import Action, Change, Subject, Word
from policyc.plan.settings import all_settings, changed_words, single
from policyc.plan.words import Words

_NEVER_WRITTEN = "the setting is not in force here: it is neither judged nor written"
_LEAVES_TOO = "the setting leaves with it, and was not in force"


def exception_changes(
    before: Collection | None, after: Collection | None, day_before: date, day_after: date
) -> Iterator[Change]:
    """Exceptions gained, changed, renewed, removed, and those whose last day lies between the two days."""
    old, new = _exempt(before), _exempt(after)
    titles = {name: setting.title for collection in (before, after) for name, setting in all_settings(collection).items()}
    for name in dict.fromkeys((*new, *old)):
        one, other = old.get(name), new.get(name)
        words = tuple(changed_words(_exemption_words(one), _exemption_words(other)))
        if one is None:
            action = Action.ADDED
        elif other is None:
            action = Action.REMOVED
        elif words:
            action = Action.RENEWED if other.expires > one.expires else Action.CHANGED
        elif day_before <= one.expires < day_after:
            action, words = Action.EXPIRED, (Word("expires", one.expires.isoformat(), one.expires.isoformat()),)
        else:
            continue
        means, in_force = _meaning(name, action, before, after)
        title = titles.get(name, name)
        yield Change(Subject.EXCEPTION, name, title, action, words, means=means, in_force=in_force)


def _exempt(collection: Collection | None) -> dict[str, Exemption]:
    if collection is None:
        return {}
    return {name: exemption for exemption in collection.exemptions for name in exemption.settings}


def _exemption_words(exemption: Exemption | None) -> Words:
    if exemption is None:
        return {}
    return {
        "expires": exemption.expires.isoformat(),
        "reason": exemption.reason,
        "owner": exemption.owner,
        "ticket": exemption.ticket,
    }


def _meaning(name: str, action: Action, before: Collection | None, after: Collection | None) -> tuple[str, tuple[Word, ...]]:
    """What a gained or removed exception means, and what is in force from now on."""
    if action is Action.ADDED and after is not None:
        # Under another name nothing was written: what the old one wrote is told of the collection as a whole.
        same = before if before is not None and before.slug == after.slug else None
        return _gained(_in_force(same).get(name), after), ()
    if action is Action.REMOVED and after is not None:
        setting = _in_force(after).get(name)
        if setting is None:
            return _LEAVES_TOO, ()
        written = "judged and written" if setting.remediated else "judged, and not written,"
        return f"the setting is {written} from now on", single(setting, Action.ADDED).words
    return "", ()


def _gained(known: Setting | None, after: Collection) -> str:
    if known is None:
        return _NEVER_WRITTEN
    if not known.remediated:
        return "the setting is no longer judged; it was never written"
    text = "the setting is no longer judged or written"
    if any(setting.remediated and setting.subject.place.identity == known.subject.place.identity for setting in after.settings):
        return f"{text}, and another setting writes its place"
    undo = BEFORE_AUDIT if after.mode is Mode.AUDIT else retire(after.slug)
    return f"{text}; what was written stays until it is rolled back: {undo}"


def _in_force(collection: Collection | None) -> dict[str, Setting]:
    return {} if collection is None else {setting.id: setting for setting in collection.settings}


__all__ = ["exception_changes"]
