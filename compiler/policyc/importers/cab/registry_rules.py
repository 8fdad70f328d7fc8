"""A registry setting that ConfigMgr judges itself, as a setting of the language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from policyc.importers.cab.conditions import Words, comparison, existence
from policyc.importers.cab.inexpressible import InexpressibleError
from policyc.importers.cab.texts import one_line, whole
from policyc.importers.found import Found
from policyc.lowering.places import Complaint, parse_key
from policyc.model import Severity, View
from policyc.targets.configmgr.compliance import NATIVE_LACKS
from policyc.targets.configmgr.digest.exported import ExportedRule, ExportedSetting, RegistrySource
from policyc.targets.configmgr.digest.writing import SEVERITIES

_HIVES = {("HKEY_LOCAL_MACHINE", False): "HKLM", ("HKEY_CURRENT_USER", True): "HKCU", ("HKEY_USERS", False): "HKU"}
"""By hive and by whether it is judged as the user who is signed in."""
_SEVERITY = {spelling: severity for severity, spelling in SEVERITIES.items()}


def severity_of(rule: ExportedRule) -> dict[str, str]:
    """The word `severity`, where it isn't the language's own default."""
    severity = _SEVERITY.get(rule.severity)
    if severity is None:
        raise InexpressibleError(f"its severity '{rule.severity}' is none that the console offers")
    return {} if severity is Severity.WARNING else {"severity": severity.value}


def registry_setting(setting: ExportedSetting, source: RegistrySource, item: str, section: str) -> Found:
    """The setting with its rule. InexpressibleError where the language can't say all of what it means."""
    if source.more:
        raise InexpressibleError(f"it says {', '.join(source.more)}")
    rule, words = _judged(setting, source)
    place = _place(source)
    others: dict[str, Any] = severity_of(rule)
    # No other operator is remediated, whatever the rule says.
    if not (rule.remediates and rule.operator == "Equals" and rule.method == "Value"):
        others["remediate"] = False
    why = whole(setting.description)
    if why.startswith(NATIVE_LACKS) and not rule.remediates:
        # Written by policyc, for a policy that asks for it.
        others["native"] = True
        why = why.removeprefix(NATIVE_LACKS).removeprefix(".").strip()
    if why:
        others["why"] = why
    return Found(
        title=one_line(setting.name, f"{place['key']} : {source.value_name or '(Default)'}"),
        registry={**place, **words},
        source=f"{item}, {setting.name.strip() or setting.logical_name}{_assumed(source, words)}",
        section=section,
        others=others,
    )


def _assumed(source: RegistrySource, words: Words) -> str:
    """What the digest doesn't say, for the comment."""
    if words.get("type") in ("dword", "qword") and not source.remediate_dword:
        return f" (type taken for {words['type']})"
    return ""


def _judged(setting: ExportedSetting, source: RegistrySource) -> tuple[ExportedRule, Words]:
    """The rule that decides, and the words for it."""
    for rule in setting.rules:
        if rule.more:
            raise InexpressibleError(f"its rule says {', '.join(rule.more)}")
        if rule.method not in ("Value", "Count"):
            raise InexpressibleError(f"its rule asks for the '{rule.method}'")
    values = [rule for rule in setting.rules if rule.method == "Value"]
    counts = [rule for rule in setting.rules if rule.method == "Count"]
    if not setting.rules:
        raise InexpressibleError("no rule of the item judges it")
    if len(values) > 1 or len(counts) > 1:
        raise InexpressibleError(f"{len(setting.rules)} rules judge it, and a setting of a policy has one condition")
    if not values:
        return counts[0], existence(counts[0])
    [value] = values
    if counts:
        value = _with_existence(value, counts[0])
    return value, comparison(value, source, setting.data_type)


def _with_existence(value: ExportedRule, count: ExportedRule) -> ExportedRule:
    """One rule for two, where the second only says that the value must be there."""
    if existence(count) != {"present": True} or count.severity != value.severity:
        raise InexpressibleError("two rules judge it, of which one policy's setting can't say both")
    return replace(value, missing_is_noncompliant=True)


def _place(source: RegistrySource) -> Words:
    hive = _HIVES.get((source.hive, source.per_user))
    if hive is None:
        user = "as the user who is signed in" if source.per_user else "as the system"
        raise InexpressibleError(
            f"it looks into {source.hive or 'no hive'} {user}, and a policy knows HKLM and each user's HKCU"
        )
    written = f"{hive}\\{source.key}"
    # Without the switch, ConfigMgr looks where 32-bit programs do; many keys are one for both.
    key = parse_key(written, None if source.is_64_bit else int(View.BITS_32))
    if isinstance(key, Complaint) and key.code == "PC0304":
        key = parse_key(written, None)
    if isinstance(key, Complaint):
        # The language will say why.
        return {"key": written, "name": source.value_name}
    view = {"view": int(key.view)} if key.view is View.BITS_32 else {}
    return {"key": f"{key.hive}\\{key.key}", "name": source.value_name, **view}
