"""dev.py: what it says and passes on, and when it installs."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOP = Path(__file__).resolve().parents[1]


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program, with an environment of its own that nobody has made yet."""
    spec = importlib.util.spec_from_file_location("dev", TOP / "dev.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "python")
    return module


def test_usage(dev: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main([]) == 2
    assert dev.main(["--help"]) == 0
    usage = capsys.readouterr().out
    assert all(f"\n  {name} " in usage for name in dev.COMMANDS)
    assert dev.main(["complie"]) == 2
    assert "no command 'complie'" in capsys.readouterr().err


def test_an_older_python_is_told_so(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 12))
    assert dev.main(["compile"]) == 2
    assert "needs Python 3.11 or later" in capsys.readouterr().err


def test_it_parses_on_older_pythons() -> None:
    """Else they show a syntax error and not the message."""
    ast.parse((TOP / "dev.py").read_text(encoding="utf-8"), feature_version=(3, 7))


def test_it_installs_once_and_again_after_a_kill_or_a_change(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    fails = ["-e"]

    def attempt(failure: str, *command: str | Path) -> None:
        calls.append(str(command[-1]) if dev.COMPLETE not in command else f"is {command[-1]} complete")
        if fails and fails[-1] in command:
            fails.pop()
            raise dev.SetupError(failure)

    monkeypatch.setattr(dev, "attempt", attempt)
    with pytest.raises(dev.SetupError):
        dev.install("requirements.lock")
    assert calls == [str(dev.VENV), str(TOP / "requirements.lock"), str(TOP)]
    dev.install("requirements.lock")
    assert calls[3:] == [*calls[:3], "is requirements.lock complete"]
    dev.install("requirements.lock")
    assert len(calls) == 7, "nothing has changed"
    dev.install("requirements-dev.lock")
    assert calls[7:] == [calls[0], str(TOP / "requirements-dev.lock"), str(TOP), "is requirements-dev.lock complete"]
    dev.install("requirements.lock")
    assert len(calls) == 11, "the other lock holds all of it"
    monkeypatch.setattr(dev, "fingerprint", lambda lock: f"another {lock}")
    dev.install("requirements.lock")
    assert len(calls) == 15


def test_somebody_elses_environment_is_left_alone(dev: ModuleType) -> None:
    (dev.VENV / "bin").mkdir(parents=True)
    with pytest.raises(dev.SetupError, match="move it away"):
        dev.make_venv()
    assert (dev.VENV / "bin").is_dir()


def test_a_python_without_ensurepip_is_told_what_to_install(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(dev.SetupError, match="apt-get install python3-venv"):
        dev.make_venv()


@pytest.mark.parametrize("code", [0, 1, 7])
def test_exit_codes_are_passed_on(dev: ModuleType, code: int) -> None:
    assert dev.run(sys.executable, "-c", f"raise SystemExit({code})") == code


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_a_killed_program_counts_as_a_shell_counts_it(dev: ModuleType) -> None:
    assert dev.run(sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)") == 137


def test_what_a_failed_program_said_is_shown(dev: ModuleType) -> None:
    with pytest.raises(dev.SetupError, match=r"it failed:\nthe reason"):
        dev.attempt("it failed", sys.executable, "-c", "import sys; sys.exit('the reason')")


def test_locks_hold_hashes_and_no_registry() -> None:
    runtime, everything = ((TOP / name).read_text(encoding="utf-8") for name in ("requirements.lock", "requirements-dev.lock"))
    for text in (runtime, everything):
        pins = [line for line in text.splitlines() if "==" in line]
        assert pins
        assert all(line.endswith("\\") for line in pins), "each pin goes on with its hashes"
        assert "://" not in text
    assert {line for line in runtime.splitlines() if "==" in line} <= set(everything.splitlines())


def test_the_command_runs_as_a_program() -> None:
    answer = subprocess.run([sys.executable, TOP / "dev.py"], capture_output=True, text=True, timeout=60, check=False)
    assert (answer.returncode, answer.stderr) == (2, "")
