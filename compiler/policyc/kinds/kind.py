"""What the house asks a kind of setting."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from enum import Enum
from typing import Any, Protocol, TypeVar, runtime_checkable

from policyc.diagnostics import Diagnostic
from policyc.evaluation import State, Verdict
from policyc.evaluation.device import Device
from policyc.kinds.texts import Text
from policyc.model import Location, Registry, Subject, Where
from policyc.model.records import dataclass
from policyc.source.beside import Beside

S = TypeVar("S", bound=Subject)
S_contra = TypeVar("S_contra", bound=Subject, contravariant=True)
Tree = dict[str, Any]
AT_ONCE = "at once"
"""What a kind says where a change counts as soon as it is made."""


class SettingKind(Protocol[S]):
    """One kind: everything that is true of it and of no other.

    A subject handed in is always the kind's own. Nothing here prints, and nothing reads a disk.
    """

    word: str
    """The key of a policy that names it, as `Subject.word`."""
    as_one: frozenset[str]
    """Words below it that mean nothing without each other: an override with one of them replaces them all."""
    place_words: tuple[str, ...]
    """Words of `plan_words` that say where; condition and writes are all others."""
    condition_words: frozenset[str]
    """Words of `plan_words` that say together what satisfies."""

    # Lowering

    def lower(self, tree: Tree, at: Location, found: list[Diagnostic], *, audit: bool) -> S | None:
        """The subject of a setting's tree, which the schema accepts and which stands at `at`; None: see `found`.

        With `audit` nothing is written, and what to write isn't asked for.
        """

    def same_word(self, word: str, one: object, other: object) -> bool:
        """Whether a policy says the same with two values of a word."""

    # Meaning

    def users(self, subject: S, device: Device) -> tuple[str | None, ...]:
        """Whose places it is about on this device; None is the machine's."""

    def verdict(self, subject: S, state: State) -> Verdict:
        """What detection says where a device holds this."""

    def after(self, subject: S, state: State) -> State:
        """What a remediation leaves: the least change that satisfies, none where the setting complies."""

    def is_kept(self, state: State, user: str | None) -> bool:
        """Whether the journal takes this; what it doesn't is never changed."""

    def undone(self, subject: S, before: State, after: State) -> State:
        """What a rollback gives back, of what was there first and what was written last."""

    # Identity: two settings of one place

    def meaning(self, subject: S) -> tuple[object, ...]:
        """All that decides when it holds and what it writes, but not where."""

    def remembered(self, subject: S) -> tuple[object, ...]:
        """What the output remembers of it, as `repr` writes it: a collection with the same is likely the same one."""

    def covers(self, winner: S, loser: S) -> bool:
        """Whether the first asks for the same, and writes the same where the other one writes."""

    def contradict(self, one: S, other: S) -> bool:
        """Whether surely nothing satisfies both."""

    def agree(self, one: S, other: S) -> bool:
        """Whether it doesn't matter which of two remediations comes last."""

    def same_write(self, one: S, other: S) -> bool:
        """Whether both write, and write the same."""

    def violates(self, writer: S, judge: S) -> bool:
        """Whether what the one writes fails the other on every device."""

    def empties(self, subject: S) -> bool:
        """Whether it wants all gone that lies below its place (`above` gives the way back to it)."""

    def above(self, subject: S) -> Iterable[tuple[Hashable, ...]]:
        """Identities of the places above its own, the nearest first."""

    def needs_above(self, subject: S) -> bool:
        """Whether they have to be there for it to hold, or are made by what it writes."""

    def implies(self, one: S, other: S) -> bool:
        """Whether it is proved that all that satisfies `one` satisfies `other`."""

    # Words

    def words(self, subject: S, *, masked: bool) -> Tree:
        """What a policy says below the kind's word, defaults included; `masked` hides data."""

    def plan_words(self, subject: S) -> Mapping[str, Any]:
        """The same as words of a plan, whose places begin with the kind's word; None for what isn't said."""

    def hidden(self, words: Iterable[str]) -> frozenset[str]:
        """Those of a plan's words whose values are data."""

    def remediation(self, subject: S) -> str:
        """What a remediation does, in words."""

    def must(self, subject: S, *, masked: bool) -> str:
        """The end of a sentence that begins with "must"."""

    def written(self, subject: S, *, masked: bool) -> str:
        """What a remediation does, as one part of a sentence."""


class OtherKind(SettingKind[S], Protocol[S]):
    """A kind other than the registry's, whose rows and functions are the scripts' own (`policyc.powershell`)."""

    unreadable: str
    """Why a place of an imagined device can't be judged, as scripts say it."""
    note: str
    """What whoever deploys such settings has to know, once for all of them; empty where there is nothing."""

    def stated(self, tree: Tree, at: Location, found: list[Diagnostic]) -> Iterable[tuple[Where, State, Location]]:
        """What is where, of the part of a state (or of a test's writes) that stands under its word at `at`."""

    def shown(self, state: State) -> str:
        """What is there, for people, as `Format-XState` says it. Never asked of what can't be read."""

    def effect(self, subject: S) -> str | None:
        """What it takes after a change until it counts, as what comes behind "after", or AT_ONCE; None: nobody knows."""

    def row(self, subject: S) -> Mapping[str, str | int | bool | tuple[str | int, ...]]:
        """What a row of a script's table says: `Place`, the words of the condition, and `Set` where what is written isn't what
        is asked for. Names are in PascalCase, values plain: what they mean to PowerShell is no matter of a kind.
        """

    def functions(self) -> str:
        """Its functions for devices, a file as the library's are: ASCII, each a function or a variable of the script.

        The engine calls, with the kind's word in PascalCase for X: `Read-X`, `Test-X`, `Get-XNext`, `Write-X`, `Format-XState`,
        `Format-XPlace`, `Format-XMust`, and where it is there `Get-XUndone` (docs/architecture.md, "Kinds on devices").
        """

    def needs(self, subject: S) -> frozenset[str]:
        """Further functions, of its file or the library, that are called by `&` and a name, and linked for such a row."""


@runtime_checkable
class Unhurried(Protocol[S_contra]):
    """A kind of which some changes take as long as they take, while the client ends a compliance script after a minute."""

    def bounded(self, subject: S_contra) -> bool:
        """Whether it is changed within seconds on every device; what isn't is changed by a program alone."""


@runtime_checkable
class InParts(Protocol[S]):
    """A kind of which one setting may be about all that lies in its place, and is judged, written and undone part by part."""

    def parts(self, subject: S, device: Device, user: str | None) -> tuple[S, ...]:
        """What it asks of each place on this device; itself alone where it is about one."""

    def speaks_for_all(self, subject: S) -> bool:
        """Whether it is about all that lies right in its place."""

    def part_at(self, subject: S, identity: tuple[Hashable, ...]) -> S | None:
        """What it asks of a place right in its own; None where it says nothing of that."""


class Together(Enum):
    """What becomes of two settings of one place and two kinds."""

    NEVER = 0
    """Nothing is as both want it."""
    PERHAPS = 1
    """Something is, and what is written isn't."""
    ALWAYS = 2
    """A device is as both want it, whichever remediation runs last."""


@runtime_checkable
class Twinned(Protocol[S_contra]):
    """A kind whose place is one of the registry's, too, and that knows what a setting of the registry there means to it."""

    def together(self, subject: S_contra, other: Registry) -> Together:
        """What becomes of the two."""


@dataclass(frozen=True, slots=True)
class Removal:
    """All that goes with a place."""

    gone: tuple[tuple[Where, State], ...] = ()
    """What holds what, in the order in which it goes; nothing, where it may not go."""
    refusal: str = ""
    """Why it may not: then nothing of it is touched."""


@runtime_checkable
class Removes(Protocol[S_contra]):
    """A kind of which one setting may remove all that lies below its place, each part a change of its own."""

    def removal(self, subject: S_contra, device: Device, user: str | None) -> Removal | None:
        """What it removes on this device; None where it changes its own place alone."""


@runtime_checkable
class MemberWise(Protocol):
    """A kind whose places hold several things that others change too: a rollback minds those alone that policyc touched."""

    def undone_now(self, before: State, written: State, now: State) -> State | None:
        """What is there after a rollback, of what was there first, what was written last, and what is there now.

        None: somebody has changed what policyc wrote, and it stays unless a rollback is forced.
        """


@runtime_checkable
class OneWay(Protocol):
    """A kind of which some changes can't be taken back."""

    def has_way_back(self, subject: Any) -> bool:  # noqa: ANN401 - the kind's own
        """Whether a rollback gives back what was there; else what was written stays, and is told each time."""


class NamesFiles(Protocol):
    """A kind whose settings name files that lie beside the policy, which are read before it lowers one (`with_files`)."""

    beside: tuple[str, ...]
    """The words below its own that name one."""

    def texts(self, subject: Any) -> Mapping[str, Text]:  # noqa: ANN401 - the kind's own
        """Those that go to a device, by their words. Where there is a `discovery`, ConfigMgr can run it as it stands."""

    def expected(self, subject: Any) -> str:  # noqa: ANN401 - the kind's own
        """The line that `discovery` prints where all is well."""

    def with_files(self, words: Tree, id: str, files: Mapping[str, Beside | Diagnostic] | None) -> Tree:
        """The words as `lower` takes them: with the setting's id, and each file or what is wrong with it.

        None: an output is read back, which has the hashes alone.
        """
