"""What the registry's values of a service mean to a setting of the service.

The service manager keeps its own copy of its database: what is written to the registry counts from the next start of Windows
(Microsoft, "Database of Installed Services"), and both mean one thing from then on.
"""

from __future__ import annotations

from policyc.evaluation import ABSENT, Held, State, Verdict, verdict
from policyc.kinds.kind import Together
from policyc.kinds.service.installed import AUTOMATIC, DISABLED
from policyc.kinds.service.subject import KEY, Running, Service
from policyc.model import DeleteValue, Kind, Place, Registry, SetValue, upper

_DELAYED = "DELAYEDAUTOSTART"


def together(subject: Service, value: Registry) -> Together:
    """What becomes of a setting of a service and one of its value `Start`."""
    if subject.start is not None:
        wanted: list[State] = [Held(Kind.DWORD, subject.start[0])]
    elif subject.running is Running.RUNNING:
        wanted = [Held(Kind.DWORD, start) for start in range(DISABLED)]
    else:
        wanted = [Held(Kind.DWORD, start) for start in range(DISABLED + 1)]
    return _of(subject, value, wanted)


def delayed_of(place: Place) -> str | None:
    """The service, in upper case, of whose start this value says whether it is delayed; None for any other value."""
    key, _, name = upper(place.key).rpartition("\\")
    return name if place.name is not None and upper(place.name) == _DELAYED and key == upper(KEY) and name else None


def delayed_together(subject: Service, value: Registry) -> Together:
    """What becomes of a setting of a service and `DelayedAutostart`, which counts where it starts by itself."""
    if subject.start is None or subject.start[0] != AUTOMATIC:
        return Together.ALWAYS
    on: list[State] = [Held(Kind.DWORD, 1)]
    return _of(subject, value, on if subject.start[1] else [Held(Kind.DWORD, 0), ABSENT])


def _of(subject: Service, value: Registry, wanted: list[State]) -> Together:
    if not any(verdict(value, state) is Verdict.COMPLIANT for state in wanted):
        # Where there is no such service, both may have what they want.
        elsewhere = subject.missing and verdict(value, ABSENT) is Verdict.COMPLIANT
        return Together.PERHAPS if elsewhere else Together.NEVER
    match value.write:
        case SetValue(data):
            return Together.ALWAYS if Held(value.kind, data) in wanted else Together.PERHAPS
        case DeleteValue():
            return Together.ALWAYS if ABSENT in wanted else Together.PERHAPS
    return Together.ALWAYS
