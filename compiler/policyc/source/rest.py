"""What the rest of a file says, where one place in it can't be understood.

A broken escape ends the scanner, though everything around it is plain: registry keys in double quotes are the commonest
mistake of all, and a file with ten of them shouldn't take ten runs. What is found there is found in the text with each
such backslash taken for a letter, so that every place stays where it is; nothing is compiled from it, and nothing is said
of the values that hold one.
"""

from __future__ import annotations

from policyc.diagnostics import Diagnostic
from policyc.source.forgiving import without_escape
from policyc.source.limits import MOST_FINDINGS
from policyc.source.tree import Built, build

_NOT_TRUSTED = ("PC0108", "PC0113")
"""Findings after which the tree isn't looked at: text that no validator takes, and a mapping that was meant to be merged
into the one around it."""


def with_the_rest(file: str, text: str, built: Built) -> list[Diagnostic]:
    """The findings of a text that has some, with those that can be trusted of what lies around them."""
    found = list(built.findings)
    forgiven, rest = text, built
    while not rest.is_whole and len(found) < MOST_FINDINGS:
        following = without_escape(forgiven, rest.findings[-1])
        if following is None:
            return found
        forgiven, rest = following, build(file, following)
        # A second escape of a line has the same cause, and the same cure.
        said = _lines(found)
        found += [one for one in rest.findings if one not in found and one.location.line not in said]
    return [*found, *_of_the_tree(file, forgiven, rest, found)]


def _of_the_tree(file: str, text: str, built: Built, found: list[Diagnostic]) -> list[Diagnostic]:
    from policyc.source.explain import explain
    from policyc.source.heads import kind_of
    from policyc.source.leading_zeros import leading_zeros
    from policyc.source.marks import Marks
    from policyc.source.schema import is_valid

    kind = kind_of(file, built.tree) if built.is_whole and isinstance(built.tree, dict) else None
    if kind is None or isinstance(kind, Diagnostic):
        return []
    if any(one.code in _NOT_TRUSTED for one in found):
        return []
    more: list[Diagnostic] = []
    if built.unusual or not is_valid(kind, built.tree):
        more += explain(file, kind, built.tree, text)
    more += leading_zeros(file, built, more)
    said = _lines(found)
    marks = Marks(text)
    return [one for one in more if (region := marks.region(one.location)) is None or region.line not in said]


def _lines(found: list[Diagnostic]) -> set[int]:
    """Lines of which something is said already: more of one of them might follow from it."""
    return {one.location.line for one in found if one.location.line is not None}
