"""Audit policies as `audit.csv` of Group Policy and `auditpol /backup` have them (MS-GPAC 2.2), read by position.

Windows writes header and names in its own language: GUIDs and numbers alone say what is meant.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from enum import StrEnum, auto

from policyc.registry_files import FormatError
from policyc.registry_files.bounds import too_many

COLUMNS = 7
_TARGET, _NAME, _GUID, _VALUE = 1, 2, 3, 6
_IS_GUID = re.compile(r"\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}")
_IS_SID = re.compile(r"S-1-[0-9-]+", re.IGNORECASE)
_FLAGS: dict[str, tuple[str, ...]] = {"0": (), "1": ("success",), "2": ("failure",), "3": ("success", "failure"), "4": ()}
"""By the last column. 4 is how ntsecapi.h spells "none" where 0 would be "unchanged"."""


class Scope(StrEnum):
    """What a line is about."""

    SYSTEM = auto()
    """A subcategory, for all users of the device."""
    USER = auto()
    OPTION = auto()
    GLOBAL_SACL = auto()


@dataclass(frozen=True, slots=True)
class AuditLine:
    """A line behind the header."""

    number: int
    name: str
    """As the file has it, in whatever language."""
    scope: Scope
    guid: str
    """Of the subcategory, in capitals and braces; empty where the line has none."""
    flags: tuple[str, ...]
    """`success`, `failure`, both or none."""
    wrong: str = ""
    """Why the line can't be read, in words."""


def read_audit_csv(data: bytes) -> list[AuditLine]:
    """The lines. FormatError for what is no such file."""
    text = _decoded(data)
    large = too_many(text.count("\n"), "lines")
    if large is not None:
        raise FormatError(large)
    reader = csv.reader(io.StringIO(text, newline=""))
    found: list[AuditLine] = []
    header = True
    try:
        for fields in reader:
            if not any(field.strip() for field in fields):
                continue
            if header:
                _check_header(fields)
                header = False
            else:
                found.append(_line(reader.line_num, [field.strip() for field in fields]))
    except csv.Error as error:
        raise FormatError(f"line {reader.line_num} is no line of a CSV file: {error}") from None
    if header:
        raise FormatError("the file is empty; an audit policy begins with a line that names its seven columns")
    return found


def _check_header(fields: list[str]) -> None:
    if len(fields) == COLUMNS - 1:
        raise FormatError(
            "line 1 names six columns, as 'auditpol /get /r' prints them, and the number that says what is audited is in the "
            "seventh: write the file with 'auditpol /backup /file:FILE'"
        )
    if len(fields) < COLUMNS or _IS_GUID.fullmatch(fields[_GUID].strip().upper()):
        raise FormatError("line 1 doesn't name the seven columns of an audit policy: Machine Name, Policy Target, ...")


def _line(number: int, fields: list[str]) -> AuditLine:
    if len(fields) < COLUMNS:
        named = next(filter(None, fields))
        return AuditLine(number, named, Scope.SYSTEM, "", (), f"the line has {len(fields)} fields, and {COLUMNS} are needed")
    name, guid, value = fields[_NAME], fields[_GUID].upper(), fields[_VALUE]
    folded = name.lower()
    if folded.startswith("option:"):
        return AuditLine(number, name, Scope.OPTION, "", ())
    if folded.endswith("globalsacl"):
        return AuditLine(number, name, Scope.GLOBAL_SACL, "", ())
    if not _IS_GUID.fullmatch(guid):
        return AuditLine(number, name, Scope.SYSTEM, "", (), "the line names no subcategory by its GUID")
    if _IS_SID.fullmatch(fields[_TARGET]):
        return AuditLine(number, name, Scope.USER, guid, ())
    if value not in _FLAGS:
        wrong = f"its value is {value!r}, and 0 (none), 1 (success), 2 (failure) and 3 (both) are known"
        return AuditLine(number, name, Scope.SYSTEM, guid, (), wrong)
    return AuditLine(number, name, Scope.SYSTEM, guid, _FLAGS[value])


def _decoded(data: bytes) -> str:
    """GUIDs and numbers are ASCII in every encoding that Windows writes here; letters of names may be lost."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", "replace")
    else:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    if "\0" in text:
        raise FormatError("it holds a NUL character, so this is no text")
    return text
