"""What it takes after a change until a setting counts: what its author says, or else what is so for its kind.

Microsoft documents it by what is changed: an audit policy and an account policy count at once, a user right at the next
sign-in, a mitigation at the next start of the program, a start type at the next start of Windows.
"""

from __future__ import annotations

from policyc.kinds import OTHERS
from policyc.kinds.kind import AT_ONCE
from policyc.model import Setting, TakesEffect

_SAID = {
    TakesEffect.RESTART: "a restart of the device",
    TakesEffect.SIGN_OUT: "a new sign-in",
    TakesEffect.SERVICE: "a restart of the service that reads it",
}


def effect(setting: Setting) -> str | None:
    """What comes behind "after", or AT_ONCE; None: nobody knows."""
    if setting.takes_effect is not None:
        return _SAID[setting.takes_effect]
    word = setting.subject.word
    return OTHERS[word].effect(setting.subject) if word in OTHERS and setting.subject.writes else None


def effect_text(setting: Setting) -> str | None:
    """The same as the end of a sentence that begins with "takes effect"."""
    found = effect(setting)
    return found if found is None or found == AT_ONCE else f"after {found}"
