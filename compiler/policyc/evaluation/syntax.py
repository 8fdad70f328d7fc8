"""The pattern language of `matches`: what Python's `re` and .NET read alike, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from policyc.evaluation import characters
from policyc.evaluation.characters import Units
from policyc.model import upper
from policyc.model.records import dataclass

DEEPEST = 30
MOST = 1000


class PatternError(ValueError):
    """A pattern that policyc doesn't take."""

    def __init__(self, message: str, help: str, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.column = column
        """1-based, in characters of the pattern."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One UTF-16 unit out of a set."""

    units: Units
    negated: bool
    """How it is written; `units` is what it takes all the same."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the branches."""

    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The item, so many times."""

    item: Node
    least: int
    most: int | None
    column: int


Node: TypeAlias = Unit | Sequence | Choice | Repeat

_CLASSES = {"d": characters.DIGITS, "w": characters.WORD, "s": characters.SPACES}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r"}
_HEX = frozenset("0123456789abcdefABCDEF")
_NOT_NEWLINE = characters.complement(((0x0A, 0x0A),))
_QUANTIFIERS = {"*": (0, None), "+": (1, None), "?": (0, 1)}


def parse(pattern: str, *, exact_case: bool) -> Node:
    """The pattern's tree, in upper case unless `exact_case`.

    Raises PatternError for what isn't in the language.
    """
    return _Parser(pattern, exact_case=exact_case).parse()


class _Parser:
    def __init__(self, pattern: str, *, exact_case: bool) -> None:
        self._text = pattern
        self._at = 0
        self._depth = 0
        self._case: Callable[[str], str] = str if exact_case else upper
        self._units: Callable[[Units], Units] = characters.union if exact_case else characters.upper_cased

    def parse(self) -> Node:
        node = self._choice()
        if self._at < len(self._text):
            raise self._error("a ')' without its '('", r"write '\)' for a parenthesis")
        return node

    def _error(self, message: str, help: str, at: int | None = None) -> PatternError:
        return PatternError(message, help, (self._at if at is None else at) + 1)

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _choice(self) -> Node:
        branches = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def _sequence(self) -> Node:
        items: list[Node] = []
        while (character := self._peek()) and character not in "|)":
            items.append(self._quantified(self._item(character)))
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def _item(self, character: str) -> Node:
        if character == "(":
            return self._group()
        if character == "[":
            return self._class()
        if character == "\\":
            return self._escape()
        if character in "*+?{":
            raise self._error(
                f"'{character}' has nothing before it to repeat", rf"write '\{character}' for the character itself"
            )
        if character in "^$":
            raise self._error(
                f"'{character}' isn't taken",
                rf"leave it out, a pattern always matches the whole text; write '\{character}' for the character itself",
            )
        if character in "]}":
            raise self._error(f"'{character}' without what it closes", rf"write '\{character}' for the character itself")
        self._at += 1
        return Unit(_NOT_NEWLINE, negated=True) if character == "." else self._literal(character)

    def _literal(self, character: str) -> Node:
        units = characters.utf16(self._case(character))
        items = tuple(Unit(((unit, unit),), negated=False) for unit in units)
        return items[0] if len(items) == 1 else Sequence(items)

    def _group(self) -> Node:
        start = self._at
        self._at += 1
        if self._peek() == "?":
            if self._text[self._at : self._at + 2] != "?:":
                raise self._error(
                    "this kind of group isn't taken (look-around, name or option)",
                    "use '(…)' or '(?:…)'; for the case of letters use 'case:'",
                    start,
                )
            self._at += 2
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error(f"groups are nested more than {DEEPEST} deep", "simplify the pattern", start)
        node = self._choice()
        if self._peek() != ")":
            raise self._error("a '(' without its ')'", r"close the group, or write '\(' for a parenthesis", start)
        self._at += 1
        self._depth -= 1
        # A group of its own even around one item, so that what follows repeats all of it.
        return Sequence((node,))

    def _escape(self) -> Node:
        start = self._at
        character = self._text[start + 1 : start + 2]
        if character in _CLASSES:
            self._at += 2
            return Unit(self._units(_CLASSES[character]), negated=False)
        if character and character.lower() in _CLASSES:
            self._at += 2
            return Unit(characters.complement(self._units(_CLASSES[character.lower()])), negated=True)
        return self._literal(self._escaped())

    def _escaped(self) -> str:
        r"""The character that an escape stands for: punctuation, \t \n \r, \uXXXX."""
        start = self._at
        character = self._text[start + 1 : start + 2]
        if character == "u":
            digits = self._text[start + 2 : start + 6]
            if len(digits) < 4 or not _HEX.issuperset(digits):
                raise self._error(r"'\u' needs four hexadecimal digits", r"write '\u00E4', or the character itself")
            self._at += 6
            return chr(int(digits, 16))
        if not character:
            raise self._error(r"a '\' at the end", r"write '\\' for a backslash")
        if character in _CONTROLS:
            self._at += 2
            return _CONTROLS[character]
        if character.isdigit() and character != "0":
            raise self._error(f"back-references such as '\\{character}' aren't taken", "write out what has to be there")
        if character.isalnum() or character == "_" or not character.isascii():
            raise self._error(
                f"the escape '\\{character}' isn't taken",
                "a pattern always matches the whole text, so leave anchors out; write any other character itself",
            )
        self._at += 2
        return character

    def _class(self) -> Node:
        start = self._at
        self._at += 1
        negated = self._peek() == "^"
        self._at += negated
        ranges: list[tuple[int, int]] = []
        while self._peek() != "]":
            if self._at >= len(self._text):
                raise self._error("a '[' without its ']'", r"close the class, or write '\[' for a bracket", start)
            ranges += self._member()
        self._at += 1
        if not ranges:
            raise self._error("a class without characters", r"name some, or write '\[\]' for brackets", start)
        units = self._units(characters.union(ranges))
        return Unit(characters.complement(units) if negated else units, negated=negated)

    def _member(self) -> Units:
        character = self._peek()
        if character == "\\" and (name := self._text[self._at + 1 : self._at + 2]) in _CLASSES:
            self._at += 2
            if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] != "]":
                raise self._error(rf"'\{name}' can't begin a range", r"write '\-' for a hyphen")
            return _CLASSES[name]
        start = self._at
        low = self._single()
        if self._peek() != "-" or self._text[self._at + 1 : self._at + 2] in ("]", ""):
            return ((low, low),)
        self._at += 1
        high = self._single()
        if high < low:
            written = self._text[start : self._at]
            raise self._error(f"the range '{written}' runs backwards", "swap its ends", start)
        return ((low, high),)

    def _single(self) -> int:
        """One unit in a class."""
        start = self._at
        character = self._peek()
        if character == "[":
            raise self._error("'[' within a class", r"write '\[' for a bracket; classes can't be nested, named or subtracted")
        if character == "\\":
            character = self._escaped()
        else:
            self._at += 1
            if character in "&~|-" and self._peek() == character:
                raise self._error(
                    f"'{character}{character}' within a class", rf"write the character once, as '\{character}'", start
                )
        if ord(character) > characters.LAST_UNIT:
            raise self._error(
                f"'{character}' within a class takes two UTF-16 units", "write it outside the class, as in '(?:[ab]|…)'", start
            )
        return ord(character)

    def _quantified(self, item: Node) -> Node:
        start = self._at
        bounds = self._quantifier()
        if bounds is None:
            return item
        follower = self._peek()
        if follower and follower in "?+*{":
            kind = "a lazy or possessive quantifier" if follower in "?+" else "a quantifier of a quantifier"
            raise self._error(f"{kind} isn't taken", f"leave '{follower}' out, as a pattern always matches the whole text")
        return Repeat(item, bounds[0], bounds[1], start + 1)

    def _quantifier(self) -> tuple[int, int | None] | None:
        character = self._peek()
        if character in _QUANTIFIERS:
            self._at += 1
            return _QUANTIFIERS[character]
        if character != "{":
            return None
        end = self._text.find("}", self._at)
        least, comma, most = self._text[self._at + 1 : end if end > 0 else None].partition(",")
        if end < 0 or not _is_count(least) or not (not most or _is_count(most)):
            raise self._error("'{' doesn't begin a quantifier", r"write '{2}', '{2,}' or '{2,5}', or '\{' for a brace")
        low = int(least)
        high = int(most) if most else None if comma else low
        if max(low, high or 0) > MOST:
            raise self._error(f"a quantifier of more than {MOST}", "use a smaller one, or '{1,}'")
        if high is not None and high < low:
            raise self._error(f"the quantifier '{self._text[self._at : end + 1]}' runs backwards", "swap its numbers")
        self._at = end + 1
        return low, high


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5
