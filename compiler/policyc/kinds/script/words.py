"""An own script in the words of the language, and in words for people."""

from __future__ import annotations

from typing import Any

from policyc.kinds.script.subject import OwnScript

MASKED = "(sensitive)"


def words(subject: OwnScript, *, masked: bool) -> dict[str, Any]:
    """What a policy says below `script:`, with every default, and the hash of each text."""
    return {
        **{word: text.name for word, text in subject.texts.items()},
        "expect": MASKED if masked else subject.expect,
        "time_limit": subject.time_limit,
        "sha256": {word: text.sha256 for word, text in subject.texts.items()},
    }


def must(subject: OwnScript, *, masked: bool) -> str:
    """The end of a sentence that begins with "must"; as `Format-ScriptMust` says it."""
    return "print what the policy says (sensitive)" if masked else f"print '{subject.expect}'"


def written(subject: OwnScript) -> str:
    """What a remediation does, as one part of a sentence."""
    if not subject.writes or subject.remediation is None:
        return "only reported"
    back = f"{subject.rollback.name} takes it back" if subject.rollback else "nothing takes it back"
    return f"{subject.remediation.name} runs, as a program; {back}"


def remediation(subject: OwnScript) -> str:
    """What a remediation does, in words."""
    if not subject.writes or subject.remediation is None:
        return "no, it is only reported"
    back = f"undone by {subject.rollback.name}" if subject.rollback else "which no rollback takes back"
    return f"run {subject.remediation.name}, {back}"
