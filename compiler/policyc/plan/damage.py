"""Files of an output folder that aren't as policyc writes them: what is wrong, in words of people and not of Python."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from policyc.plan.failure import StateError

WAY_OUT = "restore it from git, or run policyc compile; a plan against a commit needs no output: policyc plan BASE"
_OTHERWISE = "isn't as policyc writes it"
_ODD = (LookupError, TypeError, ValueError, AttributeError, StopIteration, ArithmeticError, RecursionError)
"""What code that relies on a shape raises where something else is there."""


class DamageError(ValueError):
    """What is wrong with a file, as the end of a sentence."""


@contextmanager
def part(what: str) -> Iterator[None]:
    """Around what reads a part of a file: what it stumbles over is told as damage of `what`."""
    try:
        yield
    except DamageError:
        raise
    except _ODD as failure:
        raise DamageError(f"{what} {_OTHERWISE}") from failure


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Around what reads a file. Raises StateError for anything that is wrong with it."""
    try:
        yield
    except (OSError, yaml.YAMLError, *_ODD) as failure:
        raise unusable(file, failure) from failure


def unusable(file: Path, failure: Exception) -> StateError:
    """The file, and why it is of no use."""
    return StateError(f"'{file.as_posix()}' can't be used: {_reason(failure)}", WAY_OUT, is_usage=False)


def _reason(failure: Exception) -> str:
    if isinstance(failure, DamageError):
        return str(failure)
    if isinstance(failure, OSError):
        return failure.strerror or "it can't be read"
    if isinstance(failure, json.JSONDecodeError):
        return f"it is not JSON (line {failure.lineno}, column {failure.colno})"
    if isinstance(failure, yaml.MarkedYAMLError) and failure.problem_mark is not None:
        return f"it is not YAML (line {failure.problem_mark.line + 1}, column {failure.problem_mark.column + 1})"
    if isinstance(failure, yaml.YAMLError):
        return "it is not YAML"
    if isinstance(failure, UnicodeDecodeError):
        return "it is not UTF-8"
    return "it is nested without end" if isinstance(failure, RecursionError) else f"it {_OTHERWISE}"


def expect(tree: Any, shape: Mapping[str, type | tuple[type, ...]], *, needed: frozenset[str]) -> None:  # noqa: ANN401 - plain data
    """Raise DamageError unless the tree is a mapping with these words, of these types; only those needed must be there."""
    if not isinstance(tree, dict):
        raise DamageError("it is no mapping")
    for word, kind in shape.items():
        if word not in tree:
            if word in needed:
                raise DamageError(f"it has no '{word}'")
        elif not isinstance(tree[word], kind) or (isinstance(tree[word], bool) and kind is int):
            raise DamageError(f"its '{word}' {_OTHERWISE}")
