"""The kinds of settings, one folder each. The rest of the house asks a kind by `SettingKind`, and names none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, cast

from policyc.kinds.account_policy import AccountPolicyKind
from policyc.kinds.audit_policy import AuditPolicyKind
from policyc.kinds.audit_policy import said_by as audit_policy_said_by
from policyc.kinds.capability import CapabilityKind
from policyc.kinds.defender import DefenderKind
from policyc.kinds.defender import said_by as defender_said_by
from policyc.kinds.kind import InParts, MemberWise, NamesFiles, OtherKind, SettingKind, Unhurried
from policyc.kinds.optional_feature import OptionalFeatureKind
from policyc.kinds.process_mitigation import ProcessMitigationKind
from policyc.kinds.process_mitigation import said_by as process_mitigation_said_by
from policyc.kinds.registry import RegistryKind
from policyc.kinds.script import ScriptKind
from policyc.kinds.security_option import SecurityOptionKind
from policyc.kinds.service import ServiceKind
from policyc.kinds.service import said_by as service_said_by
from policyc.kinds.texts import Text
from policyc.kinds.user_right import UserRightKind
from policyc.kinds.user_right import said_by as user_right_said_by
from policyc.model import Setting, Subject

OTHERS: dict[str, OtherKind[Any]] = {
    AuditPolicyKind.word: AuditPolicyKind(),
    UserRightKind.word: UserRightKind(),
    ServiceKind.word: ServiceKind(),
    AccountPolicyKind.word: AccountPolicyKind(),
    SecurityOptionKind.word: SecurityOptionKind(),
    ProcessMitigationKind.word: ProcessMitigationKind(),
    OptionalFeatureKind.word: OptionalFeatureKind(),
    CapabilityKind.word: CapabilityKind(),
    DefenderKind.word: DefenderKind(),
    ScriptKind.word: ScriptKind(),
}
"""Kinds other than the registry's, by the key of a policy that names them: adding one is a line here."""
KINDS: dict[str, SettingKind[Any]] = {RegistryKind.word: RegistryKind(), **OTHERS}
"""All kinds."""

FROM_ROWS: dict[str, Callable[[Mapping[str, object]], dict[str, Any] | None]] = {
    AuditPolicyKind.word: audit_policy_said_by,
    UserRightKind.word: user_right_said_by,
    ServiceKind.word: service_said_by,
    ProcessMitigationKind.word: process_mitigation_said_by,
    OptionalFeatureKind.word: OptionalFeatureKind().said_by,
    CapabilityKind.word: CapabilityKind().said_by,
    DefenderKind.word: defender_said_by,
}
"""What a policy says below the kind's word, of a row that the kind gave; None of one that it never gives. The word is lowered
again, and the row of that has to be the same. A kind that isn't here is listed when its scripts are imported.
"""


def kind_of(subject: Subject) -> SettingKind[Any]:
    """The kind that knows what it means."""
    return KINDS[subject.word]


def in_parts(subject: Subject) -> InParts[Any] | None:
    """The kind of a subject that is about all that lies in its place; None for all others."""
    kind = KINDS[subject.word]
    return kind if isinstance(kind, InParts) and kind.speaks_for_all(subject) else None


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
    "OtherKind",
    "SettingKind",
    "Unhurried",
    "by_program",
    "in_parts",
    "kind_of",
    "may_take_long",
    "must",
    "naming_files",
    "texts_named",
    "texts_of",
    "word_in",
    "written",
]
