"""What account policies of a collection mean together: Windows takes numbers that depend on each other in one go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from policyc.diagnostics import Diagnostic, Related, error, warning
from policyc.kinds.secedit.access import AccountPolicy, shown
from policyc.kinds.secedit.access_words import says_itself
from policyc.kinds.secedit.keys import NEVER
from policyc.model import Hive, Location, Place, Registry, Setting, SetValue, View

_LOCKOUT = ("lockout-threshold", "lockout-window", "lockout-duration")
_NEEDS_LOCKOUT = {"lockout-window": _LOCKOUT, "lockout-duration": _LOCKOUT, "administrator-lockout": _LOCKOUT[:1]}
_LONGEST = 14
_RELAXED = Place(Hive.MACHINE, View.BITS_64, r"SYSTEM\CurrentControlSet\Control\SAM", "RelaxMinimumPasswordLengthLimits")


@dataclass(frozen=True, slots=True)
class _Written:
    """What a collection writes of one policy."""

    setting: Setting
    policy: AccountPolicy
    number: int

    @property
    def at(self) -> Location:
        """Where the policy says it."""
        return self.setting.origin.below(self.policy.word, self.policy.asked if says_itself(self.policy) else "set")

    def __str__(self) -> str:
        return f"'{self.setting.id}' ({shown(self.policy.place.key, self.number)})"


def together(settings: Iterable[Setting]) -> Iterator[Diagnostic]:
    """What is wrong with account policies that are written together, or that should be."""
    written: dict[str, _Written] = {}
    relaxed = False
    for setting in settings:
        subject = setting.subject
        if isinstance(subject, AccountPolicy) and isinstance(subject.value.write, SetValue):
            number = subject.value.write.data
            if isinstance(number, int):
                written[subject.place.key.word] = _Written(setting, subject, number)
        elif isinstance(subject, Registry) and subject.place.identity == _RELAXED.identity:
            relaxed = relaxed or subject.writes
    if written:
        yield from _impossible(written)
        yield from _missing(written)
        if not relaxed and (length := written.get("minimum-password-length")) is not None and length.number > _LONGEST:
            yield _needs_relaxing(length)


def _impossible(written: Mapping[str, _Written]) -> Iterator[Diagnostic]:
    window, duration = written.get("lockout-window"), written.get("lockout-duration")
    if window is not None and duration is not None and window.number > duration.number:
        message = f"accounts can't be locked for less time, {duration}, than failed attempts are counted, {window}"
        yield _refused(message, window, duration, "write a window that isn't longer than the duration")
    least, most = written.get("minimum-password-age"), written.get("maximum-password-age")
    if least is not None and most is not None and least.number >= most.number:
        message = f"a password can't be too young to be changed, {least}, until it is too old, {most}"
        yield _refused(message, least, most, "write a minimum age that is less than the maximum age")
    threshold = written.get("lockout-threshold")
    if threshold is None or threshold.number != NEVER:
        return
    for word in _NEEDS_LOCKOUT:
        if word in written:
            message = f"{written[word]} counts only where accounts are locked, and {threshold} means that they never are"
            yield _refused(message, written[word], threshold, "write a number of attempts, or take one of the two out")


def _refused(message: str, one: _Written, other: _Written, help: str) -> Diagnostic:
    return error("PC1205", message, one.at, help=help, related=[Related(other.at, "the other one")])


def _missing(written: Mapping[str, _Written]) -> Iterator[Diagnostic]:
    for word, needed in _NEEDS_LOCKOUT.items():
        lacking = [f"'{other}'" for other in needed if other not in written]
        if word not in written or not lacking:
            continue
        names = " and ".join(lacking)
        message = f"'{written[word].setting.id}' is refused by Windows, or counts for nothing, without {names}"
        way_out = f"add settings of {names} to the same collection, or write 'remediate: false'"
        yield error("PC1206", message, written[word].at, help=way_out)


def _needs_relaxing(length: _Written) -> Diagnostic:
    return warning(
        "PC1207",
        f"Windows refuses a minimum length of more than {_LONGEST} characters, {length}, unless that is allowed first",
        length.at,
        help=f"add a setting of 'registry' that writes 1 to {_RELAXED}, a dword; Windows knows it from build 19041 on",
    )
