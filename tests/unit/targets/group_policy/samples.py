"""Collections that go by Group Policy, compiled from their text."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from policyc.driver.check import Checked, check
from policyc.driver.order import Order
from policyc.driver.output import run
from unit.targets.group_policy.reading import Backup, read_backup

HEAD = "project: {name: E, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\nconfigmgr: {signing: none}\n"
DAY = date(2026, 1, 15)


def policies(folder: Path, settings: str, *, head: str = "collection: {name: Kiosks}", targets: str = "[group_policy]") -> Path:
    root = folder / "policies"
    root.mkdir(exist_ok=True)
    (root / "project.yaml").write_text(f"{HEAD}targets: {targets}\n", encoding="utf-8")
    (root / "kiosks.yaml").write_text(f"{head}\n{settings}", encoding="utf-8")
    return root


def checked(folder: Path, settings: str, **more: str) -> Checked:
    return check(policies(folder, settings, **more), DAY)


def one(words: str, kind: str = "registry", head: str = "") -> str:
    """A collection's settings: one, with these words below its kind."""
    return f"settings:\n  one: {{title: x{head}, {kind}: {{{words}}}}}\n"


def compiled(folder: Path, settings: str, **more: str) -> Path:
    """The collection's folder for Group Policy."""
    run(Order(policies(folder, settings, **more), folder / "output", DAY))
    return folder / "output" / "kiosks" / "group_policy"


def backup(folder: Path, settings: str, **more: str) -> Backup:
    (found,) = (compiled(folder, settings, **more) / "backup").glob("{*}")
    return read_backup(found)
