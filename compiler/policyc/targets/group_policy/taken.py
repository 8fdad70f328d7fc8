"""Which settings of a collection a Group Policy object takes, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from policyc.kinds.audit_policy.subject import AuditPolicy
from policyc.kinds.secedit.access import AccountPolicy, SecurityOption
from policyc.kinds.service.subject import Service
from policyc.kinds.user_right.subject import UserRight
from policyc.model import Collection, Mode, Registry, Setting
from policyc.targets.group_policy.audit import audit
from policyc.targets.group_policy.change import Change, Unsaid
from policyc.targets.group_policy.registry import change as registry_change
from policyc.targets.group_policy.security import access, right, service

_KINDS: Mapping[str, Callable[[Setting, Any], Change | Unsaid]] = {
    Registry.word: registry_change,
    AuditPolicy.word: audit,
    AccountPolicy.word: access,
    SecurityOption.word: access,
    UserRight.word: right,
    Service.word: service,
}
"""What makes the change, by the word of the kind."""


def taken(collection: Collection) -> tuple[Change, ...]:
    """What the object does, in the collection's order."""
    if collection.mode is Mode.AUDIT:
        return ()
    found = (change(setting) for setting in collection.settings if not setting.observed)
    return tuple(one for one in found if isinstance(one, Change))


def change(setting: Setting) -> Change | Unsaid:
    """What it does for a setting that isn't one that only the product writes."""
    if not setting.remediated:
        return Unsaid(
            "Group Policy only writes and reports nothing, and the setting is only reported",
            "let the collection go by configmgr or intune too, which report it, or let it be remediated",
        )
    if setting.sensitive:
        return Unsaid(
            "everybody in the domain reads what a Group Policy object holds, and the setting's data is sensitive",
            "let the collection go by configmgr or intune, or take 'sensitive' out where the data is no secret",
        )
    applies = setting.applies_to
    if applies.of_windows or applies.only_if is not None:
        return Unsaid(
            "a Group Policy object is applied as a whole, and the setting is for some devices only ('applies_to', 'only_if')",
            "put it into a collection of its own, whose object only those devices get, or let it go by configmgr or intune too",
        )
    make = _KINDS.get(setting.subject.word)
    if make is None:
        return Unsaid(
            f"nothing that policyc writes into a Group Policy object sets what '{setting.subject.word}' sets",
            "let the collection go by configmgr or intune too, or say it as a value of the registry or a policy of an "
            "administrative template, where there is one",
        )
    return make(setting, setting.subject)
