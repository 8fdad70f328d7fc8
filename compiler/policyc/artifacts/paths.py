"""Which paths may stand below the output folder."""

from __future__ import annotations

import re

MANIFEST = "manifest.json"
REVISIONS = "revisions.json"
COLLECTIONS = "collections.json"
BUILT = ".built.json"
WORK_FOLDER = ".policyc"
PROJECT_FOLDER = "_project"
"""What is the project's own and needs a folder; the slug of a collection has no underscore."""
NO_TARGET = "policyc"
"""Whose a file is in the manifest that no target makes."""

_PLAIN = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff<>:\"/\\|?*]+(?:/[^\x00-\x1f\x7f\ud800-\udfff<>:\"/\\|?*]+)*", re.ASCII)
_ODD_PART = re.compile(
    r"(?:^|/)(?:\.+(?=/|$)|\.git(?=/|$)|[^/]*[. ](?=/|$)"
    # Windows minds neither what stands behind the dot nor blanks before it, and takes superscripts for digits here.
    r"|(?:con|prn|aux|nul|(?:com|lpt)[\d\u00b9\u00b2\u00b3]|conin\$|conout\$) *(?=[./]|$))"
)
_OWN = frozenset({MANIFEST, BUILT, WORK_FOLDER})


def fold(path: str) -> str:
    """Equal for two paths that one file system or another takes for the same."""
    return path.casefold()


def problem(path: str) -> str | None:
    """Why the path can't be a file below the output folder on every system, or None.

    >>> problem("pilot/detect.ps1")
    >>> problem("pilot/../../etc/passwd")
    "a part of it is '.', '..', '.git', a device of Windows, or ends in a dot or a space"
    """
    if not _PLAIN.fullmatch(path):
        return "it is absolute, empty in a part, or holds a character that Windows refuses"
    folded = fold(path)
    if _ODD_PART.search(folded):
        return "a part of it is '.', '..', '.git', a device of Windows, or ends in a dot or a space"
    if folded.partition("/")[0] in _OWN:
        return "the name is kept for policyc itself"
    return None


def collection_of(path: str) -> str:
    """Slug of the collection that the path belongs to: its first part.

    >>> collection_of("pilot/detect.ps1")
    'pilot'
    """
    return path.partition("/")[0]


def is_of_project(path: str) -> bool:
    """Whether the path belongs to no collection.

    >>> is_of_project("deploy.ps1"), is_of_project("_project/deployment.json"), is_of_project("pilot/detect.ps1")
    (True, True, False)
    """
    return "/" not in path or collection_of(path) == PROJECT_FOLDER
