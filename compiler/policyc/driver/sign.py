"""The work of `sign`: what was compiled, signed into a folder of its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from policyc.artifacts import Build, compare, write
from policyc.artifacts.collections import load as collections
from policyc.artifacts.revisions import Ledger, Revision, settled
from policyc.diagnostics import Diagnostic, error, warning
from policyc.driver.check import Checked, check
from policyc.driver.make import with_past
from policyc.driver.output import open_ledger
from policyc.driver.walk import Watch, unwatched, walk
from policyc.model import Location
from policyc.signing import Options, Seals, Signer, SigningError, choose_signer, sign_scripts

_NOWHERE = Location("")


@dataclass(slots=True)
class Signed:
    """What a run has come to."""

    depends_on_the_day: str
    diagnostics: list[Diagnostic]
    figures: dict[str, object] = field(default_factory=lambda: {"output": None})
    """For programs."""
    said: list[str] = field(default_factory=list)
    """What was written, for people; nothing where nothing was."""


def sign(policies: Path, output: Path, to: Path, options: Options, day: date, watch: Watch = unwatched) -> Signed:
    """Check that the output is what the policies give, and sign it into `to`."""
    checked = with_past(check(policies, day), collections(output)[0])
    ledger, problems = open_ledger(output)
    before, more = open_ledger(to)
    run = Signed(checked.depends_on_the_day, [*checked.diagnostics, *problems, *more])
    found = run.diagnostics
    if output.resolve() == to.resolve():
        message = f"'{to.as_posix()}' is the folder with the unsigned output, which git keeps"
        found.append(error("PC0620", message, _NOWHERE, help="give another folder with --to"))
    # What either folder says was given is given.
    known = Ledger(settled([ledger.known, before.known]))
    if not any(one.is_error for one in found):
        found += _stale(checked, output, ledger, watch)
    if not any(one.is_error for one in found):
        try:
            _sign(checked, output, to, known, choose_signer(options, os.environ), run, watch)
        except SigningError as failure:
            found.append(error("PC0620", failure.message, _NOWHERE, help=failure.help))
    return run


def _stale(checked: Checked, output: Path, ledger: Ledger, watch: Watch) -> list[Diagnostic]:
    """An error where the output isn't what the policies give: what is signed must be what was reviewed."""
    build = Build(ledger, collections=collections(output)[0])
    comparison = compare(output, walk(checked, build, watch=watch), hold=checked.held)
    if comparison.is_current:
        return []
    message = f"'{output.as_posix()}' is not what the policies give, so it isn't signed"
    return [error("PC0621", message, _NOWHERE, help="run policyc compile, have the change reviewed, then sign")]


def _sign(checked: Checked, output: Path, to: Path, ledger: Ledger, signer: Signer, run: Signed, watch: Watch) -> None:
    known = ledger.known
    run.diagnostics += [warning("PC0622", text, _NOWHERE) for text in signer.warnings]
    with tempfile.TemporaryDirectory(prefix="policyc-sign-") as folder:
        files = _signed(checked, known, signer, Seals(to), Path(folder), watch)
    build = Build(Ledger(known, signer=signer.identity), files.get, signed=True, collections=collections(output)[0])
    result = write(to, walk(checked, build, watch=watch), hold=checked.held)
    run.diagnostics += result.diagnostics
    if any(one.is_error for one in run.diagnostics):
        return
    run.figures["signed"] = {"written": result.written, "unchanged": result.unchanged, "removed": result.removed}
    run.said.append(f"{to.as_posix()}: {len(files)} files signed by {signer.identity}, {result.written} written")
    # The numbers of the signed objects are taken: the unsigned output must never use them for something else.
    again = Build(Ledger(build.ledger.entries(checked.held_identities)), collections=build.collections)
    risen = write(output, walk(checked, again, watch=watch), hold=checked.held)
    run.diagnostics += risen.diagnostics
    if risen.written:
        run.said.append(f"{output.as_posix()}: revisions have risen, {risen.written} files written: commit them")


def _signed(
    checked: Checked, known: dict[str, Revision], signer: Signer, seals: Seals, scratch: Path, watch: Watch
) -> dict[str, bytes]:
    """All scripts, then the cabinets that hold them, signed, by path."""
    files: dict[str, bytes] = {}
    for suffix in (".ps1", ".cab"):
        unsigned = dict(_collected(checked, Ledger(known, signer=signer.identity), files, suffix, watch))
        files.update(sign_scripts(unsigned, signer, seals, scratch))
    return files


def _collected(
    checked: Checked, ledger: Ledger, files: dict[str, bytes], suffix: str, watch: Watch
) -> Iterator[tuple[str, bytes]]:
    """(path, unsigned bytes) of every file of that kind, made with what is signed so far."""
    collected: dict[str, bytes] = {}

    def sealed(path: str, content: bytes) -> bytes:
        if path.endswith(suffix):
            collected[path] = content
        return files.get(path, content)

    for _ in walk(checked, Build(ledger, sealed), watch=watch):
        pass
    yield from collected.items()
