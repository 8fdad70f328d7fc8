"""Launchers and command files on an endpoint: what they run, what they refuse, what they end with."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from endpoint.device import Device
from endpoint.engine import ON_WINDOWS
from endpoint.registry import State, binary, dword, sz
from policyc.model import ScriptPackage
from policyc.targets.configmgr import exit_codes
from policyc.targets.configmgr.package import LAUNCHER_COMMAND, script_package, settings_programs
from policyc.targets.configmgr.packages import package_files
from unit.targets.samples import COLLECTION, OFFBOARDING, ONBOARDING, PROJECT

pytestmark = pytest.mark.endpoint

ONLY_WINDOWS = ["%PATH% %1.cmd"] if ON_WINDOWS else []
"""Wine's cmd.exe expands the value of a variable once more, so names with percent signs are for Windows itself."""

SETUP_STATE = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State"
SETUP = r"HKLM\SYSTEM\Setup"
COMPLETE: State = {SETUP_STATE: {"ImageState": sz("IMAGE_STATE_COMPLETE")}, SETUP: {"OOBEInProgress": dword(0)}}
RAN = '@echo ran>"%~dp0ran.txt"\r\n'
PLAIN = replace(ONBOARDING, script="vendor.cmd", time_limit_seconds=60)
LOG = "policyc-pilot-workstations.log"


def stage(folder: Path, package: ScriptPackage, script: str | None = RAN) -> Path:
    """The content source, with the vendor's script beside the launcher."""
    collection = replace(COLLECTION, packages=(package,))
    for path, content in package_files(PROJECT, collection, script_package(PROJECT, collection, package)):
        _, found, name = path.partition("/source/")
        if found:
            (folder / name).write_bytes(content)
    if script is not None:
        (folder / package.script).write_bytes(script.encode("ascii"))
    return folder / "launch.ps1"


def log_of(device: Device) -> str:
    file = device.file(rf"C:\Windows\Logs\policyc\{LOG}")
    return file.read_text(encoding="ascii") if file.is_file() else ""


@pytest.fixture
def ready(device: Device) -> Device:
    """An endpoint whose out-of-box experience is over."""
    if device.is_stand_in:
        device.install(COMPLETE)
    return device


@pytest.fixture
def launch(ready: Device, tmp_path: Path) -> Callable[..., int]:
    """Stage and start a launcher; its exit code. It prints nothing but why it failed."""

    def run(package: ScriptPackage = PLAIN, script: str | None = RAN) -> int:
        answer = ready.run(stage(tmp_path, package, script))
        assert answer.stdout == ""
        assert bool(answer.stderr.strip()) == (answer.exit_code != 0), answer.stderr
        return answer.exit_code

    return run


def test_the_script_runs_and_the_log_says_so(ready: Device, launch: Callable[..., int], tmp_path: Path) -> None:
    assert launch() == 0
    assert (tmp_path / "ran.txt").exists()
    log = log_of(ready)
    assert "onboarding (Windows Defender ATP): running 'vendor.cmd', SHA-256 " in log
    assert hashlib.sha256(RAN.encode()).hexdigest() in log
    assert "the script 'vendor.cmd' has ended well. Exit code 0." in log


@pytest.mark.parametrize(("code", "ends_with"), [(5, 105), (65, 165), (77, 199), (3010, 199), (1618, 199), (-1, 199)])
def test_no_code_of_the_vendor_reaches_configmgr(ready: Device, launch: Callable[..., int], code: int, ends_with: int) -> None:
    assert launch(script=f"@exit /b {code}\r\n") == ends_with
    assert f"the script 'vendor.cmd' ended with {code}" in log_of(ready)


def test_the_meaning_of_a_code_is_in_the_log(ready: Device, launch: Callable[..., int]) -> None:
    launch(script="@exit /b 65\r\n")
    assert "ended with 65: insufficient privileges. Exit code 165." in log_of(ready)


def test_a_script_that_is_not_there(launch: Callable[..., int]) -> None:
    assert launch(script=None) == exit_codes.SCRIPT_MISSING.code


@pytest.mark.parametrize(
    "name",
    [
        "it's $(x) `n.cmd",
        "a & b ^ (c).cmd",
        "!x! [1].cmd",
        "a;b,c=d @{}.cmd",
        "Skript f\u00fcr \u201e\u00dcbung\u201c.cmd",
        *ONLY_WINDOWS,
    ],
)
def test_any_name_of_a_file(launch: Callable[..., int], tmp_path: Path, name: str) -> None:
    assert launch(replace(PLAIN, script=name)) == 0
    assert (tmp_path / "ran.txt").exists()


@pytest.mark.parametrize(
    "name", ["with space", "a & b", "x (86)", "it's", "!x! ^", "[1] $(x) `n", "Gr\u00fc\u00dfe", *ONLY_WINDOWS]
)
def test_any_folder(ready: Device, tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    assert ready.run(stage(folder, PLAIN)).exit_code == 0
    assert (folder / "ran.txt").exists()


class TestHash:
    def test_the_right_script(self, launch: Callable[..., int], tmp_path: Path) -> None:
        assert launch(replace(PLAIN, sha256=hashlib.sha256(RAN.encode()).hexdigest())) == 0
        assert (tmp_path / "ran.txt").exists()

    def test_another_script(self, ready: Device, launch: Callable[..., int], tmp_path: Path) -> None:
        assert launch(replace(PLAIN, sha256="0" * 64)) == exit_codes.SCRIPT_CHANGED.code
        assert not (tmp_path / "ran.txt").exists()
        assert f"has the SHA-256 {hashlib.sha256(RAN.encode()).hexdigest()}, the policy asks for {'0' * 64}" in log_of(ready)

    def test_nobody_changes_the_script_while_it_runs(self, launch: Callable[..., int], tmp_path: Path) -> None:
        script = '@del "%~f0" 2>nul\r\n@echo changed>>"%~f0"\r\n@move "%~f0" "%~dp0gone.cmd" 2>nul\r\n' + RAN + "@exit /b 0\r\n"
        assert launch(script=script) == 0
        assert (tmp_path / "vendor.cmd").read_bytes() == script.encode()

    def test_a_script_that_somebody_holds(self, ready: Device, tmp_path: Path) -> None:
        launcher = stage(tmp_path, PLAIN)
        held, started = (ready.session.path(file).replace("'", "''") for file in (tmp_path / "vendor.cmd", launcher))
        answer = ready.session.run(
            script=f"$held = [IO.File]::Open('{held}', 'Open', 'Read', 'None')\n& '{started}'\n"
            "$held.Dispose()\nexit $LASTEXITCODE"
        )
        assert answer.exit_code == exit_codes.UNREADABLE.code
        assert not (tmp_path / "ran.txt").exists()


class TestSetup:
    @pytest.mark.parametrize(
        "state",
        [
            {SETUP_STATE: {}},
            {SETUP_STATE: {"ImageState": sz("IMAGE_STATE_SPECIALIZE_RESEAL_TO_OOBE")}},
            {SETUP_STATE: {"ImageState": dword(1)}},
            {**COMPLETE, SETUP: {"OOBEInProgress": dword(1)}},
            {**COMPLETE, SETUP: {"SystemSetupInProgress": dword(1)}},
            {**COMPLETE, SETUP: {"OOBEInProgress": sz("0")}},
            {**COMPLETE, SETUP: {"OOBEInProgress": binary(b"\0")}},
        ],
    )
    def test_not_over_or_in_doubt(self, stand_in: Device, tmp_path: Path, state: State) -> None:
        _set_up(stand_in, state)
        answer = stand_in.run(stage(tmp_path, PLAIN))
        assert answer.exit_code == exit_codes.TRY_AGAIN.code == 1618
        assert not (tmp_path / "ran.txt").exists()
        assert "out-of-box experience is not over" in log_of(stand_in)

    @pytest.mark.parametrize(
        "state",
        [
            {SETUP_STATE: {"ImageState": sz("IMAGE_STATE_COMPLETE")}},
            {**COMPLETE, SETUP: {"OOBEInProgress": dword(0), "SystemSetupInProgress": dword(0)}},
        ],
    )
    def test_over(self, stand_in: Device, tmp_path: Path, state: State) -> None:
        _set_up(stand_in, state)
        assert stand_in.run(stage(tmp_path, PLAIN)).exit_code == 0

    def test_offboarding_waits_for_nothing(self, stand_in: Device, tmp_path: Path) -> None:
        _set_up(stand_in, {SETUP: {"OOBEInProgress": dword(1)}})
        package = replace(OFFBOARDING, script="vendor.cmd", valid_until=dt.date.max)
        assert stand_in.run(stage(tmp_path, package)).exit_code == 0


def _set_up(device: Device, state: State) -> None:
    batch = device.batch()
    batch.wipe(SETUP_STATE)
    batch.install({SETUP: {"OOBEInProgress": dword(0), "SystemSetupInProgress": dword(0)}})
    batch.install(state)
    batch.execute()


class TestLastDay:
    def test_past(self, launch: Callable[..., int], tmp_path: Path) -> None:
        yesterday = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
        assert launch(replace(OFFBOARDING, script="vendor.cmd", valid_until=yesterday)) == exit_codes.EXPIRED.code
        assert not (tmp_path / "ran.txt").exists()

    def test_the_day_itself(self, launch: Callable[..., int], tmp_path: Path) -> None:
        for _attempt in range(2):  # the day may end meanwhile
            today = dt.datetime.now(dt.UTC).date()
            code = launch(replace(OFFBOARDING, script="vendor.cmd", valid_until=today))
            if dt.datetime.now(dt.UTC).date() == today:
                break
        assert code == 0
        assert (tmp_path / "ran.txt").exists()


class TestTime:
    def test_a_script_that_does_not_end_is_ended(self, ready: Device, launch: Callable[..., int], tmp_path: Path) -> None:
        loop = '@echo off\r\n:again\r\necho still here>>"%~dp0alive.txt"\r\ngoto again\r\n'
        script = loop
        if ON_WINDOWS:  # Wine's taskkill.exe ends the one process and not what it started
            (tmp_path / "child.cmd").write_bytes(loop.encode())
            script = '@cmd /c "%~dp0child.cmd"\r\n'
        started = time.monotonic()
        assert launch(replace(PLAIN, time_limit_seconds=3), script) == exit_codes.TIMED_OUT.code
        assert time.monotonic() - started < 60
        assert "had not ended after 3 seconds and was ended" in log_of(ready)
        alive = tmp_path / "alive.txt"
        size = alive.stat().st_size
        time.sleep(1)
        assert alive.stat().st_size == size

    @pytest.mark.parametrize("question", ["set /p answer=Go on?", "pause", "choice /m really >nul"])
    def test_a_question_is_not_waited_for(self, launch: Callable[..., int], question: str) -> None:
        started = time.monotonic()
        launch(script=f"@echo off\r\n{question}\r\nexit /b 0\r\n")
        assert time.monotonic() - started < 30

    def test_much_output_blocks_nothing(self, launch: Callable[..., int], tmp_path: Path) -> None:
        lines = "".join(f"echo {'x' * 200} {number}\r\necho {'y' * 200} 1>&2\r\n" for number in range(500))
        assert launch(script="@echo off\r\n" + lines + RAN) == 0
        assert (tmp_path / "ran.txt").exists()


def test_a_constrained_language_mode_is_named(ready: Device, tmp_path: Path) -> None:
    launcher = ready.session.path(stage(tmp_path, PLAIN)).replace("'", "''")
    answer = ready.session.run(
        script=f"$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'\n& '{launcher}'\nexit $LASTEXITCODE"
    )
    assert answer.exit_code == exit_codes.CONSTRAINED.code
    assert "ConstrainedLanguage" in answer.stderr
    assert not (tmp_path / "ran.txt").exists()


class TestCommandFile:
    """As the client starts it: the program's command line in the package's folder."""

    @pytest.fixture
    def client(self, ready: Device) -> Device:
        """An endpoint with the engine where Windows has it."""
        if ready.is_stand_in:
            ready.engine_folder("System32")
        return ready

    @pytest.mark.parametrize("name", ["content", "with space", "a & b (x86)", "it's ^ [1]", *ONLY_WINDOWS])
    def test_it_starts_the_launcher(self, client: Device, tmp_path: Path, name: str) -> None:
        folder = tmp_path / name
        folder.mkdir()
        stage(folder, PLAIN)
        there = client.session.path(folder).replace("%", "%%")
        assert client.cmd(f'cd /d "{there}"\r\n{LAUNCHER_COMMAND}', tmp_path) == (0, "")
        assert (folder / "ran.txt").exists()

    @pytest.mark.parametrize(("script", "code"), [("@exit /b 65\r\n", 165), (None, exit_codes.SCRIPT_MISSING.code)])
    def test_it_passes_the_exit_code_on(self, client: Device, tmp_path: Path, script: str | None, code: int) -> None:
        stage(tmp_path, PLAIN, script)
        assert client.cmd(LAUNCHER_COMMAND, tmp_path)[0] == code

    def test_try_again_comes_through_whole(self, client: Device, stand_in: Device, tmp_path: Path) -> None:
        _set_up(stand_in, {SETUP_STATE: {}})
        stage(tmp_path, PLAIN)
        assert client.cmd(LAUNCHER_COMMAND, tmp_path)[0] == 1618

    def test_a_variable_called_errorlevel_hides_nothing(self, client: Device, tmp_path: Path) -> None:
        stage(tmp_path, PLAIN, "@exit /b 65\r\n")
        code, _ = client.cmd(f'cmd.exe /d /c "set ERRORLEVEL=0&{LAUNCHER_COMMAND}"', tmp_path)
        assert code == 165

    def test_it_takes_sysnative_first(self, client: Device, stand_in: Device, tmp_path: Path) -> None:
        stage(tmp_path, PLAIN)
        system32, sysnative = (stand_in.file(r"C:\Windows") / name for name in ("system32", "sysnative"))
        engine = stand_in.engine_folder("sysnative")
        moved = system32 / "WindowsPowerShell" / "v1.0"
        moved.rename(moved.with_name("away"))
        try:
            assert client.cmd(LAUNCHER_COMMAND, tmp_path)[0] == 0
            engine.unlink()
            assert client.cmd(LAUNCHER_COMMAND, tmp_path)[0] == exit_codes.NO_POWERSHELL.code
        finally:
            moved.with_name("away").rename(moved)
            engine.parent.rmdir()
            sysnative.rmdir()

    @pytest.mark.parametrize(
        ("word", "code", "prints"),
        [
            ("remediate", 11, "remediated"),
            ("rollback -OnlyRetired", 12, "rolled back: OnlyRetired"),
            ("rollback -All", 12, "rolled back: All"),
            ("rollback", 232, ""),
            ("rollback -Force", 232, ""),
            ("", 232, ""),
            ("nonsense", 232, ""),
        ],
    )
    def test_settings(self, client: Device, tmp_path: Path, word: str, code: int, prints: str) -> None:
        scripts = {
            "remediate.ps1": b"'remediated'\nexit 11\n",
            "rollback.ps1": b"param([switch] $All, [switch] $OnlyRetired)\n"
            b'"rolled back: $(if ($All) { "All" })$(if ($OnlyRetired) { "OnlyRetired" })"\nexit 12\n',
        }
        package = settings_programs(PROJECT, COLLECTION, scripts)
        for path, content in package_files(PROJECT, COLLECTION, package):
            if path.startswith(f"{package.source_folder}/"):
                (tmp_path / Path(path).name).write_bytes(content)
        for name, content in scripts.items():
            (tmp_path / name).write_bytes(content)
        ended, printed = client.cmd(f"{LAUNCHER_COMMAND} {word}".strip(), tmp_path)
        assert (ended, printed.strip()) == (code, prints)
