"""What Graph is sent: scripts, assignments and rules as JSON, without the contents of the scripts."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from policyc.model import Collection, Interval, Intune, Project, Setting, Signing
from policyc.targets.identity import mark, marked, object_id, state_hash
from policyc.targets.intune.limits import DESCRIPTION, DISPLAY_NAME
from policyc.targets.intune.remediations import Remediation
from policyc.targets.lengths import shorten
from policyc.targets.tenant import excluded, included, remediates

Tree = dict[str, Any]
WAY_BACK = "Brings back what the collection changed"
"""How the description of a package begins that does: deploy-intune.ps1 knows it by that."""
_GRAPH = "#microsoft.graph."


def remediation_body(project: Project, collection: Collection, one: Remediation, scripts: Sequence[bytes]) -> Tree:
    """A `deviceHealthScript`; `scripts` are its files as they are distributed."""
    number = len(one.settings)
    what = f"{number} setting{'' if number == 1 else 's'}" if number else WAY_BACK
    body = _common(project, collection, f"intune/{one.key}", one.title, what, scripts)
    return {
        "@odata.type": f"{_GRAPH}deviceHealthScript",
        **body,
        "detectionScriptParameters": [],
        "remediationScriptParameters": [],
    }


def compliance_body(project: Project, collection: Collection, script: bytes) -> Tree:
    """A `deviceComplianceScript`."""
    body = _common(project, collection, "intune/compliance", "custom compliance", "Discovery script", [script])
    return {"@odata.type": f"{_GRAPH}deviceComplianceScript", **body}


def policy_body(project: Project, collection: Collection, asked: bytes) -> Tree:
    """The compliance policy that asks for what the script answers, without both; `asked` are its rules as they are sent.

    Of its actions Graph wants exactly one that blocks: it marks the device as not compliant, at once, and does no more.
    """
    title = "custom compliance"
    name = f"{shorten(collection.name, DISPLAY_NAME - len(title) - 2)}: {title}"
    text = f"Asks for what the script of this name answers, from {collection.origin.file}"
    content = state_hash([name, text, sha256(asked).hexdigest()])
    own = mark(project.id, object_id(project.id, collection.identity, "intune/policy"), content)
    block = {"actionType": "block", "gracePeriodHours": 0, "notificationTemplateId": "", "notificationMessageCCList": []}
    return {
        "@odata.type": f"{_GRAPH}windows10CompliancePolicy",
        "displayName": name,
        "description": marked(text, own, DESCRIPTION),
        "roleScopeTagIds": ["0"],
        "scheduledActionsForRule": [{"ruleName": "PasswordRequired", "scheduledActionConfigurations": [block]}],
    }


def _common(project: Project, collection: Collection, key: str, title: str, what: str, scripts: Sequence[bytes]) -> Tree:
    name = f"{shorten(collection.name, DISPLAY_NAME - len(title) - 2)}: {title}"
    said: Tree = {
        "publisher": project.publisher,
        "runAsAccount": "system",
        "enforceSignatureCheck": project.signing is Signing.REQUIRED,
        "runAs32Bit": False,
        "roleScopeTagIds": ["0"],
    }
    text = f"{what}, from {collection.origin.file}"
    content = state_hash([name, text, said, [sha256(script).hexdigest() for script in scripts]])
    own = mark(project.id, object_id(project.id, collection.identity, key), content)
    return {"displayName": name, "description": marked(text, own, DESCRIPTION), "version": content, **said}


def assignments(collection: Collection) -> Tree | None:
    """The body of `assign`; None where the policy names nobody, and a person assigns."""
    of = collection.intune
    given = included(of)
    if of is None or not given:
        return None
    runs = remediates(collection)
    assigned = [{"target": target, "runRemediationScript": runs, "runSchedule": _schedule(of)} for target in given]
    return {"deviceHealthScriptAssignments": [*assigned, *({"target": target} for target in excluded(of))]}


def _schedule(of: Intune) -> Tree:
    if of.every.interval is Interval.HOURS:
        return {"@odata.type": f"{_GRAPH}deviceHealthScriptHourlySchedule", "interval": of.every.count}
    return {
        "@odata.type": f"{_GRAPH}deviceHealthScriptDailySchedule",
        "interval": of.every.count,
        "useUtc": of.utc,
        "time": f"{of.at}:00",
    }


def rules(collection: Collection, settings: Sequence[Setting]) -> Tree:
    """The rules of custom compliance: the script judges, the service compares with true."""
    of = collection.intune
    page = "" if of is None else of.more_info
    return {
        "Rules": [
            {
                "SettingName": one.id,
                "Operator": "IsEquals",
                "DataType": "Boolean",
                "Operand": True,
                "MoreInfoUrl": page,
                "RemediationStrings": [
                    {"Language": "en_US", "Title": one.title, "Description": one.why or "An administrator brings this about."}
                ],
            }
            for one in settings
        ]
    }
