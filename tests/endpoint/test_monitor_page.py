"""The HTML page of monitor.ps1: one file, no other resource, text that stays text, and a filter that works in a browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from endpoint.engine import find_powershell
from endpoint.monitoring import ERROR, NOT_MET, ONBOARD, SUCCESS, Watched, watched
from endpoint.test_monitor import FAILED, HOSTILE, detail, fail_programs, failure

pytestmark = pytest.mark.powershell

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
VOID = {"meta", "input", "rect"}


class Page(HTMLParser):
    """The elements of a page, each with its attributes and the text directly in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        # A browser writes an end to what needs none.
        assert tag in VOID or self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of each element of this name."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A site with devices of every state, and names that would like to be something else."""
    if find_powershell() is None:
        pytest.skip("no PowerShell: set POLICYC_POWERSHELL, or put pwsh on the PATH")
    site = watched(tmp_path_factory.getbasetemp(), tmp_path_factory.mktemp("site"))
    fail_programs(site, HOSTILE, "PC-0002", "PC-0003", "</script><img src=x onerror=alert(1)>\0\x1b")
    site.site.change("collections", {"Name": "Hardening"}, Name="renamed")
    wanted = site.assignment("baselineDeployments", "Hardening")
    groups = [{"StatusType": SUCCESS, "Assets": 49_999}, {"StatusType": NOT_MET, "Assets": 1}]
    site.report(wanted["AssignmentUniqueID"], groups, [failure("PC-0007", "Hardening: settings", "First is 1")])
    site.site.update(deny=[{"cmdlet": "Get-CMApplication", "after": 0}])
    return site


@pytest.fixture(scope="module")
def file(site: Watched) -> Path:
    """The page that they make."""
    path = site.site.folder / "status.html"
    done = site.run(f"-Path '{path}'")
    assert (done.exit_code, done.stderr) == (1, ""), "an application may not be read"
    return path


def shown(file: Path, profile: Path, address: str = "") -> tuple[Page, list[str]]:
    """The page as the browser has it after its script ran, and what it wrote to its console."""
    if BROWSER is None:
        pytest.skip("no chromium on the PATH to open the page in")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--enable-logging=stderr"]
    done = subprocess.run(
        [
            BROWSER,
            *options,
            f"--user-data-dir={profile}",
            "--virtual-time-budget=2000",
            "--dump-dom",
            f"{file.as_uri()}{address}",
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return Page(done.stdout), [line for line in done.stderr.splitlines() if ":CONSOLE" in line]


def test_the_page_is_one_file_whose_text_stays_text(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert page.all("img") == page.all("link") == page.all("iframe") == []
    attributes = {name for _, given in page.elements for name in given}
    assert not {name for name in attributes if name.startswith("on") or name in ("style", "src", "srcset", "action")}
    assert {link["href"][:2] for link in page.all("a")} == {"#c"}
    assert ("bdi", HOSTILE) in page.texts
    assert ("bdi", "</script><img src=x onerror=alert(1)>  ") in page.texts
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", text)
    policy = next(meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    for part in ("script", "style"):
        body = next(data for tag, data in page.texts if tag == part)
        assert f"{part}-src 'sha256-{b64encode(sha256(body.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'; base-uri 'none'; form-action 'none'")


def test_the_page_says_first_how_each_collection_is(file: Path) -> None:
    page = Page(file.read_text(encoding="utf-8"))
    overview = {row[0]: row[1:] for row in page.rows[:6]}
    assert overview["Collection"] == ["Programs", "Compliance", "Onboarding", "Content"]
    assert overview["Hardening"] == ["none", "49,999 of 50,000 good, 1 to look at", "none", "1 of 1 good"]
    assert overview["Onboarding"][0] == "0 of 4 good, 3 to look at, 1 waiting or unknown"
    assert overview["App ring"][0] == "not readable"
    assert overview["Not yet"] == ["This collection is not on the site."]
    bars = [float(rect["width"] or "0") for rect in page.all("rect") if rect["class"] == "bad"]
    assert min(bars) == 1.5, "one device of 50,000 is still seen"
    opened = [given for given in page.all("details") if "open" in given]
    assert {given["class"] for given in opened} == {"look"}
    assert 0 < len(opened) < len(page.all("details"))


def test_it_can_be_read_with_the_keyboard_and_without_a_script(file: Path) -> None:
    page = Page(file.read_text(encoding="utf-8"))
    assert len(page.all("summary")) == len(page.all("details"))
    assert all("hidden" not in given for given in page.all("details") + page.all("tr"))
    assert [given for given in page.all("div") if given.get("id") == "tools"] == [
        {"id": "tools", "role": "search", "hidden": None}
    ]
    assert {given.get("for") for given in page.all("label")} == {"filter", None}
    regions = [given for given in page.all("div") if given.get("class") == "scroll"]
    assert all(given["tabindex"] == "0" and (given.get("aria-label") or given.get("aria-labelledby")) for given in regions)
    assert all("scope" in given for given in page.all("th"))
    assert [given["lang"] for given in page.all("html")] == ["en"]


def test_a_browser_shows_it_without_complaint_and_filters(file: Path, tmp_path: Path) -> None:
    page, complaints = shown(file, tmp_path / "profile", "#filter=pc-0002")
    assert complaints == []
    assert [given for given in page.all("div") if given.get("id") == "tools"] == [{"id": "tools", "role": "search"}]
    visible = [given for given in page.all("details") if "hidden" not in given]
    assert len(visible) == 1
    assert "open" in visible[0]
    rows = [given for given in page.all("tr") if given.get("class") and "hidden" not in given]
    assert rows == [{"class": "bad listed"}]
    assert [data for tag, data in page.texts if tag == "output"] == ["1 row"]
    whole, complaints = shown(file, tmp_path / "profile", "#filter=" + "%3Cscript%3E")
    assert complaints == []
    assert len([given for given in whole.all("tr") if given.get("class") and "hidden" not in given]) == 1
    assert ONBOARD in [data for tag, data in whole.texts if tag == "bdi"]


def test_a_long_list_is_cut_and_says_so(site: Watched, tmp_path: Path) -> None:
    failed = {**FAILED, "StatusType": ERROR, "Assets": 40}
    site.report(site.advertisement(), [failed], [detail(f"PC-{number:04}", failed, 100 + number) for number in range(40)])
    path = tmp_path / "status.html"
    assert site.run(f"-Path '{path}' -Limit 25").exit_code == 1
    page = Page(path.read_text(encoding="utf-8"))
    rows = [row for row in page.rows if row[0].startswith("PC-00") and row[2] == "Error"]
    assert len(rows) == 25
    assert ["counted, not listed", "15"] in [row[:2] for row in page.rows]
    assert "At most 25 devices are listed" in " ".join(data for tag, data in page.texts if tag == "p")
