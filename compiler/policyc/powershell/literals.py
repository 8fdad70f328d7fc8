"""Any value of a policy as a PowerShell expression that evaluates to exactly that value, and to nothing else.

The expressions are printable ASCII: Windows PowerShell 5.1 reads a script without a byte order mark in the
machine's code page, and takes U+2018 to U+201F for quotes. Their syntax trees hold constants, `[char]`, array
commas and `-join`, so no text of a policy is ever code. Bytes are the one exception: a call of
`[Convert]::FromBase64String` with a constant of letters, digits, `+`, `/` and `=`. A list of numbers takes five
characters a byte, and a certificate wouldn't fit.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache

_RUNS = re.compile(r"[ -~]+|[^ -~]{4,}|[^ -~]")


def _run(run: str) -> str:
    """An expression for a run of printable ASCII, or of UTF-16 units that aren't."""
    if run.isascii() and run.isprintable():
        return "'" + run.replace("'", "''") + "'"
    if len(run) == 1:
        return f"[char]0x{ord(run):04X}"
    # One cast for many: PowerShell takes seconds for thousands of casts.
    return f"(-join [char[]]@({', '.join(f'0x{ord(unit):04X}' for unit in run)}))"


@lru_cache(maxsize=65536)
def _string(text: str) -> str:
    if text.isascii() and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    # One flat list joined, not a chain of '+': a chain of thousands would overflow PowerShell's stack.
    units = text.encode("utf-16-be", "surrogatepass")
    narrow = "".join(chr(units[i] << 8 | units[i + 1]) for i in range(0, len(units), 2))
    parts = [_run(run) for run in _RUNS.findall(narrow)]
    return f"(-join @({', '.join(parts)}))"


def _number(number: int) -> str:
    # Up to Int64 a plain literal has the smallest type that fits; beyond it PowerShell reads a Decimal.
    return str(number) if number >= 0 else f"({number})"


def literal(value: str | int | bool | bytes | tuple[str, ...] | None) -> str:  # noqa: FBT001
    r"""The PowerShell expression for a value.

    str: String; int: Int32, Int64 or Decimal, whichever holds it first; bool; None: $null; bytes: Byte[];
    tuple: String[], also if it is empty or holds one.

    >>> print(literal("it's $(here)"))
    'it''s $(here)'
    >>> print(literal("\u00fcber\n"))
    (-join @([char]0x00FC, 'ber', [char]0x000A))
    >>> print(literal(()), literal(("a", "b")), literal(b"\x01\xff"))
    ([string[]]@()) ([string[]]@('a', 'b')) ([Convert]::FromBase64String('Af8='))
    """
    if isinstance(value, str):
        return _string(value)
    if value is None:
        return "$null"
    if value is True or value is False:
        return "$true" if value else "$false"
    if isinstance(value, int):
        return _number(value)
    if isinstance(value, bytes):
        # Decoded once, where the table is made.
        return f"([Convert]::FromBase64String('{b64encode(value).decode('ascii')}'))"
    return f"([string[]]@({', '.join(map(_string, value))}))"


def value_of_kind(value: str | int | bool | tuple[str | int, ...]) -> str:  # noqa: FBT001
    """What a kind gives, as it stands in a row.

    >>> value_of_kind((1, 5)), value_of_kind(("a",))
    ('@(1, 5)', "([string[]]@('a'))")
    """
    if not isinstance(value, tuple):
        return literal(value)
    if any(isinstance(one, int) for one in value):
        return f"@({', '.join(literal(one) for one in value)})"
    return literal(tuple(map(str, value)))
