"""Lists that say the same twice."""

from __future__ import annotations

from policyc.diagnostics import Diagnostic, Related, warning
from policyc.diagnostics.cures import remove
from policyc.model import Data, Location, upper


def warn_of_repeated(
    items: tuple[Data, ...], node: Location, found: list[Diagnostic], *, exact_case: bool, can_be_exact: bool
) -> None:
    """Warn of each item that stands in the list before. `can_be_exact`: `case: exact` could tell them apart."""
    if len(set(items)) == len(items) and (exact_case or len(items) < 2):
        return
    seen: dict[Data, int] = {}
    for index, item in enumerate(items):
        first = seen.setdefault(item if exact_case else _folded(item), index)
        if first == index:
            continue
        differ = items[first] != item
        found.append(
            warning(
                "PC0312",
                f"the same stands twice in '{node.path[-1]}'" + (", as the case of letters doesn't count" if differ else ""),
                node.below(index),
                help="take one of the two out" + (", or write 'case: exact'" if differ and can_be_exact else ""),
                cures=[remove(node.below(index))],
                related=[Related(node.below(first), "here the first time")],
            )
        )


def _folded(item: Data) -> Data:
    if isinstance(item, str):
        return upper(item)
    return tuple(map(upper, item)) if isinstance(item, tuple) else item
