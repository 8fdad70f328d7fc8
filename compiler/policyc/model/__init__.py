"""What a policy means: frozen dataclasses, no input or output, no target's encoding."""

from policyc.model.deployment import DeployAs, Deployment, Interval, MaintenanceWindow, Purpose, Rerun, Span
from policyc.model.estate import derived_id, is_derived, log_name, owner
from policyc.model.fact import Fact, FilePlace
from policyc.model.layer import EVERYWHERE, Applicability, Change, Exemption, Layer, Role, TakesEffect
from policyc.model.location import Location
from policyc.model.package import Action, ScriptPackage, VendorExitCode
from policyc.model.place import ACCOUNTS, Hive, Place, View, upper
from policyc.model.platform import SERVERS_AFTER_2016_SINCE, Platform, Version, can_meet, included
from policyc.model.project import (
    Collection,
    ExecutionPolicy,
    Granularity,
    LeftBehind,
    Members,
    Mode,
    Project,
    Signing,
)
from policyc.model.registry import (
    HELD_AS,
    REGISTRY_VALUE_KIND,
    Append,
    Condition,
    CreateKey,
    Data,
    DeleteValue,
    Kind,
    Operator,
    Registry,
    SetValue,
    Write,
)
from policyc.model.setting import Setting, Severity, of_registry
from policyc.model.statement import Apart, Precedence
from policyc.model.subject import Subject, Where

__all__ = [
    "ACCOUNTS",
    "EVERYWHERE",
    "HELD_AS",
    "REGISTRY_VALUE_KIND",
    "SERVERS_AFTER_2016_SINCE",
    "Action",
    "Apart",
    "Append",
    "Applicability",
    "Change",
    "Collection",
    "Condition",
    "CreateKey",
    "Data",
    "DeleteValue",
    "DeployAs",
    "Deployment",
    "ExecutionPolicy",
    "Exemption",
    "Fact",
    "FilePlace",
    "Granularity",
    "Hive",
    "Interval",
    "Kind",
    "Layer",
    "LeftBehind",
    "Location",
    "MaintenanceWindow",
    "Members",
    "Mode",
    "Operator",
    "Place",
    "Platform",
    "Precedence",
    "Project",
    "Purpose",
    "Registry",
    "Rerun",
    "Role",
    "ScriptPackage",
    "SetValue",
    "Setting",
    "Severity",
    "Signing",
    "Span",
    "Subject",
    "TakesEffect",
    "VendorExitCode",
    "Version",
    "View",
    "Where",
    "Write",
    "can_meet",
    "derived_id",
    "included",
    "is_derived",
    "log_name",
    "of_registry",
    "owner",
    "upper",
]
