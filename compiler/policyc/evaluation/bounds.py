"""How much of a value the journal of a device keeps. What is larger is never changed, as the change could not be undone."""

from __future__ import annotations

from policyc.evaluation.state import Held, State

MOST_OF_A_USER = 65_536
"""Bytes of a value of a user's hive: users decide what it holds, and the journal lies in the machine's."""
MOST_OF_THE_MACHINE = 1_048_576
"""Bytes of a value of the machine's hives."""


def size(state: State) -> int:
    """The bytes of a value, without those that end its texts; 0 for a number, a key or nothing.

    >>> from policyc.model import Kind
    >>> size(Held(Kind.STRING, "four")), size(Held(Kind.MULTI_STRING, ("a", "b"))), size(Held(Kind.BINARY, b"abc"))
    (8, 6, 3)
    """
    data = state.data if isinstance(state, Held) else None
    if isinstance(data, bytes):
        return len(data)
    if isinstance(data, tuple):
        data = "\0".join(data)
    return len(data.encode("utf-16-le", "surrogatepass")) if isinstance(data, str) else 0


def is_kept(state: State, user: str | None) -> bool:
    """Whether the journal takes what a place of this user (None: of the machine) holds."""
    return size(state) <= (MOST_OF_THE_MACHINE if user is None else MOST_OF_A_USER)
