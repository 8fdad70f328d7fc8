"""Microsoft Defender's own preferences beside its policies in the registry, which go before them.

Where the two disagree on a rule or a preference they fight over one place, as all others do (`same_place`, `conflicts`). Here
is what is left: policies that say the same, and lists, whose members are values of a key.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from policyc.analysis.context import Context
from policyc.analysis.meetings import Meetings
from policyc.analysis.met import Having, Met
from policyc.analysis.same_place import condition_of
from policyc.diagnostics import Diagnostic, Related, error, note, warning
from policyc.kinds import Together, in_parts
from policyc.model import Collection, Project, Registry, Setting

if TYPE_CHECKING:
    from policyc.kinds.defender.exclusions import Exclusions
    from policyc.kinds.defender.subject import Defender

_WORD = "defender"
_SAME = (
    "take it out: the policy is the surer way, as no local administrator changes it by a click; it is of use where Group "
    "Policy can't be, and only there"
)
_Identity = tuple[Hashable, ...]


def defender_policies(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """What each setting of Microsoft Defender has to do with the policies that may be on the same device."""
    asking = [
        (collection, setting)
        for collection in project.collections
        for setting in collection.settings
        if setting.subject.word == _WORD
    ]
    if not asking:
        return
    policies = _by_place(project)
    if not policies:
        return
    met = Met(Meetings(project))
    for collection, setting in asking:
        if "list" in setting.subject.place.parts:
            yield from _list(met, collection, setting, policies)
        else:
            yield from _value(met, collection, setting, policies)


def _by_place(project: Project) -> dict[_Identity, Having]:
    """What writes a value, by the value's place, and by that of its key; a list of values is taken apart."""
    from policyc.kinds.defender.policies import writes_value
    from policyc.kinds.defender.subject import POLICIES

    below = POLICIES.upper()
    found: dict[_Identity, Having] = {}
    for collection in project.collections:
        for setting in collection.settings:
            subject = setting.subject
            if not isinstance(subject, Registry) or not subject.writes or not subject.place.key.upper().startswith(below):
                continue
            for part in _parts(subject):
                if part.place.name is not None and writes_value(part):
                    one = (collection, replace(setting, subject=part))
                    found.setdefault(part.place.identity, []).append(one)
                    found.setdefault(replace(part.place, name=None).identity, []).append(one)
    return found


def _parts(subject: Registry) -> Iterator[Registry]:
    kind = in_parts(subject)
    if kind is None:
        yield subject
        return
    for value in subject.values:
        part = kind.part_at(subject, replace(subject.place, name=value.name).identity)
        if part is not None:
            yield part


def _value(met: Met, collection: Collection, setting: Setting, policies: dict[_Identity, Having]) -> Iterator[Diagnostic]:
    """A note where a policy brings about the same."""
    from policyc.kinds.defender.policies import together

    subject = cast("Defender", setting.subject)
    agreeing = [
        one
        for one in policies.get(subject.place.identity, ())
        if together(subject, cast("Registry", one[1].subject)) is Together.ALWAYS
    ]
    found = met.surely(collection, setting, agreeing)
    if found is not None and found[2]:
        policy, whose, _ = found
        message = f"the policy that '{policy.id}'{whose} writes goes before '{setting.id}' and says the same"
        yield note("PC1507", message, condition_of(setting), help=_SAME, related=[_policy(policy)])


def _list(met: Met, collection: Collection, setting: Setting, policies: dict[_Identity, Having]) -> Iterator[Diagnostic]:
    """What a list must not hold and a policy adds; what it must, and a policy has anyway; lists that no longer count."""
    from policyc.kinds.defender.policies import NO_LOCAL_LISTS, list_key, refuses

    subject = cast("Exclusions", setting.subject)
    added = policies.get(list_key(subject.place.name).identity, [])
    found = met.surely(collection, setting, [one for one in added if refuses(subject, _member(one[1]))])
    if found is not None:
        yield _refused(setting, *found)
    found = met.surely(collection, setting, [one for one in added if _asked(subject, _member(one[1]))])
    if found is not None and found[2]:
        policy, whose, _ = found
        message = (
            f"the policy that '{policy.id}'{whose} writes has {_member(policy)} in {subject.place} whatever '{setting.id}' does"
        )
        yield note(
            "PC1507",
            message,
            condition_of(setting),
            help="leave it to one of the two, best to the policy",
            related=[_policy(policy)],
        )
    ignoring = [one for one in policies.get(NO_LOCAL_LISTS.identity, ()) if _ignores(one[1])]
    found = met.surely(collection, setting, ignoring) if subject.required and subject.writes else None
    if found is not None:
        policy, whose, _ = found
        yield warning(
            "PC1510",
            f"'{policy.id}'{whose} lets policies alone say what is in lists, so that what '{setting.id}' adds is not in force",
            condition_of(setting),
            help="write the members with 'registry', below the policy's key of the list, or take DisableLocalAdminMerge out",
            related=[_policy(policy)],
        )


def _refused(setting: Setting, policy: Setting, whose: str, sure: bool) -> Diagnostic:  # noqa: FBT001 - as it was found
    adds = f"'{policy.id}'{whose} writes a policy that has {_member(policy)} in {setting.subject.place}"
    make, code = (error, "PC1508") if sure else (warning, "PC1509")
    return make(
        code,
        f"{adds}, where '{setting.id}' doesn't want it",
        condition_of(setting),
        help=f"take '{policy.id}' out, or allow the member in '{setting.id}': no cmdlet takes out what a policy adds",
        related=[_policy(policy)],
    )


def _asked(subject: Exclusions, member: str) -> bool:
    from policyc.kinds.defender.exclusions import key

    return subject.writes and key(member) in subject.required


def _ignores(policy: Setting) -> bool:
    from policyc.evaluation import ABSENT, Held, after

    left = after(cast("Registry", policy.subject), ABSENT)
    return isinstance(left, Held) and left.data == 1


def _member(policy: Setting) -> str:
    return cast("Registry", policy.subject).place.name or ""


def _policy(policy: Setting) -> Related:
    return Related(condition_of(policy), f"'{policy.id}' writes the policy")
