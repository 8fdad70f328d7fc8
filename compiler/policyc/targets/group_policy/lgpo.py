r"""Text for LGPO.exe, Microsoft's tool for the local policy of a single machine: four lines an entry, a blank line between.

It says all that stands in the registry, preferences too, as LGPO takes none. A backslash is `\\` in it, and `\0` ends an
element.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

from policyc.model import Data, Hive, Kind
from policyc.registry_files import Action, Entry
from policyc.registry_files.values import decode
from policyc.targets.group_policy.change import Change
from policyc.targets.group_policy.pol import ordered
from policyc.targets.group_policy.registry import shown
from policyc.targets.text import visible

_CONFIGURATION = {Hive.MACHINE: "Computer", Hive.USER: "User"}
_TYPES = {
    Kind.STRING: "SZ",
    Kind.EXPAND_STRING: "EXSZ",
    Kind.MULTI_STRING: "MULTISZ",
    Kind.DWORD: "DWORD",
    Kind.QWORD: "QWORD",
    Kind.BINARY: "BINARY",
}
_ACTIONS = {
    Action.DELETE_VALUE: "DELETE",
    Action.DELETE_ALL_VALUES: "DELETEALLVALUES",
    Action.DELETE_KEY: "DELETEKEYS",
    Action.CREATE_KEY: "CREATEKEY",
}
_DEFAULT = "(Default)"


def lgpo_text(changes: Iterable[Change]) -> bytes:
    """The text; nothing where there is nothing for it. With a byte order mark where it isn't ASCII, as LGPO reads ANSI else."""
    of_registry = [(one, entry) for one in changes for entry in one.entries]
    order = {id(entry): place for place, entry in enumerate(ordered(entry for _, entry in of_registry))}
    blocks = [_block(*pair) for pair in sorted(of_registry, key=lambda pair: order[id(pair[1])])]
    if not blocks:
        return b""
    text = "".join(f"{line}\r\n" for line in ("; Made by policyc for LGPO.exe /t", *(line for one in blocks for line in one)))
    return text.encode("ascii") if text.isascii() else codecs.BOM_UTF8 + text.encode("utf-8", "replace")


def unsaid(one: Change, entry: Entry) -> str:
    """Why the text can't say it, as a clause; empty where it can."""
    if one.hive not in _CONFIGURATION:
        return "LGPO knows computers and users alone"
    if entry.action is Action.SET_IF_ABSENT:
        return "LGPO has no word for writing only where nothing is"
    names = [entry.key, entry.name or ""]
    data = _known(entry)[1] if entry.value is not None else ""
    texts = [data] if isinstance(data, str) else list(data) if isinstance(data, tuple) else []
    if any(not text.isprintable() for text in (*names, *texts)):
        return "LGPO reads lines, and a character of it would break one or can't be seen"
    if entry.name in ("*", _DEFAULT) or any(text != text.strip() for text in names):
        return "LGPO would read its name otherwise"
    return "how LGPO says empty data isn't documented" if entry.value is not None and data in ((), b"") else ""


def _block(one: Change, entry: Entry) -> Iterator[str]:
    why = unsaid(one, entry)
    yield ""
    if why:
        yield f"; {one.setting.id} isn't here: {why} ({visible(shown(one.hive, entry))})"
        return
    yield f"; {one.setting.id}"
    yield _CONFIGURATION[one.hive]
    above, _, own = entry.key.rpartition("\\")
    yield above if entry.action is Action.DELETE_KEY else entry.key
    if entry.action is Action.DELETE_KEY:
        yield own
    else:
        yield "*" if entry.name is None else entry.name or _DEFAULT
    yield _ACTIONS[entry.action] if entry.value is None else _said(*_known(entry))


def _said(kind: Kind, data: Data) -> str:
    if isinstance(data, bytes):
        text = data.hex(",")
    elif isinstance(data, tuple):
        text = r"\0".join(map(_escaped, data))
    else:
        text = _escaped(data) if isinstance(data, str) else str(data)
    return f"{_TYPES[kind]}:{text}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\")


def _known(entry: Entry) -> tuple[Kind, Data]:
    known = None if entry.value is None else decode(entry.value)
    assert known is not None  # noqa: S101 - it was made from a kind that the language names
    return known
