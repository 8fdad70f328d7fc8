"""Whether two settings of different collections fight over a device that gets both."""

from __future__ import annotations

from enum import StrEnum

from policyc.analysis.same_place import agree, contradict, needs_above
from policyc.kinds import Together, kind_of, together
from policyc.model import Setting


class Nature(StrEnum):
    """What is between two settings."""

    WRITES = "different writes"
    VIOLATES = "a write against a condition"
    BELOW = "a write below an absent key"
    SAME = "the same write twice"

    @property
    def is_conflict(self) -> bool:
        """Whether a device can't have both; to write the same twice does no harm."""
        return self is not Nature.SAME


def on_one_place(one: Setting, other: Setting) -> Nature | None:
    """What is between two settings of one place.

    Two that only report never fight: each says its own of what is there. Who does the work, ConfigMgr's own registry setting or
    a script, makes no difference: both judge the same value by the same condition, so that only what is written and what is
    asked for counts. A write counts even where the deployment doesn't remediate yet, as that may change on the site.
    """
    if not (one.subject.writes or other.subject.writes) or not one.applies_to.meets(other.applies_to):
        return None
    if one.subject.writes and other.subject.writes and not agree(one, other):
        return Nature.WRITES
    if contradict(one, other) or _violates(one, other) or _violates(other, one):
        return Nature.VIOLATES
    same = one.subject.word == other.subject.word and kind_of(one.subject).same_write(one.subject, other.subject)
    return Nature.SAME if same else None


def below_absent_key(absent: Setting, setting: Setting) -> Nature | None:
    """What is between a setting that wants a key absent and one on a value or key below it."""
    if (
        not (setting.subject.writes or absent.subject.writes)
        or not needs_above(setting)
        or not absent.applies_to.meets(setting.applies_to)
    ):
        return None
    return Nature.BELOW


def wants_key_absent(setting: Setting) -> bool:
    """Whether the setting asks for a key to be absent."""
    return kind_of(setting.subject).empties(setting.subject)


def same_declaration(one: Setting, other: Setting) -> bool:
    """Whether both are one setting of a baseline: that is reuse."""
    return (one.origin.file, one.origin.path) == (other.origin.file, other.origin.path)


def _violates(writer: Setting, judge: Setting) -> bool:
    """Whether what the one writes fails the other."""
    if writer.subject.word != judge.subject.word:
        return writer.subject.writes and together(writer.subject, judge.subject) is Together.PERHAPS
    return kind_of(writer.subject).violates(writer.subject, judge.subject)
