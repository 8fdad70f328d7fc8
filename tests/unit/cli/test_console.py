"""Colours, progress and streams."""

from __future__ import annotations

import io
import sys

import pytest

from policyc.cli import console

pytestmark = pytest.mark.windows


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def posix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(console, "_windows_takes_escapes", lambda: True)


def test_colour_only_on_a_terminal() -> None:
    assert console.colour(Terminal())
    assert not console.colour(io.StringIO())
    closed = Terminal()
    closed.close()
    assert not console.is_terminal(io.TextIOWrapper(io.BytesIO()))


@pytest.mark.parametrize(
    ("name", "value", "coloured"), [("NO_COLOR", "1", False), ("NO_COLOR", "", True), ("TERM", "dumb", False)]
)
def test_colour_can_be_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str, coloured: bool) -> None:
    monkeypatch.setenv(name, value)
    assert console.colour(Terminal()) is coloured


def clock(monkeypatch: pytest.MonkeyPatch, step: float) -> None:
    now = 0.0

    def monotonic() -> float:
        nonlocal now
        now += step
        return now

    monkeypatch.setattr(console.time, "monotonic", monotonic)


def test_progress_appears_after_a_second_and_goes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    clock(monkeypatch, 0.3)
    assert list(console.progress(range(10), 10, "collections")) == list(range(10))
    pieces = terminal.getvalue().split("\r")
    assert "4/10 collections" in pieces[1]
    assert pieces[-2].strip() == ""
    assert pieces[-1] == ""


def test_no_progress_for_quick_work_or_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream, step in ((Terminal(), 0.01), (io.StringIO(), 5.0)):
        monkeypatch.setattr(sys, "stderr", stream)
        clock(monkeypatch, step)
        assert list(console.progress(range(10), 10, "collections")) == list(range(10))
        assert stream.getvalue() == ""


def test_streams_never_refuse_a_character(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252"))
    console.prepare()
    sys.stdout.write("\u65e5 \ud800")
    sys.stdout.flush()
    assert raw.getvalue() == b"\\u65e5 \\ud800"
