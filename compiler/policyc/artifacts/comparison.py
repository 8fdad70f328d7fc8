"""What writing would change, without changing it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from policyc.artifacts import built, manifest, record
from policyc.artifacts.artifact import Artifact
from policyc.artifacts.disk import Tree, leads_elsewhere
from policyc.artifacts.failures import Grouped, Obstacle, at, from_os_error, linked_root, shown
from policyc.artifacts.staging import look
from policyc.artifacts.survey import State, Survey
from policyc.diagnostics import Diagnostic, error

_LONGEST_DIFFS = 4_000_000
"""Characters of diffs that are kept; an estate that is stale as a whole isn't read by anyone."""
_HELP = "run policyc compile, look at what it changes, and commit the result"

Drift = Literal["stale", "missing", "left over", "foreign"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that isn't what the policies give."""

    path: str
    """POSIX, relative to the output folder."""
    drift: Drift
    source: str
    diff: str
    """Unified, from what is there to what should be; empty beyond the first four million characters of them."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The output on disk against the policies."""

    differences: tuple[Difference, ...] = ()
    """By path."""
    unchanged: int = 0
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def is_current(self) -> bool:
        """Whether writing would change nothing."""
        return not self.differences and not self.diagnostics


def compare(
    root: Path,
    artifacts: Iterable[Artifact],
    *,
    only: Container[str] | None = None,
    hold: Container[str] = (),
    only_of: str | None = None,
) -> Comparison:
    """What `write` with the same arguments would do; touches nothing, and raises nothing for what is on the disk."""
    tree = Tree(root)
    if leads_elsewhere(root):
        return Comparison(diagnostics=(linked_root(root),))
    try:
        if not tree.is_there():
            old: manifest.Entries = {}
        elif record.load(tree) is not None:
            return Comparison(diagnostics=(_interrupted(root),))
        else:
            old = manifest.load(tree)
        return _Comparer(tree, Survey(tree, old, only, hold, built.load(tree), only_of)).run(artifacts)
    except Obstacle as obstacle:
        return Comparison(diagnostics=(obstacle.diagnostic,))
    except OSError as failure:
        return Comparison(diagnostics=(from_os_error(failure, root, "", "read"),))


def _interrupted(root: Path) -> Diagnostic:
    return error(
        "PC0611",
        f"a run was interrupted while it replaced files in '{shown(root)}', which now holds old and new ones",
        at(),
        help="run policyc compile: it finishes what was begun",
    )


class _Comparer:
    def __init__(self, tree: Tree, survey: Survey) -> None:
        self.tree = tree
        self.survey = survey
        self.room = _LONGEST_DIFFS
        self.unchanged = 0
        self.found: list[Difference] = []
        self.problems: list[Diagnostic] = []

    def run(self, artifacts: Iterable[Artifact]) -> Comparison:
        for artifact in artifacts:
            if self.survey.takes(artifact.path):
                try:
                    self._look(artifact)
                except Obstacle as obstacle:
                    self.problems.append(obstacle.diagnostic)
        for left in self.survey.left_over():
            if not left.listed:
                continue
            # A changed file is kept by `write`, with a warning: it is no drift once it has left the manifest.
            before = b"" if left.changed else self.tree.read(left.path)
            self._add(left.path, "left over", left.entry.source, before, None)
        self.found.sort(key=lambda difference: difference.path)
        self.problems.extend(self._drifts())
        self._manifest()
        return Comparison(tuple(self.found), self.unchanged, tuple(dict.fromkeys(self.problems)))

    def _look(self, artifact: Artifact) -> None:
        state = self.survey.enter(look(self.tree, artifact))
        if state is State.SAME:
            self.unchanged += 1
        elif state is State.THEIRS:
            return
        elif state is State.OUTDATED or (state is State.MISSING and artifact.built):
            # What git doesn't keep is made by the next run, and is no difference of what it keeps.
            self.unchanged += 1
        elif state is State.MISSING:
            self._add(artifact.path, "missing", artifact.source, None, artifact.content)
        else:
            drift: Drift = "stale" if state is State.STALE else "foreign"
            self._add(artifact.path, drift, artifact.source, self.tree.read(artifact.path), artifact.content)

    def _add(self, path: str, drift: Drift, source: str, before: bytes | None, after: bytes | None) -> None:
        diff = ""
        if self.room > 0:
            diff = unified(path, before, after)
            self.room -= len(diff)
        self.found.append(Difference(path, drift, source, diff))

    def _drifts(self) -> Iterator[Diagnostic]:
        for drift, code, what, way_out in _FINDINGS:
            grouped = Grouped(self.tree.root)
            for difference in self.found:
                if difference.drift == drift:
                    grouped.add(difference.source, difference.path)
            yield from grouped.errors(code, what, way_out, placed=drift != "left over")

    def _manifest(self) -> None:
        """A manifest that alone is out of date (files adopted, a policy renamed) is drift like any other."""
        if self.found or self.problems:
            return
        content = manifest.dump(self.survey.new)
        before = self.tree.read("manifest.json")
        if before == content:
            return
        self._add("manifest.json", "stale" if before is not None else "missing", "", before, content)
        self.problems.append(
            error("PC0612", f"'{shown(self.tree.root, 'manifest.json')}': not what the policies give", at(), help=_HELP)
        )


_FINDINGS: tuple[tuple[Drift, str, str, str], ...] = (
    ("foreign", "PC0607", "not written by policyc, and in the way", record.FOREIGN_HELP),
    ("stale", "PC0612", "not what the policy gives", _HELP),
    ("missing", "PC0613", "not there", _HELP),
    ("left over", "PC0614", "given by no policy any more", _HELP),
)


def unified(path: str, before: bytes | None, after: bytes | None) -> str:
    """A unified diff of a file; None for a side that isn't there."""
    from difflib import unified_diff

    names = ("/dev/null" if before is None else f"a/{path}", "/dev/null" if after is None else f"b/{path}")
    if any(side is not None and b"\0" in side for side in (before, after)):
        # A cabinet: what is in it differs beside it, in text.
        return f"Binary files {names[0]} and {names[1]} differ\n"
    plain = all(side is None or side.count(b"\r\n") == side.count(b"\n") for side in (before, after))
    old = [] if before is None else _lines(before, plain=plain)
    new = [] if after is None else _lines(after, plain=plain)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in unified_diff(old, new, *names)
    )


def _lines(content: bytes, *, plain: bool) -> list[str]:
    """Lines with their line feed; what isn't UTF-8 is shown by its bytes, a carriage return only where the sides may differ."""
    text = content.decode("utf-8", "backslashreplace")
    if plain:
        text = text.replace("\r\n", "\n")
    lines = text.replace("\r", "\\r").split("\n")
    ended = [f"{line}\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended
