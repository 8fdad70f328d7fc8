"""The Remediations of a collection: which scripts there are, what is in each, and how they are assigned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyc.kinds import naming_files
from policyc.model import Collection, Project, Setting
from policyc.model.records import dataclass
from policyc.powershell.scripts import Script, collection_script, entry, row_size, script_size
from policyc.targets.intune.limits import SCRIPT_BYTES, SIGNATURE_BYTES
from policyc.targets.tenant import only_servers

BUDGET = SCRIPT_BYTES - SIGNATURE_BYTES
DETECT, REMEDIATE = "detect.ps1", "remediate.ps1"
REMEDIATED, REPORTED, ROLLBACK = "remediated", "reported", "rollback"


@dataclass(frozen=True, slots=True)
class Remediation:
    """A script package: what Intune calls a Remediation."""

    key: str
    """Its folder below `intune/`, and who it is among those of its collection."""
    title: str
    """What stands behind the collection's name."""
    changes: bool
    """It has a remediation script; otherwise it only detects."""
    settings: tuple[Setting, ...] = ()
    by_hand: bool = False
    """A person assigns it, when it is wanted."""


def has_own_script(setting: Setting) -> bool:
    """Whether files lie beside it that a single script can't bring along."""
    return naming_files(setting.subject.word) is not None


def too_long(collection: Collection, setting: Setting) -> int:
    """Bytes of the longest script with this setting alone, where it is longer than any may be; else 0."""
    longest = max(script_size(script, collection, [entry(setting)]) for script in _scripts(setting))
    return longest if longest > BUDGET else 0


def _scripts(setting: Setting) -> tuple[Script, ...]:
    return (Script.INTUNE_DETECT, Script.INTUNE_REMEDIATE) if setting.remediated else (Script.INTUNE_DETECT,)


def taken(collection: Collection) -> tuple[Setting, ...]:
    """The settings that Remediations can have."""
    if only_servers(collection):
        return ()
    return tuple(one for one in collection.settings if not has_own_script(one) and not too_long(collection, one))


def remediations(collection: Collection) -> tuple[Remediation, ...]:
    """The packages of a collection. What is only reported has its own: a failure of it must start no remediation.

    The one that takes changes back outlives the settings that made them.
    """
    if only_servers(collection):
        return ()
    settings = taken(collection)
    changed = _packages(collection, REMEDIATED, [one for one in settings if one.remediated])
    reported = _packages(collection, REPORTED, [one for one in settings if not one.remediated])
    return (*changed, *reported, Remediation(ROLLBACK, "rollback", changes=True, by_hand=True))


def scripts_of(collection: Collection, one: Remediation) -> dict[str, bytes]:
    """Its files by name."""
    if one.by_hand:
        changed = [entry(setting) for setting in taken(collection) if setting.remediated]
        return {
            DETECT: collection_script(Script.INTUNE_ROLLBACK_DETECT, collection),
            REMEDIATE: collection_script(Script.INTUNE_ROLLBACK, collection, changed),
        }
    rows = [entry(setting) for setting in one.settings]
    scripts = {DETECT: collection_script(Script.INTUNE_DETECT, collection, rows)}
    if one.changes:
        scripts[REMEDIATE] = collection_script(Script.INTUNE_REMEDIATE, collection, rows)
    return scripts


def _packages(collection: Collection, key: str, settings: Sequence[Setting]) -> Iterator[Remediation]:
    title = "settings" if key == REMEDIATED else "settings that are only reported"
    for number, part in enumerate(_parts(collection, settings), 1):
        own, again = (key, "") if number == 1 else (f"{key}-{number}", f" ({number})")
        yield Remediation(own, f"{title}{again}", key == REMEDIATED, tuple(part))


def _parts(collection: Collection, settings: Sequence[Setting]) -> Iterator[list[Setting]]:
    """The settings in runs whose longest script fits, judged with the functions that all of them need."""
    if not settings:
        return
    scripts = _scripts(settings[0])
    rows = {one.id: max(row_size(script, entry(one)) for script in scripts) for one in settings}
    whole = max(script_size(script, collection, [entry(one) for one in settings]) for script in scripts)
    room = BUDGET - (whole - sum(rows.values()))
    part: list[Setting] = []
    used = 0
    for one in settings:
        if part and used + rows[one.id] > room:
            yield part
            part, used = [], 0
        part.append(one)
        used += rows[one.id]
    yield part


def packages_of(project: Project) -> int:
    """How many script packages all collections take."""
    return sum(len(remediations(collection)) for collection in project.collections)
