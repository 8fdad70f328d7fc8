"""What codes mean that devices and systems report: `codes.yaml`, for runbooks, the monitor and `policyc explain` alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from policyc.model.records import dataclass

_SYNCML = 0x87D10000
"""Intune adds the status of SyncML to it: 404 is 0x87D10194."""
_WIN32 = 0x80070000
"""An error of Windows as an HRESULT: the error is its lower half."""


@dataclass(frozen=True, slots=True)
class KnownCode:
    """A code of one source."""

    source: str
    code: int
    """An event's id, an exit code, or an HRESULT as an unsigned number of 32 bits."""
    note: str
    """What tells it from another one of the same number; mostly empty."""
    meaning: str
    action: str
    states: frozenset[str]
    """The states of the product in whose runbooks it stands."""

    @property
    def text(self) -> str:
        """As people write it: 15, 0x87D1FDE8."""
        return f"0x{self.code:08X}" if self.code >= _WIN32 else str(self.code)


@dataclass(frozen=True, slots=True)
class CodeSource:
    """Where codes come from."""

    name: str
    where: str
    """Where a person finds them."""
    codes: tuple[KnownCode, ...]


@cache
def code_sources() -> Mapping[str, CodeSource]:
    """All sources by name, in the order of the file."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = Path(__file__).with_name("codes.yaml").read_text(encoding="utf-8")
    tree = yaml.load(text, Loader=loader)  # noqa: S506 (one of the two safe loaders, and our own file)
    sources = {}
    for source in tree:
        name = source["source"]
        codes = tuple(
            KnownCode(name, code, said.get("note", ""), said["means"], said["do"], frozenset(said.get("pages", ())))
            for code, said in source["codes"].items()
        )
        sources[name] = CodeSource(name, source["where"], codes)
    return sources


def as_code(text: str) -> int | None:
    """The number that a person wrote: decimal, hexadecimal, or the signed number that portals show of an HRESULT.

    >>> as_code("0x87d1fde8") == as_code("-2016281112") == as_code("2278686184")
    True
    >>> as_code("0x1FFFFFFFF"), as_code("fifteen")
    (None, None)
    """
    try:
        number = int(text, 16 if text.lower().lstrip("-").startswith("0x") else 10)
    except ValueError:
        return None
    number += 2**32 if -(2**31) <= number < 0 else 0
    return number if 0 <= number < 2**32 else None


def by_rule(code: int) -> tuple[str, str] | None:
    """Meaning and action of an HRESULT that no table has, but whose number says what it is."""
    if 400 <= code - _SYNCML < 600:
        return f"SyncML status {code - _SYNCML}", "Read the device's own log for the node and the reason"
    if code & 0xFFFF0000 == _WIN32:
        return f"Windows error {code & 0xFFFF}", f"net helpmsg {code & 0xFFFF} says it in words, on any Windows"
    return None


def shown_codes(source: str, state: str) -> Iterator[KnownCode]:
    """What the runbook of a product in a state shows of a source. Raises KeyError for a source that isn't there."""
    return (code for code in code_sources()[source].codes if state in code.states)
