"""Settings that ask for ConfigMgr's own registry setting, and mean something else there."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.diagnostics import Diagnostic, error
from policyc.diagnostics.cures import remove
from policyc.model import EVERYWHERE, Hive, Kind, Operator, Project, Registry, Setting, View, of_registry

_EXISTENCE = frozenset({Operator.PRESENT, Operator.ABSENT})
_COMPARISONS = frozenset({Operator.EQUALS, Operator.NOT_EQUALS})
"""Lists of numbers have a data type in the digest that no exported one shows."""
_LARGEST = {Kind.DWORD: 2**31 - 1, Kind.QWORD: 2**63 - 1}
"""ConfigMgr reads numbers as signed ones."""


def native(project: Project) -> Iterator[Diagnostic]:
    """An error for each setting whose meaning ConfigMgr's engine doesn't share."""
    for collection in project.collections:
        for setting in collection.settings:
            reason = why_not(setting) if setting.native else None
            if reason is not None:
                yield error(
                    "PC0503",
                    f"ConfigMgr's own registry setting can't judge '{setting.id}': {reason}",
                    setting.origin.below("native").key(),
                    help=_way_out(setting),
                    cures=[remove(setting.origin.below("native"))],
                )


def _way_out(setting: Setting) -> str:
    return "take 'native' out" + (", or report the setting only, with 'remediate: false'" if setting.remediated else "")


def why_not(setting: Setting) -> str | None:
    """Why ConfigMgr would judge the setting otherwise than a script, or would show what it must not; None if it wouldn't."""
    if not isinstance(setting.subject, Registry):
        return f"it has a native setting for the registry, and none for '{setting.subject.word}', which only a script can judge"
    subject = setting.subject
    place = subject.place
    if setting.remediated:
        return "it would write without a journal, so that nothing could be rolled back"
    if setting.applies_to != EVERYWHERE:
        return "it would judge devices too that the setting is not about"
    if place.hive is not Hive.MACHINE:
        return "it would look at the user who is signed in, not at all of them"
    if place.view is not View.BITS_64:
        return "it would look at the 64-bit view too, and at whichever it finds"
    if subject.condition.operator is Operator.ONLY_VALUES:
        return "it has nothing that judges all values of a key"
    if not place.name:
        return "only a value with a name means the same there, not a key or its default value"
    if not _is_holdable(place.key) or not _is_holdable(place.name):
        return "the key or the name holds a character that its XML can't"
    if subject.condition.operator in _EXISTENCE:
        return None
    return _why_no_comparison(setting)


def _is_holdable(text: str) -> bool:
    # Few settings are native, and the digests are much to import.
    from policyc.targets.configmgr.digest.escaping import holdable

    return holdable(text) == text


def _why_no_comparison(setting: Setting) -> str | None:
    subject = of_registry(setting)
    condition = subject.condition
    if condition.operator not in _COMPARISONS:
        return f"it has nothing that means '{condition.operator}' for every value"
    if subject.kind not in _LARGEST:
        return "it compares text by rules of its own, so only numbers mean the same there"
    if subject.default is not None:
        return "it knows no default for an absent value"
    if setting.sensitive:
        return "it would show the data of a sensitive setting on the site"
    largest = _LARGEST[subject.kind]
    beyond = [operand for operand in condition.operands if isinstance(operand, int) and operand > largest]
    return f"it reads numbers above {largest} as negative ones, and {beyond[0]} is one of them" if beyond else None
