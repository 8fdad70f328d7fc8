"""The names of a package's files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from policyc.analysis.context import Context
from policyc.diagnostics import Diagnostic, error, warning
from policyc.model import Collection, Project, ScriptPackage
from policyc.vocabularies import Package, load_vocabulary

_DAY = "YYYY-MM-DD"


def package_names(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """Whether the files are those that the vendor gives for this deployment method and this direction."""
    for collection in project.collections:
        for vocabulary, state in collection.vocabulary_states:
            rules = load_vocabulary(vocabulary).packages
            rule = rules.get(state)
            others = [(other, another) for other, another in rules.items() if other != state]
            for package in collection.packages:
                if rule is None or package.id != rule.id:
                    continue
                if package.script and not collection.built_in_policy:
                    yield from _script(collection, package, state, rule, others)
                if package.configuration_file:
                    yield from _configuration_file(collection, package, package.configuration_file, state, rule, others)


@lru_cache(maxsize=64)
def _pattern(name: str) -> re.Pattern[str]:
    """What a vendor's file may be called; the day is judged elsewhere."""
    before, day, after = name.partition(_DAY)
    return re.compile(re.escape(before) + ("[0-9-]*" if day else "") + re.escape(after), re.IGNORECASE | re.ASCII)


def _script(
    collection: Collection, package: ScriptPackage, state: str, rule: Package, others: list[tuple[str, Package]]
) -> Iterator[Diagnostic]:
    name, location = package.script, package.origin.below("script")
    if _pattern(rule.script).fullmatch(name):
        return
    lowered = name.lower()
    swapped = next((other for other, another in others if another.id in lowered and rule.id not in lowered), None)
    if not lowered.endswith(".cmd") or any(sign in name for sign in "\\/:"):
        yield error(
            "PC0709",
            f"'{name}' isn't the file name of a .cmd script",
            location,
            help=f"write the name of the vendor's script alone, '{rule.script}'; what holds it is the 'source:'",
            holds=collection.slug,
        )
    elif swapped is not None:
        yield error(
            "PC0706",
            f"'{name}' is the script for devices that are {swapped}, but those of '{collection.name}' are {state}",
            location,
            help=f"write '{rule.script}', or 'state: {swapped}'",
            holds=collection.slug,
        )
    elif "local" in lowered:
        yield error(
            "PC0708",
            f"'{name}' is the script for running by hand: it asks a question, and as SYSTEM nobody answers",
            location,
            help="download the package for the deployment method 'System Center Configuration Manager' from the portal",
            holds=collection.slug,
        )
    elif not rule.dated or "valid_until" in lowered:  # a name without its day is an error of its own
        yield warning(
            "PC0707",
            f"'{name}' isn't the name that the portal gives",
            location,
            help=f"write '{rule.script}', or rename the file back so that it can be told which package it is",
        )


def _configuration_file(
    collection: Collection, package: ScriptPackage, name: str, state: str, rule: Package, others: list[tuple[str, Package]]
) -> Iterator[Diagnostic]:
    ending = _ending(rule)
    if name.lower().endswith(ending):
        return
    swapped = next((other for other, another in others if name.lower().endswith(_ending(another))), None)
    what = "isn't what the built-in policy takes" if swapped is None else f"is the file for devices that are {swapped}"
    yield error(
        "PC0710",
        f"'{name}' {what}: for devices that are {state} it ends in '{ending}'",
        package.origin.below("configuration_file"),
        help=f"write the name as the portal gives it, '{rule.configuration_file}'",
        holds=collection.slug,
    )


def _ending(rule: Package) -> str:
    return rule.configuration_file[rule.configuration_file.rindex(".") :].lower()
