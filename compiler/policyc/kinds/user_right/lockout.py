"""Which changes of a right shut out those who administer a device.

A right to deny beats the right that it denies (Microsoft, "User Rights Assignment"); who is named here holds more people
than anybody means to shut out, or those who would put it right again.
"""

from __future__ import annotations

from policyc.kinds.accounts import of_sid
from policyc.kinds.user_right.subject import UserRight
from policyc.model import Operator
from policyc.source.wording import listed

_ADMINISTRATORS = "S-1-5-32-544"
_EVERYBODY = ("S-1-1-0", "S-1-5-11", "S-1-5-15")
_BROAD = frozenset({_ADMINISTRATORS, *_EVERYBODY, "S-1-5-32-545", "S-1-5-113"})
_DENIED = {
    # Besides, whoever comes in this very way.
    "SEDENYNETWORKLOGONRIGHT": _BROAD | {"S-1-5-2"},
    "SEDENYINTERACTIVELOGONRIGHT": _BROAD | {"S-1-5-4", "S-1-2-0", "S-1-2-1"},
    "SEDENYREMOTEINTERACTIVELOGONRIGHT": _BROAD | {"S-1-5-14", "S-1-5-4"},
    "SEDENYBATCHLOGONRIGHT": _BROAD | {"S-1-5-3", "S-1-5-18"},
    "SEDENYSERVICELOGONRIGHT": _BROAD | {"S-1-5-6", "S-1-5-18", "S-1-5-80-0"},
}
_NEEDED = frozenset({"SENETWORKLOGONRIGHT", "SEINTERACTIVELOGONRIGHT"})
_HOLD_ADMINISTRATORS = frozenset({_ADMINISTRATORS, *_EVERYBODY})


def locks_out(subject: UserRight) -> str | None:
    """Whom what is asked shuts out, as the end of a sentence; None where it shuts out nobody who is missed."""
    constant = subject.place.identity[1]
    shut = subject.required & _DENIED.get(constant, frozenset())
    if shut:
        names = listed((str(of_sid(sid)) for sid in sorted(shut)), "and")
        return f"it denies {names}, and a denial beats every permission"
    if constant not in _NEEDED:
        return None
    if _ADMINISTRATORS in subject.refused:
        return "it takes the right from 'Administrators'"
    if subject.operator is Operator.SET_EQUALS and not subject.required & _HOLD_ADMINISTRATORS:
        return "neither 'Administrators' nor a group that holds them keeps the right"
    return None
