"""What is asked of an account policy or security option: a number or text, judged as the registry's are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from policyc.kinds.secedit.keys import NEVER, AccessKey
from policyc.model import Data, Registry

_CALLED = {"account_policy": "policy", "security_option": "option"}
SWITCH = ("disabled", "enabled")


@dataclass(frozen=True, slots=True)
class AccessPlace:
    """A policy or option of this device."""

    kind: str
    key: AccessKey

    @property
    def identity(self) -> tuple[str, str]:
        """Both kinds are lines of one section."""
        return ("system_access", self.key.constant.upper())

    @property
    def parts(self) -> dict[str, str]:
        """As a policy says it."""
        return {_CALLED[self.kind]: self.key.word}

    def shown(self, user: str | None) -> str:
        """It is the device's."""
        return str(self)

    def __str__(self) -> str:
        return f"the {self.kind.replace('_', ' ')} {self.key.constant}"


@dataclass(frozen=True, slots=True)
class Access:
    """One policy or option."""

    word: ClassVar[str]
    place: AccessPlace
    value: Registry
    """Condition and write, of a DWORD or string that stands for it; its place means nothing."""

    @property
    def asked(self) -> str:
        """The operator."""
        return self.value.asked

    @property
    def writes(self) -> bool:
        """Whether a remediation changes it."""
        return self.value.writes


@dataclass(frozen=True, slots=True)
class AccountPolicy(Access):
    """How passwords must be, and when accounts are locked."""

    word: ClassVar[str] = "account_policy"


@dataclass(frozen=True, slots=True)
class SecurityOption(Access):
    """What the policy editor has among security options, and isn't a value of the registry."""

    word: ClassVar[str] = "security_option"


def said(key: AccessKey, data: Data) -> str | int:
    """Data as a policy says it."""
    if key.is_switch and data in (0, 1):
        return SWITCH[int(str(data))]
    return "never" if data == NEVER else data if isinstance(data, int) else str(data)


def shown(key: AccessKey, data: Data) -> str:
    """Data in a sentence."""
    text = said(key, data)
    if key.is_name:
        return f'"{text}"'
    if isinstance(text, str):
        return text
    return f"{text} {key.unit}{'' if text == 1 else 's'}" if key.unit else str(text)
