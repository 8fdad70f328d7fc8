"""What a setting is about: what every kind says of itself. How a kind means it, `policyc.kinds` knows."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, ClassVar, Protocol


class Where(Protocol):
    """A place on a device that can hold one thing at a time. Its text is what people are shown."""

    @property
    def identity(self) -> tuple[Hashable, ...]:
        """Equal for two places exactly if Windows takes them for one, whatever kinds they are of."""

    @property
    def parts(self) -> Mapping[str, Any]:
        """What it is made of, as programs read it."""

    def shown(self, user: str | None) -> str:
        """As scripts write it where it is this user's."""


class Subject(Protocol):
    """A frozen dataclass with every default explicit."""

    word: ClassVar[str]
    """The key of a policy that names the kind."""

    @property
    def place(self) -> Where:
        """What it judges, and what a remediation changes."""

    @property
    def asked(self) -> str:
        """The word below `word` that says what must hold: where findings about the condition stand."""

    @property
    def writes(self) -> bool:
        """Whether a remediation changes it."""
