"""The policies of a commit, read from git's own store: no file of the working tree is touched, nothing is checked out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Container, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from policyc.plan.failure import StateError

_FILE, _PROGRAM, _LINK = b"100644", b"100755", b"120000"
_TEMPLATE = (b".admx", b".adml")
"""Administrative templates and their texts."""
_POLICY = (b".yaml", b".ps1", *_TEMPLATE)
"""Policies, and files that they name."""
_LARGEST = 64 * 1024 * 1024
"""Bytes of one file that are read: far beyond what a policy may have."""
_AT_A_TIME = 500
"""Files of an output that one run of git gives."""
_PATIENCE = 300
"""Seconds that git may take; a clone without its objects fetches them."""
_OF_A_HOOK = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "LANGUAGE"})
_BY_HAND = "try the same git command by hand"
_FORBIDDEN = frozenset({"", ".", ".."})
_NOT_ON_WINDOWS = '\\:*?"<>|'
_SETTINGS = (
    "-c",
    "core.quotePath=false",
    "-c",
    "color.ui=false",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "log.showSignature=false",
)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of the repository that the policies are in."""

    name: str
    """As the user wrote it."""
    hash: str
    day: date
    """On which it was committed (UTC)."""


class Repository:
    """The repository around a folder, which itself needn't be there any more."""

    def __init__(self, folder: Path) -> None:
        git = shutil.which("git")
        if git is None:
            raise StateError(
                "git isn't installed, or not on the PATH", "install it, or leave BASE out to plan against the output"
            )
        self._git = git
        self._start = _nearest_folder(folder)
        if not self._is_working_tree():
            where = f"'{folder.as_posix()}' is not in the working tree of a git repository"
            raise StateError(where, "run it in a clone, or leave BASE out to plan against the output")
        top = self._line("rev-parse", "--show-toplevel")
        self.top = Path(os.path.realpath(top))

    def _is_working_tree(self) -> bool:
        try:
            return self._run("rev-parse", "--is-inside-work-tree").strip() == b"true"
        except StateError as failure:
            # Anything else (a repository of another owner) is told in git's own words.
            if "not a git repository" in failure.message:
                return False
            raise

    def commit(self, name: str) -> Commit:
        """The commit of this name: a branch, a tag, a hash. Raises StateError."""
        if not name or name.startswith("-") or "\0" in name:
            raise StateError(f"'{name}' is no name of a commit", "name a branch, a tag or a hash")
        found = self._run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", check=False).strip()
        if not found:
            raise self._unknown(name)
        known = found.decode("ascii")
        seconds = int(self._line("show", "--no-patch", "--no-notes", "--format=%ct", known).split()[0])
        return Commit(name, known, datetime.fromtimestamp(seconds, UTC).date())

    def _unknown(self, name: str) -> StateError:
        if self._line("rev-parse", "--is-shallow-repository") == "true":
            message = f"'{name}' is not in this clone, which is shallow"
            way_out = f"fetch it first: git fetch --depth=1 origin {name}, or the whole history: git fetch --unshallow"
            return StateError(message, f"{way_out} (in a workflow: fetch-depth: 0)")
        if ".." in name:
            return StateError(f"'{name}' is a range", "name the two commits one after the other: BASE HEAD")
        return StateError(
            f"'{name}' is no commit of this repository", "name a branch, a tag or a hash; git fetch gets what is new"
        )

    def inside(self, folder: Path) -> str | None:
        """The folder's path in the repository, POSIX, "" for the top; None where it lies elsewhere."""
        real = Path(os.path.realpath(folder))
        try:
            path = real.relative_to(self.top).as_posix()
        except ValueError:
            return None
        return "" if path == "." else path

    def read(self, commit: Commit, path: str) -> bytes | None:
        """One file of a commit; None where it has none."""
        entry = next((one for one in self._entries(commit, path, whole=False) if one.mode in (_FILE, _PROGRAM)), None)
        return None if entry is None else next(self._contents([entry]))

    def extract(self, commit: Commit, folder: str, to: Path, *, beside: Path | None = None) -> None:
        """Write the policy files below a folder of the commit into an empty folder, under the names that they have.

        `beside` is where the commit's top would be: the administrative templates that lie elsewhere in the commit go there.
        """
        entries = [one for one in self._entries(commit, folder, whole=True) if one.is_policy]
        if not entries and not self._is_folder(commit, folder):
            where = f"{commit.name} has no folder '{folder or '.'}'"
            raise StateError(where, "name the policies folder of that time with --policies, or another commit")
        laid = [(to, entry) for entry in entries]
        if beside is not None:
            below = os.fsencode(f"{folder}/")
            others = (one for one in self._entries(commit, "", whole=True) if one.is_policy and one.is_template)
            laid += [(beside, one) for one in others if not one.name.startswith(below)]
        # Links last: nothing is ever written through one, whatever a forged tree holds.
        laid.sort(key=lambda one: one[1].mode == _LINK)
        for (place, entry), content in zip(laid, self._contents([entry for _, entry in laid]), strict=True):
            _write(place, entry, content, commit)

    def below(self, commit: Commit, folder: str, wanted: Container[str]) -> Iterator[tuple[str, bytes]]:
        """Path below the folder and content of the files there whose paths are wanted."""
        entries = [
            one
            for one in self._entries(commit, folder, whole=True)
            if one.mode in (_FILE, _PROGRAM) and os.fsdecode(one.name) in wanted
        ]
        for start in range(0, len(entries), _AT_A_TIME):
            some = entries[start : start + _AT_A_TIME]
            yield from zip((os.fsdecode(one.name) for one in some), self._contents(some), strict=True)

    def _is_folder(self, commit: Commit, folder: str) -> bool:
        return not folder or self._run("cat-file", "-t", f"{commit.hash}:{folder}", check=False).strip() == b"tree"

    def _entries(self, commit: Commit, path: str, *, whole: bool) -> Iterator[_Entry]:
        """The entry of a file, or everything below a folder."""
        options = ["-r"] if whole else []
        wanted = [path] if path else []
        listed = self._run("ls-tree", *options, "-l", "-z", "--full-tree", commit.hash, "--", *wanted)
        prefix = os.fsencode(f"{path}/") if path and whole else b""
        for line in listed.split(b"\0"):
            head, _, name = line.partition(b"\t")
            parts = head.split()
            if len(parts) == 4 and parts[1] == b"blob" and name.startswith(prefix):
                yield _Entry(parts[0], parts[2], parts[3], name[len(prefix) :])

    def _contents(self, entries: list[_Entry]) -> Iterator[bytes]:
        """The bytes of each, by one run of git."""
        if not entries:
            return
        for entry in entries:
            shown = entry.name.decode("utf-8", "replace")
            if not entry.size.isdigit():
                way_out = "fetch the missing objects: git fetch --refetch"
                raise StateError(f"git has not the content of '{shown}'", way_out, is_usage=False)
            if int(entry.size) > _LARGEST:
                raise StateError(f"'{shown}' is far larger than any policy", "take it out of the policies", is_usage=False)
        answer = self._run("cat-file", "--batch", given=b"".join(entry.hash + b"\n" for entry in entries))
        at = 0
        for entry in entries:
            # Each is a line that says what follows, the content, and the end of a line.
            start = answer.index(b"\n", at) + 1
            at = start + int(entry.size) + 1
            yield answer[start : at - 1]

    def _line(self, *arguments: str) -> str:
        return os.fsdecode(self._run(*arguments).removesuffix(b"\n").removesuffix(b"\r"))

    def _run(self, *arguments: str, given: bytes = b"", check: bool = True) -> bytes:
        """What git prints. Raises StateError with git's own words where it fails; without `check` that is nothing printed."""
        command = [self._git, "--no-pager", "--literal-pathspecs", *_SETTINGS, *arguments]
        try:
            ended = subprocess.run(  # noqa: S603 - git with arguments that are no options
                command, cwd=self._start, env=_environment(), input=given, capture_output=True, check=False, timeout=_PATIENCE
            )
        except (OSError, subprocess.TimeoutExpired) as failure:
            raise StateError(f"git can't be run: {failure}", _BY_HAND, is_usage=False) from failure
        if ended.returncode == 0:
            return ended.stdout
        if not check:
            return b""
        said = " ".join(ended.stderr.decode("utf-8", "replace").split())
        raise StateError(f"git {arguments[0]} failed: {said[:300]}", _BY_HAND)


@dataclass(frozen=True, slots=True)
class _Entry:
    mode: bytes
    hash: bytes
    size: bytes
    """In digits; something else where the content isn't there."""
    name: bytes
    """Below the folder that was asked for."""

    @property
    def is_policy(self) -> bool:
        """What the compiler would read; submodules are no blobs, and so never here."""
        return self.name.lower().endswith(_POLICY) and self.mode in (_FILE, _PROGRAM, _LINK)

    @property
    def is_template(self) -> bool:
        return self.name.lower().endswith(_TEMPLATE)


def _environment() -> dict[str, str]:
    """The caller's, so that its configuration holds, but with no pager, prompt, locale or lock.

    A hook is told of its repository by paths that are relative to where it runs: it is found again from the policies.
    """
    kept = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    return {
        **kept,
        "LC_ALL": "C",
        "GIT_PAGER": "cat",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
    }


def _nearest_folder(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    folder = folder.absolute()
    return next((one for one in (folder, *folder.parents) if one.is_dir()), Path.cwd())


def _write(to: Path, entry: _Entry, content: bytes, commit: Commit) -> None:
    name = os.fsdecode(entry.name)
    parts = name.split("/")
    if not _FORBIDDEN.isdisjoint(parts) or (sys.platform == "win32" and any(sign in name for sign in _NOT_ON_WINDOWS)):
        raise _refused(name, commit, "the name leads elsewhere on this machine")
    path = to.joinpath(*parts)
    try:
        if entry.mode == _LINK:
            # The compiler refuses links: it shall see this one, but never follow it.
            if not any(parent.is_symlink() for parent in path.parents):
                with suppress(OSError, NotImplementedError):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.symlink_to(os.fsdecode(content))
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except (OSError, ValueError) as failure:
        raise _refused(name, commit, getattr(failure, "strerror", None) or str(failure)) from failure


def _refused(name: str, commit: Commit, why: str) -> StateError:
    return StateError(
        f"'{name}' of {commit.name} can't be laid out here: {why}", "rename it, or plan on another machine", is_usage=False
    )
