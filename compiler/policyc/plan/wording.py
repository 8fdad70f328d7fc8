"""A plan in words, as pieces: our own text, and text of a policy, which Markdown must not take for its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policyc.plan.model import Action, Change, CollectionPlan, Left, Moved, Plan, Rise, Subject, Value, Word
from policyc.plan.words import SETS

_LONGEST = 160
_BEFORE_DIFFERENCE = 40
MOST_NAMES = 12
ONLY_WORDING = (
    "nothing of the policies changes, only the wording of what the site is given (the name of a file, an order, an item's name)"
)
ONLY_ENGINE = (
    "nothing of the policies changes, only the functions in the scripts, of which this release of policyc has others "
    "(engine only)"
)
_SIMPLE = re.compile(r"[A-Za-z][\w\\./:-]*(?: [\w\\./:-]+)*", re.ASCII)
_KEYWORDS = frozenset({"true", "false", "nothing"})


@dataclass(frozen=True, slots=True)
class Said:
    """Text of a policy."""

    text: str


Pieces = list[str | Said]


def value_text(value: Value) -> str:
    """A value for people, whole.

    >>> value_text(["Normal", "5", 5, True, None])
    '[Normal, "5", 5, true, nothing]'
    """
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return value if _SIMPLE.fullmatch(value) and value not in _KEYWORDS else f'"{value}"'
        case list():
            return "[" + ", ".join(map(value_text, value)) + "]"
    return "{" + ", ".join(f"{key}: {value_text(item)}" for key, item in value.items()) + "}"


def short(text: str, start: int = 0) -> str:
    """The text, or the part of it around `start`."""
    if len(text) <= _LONGEST:
        return text
    first = max(0, min(start - _BEFORE_DIFFERENCE, len(text) - _LONGEST))
    return f"{'...' if first else ''}{text[first : first + _LONGEST]}{'...' if first + _LONGEST < len(text) else ''}"


def pair(word: Word) -> tuple[str, str]:
    """Old and new value, both cut around the place where they begin to differ."""
    before, after = _shown(word, word.before), _shown(word, word.after)
    start = next(
        (number for number, (one, other) in enumerate(zip(before, after, strict=False)) if one != other),
        min(len(before), len(after)),
    )
    return short(before, start), short(after, start)


def _shown(word: Word, value: Value) -> str:
    if word.word == "condition" and isinstance(value, dict):
        return ", ".join(f"{key}: {value_text(item)}" for key, item in value.items())
    return value_text(value)


def names(texts: Iterable[str]) -> Pieces:
    """Names with commas, and how many more there are."""
    found = list(texts)
    pieces: Pieces = []
    for text in found[:MOST_NAMES]:
        pieces += [", " if pieces else "", Said(short(text))]
    if len(found) > MOST_NAMES:
        pieces.append(f" and {len(found) - MOST_NAMES} more")
    return pieces


def difference(word: Word) -> Pieces | None:
    """What comes and what goes, where a word's value is a set."""
    if word.word not in SETS or not isinstance(word.before or [], list) or not isinstance(word.after or [], list):
        return None
    before, after = _texts(word.before), _texts(word.after)
    pieces: Pieces = []
    for sign, texts in (
        ("added: ", [one for one in after if one not in before]),
        ("removed: ", [one for one in before if one not in after]),
    ):
        if texts:
            pieces += ["; " if pieces else "", sign, *names(texts)]
    return pieces


def _texts(value: Value) -> list[str]:
    return list(dict.fromkeys(map(value_text, value))) if isinstance(value, list) else []


def word_pieces(word: Word, action: Action) -> Pieces:
    """A word and its values."""
    pieces: Pieces = [Said(word.word), ": "]
    if action in (Action.ADDED, Action.REMOVED):
        pieces.append(Said(short(value_text(word.after if action is Action.ADDED else word.before))))
    elif action is Action.EXPIRED:
        pieces.append(Said(value_text(word.after)))
    else:
        before, after = pair(word)
        pieces += difference(word) or [Said(before), " -> ", Said(after)]
    return [*pieces, *meaning(word)]


def meaning(word: Word) -> Pieces:
    """What a changed word means."""
    told = [text for text in (word.direction.value if word.direction else "", word.note) if text]
    return [f" ({', '.join(told)})"] if told else []


def together(words: Iterable[Word], action: Action) -> Pieces:
    """Words in one line."""
    pieces: Pieces = []
    for word in words:
        pieces += ["; " if pieces else "", *word_pieces(word, action)]
    return pieces


def means_pieces(change: Change) -> Pieces:
    """What an exception means for devices; nothing where there is nothing to say."""
    if not change.in_force:
        return [change.means] if change.means else []
    return [change.means, ": ", *together(change.in_force, Action.ADDED)]


def change_pieces(change: Change) -> Pieces:
    """A change's first line."""
    subject = "deployment" if change.subject is Subject.DEPLOYMENT else change.subject.value
    pieces: Pieces = [f"{_verb(change)} {subject}"]
    if change.name:
        pieces += [" ", Said(change.name)]
    if change.title and change.subject is not Subject.EXCEPTION:
        pieces += [": ", Said(short(change.title))]
    if change.baselines:
        pieces += [" (from baseline ", *_joined(change.baselines, " > "), ")"]
    return pieces


def _verb(change: Change) -> str:
    if change.subject is Subject.EXCEPTION and change.action is Action.ADDED:
        return "gained"
    return change.action.value


def _joined(texts: Iterable[str], between: str) -> Iterator[str | Said]:
    for number, text in enumerate(texts):
        if number:
            yield between
        yield Said(short(text))


def counted(number: int, what: str) -> str:
    """A number and what it counts.

    >>> counted(1, "row"), counted(2, "row")
    ('1 row', '2 rows')
    """
    return f"{number} {what}{'' if number == 1 else 's'}"


def where(collections: tuple[CollectionPlan, ...]) -> Pieces:
    """The collections that something reaches."""
    if len(collections) == 1:
        return ["Collection ", Said(collections[0].name)]
    return [f"In {counted(len(collections), 'collection')}: ", *names(collection.name for collection in collections)]


def collection_pieces(collection: CollectionPlan) -> Pieces:
    """What becomes of a collection as a whole."""
    pieces: Pieces = [f"{collection.action or 'held back'} ", Said(collection.name), f" ({collection.slug})"]
    if collection.was:
        pieces += [
            ", was ",
            Said(collection.was[0]),
            f" ({collection.was[1]})",
            _STAYS if collection.stays else _ANOTHER,
        ]
    if collection.held and collection.action:
        pieces.append(": held back, its output stays as it is until its error is gone")
    return pieces


_STAYS = ": the same for the site and devices, renamed in place"
_ANOTHER = ": a new identity, for the site and devices another collection; 'formerly:' would keep it what it is"


def moved_pieces(moves: tuple[Moved, ...]) -> Iterator[Pieces]:
    """Settings that come by another way, those with one way together."""
    ways: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for move in moves:
        ways.setdefault((move.before, move.after), []).append(move.setting)
    for (before, after), settings in ways.items():
        yield [*names(settings), ": moved from ", *_source(before), " to ", *_source(after)]


def _source(baselines: tuple[str, ...]) -> Pieces:
    return ["baseline ", *_joined(baselines, " > ")] if baselines else ["the collection's own file"]


def rise_text(rise: Rise) -> str:
    """An object and its numbers.

    >>> rise_text(Rise("item/settings", 3, 4)), rise_text(Rise("baseline", None, 1)), rise_text(Rise("baseline", None, None))
    ('item/settings 3 -> 4', 'baseline 1 (new)', 'baseline rises')
    >>> rise_text(Rise("item/settings", 3, 4, engine_only=True))
    'item/settings 3 -> 4 (engine only)'
    """
    why = " (engine only)" if rise.engine_only else ""
    if rise.after is None:
        return f"{rise.object} rises{why}"
    return f"{rise.object} {rise.after} (new)" if rise.before is None else f"{rise.object} {rise.before} -> {rise.after}{why}"


def left_pieces(left: Left) -> Pieces:
    """What is left behind, and why."""
    return [left.what, " ", *names(left.names), ": ", left.why] if left.names else [left.what, ": ", left.why]


def silent(plan: Plan) -> list[tuple[list[str], str]]:
    """Collections whose revisions rise although no policy changes, and why. Another id of the project is none."""
    if plan.another:
        return []
    rising = [one for one in plan.collections if one.action is None and one.rises]
    engine = [one.name for one in rising if all(rise.engine_only for rise in one.rises)]
    wording = [one.name for one in rising if not all(rise.engine_only for rise in one.rises)]
    return [(names, why) for names, why in ((engine, ONLY_ENGINE), (wording, ONLY_WORDING)) if names]
