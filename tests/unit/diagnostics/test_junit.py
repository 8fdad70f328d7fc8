"""JUnit reports, held against the shape that readers agree on."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from lxml import etree

from policyc.diagnostics import Located, Region, Related, error, note, warning
from policyc.diagnostics.reporters import Report, junit
from policyc.model import Location
from unit.diagnostics.hostile import FOLDERS, LOCATED

SHAPE = etree.XMLSchema(etree.parse(Path(__file__).with_name("junit.xsd")))
PILOT = Location("pilot.yaml", ("settings", "x"))


def text(*located: Located, folder: str = "policies", files: tuple[str, ...] = ()) -> str:
    made = "".join(junit.render(Report(located, folder, files=files)))
    assert made.isascii()
    SHAPE.assertValid(etree.fromstring(made.encode("ascii")))
    return made


def suite(*located: Located, folder: str = "policies", files: tuple[str, ...] = ()) -> ET.Element:
    whole = ET.fromstring(text(*located, folder=folder, files=files))
    (only,) = whole
    for name in ("tests", "failures", "errors"):
        assert whole.get(name) == only.get(name)
    return only


def test_a_report_without_findings_has_a_case_for_the_folder_and_for_each_file() -> None:
    assert text(files=("rings/pilot.yaml", "a.yaml")) == (
        '<?xml version="1.0"?>\n'
        '<testsuites name="policyc" tests="3" failures="0" errors="0" time="0">\n'
        '  <testsuite name="policies" skipped="0" tests="3" failures="0" errors="0" time="0">\n'
        '    <testcase name="policies" classname="policyc" time="0" />\n'
        '    <testcase name="policies/a.yaml" classname="policyc" time="0" />\n'
        '    <testcase name="policies/rings/pilot.yaml" classname="policyc" time="0" />\n'
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_the_errors_of_a_file_are_one_failure_and_its_other_findings_output() -> None:
    conflict = error(
        "PC0401",
        "'Pilot' and 'Other' meet",
        PILOT,
        help="add 'exclude: [Other]'",
        related=[Related(Location("other.yaml"), "offboarding stands here"), Related(Location("other.yaml"), "and here")],
    )
    made = suite(
        Located(conflict, Region(12, 5, 13, "    at_least: 5"), (Region(3, 1, 13, "defender_atp:"),)),
        Located(error("PC0301", "second", Location("pilot.yaml", line=20)), None),
        Located(warning("PC0609", "kept", PILOT), Region(1, 1, 2, "x")),
        Located(note("PC0321", "known", PILOT), None),
        files=("pilot.yaml", "fine.yaml"),
    )
    assert (made.get("tests"), made.get("failures")) == ("3", "1")
    cases = {case.get("name"): case for case in made}
    assert list(cases) == ["policies", "policies/fine.yaml", "policies/pilot.yaml"]
    failure, output = cases["policies/pilot.yaml"]
    assert failure.attrib == {"message": "'Pilot' and 'Other' meet (and 1 more)", "type": "PC0301 PC0401"}
    assert failure.text == (
        "policies/pilot.yaml:12:5: error[PC0401]: 'Pilot' and 'Other' meet\n"
        "  policies/other.yaml:3:1: offboarding stands here\n"
        "  policies/other.yaml: and here\n"
        "  help: add 'exclude: [Other]'\n"
        "policies/pilot.yaml:20:1: error[PC0301]: second"
    )
    assert output.tag == "system-out"
    assert output.text == ("policies/pilot.yaml:1:1: warning[PC0609]: kept\npolicies/pilot.yaml: note[PC0321]: known")
    assert not len(cases["policies/fine.yaml"])


def test_what_concerns_no_file_fails_the_case_of_the_folder() -> None:
    made = suite(Located(error("PC0118", "The policies folder doesn't exist", Location("")), None))
    (case,) = made
    assert case.get("name") == "policies"
    assert case[0].text == "policies: error[PC0118]: The policies folder doesn't exist"


def test_a_file_that_was_not_listed_gets_a_case_too() -> None:
    made = suite(Located(warning("PC0119", "not read", Location("a.yml")), None), files=("b.yaml",))
    assert [case.get("name") for case in made] == ["policies", "policies/b.yaml", "policies/a.yml"]
    assert made.get("failures") == "0"


def test_text_of_a_policy_is_text() -> None:
    hostile = ']]><testcase/>&amp;"\x00\x1b[2J\ufffe\ud800\n\u65e5'
    made = suite(Located(error("PC0101", hostile, Location(f"{hostile}.yaml")), None))
    shown = ']]><testcase/>&amp;"\\x00\\x1b[2J\\ufffe\\ud800\\x0a\u65e5'
    _, case = made
    assert case.get("name") == f"policies/{shown}.yaml"
    assert case[0].get("message") == shown
    assert case[0].text == f"policies/{shown}.yaml: error[PC0101]: {shown}"


@settings(max_examples=150, deadline=None)
@given(LOCATED, FOLDERS)
def test_any_findings_give_a_report_of_the_shape(located: tuple[Located, ...], folder: str) -> None:
    made = suite(*located, folder=folder, files=("pilot.yaml",))
    failed = {one.diagnostic.location.file for one in located if one.diagnostic.is_error}
    assert int(made.get("failures", "")) == len(failed) == len(made.findall("testcase/failure"))
    assert int(made.get("tests", "")) == len(made)
    said = sum((node.text or "").count(f"{level}[") for node in made.iter() for level in ("error", "warning", "note"))
    assert said >= len(located)


def test_a_shell_may_write_it_in_another_encoding() -> None:
    """Windows PowerShell's `>` writes UTF-16 with a mark."""
    made = text(Located(error("PC0101", "\u65e5", PILOT), None))
    whole = ET.fromstring(made.encode("utf-16"))
    failure = whole.find("testsuite/testcase/failure")
    assert failure is not None
    assert failure.get("message") == "\u65e5"


@settings(max_examples=50, deadline=None)
@given(LOCATED, FOLDERS)
def test_results_of_tests_have_the_shape_whatever_they_are_called(located: tuple[Located, ...], folder: str) -> None:
    names = ["passes", "]]>&\x1b\ud800", *(one.diagnostic.message for one in located)]
    tests = [("tests.yaml", name, located[number:]) for number, name in enumerate(names)]
    made = "".join(junit.render_tests(Report((), folder), tests))
    assert made.isascii()
    SHAPE.assertValid(etree.fromstring(made.encode("ascii")))
    (only,) = ET.fromstring(made)
    assert only.get("tests") == str(len(tests))
    assert only.get("failures") == str(sum(any(one.diagnostic.is_error for one in found) for _, _, found in tests))


def test_results_without_a_test_are_no_empty_report() -> None:
    (only,) = ET.fromstring("".join(junit.render_tests(Report((), "policies"), [])))
    assert [case.get("name") for case in only] == ["policies"]
