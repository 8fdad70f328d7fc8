"""The text that runbooks are put together from: what all say alike, and what they say of a product in a state.

A file of phrases is Markdown with a section for each; a product's is `products/<vocabulary>.<state>.md`. There, a line
`<!-- codes: SOURCE -->` stands for the table of that source's codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from policyc.targets.text import markdown
from policyc.vocabularies.codes import shown_codes

Topics: TypeAlias = Mapping[str, str]
"""`Before`, `Download`, `Built-in policy`, `Monitor`, `Built-in policy monitoring`: Markdown without its heading."""

_FOLDER = Path(__file__).parent


@lru_cache(maxsize=64)
def topics(states: tuple[tuple[str, str], ...]) -> Topics:
    """The sections for (vocabulary, state) pairs; those of the same heading one after the other."""
    found: dict[str, str] = {}
    for vocabulary, state in states:
        file = _FOLDER / "products" / f"{vocabulary}.{state}.md"
        if not file.is_file():
            continue
        for heading, text in _sections(file).items():
            whole = _with_tables(text, state)
            found[heading] = f"{found[heading]}\n\n{whole}" if heading in found else whole
    return found


_CODES = re.compile(r"^<!-- codes: (\w+) -->$", re.MULTILINE)


def _with_tables(text: str, state: str) -> str:
    return _CODES.sub(lambda line: _table(line[1], state), text)


def _table(source: str, state: str) -> str:
    rows = ["| Event | Means | What to do |", "|---|---|---|"]
    for code in shown_codes(source, state):
        event = f"{code.text} ({code.note})" if code.note else code.text
        rows.append(f"| {event} | {markdown(code.meaning)} | {markdown(code.action)} |")
    return "\n".join(rows)


@lru_cache(maxsize=1)
def phrases() -> Topics:
    """What every runbook says alike, by heading."""
    return _sections(_FOLDER / "phrases.md")


def _sections(file: Path) -> dict[str, str]:
    parts = file.read_text(encoding="utf-8").split("\n## ")[1:]
    return {heading: text.strip() for heading, _, text in (part.partition("\n") for part in parts)}
