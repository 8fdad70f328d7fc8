"""What the commands do, say and end with."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import yaml

import policyc as package
from policyc.diagnostics import error
from policyc.kinds import OTHERS
from policyc.model import Location

COMPILER = str(Path(package.__file__).parents[1])
COMMANDS = ["init", "validate", "compile", "explain", "schema"]

UNLISTED = {"manifest.json", ".built.json"}
"""Of the files of an output, those that the manifest doesn't list."""
OF_THE_PROJECT = UNLISTED | {"README.md", "revisions.json", "site.json", "collections.json", "deploy.ps1", "monitor.ps1"}
OF_THE_PROJECT |= {".gitignore", ".gitattributes", "_project"}


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def spoil(project: Path) -> None:
    (project / "policies" / "servers.yaml").write_text("collection: {name: Servers, nmae: x}\n", encoding="utf-8")


def hold(monkeypatch: pytest.MonkeyPatch, slug: str) -> None:
    """One collection's own error, as an overdue package gives it."""
    found = error("PC0701", "'x.cmd' is past its date", Location("servers.yaml"), help="ask for a new one", holds=slug)
    monkeypatch.setattr("policyc.driver.check.analyse", lambda *_: [found])


# validate and compile


def test_a_fine_estate(policyc: Any, project: Path) -> None:
    answer = policyc("validate")
    assert (answer.code, answer.out, answer.err) == (0, "2 collections checked\n", "")
    assert not (project / "output").exists()
    answer = policyc("compile")
    assert answer.code == 0
    assert answer.err == ""
    written = tree(project / "output")
    assert answer.out == f"output: {len(written.keys() - UNLISTED)} files written, 0 unchanged, 0 removed\n"
    assert {path.split("/")[0] for path in written} == {"servers", "pilot", *OF_THE_PROJECT}
    assert policyc("compile").out == f"output: 0 files written, {len(written.keys() - UNLISTED)} unchanged, 0 removed\n"
    assert tree(project / "output") == written


def test_an_error_is_shown_with_its_place_and_nothing_is_written(policyc: Any, project: Path) -> None:
    spoil(project)
    for command in ("validate", "compile"):
        answer = policyc(command)
        assert answer.code == 1
        assert "error[PC02" in answer.err
        assert "'nmae'" in answer.err
        assert "--> policies/servers.yaml:1:" in answer.err
        assert "^^^^" in answer.err
        assert answer.err.endswith("\n1 error\n")
    assert answer.out == "nothing was written\n"
    assert not (project / "output").exists()


def test_collections_beside_a_broken_one_are_still_checked(policyc: Any, project: Path) -> None:
    spoil(project)
    pilot = project / "policies" / "rings" / "pilot.yaml"
    pilot.write_text(pilot.read_text(encoding="utf-8").replace("at_least: 4", "at_least: 4\n      set: 1"), encoding="utf-8")
    answer = policyc("validate")
    assert "servers.yaml" in answer.err
    assert "rings/pilot.yaml" in answer.err


@pytest.mark.parametrize(
    "path", ["policies/rings/pilot.yaml", "policies/rings", "rings/pilot.yaml", "./policies/../policies/rings"]
)
def test_paths_choose_what_is_written(policyc: Any, project: Path, path: str) -> None:
    policyc("compile", path)
    assert {name.split("/")[0] for name in tree(project / "output")} == {"pilot", *OF_THE_PROJECT}
    assert policyc("compile", "policies").code == 0
    assert {name.split("/")[0] for name in tree(project / "output")} == {"pilot", "servers", *OF_THE_PROJECT}


def test_a_path_without_a_collection_is_wrong_usage(policyc: Any, project: Path) -> None:
    answer = policyc("compile", "nowhere.yaml")
    assert answer.code == 2
    assert "no collection stands in 'nowhere.yaml'" in answer.err
    assert policyc("compile", "policies/project.yaml").code == 2


def test_paths_do_not_limit_what_is_checked(policyc: Any, project: Path) -> None:
    spoil(project)
    answer = policyc("compile", "policies/rings")
    assert answer.code == 1
    assert "servers.yaml" in answer.err
    assert not (project / "output").exists()


def test_an_overdue_package_holds_back_its_own_collection(policyc: Any, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policyc("compile")
    before = tree(project / "output")
    for name in ("servers.yaml", "rings/pilot.yaml"):
        file = project / "policies" / name
        file.write_text(file.read_text(encoding="utf-8").replace("at_least: ", "at_least: 1"), encoding="utf-8")
    hold(monkeypatch, "servers")
    answer = policyc("compile")
    assert answer.code == 1
    assert "error[PC0701]" in answer.err
    assert "held back: output/servers stays as it was" in answer.out
    after = tree(project / "output")
    assert {path: after[path] for path in after if path.startswith("servers/")} == {
        path: before[path] for path in before if path.startswith("servers/")
    }
    assert after["pilot/scripts/detect.ps1"] != before["pilot/scripts/detect.ps1"]
    assert policyc("compile", "--check").code == 1
    monkeypatch.undo()


def test_check_shows_a_diff_and_touches_nothing(policyc: Any, project: Path) -> None:
    policyc("compile")
    assert policyc("compile", "--check").code == 0
    pilot = project / "policies" / "rings" / "pilot.yaml"
    pilot.write_text(pilot.read_text(encoding="utf-8").replace("at_least: 4", "at_least: 3"), encoding="utf-8")
    before = tree(project / "output")
    answer = policyc("compile", "--check")
    assert answer.code == 1
    assert tree(project / "output") == before
    assert "--- a/pilot/scripts/detect.ps1\n+++ b/pilot/scripts/detect.ps1\n@@ " in answer.out
    assert "error[PC0612]" in answer.err
    assert "--> policies/rings/pilot.yaml\n" in answer.err
    assert policyc("compile", "--check", "policies/servers.yaml").code == 0


def test_check_in_json_lists_the_drift(policyc: Any, project: Path) -> None:
    answer = policyc("compile", "--check", "--format", "json")
    assert answer.code == 1
    assert answer.err == ""
    data = json.loads(answer.out)
    assert {found["code"] for found in data["diagnostics"]} == {"PC0613"}
    assert {item["state"] for item in data["drift"]} == {"missing"}
    # One for each policy file that files come from, the project's among them.
    assert data["summary"]["errors"] == 3


def test_json_and_github_formats_go_to_stdout_alone(policyc: Any, project: Path) -> None:
    spoil(project)
    answer = policyc("validate", "--format", "json", "--as-of", "2026-01-31")
    assert (answer.code, answer.err) == (1, "")
    data = json.loads(answer.out)
    assert data["asOf"] == "2026-01-31"
    assert data["diagnostics"][0]["file"] == "policies/servers.yaml"
    assert data["diagnostics"][0]["line"] == 1
    answer = policyc("compile", "--format", "github")
    assert (answer.code, answer.err) == (1, "")
    assert answer.out.startswith("::error file=policies/servers.yaml,line=1,col=")
    assert answer.out.count("\n") == 1


def test_json_of_a_compilation_says_what_was_written(policyc: Any, project: Path) -> None:
    data = json.loads(policyc("compile", "--format", "json").out)
    assert data["summary"] == {"errors": 0, "warnings": 0, "notes": 0}
    assert data["output"]["written"] == len(tree(project / "output").keys() - UNLISTED)


def test_files_are_shown_below_the_folder_that_was_named(policyc: Any, project: Path) -> None:
    spoil(project)
    assert "--> policies/servers.yaml:1" in policyc("validate", "--policies", project / "policies").err
    os.chdir(project / "policies")
    assert "--> servers.yaml:1" in policyc("validate", "--policies", ".").err
    assert "--> ../policies/servers.yaml:1" in policyc("validate", "--policies", "../policies/").err


def test_no_policies_folder_is_a_finding(policyc: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answer = policyc("validate")
    assert answer.code == 1
    assert "error[PC01" in answer.err
    assert policyc("compile").code == 1


def test_an_unknown_target_names_the_installed_ones(policyc: Any, project: Path) -> None:
    (project / "policies" / "project.yaml").write_text(
        "project: {name: E, id: 2212ba12-37a4-51af-9f75-a9272a5fd601}\ntargets: [nowhere]\n", encoding="utf-8"
    )
    answer = policyc("compile")
    assert answer.code == 1
    assert "error[PC0617]: no target 'nowhere' is installed" in answer.err
    assert "--> policies/project.yaml:2:11" in answer.err
    assert "configmgr" in answer.err


def test_output_that_cannot_be_written_is_a_finding(policyc: Any, project: Path) -> None:
    (project / "output").write_text("mine", encoding="utf-8")
    answer = policyc("compile")
    assert answer.code == 1
    assert "error[PC0604]: 'output' is no folder" in answer.err
    assert policyc("compile", "--check").code == 1


def test_the_day_is_told_where_it_matters(policyc: Any, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "as of" not in policyc("validate", "--as-of", "2026-01-31").out
    monkeypatch.setattr("policyc.driver.check.Checked.depends_on_the_day", "packages")
    assert "as of 2026-01-31 (UTC)" in policyc("validate", "--as-of", "2026-01-31").out


# usage


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_has_examples(policyc: Any, command: str, option: str) -> None:
    answer = policyc(command, option)
    assert answer.code == 0
    assert "Examples:\n" in answer.out
    assert f"  policyc {command}" in answer.out


def test_help_of_the_command_and_its_version(policyc: Any) -> None:
    answer = policyc("-h")
    assert answer.code == 0
    assert all(command in answer.out for command in COMMANDS)
    assert "Exit codes: 0" in answer.out
    assert "--install-completion" in answer.out
    assert policyc("--version").out == f"policyc {package.__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["compiel"],
        ["validate", "--nope"],
        ["validate", "extra"],
        ["validate", "--format", "xml"],
        ["validate", "--as-of", "31.1.2026"],
        ["validate", "--as-of", "20260131"],
        ["validate", "--as-of", "2026-02-30"],
        ["compile", "--output"],
        [],
    ],
)
def test_wrong_usage_ends_with_2(policyc: Any, project: Path, arguments: list[str]) -> None:
    assert policyc(*arguments).code == 2
    assert not (project / "output").exists()


# explain, schema, init


def test_explain(policyc: Any) -> None:
    page = policyc("explain", "PC0607")
    assert page.code == 0
    assert page.out.startswith("# PC0607: ")
    assert policyc("explain", "pc0607").out == policyc("explain", "607").out == page.out
    assert json.loads(policyc("explain", "PC0607", "--format", "json").out)["level"] == "error"
    assert "\nPC0607  error    " in policyc("explain").out
    assert len(json.loads(policyc("explain", "--format", "json").out)) == policyc("explain").out.count("\n")


def test_explain_an_unknown_code_names_the_nearest(policyc: Any) -> None:
    answer = policyc("explain", "PC0699")
    assert answer.code == 2
    assert "no code 'PC0699'; the nearest are PC06" in answer.err
    assert "policyc explain lists all codes" in policyc("explain", "zzz").err


def test_explain_what_a_device_reports(policyc: Any) -> None:
    one = policyc("explain", "SENSE:15").out
    assert one.startswith("SENSE 15, log Microsoft-Windows-SENSE/Operational\n  Meaning: ")
    assert policyc("explain", " sense:15 ").out == one
    failed = policyc("explain", "0x87D1FDE8").out
    assert "Remediation failed" in failed
    for same in ("-2016281112", "2278686184", "mdm:0x87d1fde8"):
        assert policyc("explain", same).out == failed, same
    assert policyc("explain", "exit:224").out.count("Meaning") == 1
    vendors = json.loads(policyc("explain", "exit:210", "--format", "json").out)
    assert [one["action"] for one in vendors] == ["policyc explain WDATPOnboarding:10", "policyc explain WDATPOffboarding:10"]
    assert policyc(*vendors[0]["action"].split()[1:]).code == 0
    assert "net helpmsg 5" in policyc("explain", "0x80070005").out


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("SENSE:99", "nothing is known of 'SENSE:99'"),
        ("0x80004005", "nothing is known of '0x80004005'"),
        ("event:5", "no source 'event'; there are WDATPOnboarding, "),
        ("SENSE:fifteen", "'fifteen' is no number of at most 32 bits"),
        ("SENSE:", "'' is no number of at most 32 bits"),
        ("--fromat", "no code '--fromat'"),
    ],
)
def test_explain_what_nobody_reports(policyc: Any, asked: str, said: str) -> None:
    answer = policyc("explain", asked)
    assert answer.code == 2
    assert said in answer.err


def test_schema(policyc: Any, tmp_path: Path) -> None:
    assert json.loads(policyc("schema", "collection").out)["$schema"].endswith("2020-12/schema")
    assert policyc("schema").out == "project\ncollection\nbaseline\nstate\ntests\n"
    folder = tmp_path / "deep" / "schema"
    assert policyc("schema", "--write", folder).code == 0
    assert set(tree(folder)) == {f"{kind}.schema.json" for kind in ("project", "collection", "baseline", "state", "tests")}
    (tmp_path / "file").write_text("x")
    answer = policyc("schema", "--write", tmp_path / "file")
    assert answer.code == 1
    assert "can't be written" in answer.err


def test_init_makes_a_project_that_compiles_without_a_finding(
    policyc: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "estate"
    answer = policyc("init", folder)
    assert answer.code == 0
    assert f"made  {folder.as_posix()}/policies/project.yaml\n" in answer.out
    assert f"cd {folder.as_posix()}\n  policyc validate\n  policyc compile\n" in answer.out
    monkeypatch.chdir(folder)
    answer = policyc("compile")
    assert (answer.code, answer.err) == (0, "")
    for file in (folder / "policies").iterdir():
        modeline = file.read_text(encoding="utf-8").splitlines()[0]
        schema = file.parent / modeline.removeprefix("# yaml-language-server: $schema=")
        assert json.loads(schema.read_bytes())["$schema"]
    assert (folder / ".gitattributes").read_text().splitlines()[-1] == "output/** -text"


def test_init_never_overwrites(policyc: Any, tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "project.yaml").write_text("mine")
    (tmp_path / ".gitignore").write_text("*.pyc\n")
    answer = policyc("init", tmp_path)
    assert answer.code == 0
    assert (tmp_path / "policies" / "project.yaml").read_text() == "mine"
    assert (tmp_path / ".gitignore").read_text() == "*.pyc\n"
    assert "kept  " in answer.out
    for line in ("signed/", "output/**/*.cab", "output/.built.json", "output/.policyc/"):
        assert f"      add the line: {line}\n" in answer.out
    assert answer.out.count("add the line") == 4
    before = tree(tmp_path)
    assert policyc("init", tmp_path).code == 0
    assert tree(tmp_path) == before
    (tmp_path / "file").write_text("x")
    answer = policyc("init", tmp_path / "file")
    assert answer.code == 1
    assert "can't be made" in answer.err

    assert policyc("init", tmp_path, "--id").code == 1, "'mine' is no project"


def head_of(folder: Path) -> dict[str, str]:
    tree: dict[str, dict[str, str]] = yaml.safe_load((folder / "policies" / "project.yaml").read_text(encoding="utf-8"))
    return tree["project"]


def test_init_makes_an_id_of_its_own(policyc: Any, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert policyc("init", tmp_path / name).code == 0
    one, two = head_of(tmp_path / "one"), head_of(tmp_path / "two")
    assert one["name"] == two["name"]
    assert one["id"] != two["id"]
    assert [UUID(head["id"]).version for head in (one, two)] == [4, 4]
    before = tree(tmp_path)
    answer = policyc("init", tmp_path / "one", "--id")
    assert (answer.code, answer.out.partition(":")[2]) == (0, " it has an id\n")
    assert tree(tmp_path) == before


HEADS = {
    "block": "# mine\nproject:\n  name: Estate   # ours\n  publisher: IT\ntargets: [configmgr]\n",
    "windows": "project:\r\n    name: Estate\r\n",
    "no end of line": "project:\n  name: 'Estate'",
    "brackets": "project: {name: Estate, publisher: IT}  # short\n",
    "several lines": "project:\n  publisher: IT\n  name: |-\n    Estate\n",
    "mark": "\ufeffproject:\n  name: Estate\n",
}


@pytest.mark.parametrize("head", HEADS)
def test_an_id_is_one_line_more(policyc: Any, tmp_path: Path, head: str) -> None:
    (tmp_path / "policies").mkdir()
    file = tmp_path / "policies" / "project.yaml"
    file.write_bytes(HEADS[head].encode())
    answer = policyc("init", tmp_path, "--id")
    assert answer.code == 0, answer.err
    written = file.read_bytes().decode()
    own = head_of(tmp_path)["id"]
    assert UUID(own).version == 4
    rest = re.sub(rf"(?m)^ *id: {own}\r?\n|, id: {own}", "", written)
    assert rest == HEADS[head] + ("\n" if head == "no end of line" else "")
    assert ("\r\n" in written) == ("\r\n" in HEADS[head])
    assert written.count("\n") == written.count("\r\n") or "\r\n" not in written
    assert policyc("init", tmp_path, "--id").out.endswith("it has an id\n")


def test_an_estate_that_was_compiled_keeps_who_it_is(policyc: Any, project: Path) -> None:
    assert policyc("compile").code == 0
    files = len(tree(project / "output").keys() - UNLISTED)
    file = project / "policies" / "project.yaml"
    with_id = file.read_text(encoding="utf-8")
    file.write_text(re.sub(", id: [^,}]*", "", with_id), encoding="utf-8")
    answer = policyc("compile")
    assert answer.code == 1
    assert "error[PC0349]: the project has no id" in answer.err
    assert "add the line 'id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb' below 'project:'" in answer.err
    assert "another estate of that name can't be told from this one" in answer.err
    assert policyc("init", "--id").code == 0
    assert file.read_text(encoding="utf-8") == with_id
    answer = policyc("compile")
    assert (answer.code, answer.out) == (0, f"output: 0 files written, {files} unchanged, 0 removed\n")


def test_a_new_estate_is_told_of_both_ways(policyc: Any, project: Path) -> None:
    file = project / "policies" / "project.yaml"
    file.write_text(re.sub(", id: [^,}]*", "", file.read_text(encoding="utf-8")), encoding="utf-8")
    answer = policyc("compile")
    assert answer.code == 1
    assert "for a new estate run 'policyc init --id'" in answer.err
    assert "the line 'id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb', which derives from its name" in answer.err
    assert not (project / "output").exists()


@pytest.mark.parametrize(
    "id",
    [
        "8EE4FFD4-ACDB-58D3-BE46-275FEC287EBB",
        "8ee4ffd4-acdb-18d3-be46-275fec287ebb",
        "8ee4ffd4acdb58d3be46275fec287ebb",
        "8ee4ffd4-acdb-58d3-ce46-275fec287ebb",
        "12345678",
        "''",
    ],
)
def test_what_is_no_id_of_a_project(policyc: Any, project: Path, id: str) -> None:
    file = project / "policies" / "project.yaml"
    file.write_text(re.sub("id: [^,}]*", f"id: {id}", file.read_text(encoding="utf-8")), encoding="utf-8")
    answer = policyc("validate")
    assert answer.code == 1
    assert "error[PC02" in answer.err
    assert "project.yaml:1" in answer.err


# how it ends otherwise


def test_a_defect_ends_with_3_and_asks_for_a_report(policyc: Any, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by \x1b[31m zero")

    monkeypatch.setattr("policyc.driver.check.lower_all", failing)
    monkeypatch.delenv("POLICYC_DEBUG", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(project))
    answer = policyc("validate")
    assert answer.code == 3
    assert "defect of its own: ZeroDivisionError: by \\x1b[31m zero" in answer.err
    assert "Traceback" not in answer.err
    (saved,) = project.glob("policyc-defect-*.txt")
    assert str(saved) in answer.err
    assert "Traceback" in saved.read_text()
    monkeypatch.setenv("POLICYC_DEBUG", "1")
    assert "Traceback" in policyc("validate").err


def test_interrupted_by_the_user(policyc: Any, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("policyc.driver.check.lower_all", interrupted)
    answer = policyc("validate")
    assert (answer.code, answer.out, answer.err) == (130, "", "")


def run(*arguments: str, code: str = "from policyc.cli.app import main; main()", **environment: str) -> Any:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([COMPILER, os.environ.get("PYTHONPATH", "")]), **environment},
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(os.name == "nt", reason="POSIX's shell")
def test_a_reader_that_goes_away_is_no_defect() -> None:
    command = f"'{sys.executable}' -m policyc explain --format json | head -c 1"
    environment = {**os.environ, "PYTHONPATH": COMPILER}
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == (b"[", b"")


def test_a_console_that_lacks_characters_is_no_defect(project: Path) -> None:
    (project / "policies" / "servers.yaml").write_text("collection: {name: Servers, \u65e5\u672c: x}\n", encoding="utf-8")
    done = run("validate", PYTHONIOENCODING="cp1252")
    assert done.returncode == 1
    assert b"\\u65e5\\u672c" in done.stderr


def test_module_and_command_are_the_same(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "policyc", "--version"],
        env={**os.environ, "PYTHONPATH": COMPILER},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == f"policyc {package.__version__}\n"


SPARED = {"argparse", "click", "difflib", "jinja2", "jsonschema", "pydantic", "rich", "subprocess", "traceback", "typer"}


def test_validating_a_clean_project_imports_little(project: Path) -> None:
    code = (
        "import sys\nfrom policyc.cli.app import main\ntry:\n    main()\nfinally:\n"
        "    print(*sorted({name.partition('.')[0] for name in sys.modules}))\n"
        "    print(*sorted(name for name in sys.modules if name.startswith('policyc')))"
    )
    done = run("validate", code=code)
    said, top, own = done.stdout.decode().splitlines()
    assert said == "2 collections checked", done.stderr
    assert SPARED & set(top.split()) == set()
    writing = {"policyc.artifacts.writer", "policyc.artifacts.comparison", "policyc.diagnostics.reporters.text"}
    making = {"policyc.targets.configmgr.making", "policyc.targets.configmgr.digest", "policyc.targets.configmgr.runbook"}
    assert (writing | making | {"policyc.signing", "policyc.resolved", "policyc.plan"}) & set(own.split()) == set()
    assert {f"policyc.kinds.{word}" for word in (*OTHERS, "secedit", "dism", "accounts")} & set(own.split()) == set()


def test_findings_without_a_file_need_no_place(policyc: Any, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = error("PC0601", "the disk is full", Location(""))
    monkeypatch.setattr("policyc.driver.check.analyse", lambda *_: [found, found])
    monkeypatch.setattr("policyc.driver.check.load_targets", lambda _: [SimpleNamespace(check=lambda _: [])])
    answer = policyc("validate")
    assert answer.err == "error[PC0601]: the disk is full\n --> policies\n\n1 error\n"


def test_another_id_of_the_project_is_a_warning(policyc: Any, project: Path) -> None:
    policyc("compile")
    file = project / "policies" / "project.yaml"
    file.write_text(file.read_text().replace("Example estate", "Estate"))
    answer = policyc("compile")
    assert (answer.code, answer.err) == (0, ""), "a name is for people"
    file.write_text(file.read_text().replace("id: 8ee4ffd4", "id: 9ee4ffd4"))
    answer = policyc("compile")
    assert answer.code == 0
    assert "warning[PC0624]: the project had the id '8ee4ffd4-acdb-58d3-be46-275fec287ebb'" in answer.err
    assert "policies/project.yaml:1" in answer.err
    assert "PC0624" not in policyc("compile").err


def test_a_baseline_that_cannot_be_read_is_not_called_unknown(policyc: Any, project: Path) -> None:
    (project / "policies" / "common.yaml").write_text("baseline: {name: Common}\nsettings: [oops]\n")
    pilot = project / "policies" / "rings" / "pilot.yaml"
    pilot.write_text(f"{pilot.read_text()}baselines: [Common]\noverride: {{some: {{reason: x, severity: none}}}}\n")
    answer = policyc("validate")
    assert answer.err.count("error[") == 1
    assert "common.yaml" in answer.err
