"""Findings of other methods than the registry's, as settings of their kinds.

HardeningKitty compares text that it got from a tool. Which of the tool's answers pass is said here as a condition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from policyc.importers.access import access_key, access_words
from policyc.importers.audit import KIND as AUDIT_POLICY
from policyc.importers.audit import audit_words
from policyc.importers.found import NotExpressibleError
from policyc.importers.hardeningkitty.mitigations import KIND as PROCESS_MITIGATION
from policyc.importers.hardeningkitty.mitigations import mitigation_words
from policyc.importers.hardeningkitty.services import named
from policyc.importers.rights import KIND as USER_RIGHT
from policyc.importers.rights import right_named, right_words
from policyc.importers.service_words import KIND as SERVICE
from policyc.importers.service_words import service_words
from policyc.kinds.defender.exclusions import LISTS, Exclusions
from policyc.kinds.defender.preferences import PREFERENCES
from policyc.kinds.defender.subject import Defender
from policyc.model import upper


@dataclass(frozen=True, slots=True)
class Said:
    """A finding in the words of a kind."""

    kind: str
    words: Mapping[str, Any]
    remediate: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """The columns of a finding that such methods look at."""

    name: str
    argument: str
    operator: str
    """In small letters."""
    recommended: str


_FLAGS = {
    "NO AUDITING": (),
    "SUCCESS": ("success",),
    "FAILURE": ("failure",),
    "SUCCESS AND FAILURE": ("success", "failure"),
}

_ACCOUNT_POLICIES = {
    "ACCOUNT LOCKOUT DURATION": "LockoutDuration",
    "ACCOUNT LOCKOUT THRESHOLD": "LockoutBadCount",
    "RESET ACCOUNT LOCKOUT COUNTER": "ResetLockoutCount",
    "LENGTH OF PASSWORD HISTORY MAINTAINED": "PasswordHistorySize",
    "MAXIMUM PASSWORD AGE": "MaximumPasswordAge",
    "MINIMUM PASSWORD AGE": "MinimumPasswordAge",
    "MINIMUM PASSWORD LENGTH": "MinimumPasswordLength",
}
"""By the finding's name, which is all that HardeningKitty goes by."""
_ACCOUNTS = {"500": "Administrator", "501": "Guest"}
_SWITCHES = {"FALSE": "0", "TRUE": "1"}
_STARTS = {"MANUAL": 3, "DISABLED": 4}


def said(method: str, asked: Asked) -> Said | None:
    """What a finding of this method, in small letters, asks; None where it is of no kind. Raises NotExpressibleError."""
    say = _METHODS.get(method)
    return None if say is None else say(asked)


def _audit(asked: Asked) -> Said:
    flags = _FLAGS.get(upper(asked.recommended.strip()))
    if flags is None:
        raise NotExpressibleError(f"'{asked.recommended}' is nothing that auditpol says of a subcategory")
    # What contains "Success" may be "Success and Failure"; nothing but itself contains "No Auditing".
    exactly = _one_of(asked, "=", "contains") == "="
    return Said(AUDIT_POLICY, audit_words(asked.argument or asked.name, flags, exactly=exactly))


def _right(asked: Asked) -> Said:
    exactly = _one_of(asked, "=", "contains") == "="
    listed = [one for one in asked.recommended.split(";") if one.strip()]
    if not exactly and not listed:
        raise NotExpressibleError("every list contains an empty one, so the finding always passes")
    return Said(USER_RIGHT, right_words(right_named(asked.argument), listed, exactly=exactly))


def _account_policy(asked: Asked) -> Said:
    constant = _ACCOUNT_POLICIES.get(upper(asked.name.strip()))
    if constant is None:
        raise NotExpressibleError(f"no account policy is called '{asked.name}', by which HardeningKitty finds it")
    return _access(constant, asked.recommended, asked.operator)


def _secedit(asked: Asked) -> Said:
    section, _, constant = asked.argument.partition("\\")
    if upper(section.strip()) != "SYSTEM ACCESS":
        raise NotExpressibleError(f"'{asked.argument}' is no policy of the section [System Access]")
    return _access(constant, asked.recommended, asked.operator)


def _local_account(asked: Asked) -> Said:
    account = _ACCOUNTS.get(asked.argument.strip())
    if account is None:
        raise NotExpressibleError(f"'{asked.argument}' is neither 500 (the administrator) nor 501 (the guest)")
    if "account status" in asked.name.lower():
        switch = _SWITCHES.get(upper(asked.recommended.strip()))
        if switch is None:
            raise NotExpressibleError(f"'{asked.recommended}' is neither True nor False")
        return _access(f"Enable{'Admin' if account == 'Administrator' else 'Guest'}Account", switch, _one_of(asked, "="))
    return _access(f"New{account}Name", asked.recommended, _one_of(asked, "=", "!="))


def _access(constant: str, recommended: str, operator: str) -> Said:
    kind, key = access_key(constant)
    # Nobody says what to write instead.
    return Said(kind, access_words(kind, key, recommended, operator), remediate=operator != "!=")


def _service(asked: Asked) -> Said | None:
    """Where a policy says the same. HardeningKitty's "Automatic" is delayed or not, which no start type of a policy is."""
    start = _STARTS.get(upper(asked.recommended.strip()))
    if start is None or asked.operator not in ("=", "=|0"):
        return None
    return Said(SERVICE, service_words(named(asked.argument), start, may_be_missing=asked.operator == "=|0"))


def _mitigation(asked: Asked) -> Said:
    _one_of(asked, "=")
    return Said(PROCESS_MITIGATION, mitigation_words(asked.argument, asked.recommended, of_program=False))


def _mitigation_of_program(asked: Asked) -> Said:
    _one_of(asked, "=")
    return Said(PROCESS_MITIGATION, mitigation_words(asked.argument, asked.recommended, of_program=True))


def _feature(asked: Asked) -> Said:
    """What contains "Disabled" may be without its files, which a policy takes for disabled too."""
    state = asked.recommended.strip().lower()
    if state not in ("enabled", "disabled"):
        raise NotExpressibleError(f"'{asked.recommended}' is neither Enabled nor Disabled")
    _one_of(asked, "=", "contains")
    if not asked.argument.strip():
        raise NotExpressibleError("the finding doesn't name one feature (MethodArgument)")
    return Said("optional_feature", {"name": asked.argument.strip(), "state": state})


def _preference(asked: Asked) -> Said | None:
    """Those that a policy can set; of the others the reason says where their policies lie."""
    one = PREFERENCES.get(asked.argument.strip())
    if one is None:
        return None
    _one_of(asked, "=")
    word = next((word for word, number in one.words.items() if str(number) == asked.recommended.strip()), None)
    if word is None or word in one.refused:
        raise NotExpressibleError(f"no policy sets '{asked.argument}' to '{asked.recommended}'")
    return Said(Defender.word, {"preference": asked.argument.strip(), "equals": word})


def _exclusions(asked: Asked) -> Said | None:
    """A list, whose members HardeningKitty joins by semicolons; it finds no list of another name."""
    name = asked.argument.strip()
    if name not in LISTS:
        return None
    _one_of(asked, "=")
    members = [one.strip() for one in asked.recommended.split(";") if one.strip()]
    return Said(Exclusions.word, {"list": name, "set_equals": members})


def _one_of(asked: Asked, *operators: str) -> str:
    if asked.operator not in operators:
        known = " and ".join(f"'{one}'" for one in operators)
        raise NotExpressibleError(f"'{asked.operator}' compares text as no condition does; {known} can be said")
    return asked.operator


_METHODS: Mapping[str, Callable[[Asked], Said | None]] = {
    "auditpol": _audit,
    "accesschk": _right,
    "accountpolicy": _account_policy,
    "secedit": _secedit,
    "localaccount": _local_account,
    "service": _service,
    "mppreference": _preference,
    "mppreferenceexclusion": _exclusions,
    "processmitigation": _mitigation,
    "processmitigationapplication": _mitigation_of_program,
    "windowsoptionalfeature": _feature,
}
