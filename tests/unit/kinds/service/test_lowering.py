"""What a policy says of a service, and what is said against it."""

from __future__ import annotations

from typing import Any

import pytest

from policyc.diagnostics import Diagnostic
from policyc.kinds.service import ServiceKind, known
from policyc.kinds.service.subject import Running, Service, Startup
from policyc.model import Location

AT = Location("pilot.yaml", ("settings", "example"))


def lowered(said: dict[str, Any], *, audit: bool = False, **head: object) -> tuple[Service | None, list[Diagnostic]]:
    found: list[Diagnostic] = []
    return ServiceKind().lower({"title": "An example", **head, "service": said}, AT, found, audit=audit), found


def complaint(said: dict[str, Any], **head: object) -> Diagnostic:
    subject, found = lowered(said, **head)
    [one] = found
    assert (subject is None) is one.is_error
    return one


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ({"startup": "disabled"}, True),
        ({"startup": "disabled", "state": "stopped"}, True),
        ({"state": "stopped"}, True),
        ({"startup": "manual", "state": "stopped"}, False),
        ({"startup": "delayed"}, False),
        ({"state": "running"}, False),
        ({"startup": "disabled", "missing": "non-compliant"}, False),
        ({"startup": "automatic", "missing": "compliant"}, True),
    ],
)
def test_what_is_not_installed_neither_starts_nor_runs(said: dict[str, Any], missing: bool) -> None:
    subject, found = lowered({"name": "Fax", **said})
    assert found == []
    assert subject is not None
    assert subject.missing is missing


def test_a_service_has_start_type_and_state() -> None:
    subject, _ = lowered({"name": "Fax", "startup": "delayed", "state": "running"})
    assert subject is not None
    assert (subject.startup, subject.running, subject.writes) == (Startup.DELAYED, Running.RUNNING, True)
    assert str(subject.place) == "service Fax"


@pytest.mark.parametrize(("audit", "remediate"), [(True, True), (False, False), (True, False)])
def test_a_report_writes_nothing(audit: bool, remediate: bool) -> None:
    subject, _ = lowered({"name": "Fax", "startup": "disabled"}, audit=audit, remediate=remediate)
    assert subject is not None
    assert not subject.writes


@pytest.mark.parametrize("shown", ["Print Spooler", "print  spooler", "PRINT SPOOLER"])
def test_what_consoles_show_is_understood(shown: str) -> None:
    one = complaint({"name": shown, "startup": "disabled"})
    assert one.code == "PC1301"
    assert one.location == AT.below("service", "name")
    assert one.message == f"'{shown}' is what consoles show for a service: its name is 'Spooler'"
    assert one.help == "write the name: Spooler"


@pytest.mark.parametrize("name", ["Xbl*", r"Services\Fax", "a/b", "Fax ", " Fax", 'Fa"x', "Fa[x]", "Fax?", "Fa`x"])
def test_a_name_is_one_service_s(name: str) -> None:
    assert complaint({"name": name, "startup": "disabled"}).code == "PC1302"


def test_a_user_s_instance_is_not_named() -> None:
    one = complaint({"name": "OneSyncSvc_1f2e3d", "startup": "disabled"})
    assert (one.code, one.message.partition(",")[0]) == ("PC1303", "'OneSyncSvc_1f2e3d' is the instance of one user")
    assert (one.help or "").endswith(": OneSyncSvc")


def test_an_instance_of_another_kind_is_a_name() -> None:
    assert lowered({"name": "MSSQL$PROD_2019", "state": "running"})[1] == []


@pytest.mark.parametrize(
    ("name", "near"), [("Spoolr", "Spooler"), ("WSaerch", "WSearch"), ("remoteregistri", "RemoteRegistry")]
)
def test_a_slip_names_the_nearest(name: str, near: str) -> None:
    one = complaint({"name": name, "startup": "disabled"})
    assert (one.code, one.is_error) == ("PC1304", False)
    assert one.message == f"no service '{name}' is known, and '{near}' is"


@pytest.mark.parametrize("name", ["AcmeAgent", "MSSQLSERVER", "Fux", "edgeupdate", "vmware-tools", "ccmeval"])
def test_products_have_services_of_their_own(name: str) -> None:
    assert lowered({"name": name, "startup": "disabled"})[1] == []


@pytest.mark.parametrize("other", [{}, {"missing": "non-compliant"}])
def test_a_disabled_service_does_not_run(other: dict[str, Any]) -> None:
    one = complaint({"name": "Fax", "startup": "disabled", "state": "running", **other})
    assert (one.code, one.location) == ("PC1305", AT.below("service", "state"))


@pytest.mark.parametrize("startup", ["automatic", "delayed"])
def test_an_automatic_service_comes_back(startup: str) -> None:
    assert complaint({"name": "Fax", "startup": startup, "state": "stopped"}).code == "PC1306"


@pytest.mark.parametrize("name", ["RpcSs", "rpcss", "CcmExec", "EventLog", "BITS", "wuauserv", "TrustedInstaller"])
@pytest.mark.parametrize("said", [{"startup": "disabled"}, {"state": "stopped"}])
def test_what_cannot_be_done_without_stays(name: str, said: dict[str, Any]) -> None:
    one = complaint({"name": name, **said})
    assert one.code == "PC1307"
    assert one.location == AT.below("service", *said)
    assert f"the service '{name}' may not be disabled or stopped: " in one.message


@pytest.mark.parametrize("said", [{"startup": "automatic"}, {"state": "running"}])
def test_what_is_needed_may_be_asked_for(said: dict[str, Any]) -> None:
    assert lowered({"name": "CcmExec", **said})[1] == []


@pytest.mark.parametrize("name", ["WinDefend", "Sense", "SecurityHealthService"])
def test_a_protected_service_is_only_reported(name: str) -> None:
    one = complaint({"name": name, "startup": "automatic"})
    assert (one.code, one.is_error) == ("PC1308", True)
    assert lowered({"name": name, "startup": "automatic"}, remediate=False)[1] == []
    assert lowered({"name": name, "startup": "automatic"}, audit=True)[1] == []


def test_triggers_start_a_manual_service() -> None:
    assert complaint({"name": "WebClient", "startup": "manual"}).code == "PC1309"
    assert lowered({"name": "WebClient", "startup": "disabled"})[1] == []


def test_the_table_is_whole() -> None:
    table = known.services()
    assert len(table) > 250
    assert list(table) == sorted(table, key=lambda name: name.replace("-", "").replace(".", "")) or len(set(table)) == len(
        table
    )
    assert {mark for one in table.values() for mark in one.marks} == set("wcptu")
    shown = [one.shown.upper() for one in table.values()]
    assert len(shown) == len(set(shown))
