"""Versions of ConfigMgr, and the versions of Windows that a configuration item is for."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import total_ordering

from policyc.model.records import dataclass

_BEFORE_CURRENT_BRANCH = ("2012", "2012 R2")


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A ConfigMgr version as administrators say it: `2012`, `2012 R2`, or a current branch such as `1606`."""

    text: str

    @property
    def order(self) -> int:
        """Ascending with the release date.

        >>> sorted([Version("1606"), Version("2012 R2"), Version("2403"), Version("2012")])[1]
        Version(text='2012 R2')
        """
        if self.text in _BEFORE_CURRENT_BRANCH:
            return _BEFORE_CURRENT_BRANCH.index(self.text)
        return int(self.text)

    def __lt__(self, other: Version) -> bool:
        return self.order < other.order


class Platform(StrEnum):
    """Windows versions on which a configuration item is evaluated."""

    WINDOWS_10 = "windows-10"
    WINDOWS_11 = "windows-11"
    SERVER_2016 = "server-2016"
    SERVER_2019 = "server-2019"
    SERVER_2022 = "server-2022"
    ALL = "all"


_WORKSTATIONS = (Platform.WINDOWS_10, Platform.WINDOWS_11)
_SERVERS = (Platform.SERVER_2016, Platform.SERVER_2019, Platform.SERVER_2022)
"""From the oldest on: each names its own version and those after it."""
SERVERS_AFTER_2016_SINCE = Version("1806")
"""The site's first version that knows Server 2019; an item of an older one names Server 2016 alone."""


def can_meet(some: Iterable[Platform], others: Iterable[Platform]) -> bool:
    """Whether one device can be of both: workstations and servers never are one.

    >>> can_meet([Platform.WINDOWS_10], [Platform.WINDOWS_11]), can_meet([Platform.WINDOWS_11], [Platform.SERVER_2022])
    (True, False)
    """
    theirs = tuple(others)
    return any(Platform.ALL in (one, other) or (one in _SERVERS) is (other in _SERVERS) for one in some for other in theirs)


def included(inner: Platform, outer: Iterable[Platform], site: Version | None) -> bool:
    """Whether each device of a platform is of one of the others, in items as this version of the site gets them.

    >>> included(Platform.WINDOWS_11, [Platform.WINDOWS_10], None)
    True
    >>> [included(Platform.SERVER_2019, [Platform.SERVER_2016], site) for site in (None, Version("1806"))]
    [False, True]
    """
    return any(_includes(one, inner, site) for one in outer)


def _includes(outer: Platform, inner: Platform, site: Version | None) -> bool:
    if outer in (inner, Platform.ALL):
        return True
    if outer is Platform.SERVER_2016 and (site is None or site < SERVERS_AFTER_2016_SINCE):
        return False
    later = _WORKSTATIONS if outer in _WORKSTATIONS else _SERVERS
    return inner in later and outer in later and later.index(outer) < later.index(inner)
