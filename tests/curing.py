"""Trying cures: policies before, what is found in them, and what is found when a help was followed."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from policyc.diagnostics import Diagnostic
from policyc.diagnostics.cures import Act, Cure
from policyc.driver.check import check
from policyc.simulation.cases import run_cases
from policyc.source import load_project
from policyc.source.edits import cured

PROJECT = "project:\n  name: Example estate\n  id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb\n"
DAY = date(2026, 1, 31)
Files = Mapping[str, str]


def found_in(files: Files, folder: Path, day: date = DAY, *, read_packages: bool = False) -> list[Diagnostic]:
    """The findings of these policies, and of the tests among them."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in {"project.yaml": PROJECT, **files}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    checked = check(folder, day, read_packages=read_packages)
    found = list(checked.diagnostics)
    if not checked.stopped:
        documents = [one for one in load_project(folder).documents if one.kind == "tests"]
        found += [one for document in documents for case in run_cases(checked.project, document) for one in case.found]
    return list(dict.fromkeys(found))


@dataclass
class Trials:
    """What came of trying the cures of some policies' findings."""

    helps: set[str] = field(default_factory=set)
    """Help texts of findings whose cures were tried."""
    troubles: list[str] = field(default_factory=list)

    def try_all(
        self, name: str, files: Files, folder: Path, *, alone: bool, day: date = DAY, found: list[Diagnostic] | None = None
    ) -> None:
        """Try each cure of each finding. `alone`: the policies hold nothing else that is wrong, so no error may be left."""
        found = found_in(files, folder, day) if found is None else found
        for one in found:
            for cure in one.cures:
                self._try(name, files, folder, found, one, cure, alone=alone, day=day)
            if one.cures:
                self.helps.add(one.help)

    def _try(
        self,
        name: str,
        files: Files,
        folder: Path,
        before: list[Diagnostic],
        one: Diagnostic,
        cure: Cure,
        *,
        alone: bool,
        day: date,
    ) -> None:
        says = f"{name}: {one.code} {one.message} | {one.help} |"
        for edit in cure:
            if edit.text and edit.act is not Act.REMOVE and edit.text.strip("'\"") not in f"{one.help} {one.message}":
                self.troubles.append(f"{says} the help doesn't say '{edit.text}'")
        file = one.location.file
        try:
            text = cured({"project.yaml": PROJECT, **files}[file], cure)
        except LookupError as failure:
            self.troubles.append(f"{says} can't be made: {failure!r}")
            return
        after = found_in({**files, file: text}, folder, day)
        left = Counter((other.code, other.message) for other in after)
        was = Counter((other.code, other.message) for other in before)
        if left[one.code, one.message] >= was[one.code, one.message]:
            self.troubles.append(f"{says} is still there after {cure}\n{text}")
        ways = [edit.to or edit.location.path for edit in cure]
        for other in after:
            is_new = other.is_error and (other.code, other.message) not in was
            near = any(other.location.path[: len(way)] == way or other.location.line for way in ways)
            if is_new and (alone or (near and other.location.file == file)):
                self.troubles.append(f"{says} brings {other.code} {other.message}\n{text}")
