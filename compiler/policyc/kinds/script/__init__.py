"""Scripts of the administrators' own, beside the policy: what one finds, what brings it about, what takes it back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policyc.diagnostics import Diagnostic
from policyc.evaluation import ABSENT, UNREADABLE, Held, State, Verdict
from policyc.evaluation.device import Device
from policyc.kinds.script import words as words_of
from policyc.kinds.script.subject import ID, READ, TEXTS, OwnScript, ScriptPlace
from policyc.kinds.texts import Text
from policyc.model import Kind, Location
from policyc.source.beside import Beside


class ScriptKind:
    """What `policyc.kinds.kind.SettingKind` asks."""

    word = OwnScript.word
    as_one = frozenset({"expect", "time_limit"})
    place_words: tuple[str, ...] = ()
    condition_words = frozenset({"expect"})
    beside = TEXTS
    """Words that name files beside the policy."""
    unreadable = "its discovery script fails"
    note = (
        "Own scripts: a configuration item runs the discovery script as it stands and judges the one line that it prints; "
        "nothing of policyc's is in that file. Remediation and rollback scripts run as processes of their own, each ended at "
        "its time limit. What one prints or ends with is in the log as its own."
    )

    def lower(self, tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> OwnScript | None:
        """Its own node is `script` below `at`."""
        from policyc.kinds.script.lowering import lower

        return lower(tree, at, found, audit=audit)

    def bounded(self, subject: OwnScript) -> bool:
        """What others wrote takes as long as it takes, and only a program keeps a journal of it."""
        return False

    def texts(self, subject: OwnScript) -> dict[str, Text]:
        """Of what is only reported, the discovery alone."""
        return subject.carried

    def expected(self, subject: OwnScript) -> str:
        """To the letter."""
        return subject.expect

    def with_files(self, words: dict[str, Any], id: str, files: Mapping[str, Beside | Diagnostic] | None) -> dict[str, Any]:
        """Under words that no policy has."""
        return {**words, ID: id, READ: files}

    def same_word(self, word: str, one: object, other: object) -> bool:
        """To the letter."""
        return one == other

    def users(self, subject: OwnScript, device: Device) -> tuple[str | None, ...]:
        """They run as SYSTEM."""
        return (None,)

    def verdict(self, subject: OwnScript, state: State) -> Verdict:
        """Nothing printed is something else than what is expected."""
        if state is UNREADABLE:
            return Verdict.ERROR
        return Verdict.COMPLIANT if state == _printed(subject.expect) else Verdict.NON_COMPLIANT

    def after(self, subject: OwnScript, state: State) -> State:
        """What the remediation script is there to bring about. Whether it does, only a device shows."""
        return _printed(subject.expect)

    def is_kept(self, state: State, user: str | None) -> bool:
        """What was printed before, and nothing too."""
        return True

    def undone(self, subject: OwnScript, before: State, after: State) -> State:
        """Without a rollback script everything stays."""
        return after if subject.rollback is None else before

    def has_way_back(self, subject: OwnScript) -> bool:
        """By its rollback script alone."""
        return subject.rollback is not None

    def meaning(self, subject: OwnScript) -> tuple[object, ...]:
        """All but the place and what the files are called."""
        return (*_hashes(subject), subject.expect, subject.time_limit, subject.writes)

    def remembered(self, subject: OwnScript) -> tuple[object, ...]:
        """The id and what is expected: texts change."""
        return (subject.place.name.upper(), subject.expect)

    def covers(self, winner: OwnScript, loser: OwnScript) -> bool:
        """The same texts and the same expectation."""
        same = (_hashes(winner), winner.expect) == (_hashes(loser), loser.expect)
        return same and (winner.writes or not loser.writes)

    def contradict(self, one: OwnScript, other: OwnScript) -> bool:
        """One text that is to print two things. Of two texts, nobody knows."""
        return one.discovery.sha256 == other.discovery.sha256 and one.expect != other.expect

    def agree(self, one: OwnScript, other: OwnScript) -> bool:
        """The same texts for the same end."""
        return _hashes(one) == _hashes(other) and one.expect == other.expect

    def same_write(self, one: OwnScript, other: OwnScript) -> bool:
        """The same remediation for the same end."""
        return one.writes and other.writes and self.agree(one, other)

    def violates(self, writer: OwnScript, judge: OwnScript) -> bool:
        """What the one brings about, the other's expectation isn't."""
        return writer.writes and self.contradict(writer, judge)

    def empties(self, subject: OwnScript) -> bool:
        """Nothing lies below it that policyc knows of."""
        return False

    def above(self, subject: OwnScript) -> Iterable[tuple[str, ...]]:
        """Nothing that policyc knows of."""
        return ()

    def needs_above(self, subject: OwnScript) -> bool:
        """No."""
        return False

    def implies(self, one: OwnScript, other: OwnScript) -> bool:
        """The same discovery with the same expectation."""
        return one.discovery.sha256 == other.discovery.sha256 and one.expect == other.expect

    def words(self, subject: OwnScript, *, masked: bool) -> dict[str, Any]:
        """Files, expectation, time limit, and the hash of each text."""
        return words_of.words(subject, masked=masked)

    def plan_words(self, subject: OwnScript) -> dict[str, Any]:
        """Each text with its hash, so that one that changes is seen."""
        texts = subject.texts
        said = {word: str(texts[word]) if word in texts else None for word in TEXTS}
        return {"expect": subject.expect, **said, "time_limit": subject.time_limit}

    def hidden(self, words: Iterable[str]) -> frozenset[str]:
        """What is expected."""
        return frozenset({"expect"}.intersection(words))

    def remediation(self, subject: OwnScript) -> str:
        """Which file runs, and which takes it back."""
        return words_of.remediation(subject)

    def effect(self, subject: OwnScript) -> None:
        """Only its author knows."""

    def must(self, subject: OwnScript, *, masked: bool) -> str:
        """What discovery is to print."""
        return words_of.must(subject, masked=masked)

    def written(self, subject: OwnScript, *, masked: bool) -> str:
        """Which file runs, and which takes it back."""
        return words_of.written(subject)

    def shown(self, state: State) -> str:
        """As the function of the scripts says it."""
        return f"printing '{state.data!s}'" if isinstance(state, Held) else "printing nothing"

    def stated(
        self, tree: dict[str, Any], at: Location, found: list[Diagnostic]
    ) -> Iterator[tuple[ScriptPlace, State, Location]]:
        """What discovery prints, by the setting's id."""
        for name, said in tree.items():
            yield ScriptPlace(name), _stated(said), at.below(name)

    def row(self, subject: OwnScript) -> dict[str, str | int | bool | tuple[str, ...]]:
        """The expectation, the time limit, and the hash of each text that lies beside the script."""
        hashes = {word.capitalize(): text.sha256 for word, text in subject.carried.items()}
        return {"Place": subject.place.name, "Expect": subject.expect, "Seconds": subject.time_limit, **hashes}

    def functions(self) -> str:
        """`functions.ps1`."""
        from importlib.resources import files

        return (files(__package__) / "functions.ps1").read_text("ascii")

    def needs(self, subject: OwnScript) -> frozenset[str]:
        """All that it calls, it names."""
        return frozenset()


def _hashes(subject: OwnScript) -> tuple[tuple[str, str], ...]:
    return tuple((word, text.sha256) for word, text in subject.texts.items())


def _printed(line: str) -> State:
    return Held(Kind.STRING, line)


_LINE = re.compile(r"[ -~]{1,256}")


def _stated(said: dict[str, Any]) -> State:
    """A run of a discovery script: more than a line is none that can be judged."""
    if "fails" in said:
        return UNREADABLE
    printed: str = said["prints"]
    if not printed:
        return ABSENT
    return _printed(printed) if _LINE.fullmatch(printed) else UNREADABLE
