"""A text that a policy names by its file, and that is distributed as it stands."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """A script of an administrator's own."""

    name: str
    """As the policy names its file."""
    sha256: str
    """Of its text as it is distributed, before anyone signs it."""
    file: str = ""
    """POSIX, relative to the policies folder; empty where the text isn't known."""
    text: str = field(default="", repr=False)
    """ASCII, lines ended by LF; empty where an output is read back, which has the hash alone."""

    @property
    def content(self) -> bytes:
        """What is distributed."""
        return self.text.encode("ascii")

    def __str__(self) -> str:
        """For plans: a text that changes is to be read again."""
        return f"{self.name} (SHA-256 {self.sha256})"
