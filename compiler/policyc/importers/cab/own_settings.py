"""Settings that policyc itself brought to the site, out of their scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from policyc.importers.cab.inexpressible import InexpressibleError
from policyc.importers.cab.registry_rules import severity_of
from policyc.importers.cab.texts import one_line, whole
from policyc.importers.found import Found, Refused
from policyc.kinds import OTHERS
from policyc.model import Location, Operator, Registry, Setting
from policyc.powershell.own_scripts import OwnScript, read_script
from policyc.powershell.scripts import Script
from policyc.powershell.table import ForeignScriptError
from policyc.resolved.settings import setting_tree
from policyc.signing import without_signature
from policyc.targets.configmgr.digest.exported import ExportedSetting, ScriptSource

_EXPECTED = ("Equals", "Value", ("Compliant",), frozenset({"String"}))
_CHANGED = " (its code is another version's, or was changed)"


def own_settings(setting: ExportedSetting, source: ScriptSource, section: str) -> Iterator[Found | Refused]:
    """The settings in the scripts. InexpressibleError where they aren't policyc's own, before anything is given."""
    if source.more:
        raise InexpressibleError(f"it says {', '.join(source.more)}")
    try:
        script, settings = _scripts(source)
    except ForeignScriptError as error:
        reason = f"a script judges it that policyc didn't write ({error}), and no script is run to find out what it asks"
        raise InexpressibleError(reason) from None
    _check_rule(setting, source)
    severity = severity_of(setting.rules[0])
    for one in settings:
        where = f"{script.source}{'' if script.same_code else _CHANGED}"
        if isinstance(one.subject, Registry) and one.subject.clear_on_undo:
            reason = "it is undone by writing empty data, which only a product's own words can ask for: use 'device_tag'"
            yield Refused(where, one.id, reason)
            continue
        found = replace(_found(one, severity, where, section), remark="" if script.same_code else f"{where}")
        yield _with_texts(found, setting) if len(settings) == 1 else found


def _scripts(source: ScriptSource) -> tuple[OwnScript, tuple[Setting, ...]]:
    """What both scripts say, the writes among it."""
    discovery = read_script(_unsigned(source.discovery), Script.DISCOVERY)
    if source.remediation is None:
        return _silent(discovery), discovery.settings
    remediation = read_script(_unsigned(source.remediation), Script.REMEDIATION)
    if _silent(remediation).settings != _silent(discovery).settings:
        raise ForeignScriptError("its two scripts differ in their settings")
    return replace(remediation, same_code=discovery.same_code and remediation.same_code), remediation.settings


def _silent(script: OwnScript) -> OwnScript:
    """Without writes, as a discovery has it."""
    return replace(script, settings=tuple(map(_reported, script.settings)))


def _reported(setting: Setting) -> Setting:
    if isinstance(setting.subject, Registry):
        return replace(setting, subject=replace(setting.subject, write=None, clear_on_undo=False))
    kind = OTHERS[setting.subject.word]
    words = kind.words(setting.subject, masked=False)
    words.pop("set", None)
    silent = kind.lower({kind.word: words}, Location(""), [], audit=True)
    return setting if silent is None else replace(setting, subject=silent)


def _unsigned(text: str) -> str:
    return without_signature(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")


def _check_rule(setting: ExportedSetting, source: ScriptSource) -> None:
    rules = setting.rules
    if len(rules) != 1 or rules[0].more:
        raise InexpressibleError(f"{len(rules)} rules judge what its script says, where policyc makes one")
    [rule] = rules
    asked = (rule.operator, rule.method, rule.constants, rule.constant_types)
    if asked != _EXPECTED or not rule.missing_is_noncompliant or rule.remediates != (source.remediation is not None):
        raise InexpressibleError("its rule was changed on the site: it isn't as policyc makes it")


def _found(setting: Setting, severity: dict[str, str], where: str, section: str) -> Found:
    subject = setting.subject
    tree = setting_tree(setting)
    others: dict[str, Any] = dict(severity)
    if not subject.writes and not (isinstance(subject, Registry) and _is_key_absent(subject)):
        others["remediate"] = False
    others |= {word: tree[word] for word in ("applies_to", "only_if", "sensitive") if word in tree}
    title = setting.id.replace("-", " ").capitalize()
    return Found(title, tree[subject.word], where, setting.id, section, others, kind=subject.word)


def _is_key_absent(subject: Registry) -> bool:
    """Which nothing writes, and yet nobody has said that it is only reported."""
    return subject.place.name is None and subject.condition.operator is Operator.ABSENT


def _with_texts(found: Found, setting: ExportedSetting) -> Found:
    """With the texts of the digest: where a script has one setting, they are that setting's."""
    why = whole(setting.description)
    others = {**found.others, "why": why} if why else found.others
    return replace(found, title=one_line(setting.name, found.title), others=others)
