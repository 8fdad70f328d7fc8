"""Account policies: how passwords must be, and when accounts are locked."""

from __future__ import annotations

from policyc.kinds.secedit.access import AccountPolicy
from policyc.kinds.secedit.access_kind import AccessKind


class AccountPolicyKind(AccessKind[AccountPolicy]):
    """Of the device's own accounts; those of a domain have the domain's."""

    word = AccountPolicy.word
    note = (
        "Account policies: they count for accounts of the device itself; those of a domain have the domain's, which domain "
        "controllers take from Group Policy, where these settings are only reported. What a Group Policy says of them it puts "
        "back at its next refresh. `secedit /export /areas SECURITYPOLICY /cfg policy.inf` shows what holds."
    )
    called = "policy"
    place_words: tuple[str, ...] = ("account_policy.policy",)
    subject = AccountPolicy
