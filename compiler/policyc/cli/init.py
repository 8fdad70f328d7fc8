"""`policyc init`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the project is made.", show_default="here")]

Id = Annotated[
    bool, typer.Option("--id", help="Only add the line with the project's id to a project.yaml that has none; no file is made.")
]

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

_ATTRIBUTES = "# Artifacts are compared byte for byte.\noutput/** -text\n"
_IGNORE = "# What policyc sign writes, and what a run is working on.\nsigned/\noutput/.policyc/\n"


def init(folder: Folder = Path(), *, id: Id = False) -> None:
    """Make a small project that compiles, to start from. No file that is there is changed.

    \b
    Examples:
      policyc init
      policyc init estate
      policyc init --id
    """
    if id:
        from policyc.cli import project_id

        raise typer.Exit(project_id.run(folder))
    from uuid import uuid4

    from policyc.cli.schemas import KINDS, file_name, schema_text

    files = {
        "policies/project.yaml": _PROJECT.format(id=uuid4()).encode(),
        "policies/workstations.yaml": _COLLECTION.encode(),
        ".gitattributes": _ATTRIBUTES.encode(),
        ".gitignore": _IGNORE.encode(),
    }
    files |= {f"schema/{file_name(kind)}": schema_text(kind) for kind in KINDS}
    for name, content in files.items():
        target = folder / name
        try:
            made = _create(target, content)
        except OSError as failure:
            sys.stderr.write(f"error: '{target.as_posix()}' can't be made: {failure.strerror}\n")
            raise typer.Exit(1) from failure
        sys.stdout.write(f"{'made' if made else 'kept'}  {target.as_posix()}\n")
        if not made and name.startswith(".git") and not _has_line(target, content):
            sys.stdout.write(f"      add the line: {content.decode().splitlines()[-1]}\n")
    where = "" if folder == Path() else f"cd {folder.as_posix()}\n  "
    sys.stdout.write(f"\nNext:\n  {where}policyc validate\n  policyc compile\n")
    sys.stdout.write(
        "Then change policies/workstations.yaml; an editor that reads the schemas completes and checks as you type.\n"
    )


def _create(target: Path, content: bytes) -> bool:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("xb") as file:
            file.write(content)
    except FileExistsError:
        return False
    return True


def _has_line(target: Path, content: bytes) -> bool:
    return content.splitlines()[-1] in target.read_bytes().splitlines()
