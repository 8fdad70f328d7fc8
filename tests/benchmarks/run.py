"""Measures speed and memory: `python3 dev.py bench [--write] [--large] [--collections N] [--settings N]`.

Every figure is the median of five runs of a whole process, after one that doesn't count. What the reach is held
against (PyYAML's C loader, `import yaml`) is measured in the same run, on the same files. All lies in a memory file system
where there is one, as the time that a disk takes is the disk's. The first compile is measured on a disk too, beside
writing the same files.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import estate

TOP = Path(__file__).resolve().parents[2]
PAGE = TOP / "docs" / "performance.md"
RUNS = 5
MEMORY = Path("/dev/shm")
"""Where Linux has a memory file system."""
SECONDS_PER_PROCESS = 300

POLICYC = "import sys; from policyc.cli.app import main; sys.exit(main())"
LOAD = """
import sys, yaml
from pathlib import Path
for file in sorted(Path(sys.argv[1]).glob("*.yaml")):
    yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
"""
WRITE = """
import os, sys
from pathlib import Path
source, target = map(Path, sys.argv[1:])
for folder, _, names in os.walk(source):
    there = target / Path(folder).relative_to(source)
    there.mkdir()
    for name in names:
        (there / name).write_bytes(bytes(os.stat(os.path.join(folder, name)).st_size))
"""
"""Writes as many files with as many bytes as there are, and does nothing else."""
STAGES = """
import json, sys, time
from datetime import date
from pathlib import Path
stages, last = {}, time.perf_counter()
def stage(name):
    global last
    now = time.perf_counter()
    stages[name], last = now - last, time.perf_counter()
policies, output = map(Path, sys.argv[1:])
from policyc import analysis, artifacts, lowering, source, targets
target, = targets.load_targets(["configmgr"])
stage("imports")
sources = source.load_project(policies)
stage("load YAML and check it against the schema")
project, found = lowering.lower(sources)
stage("lower to the model")
found += analysis.analyse(project, analysis.Context(as_of=date.today(), root=policies))
found += target.check(project)
stage("analyse")
build = artifacts.Build()
made = [artifact for collection in project.collections for artifact in target.artifacts(project, collection, build)]
stage("make the scripts and the other artifacts")
artifacts.write(output, made)
stage("write files and manifest")
json.dump(stages, sys.stdout)
"""


@dataclass(frozen=True, slots=True)
class Measure:
    """Medians of some runs of one command."""

    seconds: float
    mebibytes: float | None
    """Peak of the resident memory; None where the system doesn't tell."""


def once(command: Sequence[str]) -> Measure:
    """Run one process to its end."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr
        said = process.stderr.read()
        if sys.platform == "win32":
            code, peak = process.wait(SECONDS_PER_PROCESS), None
        else:
            _, status, usage = os.wait4(process.pid, 0)
            code = process.returncode = os.waitstatus_to_exitcode(status)
            # Kibibytes on Linux, bytes on macOS.
            peak = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    seconds = time.perf_counter() - start
    if code:
        sys.exit(f"{' '.join(command)[:200]} ended with {code}:\n{said.decode(errors='replace')[-2000:]}")
    return Measure(seconds, peak)


Command = tuple[Sequence[str], Callable[[], object]]
"""What is measured, and what goes before it and isn't counted."""


def measure(commands: dict[str, Command]) -> dict[str, Measure]:
    """The medians of RUNS runs of each, in turns, so that a busy spell meets all alike, after one that warms caches."""
    runs: dict[str, list[Measure]] = {name: [] for name in commands}
    for _ in range(RUNS + 1):
        for name, (command, before) in commands.items():
            before()
            runs[name].append(once(command))
    return {name: median(taken[1:]) for name, taken in runs.items()}


def median(runs: Sequence[Measure]) -> Measure:
    """Of time and of memory, each for itself."""
    peaks = [run.mebibytes for run in runs if run.mebibytes is not None]
    return Measure(statistics.median(run.seconds for run in runs), statistics.median(peaks) if peaks else None)


def python(code: str, *arguments: str | Path) -> list[str]:
    """The command that runs `code` in this Python."""
    return [sys.executable, "-c", code, *map(str, arguments)]


def nothing() -> None:
    """Before a command that needs no preparation."""


def remove(*folders: Path) -> None:
    """Remove folders of output, as far as they are there."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def stages(policies: Path, output: Path) -> dict[str, float]:
    """Seconds of each stage of a cold compile, medians over the runs."""
    collected: dict[str, list[float]] = {}
    for _ in range(RUNS):
        remove(output)
        answer = subprocess.run(python(STAGES, policies, output), capture_output=True, check=True, timeout=SECONDS_PER_PROCESS)
        for name, seconds in json.loads(answer.stdout).items():
            collected.setdefault(name, []).append(seconds)
    return {name: statistics.median(values) for name, values in collected.items()}


@dataclass(frozen=True, slots=True)
class Places:
    """Where a run of the benchmark works."""

    folder: Path

    @property
    def policies(self) -> Path:
        """The estate."""
        return self.folder / "policies"

    @property
    def output(self) -> Path:
        """What it is compiled to."""
        return self.folder / "output"

    @property
    def memory(self) -> Path:
        """What a run remembers for the next one."""
        return self.folder / "memory"

    def compile(self) -> list[str]:
        """The command."""
        return python(POLICYC, "compile", "--policies", self.policies, "--output", self.output)

    def forget(self) -> None:
        """Begin anew."""
        remove(self.output)
        remove(self.memory)

    def edit(self) -> None:
        """Change one setting of one file, and the next time change it back."""
        file = self.policies / "collection-0001.yaml"
        text = file.read_text(encoding="utf-8")
        asked, wanted = "What setting 3 of collection 1 asks for", "What setting 3 of collection 1 wants"
        text = text.replace(asked, wanted) if asked in text else text.replace(wanted, asked)
        file.write_text(text, encoding="utf-8", newline="\n")


def report(folder: Path, disk: Path, collections: int, settings: int, *, large: bool) -> str:
    """Measure everything; the Markdown that says it."""
    here, small, copy = Places(folder), folder / "small", folder / "copy"
    there = disk / "output"
    os.environ["POLICYC_CACHE"] = str(here.memory)
    size = estate.generate(here.policies, collections, settings)
    estate.generate(small, collections=1, settings=1)
    taken = measure(
        {
            "load": (python(LOAD, here.policies), nothing),
            "cold": (here.compile(), here.forget),
            "again": (here.compile(), nothing),
            "one": (here.compile(), here.edit),
            "forgotten": (here.compile(), lambda: remove(here.memory)),
            "write": (python(WRITE, here.output, copy), lambda: remove(copy)),
            "disk": (
                python(POLICYC, "compile", "--policies", here.policies, "--output", there),
                lambda: remove(there, here.memory),
            ),
            "write to disk": (python(WRITE, here.output, disk / "copy"), lambda: remove(disk / "copy")),
            "import": (python("import yaml"), nothing),
            "validate": (python(POLICYC, "validate", "--policies", small), nothing),
        }
    )
    files = [file for file in here.output.rglob("*") if file.is_file()]
    written = sum(file.stat().st_size for file in files)

    def row(what: str, name: str, base: str, reach: str = "") -> str:
        seconds = taken[name].seconds
        figure = f"{seconds * 1000:.0f} ms" if base == "import" else f"{seconds:.2f} s"
        ratio = seconds / taken[base].seconds
        return f"| {what} | {figure} | {ratio:.2f} of {BASES[base]} | {reach} |"

    lines = [
        (
            f"{collections} collections with {settings} settings each: {size / 1e6:.1f} MB of YAML in {collections + 1} files, "
            f"{len(files):,} files with {written / 1e6:.1f} MB written."
        ),
        (
            f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}, "
            f"{os.cpu_count()} processors{load()}; medians of {RUNS} runs of a whole process, "
            f"in {'a memory file system' if folder.is_relative_to(MEMORY) else 'the folder for temporary files'}."
        ),
        "",
        "| what | figure | ratio | reach |",
        "|---|---|---|---|",
        row("PyYAML's C loader loads the same files", "load", "load"),
        row("`policyc compile`, nothing there before", "cold", "load", "at most 3"),
        row("writing as many files of the same sizes, and nothing else", "write", "load"),
        row("`policyc compile`, nothing changed", "again", "load", "at most 0.35"),
        row("`policyc compile`, one file changed", "one", "load", "at most 0.8"),
        row("`policyc compile`, nothing changed and nothing remembered", "forgotten", "cold"),
        row("the first compile, to a disk", "disk", "load"),
        row("writing as many files to that disk", "write to disk", "load"),
        row('`python -c "import yaml"`', "import", "import"),
        row("`policyc validate`, one small policy", "validate", "import", "at most 3.5"),
        f"| peak memory of the first compile, its largest process | {mebibytes(taken['cold'])} | | at most 80 MB |",
        *(larger(folder, settings, taken["cold"]) if large else ()),
        *judged(),
        "",
        "What a first compile spends its time on, in one process:",
        "",
        "| stage | seconds |",
        "|---|---|",
        *(f"| {name} | {seconds:.2f} |" for name, seconds in stages(here.policies, here.output).items()),
    ]
    return "\n".join(lines) + "\n"


def load() -> str:
    """What else the machine is doing, where the system tells."""
    return f", load average {os.getloadavg()[0]:.0f}" if hasattr(os, "getloadavg") else ""


BASES = {"load": "the load", "cold": "the first compile", "import": "the import"}


def larger(folder: Path, settings: int, cold: Measure) -> list[str]:
    """The rows of an estate of 5,000 files, compiled once."""
    here = Places(folder / "large")
    os.environ["POLICYC_CACHE"] = str(here.memory)
    estate.generate(here.policies, 5000, settings)
    one = once(here.compile())
    remove(here.folder)
    return [
        (
            f"| `policyc compile`, 5,000 files with {5000 * settings:,} settings, once | {one.seconds:.1f} s "
            f"| {one.seconds / cold.seconds:.1f} of the first compile | at most 7 |"
        ),
        f"| its peak memory, its largest process | {mebibytes(one)} | | at most 250 MB |",
    ]


def judged() -> list[str]:
    """The rows of a detection on an endpoint, where there is one."""
    program = Path(__file__).with_name("detection.py")
    answer = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True, timeout=SECONDS_PER_PROCESS)
    return [line for line in answer.stdout.splitlines() if line.startswith("|")]


def mebibytes(of: Measure) -> str:
    """The peak, in words."""
    return "not measured" if of.mebibytes is None else f"{of.mebibytes:.0f} MiB"


def main() -> None:
    """Measure, print, and with `--write` keep the table."""
    # As with an installed package: pip compiles what it installs, and Python keeps what it compiled.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    parser = argparse.ArgumentParser(prog="dev.py bench", description="Measures speed and memory of policyc.")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    parser.add_argument("--collections", type=int, default=500)
    parser.add_argument("--settings", type=int, default=20)
    parser.add_argument("--large", action="store_true", help="compile 5,000 files too, which writes 3 GB")
    options = parser.parse_args()
    memory = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as folder, tempfile.TemporaryDirectory() as disk:
        table = report(Path(folder), Path(disk), options.collections, options.settings, large=options.large)
    print(table, end="")
    if options.write:
        text = PAGE.read_text(encoding="utf-8")
        head, _, rest = text.partition("<!-- table -->")
        _, _, tail = rest.partition("<!-- end of table -->")
        PAGE.write_text(f"{head}<!-- table -->\n\n{table}\n<!-- end of table -->{tail}", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
