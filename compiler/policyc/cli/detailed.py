"""`policyc plan --detailed-exitcode`: 0 no change, 2 changes, 1 everything else."""

from __future__ import annotations

from collections.abc import Sequence

OPTION = "--detailed-exitcode"
CHANGES = 120
"""How the command ends where there are changes: 2 would be a mistake on the command line until it is translated here."""
_MISTAKE, _DEFECT = 2, 3


def translated(arguments: Sequence[str], code: int | str | None) -> int | str | None:
    """The exit code of the process for that of the command.

    >>> translated(["plan", "--detailed-exitcode"], CHANGES), translated(["plan", "--detailed-exitcode"], 2)
    (2, 1)
    >>> translated(["plan"], 2)
    2
    """
    if code == CHANGES:
        return 2
    return 1 if arguments[:1] == ["plan"] and OPTION in arguments and code in (_MISTAKE, _DEFECT) else code
