"""Account policies and security options of the account database, from files that name them by Windows' keys or titles."""

from __future__ import annotations

import re
from typing import Any

from policyc.importers.found import NotExpressibleError
from policyc.kinds.secedit.keys import AccessKey, keys
from policyc.model import upper

KINDS_AND_NAMES = {"account_policy": "policy", "security_option": "option"}
"""Kind, and its word for which one it is."""
_NUMBER = re.compile(r"-?[0-9]{1,10}")
_NEVER = {"lockout-threshold": 0}
"""What Windows keeps for "never" where that isn't -1."""
_SWITCHES = {"0": "disabled", "1": "enabled"}
_OPERATORS = {"=": "equals", "!=": "not_equals", ">=": "at_least", "<=": "at_most"}


def access_key(constant: str) -> tuple[str, AccessKey]:
    """(kind, key) by the name in a template's section [System Access]. Raises NotExpressibleError."""
    for kind in KINDS_AND_NAMES:
        for key in keys(kind).values():
            if upper(key.constant) == upper(constant.strip()):
                return kind, key
    raise NotExpressibleError(f"no account policy and no security option '{constant.strip()}' is known")


def access_words(kind: str, key: AccessKey, value: str, operator: str = "=") -> dict[str, Any]:
    """The words below the kind. `value` is as Windows keeps it; `operator` is HardeningKitty's. Raises NotExpressibleError."""
    where: dict[str, Any] = {KINDS_AND_NAMES[kind]: key.word}
    said = _said(key, value.strip())
    if operator == "<=!0" and isinstance(said, int) and said > key.least:
        return {**where, "between": [max(key.least, 1), said], "set": said}
    word = _OPERATORS.get(operator)
    if word is None or (word in ("at_least", "at_most") and not isinstance(said, int)):
        raise NotExpressibleError(f"'{operator}' compares '{key.word}' in a way that no condition does")
    return {**where, word: said}


def access_title(key: AccessKey, words: dict[str, Any]) -> str:
    """What holds where the setting complies."""
    word, said = next(
        (word, words[word]) for word in ("equals", "not_equals", "at_least", "at_most", "between") if word in words
    )
    shown = f"{said[0]} to {said[1]}" if isinstance(said, list) else str(said)
    return f"{key.title}: {_BEFORE.get(word, '')}{shown}"


_BEFORE = {"not_equals": "not ", "at_least": "at least ", "at_most": "at most "}


def _said(key: AccessKey, value: str) -> str | int:
    if key.is_name:
        name = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
        if not name:
            raise NotExpressibleError("an account needs a name, and none is given")
        return name
    if key.is_switch:
        if value not in _SWITCHES:
            raise NotExpressibleError(f"'{value}' is neither 0 nor 1, which is all that '{key.word}' can be")
        return _SWITCHES[value]
    if not _NUMBER.fullmatch(value):
        raise NotExpressibleError(f"'{value}' is no whole number, and '{key.word}' is one")
    number = int(value)
    if key.has_never and number == _NEVER.get(key.word, -1):
        return "never"
    return number
