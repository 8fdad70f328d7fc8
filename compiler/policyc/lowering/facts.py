"""`only_if`: a fact of the device, from what a policy says."""

from __future__ import annotations

import re
from typing import Any

from policyc.diagnostics import Diagnostic, error, warning
from policyc.kinds.registry.places import Complaint, parse_key
from policyc.model import Fact, FeaturePlace, FilePlace, Hive, Location, Place

VARIABLES = ("%ProgramFiles%", "%ProgramFiles(x86)%", "%CommonProgramFiles%", "%ProgramData%", "%SystemRoot%", "%SystemDrive%")
"""Those that every Windows has, whoever asks."""
_THINGS = {
    "key": frozenset({"key", "name", "view"}),
    "service": frozenset({"service"}),
    "file": frozenset({"file"}),
    "feature": frozenset({"feature", "state"}),
}
"""What may be said of each thing."""
_VARIABLE = re.compile("%[^%]*%")
_NOT_IN_PATHS = re.compile(r'[<>:"/|?*\x00-\x1f]')


def lower_fact(tree: dict[str, Any], at: Location, found: list[Diagnostic]) -> Fact | None:
    """The fact in a tree that the schema accepts; None where an error was added to `found`."""
    told = _not_one_thing(tree, at)
    if told is not None:
        found.append(told)
        return None
    if "service" in tree:
        return Fact(service=tree["service"])
    if "file" in tree:
        return _file(tree["file"], at.below("file"), found)
    if "feature" in tree:
        return _feature(tree, at.below("feature"), found)
    node = at.below("key")
    key = parse_key(tree["key"], tree.get("view"))
    if isinstance(key, Complaint):
        found.append(error(key.code, key.message, at.below(key.about), help=key.help))
        return None
    if key.hive is not Hive.MACHINE:
        message = f"'{tree['key']}' is no fact of the device: whose key it is depends on who is signed in"
        found.append(error("PC0353", message, node, help=r"name a key of the machine, as in 'HKLM\SOFTWARE\Example'"))
        return None
    if key.doubt is not None:
        found.append(warning(key.doubt.code, key.doubt.message, at.below(key.doubt.about), help=key.doubt.help))
    return Fact(place=Place(key.hive, key.view, key.key, tree.get("name")))


def _not_one_thing(tree: dict[str, Any], at: Location) -> Diagnostic | None:
    things = [word for word in _THINGS if word in tree]
    if len(things) == 1 and {*tree} <= _THINGS[things[0]]:
        return None
    message = "'only_if' names more than one thing" if len(things) > 1 else "'only_if' doesn't say what must be there"
    if len(things) == 1:
        other = next(word for word in tree if word not in _THINGS[things[0]])
        whose = "feature" if other == "state" else "key"
        message = f"'{other}' is a word of a {whose}, and 'only_if' names a {things[0]}"
    way_out = "name one thing: a 'key' (with 'name', a value of it), a 'service', a 'file', or a 'feature' with its 'state'"
    return error("PC0353", message, at, help=way_out)


def _feature(tree: dict[str, Any], at: Location, found: list[Diagnostic]) -> Fact | None:
    from policyc.kinds.dism.lowering import about_name

    told = list(about_name("optional_feature", tree["feature"], at))
    found += told
    if any(one.is_error for one in told):
        return None
    return Fact(feature=FeaturePlace(tree["feature"]), enabled=tree.get("state", "enabled") == "enabled")


def _file(path: str, at: Location, found: list[Diagnostic]) -> Fact | None:
    wrong = _wrong_path(path)
    if wrong is None:
        return Fact(file=FilePlace(path))
    message, way_out = wrong
    found.append(error("PC0353", message, at, help=way_out))
    return None


_WHOLE = r"write the whole path, as in '%ProgramFiles%\Example\example.exe' or 'C:\Example'"


def _wrong_path(path: str) -> tuple[str, str] | None:
    first, *parts = path.split("\\")
    known = {variable.upper(): variable for variable in VARIABLES}
    if "%" in first and first.upper() not in known:
        message = f"'{first}' in '{path}' is no variable that every device has, whoever asks"
        return message, f"begin with a drive, or with one of {', '.join(VARIABLES)}"
    if "%" not in first and not re.fullmatch("[A-Za-z]:", first):
        return f"'{path}' is no path of a device", _WHOLE
    if not parts or not all(parts):
        return f"'{path}' names no file or folder", _WHOLE
    odd = next(
        (part for part in parts if _VARIABLE.search(part) or _NOT_IN_PATHS.search(part) or part.rstrip(" .") != part), None
    )
    if odd is not None:
        return (
            f"'{odd}' in '{path}' can't be the name of a file or folder",
            "name one file or folder in full, without wildcards",
        )
    return None
