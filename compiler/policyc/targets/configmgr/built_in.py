"""ConfigMgr's own policy for a product (1606 and later): what its cmdlet takes for the words of a vocabulary."""

from __future__ import annotations

from policyc.model import Action, Collection, ScriptPackage
from policyc.targets.configmgr import limits
from policyc.targets.configmgr.package import package_kind
from policyc.targets.lengths import shorten

_PARAMETERS = {
    "defender_atp": {
        "sample_collection": ("SampleSharingType", {"all": "All", "none": "None"}),
        "reporting_frequency": ("TelemetryReportingFrequencyType", {"normal": "Normal", "expedite": "Expedited"}),
    }
}
"""Vocabulary: word: (parameter of New-CMAdvancedThreatProtectionPolicy, its values)."""


def policy_name(collection: Collection, script: ScriptPackage) -> str:
    """The policy's name in the console."""
    kind = package_kind(script)
    return f"{kind} - {shorten(collection.name, limits.BUILT_IN_POLICY_NAME - len(kind) - 3)}"


def policy_parameters(collection: Collection, script: ScriptPackage) -> dict[str, object]:
    """New-CMAdvancedThreatProtectionPolicy, but for the file and the mark in the description."""
    known = _PARAMETERS.get(script.vocabulary, {})
    said = {}
    for word, value in script.built_in_settings:
        if word in known:
            parameter, values = known[word]
            said[parameter] = values[value]
    return {
        "Name": policy_name(collection, script),
        "Description": f"{package_kind(script)} for {script.product}, from {collection.origin.file}",
        "PolicyType": "Onboarding" if script.action is Action.ONBOARD else "Offboarding",
        **said,
    }
