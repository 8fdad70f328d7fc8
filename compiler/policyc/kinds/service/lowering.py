"""The words below `service:` as the model has them, and what no device could be asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policyc.diagnostics import Diagnostic, error, warning
from policyc.diagnostics.cures import remove, write
from policyc.kinds.service import known
from policyc.kinds.service.subject import Running, Service, ServicePlace, Startup, fights
from policyc.model import Location
from policyc.source.wording import as_yaml, quoted

_NO_NAME = re.compile(r'[\\/"*?\[\]`]|^\s|\s$')
"""Slashes can't be in a service's name (CreateService); the others no service has, and consoles take them for patterns."""
_WITHOUT = {
    "w": ("Windows can't do without it", "Windows"),
    "c": ("the ConfigMgr client can't do without it, and no policy would reach the device any more", "the ConfigMgr client"),
}


def lower(tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> Service | None:
    """The service of the setting that stands at `at`; None where an error was added to `found`."""
    said: dict[str, Any] = tree["service"]
    if "startup" not in said and "state" not in said:
        message = "'service' asks for neither a start type nor a state"
        found.append(error("PC0209", message, at.below("service").key(), help="add one of 'startup' or 'state'"))
        return None
    startup = Startup(said["startup"]) if "startup" in said else None
    running = Running(said["state"]) if "state" in said else None
    missing = said["missing"] == "compliant" if "missing" in said else _may_be_missing(startup, running)
    writes = not audit and tree.get("remediate", True)
    subject = Service(ServicePlace(said["name"]), startup, running, missing, writes)
    node = at.below("service")
    told = [*_about_name(said["name"], node.below("name"))]
    if not any(one.is_error for one in told):
        told += _about_both(subject, node)
        told += _about_known(subject, node)
    found += told
    return None if any(one.is_error for one in told) else subject


def _may_be_missing(startup: Startup | None, running: Running | None) -> bool:
    """What isn't installed neither starts nor runs; what shall start has to be there."""
    return startup is Startup.DISABLED or (startup is None and running is Running.STOPPED)


def _about_name(name: str, at: Location) -> Iterator[Diagnostic]:
    shown = known.by_shown_name(name)
    template = known.template(name)
    if shown is not None:
        message = f"'{name}' is what consoles show for a service: its name is '{shown.name}'"
        text = as_yaml(shown.name)
        yield error("PC1301", message, at, help=f"write the name: {text}", cures=[write(at, text)])
    elif _NO_NAME.search(name):
        message = f"{quoted(name)} can't be the name of a service"
        way_out = (
            "write the name of one service as 'sc.exe query' gives it (SERVICE_NAME), without its path and without a pattern"
        )
        yield error("PC1302", message, at, help=way_out)
    elif template is not None:
        message = f"'{name}' is the instance of one user, called otherwise on each device and gone when the user signs out"
        way_out = f"write its template, from which the others are made at sign-in: {template}"
        yield error("PC1303", message, at, help=way_out, cures=[write(at, template)])
    else:
        near = known.meant(name)
        if near is not None:
            message = f"no service '{name}' is known, and '{near}' is"
            way_out = f"if '{near}' is meant, write {near}; if a product of yours calls its service so, it stays as it is"
            yield warning("PC1304", message, at, help=way_out, cures=[write(at, near)])


def _about_both(subject: Service, at: Location) -> Iterator[Diagnostic]:
    if fights(subject, subject):
        message = "a disabled service can't be started, so 'disabled' and 'running' never hold together"
        cures = [remove(at.below("state")), write(at.below("state"), "stopped")]
        yield error("PC1305", message, at.below("state"), help="take 'state' out, or write 'state: stopped'", cures=cures)
    elif subject.startup in (Startup.AUTOMATIC, Startup.DELAYED) and subject.running is Running.STOPPED:
        message = "Windows starts an automatic service, and each remediation would stop it again"
        way_out = "write 'startup: manual' or 'startup: disabled', or take 'state' out"
        yield warning("PC1306", message, at.below("state"), help=way_out)


def _about_known(subject: Service, at: Location) -> Iterator[Diagnostic]:
    name = subject.place.name
    marks = known.marks(name)
    turned_off = subject.startup is Startup.DISABLED or subject.running is Running.STOPPED
    needed = next((_WITHOUT[mark] for mark in _WITHOUT if mark in marks), None)
    if needed is not None and turned_off and subject.writes:
        message = f"the service '{name}' may not be disabled or stopped: {needed[0]}"
        way_out = "take the setting out, or write 'remediate: false' to have it reported alone"
        yield error("PC1307", message, at.below(subject.asked), help=way_out)
    elif "p" in marks and subject.writes:
        message = f"the service '{name}' is protected: Windows lets nobody change it, not even SYSTEM"
        way_out = "write 'remediate: false' to have it reported; its own product's settings turn it on or off"
        yield error("PC1308", message, at.below(subject.asked), help=way_out)
    elif "t" in marks and subject.startup is Startup.MANUAL:
        message = f"Windows starts '{name}' by triggers, also where it is manual: that keeps it from nothing"
        way_out = "write 'startup: disabled' where it shall not run; where it may, nothing is to be done"
        yield warning("PC1309", message, at.below("startup"), help=way_out)
