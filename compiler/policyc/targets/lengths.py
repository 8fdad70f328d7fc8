"""How long a text is where Windows counts, and what is left of one that is too long."""

from __future__ import annotations

from hashlib import sha256


def units(text: str) -> int:
    """The length as Windows and the site count it: in UTF-16 code units.

    >>> units("a"), units("\U0001f600")
    (1, 2)
    """
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def shorten(name: str, room: int) -> str:
    """The name, or its start and a mark of the whole where it is longer than `room` UTF-16 code units.

    >>> shorten("Pilot workstations", 37)
    'Pilot workstations'
    >>> shorten("Pilot workstations of the northern branch offices", 37)
    'Pilot workstations of the nor~a29b2c7'
    """
    if units(name) <= room:
        return name
    mark = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:7]
    start = name[: room - 8]
    while units(start) > room - 8:
        start = start[:-1]
    return f"{start.rstrip()}~{mark}"
