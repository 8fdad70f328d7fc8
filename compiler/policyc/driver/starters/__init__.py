"""Policies to start from, as files: `policyc init --with NAME`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Starter:
    """A set of policies."""

    files: tuple[tuple[str, str], ...]
    """Where each goes below `policies/`, and what it is called here."""
    baseline: str = ""
    """The name of the baseline that is in them, for a new collection to list."""


STARTERS: dict[str, Starter] = {
    "windows-baseline": Starter((("baselines/windows-baseline.yaml", "windows-baseline.yaml"),), "Windows baseline"),
    "defender-atp": Starter(
        (
            ("defender-atp.yaml", "defender-atp.yaml"),
            ("defender-atp-offboarding.yaml", "defender-atp-offboarding.yaml"),
        )
    ),
}
"""By the name that `--with` takes."""


def starter_files(names: Iterable[str]) -> dict[str, bytes]:
    """The files of these starters by their paths in a project. Raises KeyError for a name that isn't in `STARTERS`."""
    folder = files("policyc.driver.starters")
    return {f"policies/{path}": (folder / source).read_bytes() for name in names for path, source in STARTERS[name].files}
