"""The work of `policyc sign`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from policyc.artifacts import Artifact, Build, compare, write
from policyc.artifacts.collections import load as collections
from policyc.artifacts.revisions import Ledger, Revision, settled
from policyc.cli.building import all_artifacts, open_ledger
from policyc.cli.formats import Format, today
from policyc.cli.pipeline import Checked, check
from policyc.cli.reporting import report, say, say_day
from policyc.diagnostics import Diagnostic, error, warning
from policyc.model import Location
from policyc.signing import Options, Seals, Signer, SigningError, choose_signer, sign_scripts

_NOWHERE = Location("")


def run(policies: Path, output: Path, to: Path, options: Options, format: Format, as_of: date | None) -> int:
    """Check that the output is what the policies give, sign it into `to`; gives the exit code."""
    day = as_of or today()
    checked = check(policies, day)
    ledger, problems = open_ledger(output)
    before, more = open_ledger(to)
    found = [*checked.diagnostics, *problems, *more]
    if output.resolve() == to.resolve():
        message = f"'{to.as_posix()}' is the folder with the unsigned output, which git keeps"
        found.append(error("PC0620", message, _NOWHERE, help="give another folder with --to"))
    # What either folder says was given is given.
    known = Ledger(settled([ledger.known, before.known]))
    if not any(one.is_error for one in found):
        found += _stale(checked, output, ledger)
    figures: dict[str, object] = {"output": None}
    said: list[str] = []
    if not any(one.is_error for one in found):
        try:
            found += _sign(checked, output, to, known, choose_signer(options, os.environ), figures, said)
        except SigningError as failure:
            found.append(error("PC0620", failure.message, _NOWHERE, help=failure.help))
    report(policies, found, format, {"asOf": day.isoformat(), **figures})
    say_day(format, checked.depends_on_the_day, day)
    failed = any(one.is_error for one in found)
    for line in said or ["nothing was signed"]:
        say(format, line)
    return 1 if failed else 0


def _stale(checked: Checked, output: Path, ledger: Ledger) -> list[Diagnostic]:
    """An error where the output isn't what the policies give: what is signed must be what was reviewed."""
    comparison = compare(output, all_artifacts(checked, Build(ledger, collections=collections(output)[0])), hold=checked.held)
    if comparison.is_current:
        return []
    message = f"'{output.as_posix()}' is not what the policies give, so it isn't signed"
    return [error("PC0621", message, _NOWHERE, help="run policyc compile, have the change reviewed, then sign")]


def _sign(
    checked: Checked, output: Path, to: Path, ledger: Ledger, signer: Signer, figures: dict[str, object], said: list[str]
) -> list[Diagnostic]:
    known = ledger.known
    found = [warning("PC0622", text, _NOWHERE) for text in signer.warnings]
    with tempfile.TemporaryDirectory(prefix="policyc-sign-") as folder:
        files = _signed(checked, known, signer, Seals(to), Path(folder))
    build = Build(Ledger(known, signer=signer.identity), files.get, collections(output)[0])
    result = write(to, all_artifacts(checked, build), hold=checked.held)
    found += result.diagnostics
    if any(one.is_error for one in found):
        return found
    figures["signed"] = {"written": result.written, "unchanged": result.unchanged, "removed": result.removed}
    said.append(f"{to.as_posix()}: {len(files)} files signed by {signer.identity}, {result.written} written")
    # The numbers of the signed objects are taken: the unsigned output must never use them for something else.
    again = Build(Ledger(build.ledger.entries(checked.held_identities)), collections=build.collections)
    risen = write(output, all_artifacts(checked, again), hold=checked.held)
    found += risen.diagnostics
    if risen.written:
        said.append(f"{output.as_posix()}: revisions have risen, {risen.written} files written: commit them")
    return found


def _signed(checked: Checked, known: dict[str, Revision], signer: Signer, seals: Seals, scratch: Path) -> dict[str, bytes]:
    """All scripts, then the cabinets that hold them, signed, by path."""
    files: dict[str, bytes] = {}
    for suffix in (".ps1", ".cab"):
        unsigned = dict(_collected(checked, Ledger(known, signer=signer.identity), files, suffix))
        files.update(sign_scripts(unsigned, signer, seals, scratch))
    return files


def _collected(checked: Checked, ledger: Ledger, files: dict[str, bytes], suffix: str) -> Iterator[tuple[str, bytes]]:
    """(path, unsigned bytes) of every file of that kind, made with what is signed so far."""
    collected: dict[str, bytes] = {}

    def sealed(path: str, content: bytes) -> bytes:
        if path.endswith(suffix):
            collected[path] = content
        return files.get(path, content)

    artifacts: Iterator[Artifact] = all_artifacts(checked, Build(ledger, sealed))
    for _ in artifacts:
        pass
    yield from collected.items()
