"""The project's head, and what must be unique among collections."""

from __future__ import annotations

import pytest

from policyc.diagnostics import Level, Related
from policyc.model import ExecutionPolicy, Granularity, Location, Members, Mode, Version


def collection(name, **head):
    return {"collection": {"name": name} | head}


def test_defaults(project):
    result = project(project={"project": {"name": "Estate", "id": "53a2c47b-fe79-5c2a-896b-87d743ec3c68"}}).project
    assert (result.name, result.publisher, result.origin) == ("Estate", "Estate", Location("project.yaml"))
    assert (result.targets, result.granularity) == (("configmgr",), Granularity.GROUP)
    assert (result.execution_policy, result.server_version) == (ExecutionPolicy.BYPASS, None)
    assert result.collections == ()


def test_everything_said(project):
    configmgr = {
        "site_code": "PS1",
        "site_server": "cm01.example.com",
        "server_version": "2012 R2",
        "client_version": "1602",
        "granularity": "setting",
        "execution_policy": "AllSigned",
    }
    tree = {
        "project": {"name": "Estate", "id": "53a2c47b-fe79-5c2a-896b-87d743ec3c68", "publisher": "IT"},
        "configmgr": configmgr,
        "targets": ["configmgr", "x", "x"],
    }
    result = project(project=tree).project
    assert (result.publisher, result.site_code, result.site_server) == ("IT", "PS1", "cm01.example.com")
    assert (result.server_version, result.client_version) == (Version("2012 R2"), Version("1602"))
    assert (result.granularity, result.execution_policy) == (Granularity.SETTING, ExecutionPolicy.ALL_SIGNED)
    assert result.targets == ("configmgr", "x")


def test_without_a_project_file_the_collections_are_checked_all_the_same(project):
    result = project(a=collection("AUX"))
    assert result.project is None
    assert result.codes == ["PC0317"]


def test_collections_are_ordered_by_slug(policies):
    result = policies(collection("Zeta"), collection("alpha", mode="audit", id="PS10001F", limited_to="All"))
    assert [found.slug for found in result.project.collections] == ["alpha", "zeta"]
    first, second = result.project.collections
    assert (first.mode, first.id, first.limited_to, first.origin) == (Mode.AUDIT, "PS10001F", "All", Location("b.yaml"))
    assert (second.mode, second.id, second.limited_to, second.members) == (Mode.ENFORCE, None, None, None)


def test_members(policies):
    members = {"query": "select", "devices": ["PC-1"], "include": ["A"], "exclude": ["B"]}
    assert policies(collection("x", members=members)).collection.members == Members("select", ("PC-1",), ("A",), ("B",))
    assert policies(collection("x", members={})).collection.members == Members()
    found = policies(collection("x", members={"devices": ["PC-1", "pc-1"]})).finding
    assert (found.code, found.location.path) == ("PC0312", ("collection", "members", "devices", 1))
    assert "case: exact" not in found.help


@pytest.mark.parametrize(
    ("first", "second", "code", "word", "message"),
    [
        (collection("Pilot"), collection("PILOT"), "PC0315", "name", "another file describes the collection 'PILOT' too"),
        (collection("Pilot"), collection("Pilot."), "PC0316", "name", "'Pilot.' and 'Pilot' would share the folder 'pilot'"),
        (collection("Büro"), collection("Buro"), "PC0316", "name", "share the folder 'buro'"),
        (collection("A", id="PS100001"), collection("B", id="PS100001"), "PC0318", "id", "have the same id 'PS100001'"),
    ],
)
def test_what_must_be_unique(policies, first, second, code, word, message):
    found = policies(first, second).finding
    assert (found.code, found.level) == (code, Level.ERROR)
    assert found.location == Location("b.yaml", ("collection", word))
    assert found.related == (
        Related(Location("a.yaml", ("collection", word)), f"the collection '{first['collection']['name']}'"),
    )
    assert message in found.message


def test_a_device_of_windows(policies):
    found = policies(collection("Con.")).finding
    assert (found.code, found.location.path) == ("PC0317", ("collection", "name"))
    assert "'con'" in found.message


def test_ids_of_a_vocabulary(policies):
    setting = {"title": "A", "registry": {"key": "HKLM\\SOFTWARE\\A", "present": True}}
    ids = ("defender-atp-device-tag", "defender-atp-something", "own")
    result = policies(collection("Pilot") | {"settings": dict.fromkeys(ids, setting)})
    assert result.finding.code == "PC0319"
    assert result.finding.location == Location("a.yaml", ("settings", "defender-atp-device-tag"), on_key=True)
    assert [found.id for found in result.collection.settings] == ["defender-atp-something", "own"]
