"""Several targets: which a collection goes by, what one leaves to another, and a run for one alone."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from policyc.driver.check import Checked, check
from policyc.driver.order import NoSuchTargetError, Order, Written
from policyc.driver.output import run
from policyc.driver.plan import planned

HEAD = "project: {name: E, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\nconfigmgr: {signing: none}\n"
SETTING = "settings:\n  one: {title: x, registry: {key: HKLM\\SOFTWARE\\C, name: N, type: dword, equals: %d}}\n"
DAY = date(2026, 1, 15)


def policies(folder: Path, project: str = "", **files: str) -> Path:
    root = folder / "policies"
    root.mkdir(exist_ok=True)
    (root / "project.yaml").write_text(HEAD + project, encoding="utf-8")
    for name, text in files.items():
        (root / f"{name}.yaml").write_text(text, encoding="utf-8")
    return root


def checked(folder: Path, project: str = "", **files: str) -> Checked:
    return check(policies(folder, project, **files), DAY)


def collection(name: str, ways: str, value: int = 1, members: str = "") -> str:
    return f"collection: {{name: {name}{members}}}\n{ways}{SETTING % value}"


def test_a_collection_goes_by_its_own_targets_else_by_the_projects(tmp_path: Path) -> None:
    found = checked(tmp_path, "targets: [intune]\n", a=collection("A", ""), b=collection("B", "targets: [configmgr]\n"))
    assert [(one.name, one.targets) for one in found.collections] == [("A", ("intune",)), ("B", ("configmgr",))]
    assert [target.name for target in found.targets] == ["intune", "configmgr"]


def test_a_target_that_is_not_installed_is_found_where_it_is_named(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, a=collection("A", "targets: [configmgr, nowhere]\n")).diagnostics
    assert (found.code, found.location.file, found.location.path) == ("PC0617", "a.yaml", ("targets", 1))


def test_each_target_writes_for_its_collections_alone(tmp_path: Path) -> None:
    root = policies(
        tmp_path,
        a=collection("A", "targets: [intune]\n"),
        b=collection("B", ""),
        c=collection("C", "targets: [configmgr, intune]\n"),
    )
    run(Order(root, tmp_path / "output", DAY))
    listed = json.loads((tmp_path / "output" / "manifest.json").read_bytes())["files"]
    of = {
        name: {path.split("/")[0] for path, one in listed.items() if one["target"] == name and "/" in path}
        for name in ("configmgr", "intune")
    }
    assert of == {"configmgr": {"_project", "b", "c"}, "intune": {"a", "c"}}
    mine = [path for path, one in listed.items() if one["target"] == "intune"]
    assert {path for path in mine if "/intune/" not in path} == {"deploy-intune.ps1", "tenant.json"}


def test_a_run_for_one_target_leaves_the_files_and_revisions_of_others(tmp_path: Path) -> None:
    output = tmp_path / "output"
    root = policies(tmp_path, a=collection("A", "targets: [configmgr, intune]\n"))
    run(Order(root, output, DAY))
    before = {path: path.read_bytes() for path in output.rglob("*") if path.is_file()}
    policies(tmp_path, a=collection("A", "targets: [configmgr, intune]\n", 2))
    done = run(Order(root, output, DAY, target="intune"))
    assert isinstance(done, Written)
    after = {path: path.read_bytes() for path in output.rglob("*") if path.is_file()}
    assert after.keys() == before.keys()
    changed = {path.relative_to(output).as_posix() for path in before if after[path] != before[path]}
    assert {"a/resolved.yaml", "a/intune/remediated/detect.ps1", "manifest.json", "collections.json"} <= changed
    assert all(path.startswith("a/intune/") or "/" not in path or path == "a/resolved.yaml" for path in changed)
    assert "revisions.json" not in changed
    # The next whole run finds what the other target lacks.
    whole = run(Order(root, output, DAY))
    assert isinstance(whole, Written)
    assert json.loads((output / "revisions.json").read_bytes())["objects"]["a/baseline"]["revision"] >= 1
    assert (output / "a" / "scripts" / "detect.ps1").read_bytes() != before[output / "a" / "scripts" / "detect.ps1"]


def test_a_run_for_a_target_that_nothing_goes_by_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoSuchTargetError, match="nothing goes by 'intune'; these policies go by: configmgr"):
        run(Order(policies(tmp_path, a=collection("A", "")), tmp_path / "output", DAY, target="intune"))


def test_a_group_of_intune_may_hold_devices_of_any_collection(tmp_path: Path) -> None:
    """By their members the two never meet; by Intune they may."""
    apart = {
        "a": collection("A", "", 1, ", members: {devices: [PC-1]}"),
        "b": collection("B", "", 2, ", members: {devices: [PC-2]}"),
    }
    assert not [one for one in checked(tmp_path, **apart).diagnostics if one.code.startswith("PC04")]
    apart["b"] = collection("B", "targets: [configmgr, intune]\n", 2, ", members: {devices: [PC-2]}")
    assert [one for one in checked(tmp_path, **apart).diagnostics if one.code.startswith("PC04")]
    stated = "disjoint: [{collections: [A, B], reason: they say so}]\n"
    assert not [one for one in checked(tmp_path, stated, **apart).diagnostics if one.code.startswith("PC04")]


def test_more_packages_than_a_tenant_takes(tmp_path: Path) -> None:
    ways = "targets: [intune]\n"
    many = {f"c{number}": collection(f"C {number}", ways) for number in range(101)}
    (found,) = [one for one in checked(tmp_path, **many).diagnostics if one.is_error]
    assert (found.code, "202 script packages" in found.message) == ("PC2003", True)


def test_configmgr_alone_imports_nothing_of_intune(tmp_path: Path) -> None:
    root = policies(tmp_path, a=collection("A", ""))
    text = (
        "import sys; from pathlib import Path; from datetime import date; from policyc.driver.order import Order\n"
        "from policyc.driver.output import run\n"
        f"run(Order(Path({str(root)!r}), Path({str(tmp_path / 'output')!r}), date(2026, 1, 15)))\n"
        "print([name for name in sys.modules if name.startswith('policyc.targets.intune')])"
    )
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("ways", "platforms", "told"),
    [
        ("[intune]", "[windows-11, server-2022]", ["the servers of 'A' (server-2022) get nothing"]),
        ("[csp, intune]", "[windows-11, server-2016]", ["csp reaches no Windows Server", "intune reaches no Windows Server"]),
        ("[intune, configmgr]", "[windows-11, server-2022]", []),
        ("[intune, group_policy]", "[windows-11, server-2022]", []),
        ("[intune]", "[windows-10, windows-11]", []),
        ("[intune]", "[server-2022]", []),
    ],
)
def test_servers_that_a_tenant_does_not_reach_are_told(tmp_path: Path, ways: str, platforms: str, told: list[str]) -> None:
    members = ", id: P0100001" if "configmgr" in ways else ""
    text = collection("A", f"targets: {ways}\n", members=f"{members}, platforms: {platforms}")
    found = [one.message for one in checked(tmp_path, a=text).diagnostics if one.code == "PC2009"]
    assert len(found) == len(told)
    assert all(part in message for part, message in zip(told, found, strict=True))


def test_a_script_that_a_person_carries_brings_nothing_to_the_devices_of_another_target(tmp_path: Path) -> None:
    """What a profile can't say is lost, though a local script would do it."""
    head = "collection: {name: A}\ntargets: %s\n"
    service = "settings:\n  one: {title: x, service: {name: Spooler, startup: disabled}}\n"

    def told(ways: str) -> list[tuple[str, str]]:
        (tmp_path / ways).mkdir()
        found = checked(tmp_path / ways, a=head % ways + service).diagnostics
        return [(one.code, one.message.rpartition("; ")[2]) for one in found if one.code in ("PC2001", "PC2002")]

    assert [code for code, _ in told("[csp, local]")] == ["PC2001"]
    assert told("[csp, intune]") == [("PC2002", "intune brings it to devices")]
    assert told("[csp, intune, configmgr, local]") == [("PC2002", "intune and configmgr bring it to devices")]


def test_a_plan_of_what_no_site_gets(tmp_path: Path) -> None:
    """An output that nothing of ConfigMgr's is in can be planned against, too."""
    root = policies(tmp_path, "targets: [local]\n", a=collection("A", ""))
    output = tmp_path / "output"
    run(Order(root, output, DAY))
    assert not (output / "site.json").exists()
    (root / "a.yaml").write_text(collection("A", "", value=2), encoding="utf-8")
    found = planned(None, None, root, output, DAY)
    assert found.errors == ()
    assert found.plan is not None
    assert [change.name for one in found.plan.collections for change in one.changes] == ["one"]
