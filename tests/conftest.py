"""Fixtures that run PowerShell, and what becomes of their tests on a machine without it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from endpoint.device import JOURNAL, Device, end_prefix, make_prefix
from endpoint.engine import ON_WINDOWS, Session, WineSession, command_of, find_powershell
from endpoint.standins import StandIns, folder

# Nothing that a test does is remembered, but where it is about just that.
os.environ["POLICYC_CACHE"] = "off"

# How long an example takes is the machine's other work as much as ours.
settings.register_profile("policyc", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("policyc")

BEYOND_WINDOWS = "on Windows itself: "
"""How the reason of a skip begins that stays a skip: plain powershell.exe can't do what the test needs."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--accept`: golden cases take what comes out for what is expected. `--mutant`: a function of all scripts is wrong."""
    parser.addoption("--accept", action="store_true", help="accept what golden cases give as what they should give")
    parser.addoption("--mutant", type=int, help="the number of a change of the script library, as dev.py mutations has it")


@pytest.fixture(scope="session", autouse=True)
def _wrong_on_purpose(request: pytest.FixtureRequest) -> Iterator[None]:
    """With `--mutant`, the change that some test should notice."""
    number = request.config.getoption("--mutant")
    if number is None:
        yield
        return
    from endpoint.mutations import mutants, wrong

    with wrong(next(one for one in mutants() if one.number == number)):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """With POLICYC_REQUIRE_ENDPOINT=1, a test that needs an engine and has none fails."""
    report = yield
    needs_engine = item.get_closest_marker("endpoint") or item.get_closest_marker("powershell")
    if (
        os.environ.get("POLICYC_REQUIRE_ENDPOINT") == "1"
        and needs_engine
        and report.skipped
        and not hasattr(report, "wasxfail")
    ):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if BEYOND_WINDOWS not in reason:
            report.outcome = "failed"
            report.longrepr = f"skipped, though POLICYC_REQUIRE_ENDPOINT=1: {reason}"
    return report


@pytest.fixture(scope="session")
def powershell() -> Iterator[Session]:
    """A PowerShell engine: the parser and the language, not necessarily a registry."""
    command = find_powershell()
    if command is None:
        pytest.skip("no PowerShell: set POLICYC_POWERSHELL, or put pwsh on the PATH")
    session = Session(command)
    if session.run(script="[Console]::Out.Write('here')").stdout != "here":
        session.close()
        pytest.skip(f"{command[0]} runs no script: a stand-in of Wine's, or forbidden")
    yield session
    session.close()


@pytest.fixture(scope="session")
def device_of_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    """The endpoint of this worker, as the last test left it."""
    command = command_of("POLICYC_ENDPOINT") or (["powershell.exe"] if ON_WINDOWS else None)
    if command is None:
        pytest.skip("no Windows endpoint: set POLICYC_ENDPOINT")
    if ON_WINDOWS:
        session = Session(command)
        reason = _why_not(session)
        if reason:
            pytest.skip(reason)
        yield Device(session)
        session.close()
        return
    prefix = make_prefix(tmp_path_factory.mktemp("endpoint"))
    session = WineSession(command, {"WINEPREFIX": str(prefix)} if prefix else {})
    yield Device(session, prefix=prefix)
    session.close()
    if prefix:
        end_prefix(prefix)


@pytest.fixture
def device(device_of_worker: Device) -> Device:
    """An endpoint without anything of policyc's, or of an earlier test's."""
    device_of_worker.clean()
    return device_of_worker


@pytest.fixture
def stand_in(device: Device) -> Device:
    """An endpoint that is ours alone, with the harness's own options and a file tree to look into."""
    if not device.is_stand_in:
        pytest.skip(BEYOND_WINDOWS + "powershell.exe has none of the options of the stand-in")
    return device


@pytest.fixture(scope="session")
def standins_of_worker(device_of_worker: Device) -> StandIns:
    """The stand-ins for auditpol and secedit, put into the endpoint of this worker once."""
    programs = folder()
    if not device_of_worker.is_stand_in:
        pytest.skip(BEYOND_WINDOWS + "its own programs would change the machine")
    if programs is None:
        pytest.skip("no stand-ins for auditpol and secedit: set POLICYC_STANDINS to their folder")
    return StandIns(device_of_worker, programs)


@pytest.fixture
def standins(device: Device, standins_of_worker: StandIns) -> StandIns:
    """An endpoint whose auditpol and secedit are as on a Windows just installed."""
    assert device is standins_of_worker.device
    standins_of_worker.reset()
    return standins_of_worker


def _why_not(session: Session) -> str | None:
    elevated = session.run(
        script="([Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent())"
        ".IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)"
    )
    if elevated.stdout.strip() != "True":
        return "powershell.exe is not elevated, and tests write below HKLM"
    there = session.run(script=f"Test-Path -LiteralPath 'Registry::{JOURNAL.replace('HKLM', 'HKEY_LOCAL_MACHINE')}'")
    if there.stdout.strip() != "False":
        return f"this machine has policies of its own below {JOURNAL}: tests would spoil its journal"
    return None
