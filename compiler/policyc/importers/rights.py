"""User rights of other people's files, in the words of the language."""

from __future__ import annotations

from typing import Any

from policyc.importers.accounts import said_accounts
from policyc.importers.found import NotExpressibleError
from policyc.kinds.user_right.rights import KnownRight, meant, rights
from policyc.model import upper
from policyc.source.wording import quoted

KIND = "user_right"


def right_named(text: str) -> KnownRight:
    """The right by its constant or by what the policy editor calls it. Raises NotExpressibleError."""
    name = text.strip()
    known = rights().get(upper(name))
    if known is not None:
        return known
    titled = next((right for right in rights().values() if upper(right.title) == upper(name)), None)
    if titled is not None:
        return titled
    near = meant(name)
    raise NotExpressibleError(f"Windows has no right {quoted(name)}" + (f"; is {near.constant} meant?" if near else ""))


def right_words(right: KnownRight, listed: list[str], *, exactly: bool = True) -> dict[str, Any]:
    """The words below `user_right`: just these accounts have it, or these and maybe more. Raises NotExpressibleError."""
    accounts = said_accounts(listed)
    return {"right": right.constant, "set_equals" if exactly else "contains": accounts}


def right_title(right: KnownRight, words: dict[str, Any]) -> str:
    """Who has it where the setting complies.

    >>> right_title(right_named("Debug programs"), {"set_equals": ["Administrators", {"domain": "Domain Admins"}]})
    'Debug programs: Administrators, Domain Admins of the domain'
    """
    accounts = words.get("set_equals") or words.get("contains") or []
    named = [one if isinstance(one, str) else " of the ".join(reversed(next(iter(one.items())))) for one in accounts]
    return f"{right.title}: {', '.join(named) or 'nobody'}"
