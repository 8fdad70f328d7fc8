"""Services that Windows and the ConfigMgr client have: `known.csv`, read where something is asked of it.

Names are those of the keys, `shown` is what an English console of services shows, and `marks` has a letter for each of

- `w`: Windows can't do without it (Microsoft's guidance on disabling system services; it doesn't start, or no longer starts
  programs, policies or networks);
- `c`: the ConfigMgr client can't do without it (Microsoft, "Prerequisites for deploying clients": BITS, Windows Installer,
  the Windows Update agent, WMI; and the client's own services);
- `p`: protected (Microsoft, "Protecting anti-malware services", and those that Windows guards in the same way): not even
  SYSTEM may change or stop it;
- `t`: Windows starts it by triggers (the key's `TriggerInfo`), also where it is manual;
- `u`: the template of services that each user has an instance of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from policyc.source.wording import nearest

_INSTANCE = re.compile(r"(.+)_[0-9a-f]{4,8}", re.IGNORECASE)
_LONG_ENOUGH = 5
"""Below it, a slip of the hand makes one service of another."""


@dataclass(frozen=True, slots=True)
class Known:
    """A service that is known."""

    name: str
    shown: str
    marks: str


@lru_cache(maxsize=1)
def services() -> Mapping[str, Known]:
    """All of them, by name in upper case."""
    from importlib.resources import files

    lines = (files(__package__) / "known.csv").read_text("utf-8").splitlines()[1:]
    known = (Known(*line.split(",")) for line in lines)
    return {one.name.upper(): one for one in known}


def marks(name: str) -> str:
    """What is known of a service; nothing of another's.

    >>> marks("RPCSS"), marks("Fax"), marks("AcmeAgent")
    ('w', '', '')
    """
    found = services().get(name.upper())
    return "" if found is None else found.marks


def by_shown_name(text: str) -> Known | None:
    """The service that a console shows by this name.

    >>> by_shown_name("print spooler").name
    'Spooler'
    """
    wanted = " ".join(text.split()).upper()
    found = next((one for one in services().values() if one.shown.upper() == wanted), None)
    return None if found is None or found.name.upper() == wanted else found


def meant(name: str) -> str | None:
    """The known service of which this name is a slip of the hand; None for one that is known, or like none.

    >>> meant("Spoolr"), meant("spooler"), meant("AcmeAgent")
    ('Spooler', None, None)
    """
    if name.upper() in services() or len(name) < _LONG_ENOUGH:
        return None
    near = nearest(name, (one.name for one in services().values()))
    return near if near is not None and len(near) >= _LONG_ENOUGH and abs(len(near) - len(name)) < 2 else None


def template(name: str) -> str | None:
    """The template of an instance that one user's sign-in has made.

    >>> template("CDPUserSvc_4a5b6"), template("MSSQL_2019")
    ('CDPUserSvc', None)
    """
    found = _INSTANCE.fullmatch(name)
    if found is None or "u" not in marks(found[1]):
        return None
    return services()[found[1].upper()].name
