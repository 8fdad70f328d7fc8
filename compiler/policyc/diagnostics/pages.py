"""The catalogue: a page for each code, as `policyc explain` prints it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from policyc.diagnostics.diagnostic import Level

CATALOGUE = Path(__file__).parent / "catalogue"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the catalogue."""

    code: str
    title: str
    level: Level
    text: str
    """The whole page, Markdown."""

    def section(self, name: str) -> str:
        """The text below a heading (`What`, `Why`, `Example`, `Fixed`), empty without one."""
        _, found, rest = f"\n{self.text}".partition(f"\n## {name}\n")
        return rest.partition("\n## ")[0].strip("\n") if found else ""


@cache
def codes() -> tuple[str, ...]:
    """Every code that has a page, in order."""
    return tuple(sorted(path.stem for path in CATALOGUE.glob("PC*.md")))


def page(code: str) -> Page:
    """The page of a code. Raises KeyError without one, ValueError for a page that isn't in the form of the others."""
    if code not in codes():
        raise KeyError(code)
    text = (CATALOGUE / f"{code}.md").read_text(encoding="utf-8")
    heading, level, *_ = text.split("\n", 2)
    start = f"# {code}: "
    if not heading.startswith(start) or not level.startswith("Level: "):
        raise ValueError(f"{code}.md must begin with '{start}' and a title, then 'Level: '")
    return Page(code, heading.removeprefix(start).strip(), Level(level.removeprefix("Level: ").strip()), text)


def nearest(asked: str) -> tuple[str, ...]:
    """Codes that a slip of the hand makes of another: a letter or digit wrong, missing, too many, or two in wrong order."""
    asked = asked.upper()
    near = (code for code in codes() if _is_near(asked, code))
    # Those of the same family first.
    return tuple(sorted(near, key=lambda code: code[:4] != asked[:4]))[:_MOST_NEAR]


_MOST_NEAR = 5


def _is_near(asked: str, code: str) -> bool:
    shorter, longer = sorted((asked, code), key=len)
    if len(longer) - len(shorter) == 1:
        return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
    wrong = [at for at, (one, other) in enumerate(zip(asked, code, strict=False)) if one != other]
    if len(asked) != len(code) or len(wrong) > 2:
        return False
    if len(wrong) == 2:
        first, second = wrong
        return second == first + 1 and asked[first] == code[second] and asked[second] == code[first]
    return True


_BLOCK = re.compile(r"^```(?:yaml|powershell|xml) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def difference(page: Page) -> str | None:
    """Example and cure as one text, with '-' before what is wrong and '+' before what is right; None where that can't be."""
    import difflib

    before, after = (dict(_BLOCK.findall(page.section(name))) for name in ("Example", "Fixed"))
    if not before or not after:
        return None
    parts: list[str] = []
    for file in dict.fromkeys([*before, *after]):
        lines = [before.get(file, "").splitlines(), after.get(file, "").splitlines()]
        compared = (line.rstrip() for line in difflib.ndiff(*lines) if not line.startswith("?"))
        parts += [f"```diff {file}", *compared, "```"]
    return "\n".join(parts) + "\n"


def as_text(page: Page) -> str:
    """The page as a terminal shows it: where example and cure are policies, as their difference."""
    shown = difference(page)
    if shown is None:
        return page.text
    start = page.text.index("\n## Example\n") + 1
    said = [_BLOCK.sub("", page.section(name)).strip() for name in ("Example", "Fixed")]
    words = "".join(f"{text}\n" for text in dict.fromkeys(said) if text)
    return f"{page.text[:start]}## Example and cure\n{words}{shown}"
