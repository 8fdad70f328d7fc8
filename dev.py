#!/usr/bin/env python3
"""The project's commands, in an environment of its own: `python3 dev.py compile`, `python3 dev.py test`.

The first run makes `.venv` and installs the locked dependencies and the project into it; later runs only
look whether anything that this depends on has changed. Takes nothing but Python's standard library.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent
VENV = TOP / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
OLDEST = (3, 11)
RUNTIME, EVERYTHING = "requirements.lock", "requirements-dev.lock"
COMPLETE = "--complete"
"""What dev.py asks of itself, in the environment that it has made: is all there that the project needs?"""

USAGE = """\
usage: python3 dev.py COMMAND [ARGUMENTS]

  compile    compile policies/ to output/          arguments go to `policyc compile`
  test       run the tests                         arguments go to pytest; without any: all, with coverage
  lint       ruff: rules and format
  types      mypy
  docs       write the generated pages of docs/    --check only looks whether they are up to date
  bench      measure speed and memory              --write puts the table into docs/performance.md
  differential  hold the scripts to the evaluation --settings N (10,000), --seed N; needs an endpoint
  mutations  hold the self-test to wrong functions --count N (40; all: 0), --seed N; needs an endpoint
  policyc    run policyc in the current folder     arguments go to policyc
"""


class SetupError(Exception):
    """The environment can't be made; the message says what to do."""


def main(arguments: list[str]) -> int:
    """Run one command; its exit code."""
    if sys.version_info < OLDEST:
        print(f"policyc needs Python 3.11 or later, this is {sys.version.split()[0]}: run dev.py with another", file=sys.stderr)
        return 2
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(USAGE, end="")
        return 0 if arguments else 2
    name, rest = arguments[0], arguments[1:]
    if name == COMPLETE:
        return tell_missing(*rest)
    if name not in COMMANDS:
        print(f"dev.py has no command '{name}'\n\n{USAGE}", file=sys.stderr, end="")
        return 2
    try:
        install(RUNTIME if name in ("compile", "policyc") else EVERYTHING)
        return COMMANDS[name](rest)
    except SetupError as problem:
        print(f"dev.py: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def run(*command: str | Path, here: bool = False) -> int:
    """Run a program in the project's folder (or `here`, in the current one); its exit code as a shell tells it."""
    code = subprocess.call([str(part) for part in command], cwd=None if here else TOP)
    return 128 - code if code < 0 else code


def module(*command: str) -> int:
    """Run a module of the environment."""
    return run(PYTHON, "-m", *command)


def policyc() -> Path:
    """The command that pip made from the project's entry point."""
    return BIN / ("policyc.exe" if os.name == "nt" else "policyc")


def compile_policies(arguments: list[str]) -> int:
    """`policyc compile` in the project's folder."""
    return run(policyc(), "compile", *arguments)


SPREAD = ["-n", "auto", "--dist", "worksteal"]
"""Tests of an endpoint take a hundred times as long as others: who has none left takes some of another's."""


def test(arguments: list[str]) -> int:
    """Run pytest, on all processors; the whole suite is held to the coverage floor in pyproject.toml."""
    spread = [] if any(part.startswith(("-n", "--numprocesses", "--pdb", "--co")) for part in arguments) else SPREAD
    coverage = [] if arguments else ["--cov", "--cov-report=term:skip-covered"]
    return module("pytest", *spread, *coverage, *arguments)


def lint(arguments: list[str]) -> int:
    """Ruff's rules, then its format."""
    return module("ruff", "check", "--quiet", *arguments) or module("ruff", "format", "--check", "--quiet", *arguments)


def types(arguments: list[str]) -> int:
    """Run mypy over the package, then over the programs around it."""
    return module("mypy", *arguments) or module(
        "mypy", *arguments, "dev.py", "docs/generate.py", "docs/ci/comment.py", "tests/benchmarks/run.py"
    )


def docs(arguments: list[str]) -> int:
    """Generate pages from the schemas and the catalogue."""
    return run(PYTHON, "docs/generate.py", *arguments)


def bench(arguments: list[str]) -> int:
    """Measure."""
    return run(PYTHON, "tests/benchmarks/run.py", *arguments)


def differential(arguments: list[str]) -> int:
    """Random settings on random devices: scripts and evaluation must agree."""
    return run(PYTHON, "tests/endpoint/differential.py", *arguments)


def mutations(arguments: list[str]) -> int:
    """Functions of the script library made wrong: the self-test must notice."""
    return run(PYTHON, "tests/endpoint/mutations.py", *arguments)


def passthrough(arguments: list[str]) -> int:
    """`policyc` where the caller stands."""
    return run(policyc(), *arguments, here=True)


COMMANDS = {
    "compile": compile_policies,
    "test": test,
    "lint": lint,
    "types": types,
    "docs": docs,
    "bench": bench,
    "differential": differential,
    "mutations": mutations,
    "policyc": passthrough,
}


def install(lock: str) -> None:
    """Make the environment and install what `lock` names, unless a stamp says that exactly this was done.

    The stamp is written last, so a run that was killed half-way is done again.
    """
    stamp = VENV / f"{lock}.stamp"
    wanted = fingerprint(lock)
    if read(stamp) == wanted:
        return
    print(f"dev.py: installing {lock} into .venv, once", file=sys.stderr)
    make_venv()
    for old in VENV.glob("*.stamp"):
        old.unlink()
    # What is locked and only that: nothing is resolved, nor built with what the index has by now, so that a new version
    # of anything, on any day, changes nothing here.
    pip = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps")
    failure = f"pip could not install what {lock} names, which takes a wheel of each for this Python and system"
    attempt(failure, *pip, "--require-hashes", "--only-binary", ":all:", "-r", TOP / lock)
    attempt("pip could not install the project", *pip, "--no-build-isolation", "-e", TOP)
    attempt("the environment is not complete", PYTHON, "-I", TOP / "dev.py", COMPLETE, lock)
    if lock == EVERYTHING:
        # It holds all of the other.
        (VENV / f"{RUNTIME}.stamp").write_text(fingerprint(RUNTIME), encoding="ascii")
    stamp.write_text(wanted, encoding="ascii")


def tell_missing(lock: str) -> int:
    """Say what the environment that this runs in lacks of what `lock` is for; 0 where that is nothing."""
    import tomllib

    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    groups = ("build", "dev") if lock == EVERYTHING else ("build",)
    needed = [*project["project"]["dependencies"], *(one for group in groups for one in project["dependency-groups"][group])]
    found = missing(needed)
    if found:
        print(*found, f"renew {lock}: CONTRIBUTING.md says how", sep="\n")
    return 1 if found else 0


def missing(requirements: list[str]) -> list[str]:
    """What these requirements, and those of what they name, don't find here; markers and extras as pip reads them.

    `pip check` isn't enough: it takes no extra into account.
    """
    from importlib.metadata import PackageNotFoundError, distribution

    from packaging.requirements import Requirement

    found: set[str] = set()
    waiting = [("the project", "", text) for text in requirements]
    looked: set[tuple[str, str]] = set()
    while waiting:
        who, extra, text = waiting.pop()
        wanted = Requirement(text)
        if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
            continue
        try:
            there = distribution(wanted.name)
        except PackageNotFoundError:
            found.add(f"{who} needs {wanted}, and none is there")
            continue
        if not wanted.specifier.contains(there.version, prereleases=True):
            found.add(f"{who} needs {wanted}, and {there.version} is there")
        for part in {"", *wanted.extras} - {part for name, part in looked if name == wanted.name}:
            looked.add((wanted.name, part))
            waiting += [(wanted.name, part, one) for one in there.requires or ()]
    return sorted(found)


def fingerprint(lock: str) -> str:
    """Changes with everything that an installed environment depends on."""
    parts = [(TOP / lock).read_bytes(), (TOP / "pyproject.toml").read_bytes(), sys.version.encode(), os.fsencode(TOP)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def read(file: Path) -> str:
    """The file's text, empty where there is none."""
    try:
        return file.read_text(encoding="ascii")
    except OSError:
        return ""


def make_venv() -> None:
    """Make `.venv`, unless one of this very Python is there and has pip."""
    if PYTHON.exists():
        probe = [str(PYTHON), "-c", "import sys, pip; print(sys.version)"]
        answer = subprocess.run(probe, capture_output=True, text=True, check=False)
        if answer.returncode == 0 and answer.stdout.strip() == sys.version.strip():
            return
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise SetupError(
            "this Python has no venv or ensurepip, so no environment can be made; on Debian and Ubuntu run "
            "`sudo apt-get install python3-venv`, elsewhere use a Python from python.org"
        ) from None
    ours = VENV / "made-by-dev.py"
    if VENV.exists():
        if not ours.exists():
            raise SetupError(f"{VENV} is there, is not dev.py's and does not run on this Python: move it away")
        shutil.rmtree(VENV)
    VENV.mkdir()
    ours.touch()
    attempt("no virtual environment could be made", sys.executable, "-m", "venv", VENV)


def attempt(failure: str, *command: str | Path) -> None:
    """Run a program quietly; what it said is shown only where it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=TOP,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise SetupError(f"{failure}:\n{done.stdout}{done.stderr}".rstrip())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
