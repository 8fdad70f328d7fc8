"""Settings of accounts of Windows itself: HKU\\.DEFAULT, S-1-5-19 and S-1-5-20, always loaded, and nobody's HKCU."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from endpoint.cases import BEYOND_DOTNET, RETIRE, key_path, setting, write_scripts
from endpoint.device import JOURNAL, Device
from endpoint.registry import Value, differences, dword, sz
from policyc.kinds.registry.places import KeyPlace, parse_key
from policyc.model import ACCOUNTS, CreateKey, Hive, Kind, Operator, Setting
from policyc.powershell.scripts import Script
from registry_settings import altered

pytestmark = pytest.mark.endpoint

HIVES = sorted(ACCOUNTS)
USER = r"HKU\S-1-5-21-0-0-0-1000\Software\policyc-test"


def of(hive: Hive, one: Setting) -> Setting:
    """The setting in this hive."""
    key = one.subject.place.key.replace("SOFTWARE", "Software")
    return altered(one, place=replace(one.subject.place, hive=hive, key=key))


ONE = setting("one", Kind.DWORD, Operator.EQUALS, 1, write=1)


@pytest.fixture
def accounts(device: Device) -> Iterator[Device]:
    """The device with the hives that every Windows has, and a stand-in may lack."""
    roots = [rf"{hive}\Software\policyc-test" for hive in HIVES]
    batch = device.batch()
    batch.wipe(*roots, USER)
    for hive in HIVES:
        batch.key(rf"{hive}\Software")
    batch.execute()
    yield device
    batch = device.batch()
    batch.wipe(*roots, USER)
    batch.execute()


@pytest.mark.parametrize(
    ("held", "key_there", "said"),
    [
        (dword(1), True, "Compliant"),
        (dword(7), True, "NonCompliant"),
        (sz("1"), True, "NonCompliant"),
        (None, True, "NonCompliant"),
        (None, False, "NonCompliant"),
        (BEYOND_DOTNET["resource list"], True, "Error"),
    ],
    ids=["right", "wrong", "wrong kind", "absent", "key missing", "unreadable"],
)
def test_every_state(accounts: Device, tmp_path: Path, held: Value | None, key_there: bool, said: str) -> None:
    settings = [replace(of(hive, ONE), id=f"one-{number}") for number, hive in enumerate(HIVES)]
    scripts = write_scripts(tmp_path, settings)
    roots = [rf"{hive}\Software" for hive in HIVES]
    batch = accounts.batch()
    if key_there:
        batch.install({key_path(one): {} if held is None else {"v": held} for one in settings})
    before = [batch.dump(root) for root in roots]
    detect = batch.run(scripts[Script.DETECT])
    first, second = batch.run(scripts[Script.REMEDIATION]), batch.run(scripts[Script.REMEDIATION])
    after = [batch.dump(key_path(one)) for one in settings]
    retire = batch.run(scripts[RETIRE])
    kept = [batch.dump(key_path(one)) for one in settings]
    journal = batch.dump(JOURNAL)
    rollback = batch.run(scripts[Script.ROLLBACK])
    back, none = [batch.dump(root) for root in roots], batch.dump(JOURNAL)
    batch.execute()
    assert [line.split()[0] for line in detect.out if ": Title" in line] == [said] * 3
    if said == "Error":
        assert "still not compliant" in (first.failure or "")
        assert (journal.state, [one.state for one in after]) == ({}, [{key_path(one): {"v": held}} for one in settings])
    else:
        assert (first.failure, second.failure) == (None, None)
        assert [one.state for one in after] == [{key_path(one): {"v": dword(1)}} for one in settings]
        changed = said == "NonCompliant"
        keys = {sz(rf"{hive.partition(chr(92))[2]}\Software\policyc-test\one").data for hive in HIVES}
        entries = [entry for entry in journal.state.values() if "Name" in entry]
        assert {entry["Key"].data for entry in entries} == (keys if changed else set())
        assert {entry["Hive"] for entry in entries} == ({sz("HKU")} if changed else set())
    assert retire.exit_code == 0, retire.said
    assert [one.state for one in kept] == [one.state for one in after]
    assert rollback.exit_code == 0, rollback.said
    assert [differences(was.state, now.state) for was, now in zip(before, back, strict=True)] == [[], [], []]
    assert none.state == {}


def test_a_user_is_not_concerned(accounts: Device, tmp_path: Path) -> None:
    """The same key of HKCU and of an account are two places: for writing, and for what has left the policy."""
    users, system = replace(of(Hive.USER, ONE), id="users"), replace(of(Hive.SYSTEM, ONE), id="system")
    only_users, both = write_scripts(tmp_path / "a", [users]), write_scripts(tmp_path / "b", [users, system])
    batch = accounts.batch()
    remediation = batch.run(both[Script.REMEDIATION])
    retire = batch.run(only_users[RETIRE])
    user, account = batch.dump(key_path(users)), batch.dump(rf"{Hive.SYSTEM}\Software\policyc-test")
    batch.run(both[Script.ROLLBACK])
    batch.execute()
    assert remediation.failure is None
    assert retire.exit_code == 0, retire.said
    assert user.state == {key_path(users): {"v": dword(1)}}
    assert account.state == {}


def test_the_system_account_has_one_identity(accounts: Device, tmp_path: Path) -> None:
    keys = [parse_key(rf"{spelling}\Software\policyc-test\one", None) for spelling in (r"HKU\S-1-5-18", r"HKEY_USERS\.Default")]
    places = []
    for number, key in enumerate(keys):
        assert isinstance(key, KeyPlace)
        place = replace(ONE.subject.place, hive=key.hive, key=key.key)
        places.append(altered(ONE, id=f"one-{number}", place=place))
    scripts = write_scripts(tmp_path, places)
    remediate = accounts.run(scripts[Script.REMEDIATE])
    place = r"HKU\.DEFAULT\Software\policyc-test\one : v"
    assert remediate.lines == [f"Changed       one-0: {place} from absent to 1 [DWord]", "Compliant"]
    assert accounts.run(scripts[Script.ROLLBACK]).exit_code == 0


def test_a_refused_write(accounts: Device, tmp_path: Path) -> None:
    """An ordinary key below a volatile one is refused by Windows."""
    made = setting("made", None, Operator.PRESENT, write=CreateKey())
    made = altered(made, place=replace(made.subject.place, hive=Hive.SYSTEM, key=r"Software\policyc-test\gone\made", name=None))
    scripts = write_scripts(tmp_path, [made])
    batch = accounts.batch()
    batch.key(r"HKU\.DEFAULT\Software\policyc-test")
    batch.key(r"HKU\.DEFAULT\Software\policyc-test\gone", volatile=True)
    remediation = batch.run(scripts[Script.REMEDIATION])
    journal = batch.dump(JOURNAL)
    rollback = batch.run(scripts[Script.ROLLBACK])
    batch.execute()
    assert remediation.failure == "policyc: still not compliant after remediation: made"
    assert [entry for entry in journal.state.values() if "Hive" in entry] == []
    assert rollback.exit_code == 0


def test_a_hive_that_is_not_loaded_is_an_error_and_never_made(stand_in: Device, tmp_path: Path) -> None:
    """No Windows is without it; a key of that name would be no hive."""
    scripts = write_scripts(tmp_path, [of(Hive.NETWORK_SERVICE, ONE)])
    batch = stand_in.batch()
    batch.wipe(Hive.NETWORK_SERVICE.value)
    detect = batch.run(scripts[Script.DETECT])
    remediation = batch.run(scripts[Script.REMEDIATION])
    hive = batch.dump(Hive.NETWORK_SERVICE.value)
    batch.execute()
    assert detect.exit_code == 2
    assert any("the hive is not loaded" in line for line in detect.out)
    assert remediation.failure == "policyc: still not compliant after remediation: one"
    assert hive.state == {}
