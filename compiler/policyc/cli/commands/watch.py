"""`policyc watch`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from policyc.cli.formats import Format, today
from policyc.cli.options import Output, Policies

if TYPE_CHECKING:
    from policyc.artifacts.comparison import Difference
    from policyc.driver.watch import Round

_MOST_FILES, _MOST_LINES = 6, 24
"""Of a folder, and of what changes in its policy: a screen is read, a longer list isn't."""
_RESOLVED = "/resolved.yaml"


def watch(policies: Policies = Path("policies"), output: Output = Path("output")) -> None:
    """Check the policies each time they are saved, and show what a compile would change.

    Prints the findings as 'validate' does, then for each collection which of its files a compile would write, and what changes
    in its settings. Writes nothing. Ctrl+C ends it.

    \b
    Examples:
      policyc watch
      policyc watch --policies estate/policies --output estate/output
    """
    from policyc.driver.watch import changes

    try:
        for _ in changes(policies):
            _show(policies, output)
            sys.stdout.write(f"watching {policies.as_posix()}; Ctrl+C ends\n")
            sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stdout.write("\n")


def _show(policies: Path, output: Path) -> None:
    from policyc.cli.reporting import report
    from policyc.driver.watch import judge

    now = judge(policies, output, today())
    sys.stdout.write(f"\n--- {datetime.now().astimezone():%H:%M:%S} ---\n")
    sys.stdout.flush()
    report(policies, now.diagnostics, Format.TEXT, fold=True)
    sys.stdout.writelines(f"{line}\n" for line in told(now, output))


def told(now: Round, output: Path) -> Iterator[str]:
    """What a compile would do, line by line."""
    if now.stopped:
        yield "a compile would write nothing: there are errors"
        return
    if not now.differences:
        yield f"{output.as_posix()} is what the policies give"
        return
    number = len(now.differences)
    yield f"a compile would change {number} file{'' if number == 1 else 's'} in {output.as_posix()}:"
    for folder, differences in now.by_folder.items():
        yield f"  {folder or '.'}: {_files(folder, differences)}"
        yield from _settings(differences)


def _files(folder: str, differences: list[Difference]) -> str:
    if len(differences) > 1 and all(one.drift == "missing" for one in differences):
        return f"{len(differences)} new files"
    start = len(folder) + 1 if folder else 0
    shown = [f"{one.path[start:]}{_NOTES[one.drift]}" for one in differences[:_MOST_FILES]]
    more = len(differences) - len(shown)
    return f"{', '.join(shown)}{f' and {more} more' if more else ''}"


_NOTES = {"stale": "", "missing": " (new)", "left over": " (removed)", "foreign": " (not policyc's)"}


def _settings(differences: Iterable[Difference]) -> Iterator[str]:
    """What changes of a collection's policy, with the lines around it."""
    for one in differences:
        if one.path.endswith(_RESOLVED) and one.drift == "stale":
            lines = [line for line in one.diff.splitlines() if line[:3] not in ("+++", "---", "@@ ")]
            yield from (f"      {line}".rstrip() for line in lines[:_MOST_LINES])
            if len(lines) > _MOST_LINES:
                yield f"      and {len(lines) - _MOST_LINES} more lines"
