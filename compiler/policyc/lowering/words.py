"""The words by which a setting's tree says what it is about: the kinds', and `group_policy`, which unfolds to some of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyc import kinds

GROUP_POLICY = "group_policy"
"""A policy of an administrative template, by its name."""
_AS_ONE = frozenset({"state", "options"})


def subject_words() -> frozenset[str]:
    """All of them."""
    return frozenset({*kinds.KINDS, GROUP_POLICY})


def word_in(tree: Mapping[str, Any]) -> str:
    """The one that a setting has; the schema has seen to it that there is one."""
    return GROUP_POLICY if GROUP_POLICY in tree else kinds.word_in(tree)


def as_one(word: str) -> frozenset[str]:
    """What below it means nothing alone: an override with one of these replaces them all."""
    return _AS_ONE if word == GROUP_POLICY else kinds.KINDS[word].as_one


def same_word(kind: str, word: str, one: object, other: object) -> bool:
    """Whether a policy says the same with two values of a word below `kind`."""
    return one == other if kind == GROUP_POLICY else kinds.KINDS[kind].same_word(word, one, other)
