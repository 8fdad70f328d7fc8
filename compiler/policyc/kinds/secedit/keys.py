"""Account policies and security options: `keys.txt` of each of the two kinds, the one place for this knowledge."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

NEVER = 2**32 - 1
"""What no number of days, minutes or attempts reaches: in states, journals and rows the word `never`."""


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key of a security template's [System Access]."""

    word: str
    """By which a policy names it."""
    constant: str
    """`LockoutBadCount`, as security templates have it."""
    title: str
    """What the policy editor calls it in English."""
    unit: str = ""
    """Of what it is a number, `name` for text, empty where it is enabled or disabled."""
    least: int = 0
    most: int = 1
    has_never: bool = False

    @property
    def is_switch(self) -> bool:
        """Whether it is enabled or disabled, and nothing else."""
        return not self.unit

    @property
    def is_name(self) -> bool:
        """Whether it is what an account is called."""
        return self.unit == "name"


@cache
def keys(kind: str) -> dict[str, AccessKey]:
    """By the word of a policy: those of `account_policy` or `security_option`."""
    text = (files(f"policyc.kinds.{kind}") / "keys.txt").read_text("utf-8")
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            word, constant, title, *rest = (part.strip() for part in line.split("|"))
            unit = rest[0] if rest else ""
            bounds = (int(rest[1]), int(rest[2])) if len(rest) > 1 else (0, 1)
            found[word] = AccessKey(word, constant, title, unit, *bounds, len(rest) > 3)
    return found
