"""What a setting asks of a part of Windows that can be installed and removed, and which part that is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from policyc.evaluation import Held, State
from policyc.model import Kind, upper

_VERSION = re.compile(r"~+[0-9]+(?:\.[0-9]+)+\Z")
REMOVED = "removed"
"""A disabled feature whose files Windows has no more."""


@dataclass(frozen=True, slots=True)
class PartPlace:
    """A part of Windows by the name that DISM has for it."""

    kind: str
    """The word of its kind: features and capabilities have names of their own."""
    name: str
    """A capability's without its version, which each release of Windows has another of."""

    @property
    def identity(self) -> tuple[str, str]:
        """Names without regard to case."""
        return (self.kind, upper(self.name))

    @property
    def parts(self) -> dict[str, str]:
        """The name."""
        return {self.kind: self.name}

    def shown(self, user: str | None) -> str:
        """As scripts write it."""
        return str(self)

    def __str__(self) -> str:
        """As people write it: `the optional feature SMB1Protocol`."""
        return f"the {self.kind.replace('_', ' ')} {self.name}"


def without_version(name: str) -> str:
    """The name of a capability in every release of Windows.

    >>> without_version("OpenSSH.Server~~~~0.0.1.0"), without_version("Language.Basic~~~de-DE~0.0.1.0")
    ('OpenSSH.Server', 'Language.Basic~~~de-DE')
    """
    return _VERSION.sub("", name)


@dataclass(frozen=True, slots=True)
class Part:
    """Whether a part of Windows shall be there."""

    word: ClassVar[str]
    there: ClassVar[str]
    """How a policy, the journal and scripts call it where it is installed."""
    gone: ClassVar[str]
    place: PartPlace
    wanted: bool
    missing: bool
    """Whether a Windows complies that knows no such part."""
    writes: bool = True

    @property
    def asked(self) -> str:
        """Where findings about the condition stand."""
        return "state"

    @property
    def state(self) -> str:
        """What is asked for, as a policy says it."""
        return self.there if self.wanted else self.gone

    def installed(self, state: State) -> bool | None:
        """Whether a device has it; None where it knows none, or can't say."""
        word = word_of(state)
        return None if word is None else word == self.there


def held(word: str) -> State:
    """A part as a device holds it."""
    return Held(Kind.STRING, word)


def word_of(state: State) -> str | None:
    """The state without what changed along with it, which stands behind it in the journal; None where there is no word.

    >>> word_of(held("disabled;SMB1Protocol-Client,SMB1Protocol-Server"))
    'disabled'
    """
    return state.data.partition(";")[0] if isinstance(state, Held) and isinstance(state.data, str) else None
