"""How large a tree is once its aliases are unfolded."""

from __future__ import annotations

from policyc.source.untyped import Tree


def measure(value: Tree, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """Size (characters, and one for each node) and height of a finished tree, each shared part looked at once.

    `known` keeps what is known of dicts and lists by their identity: they have to stay alive. Recursion is as
    deep as the tree, which the builder bounds.
    """
    if isinstance(value, str):
        return 1 + len(value), 0
    if not isinstance(value, dict | list):
        return 1, 0
    if id(value) in known:
        return known[id(value)]
    size, height = 1, 0
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict):
        size += sum(map(len, value))
    for child in children:
        child_size, child_height = measure(child, known)
        size += child_size
        height = max(height, child_height)
    known[id(value)] = (size, height + 1)
    return known[id(value)]
