"""Scripts out of the library: real PowerShell files, of which a script holds the functions that it calls and no other.

The library is `library/*.ps1`, each a few functions, and `library/readers/*.ps1`, one for each script: its help, its
parameters, and what it does with the functions. A file of the library is cut into units: a function, or a variable of the
script, with the comment above it. A unit needs whatever its text names; two forms name what only some tables need:

    & 'Test-Applies' ...             linked where a row of the table needs `Test-Applies`
    & "Test-$condition" ...          linked where a row needs a function whose name begins with `Test-`
    & "Get-$($Setting.Of)Next" ...   linked where it begins with `Get-` and ends with `Next`

A kind of setting other than the registry's brings a file of its own (`OtherKind.functions`), read where a row is of it.
What this module reads as a name is held against PowerShell's own parser by tests/endpoint/test_library.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from policyc.kinds import OTHERS
from policyc.model.records import dataclass

FILES = (
    "host",
    "log",
    "registry",
    "words",
    "judge",
    "lists",
    "kinds",
    "conditions",
    "journal",
    "entry",
    "users",
    "facts",
    "writing",
    "remediation",
    "rollback",
    "trees",
    "left",
    "intune",
    "local",
)
"""The files of the library, in the order in which a script is read."""
TABLE, ENGINE = "# <table>\n", "# <engine>\n"
"""Where a reader has its table and its functions."""
REGION = "#region policyc engine, SHA-256 "
PACKED = frozenset({"remediation"})
"""Readers whose functions stand without comments and indentation: with them a script would be longer than any that a site has
been seen to take (43,968 bytes, published by Microsoft). `remediate.ps1` has the same functions as they were written."""
END_REGION = "#endregion\n"

_ASKED_LINE = re.compile(r"^ *\$[A-Za-z]+ = & '([A-Za-z-]+)' .*\n", re.MULTILINE)
"""A line of a reader that only some tables ask for."""
_FUNCTION = re.compile(r"function ([A-Z][A-Za-z]*-[A-Z][A-Za-z]*) \{\n")
_VARIABLE = re.compile(r"\$([A-Z][A-Za-z]*) = ")
_HELP = re.compile(r"<#.*?#>", re.DOTALL)
_STRINGS = re.compile(r"""(?P<kept>"(?:[^"`\n]|`.)*")|(?P<called>&\s*)?'(?P<text>(?:[^'\n]|'')*)'""")
_PATTERN = re.compile(r'&\s*"([A-Z][A-Za-z]*-)\$(?:[A-Za-z]+|\{[A-Za-z]+\}|\([^()"]*\))([A-Za-z]*)"')
_NAME = re.compile(r"(?<![\w-])[A-Z][A-Za-z]*-[A-Z][A-Za-z]*(?![\w-])")
_USED = re.compile(r"\$\{?([A-Za-z]+)")


class LibraryError(ValueError):
    """A file of the library isn't as the linker reads it; the message says where."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a piece of PowerShell names."""

    functions: frozenset[str]
    variables: frozenset[str]
    """In small letters: PowerShell doesn't tell capitals apart."""
    asked: frozenset[str]
    """Functions, or forms of names (`Test-*`, `Get-*Next`), that are called where a row needs them."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A function (by its name) or a variable of the script (`$Name`), as it stands in the library."""

    name: str
    file: str
    text: str
    names: Names

    @property
    def is_function(self) -> bool:
        """Whether it is one."""
        return not self.name.startswith("$")


@dataclass(frozen=True, slots=True)
class Linked:
    """A script but for its table and the words on whose it is."""

    help: bytes
    """Up to the end of the comment that it begins with. All of it is ASCII."""
    head: bytes
    """The end of that comment, parameters and what stands before the table."""
    tail: bytes
    """The functions in their region, and what is done with them."""

    def whole(self, note: str, table: str) -> bytes:
        """The script, with this line at the end of its help, and its table."""
        said = f".NOTES\n    {note}\n".encode("ascii")
        return b"".join((self.help, said, self.head, table.encode("ascii"), self.tail))

    def size(self, note: str, table: str) -> int:
        """How many bytes that is."""
        return len(self.help) + len(self.head) + len(self.tail) + len(f".NOTES\n    {note}\n{table}")


def names_in(text: str) -> Names:
    """What a piece of the library names. A comment has its own line there; no string in double quotes holds another."""
    lines = _HELP.sub("", text).splitlines(keepends=True)
    code = "".join(line for line in lines if not line.lstrip().startswith("#"))
    asked = {f"{begins}*{ends}" for begins, ends in _PATTERN.findall(code)}

    def bare(found: re.Match[str]) -> str:
        if found["kept"] is not None:
            return found[0]
        if found["called"]:
            asked.add(found["text"])
        return "''"

    bared = _STRINGS.sub(bare, code)
    own = {name for line in bared.splitlines() if (found := _FUNCTION.match(f"{line}\n")) for name in [found[1]]}
    return Names(
        frozenset(_NAME.findall(bared)) - own,
        frozenset(name.lower() for name in _USED.findall(bared)),
        frozenset(asked),
    )


def units_in(file: str, text: str) -> Iterator[Unit]:
    """The units of a file, in its order. Raises LibraryError where something stands outside of one."""
    lines = text.splitlines(keepends=True)
    at = 0
    while at < len(lines):
        start = at
        while lines[at].startswith("#"):
            at += 1
        function, variable = _FUNCTION.match(lines[at]), _VARIABLE.match(lines[at])
        if not function and not variable:
            raise LibraryError(f"{file}.ps1, line {at + 1}: neither a function nor a variable")
        opens = lines[at].rstrip()[-1] in "{("
        while opens and lines[at] not in ("}\n", ")\n"):
            at += 1
        name = function[1] if function else f"${variable[1]}" if variable else ""
        whole = "".join(lines[start : at + 1])
        yield Unit(name, file, whole, names_in(whole))
        at += 1
        while at < len(lines) and lines[at] == "\n":
            at += 1


def _folder() -> Traversable:
    return files("policyc.powershell") / "library"


@lru_cache(maxsize=64)
def library(kinds: frozenset[str] = frozenset()) -> Mapping[str, Unit]:
    """All units by name, in the order in which a script holds them: behind the library's those of these kinds of settings."""
    texts = {name: (_folder() / f"{name}.ps1").read_text("ascii") for name in FILES}
    texts |= {word: OTHERS[word].functions() for word in sorted(kinds & OTHERS.keys())}
    return {unit.name: unit for name, text in texts.items() for unit in units_in(name, text)}


@lru_cache(maxsize=16)
def reader(name: str) -> str:
    """The file of a script's reader."""
    return (_folder() / "readers" / f"{name}.ps1").read_text("ascii")


def _is_asked(need: str, asked: frozenset[str]) -> bool:
    verb = f"{need.partition('-')[0]}-*"
    return need in asked or any(one.startswith(verb) and need.endswith(one[len(verb) :]) for one in asked)


def linked_units(roots: Names, needs: frozenset[str], kinds: frozenset[str] = frozenset()) -> tuple[Unit, ...]:
    """What is called from these names, and what that calls; of what is asked for, the functions that `needs` has."""
    known = library(kinds)
    by_variable = {unit.name[1:].lower(): unit.name for unit in known.values() if not unit.is_function}
    found: set[str] = set()
    waiting = [roots]
    while waiting:
        names = waiting.pop()
        wanted = {name for name in names.functions if name in known}
        wanted |= {by_variable[name] for name in names.variables if name in by_variable}
        wanted |= {need for need in needs if _is_asked(need, names.asked)}
        for name in wanted - found:
            found.add(name)
            waiting.append(known[name].names)
    return tuple(unit for unit in known.values() if unit.name in found)


_TEXTS = re.compile(r"""("(?:[^"`\n]|`.)*"|'(?:[^'\n]|'')*')""")
_SPACED = re.compile(
    r" (?=\})| (?==\ )|(?<=[{;,]) |(?<= =) "
    r"|(?<=\)) (?=\{)|(?<=\}) (?=(?:else|elseif|catch|finally)\b)"
    r"|(?:(?<=\bif)|(?<=\belseif)|(?<=\bfor)|(?<=\bforeach)|(?<=\bwhile)|(?<=\bswitch)) (?=\()"
    r"|(?:(?<=\btry)|(?<=\belse)|(?<=\bcatch)|(?<=\bfinally)) (?=\{)"
)
"""Spaces that PowerShell doesn't need: beside braces, behind `;` and `,`, on both sides of `=`, and between a word of the
language and its bracket. Others may part words."""
_TYPED = re.compile(r"^param\(.*", re.MULTILINE)


@lru_cache(maxsize=1024)
def packed(text: str) -> str:
    """A unit's text without what only a reader needs. No string of the library goes on in a second line.

    >>> packed("    if ($a) { $b = @{ C = 'd = e'; F = 1, 2 } } else { $b }\\n")
    "if($a){$b=@{C='d = e';F=1,2}}else{$b}\\n"
    """
    lines = (line.lstrip(" ") for line in text.splitlines(keepends=True))
    bare = "".join(line for line in lines if not line.startswith("#"))
    parts = _TEXTS.split(bare)
    spaced = "".join(part if at % 2 else _SPACED.sub("", part) for at, part in enumerate(parts))
    return _TYPED.sub(lambda found: found[0].replace("] $", "]$"), spaced)


def region(units: Iterable[Unit], *, bare: bool = False) -> str:
    """The functions between their marks; the hash is that of the text between the two lines. `bare`: packed."""
    text = "".join(packed(unit.text) for unit in units) if bare else "\n".join(unit.text for unit in units)
    return f"{REGION}{sha256(text.encode('ascii')).hexdigest()}\n{text}{END_REGION}"


def linked_frame(name: str, units: Iterable[Unit]) -> Linked:
    """The script of a reader around these functions. Its lines that call what isn't among them by `&` aren't in it."""
    units = tuple(units)
    head, _, rest = reader(name).partition(TABLE)
    between, _, end = rest.partition(ENGINE)
    linked = {unit.name for unit in units}
    end = _ASKED_LINE.sub(lambda found: found[0] if found[1] in linked else "", end)
    words, mark, rest = head.partition("#>")
    tail = f"{between}{region(units, bare=name in PACKED)}{end}"
    return Linked(words.encode("ascii"), f"{mark}{rest}".encode("ascii"), tail.encode("ascii"))


@lru_cache(maxsize=512)
def link(name: str, needs: frozenset[str], kinds: frozenset[str] = frozenset()) -> Linked:
    """The script of a reader, for a table whose rows need these functions and are of these kinds, if not the registry's."""
    return linked_frame(name, linked_units(names_in(reader(name)), needs, kinds))


@lru_cache(maxsize=16)
def engine(*functions: str) -> str:
    """The region with these functions, for what isn't linked as a whole."""
    return region(linked_units(Names(frozenset(functions), frozenset(), frozenset()), frozenset()))
