"""A backup of a Group Policy object, in the form that the Group Policy Management Console writes (version 2.0).

`Import-GPO` wants `Backup.xml`, `bkupInfo.xml` and `manifest.xml`, and nothing of the domain that the object is from: an
import takes over its settings, and leaves links, permissions and filters of the object that it imports to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from policyc.model.records import dataclass
from policyc.targets.group_policy.change import Side
from policyc.targets.group_policy.descriptor import descriptor
from policyc.targets.group_policy.extensions import Extension, groups, of_file
from policyc.targets.group_policy.markup import attributes, cdata

DOMAIN = "policyc.invalid"
"""No domain: the object is imported into whichever one a person names."""
_CONTROLLER = f"dc.{DOMAIN}"
_TIME = "2000-01-01T00:00:00"
"""No clock reaches an output."""
_OPERATIONS = "http://www.microsoft.com/GroupPolicy/GPOOperations"
_MANIFEST = f"{_OPERATIONS}/Manifest"
_VERSION = 0x10001
"""The first version, in the directory (above) and in SYSVOL (below)."""
_UNKNOWN = ("{F15C46CD-82A0-4C2D-A210-5D0D3182A418}", "Unknown Extension")
_VARIABLES = {Side.MACHINE: "%GPO_MACH_FSPATH%", Side.USER: "%GPO_USER_FSPATH%"}
Files = Mapping[tuple[Side, str], bytes]
"""By side, and path below its folder with backslashes."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a backup and its object are."""

    object_id: UUID
    backup_id: UUID
    """Its folder's name."""
    domain_id: UUID
    name: str
    """Of the object, for people."""

    @property
    def folder(self) -> str:
        """In capitals and braces."""
        return braced(self.backup_id)


def braced(id: UUID) -> str:
    """As Windows writes it."""
    return f"{{{str(id).upper()}}}"


def backup_files(who: Identity, files: Files) -> Iterator[tuple[str, bytes]]:
    """(Path below the folder of backups, content) of all of it."""
    yield "manifest.xml", _lines(_manifest(who))
    yield f"{who.folder}/Backup.xml", _lines(_backup(who, files))
    yield f"{who.folder}/bkupInfo.xml", _lines([_instance(who, f' xmlns="{_MANIFEST}"')])
    for (side, path), content in files.items():
        yield f"{who.folder}/DomainSysvol/GPO/{side}/{path.replace(chr(92), '/')}", content


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8")


def _manifest(who: Identity) -> Iterator[str]:
    yield f'<Backups xmlns="{_MANIFEST}" xmlns:mfst="{_MANIFEST}" mfst:version="1.0">{_instance(who)}</Backups>'


def _instance(who: Identity, spaces: str = "") -> str:
    said = {
        "GPOGuid": braced(who.object_id),
        "GPODomain": DOMAIN,
        "GPODomainGuid": f"{{{who.domain_id}}}",
        "GPODomainController": _CONTROLLER,
        "BackupTime": _TIME,
        "ID": who.folder,
        "Comment": "",
        "GPODisplayName": who.name,
    }
    return f"<BackupInst{spaces}>{''.join(f'<{word}>{cdata(text)}</{word}>' for word, text in said.items())}</BackupInst>"


def _backup(who: Identity, files: Files) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield (
        '<GroupPolicyBackupScheme bkp:version="2.0" bkp:type="GroupPolicyBackupTemplate" '
        f'xmlns:bkp="{_OPERATIONS}" xmlns="{_OPERATIONS}">'
    )
    yield "  <GroupPolicyObject>"
    yield "    <SecurityGroups/>"
    yield "    <FilePaths/>"
    yield "    <GroupPolicyCoreSettings>"
    for word, text in _core(who, files).items():
        yield f"      <{word}>{text}</{word}>" if text else f"      <{word}/>"
    yield "    </GroupPolicyCoreSettings>"
    own = {extension: [key for key in files if of_file(key[1]) is extension] for extension in Extension}
    for extension, listed in own.items():
        if extension.is_listed_by_name and listed:
            yield f"    <GroupPolicyExtension{attributes({'bkp:ID': extension.client, 'bkp:DescName': extension.called})}>"
            yield from (_file(who, side, path, extension.evaluation) for side, path in listed)
            if extension is Extension.REGISTRY:
                yield _object("FSObjectFile", "%GPO_FSPATH%", who, r"Adm\*.*")
            yield "    </GroupPolicyExtension>"
    yield f"    <GroupPolicyExtension{attributes({'bkp:ID': _UNKNOWN[0], 'bkp:DescName': _UNKNOWN[1]})}>"
    yield from _others(who, files)
    yield "    </GroupPolicyExtension>"
    yield "  </GroupPolicyObject>"
    yield "</GroupPolicyBackupScheme>"


def _core(who: Identity, files: Files) -> dict[str, str]:
    sides = {side for side, _ in files}
    off = 3 - sum(1 if side is Side.USER else 2 for side in sides)  # 1: the users' side is off, 2: the computers'
    said = {
        "ID": cdata(braced(who.object_id)),
        "Domain": cdata(DOMAIN),
        "SecurityDescriptor": descriptor().hex(" "),
        "DisplayName": cdata(who.name),
        "Options": cdata(str(off)),
    }
    for word, side in (("User", Side.USER), ("Machine", Side.MACHINE)):
        said[f"{word}VersionNumber"] = cdata(str(_VERSION if side in sides else 0))
    for word, side in (("Machine", Side.MACHINE), ("User", Side.USER)):
        extensions = groups(side, (path for one, path in files if one is side))
        said[f"{word}ExtensionGuids"] = cdata(extensions) if extensions else ""
    return {**said, "WMIFilter": ""}


def _others(who: Identity, files: Files) -> Iterator[str]:
    """Every folder, and what no extension lists by its own name."""
    told: set[tuple[Side, str]] = set()
    for side, path in files:
        steps = path.split("\\")[:-1]
        for depth in range(1, len(steps) + 1):
            folder = "\\".join(steps[:depth])
            if (side, folder) not in told:
                told.add((side, folder))
                yield _object("FSObjectDir", _VARIABLES[side], who, folder, side)
        if not of_file(path).is_listed_by_name:
            yield _file(who, side, path)


def _file(who: Identity, side: Side, path: str, evaluation: str = "") -> str:
    return _object("FSObjectFile", _VARIABLES[side], who, path, side, evaluation)


def _object(element: str, variable: str, who: Identity, path: str, side: Side | None = None, evaluation: str = "") -> str:
    below = path if side is None else f"{side}\\{path}"
    said = {
        "bkp:Path": f"{variable}\\{path}",
        "bkp:SourceExpandedPath": f"\\\\{_CONTROLLER}\\sysvol\\{DOMAIN}\\Policies\\{braced(who.object_id)}\\{below}",
    }
    if evaluation:
        said["bkp:ReEvaluateFunction"] = evaluation
    if side is not None:
        said["bkp:Location"] = f"DomainSysvol\\GPO\\{below}"
    return f"      <{element}{attributes(said)}/>"
