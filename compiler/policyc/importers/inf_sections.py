"""Lines of a security template's other sections as settings of their kinds (MS-GPSB 2.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from policyc.importers.access import access_key, access_title, access_words
from policyc.importers.found import Found, NotExpressibleError, Refused
from policyc.importers.rights import KIND as USER_RIGHT
from policyc.importers.rights import right_named, right_title, right_words
from policyc.importers.service_words import KIND as SERVICE
from policyc.importers.service_words import service_title, service_words

_ASSIGNED = re.compile(r"(?P<key>[^=]*)=(?P<value>.*)")
_SERVICE = re.compile(
    r'\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>[^",]*))\s*,\s*(?P<start>[0-9]{1,3})\s*(?:,\s*"?(?P<sddl>[^"]*)"?\s*)?'
)
_PERMISSIONS = "the line also sets who may control the service, and a policy sets how it starts"


def _access(text: str, source: str) -> list[Found | Refused]:
    constant, value = _assigned(text)
    kind, key = access_key(constant)
    words = access_words(kind, key, value)
    section = "Account policies" if kind == "account_policy" else "Security options"
    return [Found(access_title(key, words), words, source, key.title, section=section, kind=kind)]


def _right(text: str, source: str) -> list[Found | Refused]:
    constant, value = _assigned(text)
    right = right_named(constant)
    words = right_words(right, [one for one in value.split(",") if one.strip()])
    return [Found(right_title(right, words), words, source, right.title, section="User rights", kind=USER_RIGHT)]


def _service(text: str, source: str) -> list[Found | Refused]:
    match = _SERVICE.fullmatch(text)
    if match is None:
        raise NotExpressibleError('a line here is "NAME",START,"PERMISSIONS"')
    name = (match["quoted"] if match["bare"] is None else match["bare"]).strip()
    words = service_words(name, int(match["start"]))
    found: list[Found | Refused] = [
        Found(service_title(words), words, source, f"service {name}", section="Services", kind=SERVICE)
    ]
    if (match["sddl"] or "").strip():
        found.append(Refused(source, f"permissions of the service {name}", _PERMISSIONS))
    return found


def _assigned(text: str) -> tuple[str, str]:
    match = _ASSIGNED.fullmatch(text)
    if match is None:
        raise NotExpressibleError("a line here is KEY = VALUE")
    return match["key"].strip(), match["value"].strip()


SECTIONS: Mapping[str, Callable[[str, str], list[Found | Refused]]] = {
    "system access": _access,
    "privilege rights": _right,
    "service general setting": _service,
}
"""By the section in small letters: what a line of it says. Each raises NotExpressibleError."""
