"""Security options that are no values of the registry: two accounts' names and whether they are enabled, and two switches."""

from __future__ import annotations

from policyc.kinds.secedit.access import SecurityOption
from policyc.kinds.secedit.access_kind import AccessKind


class SecurityOptionKind(AccessKind[SecurityOption]):
    """Those that the policy editor has among security options."""

    word = SecurityOption.word
    note = (
        "Security options: what a Group Policy says of them it puts back at its next refresh, and Windows LAPS may give the "
        "administrator it manages a name of its own. On domain controllers, whose accounts are the domain's, they are only "
        "reported. `secedit /export /areas SECURITYPOLICY /cfg policy.inf` shows what holds."
    )
    called = "option"
    place_words: tuple[str, ...] = ("security_option.option",)
    subject = SecurityOption
