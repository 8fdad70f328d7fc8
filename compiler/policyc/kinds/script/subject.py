"""What a setting of an own script asks, and where the state is that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from policyc.kinds.texts import Text

TEXTS = ("discovery", "remediation", "rollback")
"""The words that name a file, in the order in which a device comes to them."""
ID, READ = " id", " read"
"""Words that no policy has: the setting's id, and the files by their words, each read or what is wrong with it."""
SECONDS = 30
"""How long one run of one of them may take, where the policy doesn't say."""


@dataclass(frozen=True, slots=True)
class ScriptPlace:
    """What a discovery script looks at, by the id of its setting: nobody but its author knows more of it."""

    name: str

    @property
    def identity(self) -> tuple[str, str]:
        """Two settings of one id are about one thing, in whichever collections they stand."""
        return ("script", self.name.upper())

    @property
    def parts(self) -> dict[str, str]:
        """The id."""
        return {"script": self.name}

    def shown(self, user: str | None) -> str:
        """As scripts write it."""
        return str(self)

    def __str__(self) -> str:
        """As people write it: `own script bitlocker`."""
        return f"own script {self.name}"


@dataclass(frozen=True, slots=True)
class OwnScript:
    """What discovery must print, and what brings that about and takes it back."""

    word: ClassVar[str] = "script"
    place: ScriptPlace
    discovery: Text
    expect: str
    """One line of printable ASCII, compared to the letter."""
    remediation: Text | None = None
    rollback: Text | None = None
    time_limit: int = SECONDS
    """Seconds that one run of one script may take."""
    writes: bool = False

    @property
    def asked(self) -> str:
        """Where findings about the condition stand."""
        return "expect"

    @property
    def texts(self) -> dict[str, Text]:
        """Those that there are, by their words."""
        named = zip(TEXTS, (self.discovery, self.remediation, self.rollback), strict=True)
        return {word: text for word, text in named if text is not None}

    @property
    def carried(self) -> dict[str, Text]:
        """Those that a device needs: what is only reported is never changed."""
        return self.texts if self.writes else {"discovery": self.discovery}
