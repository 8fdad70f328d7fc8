"""Scripts that end before one of their writes, as a process does that is killed."""

from __future__ import annotations

import re

_WRITE = re.compile(
    r"\$\w+\.(?:SetValue|DeleteValue|CreateSubKey|DeleteSubKey|DeleteSubKeyTree)\(|Invoke-Tool -Name|Invoke-Secedit -Template"
)
_BLOCK = re.compile(r"(?<![@$])\{ ?")
_FIRST = "Set-StrictMode -Version 3.0\n"
_PARAMETERS = "param(\n"


def with_fuse(text: str, then: str = "throw [OutOfMemoryException]::new('fuse')") -> str:
    """The script with a parameter: before its n-th write it ends, as a process does that is killed. A tool's run counts as one.

    The script's own handlers would take a thrown error for a refused write: past the fuse every other write fails too,
    and so does all tidying up.
    """
    assert len(_WRITE.findall(text)) > 5
    assert text.count(_FIRST) == 1
    head, _, body = text.partition(_FIRST)
    fuse = f"$global:FuseLeft = $Fuse\nfunction Step-Fuse {{ $global:FuseLeft--; if ($global:FuseLeft -le 0) {{ {then} }} }}\n"
    if _PARAMETERS in head:
        head = head.replace(_PARAMETERS, f"{_PARAMETERS}    [int] $Fuse,\n", 1)
    else:
        head += "param([int] $Fuse)\n"
    return head + _FIRST + fuse + "".join(map(_fused, body.splitlines(keepends=True)))


def _fused(line: str) -> str:
    write = _WRITE.search(line)
    if not write:
        return line
    # The statement begins behind the last brace before the write, or where the line does.
    braces = [found.end() for found in _BLOCK.finditer(line, 0, write.start())]
    start = braces[-1] if braces else len(line) - len(line.lstrip())
    return f"{line[:start]}Step-Fuse; {line[start:]}"
