"""`policyc watch`: what it prints at each change, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policyc.artifacts.comparison import Difference
from policyc.cli.commands.watch import told
from policyc.driver import watch
from policyc.driver.watch import Round
from unit.driver.test_watch import PILOT, estate

OUTPUT = Path("output")


def test_each_change_is_told(policyc: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policies = estate(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert policyc("compile").code == 0

    def saved(_: Path) -> Iterator[None]:
        yield
        (policies / "pilot.yaml").write_text(PILOT.replace("equals: 1", "equals: 2"), encoding="utf-8")
        yield
        (policies / "pilot.yaml").write_text("collection: {nmae: Pilot}\n", encoding="utf-8")
        yield
        raise KeyboardInterrupt

    monkeypatch.setattr(watch, "changes", saved)
    answer = policyc("watch")
    assert answer.code == 0
    first, second, third = (part for part in answer.out.split("watching policies; Ctrl+C ends\n") if part.strip())
    assert "output is what the policies give" in first
    assert "a compile would change " in second
    assert "      -      equals: 1\n      +      equals: 2\n" in second
    assert "a compile would write nothing: there are errors" in third
    assert "error[PC02" in answer.err


def differing(path: str, drift: Any = "stale", diff: str = "") -> Difference:
    return Difference(path, drift, "pilot.yaml", diff)


def test_a_new_folder_is_one_line() -> None:
    new = tuple(differing(f"pilot/{name}", "missing", "+x") for name in ("a", "resolved.yaml"))
    lines = list(told(Round((), stopped=False, differences=new), OUTPUT))
    assert lines == ["a compile would change 2 files in output:", "  pilot: 2 new files"]


def test_long_lists_are_cut() -> None:
    diff = "--- a\n+++ b\n@@ -1 +1 @@\n" + "".join(f"+{number}\n" for number in range(30))
    files = [differing(f"pilot/{number}") for number in range(8)]
    some = (*files, differing("pilot/resolved.yaml", diff=diff), differing("README.md", "left over"))
    lines = list(told(Round((), stopped=False, differences=some), OUTPUT))
    assert lines[1] == "  pilot: 0, 1, 2, 3, 4, 5 and 3 more"
    assert lines[2] == "      +0"
    assert lines[-2:] == ["      and 6 more lines", "  .: README.md (removed)"]
