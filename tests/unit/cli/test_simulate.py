"""`policyc simulate`: the verdicts and writes of an imagined device."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from unit.simulation.estate import make

STATE = r"""
device: {build: 22631, role: workstation}
registry:
  HKLM\SYSTEM\CurrentControlSet\Control\Lsa: {Level: {dword: 3}}
  HKLM\SOFTWARE\Example: {Old: {unreadable: true}, Secret: {string: loud}, New: {dword: 1}}
registry_32:
  HKLM\SOFTWARE\Example: {List: {multi_string: [a]}}
users:
  anna: {'HKCU\Software\Example': {Colour: {string: red}}}
  bert: {'HKCU\Software\Example': {Colour: {string: blue}}}
"""
TEXT = r"""NonCompliant  level: Only NTLMv2
              HKLM\SYSTEM\CurrentControlSet\Control\Lsa : Level is 3 [DWord], must be at least 5 [dword]; absent counts as 3
              remediation: from 3 [DWord] to 5 [DWord]
NonCompliant  colour: Blue
              HKU\anna\Software\Example : Colour is "red" [String], must be "blue" [string]
              remediation: from "red" [String] to "blue" [String]
Compliant     colour: Blue
NonCompliant  list: Holds b
              HKLM\SOFTWARE\Example : List (32-bit view) is {"a"} [MultiString], must contain "b" [multi_string]
              remediation: from {"a"} [MultiString] to {"a"; "b"} [MultiString]
Compliant     old: Gone
NonCompliant  key: There
              HKLM\SOFTWARE\Made\Deep is absent, must be there
              remediation: from absent to present
NonCompliant  reported: Reported (reported only)
              HKLM\SOFTWARE\Example : Reported is 1 [DWord], must not be 1 [dword]
              remediation: nothing, the setting is only reported
NonCompliant  secret: Secret
              HKLM\SOFTWARE\Example : Secret is (masked) [String], must hold what the policy says (sensitive) [string]
              remediation: from (masked) [String] to (masked) [String]
Compliant     new: New
3 compliant, 6 not compliant, 0 could not be judged; 1 of them reported only
a remediation makes 5 changes, then every setting that is remediated holds
"""


@pytest.fixture
def estate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make(tmp_path)
    state = STATE.replace("Old: {unreadable: true}", "Reported: {dword: 1}")
    (tmp_path / "device.yaml").write_text(state, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_the_scripts_would_say_and_write(policyc: Any, estate: Path) -> None:
    answer = policyc("simulate", "workstations", "--state", "device.yaml")
    assert (answer.code, answer.err) == (1, "")
    assert answer.out == TEXT


@pytest.mark.parametrize(
    "name", ["Workstations", "WORKSTATIONS", "workstations", "workstations.yaml", "policies/workstations.yaml"]
)
def test_a_collection_by_any_name(policyc: Any, estate: Path, name: str) -> None:
    assert policyc("simulate", name, "--state", "device.yaml").out == TEXT


def test_data(policyc: Any, estate: Path) -> None:
    answer = policyc("simulate", "workstations", "--state", "device.yaml", "--format", "json")
    tree = json.loads(answer.out)
    assert (answer.code, answer.err) == (1, "")
    assert tree["verdict"] == "non-compliant"
    assert tree["counts"] == {"compliant": 3, "non-compliant": 6, "error": 0, "not-applicable": 0}
    assert tree["remediation"] == {"writes": 5, "left": []}
    by_id = {one["id"]: one for one in tree["settings"]}
    assert list(by_id) == ["level", "colour", "list", "old", "key", "reported", "secret", "new"]
    assert by_id["level"]["writes"] == [
        {
            "place": "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa : Level",
            "hive": "HKLM",
            "view": 64,
            "key": "SYSTEM\\CurrentControlSet\\Control\\Lsa",
            "name": "Level",
            "user": None,
            "before": {"state": "present", "kind": "dword", "data": 3},
            "after": {"state": "present", "kind": "dword", "data": 5},
        }
    ]
    assert [(one["user"], one["verdict"]) for one in by_id["colour"]["places"]] == [
        ("anna", "non-compliant"),
        ("bert", "compliant"),
    ]
    assert by_id["key"]["writes"][0]["after"] == {"state": "present"}
    assert by_id["secret"]["writes"][0]["after"] == {"state": "present", "kind": "string", "masked": True}
    assert "hush" not in answer.out
    assert "loud" not in answer.out


def test_what_cant_be_read_is_an_error_and_stays(policyc: Any, estate: Path) -> None:
    (estate / "device.yaml").write_text(STATE, encoding="utf-8")
    answer = policyc("simulate", "workstations", "--state", "device.yaml")
    assert answer.code == 1
    assert (
        "Error         old: Gone\n"
        "              HKLM\\SOFTWARE\\Example : Old can't be judged: the value is of a kind or size that .NET cannot read\n"
        "              remediation: nothing, what can't be read is never changed\n"
    ) in answer.out
    assert "a remediation makes 5 changes, and leaves: old\n" in answer.out


def test_states_add_up(policyc: Any, estate: Path) -> None:
    right = (
        'REGEDIT4\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa]\n"Level"=dword:5\n'
        '[HKEY_LOCAL_MACHINE\\SOFTWARE\\Example]\n"Reported"=-\n"Secret"="hush"\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Made\\Deep]\n'
        '[HKEY_LOCAL_MACHINE\\SOFTWARE\\WOW6432Node\\Example]\n"List"=hex(7):62,00,00\n'
    )
    (estate / "right.reg").write_text(right, encoding="ascii")
    (estate / "users.yaml").write_text(
        "device: {}\nusers: {anna: {'HKCU\\Software\\Example': {Colour: {string: Blue}}}}\n", encoding="utf-8"
    )
    answer = policyc("simulate", "workstations", "--state", "device.yaml", "--state", "right.reg", "--state", "users.yaml")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines()[-1] == "9 compliant, 0 not compliant, 0 could not be judged"


def test_an_empty_device(policyc: Any, estate: Path) -> None:
    answer = policyc("simulate", "workstations")
    assert answer.code == 1
    assert "error[PC0906]: the state doesn't say the build of Windows, and 'new' applies to some devices only" in answer.err
    assert "workstations.yaml:" in answer.err
    assert answer.out == "nothing was simulated: the state has errors\n"
    (estate / "old.yaml").write_text("device: {build: 19045, role: workstation}\n", encoding="utf-8")
    answer = policyc("simulate", "workstations", "--state", "old.yaml")
    assert answer.out.splitlines()[:2] == [
        "No user's hive is loaded: the settings of users count as compliant.",
        "NotApplicable new: New",
    ]


def test_audit_mode_writes_nothing(policyc: Any, estate: Path) -> None:
    file = estate / "policies" / "workstations.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("{name: Workstations,", "{name: Workstations, mode: audit,"), encoding="utf-8"
    )
    answer = policyc("simulate", "workstations", "--state", "device.yaml")
    assert answer.code == 1
    assert "remediation: from" not in answer.out
    assert answer.out.count("remediation: nothing, the collection is in audit mode") == 6
    assert answer.out.splitlines()[-1] == "3 compliant, 6 not compliant, 0 could not be judged; 6 of them reported only"


def test_what_another_setting_writes_is_written_once(policyc: Any, estate: Path) -> None:
    more = """
  level-again:
    title: The same
    registry: {key: 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa', name: Level, type: dword, at_least: 5, default: 3}
"""
    file = estate / "policies" / "workstations.yaml"
    file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")
    answer = policyc("simulate", "workstations", "--state", "device.yaml")
    assert answer.out.count("remediation: from 3 [DWord] to 5 [DWord]") == 1
    assert answer.out.count("remediation: nothing more, another setting has seen to it by then") == 1
    assert answer.out.splitlines()[-1] == TEXT.splitlines()[-1]


def test_a_mistake_in_a_state_is_shown_where_it_stands(policyc: Any, estate: Path) -> None:
    folder = estate / "elsewhere"
    folder.mkdir()
    (folder / "bad.yaml").write_text("device: {}\nregistry:\n  HKCU\\Software\\X: {}\n", encoding="utf-8")
    answer = policyc("simulate", "workstations", "--state", "elsewhere/bad.yaml")
    assert answer.code == 1
    assert " --> elsewhere/bad.yaml:3:3\n" in answer.err
    assert "3 |   HKCU\\Software\\X: {}\n" in answer.err
    answer = policyc("simulate", "workstations", "--state", folder / "bad.yaml", "--format", "json")
    (found,) = json.loads(answer.out)["diagnostics"]
    assert (found["code"], found["line"]) == ("PC0902", 3)
    assert Path(found["file"]).samefile(folder / "bad.yaml")


def test_what_isnt_there(policyc: Any, estate: Path) -> None:
    answer = policyc("simulate", "workstation", "--state", "device.yaml")
    assert answer.code == 2
    assert "no collection is called 'workstation'; did you mean" in answer.err
    answer = policyc("simulate", "workstations", "--state", ".")
    assert "error[PC0901]: '.' can't be read as a state: it is a folder" in answer.err
    answer = policyc("simulate", "workstations", "--state", "gone.yaml")
    assert answer.code == 1
    assert "error[PC0901]: 'gone.yaml' can't be read: there is no such file\n --> gone.yaml\n" in answer.err


def test_policies_with_errors_are_not_simulated(policyc: Any, estate: Path) -> None:
    (estate / "policies" / "broken.yaml").write_text("collection: {nme: X}\n", encoding="utf-8")
    answer = policyc("simulate", "workstations", "--state", "device.yaml")
    assert answer.code == 1
    assert "PC0201" in answer.err
    assert answer.out == "nothing was simulated: the policies or their tests have errors\n"
    answer = policyc("simulate", "workstations", "--state", "device.yaml", "--format", "json")
    assert json.loads(answer.out)["summary"]["errors"] > 0


LIMIT = r"""
  fights:
    title: Another level
    registry: {key: 'HKLM\SYSTEM\CurrentControlSet\Control\Lsa', name: Level, type: dword, equals: 2}
"""


@pytest.mark.parametrize("command", [("simulate", "workstations"), ("test",), ("show", "workstations")])
def test_what_only_the_analysis_finds_is_told(policyc: Any, estate: Path, command: tuple[str, ...]) -> None:
    file = estate / "policies" / "workstations.yaml"
    file.write_text(file.read_text(encoding="utf-8") + LIMIT, encoding="utf-8")
    codes = {line.partition(":")[0] for line in policyc("validate").err.splitlines() if line.startswith("error[")}
    assert codes
    answer = policyc(*command)
    assert answer.code == 1
    assert codes == {line.partition(":")[0] for line in answer.err.splitlines() if line.startswith("error[")}
    assert ("Another level" in answer.out) is (command[0] == "show")


def test_an_overdue_exception_stops_nothing(policyc: Any, estate: Path) -> None:
    file = estate / "policies" / "workstations.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("2099-01-01", "2020-01-01"), encoding="utf-8")
    assert policyc("validate").code == 1
    answer = policyc("simulate", "workstations", "--state", "device.yaml")
    assert (answer.out, answer.err) == (TEXT, "")
    assert policyc("show", "workstations").code == 0


def test_one_setting(policyc: Any, estate: Path) -> None:
    answer = policyc("simulate", "workstations", "level", "--state", "device.yaml")
    assert answer.code == 1
    assert answer.out.splitlines() == [
        *TEXT.splitlines()[:3],
        "0 compliant, 1 not compliant, 0 could not be judged",
        "a remediation makes 1 change for this setting, then it holds",
    ]
    assert policyc("simulate", "workstations", "new", "--state", "device.yaml").code == 0
    tree = json.loads(policyc("simulate", "workstations", "old", "--state", "device.yaml", "--format", "json").out)
    assert ([one["id"] for one in tree["settings"]], tree["verdict"]) == (["old"], "compliant")
    for asked, words in (("levl", "has no setting 'levl'; did you mean 'level'?"), ("exempted", "goes without 'exempted'")):
        answer = policyc("simulate", "workstations", asked, "--state", "device.yaml")
        assert answer.code == 2
        assert words in " ".join(answer.err.split())


def test_only_what_fails(policyc: Any, estate: Path) -> None:
    answer = policyc("simulate", "workstations", "--failing", "--state", "device.yaml")
    assert answer.code == 1
    assert answer.out.splitlines() == [line for line in TEXT.splitlines() if not line.startswith("Compliant")]
    tree = json.loads(policyc("simulate", "workstations", "--failing", "--state", "device.yaml", "--format", "json").out)
    assert {one["verdict"] for one in tree["settings"]} == {"non-compliant"}
    assert tree["counts"]["compliant"] == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_lines_of_an_export_are_told_where_they_stand(policyc: Any, estate: Path, encoding: str) -> None:
    text = "REGEDIT4" if encoding == "utf-8" else "Windows Registry Editor Version 5.00"
    (estate / "bad.reg").write_text("\n".join([text, *["wrong"] * 11]), encoding=encoding)
    answer = policyc("simulate", "workstations", "--state", "bad.reg")
    places = [line.strip() for line in answer.err.splitlines() if line.strip().startswith("-->")]
    assert places == [f"--> bad.reg:{number}:1" for number in range(2, 13)]
    assert "\n9 | wrong\n" in answer.err


def test_text_of_a_state_does_nothing_to_a_terminal(policyc: Any, estate: Path) -> None:
    (estate / "odd.yaml").write_text(
        "device: {build: 22631, role: workstation}\nregistry:\n  HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa:\n"
        '    Level: {string: "\\e[31m\\u202e"}\n',
        encoding="utf-8",
    )
    answer = policyc("simulate", "workstations", "--state", "odd.yaml")
    assert "\x1b" not in answer.out + answer.err
    assert "\u202e" not in answer.out
    assert r'"\u001b[31m\u202e" [String]' in answer.out
