"""An environment variable of the machine, and what a policy asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from policyc.kinds.environment_variable.texts import Type
from policyc.model import Hive, Operator, Place, View

KEY = r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
"""Where Windows keeps them, each as a value of its name."""


@dataclass(frozen=True, slots=True)
class VariablePlace:
    """A variable of the machine by its name."""

    name: str

    @property
    def identity(self) -> tuple[str, int, str, str | None]:
        """That of the registry's value, so that a setting of the registry on it meets the variable."""
        return Place(Hive.MACHINE, View.BITS_64, KEY, self.name).identity

    @property
    def parts(self) -> dict[str, str]:
        """The name."""
        return {"environment_variable": self.name}

    def shown(self, user: str | None) -> str:
        """As scripts write it."""
        return str(self)

    def __str__(self) -> str:
        return f"environment variable {self.name}"


@dataclass(frozen=True, slots=True)
class EnvironmentVariable:
    """What a variable must be, or which entries its list must have."""

    word: ClassVar[str] = "environment_variable"
    place: VariablePlace
    operator: Operator
    """EQUALS, PRESENT, ABSENT, CONTAINS or NONE_OF."""
    texts: tuple[str, ...] = ()
    """Of EQUALS the text, of CONTAINS and NONE_OF the entries."""
    type: Type | None = None
    """None: either counts, and what is there keeps its own."""
    exact_case: bool = False
    set: str = ""
    """Of PRESENT: what is written where there is none."""
    writes: bool = True

    @property
    def asked(self) -> str:
        """The operator."""
        return self.operator.value
