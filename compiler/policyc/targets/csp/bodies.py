"""What Graph is sent: custom profiles, the policy for endpoint detection and response, assignments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from policyc.model import Collection, Project
from policyc.targets.csp.limits import DESCRIPTION, DISPLAY_NAME
from policyc.targets.csp.nodes import PRODUCT, Value
from policyc.targets.csp.profile import Blob, Said
from policyc.targets.identity import mark, marked, object_id, state_hash
from policyc.targets.lengths import shorten
from policyc.targets.tenant import excluded, included, remediates

Tree = dict[str, Any]
_GRAPH = "#microsoft.graph."
_POLICY = f"{_GRAPH}deviceManagementConfiguration"


def profile(project: Project, collection: Collection, key: str, title: str, settings: Sequence[Tree]) -> Tree:
    """A `windows10CustomConfiguration`; `key` says which of the collection's it is."""
    name, description = _named(project, collection, key, title, list(settings))
    return {
        "@odata.type": f"{_GRAPH}windows10CustomConfiguration",
        "displayName": name,
        "description": description,
        "roleScopeTagIds": ["0"],
        "omaSettings": list(settings),
    }


def _named(project: Project, collection: Collection, key: str, title: str, content: object) -> tuple[str, str]:
    """Display name, and description with the mark at its end."""
    name = f"{shorten(collection.name, DISPLAY_NAME - len(title) - 2)}: {title}"
    text = f"From {collection.origin.file}"
    own = mark(project.id, object_id(project.id, collection.identity, f"csp/{key}"), state_hash([name, text, content]))
    return name, marked(text, own, DESCRIPTION)


def oma_setting(one: Said) -> Tree:
    """A node that is set."""
    return _oma(one.setting.id, one.setting.title, one.node.uri, one.value)


def blob_setting(one: Blob) -> Tree:
    """The node that takes the tenant's file, with the reference to it."""
    return _oma(one.uri.rpartition("/")[2], f"The content of {one.file}", one.uri, one.reference)


def health_settings(*, onboarded: bool) -> list[Tree]:
    """The nodes of the product's health that have one right value: read and compared, never set.

    `isReadOnly` is Graph's in its beta version (seen in Microsoft365DSC): get instead of set.
    """
    health = f"{PRODUCT}/HealthState"
    expected: tuple[tuple[str, str, Value], ...] = (
        ("SenseIsRunning", "The sensor runs" if onboarded else "The sensor doesn't run", onboarded),
        ("OnboardingState", "The device is onboarded" if onboarded else "The device is offboarded", int(onboarded)),
    )
    return [{**_oma(name, title, f"{health}/{name}", value), "isReadOnly": True} for name, title, value in expected]


def _oma(name: str, description: str, uri: str, value: Value) -> Tree:
    kind = {bool: "Boolean", int: "Integer", str: "String"}[type(value)]
    return {
        "@odata.type": f"{_GRAPH}omaSetting{kind}",
        "displayName": name,
        "description": description,
        "omaUri": uri,
        "value": value,
    }


def assignments(collection: Collection) -> Tree | None:
    """The body of `assign`, of a profile and of a policy alike. None where the policy names nobody or only wants a look.

    A profile can't only look: where Remediations would only detect, no file assigns it.
    """
    of = collection.intune
    given = included(of)
    if of is None or not given or not remediates(collection):
        return None
    return {"assignments": [{"target": target} for target in (*given, *excluded(of))]}


_TEMPLATE = "0385b795-0f2f-44ac-8602-9f65bf6adede_1"
"""Of endpoint detection and response for Windows. This, and the ids below, as in Microsoft365DSC and in exported policies."""
_DEFINITION = "device_vendor_msft_windowsadvancedthreatprotection_"
_TYPE_IDS = ("23ab0ea3-1b12-429a-8ed0-7390cf699160", "e5c7c98c-c854-4140-836e-bd22db59d651")
_SHARING_IDS = ("6998c81e-2814-4f5e-b492-a6159128a97b", "f72c326c-7c5b-4224-b890-0b9b54522bd9")
FROM_CONNECTOR = "From the connector"
"""The tenant's own connector to the product knows the blob: the setting that asks for it must hold a text, whichever."""


def policy(project: Project, collection: Collection, package: Blob | None, sharing: Value | None) -> Tree:
    """A `configurationPolicies` body: onboarding by the tenant's connector, or offboarding by its file, and sample sharing."""
    settings = []
    if package is not None and package.offboards:
        settings.append(_choice("configurationtype", "offboard", _TYPE_IDS, [_secret("offboarding", package.reference)]))
    elif package is not None:
        child = _secret("onboarding_fromconnector", FROM_CONNECTOR)
        settings.append(_choice("configurationtype", "autofromconnector", _TYPE_IDS, [child]))
    if sharing is not None:
        settings.append(_choice("configuration_samplesharing", str(sharing), _SHARING_IDS, []))
    name, description = _named(project, collection, "policy", "endpoint detection and response", settings)
    return {
        "name": name,
        "description": description,
        "platforms": "windows10",
        "technologies": "mdm,microsoftSense",
        "roleScopeTagIds": ["0"],
        "templateReference": {"templateId": _TEMPLATE},
        "settings": settings,
    }


def _choice(name: str, value: str, template_ids: tuple[str, str], children: list[Tree]) -> Tree:
    instance, of_value = template_ids
    return {
        "@odata.type": f"{_POLICY}Setting",
        "settingInstance": {
            "@odata.type": f"{_POLICY}ChoiceSettingInstance",
            "settingDefinitionId": f"{_DEFINITION}{name}",
            "settingInstanceTemplateReference": {"settingInstanceTemplateId": instance},
            "choiceSettingValue": {
                "@odata.type": f"{_POLICY}ChoiceSettingValue",
                "value": f"{_DEFINITION}{name}_{value}",
                "settingValueTemplateReference": {"settingValueTemplateId": of_value},
                "children": children,
            },
        },
    }


def _secret(name: str, text: str) -> Tree:
    return {
        "@odata.type": f"{_POLICY}SimpleSettingInstance",
        "settingDefinitionId": f"{_DEFINITION}{name}",
        "simpleSettingValue": {"@odata.type": f"{_POLICY}SecretSettingValue", "value": text, "valueState": "notEncrypted"},
    }
