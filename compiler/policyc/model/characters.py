r"""Characters that a reviewer doesn't see, or takes for others ("Trojan Source").

Unseen: what Unicode calls default ignorable (DerivedCoreProperties.txt), and the directional formatting characters of its
bidirectional algorithm (UAX #9), but where ordinary text needs them: joiners in Persian, Indic text and emoji, marks of
direction in lines with Hebrew or Arabic, variation selectors behind what has variants.
Look-alikes: the letters of Cyrillic, Greek and Armenian that are drawn as Latin ones (confusables.txt of UTS #39, those
that fonts don't tell apart), and what is drawn as a blank, a hyphen or a backslash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
UNSEEN = re.compile(f"[{_UNSEEN}]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_JOINED = re.compile("[\u0600-\u08ff\u0900-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc]")
_WITHOUT_BLANKS = re.compile("[\u0e00-\u109f\u1780-\u17ff\u1950-\u19df]")
_MONGOLIAN = re.compile("[\u1800-\u18af]")
_SYMBOL = re.compile("[\u00a9\u00ae\u203c-\u32ff\ufe0f\U0001f000-\U0001faff]")
_HAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KEYCAP = "\u20e3"

_AS_LATIN = frozenset(
    # Cyrillic
    "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u04ae\u050c\u051a\u051c\u04c0"
    "\u0430\u0435\u0441\u043e\u0440\u0443\u0445\u0455\u0456\u0458\u04bb\u0501\u051b\u051d\u04cf"
    # Greek
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf"
    # Armenian
    "\u0555\u054d\u0585\u057d\u0570\u0578\u0581"
)
_LETTERS = re.compile("[\u0370-\u03ff\u0400-\u052f\u0531-\u0587]")
"""Of the scripts that the table above is from."""
_WORD = re.compile(r"[^\W\d_]+")
_AS_SIGNS = re.compile(
    "[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u2010-\u2015\u2212\u2044\u2215\u2216\u29f5\ufe68\uff01-\uff5e]"
)


def unseen(text: str) -> Iterator[int]:
    r"""Where characters stand that nobody sees and ordinary text doesn't need, line by line.

    >>> list(unseen("ab\u200bc")), list(unseen("\u0645\u06cc\u200c\u0634\u0648\u062f"))
    ([2], [])
    """
    if text.isascii():
        return
    end, turned = -1, False
    for found in UNSEEN.finditer(text):
        at = found.start()
        if at >= end:
            start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
            end = len(text) if end < 0 else end
            turned = _RIGHT_TO_LEFT.search(text, start, end) is not None
        if not _is_ordinary(text, at, turned=turned):
            yield at


def _is_ordinary(text: str, at: int, *, turned: bool) -> bool:
    """Whether the text needs the character there. `turned`: its line has letters that are written from right to left."""
    character, before, behind = text[at], text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if character in "\u200e\u200f\u061c":
        return turned
    if character in "\u200c\u200d":
        return _JOINED.match(before) is not None or (
            character == "\u200d" and _SYMBOL.match(before) is not None and behind > "\u2000"
        )
    if character == "\u200b":
        return _WITHOUT_BLANKS.match(before) is not None
    if "\ufe00" <= character <= "\ufe0f":
        return _SYMBOL.match(before) is not None or _HAN.match(before) is not None or behind == _KEYCAP
    if "\u180b" <= character <= "\u180f":
        return _MONGOLIAN.match(before) is not None
    if "\U000e0100" <= character <= "\U000e01ef":
        return _HAN.match(before) is not None
    # A flag's letters, behind the black flag.
    return "\U000e0020" <= character <= "\U000e007f" and "\U0001f3f4" in text[max(0, at - 8) : at]


def look_alikes(text: str, *, is_place: bool = False) -> list[str]:
    r"""The characters that are drawn as others, in order: in words of two scripts, in a place (key or name) everywhere.

    >>> look_alikes("P\u043elicies") == ["\u043e"], look_alikes("\u0441\u0430\u0445\u0430\u0440"), look_alikes("Caf\u00e9")
    (True, [], [])
    """
    if text.isascii():
        return []
    found = [character for word in _WORD.findall(text) for character in _in_word(word, is_place=is_place)]
    if is_place:
        strange = [letter for letter in _LETTERS.findall(text) if letter not in _AS_LATIN]
        found = [] if strange and not any(map(_is_mixed, _WORD.findall(text))) else found
        found += _AS_SIGNS.findall(text)
    return list(dict.fromkeys(found))


def _in_word(word: str, *, is_place: bool) -> list[str]:
    letters = _LETTERS.findall(word)
    alone = is_place and bool(letters) and len(letters) == len(word) and all(letter in _AS_LATIN for letter in letters)
    return letters if alone or _is_mixed(word) else []


def _is_mixed(word: str) -> bool:
    """Latin letters, and letters of another script of which none shows that it is another."""
    letters = _LETTERS.findall(word)
    return bool(letters) and all(letter in _AS_LATIN for letter in letters) and any("A" <= one <= "z" for one in word)
