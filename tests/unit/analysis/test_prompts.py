"""What makes a batch file wait, and what only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.analysis.prompts import find_prompt


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("pause", "pause"),
        ("  @PAUSE", "pause"),
        ("pause >nul", "pause"),
        (">nul pause", "pause"),
        ("pause&exit", "pause"),
        ("echo done & pause", "pause"),
        ("if errorlevel 1 (pause)", "pause"),
        ('if "%1"=="" pause', "pause"),
        ("if exist x (echo y) else pause", "pause"),
        ("for %%f in (1 2) do pause", "pause"),
        ("call pause", "pause"),
        ("cmd /c pause", "pause"),
        ("set /p answer=Continue?", "set /p"),
        ("SET/P answer=", "set /p"),
        ('set /P "answer=Continue? "', "set /p"),
        ('if not defined x set /p x="Name: "', "set /p"),
        ('echo a | find "a" && set /p x=', "set /p"),
    ],
)
def test_waits(line: str, command: str) -> None:
    script = f"@echo off\r\n{line}\r\nexit /b 0\r\n"
    assert find_prompt(script.encode()) == (2, command)
    assert find_prompt(script.encode("utf-16")) == (2, command)


@pytest.mark.parametrize(
    "line",
    [
        "rem pause",
        "@REM set /p x=",
        ":: pause",
        ":pause",
        "goto pause",
        "call :pause",
        "echo press a key to pause",
        'echo "a & pause"',
        "echo x & rem & pause",
        "pausesomething.exe",
        "pause.exe",
        "set pause=1",
        "set /a x=1",
        "set path=/p",
        "<nul set /p =text",
        "pause <nul",
        "echo Y | set /p x=",
        "echo.|pause",
        "find /p pause",
    ],
)
def test_does_not_wait(line: str) -> None:
    assert find_prompt(line.encode()) is None


@given(st.binary() | st.text(alphabet='pause set/"&|()<>rm:@\n').map(str.encode))
def test_any_bytes(script: bytes) -> None:
    find_prompt(script)
