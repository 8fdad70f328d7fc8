"""Measures speed and memory: `python3 dev.py bench [--write] [--disk] [--large] [--detection] [--runs N] [--collections N]`.

Every figure is the median of five runs of a whole process, after one that doesn't count. What the reach is held
against (PyYAML's C loader, `import yaml`) is measured in the same run, on the same files. Time is that of processors, of a
process and all that it starts: elapsed time is as much the other work of the machine's, and stands beside it. All lies in a
memory file system where there is one, as the time that a disk takes is the disk's. What takes minutes is measured only where
it is asked for: the first compile to a disk beside writing the same files, 100,000 settings, detection on an endpoint.
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
SECONDS_PER_PROCESS = 900

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
from dataclasses import replace
from datetime import date
from pathlib import Path
stages, last = {}, time.process_time()
def stage(name):
    global last
    now = time.process_time()
    stages[name], last = stages.get(name, 0) + now - last, time.process_time()
policies, output = map(Path, sys.argv[1:])
from policyc import analysis, artifacts, lowering, source, targets
target, = targets.load_targets(["configmgr"])
stage("imports")
sources = source.load_project(policies)
stage("load YAML and check it against the schema")
project, found = lowering.lower(sources)
project, settled = analysis.settle(project)
stage("lower to the model")
found += analysis.analyse(project, analysis.Context(as_of=date.today(), root=policies))
found += target.check(project)
stage("analyse")
from policyc.driver.make import collection_artifacts
build, alone = artifacts.Build(), replace(project, collections=())
def made():
    for collection in project.collections:
        stage("write files and manifest")
        files = collection_artifacts(alone, (target,), collection, build)
        stage("make the scripts and the other artifacts")
        yield from files
artifacts.write(output, made())
stage("write files and manifest")
json.dump(stages, sys.stdout)
"""


@dataclass(frozen=True, slots=True)
class Measure:
    """Medians of some runs of one command."""

    seconds: float
    """Of processors, the process's and those that it started; elapsed where the system doesn't tell."""
    elapsed: float
    mebibytes: float | None
    """Peak of the resident memory; None where the system doesn't tell."""


def once(command: Sequence[str]) -> Measure:
    """Run one process to its end."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr
        said = process.stderr.read()
        if sys.platform == "win32":
            code, peak, used = process.wait(SECONDS_PER_PROCESS), None, None
        else:
            _, status, usage = os.wait4(process.pid, 0)
            code = process.returncode = os.waitstatus_to_exitcode(status)
            # Kibibytes on Linux, bytes on macOS.
            peak = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
            used = usage.ru_utime + usage.ru_stime
    elapsed = time.perf_counter() - start
    if code:
        sys.exit(f"{' '.join(command)[:200]} ended with {code}:\n{said.decode(errors='replace')[-2000:]}")
    return Measure(elapsed if used is None else used, elapsed, peak)


Command = tuple[Sequence[str], Callable[[], object]]
"""What is measured, and what goes before it and isn't counted."""


def measure(commands: dict[str, Command], number: int) -> dict[str, Measure]:
    """The medians of some runs of each, in turns, so that a busy spell meets all alike, after one that warms caches."""
    runs: dict[str, list[Measure]] = {name: [] for name in commands}
    for _ in range(number + 1):
        for name, (command, before) in commands.items():
            before()
            runs[name].append(once(command))
    return {name: median(taken[1:]) for name, taken in runs.items()}


def median(runs: Sequence[Measure]) -> Measure:
    """Of time and of memory, each for itself."""
    peaks = [run.mebibytes for run in runs if run.mebibytes is not None]
    return Measure(
        statistics.median(run.seconds for run in runs),
        statistics.median(run.elapsed for run in runs),
        statistics.median(peaks) if peaks else None,
    )


def python(code: str, *arguments: str | Path) -> list[str]:
    """The command that runs `code` in this Python."""
    return [sys.executable, "-c", code, *map(str, arguments)]


def nothing() -> None:
    """Before a command that needs no preparation."""


def remove(*folders: Path) -> None:
    """Remove folders of output, as far as they are there."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def stages(policies: Path, output: Path, number: int) -> dict[str, float]:
    """Seconds of each stage of a cold compile, medians over the runs."""
    collected: dict[str, list[float]] = {}
    for _ in range(number):
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


def report(folder: Path, disk: Path, options: argparse.Namespace) -> str:
    """Measure everything; the Markdown that says it."""
    here, small, copy = Places(folder), folder / "small", folder / "copy"
    os.environ["POLICYC_CACHE"] = str(here.memory)
    size = estate.generate(here.policies, options.collections, options.settings)
    estate.generate(small, collections=1, settings=1)
    commands: dict[str, Command] = {
        "load": (python(LOAD, here.policies), nothing),
        "cold": (here.compile(), here.forget),
        "again": (here.compile(), nothing),
        "one": (here.compile(), here.edit),
        "write": (python(WRITE, here.output, copy), lambda: remove(copy)),
        "import": (python("import yaml"), nothing),
        "validate": (python(POLICYC, "validate", "--policies", small), nothing),
    }
    if options.disk:
        there = disk / "output"
        commands["disk"] = (
            python(POLICYC, "compile", "--policies", here.policies, "--output", there),
            lambda: remove(there, here.memory),
        )
        commands["write to disk"] = (python(WRITE, here.output, disk / "copy"), lambda: remove(disk / "copy"))
    taken = measure(commands, options.runs)
    files = [file for file in here.output.rglob("*") if file.is_file()]
    written = sum(file.stat().st_size for file in files)

    def row(what: str, name: str, base: str, reach: str = "") -> str:
        one = taken[name]
        short = base == "import"
        figures = [f"{part * 1000:.0f} ms" if short else f"{part:.2f} s" for part in (one.seconds, one.elapsed)]
        return f"| {what} | {figures[0]} | {one.seconds / taken[base].seconds:.2f} of {BASES[base]} | {reach} | {figures[1]} |"

    def peak(what: str, of: Measure, reach: str) -> str:
        return f"| {what} | {mebibytes(of)} | | {reach} | |"

    lines = [
        (
            f"{options.collections} collections with {options.settings} settings each: {size / 1e6:.1f} MB of YAML in "
            f"{options.collections + 1} files, {len(files):,} files with {written / 1e6:.1f} MB written."
        ),
        (
            f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}, "
            f"{os.cpu_count()} processors{load()}; medians of {options.runs} runs of a whole process, "
            f"in {'a memory file system' if folder.is_relative_to(MEMORY) else 'the folder for temporary files'}."
        ),
        "",
        "| what | processor time | ratio | reach | elapsed |",
        "|---|---|---|---|---|",
        row("PyYAML's C loader loads the same files", "load", "load"),
        row("`policyc compile`, nothing there before", "cold", "load", "at most 3"),
        row("writing as many files of the same sizes, and nothing else", "write", "load"),
        row("`policyc compile`, nothing changed", "again", "load", "at most 0.35"),
        row("`policyc compile`, one file changed", "one", "load", "at most 0.8"),
        *([row("the first compile, to a disk", "disk", "load")] if options.disk else ()),
        *([row("writing as many files to that disk", "write to disk", "load")] if options.disk else ()),
        row('`python -c "import yaml"`', "import", "import"),
        row("`policyc validate`, one small policy", "validate", "import", "at most 3.5"),
        peak("peak memory of the first compile, its largest process", taken["cold"], "at most 80 MB"),
        *(larger(folder, options.settings, taken["cold"]) if options.large else ()),
        *(judged() if options.detection else ()),
        "",
        "What a first compile spends its time on, in one process:",
        "",
        "| stage | seconds |",
        "|---|---|",
        *(f"| {name} | {seconds:.2f} |" for name, seconds in stages(here.policies, here.output, options.runs).items()),
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
            f"| {one.seconds / cold.seconds:.1f} of the first compile | at most 7 | {one.elapsed:.1f} s |"
        ),
        f"| its peak memory, its largest process | {mebibytes(one)} | | at most 250 MB | |",
    ]


def judged() -> list[str]:
    """The rows of a detection on an endpoint, where there is one."""
    program = Path(__file__).with_name("detection.py")
    answer = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True, timeout=SECONDS_PER_PROCESS)
    return [f"{line} |" for line in answer.stdout.splitlines() if line.startswith("|")]


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
    parser.add_argument("--runs", type=int, default=RUNS, help=f"of which the medians are taken; {RUNS} where nothing is said")
    parser.add_argument("--disk", action="store_true", help="compile to a disk too, beside writing the same files")
    parser.add_argument("--large", action="store_true", help="compile 5,000 files too, which writes 3 GB")
    parser.add_argument("--detection", action="store_true", help="time detection on an endpoint too")
    options = parser.parse_args()
    memory = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as folder, tempfile.TemporaryDirectory() as disk:
        table = report(Path(folder), Path(disk), options)
    print(table, end="")
    if options.write:
        text = PAGE.read_text(encoding="utf-8")
        head, _, rest = text.partition("<!-- table -->")
        _, _, tail = rest.partition("<!-- end of table -->")
        PAGE.write_text(f"{head}<!-- table -->\n\n{table}\n<!-- end of table -->{tail}", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
