"""What a policy means: frozen dataclasses, no input or output, no target's encoding."""

from policyc.model.deployment import DeployAs, Deployment, Interval, MaintenanceWindow, Purpose, Rerun, Span
from policyc.model.location import Location
from policyc.model.package import Action, ScriptPackage, VendorExitCode
from policyc.model.place import Hive, Place, View, upper
from policyc.model.project import (
    Collection,
    ExecutionPolicy,
    Granularity,
    Members,
    Mode,
    Platform,
    Project,
    Signing,
    Version,
)
from policyc.model.setting import (
    Append,
    Condition,
    CreateKey,
    Data,
    DeleteValue,
    Kind,
    Operator,
    Setting,
    SetValue,
    Severity,
    Write,
)

__all__ = [
    "Action",
    "Append",
    "Collection",
    "Condition",
    "CreateKey",
    "Data",
    "DeleteValue",
    "DeployAs",
    "Deployment",
    "ExecutionPolicy",
    "Granularity",
    "Hive",
    "Interval",
    "Kind",
    "Location",
    "MaintenanceWindow",
    "Members",
    "Mode",
    "Operator",
    "Place",
    "Platform",
    "Project",
    "Purpose",
    "Rerun",
    "ScriptPackage",
    "SetValue",
    "Setting",
    "Severity",
    "Signing",
    "Span",
    "VendorExitCode",
    "Version",
    "View",
    "Write",
    "upper",
]
