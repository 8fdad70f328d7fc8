"""Files of a Group Policy object that hold nothing for a policy, by what they are."""

from __future__ import annotations

from policyc.importers.gpo.layout import Part

_NOTHING = frozenset({"gpt.ini", "gpo.cmt", "group policy/gpe.ini", "manifest.xml"})
"""Files that say nothing of a device: versions and remarks of the object itself."""
_BY_FOLDER: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("scripts",),
        "scripts of startup, shutdown, sign-in and sign-out are no settings; deploy what is still needed as a program",
    ),
    (("documents & settings",), "redirection of the users' folders is done by Windows at sign-in, from Group Policy alone"),
    (("applications",), "assigned and published software is an application of ConfigMgr, and no setting"),
    (("microsoft", "ieak"), "maintenance of Internet Explorer ended with version 10, and no Windows applies it any more"),
    (("microsoft", "remoteinstall"), "it is about remote installation services, which no Windows has any more"),
    (("adm",), "an administrative template says which settings there could be, and sets none"),
)
_UNKNOWN = "what this file says isn't known here; no extension of Group Policy that is imported reads it"


def why_not(part: Part) -> str:
    """Why nothing of the file is imported; empty of one that says nothing."""
    if part.is_about or part.inner in _NOTHING:
        return ""
    below = part.steps if part.side is None else part.steps[1:]
    return next((why for folder, why in _BY_FOLDER if below[: len(folder)] == folder), _UNKNOWN)
