"""Names of features and capabilities that Windows has: `known.csv`, read where something is asked of it.

Each line has a kind, the name that DISM has for it, and the name of the same on servers (`Get-WindowsFeature`) where that is
another one, as two published lists of the same requirement have them: the STIGs of Windows clients name features as DISM does,
those of Windows Server as Server Manager does. Lists of features differ by edition and release, so another name is no error.
"""

from __future__ import annotations

from functools import lru_cache

from policyc.kinds.dism.part import without_version
from policyc.source.wording import nearest

_LONG_ENOUGH = 5
"""Below it, a slip of the hand makes one name of another."""


@lru_cache(maxsize=1)
def _known() -> tuple[tuple[str, str, str], ...]:
    """(kind, name, name on servers)."""
    from importlib.resources import files

    lines = (files(__package__) / "known.csv").read_text("utf-8").splitlines()[1:]
    return tuple((kind, name, server) for kind, name, server in (line.split(",") for line in lines))


def by_server_name(name: str) -> str | None:
    """What DISM calls a feature of Server Manager; None where it is no other name.

    >>> by_server_name("fs-smb1"), by_server_name("SMB1Protocol")
    ('SMB1Protocol', None)
    """
    wanted = name.upper()
    found = next((own for kind, own, server in _known() if kind == "optional_feature" and server.upper() == wanted), None)
    return None if found is None or found.upper() == wanted else found


def meant(kind: str, name: str) -> str | None:
    """The known name of which this is a slip of the hand; None for one that is known, or like none.

    >>> meant("optional_feature", "SMB1Protcol"), meant("optional_feature", "smb1protocol"), meant("capability", "Acme.Thing")
    ('SMB1Protocol', None, None)
    """
    name = without_version(name)
    names = [own for of, own, _ in _known() if of == kind]
    if name.upper() in {own.upper() for own in names} or len(name) < _LONG_ENOUGH:
        return None
    near = nearest(name, names)
    return near if near is not None and abs(len(near) - len(name)) < 3 else None
