"""Whether two settings of different collections fight over a device that gets both."""

from __future__ import annotations

from enum import StrEnum

from policyc.analysis.compatibility import contradict
from policyc.analysis.same_place import agree, needs_its_key
from policyc.evaluation import ABSENT, Held, Verdict, verdict
from policyc.model import DeleteValue, Operator, Setting, SetValue


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
    if (one.subject.write is None and other.subject.write is None) or not one.applies_to.meets(other.applies_to):
        return None
    if one.subject.write is not None and other.subject.write is not None and not agree(one, other):
        return Nature.WRITES
    if contradict(one, other) or _violates(one, other) or _violates(other, one):
        return Nature.VIOLATES
    return Nature.SAME if one.subject.write == other.subject.write else None


def below_absent_key(absent: Setting, setting: Setting) -> Nature | None:
    """What is between a setting that wants a key absent and one on a value or key below it."""
    # Nothing deletes a key, so only the setting below can write.
    if setting.subject.write is None or not needs_its_key(setting) or not absent.applies_to.meets(setting.applies_to):
        return None
    return Nature.BELOW


def wants_key_absent(setting: Setting) -> bool:
    """Whether the setting asks for a key to be absent."""
    return setting.subject.place.name is None and setting.subject.condition.operator is Operator.ABSENT


def same_declaration(one: Setting, other: Setting) -> bool:
    """Whether both are one setting of a baseline: that is reuse."""
    return (one.origin.file, one.origin.path) == (other.origin.file, other.origin.path)


def _violates(writer: Setting, judge: Setting) -> bool:
    """Whether what the one writes fails the other. What an append leaves depends on the device."""
    match writer.subject.write:
        case SetValue(data):
            return verdict(judge, Held(writer.subject.kind, data)) is not Verdict.COMPLIANT
        case DeleteValue():
            return verdict(judge, ABSENT) is not Verdict.COMPLIANT
    return False
