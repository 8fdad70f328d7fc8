"""On which Windows versions items are evaluated: in policies a word of the collection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyc.importers.found import Refused
from policyc.model import Platform
from policyc.targets.configmgr.digest.exported import ExportedItem
from policyc.targets.configmgr.platforms import every_rule_id, rule_ids

_DEFAULT = (Platform.WINDOWS_10,)
"""What a collection has that says nothing."""


def platforms_left(items: Iterable[ExportedItem]) -> Iterator[Refused]:
    """One for each choice of platforms that a collection has to make, as settings and baselines can't."""
    found: dict[tuple[str, ...], list[str]] = {}
    for item in items:
        if item.settings and item.platforms:
            found.setdefault(tuple(sorted(set(item.platforms))), []).append(item.name)
    for rules, names in found.items():
        words = _words(set(rules))
        if words == _DEFAULT:
            continue
        what = f"the platforms of {len(names)} items" if len(names) > 1 else "the platforms"
        yield Refused(names[0] or "item", what, f"they are for the collection to say: {_advice(words, rules)}")


def _words(rules: set[str]) -> tuple[Platform, ...]:
    """The platforms of the language that give these rules; none where no choice does."""
    least = {platform: set(rule_ids([platform], None)) for platform in Platform}
    chosen = [platform for platform, ids in least.items() if ids <= rules]
    # What another one of them gives anyway needn't be said.
    kept = tuple(one for one in chosen if not any(least[one] < every_rule_id([other]) for other in chosen if other != one))
    return kept if kept and rules <= every_rule_id(kept) else ()


def _advice(words: tuple[Platform, ...], rules: tuple[str, ...]) -> str:
    if words:
        return f"'platforms: [{', '.join(words)}]'"
    shown = ", ".join(rule.removeprefix("Windows/") for rule in rules[:5])
    return f"there they are {shown}{', ...' if len(rules) > 5 else ''}"
