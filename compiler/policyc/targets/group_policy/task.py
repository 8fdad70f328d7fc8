r"""A vendor's script as an immediate task of the preferences (`ScheduledTasks.xml`), as the product's documentation has it.

The task names the share that the policy names, so devices have to read it. The account stands in it three times, since the
console leaves the person who made the task in two of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from uuid import UUID

from policyc.model import Action, ScriptPackage
from policyc.targets.group_policy.backup import braced
from policyc.targets.group_policy.change import Unsaid
from policyc.targets.group_policy.markup import attributes, escaped, is_xml
from policyc.targets.group_policy.preferences import CHANGED
from policyc.targets.uuids import uuid5

_FILE, _ITEM = "{CC63F200-7309-4ba0-B154-A71CD118DBCC}", "{9756B581-76EC-4169-9AFC-0CA8D43ADB5F}"
_ACCOUNT = r"NT AUTHORITY\System"
_SHARE = re.compile(r"\\\\[^\\/]+\\[^\\/].*")
_ARCHIVE = ".zip"


def command(package: ScriptPackage) -> str | Unsaid:
    """What the task starts: the script on its share."""
    source = package.source or ""
    if not _SHARE.fullmatch(source) or source.lower().endswith(_ARCHIVE):
        return Unsaid(
            "Group Policy starts the vendor's script from a share that devices read, and the policy names none",
            "let 'source' be the UNC path of a folder with the unpacked script, by the server's full name",
        )
    path = f"{source.rstrip(chr(92))}\\{package.script}"
    if re.search(r'[%"<>|?*\x00-\x1f\x7f]', path) or not is_xml(path):
        return Unsaid("a preference would read its path otherwise", "take percent and quotation marks out of 'source'")
    return path


def tasks(packages: Iterable[tuple[ScriptPackage, str]], namespace: UUID) -> bytes:
    """The file, of packages with their commands. `namespace` is the object's UUID."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f'<ScheduledTasks clsid="{_FILE}">']
    for package, path in packages:
        lines += _item(package, path, namespace)
    lines.append("</ScheduledTasks>")
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8")


def _item(package: ScriptPackage, path: str, namespace: UUID) -> Iterator[str]:
    name = f"{package.product}: {package.id}"
    head = {
        "clsid": _ITEM,
        "name": name,
        "image": "0",
        "changed": CHANGED,
        "uid": braced(uuid5(namespace, f"task/{package.id}")),
        "userContext": "0",
        "removePolicy": "0",
    }
    said = {"action": "C", "name": name, "runAs": _ACCOUNT, "logonType": "S4U"}
    yield f"\t<ImmediateTaskV2{attributes(head)}>"
    yield f'\t\t<Properties{attributes(said)}><Task version="1.2">'
    yield from (f"\t\t\t{line}" for line in _task(package, path))
    yield "\t\t</Task></Properties>"
    if package.action is Action.OFFBOARD:
        # It is done once, as its script expires; another script is another task.
        once = {"hidden": "1", "not": "0", "bool": "AND", "id": braced(uuid5(namespace, f"once/{package.script}"))}
        yield f"\t\t<Filters><FilterRunOnce{attributes(once)}/></Filters>"
    yield "\t</ImmediateTaskV2>"


def _task(package: ScriptPackage, path: str) -> Iterator[str]:
    yield "<RegistrationInfo/>"
    yield (
        f'<Principals><Principal id="Author"><UserId>{_ACCOUNT}</UserId><LogonType>S4U</LogonType>'
        "<RunLevel>HighestAvailable</RunLevel></Principal></Principals>"
    )
    yield (
        "<Settings><MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>"
        "<DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries><StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>"
        "<AllowHardTerminate>true</AllowHardTerminate><StartWhenAvailable>true</StartWhenAvailable>"
        "<AllowStartOnDemand>true</AllowStartOnDemand><Enabled>true</Enabled><Hidden>false</Hidden>"
        f"<ExecutionTimeLimit>PT{package.time_limit_seconds}S</ExecutionTimeLimit><Priority>7</Priority>"
        "<DeleteExpiredTaskAfter>PT0S</DeleteExpiredTaskAfter></Settings>"
    )
    yield (
        "<Triggers><TimeTrigger><StartBoundary>%LocalTimeXmlEx%</StartBoundary><EndBoundary>%LocalTimeXmlEx%</EndBoundary>"
        "<Enabled>true</Enabled></TimeTrigger></Triggers>"
    )
    yield f'<Actions Context="Author"><Exec><Command>{escaped(path)}</Command></Exec></Actions>'
