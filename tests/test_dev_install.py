"""dev.py on an index that has newer versions of everything: what is locked comes, and nothing else.

The index is a folder, served on this machine, of small wheels that are made here.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
OLDEST = "22.3"
"""The pip that Python 3.11.0 brings."""

TOO_NEW = b"raise ImportError('too new')"

BACKEND = r'''
from pathlib import Path
from zipfile import ZipFile

ABOUT = "undertaking-1.dist-info"

def build_editable(folder, config_settings=None, metadata_directory=None):
    """The wheel of a project that is found in its own folder."""
    files = {
        "undertaking.pth": str(Path.cwd()),
        f"{ABOUT}/METADATA": "Metadata-Version: 2.1\nName: undertaking\nVersion: 1\nRequires-Dist: alpha>=1\n",
        f"{ABOUT}/WHEEL": "Wheel-Version: 1.0\nGenerator: backend\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with ZipFile(Path(folder, "undertaking-1-py3-none-any.whl"), "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
        wheel.writestr(f"{ABOUT}/RECORD", "".join(f"{name},,\n" for name in files))
    return "undertaking-1-py3-none-any.whl"
'''

PROJECT = """\
[build-system]
requires = ["backend>=1"]
build-backend = "backend"

[project]
name = "undertaking"
version = "1"
dependencies = ["alpha>=1", "never>=1; python_version < '3'"]

[dependency-groups]
build = ["backend>=1", "packaging"]
dev = ["beta>=1"]
"""

NEEDS = {
    "alpha": ["gamma>=1", "delta>=1; extra == 'more'"],
    # Like pytest-cov, which wants coverage[toml].
    "beta": ["alpha[more]>=1"],
    "gamma": [],
    "delta": ["epsilon; python_version < '3'"],
    "backend": [],
}


def wheel(folder: Path, name: str, version: str, files: Mapping[str, bytes], needs: list[str]) -> Path:
    """A wheel of these modules."""
    about = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nProvides-Extra: more\n"
    metadata += "".join(f"Requires-Dist: {one}\n" for one in needs)
    files = {
        **files,
        f"{about}/METADATA": metadata.encode(),
        f"{about}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        record += f"{path},sha256={digest},{len(content)}\n"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for path, content in {**files, f"{about}/RECORD": f"{record}{about}/RECORD,,\n".encode()}.items():
            archive.writestr(path, content)
    return file


def pin(file: Path) -> str:
    """A line of a lock."""
    name, version, *_ = file.name.split("-")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"


@dataclass(frozen=True)
class Index:
    """A served index: a locked line for each of its packages, and the surroundings in which pip knows no other."""

    pins: dict[str, str]
    surroundings: dict[str, str]

    def lock(self, *names: str) -> str:
        """The text of a lock of these."""
        return "".join(self.pins[name] for name in names)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """Each package as it is locked, and twice newer: those need what there is nowhere, and can't be imported."""
    simple = tmp_path_factory.mktemp("index")
    pins = {}
    for name, needs in NEEDS.items():
        files = {f"{name}.py": BACKEND.encode() if name == "backend" else b""}
        pins[name] = pin(wheel(simple / name, name, "1.0", files, needs))
        for newer in ("1.0.1", "2.0"):
            wheel(simple / name, name, newer, {f"{name}.py": TOO_NEW}, ["nowhere>=1"])
    packaging = distribution("packaging")
    texts = {str(file): file.read_binary() for file in packaging.files or () if file.suffix in (".py", ".typed")}
    pins["packaging"] = pin(wheel(simple / "packaging", "packaging", packaging.version, texts, []))
    wheel(simple / "packaging", "packaging", "9999", {"packaging/__init__.py": TOO_NEW}, ["nowhere>=1"])
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(simple))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHONPATH"))}
        told = {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": f"http://127.0.0.1:{server.server_port}/",
            "PIP_NO_CACHE_DIR": "1",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }
        yield Index(pins, kept | told)
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    """Lists folders as an index does, and says nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def wheel_of_pip(folder: Path, wanted: str) -> Path:
    """Skips where it can't be had."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), wanted]
    answer = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=120, check=False)
    if answer.returncode:
        pytest.skip(f"{wanted} can't be had from the index that pip is configured for")
    return next(folder.glob("*.whl"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project with the real dev.py."""
    top = tmp_path / "project"
    top.mkdir()
    shutil.copy(TOP / "dev.py", top)
    (top / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    return top


def python(top: Path) -> Path:
    """The environment's Python."""
    return top / ".venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def install(top: Path, index: Index, lock: str) -> str:
    """What dev.py says when it installs; empty where all is well."""
    program = f"import dev\ntry: dev.install({lock!r})\nexcept dev.SetupError as problem: print(problem)"
    answer = subprocess.run(
        [sys.executable, "-B", "-c", program],
        cwd=top,
        env=index.surroundings,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def installed(top: Path) -> set[str]:
    """Name and version of everything in the environment but what makes it."""
    program = (
        "from importlib.metadata import distributions\nfor one in distributions(): print(one.metadata['Name'], one.version)"
    )
    answer = subprocess.run([python(top), "-I", "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return {line for line in answer.stdout.splitlines() if line.split()[0] not in ("pip", "setuptools", "packaging")}


@pytest.mark.parametrize("wanted", [f"pip=={OLDEST}", "pip"])
def test_what_is_locked_comes_and_nothing_else(wanted: str, project: Path, index: Index, tmp_path: Path) -> None:
    """With the oldest pip and the newest."""
    pip = wheel_of_pip(tmp_path / "pip", wanted)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", project / ".venv"], check=True, timeout=300)
    (project / ".venv" / "made-by-dev.py").touch()
    program = "import sysconfig, sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sysconfig.get_path('purelib'))"
    subprocess.run([python(project), "-I", "-c", program, pip], check=True, timeout=60)
    names = ("alpha", "backend", "beta", "delta", "gamma", "packaging")
    (project / "requirements-dev.lock").write_text(index.lock(*names), encoding="ascii")
    (project / "requirements.lock").write_text(index.lock("alpha", "backend", "gamma", "packaging"), encoding="ascii")
    assert install(project, index, "requirements-dev.lock") == ""
    assert installed(project) == {"alpha 1.0", "backend 1.0", "beta 1.0", "delta 1.0", "gamma 1.0", "undertaking 1"}


def test_what_a_lock_lacks_is_told(project: Path, index: Index) -> None:
    """With the pip that this Python brings, from an environment that isn't there yet on."""
    runtime, everything = project / "requirements.lock", project / "requirements-dev.lock"
    runtime.write_text(index.lock("alpha", "backend", "gamma", "packaging"), encoding="ascii")
    # What only an extra asks for is missed: `pip check` would find nothing.
    everything.write_text(index.lock("alpha", "backend", "beta", "gamma", "packaging"), encoding="ascii")
    assert install(project, index, everything.name) == (
        "the environment is not complete:\n"
        'alpha needs delta>=1; extra == "more", and none is there\n'
        "renew requirements-dev.lock: CONTRIBUTING.md says how\n"
    )
    everything.write_text(index.lock("alpha", "backend", "beta", "delta", "gamma", "packaging"), encoding="ascii")
    assert install(project, index, everything.name) == ""
    assert installed(project) == {"alpha 1.0", "backend 1.0", "beta 1.0", "delta 1.0", "gamma 1.0", "undertaking 1"}
    # A wheel of other bytes than were locked.
    subprocess.run([python(project), "-m", "pip", "uninstall", "-q", "-y", "gamma"], check=True, timeout=60)
    runtime.write_text(index.lock("alpha", "backend", "packaging") + index.pins["gamma"][:-9] + "00000000\n", encoding="ascii")
    said = install(project, index, runtime.name)
    assert "pip could not install what requirements.lock names" in said
    assert "DO NOT MATCH THE HASHES" in said
    assert "gamma 1.0" not in installed(project)


@pytest.mark.parametrize(
    ("requirement", "found"),
    [
        ("packaging", []),
        ("packaging>=99999", ["the project needs packaging>=99999, and {version} is there"]),
        ("nobody-has-this", ["the project needs nobody-has-this, and none is there"]),
        ("nobody-has-this; sys_platform == 'amiga'", []),
        ("nobody-has-this; extra == 'more'", []),
    ],
)
def test_what_is_missing(requirement: str, found: list[str]) -> None:
    spec = importlib.util.spec_from_file_location("dev", TOP / "dev.py")
    assert spec
    assert spec.loader
    dev = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(dev)
    assert dev.missing([requirement]) == [line.format(version=distribution("packaging").version) for line in found]
