"""`policyc test`: the tests of policies, and how their results are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from unit.simulation.estate import make

GOOD = r"""tests:
  an old level is raised:
    collection: Workstations
    device: {build: 22631, role: workstation}
    expect:
      settings: {level: non-compliant}
      after_remediation: compliant
"""
BAD = r"""tests:
  passes:
    collection: Workstations
    device: {build: 19045, role: workstation}
    expect: {settings: {new: not-applicable}}
  fails twice:
    collection: Workstations
    device: {build: 22631, role: workstation}
    expect:
      verdict: compliant
      settings:
        level: compliant
"""


@pytest.fixture
def estate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make(tmp_path, tests__good_yaml=GOOD, tests__bad_yaml=BAD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_all_tests_are_run(policyc: Any, estate: Path) -> None:
    answer = policyc("test")
    assert answer.code == 1
    assert answer.out == (
        "passed  policies/tests/bad.yaml: passes\n"
        "failed  policies/tests/bad.yaml: fails twice\n"
        "passed  policies/tests/good.yaml: an old level is raised\n"
        "3 tests, 1 failed\n"
    )
    assert (
        "error[PC0908]: 'level' is non-compliant, expected compliant (test 'fails twice')\n"
        "  --> policies/tests/bad.yaml:12:16\n"
        "   |\n"
        "12 |         level: compliant\n"
        "   |                ^^^^^^^^^\n"
    ) in answer.err
    assert answer.err.endswith("2 errors\n")


@pytest.mark.parametrize("path", ["policies/tests/good.yaml", "tests/good.yaml", "./policies/tests/../tests/good.yaml"])
def test_only_some_are_run(policyc: Any, estate: Path, path: str) -> None:
    answer = policyc("test", path)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == "passed  policies/tests/good.yaml: an old level is raised\n1 test passed\n"


def test_a_folder_of_tests(policyc: Any, estate: Path) -> None:
    assert policyc("test", "policies/tests").out.endswith("3 tests, 1 failed\n")


def test_a_path_without_tests_is_wrong_usage(policyc: Any, estate: Path) -> None:
    (estate / "policies" / "more.yml").write_text(GOOD, encoding="utf-8")
    for path, words in (
        ("policies/workstations.yaml", "no tests stand in 'policies/workstations.yaml'"),
        ("nowhere", "'nowhere' doesn't exist"),
        ("policies/more.yml", "'policies/more.yml' is not read: names of test files end in '.yaml'"),
    ):
        answer = policyc("test", path)
        assert answer.code == 2
        assert words in " ".join(answer.err.split())


def test_files_that_are_not_read_are_told(policyc: Any, estate: Path) -> None:
    (estate / "policies" / "more.yml").write_text(GOOD, encoding="utf-8")
    assert "warning[PC0119]: 'more.yml' is not read" in policyc("test").err
    assert policyc("test", "tests/good.yaml").code == 0
    assert [one["code"] for one in json.loads(policyc("test", "--format", "json").out)["diagnostics"]].count("PC0119") == 1
    assert "PC0119" in policyc("test", "--format", "junit").out
    for file in ("good", "bad"):
        (estate / "policies" / "tests" / f"{file}.yaml").unlink()
    answer = policyc("test")
    assert answer.code == 1
    assert "PC0911" in answer.err
    assert "PC0119" in answer.err


def test_a_state_that_two_tests_name_is_told_once(policyc: Any, estate: Path) -> None:
    test = "{collection: Workstations, states: [bad.reg], expect: {verdict: compliant}}"
    (estate / "policies" / "tests" / "good.yaml").write_text(f"tests:\n  a: {test}\n  b: {test}\n", encoding="utf-8")
    (estate / "policies" / "tests" / "bad.reg").write_text("REGEDIT4\nwrong\n", encoding="utf-8")
    answer = policyc("test", "tests/good.yaml")
    assert answer.err.count("error[PC0901]") == 1
    assert "(test 'a' and 1 more)\n --> policies/tests/bad.reg:2:1\n" in answer.err
    (found,) = json.loads(policyc("test", "tests/good.yaml", "--format", "json").out)["diagnostics"]
    assert found["tests"] == [{"file": "policies/tests/good.yaml", "name": name} for name in "ab"]


def test_json(policyc: Any, estate: Path) -> None:
    answer = policyc("test", "--format", "json")
    tree = json.loads(answer.out)
    assert (answer.code, answer.err) == (1, "")
    assert tree["tests"][1] == {"file": "policies/tests/bad.yaml", "name": "fails twice", "passed": False}
    assert (tree["passed"], tree["failed"], tree["summary"]["errors"]) == (2, 1, 2)
    assert {one["line"] for one in tree["diagnostics"]} == {10, 12}
    assert all(one["tests"] == [{"file": "policies/tests/bad.yaml", "name": "fails twice"}] for one in tree["diagnostics"])


def test_github(policyc: Any, estate: Path) -> None:
    lines = policyc("test", "--format", "github").out.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("::error file=policies/tests/bad.yaml,line=12,col=16,")
    assert "expected compliant (test 'fails twice')" in lines[1]


def test_junit(policyc: Any, estate: Path) -> None:
    answer = policyc("test", "--format", "junit")
    suites = ET.fromstring(answer.out)
    assert (answer.code, suites.attrib["tests"], suites.attrib["failures"]) == (1, "3", "1")
    cases = {case.attrib["name"]: case for case in suites.iter("testcase")}
    assert {name: case.attrib["classname"] for name, case in cases.items()} == {
        "passes": "policies/tests/bad.yaml",
        "fails twice": "policies/tests/bad.yaml",
        "an old level is raised": "policies/tests/good.yaml",
    }
    failure = cases["fails twice"].find("failure")
    assert failure is not None
    assert failure.attrib["message"].endswith("(and 1 more)")
    assert failure.text is not None
    assert "policies/tests/bad.yaml:12:16: error[PC0908]: 'level' is non-compliant, expected compliant" in failure.text


def test_no_tests_at_all(policyc: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path)
    monkeypatch.chdir(tmp_path)
    answer = policyc("test")
    assert answer.code == 1
    assert "error[PC0911]: there are no tests" in answer.err
    assert answer.out == "no test was run: there are no tests\n"
    assert ET.fromstring(policyc("test", "--format", "junit").out).attrib["failures"] == "1"


def test_policies_with_errors_are_not_tested(policyc: Any, estate: Path) -> None:
    file = estate / "policies" / "tests" / "bad.yaml"
    file.write_text(BAD.replace("verdict: compliant", "verdct: compliant"), encoding="utf-8")
    answer = policyc("test")
    assert answer.code == 1
    assert "error[PC0201]: 'verdct' is not known under 'expect'" in answer.err
    assert "help: did you mean 'verdict'?" in answer.err
    assert answer.out == "no test was run: the policies or their tests have errors\n"
    # Nor are they compiled: what stands beside the policies is checked with them.
    assert policyc("validate").code == 1


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("tests: {}\n", "PC0210", "says nothing"),
        ("tests: {a: {collection: X}}\n", "PC0203", "has no 'expect'"),
        ("tests: {a: {collection: X, expect: {}}}\n", "PC0210", "says nothing"),
        ("tests: {a: {collection: X, expect: {only_these_writes: false}}}\n", "PC0206", "takes only true"),
        ("tests: {a: {collection: X, expect: {verdict: ok}}}\n", "PC0206", "can't be 'ok'"),
        ("tests: {a: {collection: X, states: a.yaml, expect: {verdict: error}}}\n", "PC0204", "takes a list"),
        ("tests: {a: {collecton: X, expect: {verdict: error}}}\n", "PC0201", "'collecton' is not known in a test"),
        ("test: {a: {collection: X, expect: {verdict: error}}}\n", "PC0201", "'test' is not known at the top level"),
        ("tests: {}\ncollection: {name: X}\n", "PC0214", "two heads"),
        ("tests: []\n", "PC0204", "not a list"),
    ],
)
def test_validate_checks_tests_by_their_schema(policyc: Any, estate: Path, text: str, code: str, message: str) -> None:
    (estate / "policies" / "more.yaml").write_text(text, encoding="utf-8")
    answer = policyc("validate")
    assert answer.code == 1
    assert f"error[{code}]" in answer.err
    assert message in answer.err


def test_nothing_is_compiled_from_tests_and_states(policyc: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert policyc("compile").code == 0
    make(tmp_path, tests__good_yaml=GOOD, tests__state_yaml="device: {build: 1}\nusers: {anna: {}}\n")
    answer = policyc("compile", "--check")
    assert (answer.code, answer.err) == (0, "")
    assert "0 files out of date" in answer.out


def test_writes_of_a_user_who_isnt_there_are_told_once(policyc: Any, estate: Path) -> None:
    more = "      writes: {users: {bert: {'HKCU\\Software\\Example': {Colour: {string: blue}}}}}\n"
    (estate / "policies" / "tests" / "good.yaml").write_text(GOOD + more, encoding="utf-8")
    (found,) = json.loads(policyc("test", "tests/good.yaml", "--format", "json").out)["diagnostics"]
    assert found["code"] == "PC0907"
