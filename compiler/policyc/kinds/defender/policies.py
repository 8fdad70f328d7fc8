"""What the registry's policies of Microsoft Defender mean to a rule, a preference or a list.

A policy goes before a preference (Microsoft, "Configure Microsoft Defender Antivirus notifications and policies": Group Policy,
then Configuration Manager, then Set-MpPreference), and a list of the policies is joined with the device's own one.
"""

from __future__ import annotations

from policyc.evaluation import ABSENT, Held, State, Verdict, after, verdict
from policyc.kinds.defender.exclusions import LISTS, Exclusions, key
from policyc.kinds.defender.preferences import PREFERENCES, RULE_WORDS
from policyc.kinds.defender.subject import POLICIES, Defender, DefenderPlace
from policyc.kinds.kind import Together
from policyc.model import Hive, Kind, Place, Registry, View

NO_LOCAL_LISTS = Place(Hive.MACHINE, View.BITS_64, POLICIES, "DisableLocalAdminMerge")
"""1: of lists, only what policies say is in force (Microsoft, policy CSP Defender, DisableLocalAdminMerge)."""


def list_key(of: str) -> Place:
    """The key of the policies whose values are named after the members of a list."""
    return Place(Hive.MACHINE, View.BITS_64, f"{POLICIES}\\{LISTS[of]}", None)


def writes_value(policy: Registry) -> bool:
    """Whether there is a value after its remediation where none was."""
    return policy.writes and isinstance(after(policy, ABSENT), Held)


def together(subject: Defender, policy: Registry) -> Together:
    """Whether a rule or preference can be as it must be where its policy is as a setting of the registry wants it."""
    number = _number(subject.place, subject.value)
    same: list[State] = [] if number is None else [Held(Kind.STRING, str(number)), Held(Kind.DWORD, number)]
    if not any(verdict(policy, state) is Verdict.COMPLIANT for state in [ABSENT, *same]):
        return Together.NEVER
    left = after(policy, ABSENT) if policy.writes else ABSENT
    return Together.ALWAYS if not isinstance(left, Held) or left in same else Together.PERHAPS


def refuses(subject: Exclusions, member: str) -> bool:
    """Whether a list with this member, of a policy, isn't as it must be: no device's own list takes it out."""
    one = key(member)
    return one in subject.refused or (subject.allowed is not None and one not in subject.allowed)


def _number(place: DefenderPlace, word: str) -> int | None:
    return RULE_WORDS[word] if place.preference is None else PREFERENCES[place.preference].words[word]
