"""`policyc import`."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policyc.importers.registry import IMPORTERS

REG = """Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\\SOFTWARE\\Example]
"A"=dword:00000001
"B"="text"
"""


def pol(*entries: tuple[str, str, int, bytes]) -> bytes:
    data = b"PReg\1\0\0\0"
    for key, name, number, content in entries:
        data += f"[{key}\0;{name}\0;".encode("utf-16-le") + number.to_bytes(4, "little") + b";\0"
        data += len(content).to_bytes(4, "little") + b";\0" + content + b"]\0"
    return data


@pytest.fixture
def reg(project: Path) -> Path:
    file = project / "Kiosk lock.reg"
    file.write_text(REG, encoding="utf-16", newline="\r\n")
    return file


def test_a_file_becomes_a_baseline_that_validates(policyc: Any, project: Path, reg: Path) -> None:
    answer = policyc("import", "reg", reg.name)
    assert answer.code == 0
    assert answer.out == (
        "made  policies/kiosk-lock.yaml: baseline 'Kiosk lock'\n"
        "\n"
        "Next:\n"
        "  list it in the collections that shall have it; without one it reaches no device:\n"
        "    baselines:\n"
        "      - Kiosk lock\n"
        "  policyc validate\n"
    )
    assert answer.err == (
        "Kiosk lock.reg: 2 entries, 2 settings written to policies/kiosk-lock.yaml, 0 not expressed, 0 said twice\n"
    )
    assert (project / "policies" / "kiosk-lock.yaml").read_text(encoding="utf-8") == (
        "# Imported from 'Kiosk lock.reg' with 'policyc import reg'\n"
        "baseline:\n"
        "  name: Kiosk lock\n"
        "\n"
        "settings:\n"
        "\n"
        "  # HKLM\\SOFTWARE\\Example\n"
        "\n"
        "  a:  # line 4\n"
        "    title: 'Example: A is 1'\n"
        "    registry:\n"
        "      key: HKLM\\SOFTWARE\\Example\n"
        "      name: A\n"
        "      type: dword\n"
        "      equals: 1\n"
        "\n"
        "  b:  # line 5\n"
        "    title: 'Example: B is text'\n"
        "    registry:\n"
        "      key: HKLM\\SOFTWARE\\Example\n"
        "      name: B\n"
        "      type: string\n"
        "      equals: text\n"
    )
    assert policyc("validate").code == 0
    assert sorted(file.name for file in (project / "policies").iterdir() if file.is_file()) == [
        "kiosk-lock.yaml",
        "project.yaml",
        "servers.yaml",
    ]


def test_a_collection_compiles_at_once(policyc: Any, project: Path, reg: Path) -> None:
    answer = policyc("import", "reg", reg.name, "--collection", "--name", "Kiosks", "--into", "policies/rings/kiosks.yaml")
    assert (answer.code, answer.out.splitlines()[0]) == (0, "made  policies/rings/kiosks.yaml: collection 'Kiosks'")
    assert "baselines:" not in answer.out
    assert "  mode: audit  # everything is reported, nothing is changed;" in Path("policies/rings/kiosks.yaml").read_text(
        "utf-8"
    )
    assert policyc("validate").out == "3 collections checked\n"


def test_what_is_left_out_is_told_with_its_line_and_reason(policyc: Any, project: Path) -> None:
    text = REG + '"C"=dword:123456789\n"D"=hex(6):00\n"E"=hex(6):01\n"A"=dword:2\n"B"="text"\n'
    (project / "x.reg").write_text(text, encoding="utf-8")
    answer = policyc("import", "reg", "x.reg")
    assert answer.code == 0
    assert (
        'warning[PC0802]: Not imported: "C"=dword:123456789: the data is none of "text", dword:, hex:, hex(n): and -; '
        "Windows passes over the line\n --> x.reg:6:1\n"
    ) in answer.err
    assert (
        "warning[PC0802]: Not imported, 2 entries: no policy writes a value of the type REG_LINK\n"
        " --> x.reg\n"
        " --> x.reg:7:1: HKLM\\SOFTWARE\\Example : D\n"
        " --> x.reg:8:1: HKLM\\SOFTWARE\\Example : E\n"
    ) in answer.err
    assert (
        "note[PC0912]: Overwritten by what the same file says elsewhere, 1 entry: what comes last holds, and is imported\n"
        " --> x.reg\n"
        " --> x.reg:4:1: HKLM\\SOFTWARE\\Example : A, by line 9\n"
    ) in answer.err
    assert answer.err.endswith(
        "1 note\nx.reg: 7 entries, 2 settings written to policies/x.yaml, 3 not expressed, 1 said twice, 1 overwritten\n"
    )
    assert policyc("validate").code == 0


def test_files_that_contradict_each_other_in_one_policy(policyc: Any, project: Path) -> None:
    (project / "x.reg").write_text(REG, encoding="utf-8")
    (project / "y.reg").write_text(REG.replace("00000001", "2"), encoding="utf-8")
    answer = policyc("import", "reg", "x.reg", "y.reg", "--into", "policies/both.yaml")
    assert answer.code == 0
    assert (
        "warning[PC0803]: Not imported, as they contradict each other: "
        "Example: A is 1 (x.reg: line 4); Example: A is 2 (y.reg: line 4): they can't all hold\n"
        " --> x.reg:4:1\n"
        " --> y.reg:4:1: Example: A is 2\n"
        "help: decide which of them is meant, and write it into the policy\n"
    ) in answer.err
    assert answer.err.endswith(
        "x.reg, y.reg: 4 entries, 1 setting written to policies/both.yaml, 0 not expressed, 1 said twice, 2 contradicted\n"
    )


def test_programs_get_everything(policyc: Any, project: Path) -> None:
    text = REG + '"C"=hex(0):\n"A"=dword:2\n"B"="text"\n'
    (project / "x.reg").write_text(text, encoding="utf-8")
    answer = policyc("import", "reg", "x.reg", "--format", "json")
    assert (answer.code, answer.err) == (0, "")
    told = json.loads(answer.out)
    assert told["summary"] == {"errors": 0, "warnings": 1, "notes": 1}
    assert [(one["code"], one["file"], one["line"]) for one in told["diagnostics"]] == [
        ("PC0802", "x.reg", 6),
        ("PC0912", "x.reg", None),
    ]
    (one,) = told["imports"]
    counts = {"entries": 5, "settings": 2, "notExpressed": 1, "contradicted": 0, "overwritten": 1, "joined": 0, "saidTwice": 1}
    assert one["counts"] == counts
    assert one["written"] is True
    assert one["files"] == ["x.reg"]
    settings = [
        {"id": "b", "title": "Example: B is text", "place": "HKLM\\SOFTWARE\\Example : B", "source": "line 5"},
        {"id": "a", "title": "Example: A is 2", "place": "HKLM\\SOFTWARE\\Example : A", "source": "line 7"},
    ]
    assert one["policies"] == [{"file": "policies/x.yaml", "read": True, "head": "baseline", "name": "x", "settings": settings}]
    assert one["notExpressed"] == [
        {
            "source": "line 6",
            "what": "HKLM\\SOFTWARE\\Example : C",
            "reason": "no policy writes a value of the type REG_NONE",
        }
    ]
    assert one["overwritten"] == [{"source": "line 4", "what": "HKLM\\SOFTWARE\\Example : A", "by": "line 7"}]


def test_whose_policy_a_registry_pol_is_comes_from_its_folder_or_an_option(policyc: Any, project: Path) -> None:
    for folder in ("Machine", "USER", "other"):
        (project / folder).mkdir()
        (project / folder / "registry.pol").write_bytes(pol(("Software\\Example", "A", 4, b"\1\0\0\0")))
    answer = policyc("import", "pol", "Machine/registry.pol", "USER/registry.pol")
    assert answer.code == 0, answer.err
    policies = project / "policies"
    assert "key: HKLM\\Software\\Example" in (policies / "group-policy-of-the-machine.yaml").read_text(encoding="utf-8")
    assert "key: HKCU\\Software\\Example" in (policies / "group-policy-of-the-users.yaml").read_text(encoding="utf-8")
    answer = policyc("import", "pol", "other/registry.pol")
    assert answer.code == 1
    assert "error[PC0801]: 'other/registry.pol' doesn't tell whose policy it is" in answer.err
    assert "help: add --hive HKLM or --hive HKCU" in answer.err
    answer = policyc(
        "import", "pol", "other/registry.pol", "--hive", "HKCU", "--into", "policies/other.yaml", "--name", "Other"
    )
    assert answer.code == 0, answer.err


def test_several_files_are_joined_into_one(policyc: Any, project: Path, reg: Path) -> None:
    (project / "b.reg").write_text(REG.replace('"B"="text"', '"C"=hex(0):') + '"D"="d"\n', encoding="utf-8")
    answer = policyc("import", "reg", reg.name, "b.reg", "--into", "policies/both.yaml", "--name", "Both")
    assert answer.code == 0
    text = (project / "policies" / "both.yaml").read_text(encoding="utf-8")
    assert "# Imported from 'Kiosk lock.reg', 'b.reg' with 'policyc import reg'\n" in text
    assert "  a:  # Kiosk lock.reg: line 4\n" in text
    assert "  d:  # b.reg: line 6\n" in text
    assert " --> b.reg:5:1\n" in answer.err
    assert "5 entries, 3 settings written to policies/both.yaml, 1 not expressed, 1 said twice" in answer.err
    assert policyc("validate").code == 0


def test_files_of_one_name_are_told_apart_by_their_folders(policyc: Any, project: Path) -> None:
    for folder in ("a", "b"):
        (project / folder).mkdir()
        (project / folder / "x.reg").write_text(f'{REG}"{folder}"=hex(0):\n"in {folder}"="x"\n', encoding="utf-8")
    answer = policyc("import", "reg", "a/x.reg", "b/x.reg", "--into", "policies/both.yaml", "--name", "Both")
    assert answer.code == 0
    text = (project / "policies" / "both.yaml").read_text(encoding="utf-8")
    assert "# Imported from 'a/x.reg', 'b/x.reg' with" in text
    assert "  in-b:  # b/x.reg: line 7\n" in text
    assert " --> b/x.reg:6:1: HKLM\\SOFTWARE\\Example : b\n" in answer.err


def test_a_code_page_can_be_told(policyc: Any, project: Path) -> None:
    data = 'REGEDIT4\n[HKEY_CURRENT_USER\\Software\\x]\n"a"="\u0416"\n'
    (project / "x.reg").write_bytes(data.encode("cp1251"))
    assert policyc("import", "reg", "x.reg", "--code-page", "1251").code == 0
    assert "equals: '\u0416'" in (project / "policies" / "x.yaml").read_text(encoding="utf-8")


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_several_files_are_all_replaced_or_none(policyc: Any, project: Path, reg: Path) -> None:
    policies = project / "policies"
    shutil.copy(reg, project / "a.reg")
    shutil.copy(reg, project / "b.reg")
    (policies / "a.yaml").write_text("# precious\n", encoding="utf-8")
    (policies / "b.yaml").mkdir()
    before = sorted(path.name for path in policies.iterdir())
    answer = policyc("import", "reg", "a.reg", "b.reg", "--force")
    assert answer.code == 1
    assert "PC0806" in answer.err
    assert (policies / "a.yaml").read_text(encoding="utf-8") == "# precious\n"
    assert sorted(path.name for path in policies.iterdir()) == before
    (policies / "b.yaml").rmdir()
    assert policyc("import", "reg", "a.reg", "b.reg", "--force").code == 0
    assert (policies / "a.yaml").read_text(encoding="utf-8").startswith("# ")
    assert "precious" not in (policies / "a.yaml").read_text(encoding="utf-8")
    assert sorted(path.name for path in policies.iterdir()) == before


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--name", "\udcff\udcfe"),
        ("--into", "policies/project.yaml"),
        ("--into", "policies/a\nb.yaml"),
        ("--into", "a\udcff.yaml"),
    ],
)
def test_names_that_no_policy_has(policyc: Any, project: Path, reg: Path, option: str, value: str) -> None:
    before = (project / "policies" / "project.yaml").read_bytes()
    assert policyc("import", "reg", reg.name, option, value, "--force").code == 2
    assert (project / "policies" / "project.yaml").read_bytes() == before


def test_nothing_is_overwritten_without_force(policyc: Any, project: Path, reg: Path) -> None:
    policyc("import", "reg", reg.name)
    target = project / "policies" / "kiosk-lock.yaml"
    target.write_text("baseline: {name: Kiosk lock}\nsettings: {}\n", encoding="utf-8")
    (project / "other.reg").write_text(REG, encoding="utf-8")
    before = snapshot(project)
    answer = policyc("import", "reg", "other.reg", reg.name)
    assert answer.code == 1
    assert "error[PC0804]: 'policies/kiosk-lock.yaml' is there already\n --> policies/kiosk-lock.yaml\nhelp: give" in answer.err
    assert "2 settings could be written, nothing was" in answer.err
    assert answer.out == ""
    assert snapshot(project) == before
    assert policyc("import", "reg", reg.name, "--force").code == 0
    assert "# line 4" in target.read_text(encoding="utf-8")


def test_a_name_that_a_policy_has_is_refused(policyc: Any, project: Path, reg: Path) -> None:
    before = snapshot(project)
    answer = policyc("import", "reg", reg.name, "--collection", "--name", "pilot", "--into", "policies/x.yaml")
    assert answer.code == 1
    assert "error[PC0804]: 'policies/rings/pilot.yaml' is the collection 'pilot' already" in answer.err
    assert snapshot(project) == before


def test_another_spelling_of_a_file_is_the_same_to_windows(policyc: Any, project: Path, reg: Path) -> None:
    (project / "policies" / "KIOSK-lock.yaml").write_text("baseline: {name: x}\nsettings: {}\n", encoding="utf-8")
    answer = policyc("import", "reg", reg.name, "--force")
    assert answer.code == 1
    assert "error[PC0804]: 'policies/KIOSK-lock.yaml' is there already" in answer.err


def test_a_collection_that_would_share_a_folder_is_refused(policyc: Any, project: Path, reg: Path) -> None:
    answer = policyc("import", "reg", reg.name, "--collection", "--name", "Servers!", "--into", "policies/x.yaml")
    assert answer.code == 1
    assert "'policies/servers.yaml' is the collection 'Servers!' already, or one that would share its folder" in answer.err


@pytest.mark.skipif(os.name == "nt", reason="no file has a device's name there")
@pytest.mark.parametrize("arguments", [(), ("--collection",)])
def test_a_name_that_is_a_device_of_windows_gets_a_word(policyc: Any, project: Path, arguments: tuple[str, ...]) -> None:
    (project / "con.reg").write_text(REG, encoding="utf-8")
    assert policyc("import", "reg", "con.reg", *arguments).code == 0
    assert "name: con policy" in (project / "policies" / "con-policy.yaml").read_text(encoding="utf-8")
    assert policyc("validate").code == 0


def test_more_than_a_file_holds_goes_into_several(policyc: Any, project: Path) -> None:
    lines = "".join(f'"V{number}"=dword:1\n' for number in range(1200))
    (project / "many.reg").write_text(REG + lines, encoding="utf-8")
    answer = policyc("import", "reg", "many.reg", "--collection", "--into", "policies/sub/many.yaml")
    assert answer.code == 0, answer.err
    assert answer.out.startswith(
        "made  policies/sub/many.yaml: collection 'many'\n"
        "made  policies/sub/many-2.yaml: baseline 'many (1 of 2)'\n"
        "made  policies/sub/many-3.yaml: baseline 'many (2 of 2)'\n"
    )
    assert "1,202 settings written to policies/sub/many-2.yaml, policies/sub/many-3.yaml" in answer.err
    assert policyc("validate").out == "3 collections checked\n"


def test_a_path_that_is_too_long_is_told(policyc: Any, project: Path, reg: Path) -> None:
    for arguments in (["--into", f"{'x' * 300}.yaml"], ["--policies", "y" * 300], ["--into", f"{'x' * 300}.yaml", "--force"]):
        answer = policyc("import", "reg", reg.name, *arguments)
        assert answer.code == 1
        assert "error[PC0806]" in answer.err


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=80), kind=st.sampled_from(["reg", "pol"]), head=st.sampled_from([b"", REG.encode(), pol()]))
def test_whatever_is_given_ends_with_a_policy_or_a_finding(
    policyc: Any, project: Path, data: bytes, kind: str, head: bytes
) -> None:
    (project / "x.bin").write_bytes(head + data)
    options = ["--hive", "HKLM"] if kind == "pol" else []
    answer = policyc("import", kind, "x.bin", "--into", "policies/x.yaml", "--force", *options)
    assert answer.code in (0, 1)
    assert answer.code == 0 or "error[PC080" in answer.err
    assert policyc("validate").code == 0


def test_one_file_twice_is_refused(policyc: Any, project: Path, reg: Path) -> None:
    before = snapshot(project)
    answer = policyc("import", "reg", reg.name, f"./{reg.name}")
    assert answer.code == 1
    assert "error[PC0804]" in answer.err
    assert snapshot(project) == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\0\1\2", "the first line isn't that of a .reg file"),
        (b"", "the first line isn't that of a .reg file"),
        (None, "can't be read: No such file or directory"),
    ],
)
def test_what_is_not_of_the_format_is_an_error(
    policyc: Any, project: Path, reg: Path, content: bytes | None, words: str
) -> None:
    if content is not None:
        (project / "x.reg").write_bytes(content)
    before = snapshot(project)
    answer = policyc("import", "reg", reg.name, "x.reg")
    assert answer.code == 1
    assert answer.err.startswith("error[PC0801]: 'x.reg' can't be read")
    assert words in answer.err
    assert snapshot(project) == before


def test_a_folder_or_a_pipe_is_no_file(policyc: Any, project: Path) -> None:
    assert "error[PC0801]: 'policies' can't be read" in policyc("import", "reg", "policies").err
    if sys.platform != "win32":
        os.mkfifo(project / "pipe.reg")
        assert "it is no ordinary file" in policyc("import", "reg", "pipe.reg").err


def test_a_file_of_absurd_size_is_refused(policyc: Any, project: Path, monkeypatch: pytest.MonkeyPatch, reg: Path) -> None:
    monkeypatch.setattr("policyc.driver.imports.disk.LARGEST", 10)
    assert "it is larger than" in policyc("import", "reg", reg.name).err


def test_nothing_that_can_be_expressed_is_a_note_and_stops_no_other_file(policyc: Any, project: Path, reg: Path) -> None:
    (project / "x.reg").write_text('REGEDIT4\n[HKEY_CURRENT_CONFIG\\x]\n"a"="b"\n', encoding="utf-8")
    answer = policyc("import", "reg", "x.reg")
    assert (answer.code, answer.out) == (0, "")
    assert "note[PC0805]: Nothing of 'x.reg' can be expressed" in answer.err
    assert "Hardware Profiles" in answer.err
    assert answer.err.endswith("x.reg: 1 entry, nothing to write, 1 not expressed, 0 said twice\n")
    assert not (project / "policies" / "x.yaml").exists()
    answer = policyc("import", "reg", "x.reg", reg.name)
    assert answer.code == 0
    assert answer.out.startswith("made  policies/kiosk-lock.yaml: baseline 'Kiosk lock'\n\nNext:\n")
    assert policyc("validate").code == 0


def test_a_registry_pol_without_entries_is_a_note(policyc: Any, project: Path) -> None:
    for folder, content in (("Machine", pol()), ("User", pol(("Software\\Example", "A", 4, b"\1\0\0\0")))):
        (project / folder).mkdir()
        (project / folder / "registry.pol").write_bytes(content)
    answer = policyc("import", "pol", "Machine/registry.pol", "User/registry.pol")
    assert answer.code == 0
    assert "note[PC0805]: 'Machine/registry.pol' holds no entries, so no policy is written\n" in answer.err
    assert "help: look at the reasons" not in answer.err
    assert [path.name for path in (project / "policies").glob("group-policy*")] == ["group-policy-of-the-users.yaml"]


def test_policies_of_one_name_are_told_apart_by_the_folders_of_their_files(policyc: Any, project: Path, reg: Path) -> None:
    for folder in ("a", "b"):
        (project / folder / "Machine").mkdir(parents=True)
        (project / folder / "Machine" / "registry.pol").write_bytes(pol(("Software\\Example", "A", 4, b"\1\0\0\0")))
        (project / folder / reg.name).write_bytes(reg.read_bytes())
    answer = policyc("import", "pol", "a/Machine/registry.pol", "b/Machine/registry.pol")
    assert answer.out.startswith(
        "made  policies/group-policy-of-the-machine-a.yaml: baseline 'Group Policy of the machine (a)'\n"
        "made  policies/group-policy-of-the-machine-b.yaml: baseline 'Group Policy of the machine (b)'\n"
    )
    answer = policyc("import", "reg", reg.name, f"a/{reg.name}")
    assert answer.out.startswith(
        "made  policies/kiosk-lock.yaml: baseline 'Kiosk lock'\nmade  policies/kiosk-lock-a.yaml: baseline 'Kiosk lock (a)'\n"
    )
    assert policyc("validate").code == 0


CLASSES = REG.replace("HKEY_LOCAL_MACHINE\\SOFTWARE\\Example", "HKEY_CLASSES_ROOT\\.example")


@pytest.mark.parametrize(("choice", "key"), [("machine", r"HKLM\SOFTWARE\Classes"), ("user", r"HKCU\Software\Classes")])
def test_whose_classes_are_meant_is_a_choice(policyc: Any, project: Path, choice: str, key: str) -> None:
    (project / "x.reg").write_text(CLASSES, encoding="utf-8")
    answer = policyc("import", "reg", "x.reg", "--classes", choice)
    assert answer.code == 0
    assert "2 settings written to policies/x.yaml, 0 not expressed" in answer.err
    assert f"key: {key}\\.example\n" in (project / "policies" / "x.yaml").read_text(encoding="utf-8")
    assert policyc("validate").code == 0


def test_without_the_choice_it_is_offered_once(policyc: Any, project: Path) -> None:
    (project / "x.reg").write_text(CLASSES + '[HKEY_CLASSES_ROOT\\.other]\n"C"=-\n', encoding="utf-8")
    answer = policyc("import", "reg", "x.reg")
    assert "warning[PC0802]: Not imported, 3 entries: HKEY_CLASSES_ROOT shows two places as one" in answer.err
    assert answer.err.count("import with '--classes machine' or '--classes user'") == 1


def test_a_setting_beyond_a_targets_limit_is_refused(policyc: Any, project: Path) -> None:
    (project / "x.reg").write_text(REG + f'"Long"="{"x" * 32000}"\n', encoding="utf-8")
    answer = policyc("import", "reg", "x.reg", "--collection")
    assert answer.code == 0
    assert "alone makes a compliance script" in answer.err
    assert policyc("validate").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["csv", "x"], "no format 'csv' is known; write one of: "),
        (["pol", "x.pol", "--classes", "user"], "has no HKEY_CLASSES_ROOT"),
        (["reg", "a.reg", "b.reg", "--name", "x"], "several files make several policies"),
        (["reg", "a.reg", "--name", " x"], "a name is one line"),
        (["reg", "a.reg", "--name", "x" * 300], "a name is one line"),
        (["reg", "a.reg", "--into", "x.yml"], "names of policy files end in '.yaml'"),
        (["reg", "a.reg", "--code-page", "99999"], "no code page 99999"),
        (["reg", "a.reg", "--hive", "HKLM"], "says itself whose registry"),
        (["reg", "a.reg", "--collection", "--name", "aux"], "Windows takes 'aux' for a device"),
        (["reg"], "name a file to import: policyc import reg FILE"),
        (["kiosk.reg"], "did you mean 'policyc import reg kiosk.reg'?"),
        (["Kiosk lock.REG", "b.reg"], "did you mean 'policyc import reg \"Kiosk lock.REG\" b.reg'?"),
        (["Machine/registry.pol"], "did you mean 'policyc import pol Machine/registry.pol'?"),
        (["list.csv"], "did you mean 'policyc import hardeningkitty list.csv'?"),
        (["item.xml"], "did you mean 'policyc import cab item.xml'?"),
        (["kiosk.txt"], "no format 'kiosk.txt' is known"),
    ],
)
def test_wrong_usage(policyc: Any, project: Path, arguments: list[str], words: str) -> None:
    answer = policyc("import", *arguments)
    assert answer.code == 2
    assert words in " ".join(answer.err.replace("\u2502", " ").split())


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a folder that refuses")
def test_a_folder_that_refuses_is_told(policyc: Any, project: Path, reg: Path) -> None:
    (project / "policies").chmod(0o500)
    try:
        answer = policyc("import", "reg", reg.name)
    finally:
        (project / "policies").chmod(0o700)
    assert "error[PC0806]: The policies can't be written to 'policies': Permission denied" in answer.err


def test_a_file_in_the_way_of_a_folder_is_told(policyc: Any, project: Path, reg: Path) -> None:
    (project / "file").write_text("x", encoding="utf-8")
    answer = policyc("import", "reg", reg.name, "--into", "file/x.yaml")
    assert answer.code == 1
    assert "error[PC0806]: The policies can't be written to 'file'" in answer.err
    (project / "policies" / "folder.yaml").mkdir()
    answer = policyc("import", "reg", reg.name, "--into", "policies/folder.yaml", "--force")
    assert answer.code == 1
    assert "error[PC0806]" in answer.err


def test_what_came_in_between_is_not_overwritten(
    policyc: Any, project: Path, reg: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run makes the file between the look and the writing: nothing of it is lost, and nothing of ours is left."""
    from policyc.driver.imports import disk

    (project / "a.reg").write_text(REG, encoding="utf-8")
    stage = disk._stage

    def staged(file: Path, content: bytes) -> Path:
        if file.name == "kiosk-lock.yaml":
            file.write_text("somebody else's", encoding="utf-8")
        return stage(file, content)

    monkeypatch.setattr(disk, "_stage", staged)
    answer = policyc("import", "reg", "a.reg", reg.name)
    assert answer.code == 1
    assert "error[PC0804]: 'policies/kiosk-lock.yaml' is there already" in answer.err
    assert (project / "policies" / "kiosk-lock.yaml").read_text(encoding="utf-8") == "somebody else's"
    assert sorted(file.name for file in (project / "policies").iterdir() if file.is_file()) == [
        "kiosk-lock.yaml",
        "project.yaml",
        "servers.yaml",
    ]


def test_without_a_project_the_way_on_is_told(policyc: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.reg").write_text(REG, encoding="utf-8")
    answer = policyc("import", "reg", "x.reg")
    assert answer.code == 0
    assert "there is no policies/project.yaml yet: begin with 'policyc init'" in answer.out


def test_the_help_names_every_format_and_has_examples(policyc: Any) -> None:
    answer = policyc("import", "--help")
    assert answer.code == 0
    told = " ".join(answer.out.split())
    assert [word for word in IMPORTERS if f"{word}: " not in told] == []
    assert "policyc import reg hardening.reg" in told


def ids(project: Path, file: str = "policies/kiosk-lock.yaml") -> list[str]:
    lines = (project / file).read_text(encoding="utf-8").splitlines()
    return [line.split(":")[0].strip() for line in lines if line.startswith("  ") and ":  # line" in line]


def test_ids_stay_when_a_file_is_imported_again(policyc: Any, project: Path) -> None:
    file = project / "Kiosk lock.reg"
    first = REG + "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Other]\n" + '"A"=dword:1\n"Zoom"=dword:1\n'
    file.write_text(first, encoding="utf-8")
    policyc("import", "reg", file.name)
    assert ids(project) == ["example-a", "b", "other-a", "zoom"]
    target = project / "policies" / "kiosk-lock.yaml"
    target.write_text(target.read_text(encoding="utf-8").replace("  b:", "  chosen-by-hand:"), encoding="utf-8")
    # One is gone, one has other data, one is new and would like the name of the one that is gone.
    again = first.replace('"A"=dword:00000001\n', "").replace('"text"', '"another text"') + '"Example A"=dword:1\n'
    file.write_text(again, encoding="utf-8")
    assert policyc("import", "reg", file.name, "--force").code == 0
    assert ids(project) == ["chosen-by-hand", "other-a", "zoom", "other-example-a"]
    assert policyc("validate").code == 0


def test_ids_stay_in_every_part_of_a_large_import(policyc: Any, project: Path) -> None:
    lines = [f'"V{number}"=dword:1\n' for number in range(1100)]
    file = project / "many.reg"
    for arguments, second in (((), "many-2-of-2"), (("--into", "policies/into.yaml", "--name", "Into"), "into-2")):
        file.write_text(REG + "".join(lines), encoding="utf-8")
        assert policyc("import", "reg", file.name, *arguments).code == 0
        target = project / "policies" / f"{second}.yaml"
        target.write_text(target.read_text(encoding="utf-8").replace("  v1050:", "  chosen:"), encoding="utf-8")
        file.write_text(REG + "".join(lines[1:]), encoding="utf-8")
        assert policyc("import", "reg", file.name, *arguments, "--force").code == 0
        assert "chosen" in ids(project, f"policies/{second}.yaml")


@pytest.mark.parametrize(
    "content",
    [b"\0", b"- a\n", b"settings: [", b"project: {name: x}\n", b"settings: {b: 1}\n"],
)
def test_a_file_that_is_no_policy_has_no_ids_to_keep(policyc: Any, project: Path, reg: Path, content: bytes) -> None:
    (project / "policies" / "kiosk-lock.yaml").write_bytes(content)
    assert policyc("import", "reg", reg.name, "--force").code == 0
    assert ids(project) == ["a", "b"]


@pytest.mark.parametrize("into", ["kiosks.yaml", "policies/.hidden/kiosks.yaml"])
def test_a_policy_that_no_command_would_read_is_told(policyc: Any, project: Path, reg: Path, into: str) -> None:
    answer = policyc("import", "reg", reg.name, "--into", into)
    assert answer.code == 0
    assert f"\nwarning: no command reads '{into}', as it isn't below 'policies': move it there\n" in answer.err
    answer = policyc("import", "reg", reg.name, "--into", into, "--force", "--format", "json")
    assert [one["read"] for one in json.loads(answer.out)["imports"][0]["policies"]] == [False]
    assert "no command reads" not in policyc("import", "reg", reg.name, "--into", "policies/sub/kiosks.yaml").err


@pytest.mark.parametrize(
    ("arguments", "file", "line"),
    [
        ((), "policies/kiosk-lock.yaml", "../schema/baseline.schema.json"),
        (("--collection",), "policies/kiosk-lock.yaml", "../schema/collection.schema.json"),
        (("--into", "policies/a/b/x.yaml"), "policies/a/b/x.yaml", "../../../schema/baseline.schema.json"),
    ],
)
def test_an_editor_is_told_of_the_schema_that_is_there(
    policyc: Any, project: Path, reg: Path, arguments: tuple[str, ...], file: str, line: str
) -> None:
    policyc("import", "reg", reg.name, *arguments)
    assert (project / file).read_text(encoding="utf-8").startswith("# Imported from")
    policyc("init")
    policyc("import", "reg", reg.name, *arguments, "--force")
    first, second, *_ = (project / file).read_text(encoding="utf-8").splitlines()
    assert first == f"# yaml-language-server: $schema={line}"
    assert second.startswith("# Imported from 'Kiosk lock.reg'")


def test_a_package_that_is_missing_is_told_once(policyc: Any, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cabarchive", None)
    for name in ("a.cab", "b.cab"):
        (project / name).write_bytes(b"MSCF" + bytes(32))
    answer = policyc("import", "cab", "a.cab", "b.cab")
    assert answer.code == 1
    assert answer.err == (
        "error[PC0801]: 'a.cab' can't be read: cabinets are read by a package that isn't installed\n"
        " --> a.cab\n"
        "help: pip install 'policyc[cabinets]'\n"
        "\n"
        "1 error\n"
    )


def test_the_digests_of_one_command_make_one_policy(policyc: Any, project: Path) -> None:
    from unit.importers.site import Registry, item

    (project / "x").mkdir()
    for number in (1, 2):
        (project / "x" / f"{number}.xml").write_bytes(item(Registry(value_name=f"V{number}"), name=f"Item {number}"))
    answer = policyc("import", "cab", "x/1.xml", "x/2.xml")
    assert answer.code == 0, answer.err
    assert answer.out.startswith("made  policies/configuration-items.yaml: baseline 'Configuration items'\n")
    assert "x/1.xml, x/2.xml: 2 entries, 2 settings written to policies/configuration-items.yaml" in answer.err
    text = (project / "policies" / "configuration-items.yaml").read_text(encoding="utf-8")
    assert "# Imported from '1.xml', '2.xml' with 'policyc import cab'\n" in text
    assert "  # Item 1\n" in text
    assert "  # Item 2\n" in text
    assert text.count(".xml") == 2
    (project / "x" / "2.xml").write_bytes(b"<a")
    answer = policyc("import", "cab", "x/1.xml", "x/2.xml", "--force")
    assert answer.code == 1
    assert "error[PC0801]: 'x/2.xml' can't be read as 'cab'" in answer.err
