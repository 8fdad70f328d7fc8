"""The page for the change board: what it tells, and that policies stay text in it."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from policyc.plan import Side, make_plan, sheet_markdown, sheet_page
from policyc.plan.sheet import MOST_ROWS, Section, Sheet, make_sheet
from policyc.plan.wording import Pieces, Said
from unit.plan.making import DAY, collection, project_of, setting
from unit.plan.test_rendering import HOSTILE, TEXTS

LSA = r"HKLM\SYSTEM\CurrentControlSet\Control\Lsa"


def sheet_of(folder: Path, before: dict[str, str], after: dict[str, str], **more: Any) -> Sheet:
    old, new = project_of(folder / "before", before), project_of(folder / "after", after)
    plan = make_plan((Side("commit", "v1"), old), (Side("commit", "v2"), new), (DAY, DAY), **more)
    return make_sheet(plan, old, new)


def section(sheet: Sheet, title: str) -> list[str]:
    """The section in plain words: its paragraphs, then its rows with ` | ` between cells."""
    (found,) = (one for one in sheet.sections if one.title == title)
    return [*map(text, found.said), *(" | ".join(map(text, row)) for row in found.rows)]


def text(pieces: Pieces) -> str:
    return "".join(piece.text if isinstance(piece, Said) else piece for piece in pieces)


def at(key: str, name: str, more: str = "") -> str:
    return f"{{title: T, registry: {{key: '{key}', name: {name}, type: dword, equals: 1}}{', ' + more if more else ''}}}"


def test_risk_names_severity_restart_and_connection(tmp_path: Path) -> None:
    before = {"a.yaml": collection("A", {"calm": setting()})}
    after = {
        "a.yaml": collection(
            "A",
            {
                "calm": setting(),
                "grave": setting(name="W", more="severity: critical, takes_effect: restart"),
                "network": at(LSA, "lmcompatibilitylevel", "severity: warning"),
                "lsa": at(LSA, "RunAsPPL", "severity: informational"),
                "smb": at(r"HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters", "SMB1"),
                "watched": setting(name="X", more="remediate: false"),
            },
        )
    }
    risk = section(sheet_of(tmp_path, before, after), "Risk")
    assert risk[0] == "By severity: 1 critical, 2 warning, 1 informational. Restart needed: 1."
    assert risk[1] == "Connectivity: 2 changes of what a device reaches or who reaches it, marked below."
    assert risk[2:] == [
        "network: T | warning | not said | signing in over the network",
        "smb: T | warning | not said | file and printer sharing (SMB server)",
        "grave: T | critical | a restart of the device | ",
        "lsa: T | informational | not said | ",
    ]


def test_what_is_only_reported_is_no_risk(tmp_path: Path) -> None:
    after = {"a.yaml": collection("A", {"a": setting(more="remediate: false")})}
    sheet = sheet_of(tmp_path, {}, after)
    assert section(sheet, "Risk") == ["Nothing is written to a device that was not written before."]
    assert section(sheet, "What does not go back by itself")[0].startswith("Everything that this change writes")


def test_a_baselines_change_is_one_risk_in_all_collections(tmp_path: Path) -> None:
    base = "baseline: {name: B}\nsettings: {one: " + setting() + "}\n"
    rings = {f"{ring}.yaml": collection(ring, more="baselines: [B]") for ring in ("Pilot", "Broad")}
    sheet = sheet_of(tmp_path, {"b.yaml": base, **rings}, {"b.yaml": base.replace("equals: 1", "equals: 2"), **rings})
    assert section(sheet, "Risk")[2:] == ["one: T, in 2 collections | warning | not said | "]
    assert section(sheet, "On which devices")[0] == "2 collections. policyc knows rules, the site counts who they reach."


def test_which_devices_and_when(tmp_path: Path) -> None:
    head = "members: {devices: [PC-1, PC-2], query: select x, include: [In], exclude: [Out]}, limited_to: All"
    more = "deployment: {phase: 2, start: '2026-02-01T20:00', outside_maintenance_windows: true}"
    after = {
        "a.yaml": collection("A", {"a": setting()}, head=head, more=more),
        "b.yaml": collection("B", {"b": setting(name="W")}),
    }
    reach = "2 devices by name; those of a query; those of In; none of Out; within All"
    when = "phase 2; from 2026-02-01T20:00 on; also outside maintenance windows"
    assert section(sheet_of(tmp_path, {}, after), "On which devices")[1:] == [
        f"A (added) | {reach} | {when}",
        "B (added) | as the site has them | phase 1",
    ]


def test_no_change_is_said(tmp_path: Path) -> None:
    same = {"a.yaml": collection("A", {"a": setting()})}
    sheet = sheet_of(tmp_path, same, same)
    assert (sheet.summary, section(sheet, "What changes")) == ("No changes.", ["Nothing."])
    assert section(sheet, "On which devices")[0].startswith("0 collections.")


def test_what_is_held_back_is_said(tmp_path: Path) -> None:
    after = {"a.yaml": collection("A", {"a": setting()})}
    sheet = sheet_of(tmp_path, {}, after, held=frozenset({"a"}))
    assert section(sheet, "On which devices")[1] == "Held back by an error of its own, so nothing of it is deployed: A"
    assert section(sheet, "Risk") == ["Nothing is written to a device that was not written before."]


def test_what_no_journal_takes_back(tmp_path: Path) -> None:
    onboarded = "defender_atp: {state: onboarded, package: {script: WindowsDefenderATPOnboardingScript.cmd}}"
    before = {"a.yaml": collection("A", {"gone": setting()})}
    after = {"a.yaml": collection("A", {"locked": at(LSA, "RunAsPPL")}, more=onboarded)}
    told = section(sheet_of(tmp_path, before, after), "What does not go back by itself")
    assert told[0].startswith(
        "locked | LSA protection is locked in the device's firmware, which no rollback reaches | somebody"
    )
    assert any(row.startswith("Onboarding of ") and "keeps no journal" in row for row in told)
    assert any("the setting leaves the collection" in row and "deploy.ps1 -Retire 'a'" in row for row in told)


def test_a_key_that_goes_with_everything_below_it_is_told(tmp_path: Path) -> None:
    gone = r"{title: T, registry: {key: 'HKLM\SOFTWARE\Example\Agent', absent: true, recurse: true}}"
    sheet = sheet_of(tmp_path, {}, {"a.yaml": collection("A", {"agent": gone})})
    assert section(sheet, "Risk")[-1] == "agent: T | warning | not said | "
    [told] = [row for row in section(sheet, "What does not go back by itself") if row.startswith("agent | ")]
    assert "it removes whatever lies below the key" in told


def test_the_way_back_has_the_commands(tmp_path: Path) -> None:
    before = {"a.yaml": collection("A", {"a": setting()}), "b.yaml": collection("B", {"b": setting()})}
    after = {"a.yaml": collection("A", {"a": setting("equals: 2")})}
    way = section(sheet_of(tmp_path, before, after), "The way back")
    assert way[-1] == "A | deploy.ps1 -Collection 'a' | deploy.ps1 -Retire 'a'"
    assert not any(row.startswith("B |") for row in way), "what goes wholly is taken back before it goes"


def test_owners_of_exceptions_sign(tmp_path: Path) -> None:
    exception = "exceptions: [{settings: [a], reason: R, owner: Print services, ticket: CHG-1, expires: '2026-12-31'}]"
    settings = {"a": setting(), "b": setting(name="W")}
    before = {"a.yaml": collection("A", settings)}
    base = "baseline: {name: B}\nsettings: {a: " + setting() + "}\n"
    before = {"b.yaml": base, "a.yaml": collection("A", more="baselines: [B]")}
    after = {"b.yaml": base, "a.yaml": collection("A", more=f"baselines: [B]\n{exception}")}
    signed = section(sheet_of(tmp_path, before, after), "Who approves")
    assert signed[-1] == "Owner of an exception: Print services, CHG-1 |  | "
    assert len(signed) == 4
    assert len(section(sheet_of(tmp_path / "again", after, after), "Who approves")) == 3


def test_one_page_stays_one(tmp_path: Path) -> None:
    after = {"a.yaml": collection("A", {f"s{number}": setting(name=f"V{number}") for number in range(MOST_ROWS + 5)})}
    sheet = sheet_of(tmp_path, {"a.yaml": collection("A")}, after)
    (risk,) = (one for one in sheet.sections if one.title == "Risk")
    assert (len(risk.rows), risk.more) == (MOST_ROWS, 5)
    assert "5 more: `policyc plan` shows all." in sheet_markdown.render(sheet)
    assert b"5 more: <code>policyc plan</code> shows all." in sheet_page.render(sheet)


class Reader(HTMLParser):
    """What a browser makes of a page: the tags, and the text of each `<code>`."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.codes: list[str] = []
        self._in_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert {name for name, _ in attrs} <= {
            "lang",
            "charset",
            "name",
            "content",
            "http-equiv",
            "rel",
            "href",
            "scope",
            "class",
        }
        if tag == "code":
            self._in_code = True
            self.codes.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_code = self._in_code and tag != "code"

    def handle_data(self, data: str) -> None:
        if self._in_code:
            self.codes[-1] += data


OUR_TAGS = {"html", "head", "meta", "link", "title", "style", "body", "header", "section", "h1", "h2", "p", "b", "code"}
OUR_TAGS |= {"table", "thead", "tbody", "tr", "th", "td"}
SHEETS = st.builds(
    lambda project, side, cells: Sheet(
        project,
        ["From ", Said(side)],
        "Changes.",
        (Section("What changes", ("Where",), tuple(([Said(cell), ", "],) for cell in cells), ([Said(side)],)),),
    ),
    TEXTS,
    TEXTS,
    st.lists(TEXTS, max_size=4),
)


@given(SHEETS)
@settings(deadline=None, max_examples=60)
def test_policies_stay_text_in_html(sheet: Sheet) -> None:
    page = sheet_page.render(sheet).decode("ascii")
    reader = Reader()
    reader.feed(page)
    assert reader.tags <= OUR_TAGS
    assert len(reader.codes) == 2 + len(sheet.sections[0].rows)
    for name in ("src=", "http://", "url(", "@import"):
        assert name not in page.partition("<body>")[0].replace("https", "").replace("http-equiv", "")


@given(SHEETS)
@settings(deadline=None, max_examples=60)
def test_policies_stay_text_in_markdown(sheet: Sheet) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(sheet_markdown.render(sheet))
    headings = [token.tag for token in tokens if token.type == "heading_open"]
    assert headings == ["h1", "h2"]
    rows = [token for token in tokens if token.type == "tr_open"]
    assert len(rows) == (len(sheet.sections[0].rows) + 1 if sheet.sections[0].rows else 0)
    for token in tokens:
        for child in token.children or ():
            assert child.type not in ("link_open", "image")
            assert child.type != "html_inline" or child.content in ("<code>", "</code>", "<!-- -->")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_project(tmp_path: Path, hostile: str) -> None:
    sheet = Sheet(hostile, [Said(hostile)], "No changes.", ())
    reader = Reader()
    reader.feed(sheet_page.render(sheet).decode("ascii"))
    assert reader.tags <= OUR_TAGS
