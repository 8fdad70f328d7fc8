"""The work of `init`: a small project that compiles, to start from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from policyc.driver.schemas import KINDS, file_name, schema_text
from policyc.driver.starters import STARTERS, starter_files
from policyc.resolved.yaml_text import yaml_text

_PROJECT = """\
# yaml-language-server: $schema=../schema/project.schema.json
project:
  name: Example estate
  id: {id}    # who the estate is: made once, never changed
  publisher: Example IT

configmgr:
  site_code: PS1
  server_version: "2403"
  client_version: "2403"
  signing: none                       # the site allows unsigned scripts; 'required' once 'policyc sign' signs them

targets: [configmgr]
"""

_COLLECTION = """\
# yaml-language-server: $schema=../schema/collection.schema.json
collection:
  name: Workstations
  mode: audit                       # everything is reported, nothing is changed; 'enforce' changes what fails

settings:
  lan-manager-level:                # the id: keep it, it names the setting in every artifact
    title: Only NTLMv2 is sent, LM and NTLM are refused
    why: LM and NTLM answers can be cracked offline
    severity: critical
    registry:
      key: HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa
      name: LmCompatibilityLevel
      type: dword
      at_least: 5
      default: 3                    # what Windows does where the value is absent
"""

_WITH_BASELINES = """\
# yaml-language-server: $schema=../schema/collection.schema.json
collection:
  name: Workstations
  mode: audit                       # everything is reported, nothing is changed; 'enforce' changes what fails

{baselines}
deployment:
  remediate_program: true           # where it enforces: the program that changes features of Windows, which the baseline can't

# What this collection wants otherwise, or not at all; the baseline stays as it is for others:
#override:
#  inactivity-limit:
#    reason: Counters are never left alone
#    registry: {{between: [1, 1800], set: 1800}}
#exceptions:
#  - {{settings: [lan-manager-level], reason: The scanners speak NTLM, owner: Print services, expires: 2026-12-31}}
"""

_ATTRIBUTES = "# Artifacts are compared byte for byte.\noutput/** -text\n"
_IGNORE = (
    "# What policyc sign writes, what policyc compile builds anew in each clone, and what a run is working on.\n"
    "signed/\noutput/**/*.cab\noutput/.built.json\noutput/.policyc/\n"
)


class NotMadeError(Exception):
    """A file can't be made; the message says why."""

    def __init__(self, file: Path, why: str | None) -> None:
        super().__init__(why)
        self.file = file


@dataclass(frozen=True, slots=True)
class File:
    """A file of the project."""

    path: Path
    made: bool
    """Else it was there, and stays as it is."""
    lacks: tuple[str, ...] = ()
    """Lines that should be in it and aren't."""


def make_project(folder: Path, starters: Sequence[str] = ()) -> Iterator[File]:
    """Make the files one by one, with those of the starters; none that is there is changed. Raises NotMadeError."""
    baselines = [STARTERS[name].baseline for name in starters if STARTERS[name].baseline]
    collection = _WITH_BASELINES.format(baselines=yaml_text({"baselines": baselines})) if baselines else _COLLECTION
    files = {
        "policies/project.yaml": _PROJECT.format(id=uuid4()).encode(),
        "policies/workstations.yaml": collection.encode(),
        **starter_files(starters),
        ".gitattributes": _ATTRIBUTES.encode(),
        ".gitignore": _IGNORE.encode(),
    }
    files |= {f"schema/{file_name(kind)}": schema_text(kind) for kind in KINDS}
    for name, content in files.items():
        target = folder / name
        try:
            made = _create(target, content)
        except OSError as failure:
            raise NotMadeError(target, failure.strerror) from failure
        yield File(target, made, tuple(_missing(target, content)) if not made and name.startswith(".git") else ())


def _create(target: Path, content: bytes) -> bool:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("xb") as file:
            file.write(content)
    except FileExistsError:
        return False
    return True


def _missing(target: Path, content: bytes) -> Iterator[str]:
    """The lines, without comments, that another file of the same purpose doesn't have."""
    there = set(target.read_bytes().splitlines())
    return (line.decode() for line in content.splitlines() if not line.startswith(b"#") and line not in there)
