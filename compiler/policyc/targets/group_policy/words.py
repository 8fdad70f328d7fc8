"""What an object does for a setting, in words."""

from __future__ import annotations

from policyc.kinds import must, written
from policyc.kinds.audit_policy.subject import AuditPolicy, flag_text
from policyc.model import Setting
from policyc.registry_files import Action
from policyc.targets.group_policy.change import Change

_EXACT = frozenset({"equals", "present", "absent", "only_values", "set_equals", "startup"})
"""What a setting may ask for that is satisfied by just what is written, in any order, or by anything that is left alone."""


def is_exact(setting: Setting) -> bool:
    """Whether a device that complies keeps what it has."""
    return setting.subject.asked in _EXACT


def does(one: Change) -> str:
    """What the object does, as the end of a sentence."""
    subject = one.setting.subject
    if isinstance(subject, AuditPolicy) and not is_exact(one.setting):
        # By scripts what is audited beyond that stays.
        return f"sets {flag_text(subject.flags)} and no more than the collection asks for, whatever is there"
    text = written(one.setting)
    if any(entry.action is Action.SET_IF_ABSENT for entry in one.entries):
        return f"{text}, where no such value is"
    return text if is_exact(one.setting) else f"{text}, whatever is there"


def asks(one: Change) -> str:
    """What the policy asks for, as the end of a sentence that begins with "must"."""
    return must(one.setting)
