"""What is where, in the words of the scripts."""

from __future__ import annotations

from dataclasses import replace

from policyc.evaluation.device import KEY
from policyc.evaluation.state import ABSENT, UNREADABLE, Held, State, Verdict
from policyc.evaluation.wording import data_text, visible
from policyc.kinds import OTHERS, must
from policyc.model import REGISTRY_VALUE_KIND, Registry, Where
from policyc.simulation.outcomes import Finding, Outcome

TOO_MUCH = "it holds more values that the policy does not name than are removed at once"
UNREADABLE_WHY = "the value is of a kind or size that .NET cannot read"


def place_text(place: Where, user: str | None) -> str:
    """As scripts write it, with what is invisible made visible."""
    return visible(place.shown(user))


def state_text(state: State, word: str = Registry.word, *, masked: bool = False) -> str:
    """What is there, at a place of the kind of settings that `word` names.

    >>> from policyc.model import Kind
    >>> state_text(Held(Kind.DWORD, 3)), state_text(Held(Kind.MULTI_STRING, ("a", "b"))), state_text(ABSENT)
    ('3 [DWord]', '{"a"; "b"} [MultiString]', 'absent')
    """
    if word in OTHERS:
        if state is UNREADABLE:
            return f"unreadable ({OTHERS[word].unreadable})"
        return "(masked)" if masked else visible(OTHERS[word].shown(state))
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
        word = outcome.setting.subject.word
        if outcome.unknown:
            return f"{where} can't be judged: the device doesn't tell of {outcome.unknown}, on which it depends"
        why = TOO_MUCH if finding.state == KEY else UNREADABLE_WHY
        return f"{where} can't be judged: {OTHERS[word].unreadable if word in OTHERS else why}"
    is_there = state_text(finding.state, outcome.setting.subject.word, masked=outcome.setting.sensitive)
    return f"{where} is {is_there}, must {must(replace(outcome.setting, subject=finding.subject))}"
