"""What a code means that a device, a script or a system reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policyc.vocabularies import NAMES, load_vocabulary
from policyc.vocabularies.codes import as_code, by_rule, code_sources

PROGRAM = "exit"
"""The source of codes with which the programs of an output end."""
_PROGRAMS = "Exit code of a program that policyc wrote"
_HRESULT = 0x80000000


@dataclass(frozen=True, slots=True)
class CodeMeaning:
    """One meaning of a code; a code of several sources has several."""

    source: str
    code: str
    where: str
    meaning: str
    action: str


def sources() -> tuple[str, ...]:
    """The words that stand before a colon, as in SENSE:15."""
    return (*code_sources(), PROGRAM)


def is_code(asked: str) -> bool:
    """Whether this asks for a code of a device, and not for one of policyc's findings."""
    source, colon, _ = asked.partition(":")
    return bool(colon) or ((not source.isdecimal() or len(source) > 4) and as_code(source) is not None)


def meanings(asked: str) -> tuple[CodeMeaning, ...]:
    """What `SOURCE:NUMBER`, or an HRESULT alone, means; empty where nobody knows.

    Raises ValueError with the reason for anything else.
    """
    source, colon, text = asked.strip().rpartition(":")
    code = as_code(text.strip())
    if code is None:
        raise ValueError(f"'{text.strip()}' is no number of at most 32 bits")
    known = {name.upper(): name for name in sources()}
    if colon and source.strip().upper() not in known:
        raise ValueError(f"no source '{source.strip()}'; there are {', '.join(known.values())}")
    wanted = [known[source.strip().upper()]] if colon else list(known.values())
    found = tuple(meaning for name in wanted for meaning in _of(name, code))
    if not found and code >= _HRESULT and (rule := by_rule(code)) is not None:
        return (CodeMeaning("", f"0x{code:08X}", "", *rule),)
    return found


def _of(name: str, code: int) -> Iterator[CodeMeaning]:
    if name == PROGRAM:
        yield from _of_programs(code)
        return
    source = code_sources()[name]
    for known in source.codes:
        if known.code == code:
            note = f" ({known.note})" if known.note else ""
            yield CodeMeaning(source.name, f"{known.text}{note}", source.where, known.meaning, known.action)


def _of_programs(code: int) -> Iterator[CodeMeaning]:
    """Settings programs, launchers, and what launchers make of a vendor's codes."""
    from policyc.targets.configmgr import exit_codes

    tables: Mapping[str, tuple[exit_codes.ExitCode, ...]] = {
        "remediate.ps1, rollback.ps1": exit_codes.SETTINGS,
        "a launcher": (*exit_codes.LAUNCHER.values(), *exit_codes.COMMAND_FILE),
    }
    for program, table in tables.items():
        for entry in table:
            if entry.code == code:
                yield CodeMeaning(PROGRAM, str(code), f"{_PROGRAMS}: {program}", entry.meaning, entry.action)
    for package in (package for name in NAMES for package in load_vocabulary(name).packages.values()):
        for vendor in package.exit_codes:
            if vendor.program_code == code:
                yield CodeMeaning(
                    PROGRAM,
                    str(code),
                    f"{_PROGRAMS}: the launcher of {package.script}",
                    f"The vendor's script ended with {vendor.code}: {vendor.meaning}",
                    f"policyc explain {package.event_source}:{vendor.code}",
                )
