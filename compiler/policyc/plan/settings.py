"""What changes of one collection's settings and exceptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from policyc.model import Collection, Exemption, Setting, Severity
from policyc.plan.model import Action, Change, Direction, Moved, Subject, Value, Word
from policyc.plan.order import direction, reach
from policyc.plan.words import CONDITION, Words, masked, same, setting_words

_SEVERITIES = list(Severity)
_PLACE = ("registry.key", "registry.name", "registry.view")
_SHOWN_WHEN_NEW = frozenset({*_PLACE, *CONDITION, "set", "remediate", "severity", "applies_to", "takes_effect"})
_NOW_WRITTEN = "now changed on devices"
_NOW_REPORTED = "now only reported"


def changed_words(before: Words, after: Words) -> Iterator[Word]:
    """The words that differ, in the order of the new ones; those that are gone come last."""
    for word in dict.fromkeys((*after, *before)):
        old, new = before.get(word), after.get(word)
        if not same(word, old, new):
            yield Word(word, old, new)


def setting_changes(before: Collection | None, after: Collection | None) -> Iterator[Change]:
    """Added, removed and changed settings. What an exception takes out is there all the same: the exception is told."""
    old, new = _all(before), _all(after)
    judged = before is None or after is None or before.mode is after.mode
    for name, setting in new.items():
        known = old.get(name)
        if known is None:
            yield _single(setting, Action.ADDED)
        elif words := tuple(setting_change(known, setting, with_remediate=judged)):
            yield Change(
                Subject.SETTING, name, setting.title, Action.CHANGED, words, _baselines(setting), _new_reasons(known, setting)
            )
    yield from (_single(setting, Action.REMOVED) for name, setting in old.items() if name not in new)


def moves(before: Collection | None, after: Collection | None) -> Iterator[Moved]:
    """Settings that come by another way, whatever else changes of them."""
    old, new = _all(before), _all(after)
    for name, setting in new.items():
        known = old.get(name)
        if known is not None and _baselines(known) != _baselines(setting):
            yield Moved(name, _baselines(known), _baselines(setting))


def setting_change(before: Setting, after: Setting, *, with_remediate: bool = True) -> Iterator[Word]:
    """The words that differ between two settings of one id, with their direction."""
    old, new = setting_words(before), setting_words(after)
    if before.place.identity == after.place.identity:
        new.update({part: old[part] for part in _PLACE})
    if not with_remediate:
        # Audit writes nothing, whatever the settings say: that is told once, of the collection.
        for words in (old, new):
            words["remediate"] = words["set"] = None
    old, new = _one_condition(before, after, old, new)
    shown_old, shown_new = (masked(old), masked(new)) if before.sensitive or after.sensitive else (old, new)
    meaning = direction(before, after)
    for word in changed_words(old, new):
        shown = replace(word, before=shown_old.get(word.word), after=shown_new.get(word.word))
        if word.word in CONDITION:
            # Said once, as these words have a meaning only together.
            shown, meaning = replace(shown, direction=meaning), None
        yield _with_meaning(shown, before, after)


def _one_condition(before: Setting, after: Setting, old: Words, new: Words) -> tuple[Words, Words]:
    """Both conditions under one word where the operators differ."""
    if before.condition.operator is after.condition.operator:
        return old, new
    return _joined(old, before), _joined(new, after)


def _joined(words: Words, setting: Setting) -> Words:
    operator = setting.condition.operator.value
    value: Value = {operator: "(sensitive)" if setting.sensitive else words[operator]}
    return {"condition" if word == operator else word: value if word == operator else old for word, old in words.items()}


def _with_meaning(word: Word, before: Setting, after: Setting) -> Word:
    match word.word:
        case "severity":
            rises = _SEVERITIES.index(after.severity) > _SEVERITIES.index(before.severity)
            return replace(word, direction=Direction.STRENGTHENED if rises else Direction.WEAKENED)
        case "remediate":
            return replace(word, note=_NOW_WRITTEN if after.remediated else _NOW_REPORTED)
        case "applies_to":
            return replace(word, direction=reach(before.applies_to, after.applies_to))
    return word


def _single(setting: Setting, action: Action) -> Change:
    words = setting_words(setting)
    shown = masked(words) if setting.sensitive else words
    added = action is Action.ADDED
    told = tuple(
        Word(word, None if added else value, value if added else None)
        for word, value in shown.items()
        if word in _SHOWN_WHEN_NEW and value is not None
    )
    return Change(Subject.SETTING, setting.id, setting.title, action, told, _baselines(setting), _reasons(setting))


def _all(collection: Collection | None) -> Mapping[str, Setting]:
    if collection is None:
        return {}
    return {setting.id: setting for setting in (*collection.settings, *collection.exempted)}


def _baselines(setting: Setting) -> tuple[str, ...]:
    return setting.layer.baselines if setting.layer else ()


def _reasons(setting: Setting) -> tuple[str, ...]:
    return tuple(change.reason for change in setting.layer.changes) if setting.layer else ()


def _new_reasons(before: Setting, after: Setting) -> tuple[str, ...]:
    known = _reasons(before)
    return tuple(reason for reason in _reasons(after) if reason not in known)


def exception_changes(
    before: Collection | None, after: Collection | None, day_before: date, day_after: date
) -> Iterator[Change]:
    """Exceptions gained, changed, renewed, removed, and those whose last day lies between the two days."""
    old, new = _exempt(before), _exempt(after)
    titles = {name: setting.title for collection in (before, after) for name, setting in _all(collection).items()}
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
        yield Change(Subject.EXCEPTION, name, titles.get(name, name), action, words)


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


__all__ = ["exception_changes", "moves", "setting_change", "setting_changes"]
