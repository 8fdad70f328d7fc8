"""Package definition file: a package with its programs, for the console's wizard Create Package from Definition.

The file says no place of the content and nothing of a deployment. Sites of 2012 read it as ASCII, so a character beyond
that stands as `?`, and the file says so; `package.txt` has the text as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policyc.targets.configmgr import limits
from policyc.targets.configmgr.package import Package, Program

_FORMAT = "2.0"
"""Version of the format that all supported sites read."""
_REPLACED = "; A character beyond ASCII stands as ? in this file. package.txt has the text as it is."
_NOT_PLAIN = re.compile("[^ -~]")

Entry = tuple[str, str]


def definition_file(package: Package) -> bytes:
    """The file: ASCII, CRLF. Text of a policy stays on the line of its entry."""
    sections = [
        ("PDF", [("Version", _FORMAT)]),
        ("Package Definition", list(_package(package))),
        *((program.name, list(_program(program))) for program in package.programs),
    ]
    lines = []
    replaced = False
    for title, entries in sections:
        lines.append(f"[{title}]")
        for key, value in entries:
            text = _plain(value)
            replaced = replaced or text != value.strip()
            lines.append(f"{key}={text}")
        lines.append("")
    # At the end, as nobody has promised that a reader skips a comment before it has seen [PDF].
    lines[-1:] = [_REPLACED, ""] if replaced else [""]
    return "\r\n".join(lines).encode("ascii")


def _package(package: Package) -> Iterator[Entry]:
    yield "Name", package.name
    yield "Publisher", package.manufacturer
    yield "Language", ""
    yield "Comment", package.description[: limits.COMMENT]
    yield "ContainsNoFiles", "False"
    yield "Programs", ", ".join(program.name for program in package.programs)


def _program(program: Program) -> Iterator[Entry]:
    """What `package_data` says in the words of the cmdlets. Without AfterRunning nothing happens, without SupportedClients
    it runs on any platform.
    """
    yield "Name", program.name
    yield "Comment", program.comment
    yield "CommandLine", program.command_line
    yield "StartIn", ""
    yield "Run", "Hidden"
    yield "EstimatedDiskSpace", "1MB"
    yield "EstimatedRunTime", str(program.duration_minutes)
    yield "CanRunWhen", "AnyUserStatus"
    yield "UserInputRequired", "False"
    yield "AdminRightsRequired", "True"
    yield "UseInstallAccount", "False"
    yield "DriveLetterConnection", "False"
    yield "ReconnectDriveAtLogon", "False"
    yield "DependentProgram", ""
    yield "Assignment", "FirstUser"
    yield "Disabled", "False"


def _plain(value: str) -> str:
    return _NOT_PLAIN.sub("?", value.strip())
