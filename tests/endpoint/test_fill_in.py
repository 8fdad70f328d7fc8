"""fill-in.ps1: the tenant's file comes into a profile, nowhere else, and only if it is what it should be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endpoint.engine import Answer, Session
from policyc.targets.csp.making import fill_in_script

pytestmark = pytest.mark.powershell

HERE = Path(__file__).parent
SECRET = json.dumps({"body": '{"orgId":"of no tenant","text":"<&>\'\u00e4"}', "sig": "a+/=Zz"}, ensure_ascii=False)
"""Of the shape of the portal's file, and no tenant's."""
REFERENCE = "{{WindowsDefenderATP.onboarding}}"


def profile(value: str = REFERENCE, **more: object) -> dict[str, object]:
    return {"displayName": 'A "value": "{{not.onboarding}}" \\', **more, "omaSettings": [{"omaUri": "./x", "value": value}]}


def given_files(
    folder: Path, template: object, content: str | bytes = SECRET, name: str = "WindowsDefenderATP.onboarding"
) -> tuple[Path, Path, Path]:
    """Template, the tenant's file, and where the copy goes."""
    paths = folder / "profile.json", folder / name, folder / "copy.json"
    paths[0].write_text(json.dumps(template, indent=2), encoding="utf-8", newline="\n")
    paths[1].write_bytes(content if isinstance(content, bytes) else content.encode())
    return paths


def fill_in(powershell: Session, folder: Path, paths: tuple[Path, Path, Path], *more: str) -> Answer:
    script = folder / "fill-in.ps1"
    script.write_bytes(fill_in_script())
    named = zip(("-Template", "-DataFile", "-Destination"), map(powershell.path, paths), strict=True)
    answer = powershell.run(script, *(part for pair in named for part in pair), *more)
    for text in (answer.stdout, answer.stderr):
        assert "orgId" not in text
        assert "a+/=Zz" not in text
    return answer


def refused(powershell: Session, folder: Path, paths: tuple[Path, Path, Path], *more: str) -> str:
    """What it says, where it writes nothing and fails."""
    before = paths[2].read_bytes() if paths[2].exists() else None
    answer = fill_in(powershell, folder, paths, *more)
    assert (answer.exit_code, answer.stdout.strip()) == (1, "")
    assert (paths[2].read_bytes() if paths[2].exists() else None) == before
    return answer.stderr


def test_the_content_takes_the_place_of_the_reference_and_nothing_else_changes(powershell: Session, tmp_path: Path) -> None:
    paths = given_files(tmp_path, profile())
    answer = fill_in(powershell, tmp_path, paths)
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert f"{len(SECRET)} characters" in answer.stdout
    assert json.loads(paths[2].read_text(encoding="utf-8")) == profile(SECRET)
    literal = json.dumps(REFERENCE)
    start, end = paths[0].read_text(encoding="utf-8").split(f'"value": {literal}')
    copied = paths[2].read_text(encoding="utf-8")
    assert copied.startswith(start)
    assert copied.endswith(end)


def test_a_byte_order_mark_and_a_line_end_are_not_content(powershell: Session, tmp_path: Path) -> None:
    paths = given_files(tmp_path, profile(), b"\xef\xbb\xbf" + SECRET.encode() + b"\r\n")
    assert fill_in(powershell, tmp_path, paths).exit_code == 0
    assert json.loads(paths[2].read_text(encoding="utf-8")) == profile(SECRET)


def test_what_if_writes_nothing(powershell: Session, tmp_path: Path) -> None:
    paths = given_files(tmp_path, profile())
    assert fill_in(powershell, tmp_path, paths, "-WhatIf").exit_code == 0
    assert not paths[2].exists()


def test_a_file_that_is_there_is_replaced_when_asked(powershell: Session, tmp_path: Path) -> None:
    paths = given_files(tmp_path, profile())
    paths[2].write_text("mine", encoding="utf-8")
    assert "-Force replaces it" in refused(powershell, tmp_path, paths)
    assert fill_in(powershell, tmp_path, paths, "-Force").exit_code == 0
    assert json.loads(paths[2].read_text(encoding="utf-8")) == profile(SECRET)


@pytest.mark.parametrize("worktree", [False, True])
def test_no_secret_comes_to_a_repository(powershell: Session, tmp_path: Path, *, worktree: bool) -> None:
    template, data, _ = given_files(tmp_path, profile())
    below = tmp_path / "repository" / "policies"
    below.mkdir(parents=True)
    marker = tmp_path / "repository" / ".git"
    if worktree:
        marker.write_text("gitdir: elsewhere", encoding="utf-8")
    else:
        marker.mkdir()
    assert "lies in a git repository" in refused(powershell, tmp_path, (template, data, below / "copy.json"))


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (SECRET, "WindowsDefenderATP.offboarding", "ends in .onboarding"),
        (SECRET, "WindowsDefenderATP.onboarding.zip", "ends in .onboarding"),
        (b"PK\x03\x04\xff\xfe", "WindowsDefenderATP.onboarding", "isn't text in UTF-8"),
        ("", "WindowsDefenderATP.onboarding", "0 characters"),
        ('"orgId a+/=Zz"', "WindowsDefenderATP.onboarding", "an object of JSON"),
        ('{"orgId": a+/=Zz', "WindowsDefenderATP.onboarding", "an object of JSON"),
        ('{"a": "%s"}' % ("x" * 175_032), "WindowsDefenderATP.onboarding", "175041 characters"),
        (SECRET, "X_valid_until_2020-01-31.onboarding", "has expired"),
    ],
)
def test_what_is_not_the_tenants_file_is_refused(
    powershell: Session, tmp_path: Path, content: str | bytes, name: str, reason: str
) -> None:
    assert reason in refused(powershell, tmp_path, given_files(tmp_path, profile(), content, name))


def test_an_offboarding_file_is_taken_until_its_last_day(powershell: Session, tmp_path: Path) -> None:
    asks = profile("{{WindowsDefenderATP_valid_until_2020-01-31.offboarding}}")
    paths = given_files(tmp_path, asks, name="WindowsDefenderATP_valid_until_2999-12-31.offboarding")
    assert fill_in(powershell, tmp_path, paths).exit_code == 0
    old = given_files(tmp_path, asks, name="WindowsDefenderATP_valid_until_2020-01-31.offboarding")
    assert "has expired" in refused(powershell, tmp_path, old, "-Force")


@pytest.mark.parametrize("template", [profile("nothing"), profile("{{tag}}"), profile(more=[{"value": REFERENCE}])])
def test_a_template_without_one_reference_is_refused(powershell: Session, tmp_path: Path, template: object) -> None:
    assert "and one is needed" in refused(powershell, tmp_path, given_files(tmp_path, template))


def test_files_that_are_not_there_are_named(powershell: Session, tmp_path: Path) -> None:
    template, data, copy = given_files(tmp_path, profile())
    data.unlink()
    assert "There is no file" in refused(powershell, tmp_path, (template, data, copy))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(), min_size=1, max_size=4
    ).filter(lambda tree: len({name.upper() for name in tree}) == len(tree))
)
def test_whatever_the_file_holds_is_one_text_of_the_profile(powershell: Session, tmp_path: Path, data: dict[str, str]) -> None:
    content = json.dumps(data)
    paths = given_files(tmp_path, profile(), content)
    paths[2].unlink(missing_ok=True)
    script = tmp_path / "fill-in.ps1"
    script.write_bytes(fill_in_script())
    named = zip(("-Template", "-DataFile", "-Destination"), map(powershell.path, paths), strict=True)
    answer = powershell.run(script, *(part for pair in named for part in pair))
    assert answer.exit_code == 0, answer.stderr
    assert json.loads(paths[2].read_text(encoding="utf-8")) == profile(content)


def test_the_analyzer_has_no_finding(powershell: Session, tmp_path: Path) -> None:
    if not powershell.serves:
        pytest.skip("on Windows itself: powershell.exe has no -Analyze")
    script = tmp_path / "fill-in.ps1"
    script.write_bytes(fill_in_script())
    analysis = powershell.path(HERE / "windows-powershell-5.1.psd1")
    found = powershell.tool("-Analyze", "-Settings", analysis, powershell.path(script), timeout=120)
    assert (found.stdout, found.returncode) == ("", 0), found.stderr
