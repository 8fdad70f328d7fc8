"""Exclusions that leave a door open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from policyc.model import upper

_DRIVE = re.compile(r"(?:[A-Z]|\*|\?):", re.IGNORECASE)
_USERS = re.compile(r"%(?:TEMP|TMP|USERPROFILE|APPDATA|LOCALAPPDATA|HOMEPATH|HOMEDRIVE)%", re.IGNORECASE)
_TEMPORARY = re.compile(r"\\APPDATA\\(?:LOCAL|LOCALLOW|ROAMING)\\TEMP\Z")


@cache
def _known() -> Mapping[str, frozenset[str]]:
    from importlib.resources import files

    text = (files("policyc.kinds.defender") / "risky.txt").read_text("ascii")
    rows = (line.split("|", 1) for line in text.splitlines() if not line.startswith("#"))
    return {word: frozenset(map(upper, said.split(","))) for word, said in rows}


def risk(of: str, member: str) -> str | None:
    r"""Why this member of a list shouldn't be, as the end of a sentence; None where nothing is known against it.

    >>> risk("ExclusionPath", "D:\\*"), risk("ExclusionPath", r"D:\Data\mail.edb")
    ('excludes a whole drive', None)
    """
    if of == "ExclusionExtension":
        # A pattern stands for them all.
        bare = upper(member.lstrip("*."))
        return "excludes files that hold what runs" if not bare or bare in _known()["extensions"] else None
    if of == "ExclusionProcess":
        name = upper(re.split(r"[\\/]", member)[-1])
        if not name.strip("*?") or name in ("*.*", "*.EXE"):
            return "excludes whatever any program opens"
        return "excludes whatever a program opens that attackers use" if name in _known()["processes"] else None
    return None if of == "ExclusionIpAddress" else _of_path(member)


def _of_path(member: str) -> str | None:
    if _USERS.search(member):
        return "names a variable of users, which means another folder to the service of Microsoft Defender"
    bare = upper(member.replace("/", "\\")).rstrip("*").rstrip("\\").removesuffix("\\*.")
    if not bare.strip("*?.\\"):
        return "excludes everything"
    if _DRIVE.fullmatch(bare) or bare == "%SYSTEMDRIVE%":
        return "excludes a whole drive"
    below = _DRIVE.sub("", bare.replace("%SYSTEMDRIVE%", "C:", 1), count=1).lstrip("\\")
    known = _known()
    if bare in known["folders"] or (below != bare and below in known["paths"]) or _TEMPORARY.search(bare):
        return "excludes a folder that attackers use"
    return None
