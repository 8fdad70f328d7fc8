"""deploy.ps1 where collections pass their names on: objects are renamed in place, and a run that was stopped is completed."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from configmgr.module import write_module
from configmgr.site import Site
from endpoint.deploying import Estate, WarmSite, actions, hardening, onboarding, rows
from endpoint.engine import Session

pytestmark = pytest.mark.powershell

KINDS = (
    ("collections", "CollectionID", "Name"),
    ("packages", "PackageID", "Name"),
    ("baselines", "ModelName", "LocalizedDisplayName"),
    ("items", "ModelName", "LocalizedDisplayName"),
    ("applications", "ModelName", "LocalizedDisplayName"),
    ("policies", "ModelName", "LocalizedDisplayName"),
)
SWAP = {"A": "B", "B": "A"}


@pytest.fixture(scope="session")
def console(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What SMS_ADMIN_UI_PATH names."""
    return write_module(tmp_path_factory.mktemp("AdminConsole"))


@pytest.fixture
def site(tmp_path: Path, console: Path, powershell: Session) -> Site:
    """A site that has discovered a few devices."""
    site = WarmSite(tmp_path, console, powershell)
    site.add_devices("PC-1", "PC-2", "PC-3", "PC-9")
    return site


def named(site: Site) -> dict[str, dict[str, str]]:
    """What the objects of each kind are called, by what they are."""
    found = {}
    for kind, key, name in KINDS:
        mine = [row for row in site.rows(kind) if not row.get("IsBuiltIn")]
        found[kind] = {row[key]: row[name] for row in mine if row.get("IsLatest", True)}
    return found


def passed_on(site: Site, names: dict[str, str]) -> dict[str, dict[str, str]]:
    """The same, as it shall be when each collection has its new name."""
    words = named(site)
    for kind in words.values():
        for key, name in kind.items():
            kind[key] = " ".join(
                names.get(word.rstrip(":"), word.rstrip(":")) + ":" * word.endswith(":") for word in name.split()
            )
    return words


def deployed(site: Site, folder: Path, *names: str) -> Estate:
    """Collections of these names with settings, on the site."""
    estate = Estate(folder, {name: hardening(name, (f"PC-{at}",)) for at, name in enumerate(names, 1)})
    estate.compile()
    assert estate.deploy(site).exit_code == 0
    return estate


def rename(estate: Estate, names: dict[str, str]) -> None:
    """Give each its new name, and say what it was called."""
    for policy in estate.policies.values():
        head = policy["collection"]
        if head["name"] in names:
            head["formerly"] = [*head.get("formerly", [head["name"]])]
            head["name"] = names[head["name"]]
    estate.compile()


@pytest.mark.parametrize("names", [SWAP, {"A": "B", "B": "C", "C": "A"}, {"A": "B", "B": "C"}], ids=["swap", "circle", "chain"])
def test_names_are_passed_on_in_place(site: Site, tmp_path: Path, names: dict[str, str]) -> None:
    estate = deployed(site, tmp_path / "estate", *sorted(names))
    wanted = passed_on(site, names)
    members = {row["CollectionID"]: row["_members"] for row in site.rows("collections")}
    rename(estate, names)
    before = site.state
    looked = estate.deploy(site, "-WhatIf")
    assert (looked.exit_code, site.state) == (0, before), looked.stdout
    done = estate.settle(site)
    assert named(site) == wanted
    assert {row["CollectionID"]: row["_members"] for row in site.rows("collections")} == members
    assert not [row for row in rows(done) if row["Action"] in ("created", "removed", "left git") and row["Kind"] != "Content"]


def test_an_exchange_that_is_stopped_anywhere_is_completed(site: Site, tmp_path: Path) -> None:
    estate = deployed(site, tmp_path / "estate", "A", "B")
    wanted = passed_on(site, SWAP)
    rename(estate, SWAP)
    before = copy.deepcopy(site.state)
    stops = 0
    for cmdlet in ("Set-CMCollection", "Set-CMPackage", "Import-CMBaseline"):
        for after in range(8):
            site.save(copy.deepcopy(before))
            site.update(deny=[{"cmdlet": cmdlet, "after": after}])
            stopped = estate.deploy(site)
            if not stopped.exit_code:
                break
            stops += 1
            site.update(deny=[])
            again = estate.deploy(site)
            assert again.exit_code == 0, (cmdlet, after, again.stdout)
            assert named(site) == wanted, (cmdlet, after)
    assert stops >= 12


def test_a_name_that_somebody_keeps_is_left_to_them(site: Site, tmp_path: Path) -> None:
    estate = deployed(site, tmp_path / "estate", "A", "B")
    rename(estate, SWAP)
    before = site.state
    alone = estate.deploy(site, "-Collection A")
    assert alone.exit_code == 1
    assert "its name in the policy is taken by" in alone.stdout
    assert "which keeps it in this run" in alone.stdout
    assert site.state == before
    for policy in estate.policies.values():
        head = policy["collection"]
        if head["formerly"] == ["A"]:
            head["name"] = "Theirs"
    site.add_collection("Theirs")
    estate.compile()
    before = site.state
    stopped = estate.deploy(site)
    assert stopped.exit_code == 1
    assert {row["Name"]: row["CollectionID"] for row in site.rows("collections")} == {
        row["Name"]: row["CollectionID"] for row in before["collections"]
    }


def test_a_name_goes_to_a_collection_that_was_never_there(site: Site, tmp_path: Path) -> None:
    estate = Estate(tmp_path / "estate", {"a": hardening("A", ("PC-1",)), "b": hardening("B", ("PC-2",))})
    estate.compile()
    assert estate.deploy(site, "-Collection A").exit_code == 0
    wanted = passed_on(site, SWAP)
    rename(estate, SWAP)
    assert estate.deploy(site, "-WhatIf").exit_code == 0
    estate.settle(site)
    there = named(site)
    for kind, rest in wanted.items():
        assert rest.items() <= there[kind].items()
    assert site.row("collections", Name="A")["CollectionID"] not in wanted["collections"]
    assert site.row("collections", Name="A")["_rules"][0]["RuleName"] == "PC-2"


@pytest.mark.parametrize("way", ["application", "policy"])
def test_applications_and_policies_pass_their_names_on(site: Site, tmp_path: Path, way: str) -> None:
    policies = {}
    for name, device in (("A", "PC-1"), ("B", "PC-2")):
        policy = onboarding(device, exclude=())
        policy["collection"]["name"] = name
        policy["defender_atp"]["package"] |= {"deploy_as": way, "configuration_file": "WindowsDefenderATP.onboarding"}
        policies[name] = policy
    estate = Estate(tmp_path / "estate", policies)
    estate.compile()
    share = [estate.share / slug / "onboarding" / "WindowsDefenderATP.onboarding" for slug in ("a", "b")]
    for path in share:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"configuration")
    first = estate.deploy(site)
    assert first.exit_code == 0, first.stdout
    wanted = passed_on(site, SWAP)
    rename(estate, SWAP)
    done = estate.settle(site)
    assert named(site) == wanted
    assert "created" not in {action for _, kind, action in actions(done) if kind != "Content"}, done.stdout
