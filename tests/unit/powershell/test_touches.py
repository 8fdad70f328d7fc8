"""What the scripts touch on a device beyond the policy's own places is told in docs/outputs.md, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
SECTION = "## What a script touches"
PATTERNS = (
    r"GetFolderPath\('(\w+)'\)",
    r"\[Environment\]::(SystemDirectory)",
    r"SetEnvironmentVariable\('(\w+)'",
    r"\$env:(\w+)",
    r"\$(PSScriptRoot)",
    r"'(Logs\\[^']*)'",
    r"'((?:SOFTWARE|SYSTEM)\\[^']*)'",
    r"'([^'\s]*\.(?:lock|exe|log|dll|ini|txt))'",
    r"'(\.lo_)'",
    r"'((?:Global|Local)\\[^']*)'",
    r"\b(Mutex|EventWaitHandle|NamedPipe\w*|MemoryMappedFile|TempPath|GetTempFileName|TEMP|TMP)\b",
)
OURS = {"ERRORLEVEL", "SCRIPT", "SWITCH", "ENGINE", "%"}
"""Variables that run.cmd sets itself."""


def scripts() -> list[Path]:
    folders = [TOP / "output", *(TOP / "tests" / "golden").glob("*/output")]
    names = {"detect", "remediate", "rollback", "discovery", "remediation", "detection", "launch"}
    found = (file for folder in folders for file in folder.rglob("*.ps1") if file.stem in names)
    # What an administrator's own scripts touch is theirs.
    return [file for file in found if not file.parent.name.startswith("own--")]


def without_table(text: str) -> str:
    """The script without the policy's own places."""
    return re.sub(r"^\$(?:Settings|Kept|VendorCodes) = @\(\n.*?^\)$", "", text, flags=re.MULTILINE | re.DOTALL)


def touched() -> set[str]:
    found: set[str] = set()
    for file in scripts():
        text = without_table(file.read_text("ascii"))
        text = re.sub(r"^\$(?:LogName|ScriptName|Label) = .*$", "", text, flags=re.MULTILINE)
        for pattern in PATTERNS:
            found |= set(re.findall(pattern, text))
    for file in (TOP / "tests" / "golden").rglob("run.cmd"):
        found |= set(re.findall(r"%(\w+)%", file.read_text("ascii"))) - OURS
    return found


def test_every_thing_is_told_with_who_may_write_it() -> None:
    assert len(scripts()) > 50
    section = (TOP / "docs" / "outputs.md").read_text("utf-8").partition(SECTION)[2].partition("\n## ")[0]
    told = {word for row in section.splitlines() if row.startswith("|") for word in re.findall(r"`([^`]+)`", row.split("|")[1])}
    named = touched()
    assert named - told == set()
    assert told - named == set()
