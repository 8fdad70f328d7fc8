"""The kinds of settings, one folder each. The rest of the house asks a kind by `SettingKind`, and names none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from functools import cache
from importlib import import_module
from typing import Any, TypeVar, cast

from policyc.evaluation.device import Device
from policyc.kinds.kind import (
    InParts,
    MemberWise,
    NamesFiles,
    OneWay,
    OtherKind,
    Removal,
    Removes,
    SettingKind,
    Together,
    Twinned,
    Unhurried,
)
from policyc.kinds.registry import RegistryKind
from policyc.kinds.registry.trees import TREE, removes_tree
from policyc.kinds.texts import Text
from policyc.model import Registry, Setting, Subject

_T = TypeVar("_T")


class _Lazy(MutableMapping[str, _T]):
    """What belongs to words, each made when it is first asked for: where policies name no kind, its folder isn't imported."""

    def __init__(self, words: Iterable[str], make: Callable[[str], _T]) -> None:
        self._made: dict[str, _T | None] = dict.fromkeys(words)
        self._make = make

    def __getitem__(self, word: str) -> _T:
        made = self._made[word]
        if made is None:
            made = self._made[word] = self._make(word)
        return made

    def __setitem__(self, word: str, made: _T) -> None:
        self._made[word] = made

    def __delitem__(self, word: str) -> None:
        del self._made[word]

    def __contains__(self, word: object) -> bool:
        return word in self._made

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


@cache
def _kind(word: str) -> OtherKind[Any]:
    name = "".join(part.capitalize() for part in word.split("_"))
    return cast("OtherKind[Any]", getattr(import_module(f"{__name__}.{word}"), f"{name}Kind")())


def _said_by(word: str) -> Callable[[Mapping[str, object]], dict[str, Any] | None]:
    return cast("Callable[[Mapping[str, object]], dict[str, Any] | None]", import_module(f"{__name__}.{word}").said_by)


OTHERS: MutableMapping[str, OtherKind[Any]] = _Lazy(
    (
        "audit_policy",
        "user_right",
        "service",
        "account_policy",
        "security_option",
        "process_mitigation",
        "optional_feature",
        "capability",
        "defender",
        "script",
        "environment_variable",
    ),
    _kind,
)
"""Kinds other than the registry's, by the key of a policy that names them: adding one is a line here. Its folder has the
same name, and `x_y/__init__.py` the class `XYKind`.
"""
KINDS: MutableMapping[str, SettingKind[Any]] = _Lazy((RegistryKind.word, *OTHERS), _kind)
"""All kinds."""
KINDS[RegistryKind.word] = RegistryKind()

FROM_ROWS: Mapping[str, Callable[[Mapping[str, object]], dict[str, Any] | None]] = _Lazy(
    (
        "audit_policy",
        "user_right",
        "service",
        "process_mitigation",
        "optional_feature",
        "capability",
        "defender",
        "environment_variable",
    ),
    _said_by,
)
"""What a policy says below the kind's word, of a row that the kind gave; None of one that it never gives: `said_by` in the
kind's folder. The word is lowered again, and the row of that has to be the same. A kind that isn't here is listed when its
scripts are imported.
"""


def kind_of(subject: Subject) -> SettingKind[Any]:
    """The kind that knows what it means."""
    return KINDS[subject.word]


def in_parts(subject: Subject) -> InParts[Any] | None:
    """The kind of a subject that is about all that lies in its place; None for all others."""
    kind = KINDS[subject.word]
    return kind if isinstance(kind, InParts) and kind.speaks_for_all(subject) else None


def together(one: Subject, other: Subject) -> Together | None:
    """What becomes of two subjects of different kinds and one place; None: neither kind knows."""
    for subject, twin in ((one, other), (other, one)):
        kind = KINDS[subject.word]
        if isinstance(twin, Registry) and isinstance(kind, Twinned):
            return kind.together(subject, twin)
    return None


def removal(subject: Subject, device: Device, user: str | None) -> Removal | None:
    """What a remediation removes with the place of a subject; None where it changes that place alone."""
    kind = KINDS[subject.word]
    return kind.removal(subject, device, user) if isinstance(kind, Removes) else None


def journalled(settings: Iterable[Setting]) -> frozenset[str]:
    """The kinds other than the registry's values and keys that entries of the journal are of, where these were changed."""
    subjects = [one.subject for one in settings if one.remediated]
    trees = {TREE} if any(map(removes_tree, subjects)) else frozenset()
    return frozenset(OTHERS.keys() & {one.word for one in subjects}).union(trees)


def word_in(tree: Mapping[str, Any]) -> str:
    """The word by which a setting's tree names its kind; the schema has seen to it that there is one."""
    for word in KINDS:
        if word in tree:
            return word
    raise KeyError("a setting of no kind")


@cache
def _is_unhurried(kind: type) -> bool:
    # A look at a protocol takes long, and every setting is asked.
    return issubclass(kind, Unhurried)


def by_program(setting: Setting) -> bool:
    """Whether it is changed, and by a program alone: how long its change takes isn't bounded."""
    if not setting.remediated:
        return False
    kind = kind_of(setting.subject)
    return _is_unhurried(type(kind)) and not cast("Unhurried[Any]", kind).bounded(setting.subject)


def may_take_long(word: str) -> bool:
    """Whether changes of a kind, which a journal may hold, can take as long as they take."""
    return word in KINDS and _is_unhurried(type(KINDS[word]))


@cache
def _names_files(kind: type) -> bool:
    return hasattr(kind, NamesFiles.with_files.__name__)


def naming_files(word: str) -> NamesFiles | None:
    """The kind of this word, where its settings name files beside the policy."""
    kind = KINDS[word]
    return cast("NamesFiles", kind) if _names_files(type(kind)) else None


def texts_of(setting: Setting) -> Mapping[str, Text]:
    """The texts of a setting that run as they stand, by their words; none of most kinds."""
    kind = naming_files(setting.subject.word)
    return {} if kind is None else kind.texts(setting.subject)


def texts_named(setting: Setting) -> frozenset[str]:
    """The words of a plan that name such texts."""
    kind = naming_files(setting.subject.word)
    return frozenset() if kind is None else frozenset(kind.beside)


def must(setting: Setting) -> str:
    """The end of a sentence that begins with "must"; data of a sensitive setting is left out."""
    return kind_of(setting.subject).must(setting.subject, masked=setting.sensitive)


def written(setting: Setting) -> str:
    """What a remediation does, as one part of a sentence; data of a sensitive setting is left out."""
    return kind_of(setting.subject).written(setting.subject, masked=setting.sensitive)


__all__ = [
    "FROM_ROWS",
    "KINDS",
    "OTHERS",
    "InParts",
    "MemberWise",
    "NamesFiles",
    "OneWay",
    "OtherKind",
    "Removal",
    "SettingKind",
    "Together",
    "Twinned",
    "Unhurried",
    "by_program",
    "in_parts",
    "journalled",
    "kind_of",
    "may_take_long",
    "must",
    "naming_files",
    "removal",
    "texts_named",
    "texts_of",
    "together",
    "word_in",
    "written",
]
