"""Findings as SARIF 2.1.0, the format of OASIS for the results of static analysis: one log with one run."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from policyc.diagnostics.diagnostic import Diagnostic, Level, Located, Region
from policyc.diagnostics.pages import Page, page
from policyc.diagnostics.reporters.plain import plain
from policyc.diagnostics.reporters.report import Report
from policyc.model import Location

VERSION = "2.1.0"
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "policyNode/v1"
"""What is hashed has a version of its own: a change of it makes every known finding a new one."""
_ROOT = "%SRCROOT%"
"""The name that GitHub and the editors' viewers know for the top of a checkout."""
_UNKNOWN = "{}, a code of a target that policyc's catalogue has no page for"
_PLACEHOLDER = re.compile(r"\{(\d+)\}")
_MARKS = re.compile(r"^(?:#+ |```.*\n)", re.MULTILINE)
"""The marks of Markdown in a page of the catalogue that say nothing in plain text."""
_DRIVE = re.compile(r"[A-Za-z]:/")


def render(report: Report) -> Iterator[str]:
    """The log, in ASCII. Columns are in characters, as the run says; where a region ends is behind its last one."""
    import json

    from policyc import __version__

    rules = _rules(located.diagnostic for located in report.located)
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    run = {
        "tool": {"driver": {"name": "policyc", "version": __version__, "semanticVersion": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder in which policyc was run."}}},
        "results": [_result(report, located, numbers, seen) for located in report.located],
    }
    yield json.dumps({"$schema": SCHEMA, "version": VERSION, "runs": [run]}, indent=2) + "\n"


def _rules(found: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Each code that was used, in order. The level of a code without a page is that of its first finding."""
    levels: dict[str, Level] = {}
    for one in found:
        levels.setdefault(plain(one.code), one.level)
    return [_rule(code, levels[code]) for code in sorted(levels)]


def _rule(code: str, level: Level) -> dict[str, Any]:
    try:
        told = page(code)
    except KeyError:
        # A target from elsewhere brings codes of its own. GitHub takes no rule without these three.
        text = {"text": _message(_UNKNOWN.format(code))["text"]}
        about = {"shortDescription": text, "fullDescription": text, "help": text}
        return {"id": code, **about, "defaultConfiguration": {"level": level.value}}
    # The title and the level are properties of the rule.
    markdown = told.text.split("\n", 2)[2]
    return {
        "id": code,
        "name": _name(told),
        "shortDescription": {"text": told.title},
        "fullDescription": {"text": " ".join(told.section("What").split())},
        "help": {"text": _MARKS.sub("", markdown), "markdown": markdown},
        "defaultConfiguration": {"level": told.level.value},
    }


def _name(told: Page) -> str:
    """The title as one word in Pascal case, as rules are named in SARIF: `NotValidYaml`. One letter is no word there."""
    words = re.findall(r"[A-Za-z0-9]+", told.title.replace("'", ""))
    return "".join(word.capitalize() for word in words if word.lower() not in ("a", "an", "the"))


def _result(report: Report, located: Located, numbers: dict[str, int], seen: Counter[str]) -> dict[str, Any]:
    found = located.diagnostic
    lines = [found.message, *([f"help: {found.help}"] if found.help else [])]
    result: dict[str, Any] = {
        "ruleId": plain(found.code),
        "ruleIndex": numbers[plain(found.code)],
        "level": found.level.value,
        "message": _message("\n".join(map(plain, lines))),
        "locations": [_location(report, found.location, located.region)],
        "partialFingerprints": {FINGERPRINT: _fingerprint(located, seen)},
    }
    regions = [*located.related, *[None] * (len(found.related) - len(located.related))]
    if found.related:
        result["relatedLocations"] = [
            {"id": number, **_location(report, related.location, region), "message": _message(plain(related.message))}
            for number, (related, region) in enumerate(zip(found.related, regions, strict=False), start=1)
        ]
    return result


def _message(text: str) -> dict[str, str]:
    """A plain message that shows what it holds: `{0}` would ask for an argument, and `[a](b)` would be a link.

    The standard doubles every brace, which no common viewer undoes. Braces that aren't around a number ask for
    nothing, so they stay as they are written in a policy.
    """
    return {"text": _PLACEHOLDER.sub(r"{{\1}}", text).replace("](", "] (")}


def _location(report: Report, location: Location, region: Region | None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(report.shown(location.file), folder=not location.file)}
    if region is not None:
        physical["region"] = {
            "startLine": region.line,
            "startColumn": region.column,
            "endLine": region.line,
            "endColumn": max(region.column, region.end_column),
        }
    elif location.file:
        # Of a finding about a whole file GitHub wants a line all the same: the first one.
        physical["region"] = {"startLine": max(1, location.line or 1)}
        if location.line and location.column:
            physical["region"]["startColumn"] = max(1, location.column)
    return {"physicalLocation": physical}


def _artifact(path: str, *, folder: bool) -> dict[str, str]:
    import posixpath

    whole = posixpath.normpath(path)
    if folder and not whole.endswith("/"):
        whole += "/"
    if whole.startswith("//"):
        return {"uri": f"file:{_quoted(whole)}"}
    if whole.startswith("/"):
        return {"uri": f"file://{_quoted(whole)}"}
    if _DRIVE.match(whole):
        return {"uri": f"file:///{whole[:2]}{_quoted(whole[2:])}"}
    return {"uri": _quoted(whole), "uriBaseId": _ROOT}


def _quoted(path: str) -> str:
    from urllib.parse import quote

    try:
        # Bytes that are no UTF-8 come from the file system as lone surrogates, and go into the address as they were.
        data = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = path.encode("utf-8", "surrogatepass")
    return quote(data, safe="/")


def _fingerprint(located: Located, seen: Counter[str]) -> str:
    """The same for the same finding at another line: code, file and way to the node, never a line or column.

    Without a node, as in a syntax error, the line's text stands for it. What several findings share gets a number.
    """
    found = located.diagnostic
    places = [found.location, *(related.location for related in found.related)]
    line = located.region.excerpt.strip() if located.region and not found.location.path else ""
    parts = [found.code, line, *(f"{place.file}\0{place.path!r}" for place in places)]
    digest = hashlib.sha256("\0\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    seen[digest] += 1
    return f"{digest}:{seen[digest]}"
