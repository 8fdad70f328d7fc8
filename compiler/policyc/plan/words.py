"""What the model holds, as words of a policy with plain values."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum

from policyc.kinds import by_program, kind_of
from policyc.model import (
    Applicability,
    Collection,
    Deployment,
    Intune,
    Location,
    Operator,
    Project,
    ScriptPackage,
    Setting,
    Span,
    Version,
)
from policyc.plan.model import Value

Words = dict[str, Value]

SETS = frozenset(
    {
        *(Operator.ONE_OF.value, Operator.NONE_OF.value, Operator.CONTAINS.value, Operator.SET_EQUALS.value),
        *("references", "platforms", "members.devices", "members.include", "members.exclude"),
        *("deployment.distribution_point_groups", "deployment.security_scopes", "targets"),
        *("intune.groups", "intune.excluded_groups"),
    }
)
"""Words whose lists mean the same in any order."""
_PACKAGE = ("script", "source", "configuration_file", "sha256", "valid_until", "deploy_as")
_MASK = "(sensitive)"


def plain(value: object) -> Value:
    """Anything of the model as JSON has it, without where it stands.

    >>> plain(Operator.ABSENT), plain((date(2026, 1, 31), None))
    ('absent', ['2026-01-31', None])
    """
    match value:
        case Enum():
            return plain(value.value)
        case None | bool() | int() | str():
            return value
        case bytes():
            return value.hex().upper()
        case datetime():
            return value.isoformat(timespec="minutes")
        case date():
            return value.isoformat()
        case Span():
            return span_text(value.count, value.interval.value)
        case Version():
            return value.text
        case tuple() | list():
            return [plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: plain(part) for name, part in parts.items() if part is not None and not isinstance(part, Location)}
    return str(value)


def span_text(count: int, interval: str) -> str:
    """A span as a policy writes it.

    >>> span_text(1, "Days"), span_text(6, "Hours")
    ('1 day', '6 hours')
    """
    return f"{count} {interval.lower().removesuffix('s')}{'' if count == 1 else 's'}"


def same(word: str, before: Value, after: Value) -> bool:
    """Whether a policy says the same with both.

    >>> same("one_of", [1, 2], [2, 1, 1]), same("equals", ["a", "b"], ["b", "a"])
    (True, False)
    """
    if word in SETS and isinstance(before, list) and isinstance(after, list):
        return {repr(item) for item in before} == {repr(item) for item in after}
    return before == after


def setting_words(setting: Setting) -> Words:
    """What a setting says; words without a value are left out by the comparison."""
    subject, fact = setting.subject, setting.applies_to.only_if
    words: Words = {
        "title": setting.title,
        **kind_of(subject).plan_words(subject),
        "remediate": setting.remediated,
        "changed_by": "a program alone" if by_program(setting) else None,
        "severity": setting.severity.value,
        "sensitive": setting.sensitive or None,
        "native": setting.native or None,
        "applies_to": _applies_to(setting.applies_to) if setting.applies_to.of_windows else None,
        "only_if": None if fact is None else dict(fact.words),
        "takes_effect": plain(setting.takes_effect),
        "why": setting.why or None,
        "references": plain(setting.references) if setting.references else None,
    }
    return words


def masked(setting: Setting, words: Words) -> Words:
    """The words of a sensitive setting as they may be shown."""
    hidden = kind_of(setting.subject).hidden(words)
    return {word: _MASK if word in hidden and value is not None else value for word, value in words.items()}


def _applies_to(devices: Applicability) -> Value:
    return plain(devices)


def collection_words(collection: Collection) -> Words:
    """What stands in a collection's head, and the states that products shall have."""
    return {
        "name": collection.name,
        "id": collection.id,
        "limited_to": collection.limited_to,
        "mode": collection.mode.value,
        "platforms": plain(collection.platforms),
        "targets": plain(collection.targets),
        **({} if collection.intune is None else _intune_words(collection.intune)),
        **{f"{vocabulary}.state": state for vocabulary, state in collection.vocabulary_states},
    }


def _intune_words(intune: Intune) -> Words:
    words = {f"intune.{field.name}": plain(getattr(intune, field.name)) for field in fields(intune) if field.name != "utc"}
    return {**words, "intune.time_zone": "utc" if intune.utc else "device"}


def member_words(collection: Collection) -> Words:
    """Its members; nothing where the site's own membership stands."""
    members = collection.members
    if members is None:
        return {}
    return {
        "members.query": members.query,
        "members.devices": plain(members.devices) or None,
        "members.include": plain(members.include) or None,
        "members.exclude": plain(members.exclude) or None,
    }


def deployment_words(deployment: Deployment) -> Words:
    """The `deployment` block with every default; each maintenance window by its name."""
    words = {
        f"deployment.{field.name}": plain(getattr(deployment, field.name))
        for field in fields(deployment)
        if field.name not in ("maintenance_windows", "utc")
    }
    words["deployment.time_zone"] = "utc" if deployment.utc else "device"
    for window in deployment.maintenance_windows:
        key = name = f"deployment.maintenance_windows.{window.name}"
        number = 1
        while key in words:
            number += 1
            key = f"{name} ({number})"
        words[key] = {
            "start": plain(window.start),
            "duration": plain(window.duration),
            **({} if window.every is None else {"every": plain(window.every)}),
        }
    return words


def package_words(package: ScriptPackage) -> Words:
    """What a policy says of a product's package."""
    return {word: plain(getattr(package, word)) for word in _PACKAGE}


def project_words(project: Project) -> Words:
    """What the project's file says of the estate."""
    return {
        field.name: plain(getattr(project, field.name))
        for field in fields(project)
        if field.name not in ("origin", "collections")
    }
