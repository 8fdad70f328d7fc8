"""The scripts of a collection's settings: help, a table of settings, the functions that judge and change what is in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache

from policyc.kinds import OTHERS
from policyc.kinds.registry.trees import TREE
from policyc.model import Action, Collection, Hive, Registry, ScriptPackage, log_name, owner
from policyc.powershell.linker import Linked, link
from policyc.powershell.literals import literal
from policyc.powershell.rows import Entry, entry, kind_functions, kind_needs

__all__ = ["BUSY_CODE", "USAGE_CODE", "Entry", "Script", "collection_script", "entry", "row_size", "script_size", "script_text"]

_NOT_PLAIN = re.compile("[^ -~]")


class Script(StrEnum):
    """A script of settings, by its reader's name in the library. Each has a contract of its own (docs/outputs.md)."""

    DETECT = "detect"
    """For a console: readable lines, exit code 0, 1 or 2."""
    REMEDIATE = "remediate"
    """For a console or a program: changes, prints what it changed, knows -WhatIf."""
    ROLLBACK = "rollback"
    """For a console or a program: undoes what the journal holds for the collection. Its table is the places to keep."""
    DISCOVERY = "discovery"
    """For a script setting of ConfigMgr: one line, exit code 0."""
    REMEDIATION = "remediation"
    """For a script setting of ConfigMgr: silent, throws where something is left."""
    DETECTION = "detection"
    """For an application of ConfigMgr: a line where everything holds, nothing where it doesn't."""
    INTUNE_DETECT = "intune_detect"
    """For a Remediation of Intune: a line, exit code 1 for what doesn't hold and for nothing else."""
    INTUNE_REMEDIATE = "intune_remediate"
    """For a Remediation of Intune: changes, a line, exit code 0 where nothing is left."""
    INTUNE_ROLLBACK_DETECT = "intune_rollback_detect"
    """For a Remediation of Intune: exit code 1 where the journal holds anything for the collection. It has no table."""
    INTUNE_ROLLBACK = "intune_rollback"
    """For a Remediation of Intune: undoes what the journal holds for the collection."""
    INTUNE_COMPLIANCE = "intune_compliance"
    """For custom compliance of Intune: a line of JSON, a boolean for each setting."""
    LOCAL = "local"
    """For a person at a machine: judges, changes and undoes, as a parameter says."""
    IMAGE = "image"
    """For a person at a golden image: says whether it may be sealed, exit code 0, 2, 4 or 65."""


BUSY_CODE = 1618
"""How a console script ends that did nothing since another run was busy: ConfigMgr runs such a program again."""
USAGE_CODE = 233
"""How rollback.ps1 ends where it isn't told what to do."""
CHANGES = frozenset({Script.REMEDIATE, Script.REMEDIATION, Script.INTUNE_REMEDIATE, Script.LOCAL})
UNDOES = frozenset({Script.ROLLBACK, Script.INTUNE_ROLLBACK, Script.LOCAL})
"""Their functions are those of all kinds that the journal may hold."""
ONLY_UNDOES = UNDOES - CHANGES
"""Their table is the places that the policy has."""
READS = frozenset(
    {Script.DETECT, Script.DISCOVERY, Script.DETECTION, Script.INTUNE_DETECT, Script.INTUNE_COMPLIANCE, Script.IMAGE}
)
"""They need no name for the collection: nothing of theirs is in the journal."""
_MIXED = frozenset({Script.DETECT, Script.REMEDIATE, Script.LOCAL})
"""They hold what is remediated and what is only reported, and tell the one from the other."""
_TITLED = frozenset({Script.DETECT, Script.LOCAL, Script.IMAGE})
"""A person reads what they say of each setting."""
_HURRIED = frozenset(
    {
        *(Script.DISCOVERY, Script.REMEDIATION, Script.DETECTION),
        *(Script.INTUNE_DETECT, Script.INTUNE_REMEDIATE, Script.INTUNE_COMPLIANCE),
    }
)
"""They are ended after some time: the client gives a compliance script a minute."""
_DAY = "YYYY-MM-DD"
_WITHOUT_TABLE = frozenset({Script.INTUNE_ROLLBACK_DETECT})
_WITHOUT_LOG = frozenset({Script.DETECT, Script.INTUNE_ROLLBACK_DETECT, Script.IMAGE})


def _row(script: Script, row: Entry) -> str:
    if script in ONLY_UNDOES:
        return row.place_text()
    return row.text(title=script in _TITLED, write=script in CHANGES, reported=script in _MIXED)


def row_size(script: Script, row: Entry) -> int:
    """Bytes of a row in this script."""
    return len(_row(script, row))


@lru_cache(maxsize=512)
def _frame(script: Script, needs: frozenset[str], kinds: frozenset[str]) -> Linked:
    """The script's text before and behind its table. Few combinations of needs exist, so an estate links few."""
    if script in UNDOES:
        # Whatever the journal holds of a kind: all that its functions may ask for.
        undone = frozenset[str]().union(*map(kind_needs, kinds), *map(kind_functions, kinds))
        needs = undone if script in ONLY_UNDOES else needs | undone
    return link(script.value, needs, kinds)


def comment(text: str) -> str:
    """Text for a line of a block of comment: printable ASCII that doesn't end it, whatever a file or collection is called."""
    return _NOT_PLAIN.sub("?", text).replace("#>", "# >")


def _is_of_users(row: Entry) -> bool:
    subject = row.setting.subject
    return isinstance(subject, Registry) and subject.place.hive is Hive.USER


def script_text(
    script: Script,
    *,
    slug: str,
    source: str,
    entries: Sequence[Entry] = (),
    estate: str = "",
    adopts: Sequence[str] = (),
    kinds: Iterable[str] = (),
    package: ScriptPackage | None = None,
) -> bytes:
    """A whole script, ASCII with LF.

    `slug` is the collection's identity, which with `estate`, the project's id, names it on the device (owner in the
    journal, name of the log), `source` the policy file that a reader must change. `adopts` are other owners in journals
    that are this collection; `kinds` are those that a journal may hold of it though no entry is of them now.
    In a compliance script the machine's settings come before those of users: how long it takes to judge what users hold is
    up to them. `package` is the vendor's script that a person may have LOCAL run.
    """
    frame, note, table = _pieces(script, slug, source, entries, estate, adopts, kinds, package)
    return frame.whole(note, table)


def image_script(collection: Collection, entries: Sequence[Entry], folder: str) -> bytes:
    """The check of a golden image: these rows, and no file in a folder below %ProgramData%."""
    frame, note, table = _pieces(Script.IMAGE, collection.identity, collection.origin.file, entries, "", ())
    return frame.whole(note, f"{table}$Folder = {literal(folder)}\n")


def _pieces(
    script: Script,
    slug: str,
    source: str,
    entries: Sequence[Entry],
    estate: str,
    adopts: Sequence[str],
    kinds: Iterable[str] = (),
    package: ScriptPackage | None = None,
) -> tuple[Linked, str, str]:
    """What a script is put together from: its frame, the line on whose it is, its table with the names behind it."""
    of_others = frozenset({row.kind for row in entries if row.kind is not None}.union((OTHERS.keys() | {TREE}) & set(kinds)))
    needs = frozenset[str]().union(*(row.needs for row in entries))
    if script in CHANGES:
        needs = needs.union(*(row.change_needs for row in entries))
    if script in UNDOES and any(row.kept for row in entries):
        of_others |= {TREE}
    needs = needs | {"Invoke-Vendor"} if package is not None else needs
    frame = _frame(script, needs, of_others)
    ordered = sorted(entries, key=_is_of_users) if script in _HURRIED else entries
    rows = "".join(_row(script, row) for row in ordered)
    table = f"${'Kept' if script in ONLY_UNDOES else 'Settings'} = @(\n{rows})\n" if script not in _WITHOUT_TABLE else ""
    owned = f"$Collection = {literal(owner(estate, slug))}\n$Adopts = {literal(tuple(adopts))}\n" if script not in READS else ""
    note = f"For the collection {slug}, made by policyc from {comment(source)}: change it there, not here."
    log = "" if script in _WITHOUT_LOG else f"$LogName = {literal(log_name(estate, slug))}\n"
    vendor = f"$Vendor = {_vendor(package)}\n" if script is Script.LOCAL else ""
    return frame, note, f"{table}{owned}{log}{vendor}"


def _vendor(package: ScriptPackage | None) -> str:
    """What is known of the vendor's script, as PowerShell; an empty table where the policy has none."""
    if package is None:
        return "@{}"
    names = dict.fromkeys((package.script, package.local_script.replace(_DAY, f"{package.valid_until or _DAY}")))
    said = [f"Product = {literal(package.product)}", f"Names = {literal(tuple(names))}"]
    if package.sha256 is not None:
        said.append(f"Hash = @{{ {literal(package.script)} = {literal(package.sha256)} }}")
    if package.valid_until is not None and package.action is Action.OFFBOARD:
        said.append(f"ValidUntil = {literal(package.valid_until.isoformat())}")
    codes = "; ".join(f"{one.code} = {literal(one.meaning)}" for one in package.exit_codes if one.code != 0)
    return f"@{{ {'; '.join(said)}; Codes = @{{ {codes} }} }}"


def collection_script(script: Script, collection: Collection, entries: Sequence[Entry] = ()) -> bytes:
    """The script of a collection: who that is, it knows itself."""
    return script_text(
        script,
        slug=collection.identity,
        source=collection.origin.file,
        entries=entries,
        estate=collection.estate,
        adopts=collection.adopts,
        kinds=collection.past_kinds if script in UNDOES else (),
        package=next(iter(collection.packages), None) if script is Script.LOCAL else None,
    )


def script_size(script: Script, collection: Collection, entries: Sequence[Entry]) -> int:
    """Bytes of that script."""
    of = collection
    frame, note, table = _pieces(script, of.identity, of.origin.file, entries, of.estate, of.adopts)
    return frame.size(note, table)
