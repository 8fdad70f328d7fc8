"""Where things stand in a backup of a Group Policy object, and in the folder of one on a domain controller or device."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

_SYSVOL = ("domainsysvol", "gpo")
_SIDES = {"machine": "Machine", "user": "User"}
_ABOUT = frozenset({"backup.xml", "bkupinfo.xml", "gpreport.xml"})


@dataclass(frozen=True)
class Part:
    """A file of a backup."""

    path: str
    """Below the backup, with slashes, as it is spelled."""

    @cached_property
    def shown(self) -> str:
        """The path without what all have in common."""
        steps = self.path.split("/")
        return "/".join(steps[2:] if self._in_sysvol and len(steps) > 2 else steps)

    @cached_property
    def steps(self) -> tuple[str, ...]:
        """The same in small letters, as Windows doesn't mind their case."""
        return tuple(self.shown.lower().split("/"))

    @cached_property
    def inner(self) -> str:
        """Equal for two paths if Windows takes them for one."""
        return "/".join(self.steps)

    @property
    def side(self) -> str | None:
        """`Machine` or `User`; None of what is the object's."""
        return _SIDES.get(self.steps[0]) if len(self.steps) > 1 else None

    @property
    def is_about(self) -> bool:
        """Whether it tells of the object itself."""
        return len(self.steps) == 1 and self.inner in _ABOUT

    @property
    def _in_sysvol(self) -> bool:
        return tuple(self.path.lower().split("/")[:2]) == _SYSVOL


def part_of(path: str) -> Part:
    """The file of a path below a backup.

    >>> part_of("DomainSysvol/GPO/Machine/Registry.pol").inner, part_of("User/registry.pol").side
    ('machine/registry.pol', 'User')
    """
    return Part(path)
