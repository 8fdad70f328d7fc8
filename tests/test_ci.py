"""The ready files for CI: they can be read, ask for what there is, and do what docs/ci.md says."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import typer.main
import yaml

from policyc.cli.commands import app
from policyc.cli.formats import Format

TOP = Path(__file__).resolve().parents[1]
CI = TOP / "docs" / "ci"
NAMES = ["github-actions.yml", "azure-pipelines.yml", "gitlab-ci.yml"]
COMMANDS = typer.main.get_group(app).commands
VARIABLE = re.compile(r"\$\{[^}]*\}|\$\w+")
BASH = shutil.which("bash") if os.name == "posix" else None


def scripts(name: str) -> list[str]:
    """Everything in a file that a shell runs."""
    found: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("run", "bash"):
                    found.append(value)
                elif key in ("script", "before_script"):
                    found.extend(value)
                else:
                    walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(yaml.safe_load((CI / name).read_text(encoding="utf-8")))
    return found


def policyc_lines(name: str) -> list[list[str]]:
    """The arguments of each call of policyc, as the shell would hand them over, with `X` for a variable's value."""
    lines = []
    for script in scripts(name):
        words = list(shlex.shlex(VARIABLE.sub("X", script), posix=True, punctuation_chars=True))
        if words[0] == "policyc":
            end = next((at for at, word in enumerate(words) if re.fullmatch(r"[<>|&;]+", word)), len(words))
            lines.append(words[1:end])
    return lines


CALLS = [(name, line) for name in NAMES for line in policyc_lines(name)]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_installs_checks_compares_and_plans(name: str) -> None:
    lines = [line.split() for script in scripts(name) for line in script.splitlines()]
    installs = [line[3:] for line in lines if line[:3] == ["python", "-m", "pip"]]
    locked = "install --no-deps --only-binary :all: --require-hashes -r ci/requirements.lock"
    assert installs
    # What is locked and nothing newer: neither a dependency nor what builds policyc is looked for on an index.
    assert {" ".join(line) for line in installs} == {locked, 'install --no-deps --no-build-isolation "$POLICYC"'}
    assert {line[0] for line in policyc_lines(name)} == {"validate", "compile", "plan"}
    assert ["compile", "--check"] in policyc_lines(name)
    assert ["plan", "X" if name == "gitlab-ci.yml" else "origin/X", "--format", "markdown"] in policyc_lines(name)
    assert any(
        script.endswith("python ci/comment.py plan.md") or "python ci/comment.py plan.md;" in script for script in scripts(name)
    )


@pytest.mark.parametrize(("name", "line"), CALLS, ids=lambda value: value if isinstance(value, str) else " ".join(value))
def test_commands_and_options_exist(name: str, line: list[str]) -> None:
    command, *arguments = line
    if command == "plan" and command not in COMMANDS:
        pytest.skip("this policyc has no plan")
    COMMANDS[command].make_context(command, arguments)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_used_from_elsewhere_is_named_by_major_version_and_no_registry(name: str) -> None:
    text = (CI / name).read_text(encoding="utf-8")
    for used in re.findall(r"(?:uses|task): (.+)", text):
        assert re.fullmatch(r"[\w-]+/[\w-]+(/[\w-]+)*@v\d+|\w+@\d+", used), used
    for image in re.findall(r"image: (.+)", text):
        assert re.fullmatch(r"[a-z]+:\d+(\.\d+)*", image), image
    assert set(re.findall(r"https?://([\w.-]+)", text)) == {"git.example.com"}


def test_github_gives_no_more_than_is_needed_and_puts_no_text_of_an_event_into_a_shell() -> None:
    flow = yaml.safe_load((CI / "github-actions.yml").read_text(encoding="utf-8"))
    # YAML 1.1, which PyYAML reads, takes the key `on` for a truth value.
    assert "pull_request_target" not in flow[True]
    assert flow["permissions"] == {"contents": "read"}
    writes = {
        name: [right for right, how in job["permissions"].items() if how == "write"] for name, job in flow["jobs"].items()
    }
    assert writes == {"check": ["security-events"], "plan": ["pull-requests"]}
    assert all(job["timeout-minutes"] for job in flow["jobs"].values())
    assert not any("${{" in script for script in scripts("github-actions.yml"))


@pytest.mark.skipif(BASH is None, reason="needs bash")
@pytest.mark.parametrize("name", NAMES)
def test_bash_reads_every_script(name: str) -> None:
    for script in scripts(name):
        assert BASH
        answer = subprocess.run([BASH, "-n", "-c", script], capture_output=True, text=True, check=False, timeout=60)
        assert (answer.returncode, answer.stderr) == (0, ""), script


@pytest.fixture
def estate(tmp_path: Path) -> Callable[[str], int]:
    """Runs a script as a pipeline's shell does, in a project without output."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "project.yaml").write_text(
        "project: {name: Example estate, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\n", encoding="utf-8"
    )
    (tmp_path / "policies" / "pilot.yaml").write_text(
        "collection: {name: Pilot}\nsettings:\n  x:\n    title: T\n"
        "    registry: {key: 'HKLM\\SOFTWARE\\X', name: V, type: dword, equals: 1}\n",
        encoding="utf-8",
    )
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "policyc").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m policyc "$@"\n', encoding="utf-8")
    (programs / "policyc").chmod(0o755)
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(TOP / "compiler")}

    def run(script: str) -> int:
        assert BASH
        command = [BASH, "-eo", "pipefail", "-c", script]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False, timeout=120).returncode

    return run


@pytest.mark.skipif(BASH is None, reason="needs bash")
def test_findings_reach_their_file_and_only_a_defect_or_wrong_usage_stops_there(
    estate: Callable[[str], int], tmp_path: Path
) -> None:
    assert estate("policyc validate") == 0
    assert estate("policyc compile --check") == 1
    (sarif,) = (script for script in scripts("github-actions.yml") if "sarif" in script)
    assert estate(sarif) == 0
    assert [found["ruleId"] for found in json.loads((tmp_path / "policyc.sarif").read_bytes())["runs"][0]["results"]] != []
    for name in ("azure-pipelines.yml", "gitlab-ci.yml"):
        (junit,) = (script for script in scripts(name) if "junit" in script)
        assert estate(junit) == 0
        assert ET.parse(tmp_path / "policyc.xml").getroot().get("tests") == "3"
        assert estate(junit.replace("--format junit", "--format nonsense")) == 1
    assert estate("policyc compile > /dev/null; policyc compile --check") == 0


def test_the_page_tells_of_every_file_and_format() -> None:
    page = (TOP / "docs" / "ci.md").read_text(encoding="utf-8")
    assert (
        set(re.findall(r"\(ci/([\w.-]+)\)", page))
        == {*NAMES, "comment.py"}
        == {file.name for file in CI.iterdir() if file.is_file()}
    )
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == [str(known) for known in Format]


# --- comment.py ---


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ci_comment", CI / "comment.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


comment = load()


class Stand(BaseHTTPRequestHandler):
    """The parts of the three services that a comment needs; what it holds is on the server."""

    server: Services

    def _answer(self, data: object, code: int = 200) -> None:
        body = json.dumps(data).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        data = json.loads(self.rfile.read(length)) if length else None
        self.server.asked.append((self.command, self.path, data))
        if "secret" not in (self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN") or ""):
            self._answer({}, 401)
            return
        known = self.server.lists.get(self.path.partition("?")[0])
        if self.command != "GET" or known is None:
            self._answer({}, 404 if self.command == "GET" else 200)
        elif isinstance(known, list):
            page = int(re.findall(r"&page=(\d+)", self.path)[0])
            self._answer(known[100 * (page - 1) : 100 * page])
        else:
            self._answer(known)

    do_GET = do_POST = do_PATCH = do_PUT = _handle  # noqa: N815 - the names that the server looks for

    def log_message(self, format: str, *values: object) -> None:
        pass


class Services(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Stand)
        self.asked: list[tuple[str, str, Any]] = []
        self.lists: dict[str, Any] = {}

    @property
    def writes(self) -> list[tuple[str, str, Any]]:
        return [asked for asked in self.asked if asked[0] != "GET"]


@pytest.fixture
def services() -> Iterator[Services]:
    with Services() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for name in ("GITHUB_ACTIONS", "TF_BUILD", "GITLAB_CI", "POLICYC_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "plan.md"
    file.write_text("# Plan \u00e4\n", encoding="utf-8")
    return str(file)


TEXT = f"{comment.MARK}\n# Plan \u00e4\n"
OLD = f"{comment.MARK}\n# Old"


def environment(kind: str, top: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {
        "github": {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": top,
            "GITHUB_REPOSITORY": "estate/policies",
            "GITHUB_REF": "refs/pull/7/merge",
        },
        "azure": {
            "TF_BUILD": "True",
            "SYSTEM_COLLECTIONURI": f"{top}/estate/",
            "SYSTEM_TEAMPROJECTID": "p1",
            "BUILD_REPOSITORY_ID": "r1",
            "SYSTEM_PULLREQUEST_PULLREQUESTID": "7",
        },
        "gitlab": {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": f"{top}/api/v4",
            "CI_MERGE_REQUEST_PROJECT_ID": "3",
            "CI_MERGE_REQUEST_IID": "7",
        },
    }[kind]
    for name, value in {**known, "POLICYC_TOKEN": "secret"}.items():
        monkeypatch.setenv(name, value)


def github_comment(number: int, body: str | None, login: str | None = "github-actions[bot]") -> dict[str, Any]:
    return {"id": number, "body": body, "user": login and {"login": login}}


def azure_thread(number: int, content: str, author: str, **more: object) -> dict[str, Any]:
    return {"id": number, "comments": [{"id": 1, "content": content, "author": {"id": author}, **more}]}


GITHUB = "/repos/estate/policies/issues"
AZURE = "/estate/p1/_apis/git/repositories/r1/pullRequests/7/threads"
GITLAB = "/api/v4/projects/3/merge_requests/7/notes"
OTHERS: dict[str, dict[str, Any]] = {
    "github": {
        f"{GITHUB}/7/comments": [
            github_comment(1, OLD, "somebody"),
            github_comment(2, None, None),
            *[github_comment(number, "other") for number in range(3, 150)],
        ]
    },
    "azure": {
        "/estate/_apis/connectionData": {"authenticatedUser": {"id": "me"}},
        AZURE: {
            "value": [azure_thread(1, OLD, "other"), azure_thread(2, OLD, "me", isDeleted=True), {"id": 3, "comments": []}]
        },
    },
    "gitlab": {
        "/api/v4/user": {"id": 5},
        GITLAB: [{"id": number, "body": OLD, "author": {"id": 6}} for number in range(120)],
    },
}
ADDED = {
    "github": ("POST", f"{GITHUB}/7/comments", {"body": TEXT}),
    "azure": (
        "POST",
        f"{AZURE}?api-version=7.0",
        {"comments": [{"parentCommentId": 0, "content": TEXT, "commentType": 1}], "status": 4},
    ),
    "gitlab": ("POST", GITLAB, {"body": TEXT}),
}
OWN: dict[str, tuple[Any, tuple[str, str, Any]]] = {
    "github": (github_comment(900, OLD), ("PATCH", f"{GITHUB}/comments/900", {"body": TEXT})),
    "azure": (azure_thread(900, OLD, "me"), ("PATCH", f"{AZURE}/900/comments/1?api-version=7.0", {"content": TEXT})),
    "gitlab": ({"id": 900, "body": OLD, "author": {"id": 5}}, ("PUT", f"{GITLAB}/900", {"body": TEXT})),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_the_first_run_writes_a_comment_and_leaves_those_of_others(
    kind: str, services: Services, plan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(kind, f"http://127.0.0.1:{services.server_port}", monkeypatch)
    services.lists = OTHERS[kind]
    assert comment.main([plan]) == 0
    assert services.writes == [ADDED[kind]]


@pytest.mark.parametrize("kind", OTHERS)
def test_a_further_run_renews_its_own(kind: str, services: Services, plan: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environment(kind, f"http://127.0.0.1:{services.server_port}", monkeypatch)
    own, expected = OWN[kind]
    services.lists = json.loads(json.dumps(OTHERS[kind]))
    comments = list(services.lists.values())[-1]
    (comments["value"] if kind == "azure" else comments).append(own)
    assert comment.main([plan]) == 0
    assert services.writes == [expected]


def test_a_refused_token_is_said_in_a_line(
    services: Services, plan: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment("gitlab", f"http://127.0.0.1:{services.server_port}", monkeypatch)
    monkeypatch.setenv("POLICYC_TOKEN", "wrong")
    assert comment.main([plan]) == 1
    assert capsys.readouterr().err == "comment.py: the comment can't be written: HTTP Error 401: Unauthorized\n"
    assert services.writes == []


def test_outside_of_a_pull_request_nothing_is_asked(
    plan: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert comment.main([plan]) == 1
    assert "'POLICYC_TOKEN' is not set" in capsys.readouterr().err
    monkeypatch.setenv("POLICYC_TOKEN", "secret")
    assert comment.main([plan]) == 1
    environment("github", "http://127.0.0.1:9", monkeypatch)
    monkeypatch.setenv("GITHUB_REF", "refs/heads/main")
    assert comment.main([plan]) == 1
    assert "GITHUB_REF of a pull request" in capsys.readouterr().err
    assert comment.main([]) == 2


def test_a_long_plan_is_cut_at_a_line_and_closes_its_code_block() -> None:
    text = "# Plan\n```diff\n" + "+ value\n" * 1000 + "```\n"
    made = comment.comment(text, 500)
    assert len(made) <= 500
    assert made.startswith(TEXT[:25])
    assert made.endswith(f"+ value\n```{comment.CUT}")
    assert comment.comment(text, 100_000) == f"{comment.MARK}\n{text}"
