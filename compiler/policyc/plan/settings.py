"""What changes of one collection's settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from policyc.kinds import kind_of, texts_named
from policyc.model import Collection, Setting, Severity
from policyc.plan.model import Action, Change, Direction, Moved, Subject, Value, Word
from policyc.plan.order import direction, reach
from policyc.plan.words import Words, masked, same, setting_words

_SEVERITIES = list(Severity)
_SHOWN_WHEN_NEW = frozenset({"set", "remediate", "changed_by", "severity", "applies_to", "only_if", "takes_effect"})
_CONDITION = "condition"
"""The word for both conditions, where what they ask differs."""
_NOT_IN_FORCE = "not in force here, as an exception takes the setting out"
_NOW_WRITTEN = "now changed on devices"
_NOW_REPORTED = "now only reported"


def changed_words(before: Words, after: Words) -> Iterator[Word]:
    """The words that differ, in the order of the new ones; those that are gone come last."""
    for word in dict.fromkeys((*after, *before)):
        old, new = before.get(word), after.get(word)
        if not same(word, old, new):
            yield Word(word, old, new)


def setting_changes(before: Collection | None, after: Collection | None) -> Iterator[Change]:
    """Added, removed and changed settings. One that an exception takes out doesn't come or go: the exception is told."""
    old, new = all_settings(before), all_settings(after)
    out_before, out_after = _exempted(before), _exempted(after)
    judged = before is None or after is None or before.mode is after.mode
    for name, setting in new.items():
        known = old.get(name)
        if known is None:
            if name not in out_after:
                yield single(setting, Action.ADDED)
        elif words := tuple(setting_change(known, setting, with_remediate=judged)):
            reasons, means = _new_reasons(known, setting), _NOT_IN_FORCE if name in out_after else ""
            yield Change(Subject.SETTING, name, setting.title, Action.CHANGED, words, _baselines(setting), reasons, means)
    gone = (setting for name, setting in old.items() if name not in new and name not in out_before)
    yield from (single(setting, Action.REMOVED) for setting in gone)


def moves(before: Collection | None, after: Collection | None) -> Iterator[Moved]:
    """Settings that come by another way, whatever else changes of them."""
    old, new = all_settings(before), all_settings(after)
    for name, setting in new.items():
        known = old.get(name)
        if known is not None and _baselines(known) != _baselines(setting):
            yield Moved(name, _baselines(known), _baselines(setting))


def setting_change(before: Setting, after: Setting, *, with_remediate: bool = True) -> Iterator[Word]:
    """The words that differ between two settings of one id, with their direction."""
    kind = kind_of(after.subject)
    together = {*kind.condition_words, _CONDITION}
    old, new = setting_words(before), setting_words(after)
    if before.subject.place.identity == after.subject.place.identity:
        new.update({part: old[part] for part in kind.place_words if part in old})
    if not with_remediate:
        # Audit writes nothing, whatever the settings say: that is told once, of the collection.
        for words in (old, new):
            words["remediate"] = words["changed_by"] = words["set"] = None
    old, new = _one_condition(before, after, old, new)
    shown_old, shown_new = (masked(before, old), masked(after, new)) if before.sensitive or after.sensitive else (old, new)
    meaning = direction(before, after)
    for word in changed_words(old, new):
        shown = replace(word, before=shown_old.get(word.word), after=shown_new.get(word.word))
        if word.word in together:
            # Said once, as these words have a meaning only together.
            shown, meaning = replace(shown, direction=meaning), None
        yield _with_meaning(shown, before, after)


_REVIEW = "read the new text: it runs as SYSTEM"


def _one_condition(before: Setting, after: Setting, old: Words, new: Words) -> tuple[Words, Words]:
    """Both conditions under one word where the operators differ."""
    if before.subject.asked == after.subject.asked:
        return old, new
    return _joined(old, before), _joined(new, after)


def _joined(words: Words, setting: Setting) -> Words:
    operator = setting.subject.asked
    value: Value = {operator: "(sensitive)" if setting.sensitive else words[operator]}
    return {_CONDITION if word == operator else word: value if word == operator else old for word, old in words.items()}


def _with_meaning(word: Word, before: Setting, after: Setting) -> Word:
    match word.word:
        case "severity":
            rises = _SEVERITIES.index(after.severity) > _SEVERITIES.index(before.severity)
            return replace(word, direction=Direction.STRENGTHENED if rises else Direction.WEAKENED)
        case "remediate":
            return replace(word, note=_NOW_WRITTEN if after.remediated else _NOW_REPORTED)
        case "applies_to":
            return replace(word, direction=reach(before.applies_to, after.applies_to))
        case "only_if":
            gone, new = before.applies_to.only_if is not None, after.applies_to.only_if is not None
            if gone is not new:
                return replace(word, direction=Direction.STRENGTHENED if gone else Direction.WEAKENED)
        case named if word.after is not None and named in texts_named(after):
            return replace(word, note=_REVIEW)
    return word


def single(setting: Setting, action: Action) -> Change:
    """A setting that comes or goes, with all that it says."""
    words = setting_words(setting)
    shown = masked(setting, words) if setting.sensitive else words
    kind = kind_of(setting.subject)
    told_of = _SHOWN_WHEN_NEW | kind.condition_words | set(kind.place_words) | texts_named(setting)
    added = action is Action.ADDED
    told = tuple(
        Word(
            word,
            None if added else value,
            value if added else None,
            note=_REVIEW if added and word in texts_named(setting) else "",
        )
        for word, value in shown.items()
        if word in told_of and value is not None
    )
    return Change(Subject.SETTING, setting.id, setting.title, action, told, _baselines(setting), _reasons(setting))


def all_settings(collection: Collection | None) -> Mapping[str, Setting]:
    """By id; those that an exception takes out too."""
    if collection is None:
        return {}
    return {setting.id: setting for setting in (*collection.settings, *collection.exempted)}


def _exempted(collection: Collection | None) -> frozenset[str]:
    return frozenset() if collection is None else frozenset(setting.id for setting in collection.exempted)


def _baselines(setting: Setting) -> tuple[str, ...]:
    return setting.layer.baselines if setting.layer else ()


def _reasons(setting: Setting) -> tuple[str, ...]:
    return tuple(change.reason for change in setting.layer.changes) if setting.layer else ()


def _new_reasons(before: Setting, after: Setting) -> tuple[str, ...]:
    known = _reasons(before)
    return tuple(reason for reason in _reasons(after) if reason not in known)


__all__ = ["all_settings", "changed_words", "moves", "setting_change", "setting_changes", "single"]
