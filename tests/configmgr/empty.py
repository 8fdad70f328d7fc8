"""A site as setup leaves it: the built-in collections, the default client settings, one group of distribution points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SITE_CODE = "PS1"
SERVER = "cm01.example.com"
ALL_SYSTEMS = "SMS00001"
ALL_CLIENTS = "SMSDM003"
TABLES = (
    "collections",
    "devices",
    "items",
    "baselines",
    "baselineDeployments",
    "packages",
    "programs",
    "packageDeployments",
    "applications",
    "deploymentTypes",
    "applicationDeployments",
    "policies",
    "policyDeployments",
    "folders",
    "scopes",
    "distributionPoints",
    "distributionPointGroups",
    "clientSettings",
)


def a(class_: str, **properties: object) -> dict[str, Any]:
    """An object of a class of the SMS Provider."""
    return {"_class": class_, **properties}


def empty_site() -> dict[str, Any]:
    """What `state.json` holds before anything was done."""
    everything = collection(ALL_SYSTEMS, "All Systems", "All Systems", None)
    clients = collection(ALL_CLIENTS, "All Desktop and Server Clients", "All clients", everything)
    settings = a("SMS_ClientSettings", Name="Default Client Agent Settings", SettingsID=0, Type=0, Priority=10000, Enabled=True)
    return {
        "site": {"code": SITE_CODE, "server": SERVER, "name": "Primary site", "version": "5.00.9122.1000", "scope": "1E0CA3B5"},
        "drive": True,
        "instant": False,
        "updateLag": 0,
        "deny": [],
        "queryResults": {},
        "deletedItems": {},
        "statuses": {},
        "statusDetails": {},
        "wmi": {},
        "counter": 16,
        **{table: [] for table in TABLES},
        "collections": [{**everything, "IsBuiltIn": True}, {**clients, "IsBuiltIn": True}],
        "scopes": [a("SMS_SecuredCategory", CategoryID="SMS00UNA", CategoryName="Default", IsBuiltIn=True)],
        "distributionPointGroups": [
            a("SMS_DistributionPointGroup", Name="All distribution points", GroupID="{0000000A}", MemberCount=1)
        ],
        "distributionPoints": [a("SMS_SCI_SysResUse", NetworkOSPath=rf"\\{SERVER}", SiteCode=SITE_CODE)],
        "clientSettings": [{**settings, "_settings": default_settings()}],
    }


def collection(key: str, name: str, comment: str, limiting: Mapping[str, Any] | None) -> dict[str, Any]:
    """A device collection without rules."""
    return {
        **a("SMS_Collection", CollectionID=key, Name=name, Comment=comment),
        "LimitToCollectionID": limiting["CollectionID"] if limiting else "",
        "LimitToCollectionName": limiting["Name"] if limiting else "",
        "RefreshType": 2,
        "MemberCount": 0,
        "CollectionType": 2,
        "IsBuiltIn": False,
        "CurrentStatus": 1,
        "LastRefreshTime": "2026-01-01 00:00:00",
        "ObjectPath": "/",
        "_rules": [],
        "_members": [],
        "_windows": [],
        "_pending": 0,
    }


def default_settings() -> dict[str, dict[str, str]]:
    """Settings of two agents, named and written as the agents' configuration has them: all text, enumerations as numbers."""
    compliance = {"Enabled": "True", "EnableUserStateManagement": "False", "EvaluationSchedule": "0001170000100038"}
    return {
        "ComplianceSettings": compliance,
        "ComputerAgent": {"PowerShellExecutionPolicy": "0", "UseNewSoftwareCenter": "True"},
    }
