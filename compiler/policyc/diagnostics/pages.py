"""The catalogue: a page for each code, as `policyc explain` prints it."""

from __future__ import annotations

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
    """Codes that are written much alike, those of the same family first."""
    from difflib import get_close_matches

    asked = asked.upper()
    family = [code for code in codes() if code.startswith(asked[:4])] if len(asked) >= 4 else []
    return tuple(get_close_matches(asked, family, n=3, cutoff=0.6) or get_close_matches(asked, codes(), n=3, cutoff=0.6))
