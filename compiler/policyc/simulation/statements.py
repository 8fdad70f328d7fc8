"""What a state says, as a person writes it: `device`, `registry`, `registry_32`, `users`, and other kinds by their words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policyc.diagnostics import Diagnostic, Related, error, warning
from policyc.evaluation.device import KEY, Draft, Slot, is_key, slot
from policyc.evaluation.state import ABSENT, UNREADABLE, Held, State
from policyc.evaluation.windows import BUILD, CLIENT, INSTALLATION_TYPE, SERVER
from policyc.kinds import OTHERS
from policyc.kinds.registry.places import Complaint, parse_key, split_hive
from policyc.model import ACCOUNTS, FilePlace, Hive, Kind, Location, Place, Registry, View, Where, upper
from policyc.source.limits import MOST_FINDINGS
from policyc.source.wording import quoted

REAL_USER = re.compile(r"S-1-(5-21|12-1)-[0-9]+-[0-9]+-[0-9]+-[0-9]+", re.IGNORECASE)
"""SIDs of local, domain and Entra accounts: those that the scripts come to."""
_WORKSTATION = "workstation"


@dataclass(frozen=True, slots=True)
class Statement:
    """What is at a place."""

    place: Where
    user: str | None
    state: State
    """`KEY` for a key itself; `ABSENT` only among the writes of a test."""
    location: Location
    word: str = Registry.word
    """The kind of settings that the place is of."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A state, or the writes of a test."""

    users: tuple[str, ...]
    statements: tuple[Statement, ...]
    files: tuple[str, ...] = ()
    """Files and folders that are there."""

    def lay(self, draft: Draft) -> None:
        """Bring a device into this state."""
        for user in self.users:
            draft.load_user(user)
        for said in self.statements:
            draft.put(said.place, said.user, said.state)
        for path in self.files:
            draft.put(FilePlace(path), None, KEY)


def stated(tree: Mapping[str, Any], at: Location, found: list[Diagnostic]) -> Stated:
    """The state in a mapping that the schema accepts. What is wrong with its meaning, up to a hundred, is added to `found`."""
    told: list[Diagnostic] = []
    state = _stated(tree, at, told)
    found += told[:MOST_FINDINGS]
    if len(told) > MOST_FINDINGS:
        found.append(more(len(told) - MOST_FINDINGS, "more places", at))
    return state


def more(count: int, what: str, at: Location) -> Diagnostic:
    """What stands for findings of a file that aren't told one by one."""
    message = f"{count} {what} of this file are wrong, too, and aren't listed"
    return error("PC0215", message, Location(at.file), help="mend these first, then look again")


def _stated(tree: Mapping[str, Any], at: Location, found: list[Diagnostic]) -> Stated:
    statements = [
        *_windows(tree.get("device", {}), at.below("device")),
        *_keys(tree.get("registry", {}), at.below("registry"), None, None, found),
        *_keys(tree.get("registry_32", {}), at.below("registry_32"), View.BITS_32, None, found),
    ]
    for word in (word for word in OTHERS if word in tree):
        parts = OTHERS[word].stated(tree[word], at.below(word), found)
        statements += [Statement(place, None, state, node, word) for place, state, node in parts]
    users = tree.get("users", {})
    for user, keys in users.items():
        node = at.below("users", user)
        wrong = _wrong_user(user, node)
        if wrong is not None:
            found.append(wrong)
        else:
            statements += _keys(keys, node, None, user, found)
    found += _said_twice(statements)
    return Stated(tuple(users), tuple(statements), tuple(tree.get("device", {}).get("files", ())))


def _windows(tree: Mapping[str, Any], at: Location) -> Iterator[Statement]:
    """The facts of the device, as the values in which scripts look for them."""
    if "build" in tree:
        yield Statement(BUILD, None, Held(Kind.STRING, str(tree["build"])), at.below("build"))
    if "role" in tree:
        kind = CLIENT if tree["role"] == _WORKSTATION else SERVER
        yield Statement(INSTALLATION_TYPE, None, Held(Kind.STRING, kind), at.below("role"))


def _wrong_user(user: str, at: Location) -> Diagnostic | None:
    if not user.strip():
        return error("PC0904", "a user has no name", at.key(), help="write any name, or the SID")
    own = split_hive(user if user in ACCOUNTS else rf"HKU\{user}")[0]
    if own is not None:
        way_out = f"write its keys under 'registry', as in '{own}\\Software\\Example'"
        return error("PC0904", f"'{user}' is no user but an account of Windows itself", at.key(), help=way_out)
    if not upper(user).startswith("S-1-") or REAL_USER.fullmatch(user):
        return None
    message = f"{quoted(user)} is the SID of no real user, so scripts don't come to it"
    way_out = "write the SID of a local, domain or Entra account (S-1-5-21-… or S-1-12-1-…), or any name"
    return error("PC0904", message, at.key(), help=way_out)


def _keys(
    tree: Mapping[str, Any], at: Location, view: View | None, user: str | None, found: list[Diagnostic]
) -> Iterator[Statement]:
    for text, values in tree.items():
        node = at.below(text)
        place = _key(text, node, view, user, found)
        if place is None:
            continue
        yield Statement(place, user, KEY, node)
        for name, value in values.items():
            yield Statement(Place(place.hive, place.view, place.key, name), user, _state(value), node.below(name))


def _key(text: str, at: Location, view: View | None, user: str | None, found: list[Diagnostic]) -> Place | None:
    key = parse_key(text, view)
    if isinstance(key, Complaint):
        found.append(error(key.code, key.message, at.key(), help=_HELP.get(key.code, key.help)))
        return None
    if (key.hive is Hive.USER) is (user is None):
        whose = {Hive.USER: "users", Hive.MACHINE: "the machine"}.get(key.hive, "an account of Windows itself")
        message = f"'{text}' is a key of {whose}"
        way_out = "write it under 'registry'" if user is not None else "write it under 'users', below the user's name"
        found.append(error("PC0902", message, at.key(), help=way_out))
        return None
    if key.doubt is not None:
        found.append(warning(key.doubt.code, key.doubt.message, at.key(), help=key.doubt.help))
    return Place(key.hive, key.view, key.key, None)


_HELP = {
    "PC0302": r"a policy reaches only 'HKLM\…' and the accounts 'HKU\.DEFAULT\…', 'HKU\S-1-5-19\…' and 'HKU\S-1-5-20\…' "
    r"(under 'registry'), and 'HKCU\…' (under 'users', below the user's name)",
    "PC0304": "write it under 'registry'",
    "PC0306": "take it out: an imagined device has no journal",
}
"""The way out where it is another one than in a policy."""


def _state(value: Mapping[str, Any]) -> State:
    ((kind, data),) = value.items()
    if kind == "unreadable":
        return UNREADABLE
    if kind == "absent":
        return ABSENT
    if kind == "none":
        return Held(None, bytes.fromhex(data))
    if kind == Kind.BINARY:
        return Held(Kind.BINARY, bytes.fromhex(data))
    return Held(Kind(kind), tuple(data) if kind == Kind.MULTI_STRING else data)


def _said_twice(statements: Iterable[Statement]) -> Iterator[Diagnostic]:
    first: dict[Slot, Statement] = {}
    for said in statements:
        if is_key(said.place):
            # A key may be spelled in two ways, with values below each.
            continue
        known = first.setdefault(slot(said.place, said.user), said)
        if known is not said:
            message = f"{said.place} is said twice"
            related = [Related(known.location, "the first one is here")]
            yield error("PC0903", message, said.location.key(), help="take one of the two out", related=related)
