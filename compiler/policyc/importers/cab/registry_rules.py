"""A registry setting that ConfigMgr judges itself, as a setting of the language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from policyc.importers.cab.conditions import Words, comparison, existence
from policyc.importers.cab.inexpressible import InexpressibleError
from policyc.importers.cab.texts import one_line, whole
from policyc.importers.classes import CHOOSE, in_classes
from policyc.importers.found import Found
from policyc.kinds.registry.places import Complaint, parse_key
from policyc.model import Severity, View
from policyc.targets.configmgr.compliance import NATIVE_LACKS
from policyc.targets.configmgr.digest.exported import ExportedRule, ExportedSetting, RegistryKeySource, RegistrySource
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


def registry_settings(setting: ExportedSetting, source: RegistrySource, item: str, section: str) -> Iterator[Found]:
    """The setting with its rules. InexpressibleError where the language can't say all of what they mean.

    One, or two where the rule that asks whether the value is there has a severity of its own.
    """
    values, counts = _rules(setting, source.more)
    place = {**_place(source), "name": source.value_name}
    title = one_line(setting.name, f"{place['key']} : {source.value_name or '(Default)'}")
    made = _Maker(setting, item, section)
    if not values:
        yield made.found(title, counts[0], {**place, **existence(counts[0])})
        return
    value, words = _compared(values, source, setting.data_type)
    if counts:
        if existence(counts[0]) != {"present": True}:
            raise InexpressibleError("two rules judge it, of which one policy's setting can't say both")
        if counts[0].severity == value.severity:
            _, words = _compared([replace(one, missing_is_noncompliant=True) for one in values], source, setting.data_type)
        else:
            yield made.found(one_line(f"{title}: it is there", title), counts[0], {**place, **existence(counts[0])})
    assumed = words.get("type") in ("dword", "qword") and not source.remediate_dword
    # What the digest doesn't say, for the comment.
    yield made.found(title, value, {**place, **words}, f"type taken for {words['type']}" if assumed else "")


def key_setting(setting: ExportedSetting, source: RegistryKeySource, item: str, section: str) -> Found:
    """A setting about a key, with its rule. InexpressibleError as above."""
    values, counts = _rules(setting, source.more)
    if values:
        raise InexpressibleError("a rule compares the key with something, and a policy asks whether it is there")
    place = _place(source)
    words = existence(counts[0])
    made = _Maker(setting, item, section).found(one_line(setting.name, str(place["key"])), counts[0], {**place, **words})
    # A key that must be absent is never removed: there is nothing to say of it.
    others = {word: said for word, said in made.others.items() if word != "remediate" or "present" in words}
    return replace(made, others=others)


@dataclass(frozen=True, slots=True)
class _Maker:
    setting: ExportedSetting
    item: str
    section: str

    def found(self, title: str, rule: ExportedRule, registry: Words, assumed: str = "") -> Found:
        others: dict[str, Any] = severity_of(rule)
        # No other operator is remediated, whatever the rule says.
        if not (rule.remediates and rule.operator == "Equals" and rule.method == "Value"):
            others["remediate"] = False
        why = whole(self.setting.description)
        if why.startswith(NATIVE_LACKS) and not rule.remediates:
            # Written by policyc, for a policy that asks for it.
            others["native"] = True
            why = why.removeprefix(NATIVE_LACKS).removeprefix(".").strip()
        if why:
            others["why"] = why
        shown = self.setting.name.strip() or self.setting.logical_name
        source = f"{self.item}, {shown}{f' ({assumed})' if assumed else ''}"
        # Item and name stand in the policy already, as heading and title.
        return Found(title, registry, source, section=self.section, others=others, remark=assumed)


def _rules(setting: ExportedSetting, more: Sequence[str]) -> tuple[list[ExportedRule], list[ExportedRule]]:
    """The rules that compare the value, and the one that counts it."""
    if more:
        raise InexpressibleError(f"it says {', '.join(more)}")
    for rule in setting.rules:
        if rule.more:
            raise InexpressibleError(f"its rule says {', '.join(rule.more)}")
        if rule.method not in ("Value", "Count"):
            raise InexpressibleError(f"its rule asks for the '{rule.method}'")
    values = [rule for rule in setting.rules if rule.method == "Value"]
    counts = [rule for rule in setting.rules if rule.method == "Count"]
    if not setting.rules:
        raise InexpressibleError("no rule of the item judges it")
    if len(values) > 2 or len(counts) > 1:
        raise InexpressibleError(f"{len(setting.rules)} rules judge it, and a setting of a policy has one condition")
    return values, counts


def _compared(values: Sequence[ExportedRule], source: RegistrySource, data_type: str) -> tuple[ExportedRule, Words]:
    """The rule that decides, and the words for it; two that bound the value from both sides are one."""
    words = [comparison(rule, source, data_type) for rule in values]
    if len(values) == 1:
        return values[0], words[0]
    one, other = values
    both = {**words[0], **words[1]}
    alike = (one.severity, one.missing_is_noncompliant) == (other.severity, other.missing_is_noncompliant)
    if not alike or "at_least" not in both or "at_most" not in both or both["at_least"] > both["at_most"]:
        raise InexpressibleError("2 rules judge it, and a setting of a policy has one condition")
    low, high = both["at_least"], both["at_most"]
    kind = "qword" if "qword" in (words[0]["type"], words[1]["type"]) else words[0]["type"]
    default = {} if one.missing_is_noncompliant else {"default": low}
    return one, {"type": kind, "between": [low, high], **default}


def _place(source: RegistrySource | RegistryKeySource) -> Words:
    if in_classes(source.hive):
        raise InexpressibleError(CHOOSE)
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
        return {"key": written}
    view = {"view": int(key.view)} if key.view is View.BITS_32 else {}
    return {"key": f"{key.hive}\\{key.key}", **view}
