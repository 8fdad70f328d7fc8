"""What is where, in the words of the scripts."""

from __future__ import annotations

from policyc.evaluation.device import KEY
from policyc.evaluation.simulation import Finding, Outcome
from policyc.evaluation.state import ABSENT, UNREADABLE, Held, State, Verdict
from policyc.evaluation.wording import data_text, must, visible
from policyc.model import REGISTRY_VALUE_KIND, Place, View

UNREADABLE_WHY = "the value is of a kind or size that .NET cannot read"


def place_text(place: Place, user: str | None) -> str:
    r"""As scripts write it: users stand below HKU.

    >>> from policyc.model import Hive
    >>> place_text(Place(Hive.USER, View.BITS_64, "Software\\Example", ""), "anna")
    'HKU\\anna\\Software\\Example : (Default)'
    """
    text = f"{place.hive}\\{place.key}" if user is None else f"HKU\\{user}\\{place.key}"
    if place.name is not None:
        text += f" : {place.name or '(Default)'}"
    return visible(f"{text} (32-bit view)" if place.view is View.BITS_32 else text)


def state_text(state: State, *, masked: bool = False) -> str:
    """What is there.

    >>> from policyc.model import Kind
    >>> state_text(Held(Kind.DWORD, 3)), state_text(Held(Kind.MULTI_STRING, ("a", "b"))), state_text(ABSENT)
    ('3 [DWord]', '{"a"; "b"} [MultiString]', 'absent')
    """
    if state is ABSENT:
        return "absent"
    if state is UNREADABLE or not isinstance(state, Held):
        return f"unreadable ({UNREADABLE_WHY})"
    if state == KEY:
        return "present"
    kind = "None" if state.kind is None else REGISTRY_VALUE_KIND[state.kind]
    return f"(masked) [{kind}]" if masked or state.data is None else f"{data_text(state.data)} [{kind}]"


def finding_text(outcome: Outcome, finding: Finding) -> str:
    """Where, what is there, what must be."""
    where = place_text(finding.place, finding.user)
    if finding.verdict is Verdict.ERROR:
        return f"{where} can't be judged: {UNREADABLE_WHY}"
    is_there = state_text(finding.state, masked=outcome.setting.sensitive)
    return f"{where} is {is_there}, must {must(outcome.setting)}"
