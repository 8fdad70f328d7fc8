"""A service in the words of the language, and in words for people."""

from __future__ import annotations

from typing import Any

from policyc.kinds.service.subject import Running, Service, Startup

MASKED = "(sensitive)"
_SETS = {
    Startup.AUTOMATIC: "sets it to automatic",
    Startup.DELAYED: "sets it to automatic, delayed",
    Startup.MANUAL: "sets it to manual",
    Startup.DISABLED: "disables it",
}


def words(subject: Service, *, masked: bool) -> dict[str, Any]:
    """What a policy says below `service:`, with every default."""
    said: dict[str, Any] = {"name": subject.place.name}
    for word, value in (("startup", subject.startup), ("state", subject.running)):
        if value is not None:
            said[word] = MASKED if masked else value.value
    return {**said, "missing": "compliant" if subject.missing else "non-compliant"}


def must(subject: Service, *, masked: bool) -> str:
    """The end of a sentence that begins with "must": `be disabled and stopped; not installed counts as that`."""
    if masked:
        return "hold what the policy says (sensitive)"
    missing = "; not installed counts as that" if subject.missing else ""
    return f"be {' and '.join(word.value for word in (subject.startup, subject.running) if word is not None)}{missing}"


def written(subject: Service, *, masked: bool) -> str:
    """What a remediation does, as one part of a sentence: `disables it and stops it`."""
    if not subject.writes:
        return "only reported"
    if masked:
        return "does what the policy says"
    parts = [] if subject.startup is None else [_SETS[subject.startup]]
    if subject.running is not None:
        parts.append("starts it" if subject.running is Running.RUNNING else "stops it")
    return " and ".join(parts)


def remediation(subject: Service) -> str:
    """What a remediation does, in words."""
    if not subject.writes:
        return "no, it is only reported"
    start, state = subject.startup is not None, subject.running
    does = "start the service" if state is Running.RUNNING else "stop the service, after those that depend on it"
    parts = (["set the start type through the service manager"] if start else []) + ([does] if state is not None else [])
    return ", and ".join(parts)
