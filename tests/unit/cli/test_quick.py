"""The short way reads a command line as typer does, or leaves it to typer."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policyc.cli import quick
from policyc.cli.commands import app

WORDS = ["validate", "compile", "--policies", "--output", "--format", "--as-of", "--read-packages", "--check", "json", "text"]
WORDS += ["2026-01-31", "2026-13-01", "p", "p/a.yaml", "", "-", "--", "--chec", "--policies=p", "-h", "--no-check", "explain"]
WORDS += ["sarif", "junit", "--all"]


def by_typer(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> quick.Line | None:
    """What typer hands to the command's work, None if it doesn't come to that."""
    read: list[quick.Line] = []

    def take(line: quick.Line) -> int:
        read.append(line)
        return 0

    monkeypatch.setattr(quick, "validate", take)
    monkeypatch.setattr(quick, "compile", take)
    with pytest.raises(SystemExit):
        app(arguments, prog_name="policyc")
    return read[0] if read else None


@pytest.mark.parametrize(
    "line",
    [
        "validate",
        "compile",
        "validate --policies p --format json --as-of 2026-01-31 --read-packages",
        "compile p/a.yaml p --check --output o --policies p --format github",
        "compile --format json --format text a",
        "validate --format sarif",
        "validate --all",
        "compile --check --format junit",
    ],
)
def test_plain_lines_are_read_and_read_alike(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert quick.read(line.split()) is not None
    assert quick.read(line.split()) == by_typer(line.split(), monkeypatch)


OTHER_LINES = ["", "explain", "validate -h", "validate --chec", "compile --policies=p", "validate p", "compile --"]
OTHER_LINES += [
    "compile --format xml",
    "compile --as-of 2026-02-30",
    "validate --output o",
    "validate --check",
    "compile --all",
]


@pytest.mark.parametrize("line", OTHER_LINES)
def test_other_lines_are_typers(line: str) -> None:
    assert quick.read(line.split()) is None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(command=st.sampled_from(["validate", "compile"]), rest=st.lists(st.sampled_from(WORDS), max_size=5))
def test_what_is_read_here_is_read_alike_by_typer(
    command: str, rest: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = quick.read([command, *rest])
    if line is not None:
        assert by_typer([command, *rest], monkeypatch) == line
    capsys.readouterr()


def test_completion_is_typers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_POLICYC_COMPLETE", "complete_bash")
    assert quick.run(["validate"]) is None
