"""PowerShell for the tests: which engines this machine has, and sessions in which scripts run.

Two commands may be given, as a program and its options, split like a shell's line:

- `POLICYC_POWERSHELL`: any PowerShell (parser, language); else `powershell.exe` or `pwsh` of the PATH;
- `POLICYC_ENDPOINT`: one with a registry to spoil; else, on Windows itself, an elevated `powershell.exe`.

An engine that knows `-Serve` (a request and an answer a line of JSON) runs all scripts in one process; others
start anew for each.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shlex
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath
from typing import Any

ON_WINDOWS = os.name == "nt"
START_SECONDS = 90.0


class EngineError(Exception):
    """The engine ended or hung: what it said last is the message."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one run gave."""

    exit_code: int
    stdout: str
    stderr: str
    streams: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Lines of warning, verbose and debug; empty where the engine doesn't keep them apart."""
    failure: str | None = None
    """Message of the error that ended the script; None where the engine doesn't tell it from standard error."""
    milliseconds: float = 0.0

    @property
    def lines(self) -> list[str]:
        """Standard output, a line each."""
        return self.stdout.replace("\r\n", "\n").splitlines()


def command_of(variable: str) -> list[str] | None:
    """The command that an environment variable gives."""
    text = os.environ.get(variable, "").strip()
    if not text:
        return None
    if Path(text).is_file():
        return [text]
    return shlex.split(text, posix=not ON_WINDOWS)


def find_powershell() -> list[str] | None:
    """A command of any PowerShell, or None."""
    given = command_of("POLICYC_POWERSHELL")
    if given:
        return given
    found = shutil.which("powershell.exe") or shutil.which("pwsh")
    return [found] if found else None


class Session:
    """A PowerShell in which scripts run one after the other, each in a session of its own."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self.command = list(command)
        self.environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._last_words: list[str | None] = []
        self._readers: list[threading.Thread] = []
        self._serves: bool | None = None

    @property
    def serves(self) -> bool:
        """Whether the engine knows `-Serve`, `-Parse` and `-Analyze`."""
        if self._serves is None:
            if ON_WINDOWS and Path(self.command[0]).name.lower() in {"powershell.exe", "pwsh.exe", "powershell", "pwsh"}:
                self._serves = False
            else:
                self._serves = self._can_serve()
        return self._serves

    def path(self, path: Path) -> str:
        """The path as the engine names it."""
        return str(path.absolute())

    def run(self, file: Path | None = None, *arguments: str, script: str | None = None, timeout: float = 60.0) -> Answer:
        """Run a script file with arguments, or a piece of script.

        Raises EngineError where the engine ends or the time is over; the next run has a new engine.
        """
        if not self.serves:
            return self._run_alone(file, arguments, script, timeout)
        request = {"id": "1", "timeoutSeconds": timeout}
        if file is not None:
            request |= {"file": self.path(file), "arguments": list(arguments)}
        else:
            request |= {"script": script or ""}
        return self._ask(request, timeout)

    def tool(self, *arguments: str, timeout: float = 120.0) -> subprocess.CompletedProcess[str]:
        """Run the engine's command with options of its own, such as `-Analyze`."""
        return subprocess.run(
            [*self.command, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )

    def close(self) -> None:
        """End the engine."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        self._bury(process)

    def kill(self) -> None:
        """End the engine at once, whatever it is doing."""
        process, self._process = self._process, None
        if process is not None:
            self._bury(process)

    def _bury(self, process: subprocess.Popen[str]) -> None:
        process.kill()
        process.wait(10)
        for reader in self._readers:
            reader.join(10)
        for stream in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):
                stream.close()

    def _can_serve(self) -> bool:
        try:
            return self._ask({"id": "1", "script": "'served'"}, START_SECONDS).stdout.strip() == "served"
        except EngineError:
            return False

    def _start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*self.command, "-NoProfile", "-NonInteractive", "-Serve"],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self._answers = queue.Queue()
        self._last_words = []
        puts = ((process.stdout, self._answers.put), (process.stderr, self._last_words.append))
        self._readers = [threading.Thread(target=_forward, args=pair, daemon=True) for pair in puts]
        for reader in self._readers:
            reader.start()
        return process

    def _ask(self, request: Mapping[str, object], timeout: float) -> Answer:
        fresh = self._process is None
        if self._process is None:
            self._process = self._start()
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            self.kill()
            raise EngineError(f"the engine is gone: {error}") from error
        limit = time.monotonic() + timeout + (START_SECONDS if fresh else 10.0)
        while True:
            try:
                line = self._answers.get(timeout=max(0.1, limit - time.monotonic()))
            except queue.Empty:
                self.kill()
                raise EngineError(f"no answer in {timeout:.0f} s") from None
            if line is None:
                code = self._process.wait(10)
                words = "".join(word for word in self._last_words if word)
                self.kill()
                raise EngineError(f"the engine ended with {code}: {words[-2000:]}")
            if line.startswith("{"):
                return _read_answer(json.loads(line))

    def _run_alone(self, file: Path | None, arguments: Sequence[str], script: str | None, timeout: float) -> Answer:
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="policyc-") as folder:
            if file is None:
                file = Path(folder, "script.ps1")
                head = "[Console]::OutputEncoding = [Text.UTF8Encoding]::new($false)\n"
                # Without a byte order mark Windows PowerShell would read it in the machine's code page.
                file.write_text(head + (script or ""), encoding="utf-8-sig")
            options = ["-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", str(file), *arguments]
            try:
                done = self.tool(*options, timeout=timeout)
            except subprocess.TimeoutExpired:
                raise EngineError(f"no answer in {timeout:.0f} s") from None
        failure = done.stderr.strip() or None
        elapsed = (time.monotonic() - started) * 1000
        return Answer(done.returncode, done.stdout, done.stderr, {}, failure, elapsed)


class WineSession(Session):
    """A session on a Windows endpoint that sees this machine's files as drive Z:."""

    def path(self, path: Path) -> str:
        """The path on drive Z:."""
        return str(PureWindowsPath("Z:" + str(path.absolute())))


def _forward(stream: Iterable[str], put: Callable[[str | None], None]) -> None:
    with contextlib.suppress(ValueError, OSError):
        for line in stream:
            put(line)
    put(None)


def _read_answer(answer: Mapping[str, Any]) -> Answer:
    streams = {name: tuple(lines) for name, lines in (answer.get("streams") or {}).items()}
    return Answer(
        exit_code=int(answer["exitCode"]),
        stdout=str(answer["stdout"]),
        stderr=str(answer["stderr"]),
        streams=streams,
        failure=answer.get("failure"),
        milliseconds=float(answer["elapsedMs"]),
    )
