"""What a device holds of a service, and how the journal and scripts write it: `delayed;stopped`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from policyc.evaluation import Held, State
from policyc.model import Kind

AUTOMATIC, MANUAL, DISABLED = 2, 3, 4
STARTS: dict[str, tuple[int, bool]] = {
    "automatic": (AUTOMATIC, False),
    "delayed": (AUTOMATIC, True),
    "manual": (MANUAL, False),
    "disabled": (DISABLED, False),
}
"""Start types by the words of the language: `Start` of the service's key (winnt.h), and whether `DelayedAutostart` counts."""
DRIVER_STARTS: dict[str, tuple[int, bool]] = {"boot": (0, False), "system": (1, False)}
"""Those that only drivers have."""
_NAMES = {
    **{start: word for word, (start, _) in DRIVER_STARTS.items()},
    **{start: word for word, (start, delayed) in STARTS.items() if not delayed},
}
_WORDS = {**STARTS, **DRIVER_STARTS}
_TEXT = re.compile(r"([a-z]+)(?:;(running|stopped)(?:;.*)?)?")
"""Scripts say behind one that runs what depends on it and runs."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A service that is installed."""

    start: int
    """0 to 4, as Windows has it; drivers may have 0 (boot) and 1 (system)."""
    delayed: bool
    """Only where it starts automatically."""
    running: bool | None
    """None: a driver, of which only the start type is judged."""

    @property
    def startup(self) -> str:
        """Its start type as a word, also of those that only drivers have.

        >>> Installed(2, True, None).startup, Installed(1, False, None).startup
        ('delayed', 'system')
        """
        return "delayed" if self.delayed else _NAMES[self.start]

    @property
    def state(self) -> State:
        """As a device holds it.

        >>> Installed(2, True, False).state.data
        'delayed;stopped'
        """
        return Held(Kind.STRING, ";".join(self._words))

    def __str__(self) -> str:
        """As scripts show it: `automatic, stopped`."""
        return ", ".join(self._words)

    @property
    def _words(self) -> tuple[str, ...]:
        return (self.startup,) if self.running is None else (self.startup, "running" if self.running else "stopped")


def installed(state: State) -> Installed | None:
    """The service that a device holds; None where it isn't installed or can't be read.

    >>> installed(Held(Kind.STRING, "disabled;running;Fax"))
    Installed(start=4, delayed=False, running=True)
    """
    found = _TEXT.fullmatch(state.data) if isinstance(state, Held) and isinstance(state.data, str) else None
    if found is None or found[1] not in _WORDS:
        return None
    return Installed(*_WORDS[found[1]], None if found[2] is None else found[2] == "running")


def undone_parts(was: Installed, written: Installed, there: Installed, now: State) -> State | None:
    """What a rollback leaves of a service: each part that was changed goes back. `now` is the state that `there` is read from.

    None: somebody has given it another start type since. That a service started or stopped is nobody's change, and what was
    disabled and ran can't be started again.

    >>> automatic, stopped = Installed(2, False, True), Installed(4, False, False)
    >>> undone_parts(automatic, stopped, stopped, stopped.state).data
    'automatic;running'
    """
    left = there
    if was.startup not in (there.startup, written.startup):
        if there.startup != written.startup:
            return None
        left = replace(left, start=was.start, delayed=was.delayed)
    can = was.running is False or left.start != DISABLED
    if can and was.running not in (there.running, written.running):
        left = replace(left, running=was.running)
    return now if left == there else left.state
