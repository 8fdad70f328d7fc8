"""What the settings are called that a policy unfolds to: ids that stay, whatever else the policy writes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

LONGEST = 64
"""Characters of a setting's id, as the schema has it."""
_HASH = 8
_PUNCTUATION = re.compile(r"[-_. ]+")
_OTHER = re.compile("[^a-z0-9]+")


def part_id(id: str, about: str, crowded: frozenset[str] = frozenset()) -> str:
    """The id of a part of the setting `id`, by what of the policy it is (`Part.about`).

    The policy itself has the setting's own, an option adds its id, a value of a list its name. Where an id can't say all of
    that, it ends with a hash of it: so no two parts share one, and what is added to a list changes the id of nothing beside it.
    `crowded` are those options that punctuation alone tells apart.

    >>> part_id("logging", ""), part_id("logging", "Depth_1"), part_id("logging", "Names/1")
    ('logging', 'logging-depth1', 'logging-names-1')
    >>> part_id("logging", "Names/*")[:-8]
    'logging-names-'
    """
    if not about:
        return id
    option, slash, name = about.partition("/")
    steps = [squeezed(option), name.lower()] if slash else [squeezed(option)]
    whole = "-".join((id, *filter(None, (_OTHER.sub("-", step).strip("-") for step in steps))))
    says_all = all(step and not _OTHER.search(step) for step in steps) and option.lower() not in crowded
    if says_all and len(whole) <= LONGEST:
        return whole
    mark = sha256(f"{id}\0{about.lower()}".encode("utf-8", "surrogatepass")).hexdigest()[:_HASH]
    return f"{whole[: LONGEST - _HASH - 1].strip('-')}-{mark}"


def squeezed(option: str) -> str:
    """An option's id in small letters, without its punctuation."""
    return _PUNCTUATION.sub("", option.lower())


def crowded(options: Iterable[str]) -> frozenset[str]:
    """The ids, in small letters, of which only punctuation tells one from another."""
    every = [option.lower() for option in options]
    times = Counter(map(squeezed, every))
    return frozenset(one for one in every if times[squeezed(one)] > 1)
