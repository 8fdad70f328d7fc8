"""A plan: what changes between two states of the policies. Values are plain data, as JSON has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = "bool | int | str | list[Value] | dict[str, Value] | None"
"""A value in the words of a policy; None: the policy says nothing."""


class Action(StrEnum):
    """What becomes of a thing."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"
    """Only of collections: the site takes the new name for another collection."""
    RENEWED = "renewed"
    """Only of exceptions: it ends later."""
    EXPIRED = "expired"
    """Only of exceptions: its last day lies between the two days."""


class Direction(StrEnum):
    """How a condition's new meaning relates to its old one, where that can be proved."""

    STRENGTHENED = "strengthened"
    """What satisfies the new one has always satisfied the old one."""
    WEAKENED = "weakened"
    SAME = "same meaning"


class Subject(StrEnum):
    """What a change is about."""

    COLLECTION = "collection"
    MEMBERS = "members"
    SETTING = "setting"
    EXCEPTION = "exception"
    PACKAGE = "package"
    PROGRAM = "program"
    DEPLOYMENT = "deployment"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a policy whose value changes."""

    word: str
    """`at_least`, `severity`, `members.devices`; `condition` where one operator gives way to another."""
    before: Value = None
    after: Value = None
    direction: Direction | None = None
    note: str = ""
    """What it means for devices."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing of a collection that changes."""

    subject: Subject
    name: str
    """A setting's id, a package's id; empty where there is only one of its kind."""
    title: str
    action: Action
    words: tuple[Word, ...] = ()
    baselines: tuple[str, ...] = ()
    """Of a setting: the way by which it comes, or came, the declaring one last."""
    reasons: tuple[str, ...] = ()
    """Why, where the policy says so: of new overrides."""
    means: str = ""
    """What it means for devices, where an exception decides that."""
    in_force: tuple[Word, ...] = ()
    """Of an exception that goes: what is in force from now on."""

    @property
    def shared(self) -> Change:
        """The same without the way to the baseline: equal wherever the baseline's own change arrives."""
        return replace(self, baselines=self.baselines[-1:])

    @property
    def direction(self) -> Direction | None:
        """Of the whole, where all that has one agrees."""
        found = {word.direction for word in self.words} - {None}
        return found.pop() if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Moved:
    """A setting that comes from elsewhere now and is the same for devices."""

    setting: str
    before: tuple[str, ...]
    """Baselines, the outermost first; none: the collection's own file."""
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """What stays on devices as it was written, although no policy writes it any more."""

    what: str
    """`setting`, `package`, `collection`, `target` or `devices`."""
    names: tuple[str, ...]
    """A setting's id and place; a package's id; a target; the devices that are named; nothing for a collection."""
    why: str
    undo: str
    """How it is rolled back."""


@dataclass(frozen=True, slots=True)
class Rise:
    """A revision that the site will be given."""

    object: str
    """`<slug>/<name>` as in `revisions.json`."""
    before: int | None
    """None: new on the site, or not known."""
    after: int | None
    """None where the base keeps no revisions."""
    engine_only: bool = False
    """Nothing but the functions of its scripts is another: this release has others."""


@dataclass(frozen=True, slots=True)
class CollectionPlan:
    """What changes of one collection."""

    name: str
    slug: str
    file: str
    action: Action | None
    """None: nothing of the policy changes."""
    was: tuple[str, str] | None = None
    """(Name, slug) before it was renamed."""
    held: bool = False
    """An error of its own holds its output back."""
    changes: tuple[Change, ...] = ()
    moved: tuple[Moved, ...] = ()
    left: tuple[Left, ...] = ()
    rises: tuple[Rise, ...] = ()
    stays: bool = False
    """Renamed by `formerly:`: for the site and devices it is the one that it was."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two states."""

    kind: str
    """`commit`, `output` or `files`."""
    name: str
    """As the user wrote it: a commit's name, a folder."""
    commit: str | None = None
    """The whole hash."""

    def __str__(self) -> str:
        """For people.

        >>> str(Side("commit", "main", "0123456789abcdef")), str(Side("output", "output"))
        ('main (0123456789ab)', 'output')
        """
        return f"{self.name} ({self.commit[:12]})" if self.commit else self.name


@dataclass(frozen=True, slots=True)
class Plan:
    """What changes from base to head."""

    base: Side
    head: Side
    as_of: str
    project: tuple[Word, ...] = ()
    """What the project's own file says otherwise."""
    collections: tuple[CollectionPlan, ...] = ()
    """Only those of which there is something to say, by slug."""

    @property
    def has_changes(self) -> bool:
        """Whether policies change; a revision that rises for its wording alone is none."""
        return bool(self.project) or any(collection.action for collection in self.collections)

    @property
    def another(self) -> Word | None:
        """The project's id, where it changes: every object's identity is made from it."""
        return next((word for word in self.project if word.word == "id"), None)

    def changes(self, subject: Subject) -> Iterator[Change]:
        """All changes of a kind."""
        return (change for collection in self.collections for change in collection.changes if change.subject is subject)

    def totals(self) -> dict[str, int]:
        """The numbers of the summary. A setting counts once, however many collections it reaches."""
        settings = {repr(replace(change.shared, means="")): change for change in self.changes(Subject.SETTING)}.values()
        exceptions = list(self.changes(Subject.EXCEPTION))
        actions = [collection.action for collection in self.collections if collection.action]
        return {
            "collections": len(actions),
            **{f"collections_{action}": actions.count(action) for action in (Action.ADDED, Action.REMOVED, Action.RENAMED)},
            **{
                f"settings_{action}": sum(change.action is action for change in settings)
                for action in (Action.ADDED, Action.REMOVED, Action.CHANGED)
            },
            **{
                f"settings_{direction}": sum(change.direction is direction for change in settings)
                for direction in (Direction.STRENGTHENED, Direction.WEAKENED)
            },
            "exceptions_gained": sum(change.action is Action.ADDED for change in exceptions),
            "exceptions_ended": sum(change.action in (Action.REMOVED, Action.EXPIRED) for change in exceptions),
            "exceptions_changed": sum(change.action in (Action.CHANGED, Action.RENEWED) for change in exceptions),
            "left_behind": sum(len(collection.left) for collection in self.collections),
            "revisions": sum(len(collection.rises) for collection in self.collections),
        }
