"""A Windows endpoint to be spoilt: its registry, its files, and batches of steps against both."""

from __future__ import annotations

import base64
import os
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

from endpoint.engine import ON_WINDOWS, Answer, EngineError, Session, command_of
from endpoint.registry import State, Value

HARNESS = Path(__file__).with_name("harness.ps1")
JOURNAL = r"HKLM\SOFTWARE\policyc"
ROOT = r"HKLM\SOFTWARE\policyc-test"
ROOT_32 = r"HKLM32\SOFTWARE\policyc-test"


@dataclass(slots=True)
class Run:
    """What a script in a batch gave; filled when the batch has run."""

    out: list[str] = field(default_factory=list)
    """The success stream, an object each."""
    host: list[str] = field(default_factory=list)
    """Write-Host and Write-Information, and what went to the console past PowerShell's streams."""
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    verbose: list[str] = field(default_factory=list)
    exit_code: int | None = None
    """None where it ended with an error."""
    failure: str | None = None
    at: str = ""
    milliseconds: float = 0.0

    @property
    def said(self) -> list[str]:
        """Everything that a console would show."""
        return [*self.out, *self.host, *self.warnings, *self.errors]


@dataclass(slots=True)
class Dump:
    """Keys and values at and below a key; filled when the batch has run."""

    state: State = field(default_factory=dict)


@dataclass(slots=True)
class Text:
    """A file of the endpoint; filled when the batch has run."""

    text: str = ""

    @property
    def lines(self) -> list[str]:
        """Its lines."""
        return self.text.splitlines()


def told(file: Path, options: tuple[str, ...]) -> tuple[str, ...]:
    """What rollback.ps1 must be told: -All where a test says nothing, -OnlyRetired to the copy that is called retire.ps1."""
    says = ("-All", "-OnlyRetired", "-ShowEntry", "-DropEntry")
    text = file.read_text("ascii", errors="replace")
    is_rollback = "\n    [switch] $OnlyRetired," in text and "[string] $Mode = " not in text
    if not is_rollback or any(one.startswith(says) for one in options):
        return options
    return (*options, "-OnlyRetired" if file.stem == "retire" else "-All")


class Batch:
    """Steps against an endpoint, run in one go: some milliseconds each instead of a session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lines: list[str] = []
        self._answers: dict[int, Run | Dump | Text] = {}

    def key(self, path: str, *, volatile: bool = False) -> None:
        """Make a key; below a volatile one, Windows refuses to make an ordinary one."""
        self._add("key", path, *(["volatile"] if volatile else []))

    def install(self, state: State) -> None:
        """Make keys and values; what else is there stays."""
        for path, values in state.items():
            self.key(path)
            for name, content in values.items():
                self.value(path, name, content)

    def value(self, path: str, name: str, content: Value) -> None:
        """Make one value."""
        self._add("value", path, name, str(int(content.type)), base64.b64encode(content.data).decode())

    def unset(self, path: str, name: str) -> None:
        """Delete a value."""
        self._add("unset", path, name)

    def wipe(self, *paths: str) -> None:
        """Delete keys with all below them."""
        for path in paths:
            self._add("wipe", path)

    def dump(self, path: str) -> Dump:
        """Read everything at and below a key; no keys if it isn't there."""
        answer = Dump()
        self._answers[len(self._lines)] = answer
        self._add("dump", path)
        return answer

    def read(self, path: str) -> Text:
        """Read a file of the endpoint, by its name there."""
        answer = Text()
        self._answers[len(self._lines)] = answer
        self._add("read", path)
        return answer

    def load(self, file: Path) -> None:
        """Run a script in the batch's own scope: what it defines, the scripts behind it see."""
        self._add("load", self._session.path(file))

    def run(self, file: Path, *options: str) -> Run:
        """Run a script in a scope of its own; options are `-Name` or `-Name=text`."""
        answer = Run()
        self._answers[len(self._lines)] = answer
        self._add("run", self._session.path(file), *told(file, options))
        return answer

    def execute(self, timeout: float = 120.0) -> Answer:
        """Run the steps and fill their answers."""
        with tempfile.TemporaryDirectory(prefix="policyc-") as folder:
            plan = Path(folder, "plan.txt")
            plan.write_text("\n".join(self._lines), encoding="ascii", newline="\n")
            answer = self._session.run(HARNESS, "-Plan", self._session.path(plan), timeout=timeout)
        open_answers = dict(self._answers)
        past_the_streams: list[str] = []
        for line in answer.lines:
            number, _, text = line.partition(" ")
            if not number.startswith("@"):
                past_the_streams.append(line)
                continue
            waiting = open_answers.pop(int(number[1:]))
            if isinstance(waiting, Run):
                _fill_run(waiting, text)
                waiting.host[:0] = past_the_streams
                past_the_streams = []
            elif isinstance(waiting, Dump):
                waiting.state = _read_dump(text)
            else:
                waiting.text = base64.b64decode(text).decode()
        if open_answers or answer.failure:
            step = min(open_answers, default=len(self._lines))
            raise EngineError(f"the batch broke off at step {step}: {answer.failure}\n{answer.stderr}")
        self._lines, self._answers = [], {}
        return answer

    def _add(self, verb: str, *operands: str) -> None:
        encoded = [base64.b64encode(operand.encode("utf-8", "surrogatepass")).decode() for operand in operands]
        self._lines.append("\t".join([str(len(self._lines)), verb, *encoded]))


class Device:
    """The endpoint of one worker."""

    def __init__(self, session: Session, *, prefix: Path | None = None) -> None:
        self.session = session
        self._prefix = prefix

    @property
    def is_stand_in(self) -> bool:
        """A stand-in on this machine, with every option of the harness; False on Windows itself."""
        return self.session.serves

    def batch(self) -> Batch:
        """An empty batch."""
        return Batch(self.session)

    def run(self, file: Path, *arguments: str, timeout: float = 60.0) -> Answer:
        """Run a script as `powershell.exe -File` does."""
        return self.session.run(file, *told(file, arguments), timeout=timeout)

    def install(self, state: State) -> None:
        """Make keys and values now."""
        batch = self.batch()
        batch.install(state)
        batch.execute()

    def dump(self, *paths: str) -> dict[str, State]:
        """Read keys now, by path."""
        batch = self.batch()
        dumps = {path: batch.dump(path) for path in paths}
        batch.execute()
        return {path: dump.state for path, dump in dumps.items()}

    def clean(self, *more: str) -> None:
        """Take away what tests leave: the test keys, policyc's own keys and logs."""
        batch = self.batch()
        batch.wipe(ROOT, ROOT_32, JOURNAL, *more)
        batch.execute()
        for log in self.logs():
            log.unlink()

    def logs(self) -> list[Path]:
        """policyc's logs, on this machine; beside them lies the lock."""
        folder = self.file(r"C:\Windows\Logs\policyc")
        return sorted(folder.glob("*.lo*[g_]")) if folder.is_dir() else []

    def file(self, path: str) -> Path:
        """A file or folder of the endpoint's drive C: on this machine; spelled as asked where it isn't there."""
        if self._prefix is None:
            return Path(path)
        here = self._prefix / "drive_c"
        for step in path.split("\\")[1:]:
            found = [entry for entry in here.iterdir() if entry.name.lower() == step.lower()] if here.is_dir() else []
            here = found[0] if found else here / step
        return here

    def engine_folder(self, system: str) -> Path:
        """The stand-in's own folder, seen where Windows has PowerShell: below `System32` or `sysnative`."""
        link = self.file(rf"C:\Windows\{system}") / "WindowsPowerShell" / "v1.0"
        if not link.exists():
            program = self.session.run(script="[Diagnostics.Process]::GetCurrentProcess().MainModule.FileName").lines[0]
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(Path("/", PureWindowsPath(program).parent.relative_to("Z:/").as_posix()))
        return link

    def cmd(self, line: str, folder: Path, *, timeout: float = 60.0) -> tuple[int, str]:
        """Run a command line with cmd.exe in a folder: the exit code as Windows has it, and what was printed."""
        command = command_of("POLICYC_CMD") or (["cmd.exe"] if ON_WINDOWS else None)
        if command is None:
            raise LookupError("no cmd.exe: set POLICYC_CMD")
        script = folder / "policyc-test-line.cmd"
        head = ["@echo off", f'cd /d "{self.session.path(folder)}"']
        tail = ["@echo exit code %ERRORLEVEL%"]
        script.write_text("\r\n".join([*head, line, *tail, ""]), encoding="ascii", newline="")
        try:
            done = subprocess.run(
                [*command, "/d", "/c", self.session.path(script)],
                env=self.session.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                check=False,
            )
        finally:
            script.unlink()
        printed, _, code = done.stdout.decode("utf-8", "replace").replace("\r\n", "\n").rpartition("exit code ")
        # A process that ends while Wine still talks to it says so among what the program prints.
        lines = [line for line in printed.splitlines(keepends=True) if not line.startswith("wine client error:")]
        return int(code), "".join(lines)


def make_prefix(folder: Path) -> Path | None:
    """An endpoint of its own below the folder; None where POLICYC_NEW_PREFIX gives no command for it."""
    command = command_of("POLICYC_NEW_PREFIX")
    if command is None:
        return None
    prefix = folder / "prefix"
    subprocess.run([*command, str(prefix)], check=True, timeout=120, capture_output=True)
    return prefix


def end_prefix(prefix: Path) -> None:
    """End every process of that endpoint, and of no other."""
    environment = {**os.environ, "WINEPREFIX": str(prefix)}
    subprocess.run(["wineserver", "-k"], env=environment, check=False, timeout=60, capture_output=True)


def _fill_run(run: Run, text: str) -> None:
    streams = {"out": run.out, "host": run.host, "error": run.errors, "warning": run.warnings, "verbose": run.verbose}
    for part in text.split():
        stream, _, encoded = part.partition(":")
        said = base64.b64decode(encoded).decode()
        if stream in streams:
            streams[stream].append(said)
        elif stream == "exit":
            run.exit_code = int(said)
        elif stream == "failure":
            run.failure = said
        elif stream == "at":
            run.at = said
        elif stream == "ms":
            run.milliseconds = float(said)


def _read_dump(text: str) -> State:
    state: dict[str, dict[str, Value]] = {}
    here: dict[str, Value] = {}
    for line in base64.b64decode(text).decode().splitlines():
        what, *fields = line.split(" ")
        if what == "K":
            here = state.setdefault(_decode(fields[0]), {})
        else:
            here[_decode(fields[0])] = Value(int(fields[1]), base64.b64decode(fields[2]))
    return state


def _decode(text: str) -> str:
    return base64.b64decode(text).decode("utf-8", "surrogatepass")
