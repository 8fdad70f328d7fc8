"""Readers of what the target writes, by the formats' descriptions and without the target's code or the importers'."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

OPERATIONS = "{http://www.microsoft.com/GroupPolicy/GPOOperations}"
MANIFEST = "{http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest}"


@dataclass(frozen=True)
class Record:
    key: str
    name: str
    type: int
    data: bytes


def pol_records(content: bytes) -> list[Record]:
    """MS-GPREG 2.2.1: data is taken by its size, names up to their NUL."""
    assert content[:8] == b"PReg\x01\x00\x00\x00"
    found, at = [], 8

    def take(size: int) -> bytes:
        nonlocal at
        part = content[at : at + size]
        assert len(part) == size
        at += size
        return part

    def mark(character: str) -> None:
        assert take(2) == character.encode("utf-16-le")

    def text() -> str:
        units = []
        while (unit := take(2)) != b"\0\0":
            units.append(unit)
        return b"".join(units).decode("utf-16-le", "surrogatepass")

    while at < len(content):
        mark("[")
        key = text()
        mark(";")
        name = text()
        mark(";")
        (type_,) = struct.unpack("<I", take(4))
        mark(";")
        (size,) = struct.unpack("<I", take(4))
        mark(";")
        found.append(Record(key, name, type_, take(size)))
        mark("]")
    return found


@dataclass(frozen=True)
class Entry:
    whose: str
    key: str
    name: str
    action: str
    data: str


def lgpo_entries(content: bytes) -> list[Entry]:
    """Four lines an entry; a blank line or one that begins with a semicolon ends one, and stands in none."""
    text = content.decode("utf-8-sig")
    assert text.isascii() or content.startswith(b"\xef\xbb\xbf")
    found: list[Entry] = []
    lines: list[str] = []
    for line in [*text.split("\r\n"), ""]:
        if line and not line.startswith(";"):
            assert line.strip()
            lines.append(line)
            continue
        if lines:
            whose, key, name, action = lines
            assert whose in ("Computer", "User")
            word, _, data = action.partition(":")
            found.append(Entry(whose, key, name, word, data))
            lines = []
    return found


def lgpo_strings(data: str) -> list[str]:
    r"""Of SZ, EXSZ and MULTISZ: two backslashes are one, `\0` ends a string."""
    strings, at = [""], 0
    while at < len(data):
        pair = data[at : at + 2]
        if pair == "\\0":
            strings.append("")
        else:
            assert pair[0] != "\\" or pair == "\\\\"
            strings[-1] += pair[0]
        at += 2 if pair[0] == "\\" else 1
    return strings


@dataclass(frozen=True)
class Backup:
    """What stands in a backup's folder."""

    core: dict[str, str]
    """Elements of GroupPolicyCoreSettings, with their text."""
    extensions: dict[str, list[tuple[str, str, str]]]
    """GUID of the extension to (element, path, location) of what it lists."""
    instance: dict[str, str]
    files: dict[str, bytes]
    """Below DomainSysvol, with slashes."""

    @property
    def located(self) -> set[str]:
        return {
            location
            for listed in self.extensions.values()
            for kind, _, location in listed
            if location and kind == "FSObjectFile"
        }


def read_backup(folder: Path) -> Backup:
    root = ET.fromstring((folder / "Backup.xml").read_bytes())
    assert root.tag == f"{OPERATIONS}GroupPolicyBackupScheme"
    assert root.get(f"{OPERATIONS}version") == "2.0"
    assert root.get(f"{OPERATIONS}type") == "GroupPolicyBackupTemplate"
    (object_,) = root
    core = object_.find(f"{OPERATIONS}GroupPolicyCoreSettings")
    assert core is not None
    extensions = {
        extension.get(f"{OPERATIONS}ID", ""): [
            (one.tag.removeprefix(OPERATIONS), one.get(f"{OPERATIONS}Path", ""), one.get(f"{OPERATIONS}Location", ""))
            for one in extension
        ]
        for extension in object_.findall(f"{OPERATIONS}GroupPolicyExtension")
    }
    return Backup(
        {one.tag.removeprefix(OPERATIONS): one.text or "" for one in core},
        extensions,
        instance(ET.fromstring((folder / "bkupInfo.xml").read_bytes())),
        {
            file.relative_to(folder).as_posix(): file.read_bytes()
            for file in sorted((folder / "DomainSysvol").rglob("*"))
            if file.is_file()
        },
    )


def instance(element: ET.Element) -> dict[str, str]:
    assert element.tag == f"{MANIFEST}BackupInst"
    return {one.tag.removeprefix(MANIFEST): one.text or "" for one in element}


def group_list(text: str) -> list[list[str]]:
    """`[{client}{tool}][{client}{tool}]`."""
    return [[guid + "}" for guid in group.split("}") if guid] for group in text.strip("[]").split("][")] if text else []
