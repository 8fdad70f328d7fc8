"""`HKEY_CLASSES_ROOT`: one view of two places, of which somebody has to say which is meant."""

from __future__ import annotations

from policyc.model import upper

CLASSES = {"machine": r"HKLM\SOFTWARE\Classes", "user": r"HKCU\Software\Classes"}
"""By the choice: where its keys are."""
CHOOSE = (
    r"HKEY_CLASSES_ROOT shows two places as one, HKLM\SOFTWARE\Classes and HKCU\Software\Classes: "
    "import with '--classes machine' or '--classes user'"
)
"""The same for every key, so that it is told once."""
_VIEW = ("HKCR", "HKEY_CLASSES_ROOT")


def with_classes(key: str, choice: str | None) -> str:
    r"""The key in the place that was chosen; without a choice, and elsewhere, as it is.

    >>> with_classes(r"HKEY_CLASSES_ROOT\.txt", "machine"), with_classes(r"HKCR:\.txt", "user"), with_classes("HKCU", "user")
    ('HKLM\\SOFTWARE\\Classes\\.txt', 'HKCU\\Software\\Classes\\.txt', 'HKCU')
    """
    _, separator, rest = key.partition("\\")
    return key if choice is None or not in_classes(key) else f"{CLASSES[choice]}{separator}{rest}"


def in_classes(key: str) -> bool:
    """Whether the key begins with HKEY_CLASSES_ROOT."""
    return upper(key.partition("\\")[0].removesuffix(":")) in _VIEW
