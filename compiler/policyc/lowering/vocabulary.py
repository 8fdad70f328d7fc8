"""A vocabulary's words unfolded to ordinary settings and script packages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from policyc.diagnostics import Diagnostic, error, note, warning
from policyc.diagnostics.cures import add, remove, write
from policyc.kinds.registry.places import Complaint, parse_key
from policyc.model import (
    Action,
    Condition,
    DeployAs,
    Location,
    Operator,
    Place,
    Registry,
    ScriptPackage,
    Setting,
    SetValue,
    Version,
    of_registry,
)
from policyc.model.records import dataclass
from policyc.vocabularies import Package, Vocabulary, Word, load_vocabulary

_DAY = "YYYY-MM-DD"
_NOWHERE = Location("")


@dataclass(frozen=True, slots=True)
class Unfolded:
    """What one vocabulary gives to a collection."""

    settings: tuple[Setting, ...]
    package: ScriptPackage | None
    """What is built, or what the built-in policy takes."""


def unfold(
    name: str, tree: dict[str, Any], at: Location, server_version: Version | None, found: list[Diagnostic], *, audit: bool
) -> Unfolded:
    """The settings and the package that the words at `at` ask for."""
    vocabulary = load_vocabulary(name)
    package = tree.get("package")
    rule = vocabulary.packages[tree[vocabulary.state]]
    route = (
        DeployAs.PACKAGE if package is None else _route(vocabulary, rule, package, at.below("package"), server_version, found)
    )
    built_in = package is not None and route is DeployAs.POLICY
    settings = tuple(_settings(vocabulary, tree, at, found, built_in=built_in, audit=audit))
    if package is None or audit:
        # Neither route leaves a device as it is.
        return Unfolded(settings, None)
    if route is None:
        return Unfolded(settings, None)
    made = _package(vocabulary, rule, package, at.below("package"), found, built_in=built_in)
    if made is not None:
        words = tuple(
            (word.name, tree[word.name]) for word in vocabulary.words if word.in_built_in_policy and word.name in tree
        )
        made = replace(made, deploy_as=route, built_in_settings=words if built_in else ())
    return Unfolded(settings, made)


def _route(
    vocabulary: Vocabulary,
    rule: Package,
    package: dict[str, Any],
    at: Location,
    server_version: Version | None,
    found: list[Diagnostic],
) -> DeployAs | None:
    """The way that takes the package to devices; None where the one that is asked for can't."""
    asked, file, since = package.get("deploy_as"), "configuration_file" in package, vocabulary.built_in_policy_since
    if asked is None:
        return DeployAs.POLICY if file and server_version is not None and server_version >= since else DeployAs.PACKAGE
    at = at.below("deploy_as")
    if asked == DeployAs.POLICY and not file:
        message, way_out = (
            "the built-in policy takes a configuration file, and none is named",
            (f"add 'configuration_file: {rule.configuration_file}' with the name of the file that you downloaded"),
        )
        node = Location(at.file, (*at.path[:-1], "configuration_file"))
        found.append(error("PC0323", message, at, help=way_out, cures=[add(node, rule.configuration_file)]))
    elif asked == DeployAs.POLICY and server_version is not None and server_version < since:
        message = f"a site of version {server_version.text} has no built-in policy for {vocabulary.product}"
        way_out = (
            "write 'deploy_as: package' and the vendor's script as 'script:' in place of the configuration file, or update "
            f"the site to {since.text} or later"
        )
        found.append(error("PC0324", message, at, help=way_out))
    elif asked == DeployAs.APPLICATION and rule.action is Action.OFFBOARD:
        message = "an application is run again until it is detected, and offboarding must never run twice"
        found.append(
            error("PC0325", message, at, help="write 'package', or take the line out", cures=[write(at, "package"), remove(at)])
        )
    else:
        return DeployAs(asked)
    return None


def _settings(
    vocabulary: Vocabulary, tree: dict[str, Any], at: Location, found: list[Diagnostic], *, built_in: bool, audit: bool
) -> Iterator[Setting]:
    for word in vocabulary.words:
        value = tree.get(word.name)
        if value is None:
            continue
        origin = at.below(word.name)
        if word.remark is not None:
            found.append(note(word.remark.code, word.remark.message, origin.key(), help=word.remark.help))
        unwise = sorted(set(word.unwise).intersection(value))
        if unwise:
            message = f"'{value}' holds {' and '.join(map(repr, unwise))}, by which the portal may fail to filter"
            found.append(warning("PC0322", message, origin, help="use letters, digits, spaces and hyphens"))
        setting = _setting(vocabulary.name, word, value)
        reported = audit or (built_in and word.in_built_in_policy)
        about = of_registry(setting)
        subject = replace(about, write=None) if reported else about
        yield replace(setting, origin=origin, subject=subject)


@lru_cache(maxsize=4096)
def _setting(vocabulary: str, word: Word, value: str) -> Setting:
    """The setting of a word with this value, not yet in a file."""
    key = parse_key(word.key, None)
    if isinstance(key, Complaint):
        raise TypeError(key.message)
    meaning = word.meanings.get(value)
    data = value if meaning is None else meaning.data
    return Setting(
        id=word.id,
        title=word.title if meaning is None else meaning.title,
        subject=Registry(
            Place(key.hive, key.view, key.key, word.value_name),
            Condition(Operator.EQUALS, (data,), word.exact_case),
            word.kind,
            default=None if meaning is None else meaning.default,
            pin=word.pin,
            write=SetValue(data) if word.remediate else None,
            clear_on_undo=word.clear_on_undo,
        ),
        origin=_NOWHERE,
        severity=word.severity,
        why=word.why,
        observed=not word.remediate,
        from_vocabulary=vocabulary,
    )


def _package(
    vocabulary: Vocabulary, rule: Package, tree: dict[str, Any], at: Location, found: list[Diagnostic], *, built_in: bool
) -> ScriptPackage | None:
    script = tree.get("script")
    if script is None and rule.dated and not built_in:
        found.append(
            error(
                "PC0320",
                f"the {rule.id} package doesn't name its script, and the script's name differs with each download",
                at,
                help=f"add 'script: {rule.script}' with the name of the file that you downloaded",
            )
        )
        return None
    configuration_file = tree.get("configuration_file")
    sha256 = tree.get("sha256")
    # Which file decides the day: the one that the route uses.
    used = configuration_file if built_in else script
    return ScriptPackage(
        id=rule.id,
        product=vocabulary.product,
        action=rule.action,
        script=script or rule.script,
        local_script=rule.local_script,
        exit_codes=rule.exit_codes,
        other_exit_code=rule.other_exit_code,
        event_source=rule.event_source,
        waits_for_setup=rule.waits_for_setup,
        time_limit_seconds=rule.time_limit_seconds,
        duration_minutes=rule.duration_minutes,
        origin=at,
        vocabulary=vocabulary.name,
        source=tree.get("source"),
        configuration_file=configuration_file,
        sha256=None if sha256 is None else sha256.lower(),
        valid_until=_valid_until(rule.configuration_file if built_in else rule.script, used) if rule.dated else None,
        longest_validity_days=rule.longest_validity_days,
        route_given="deploy_as" in tree,
        script_given=script is not None,
    )


def _valid_until(example: str, name: str | None) -> date | None:
    """The day in a file's name, by the vocabulary's example of one; None where there's no such day."""
    before, _, after = map(re.escape, example.partition(_DAY))
    match = re.search(
        rf"{before[before.rfind('_valid') :]}([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}){after}$", name or "", re.IGNORECASE | re.ASCII
    )
    try:
        return date.fromisoformat(match.group(1)) if match else None
    except ValueError:
        return None
