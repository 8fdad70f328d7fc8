"""What a policy means: frozen dataclasses, no input or output, no target's encoding."""

from policyc.model.location import Location
from policyc.model.package import Action, ScriptPackage, VendorExitCode
from policyc.model.place import Hive, Place, View, upper
from policyc.model.project import (
    Collection,
    ExecutionPolicy,
    Granularity,
    Members,
    Mode,
    Project,
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
    "ExecutionPolicy",
    "Granularity",
    "Hive",
    "Kind",
    "Location",
    "Members",
    "Mode",
    "Operator",
    "Place",
    "Project",
    "ScriptPackage",
    "SetValue",
    "Setting",
    "Severity",
    "VendorExitCode",
    "Version",
    "View",
    "Write",
    "upper",
]
