"""Everything that a collection gets for Group Policy, in files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyc.model import GROUP_POLICY, Collection, Mode, Project, ScriptPackage
from policyc.targets.group_policy.audit import audit_csv
from policyc.targets.group_policy.backup import Identity, backup_files
from policyc.targets.group_policy.change import Change, Side, Way
from policyc.targets.group_policy.extensions import Extension
from policyc.targets.group_policy.lgpo import lgpo_text
from policyc.targets.group_policy.pol import pol
from policyc.targets.group_policy.preferences import preferences
from policyc.targets.group_policy.runbook import runbook
from policyc.targets.group_policy.security import template
from policyc.targets.group_policy.taken import taken
from policyc.targets.group_policy.task import command, tasks
from policyc.targets.identity import object_id

BACKUPS = "backup"
LGPO = "lgpo.txt"


def collection_files(project: Project, collection: Collection) -> Iterator[tuple[str, bytes]]:
    """(Path below the collection's folder, content) of all its files; none where nothing of it can be said."""
    changes = taken(collection)
    who = identity(project, collection)
    started = tuple(started_by(collection))
    files = object_files(changes, started, who)
    if not files:
        return
    for path, content in backup_files(who, files):
        yield f"{GROUP_POLICY}/{BACKUPS}/{path}", content
    text = lgpo_text(changes)
    if text:
        yield f"{GROUP_POLICY}/{LGPO}", text
    yield f"{GROUP_POLICY}/README.md", runbook(project, collection, changes, started, who)


def identity(project: Project, collection: Collection) -> Identity:
    """Who the object is, whatever the collection is called now."""
    own = [object_id(project.id, collection.identity, GROUP_POLICY, word) for word in ("object", "backup")]
    return Identity(own[0], own[1], object_id(project.id, GROUP_POLICY, "domain"), collection.name)


def started_by(collection: Collection) -> Iterator[tuple[ScriptPackage, str]]:
    """The packages that a task starts, with its command."""
    if collection.mode is not Mode.AUDIT:
        for package in collection.packages:
            path = command(package)
            if isinstance(path, str):
                yield package, path


def object_files(
    changes: Sequence[Change], started: Sequence[tuple[ScriptPackage, str]], who: Identity
) -> dict[tuple[Side, str], bytes]:
    """The files of the object, by side and path below its folder."""
    files: dict[tuple[Side, str], bytes] = {}
    for side in Side:
        by_way = {way: [one for one in changes if one.side is side and one.way is way] for way in Way}
        if by_way[Way.POLICY]:
            files[side, Extension.REGISTRY.file] = pol(entry for one in by_way[Way.POLICY] for entry in one.entries)
        if by_way[Way.PREFERENCE]:
            files[side, Extension.REGISTRY_PREFERENCES.file] = preferences(by_way[Way.PREFERENCE], who.object_id)
        if by_way[Way.TEMPLATE]:
            files[side, Extension.SECURITY.file] = template(by_way[Way.TEMPLATE])
        if by_way[Way.AUDIT]:
            files[side, Extension.AUDIT.file] = audit_csv(by_way[Way.AUDIT])
    if started:
        files[Side.MACHINE, Extension.TASKS.file] = tasks(started, who.object_id)
    return files
