r"""Security settings (`GptTmpl.inf`, MS-GPSB 2.2): account policies, security options, user rights, start types of services.

Nothing documents what a device holds when the object no longer applies, so all of it counts as what stays.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator

from policyc.kinds.secedit.access import Access
from policyc.kinds.secedit.keys import NEVER
from policyc.kinds.service.installed import STARTS
from policyc.kinds.service.subject import Service, Startup
from policyc.kinds.user_right.subject import UserRight
from policyc.model import Operator, Setting, SetValue
from policyc.targets.group_policy.change import BESIDE, Change, Unsaid, Way

_ACCESS, _RIGHTS, _SERVICES = "System Access", "Privilege Rights", "Service General Setting"
_SECTIONS = (_ACCESS, _RIGHTS, _SERVICES)
_HEAD = ("[Unicode]", "Unicode=yes", "[Version]", 'signature="$CHICAGO$"', "Revision=1")
_NEVER = {"LockoutBadCount": 0}
"""What a template holds for "never" where that isn't -1."""
_SAFE = re.compile(r"[^\x00-\x1f\x7f\"%\u0085\u2028\u2029\ud800-\udfff]+")
"""A name between quotation marks: a template would take a percent sign for one of its own strings."""


def access(setting: Setting, subject: Access) -> Change | Unsaid:
    """An account policy or security option."""
    key, write = subject.place.key, subject.value.write
    if not isinstance(write, SetValue):
        return Unsaid("nothing says what is to be written", BESIDE)
    data = write.data
    if isinstance(data, int):
        number = _NEVER.get(key.constant, -1) if data == NEVER else data
        return _change(setting, _ACCESS, f"{key.constant} = {number}")
    if not isinstance(data, str) or not _SAFE.fullmatch(data):
        return Unsaid("a security template can't hold a character of the name", "write a name without it")
    return _change(setting, _ACCESS, f'{key.constant} = "{data}"')


def right(setting: Setting, subject: UserRight) -> Change | Unsaid:
    """A user right: Group Policy names all who have it, and takes it from all others."""
    if subject.operator is not Operator.SET_EQUALS or subject.also_allowed:
        asked = "also_allowed" if subject.operator is Operator.SET_EQUALS else subject.asked
        return Unsaid(
            f"Group Policy names all who have a right and takes it from everybody else, and '{asked}' leaves others alone",
            "name all who shall have it with 'set_equals', or let the collection go by configmgr or intune too",
        )
    own = next((account for account in subject.members if "{" in account.sid), None)
    if own is not None:
        return Unsaid(
            f"a security template names accounts by their SIDs, and '{own}' has another one on each device or in each domain",
            "write its SID, or let the collection go by configmgr or intune too",
        )
    named = ",".join(f"*{account.sid}" for account in subject.members)
    return _change(setting, _RIGHTS, f"{subject.place.constant} = {named}".rstrip())


def service(setting: Setting, subject: Service) -> Change | Unsaid:
    """The start type of a service; its permissions stay as they are."""
    if subject.running is not None:
        return Unsaid("Group Policy's security settings say how a service starts, and not whether it runs", _STATE)
    if subject.startup is None or subject.startup is Startup.DELAYED:
        return Unsaid("Group Policy's security settings know no delayed start", _STATE)
    name = subject.place.name
    if not _SAFE.fullmatch(name):
        return Unsaid("a security template can't hold a character of the service's name", BESIDE)
    start, _ = STARTS[subject.startup.value]
    return _change(setting, _SERVICES, f'"{name}",{start},""')


_STATE = "say its 'startup' alone (automatic, manual or disabled), or let the collection go by configmgr or intune too"


def _change(setting: Setting, section: str, line: str) -> Change:
    return Change(setting, Way.TEMPLATE, stays=True, section=section, line=line)


def template(changes: Iterable[Change]) -> bytes:
    """The file: UTF-16 with a byte order mark, as the console writes it."""
    text = "".join(f"{line}\r\n" for line in _lines(list(changes)))
    return codecs.BOM_UTF16_LE + text.encode("utf-16-le")


def _lines(changes: list[Change]) -> Iterator[str]:
    yield from _HEAD
    for section in _SECTIONS:
        # Two settings may say the same of one place.
        lines = dict.fromkeys(one.line for one in changes if one.section == section)
        if lines:
            yield from (f"[{section}]", *lines)
