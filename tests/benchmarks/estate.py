"""An estate to measure with: as many collections as asked for, settings of every kind, a few that onboard."""

from __future__ import annotations

from pathlib import Path

PROJECT = """\
project:
  name: Benchmark estate
  id: 00fdad82-5b23-502e-b892-13cfa20fae86
  publisher: Example IT
configmgr:
  site_code: PS1
  server_version: "1602"
  client_version: "1602"
"""

CONDITIONS = (
    ("dword", "at_least: 5", "default: 3"),
    ("dword", "equals: 0"),
    ("dword", "between: [1, 900]", "set: 900"),
    ("dword", "one_of: [1, 2]", "set: 1"),
    ("dword", "not_equals: 1", "set: 0", "default: 0"),
    ("qword", "at_most: 132854688000000000"),
    ("qword", "equals: 0x1FFFFFFFF", "pin: true", "default: 0x1FFFFFFFF"),
    ("string", "equals: explorer.exe"),
    ("string", "matches: '[1-9][0-9]?|[1-8][0-9][0-9]|900'", 'set: "900"'),
    ("string", 'one_of: ["1", "2", "3"]', 'set: "1"', 'default: "0"'),
    ("string", "none_of: [off, disabled]", "set: on", "case: exact"),
    ("expand_string", r"equals: '%SystemRoot%\System32\notepad.exe'"),
    ("multi_string", "equals: []"),
    ("multi_string", "contains: [scecli, rassfm]"),
    ("multi_string", "set_equals: [NistP384, NistP256]", "set: [NistP384, NistP256]"),
    ("binary", 'equals: "00ff10"'),
    ("string", "absent: true"),
    ("dword", "present: true", "set: 1"),
    ("dword", "at_most: 30", "default: 30"),
)
"""Type, condition and what goes with it; the last setting of each collection is a key."""

SEVERITIES = ("none", "informational", "warning", "critical")


def setting(collection: int, number: int) -> str:
    """One setting, at a place that no other of the collection has."""
    hive = "HKCU" if number % 10 == 9 else "HKLM"
    lines = [
        f"  setting-{number:02d}:",
        f"    title: What setting {number} of collection {collection} asks for",
        "    why: It is measured how long this takes",
        f"    severity: {SEVERITIES[number % 4]}",
        "    registry:",
        rf"      key: {hive}\SOFTWARE\Policies\Example\Collection{collection}\Part{number % 5}",
    ]
    if number % (len(CONDITIONS) + 1) == len(CONDITIONS):
        lines.append("      present: true")
    else:
        kind, *rest = CONDITIONS[number % (len(CONDITIONS) + 1)]
        lines += [f"      name: Value{number}", f"      type: {kind}", *(f"      {line}" for line in rest)]
    lines.append(f"    references: [Example {collection}.{number}]")
    return "\n".join(lines)


def collection(number: int, settings: int) -> str:
    """A collection file; every hundredth onboards."""
    lines = [
        "collection:",
        f"  name: Collection {number:04d}",
        "  limited_to: All Desktop and Server Clients",
        "  members:",
        f"    devices: [PC-{number:04d}-1, PC-{number:04d}-2]",
    ]
    if number % 100 == 0:
        lines += [
            "defender_atp:",
            "  state: onboarded",
            "  package:",
            rf"    source: \\files.example.com\packages\{number}",
            "    script: WindowsDefenderATPOnboardingScript.cmd",
            "  sample_collection: all",
            "  reporting_frequency: expedite",
        ]
    lines.append("settings:")
    lines += [setting(number, each) for each in range(settings)]
    return "\n".join(lines) + "\n"


def generate(folder: Path, collections: int = 500, settings: int = 20) -> int:
    """Write the estate's policies; how many bytes they have."""
    folder.mkdir(parents=True)
    files = {"project.yaml": PROJECT}
    files |= {f"collection-{number:04d}.yaml": collection(number, settings) for number in range(collections)}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return sum(len(text.encode()) for text in files.values())
