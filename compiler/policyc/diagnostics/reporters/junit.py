"""Findings as a JUnit report, which every CI shows: a suite for the policies folder, a case for each file.

A file's errors are one failure, as some readers keep only a case's first one. Its warnings and notes are the case's
output. What concerns no file is the case that is named like the folder, so that no report is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from xml.etree import ElementTree as ET

from policyc.diagnostics.diagnostic import Located, Region
from policyc.diagnostics.reporters.plain import plain
from policyc.diagnostics.reporters.report import Report
from policyc.model import Location

_NO_TIME = "0"
"""Readers want a duration. A report of the same policies has the same bytes."""


def render(report: Report) -> Iterator[str]:
    """The report, in ASCII and without a declared encoding: it can be read however a shell has written it to a file."""
    cases: dict[str, list[Located]] = {file: [] for file in ("", *sorted(report.files))}
    for located in report.located:
        cases.setdefault(located.diagnostic.location.file, []).append(located)
    yield from _suite(report, [_case(report, report.shown(file), "policyc", found) for file, found in cases.items()])


def render_tests(report: Report, tests: Iterable[tuple[str, str, Sequence[Located]]]) -> Iterator[str]:
    """The report of `policyc test`: a case for each (file, name, findings), and one for what belongs to no test."""
    made = [_case(report, name, report.shown(file), found) for file, name, found in tests]
    if report.located or not made:
        made.insert(0, _case(report, report.folder, "policyc", report.located))
    yield from _suite(report, made)


def _suite(report: Report, made: Sequence[ET.Element]) -> Iterator[str]:
    totals = {
        "tests": str(len(made)),
        "failures": str(sum(case.find("failure") is not None for case in made)),
        "errors": "0",
        "time": _NO_TIME,
    }
    suites = ET.Element("testsuites", {"name": "policyc", **totals})
    suite = ET.SubElement(suites, "testsuite", {"name": plain(report.folder), "skipped": "0", **totals})
    suite.extend(made)
    ET.indent(suites)
    yield '<?xml version="1.0"?>\n'
    yield ET.tostring(suites, encoding="us-ascii", xml_declaration=False).decode("ascii") + "\n"


def _case(report: Report, name: str, group: str, found: Sequence[Located]) -> ET.Element:
    case = ET.Element("testcase", {"name": plain(name), "classname": plain(group), "time": _NO_TIME})
    errors = [located for located in found if located.diagnostic.is_error]
    others = [located for located in found if not located.diagnostic.is_error]
    if errors:
        first = plain(errors[0].diagnostic.message)
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        kinds = sorted({plain(located.diagnostic.code) for located in errors})
        failure = ET.SubElement(case, "failure", {"message": f"{first}{more}", "type": " ".join(kinds)})
        failure.text = _text(report, errors)
    if others:
        ET.SubElement(case, "system-out").text = _text(report, others)
    return case


def _text(report: Report, found: list[Located]) -> str:
    return "\n".join(line for located in found for line in _lines(report, located))


def _lines(report: Report, located: Located) -> Iterator[str]:
    """A finding as compilers write it, its related places and help indented below."""
    one = located.diagnostic
    yield f"{_place(report, one.location, located.region)}: {one.level}[{plain(one.code)}]: {plain(one.message)}"
    for number, related in enumerate(one.related):
        region = located.related[number] if number < len(located.related) else None
        yield f"  {_place(report, related.location, region)}: {plain(related.message)}"
    if one.help:
        yield f"  help: {plain(one.help)}"


def _place(report: Report, location: Location, region: Region | None) -> str:
    line = region.line if region else location.line
    column = region.column if region else location.column
    return plain(report.shown(location.file)) + (f":{line}:{column or 1}" if line else "")
