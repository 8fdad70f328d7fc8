"""The work of `watch`: when the policies change on disk, what is wrong with them, and what a compile would change."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias

from policyc.artifacts.comparison import Difference
from policyc.diagnostics import Diagnostic
from policyc.driver.order import Compared, Order
from policyc.driver.output import DRIFT, run

Snapshot: TypeAlias = dict[str, tuple[int, int]]
"""Path to size and time of change, of all that a compile may read of the policies folder."""
INTERVAL = 0.3
"""Seconds between two looks. Watching by the system's own means differs on every system, and loses what lies on a share."""
_CHECKED_OUT = frozenset({"node_modules", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Round:
    """What came of the policies as they stand."""

    diagnostics: tuple[Diagnostic, ...]
    """Without those of the output's own difference."""
    stopped: bool
    """Whether errors keep everything from being written."""
    differences: tuple[Difference, ...] = ()

    @property
    def by_folder(self) -> dict[str, list[Difference]]:
        """What a compile would write or remove, by the folder of the output; the output's own files under ""."""
        found: dict[str, list[Difference]] = {}
        for one in self.differences:
            folder, slash, _ = one.path.partition("/")
            found.setdefault(folder if slash else "", []).append(one)
        return found


def look(policies: Path) -> Snapshot:
    """What is there now. What can't be read is left out here, and told by a compile."""
    found: Snapshot = {}
    waiting = [str(policies)]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith(".") or entry.name in _CHECKED_OUT:
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        info = entry.stat(follow_symlinks=False)
                        found[entry.path] = info.st_size, info.st_mtime_ns
        except OSError:
            continue
    return found


def changes(
    policies: Path, *, see: Callable[[Path], Snapshot] = look, sleep: Callable[[float], object] = time.sleep
) -> Iterator[None]:
    """Once at first, then each time when something has changed and stood still for a moment. Never ends by itself."""
    known = see(policies)
    yield
    while True:
        sleep(INTERVAL)
        now = see(policies)
        while now != known:
            # An editor writes a file in several steps, and a checkout writes many.
            known = now
            sleep(INTERVAL)
            now = see(policies)
            if now == known:
                yield


def judge(policies: Path, output: Path, day: date) -> Round:
    """Check all policies, and compare what they give with the output. Writes nothing."""
    outcome = run(Order(policies, output, day, check_only=True))
    if not isinstance(outcome, Compared):
        return Round(outcome.diagnostics, stopped=True)
    found = tuple(one for one in outcome.diagnostics if one.code not in DRIFT)
    return Round(found, stopped=False, differences=outcome.comparison.differences)
