"""Items and baselines: when a revision rises, what a digest holds, what signing changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from policyc import evaluation
from policyc.artifacts import Build
from policyc.artifacts.revisions import Ledger
from policyc.driver.check import check
from policyc.driver.walk import walk
from policyc.model import (
    Collection,
    Condition,
    Data,
    Granularity,
    Kind,
    Layer,
    Operator,
    Platform,
    Project,
    Setting,
    Severity,
    Version,
)
from policyc.targets.configmgr.checks.native import why_not
from policyc.targets.configmgr.digest import (
    Baseline,
    ConfigurationItem,
    RegistryExistenceSetting,
    RegistryValueSetting,
    ScriptSetting,
    open_cabinet,
)
from policyc.targets.configmgr.groups import ITEM_BUDGET, items
from policyc.targets.configmgr.naming import titles
from policyc.targets.configmgr.platforms import rule_ids
from policyc.targets.lengths import shorten, units
from registry_settings import altered
from unit.targets.digest.reading import read_digest
from unit.targets.samples import COLLECTION, PROJECT, REPORTED, SETTING, STATE, deployment, files

ONE_A_SETTING = replace(PROJECT, granularity=Granularity.SETTING)
BOTH = replace(COLLECTION, settings=(SETTING, REPORTED))
SIGNATURE = b"# SIG # of a test\r\n"


POLICY_TEXT = r"""
collection:
  name: Pilot
settings:
  smb1:
    title: No SMB 1
    registry:
      key: HKLM\SOFTWARE\Example
      name: SMB1
      type: dword
      equals: 0
"""


class Estate:
    """A project that is compiled again and again, each time with what the last run remembered."""

    def __init__(self, project: Project = PROJECT) -> None:
        self.project = project
        self._ledger = Ledger()

    def compile(self, *settings: Setting, signer: str | None = None, **changes: object) -> dict[str, Any]:
        """The baseline of deployment.json."""
        self._ledger = Ledger(self._ledger.entries(), signer=signer)
        collection = replace(COLLECTION, settings=settings, **changes)  # type: ignore[arg-type]
        made: dict[str, Any] = deployment(self.project, collection, Build(self._ledger, signed if signer else unsigned))
        baseline: dict[str, Any] = made["baseline"]
        return baseline


def signed(path: str, content: bytes) -> bytes:
    return content + SIGNATURE if path.endswith(".ps1") else content


def unsigned(_path: str, content: bytes) -> bytes:
    return content


def revisions(baseline: dict[str, Any]) -> list[int]:
    return [baseline["revision"], *(item["revision"] for item in baseline["items"])]


def digest_in(content: bytes) -> bytes:
    """The digest that a cabinet holds."""
    (digest,) = (part for name, part in open_cabinet(content).items() if name.endswith(".xml"))
    return digest


def item(
    collection: Collection, project: Project = PROJECT, key: str = "settings", build: Build | None = None
) -> ConfigurationItem:
    made = read_digest(digest_in(files(project, collection, build)[f"compliance/{key}/configuration-item.cab"]))
    assert isinstance(made, ConfigurationItem)
    assert made.unread == ()
    return made


class TestRevisions:
    def test_nothing_changed(self) -> None:
        estate = Estate()
        assert estate.compile(SETTING, REPORTED) == estate.compile(SETTING, REPORTED)

    def test_a_title_that_the_item_shows(self) -> None:
        estate = Estate(ONE_A_SETTING)
        before = estate.compile(SETTING, REPORTED)
        after = estate.compile(replace(SETTING, title="Another"), REPORTED)
        [old], [new] = before["items"], after["items"]
        assert (new["id"], new["unique_id"], new["name"]) == (old["id"], old["unique_id"], old["name"])
        assert (old["revision"], new["revision"]) == (1, 2)
        assert old["hash"] != new["hash"]
        # The baseline names its items, not their revisions.
        assert {**after, "items": [], "settings": []} == {**before, "items": [], "settings": []}

    @pytest.mark.parametrize(
        "changes",
        [
            {"condition": Condition(Operator.AT_LEAST, (4,))},
            {"severity": Severity.INFORMATIONAL},
            {"write": None},
            {"default": None},
            {"sensitive": True},
        ],
    )
    def test_what_a_device_is_told(self, changes: dict[str, object]) -> None:
        estate = Estate()
        before = estate.compile(SETTING, REPORTED)
        after = estate.compile(altered(SETTING, **changes), REPORTED)
        assert revisions(before) == [1, 1]
        assert revisions(after) == [1, 2]
        assert revisions(estate.compile(SETTING, REPORTED)) == [1, 3]

    @pytest.mark.parametrize(
        "changes",
        [{"references": ("CIS 1",)}, {"origin": SETTING.origin.below("elsewhere")}],
    )
    def test_what_no_device_is_told(self, changes: dict[str, object]) -> None:
        estate = Estate()
        assert estate.compile(SETTING) == estate.compile(altered(SETTING, **changes))

    def test_platforms(self) -> None:
        estate = Estate()
        estate.compile(SETTING)
        assert revisions(estate.compile(SETTING, platforms=(Platform.ALL,))) == [1, 2]

    def test_another_item(self) -> None:
        estate = Estate()
        product = replace(REPORTED, id="product", from_vocabulary="defender_atp")
        assert revisions(estate.compile(SETTING)) == [1, 1]
        assert revisions(estate.compile(SETTING, product)) == [2, 1, 1]
        assert revisions(estate.compile(SETTING)) == [3, 1]
        # What was removed and comes back gets a revision that the site never had.
        assert revisions(estate.compile(SETTING, product)) == [4, 1, 2]

    def test_a_comment_in_a_policy_changes_nothing(self, tmp_path: Path) -> None:
        remarked = "# A remark\n" + POLICY_TEXT.replace("equals: 0", "equals: 0    # as all say").replace(
            "smb1:", "smb1:   # old"
        )
        made = []
        for number, text in enumerate((POLICY_TEXT, remarked)):
            folder = tmp_path / str(number)
            folder.mkdir()
            (folder / "project.yaml").write_text(
                "project:\n  name: Example\n  id: 6eb3e9c0-8007-57db-857f-94065b852411\n", encoding="utf-8"
            )
            (folder / "pilot.yaml").write_text(text, encoding="utf-8")
            checked = check(folder, date(2026, 1, 31))
            assert not checked.stopped
            made.append(list(walk(checked, Build())))
        assert made[0] == made[1]
        assert len(made[0]) > 10


class TestSigning:
    def test_a_signed_item_is_another_one(self) -> None:
        estate = Estate()
        plain = estate.compile(SETTING)
        sealed = estate.compile(SETTING, signer="AB" * 20)
        other = estate.compile(SETTING, signer="CD" * 20)
        again = estate.compile(SETTING)
        assert [one["items"][0]["signed"] for one in (plain, sealed, other, again)] == [False, True, True, False]
        assert [one["items"][0]["revision"] for one in (plain, sealed, other, again)] == [1, 2, 3, 3]
        assert len({one["items"][0]["hash"] for one in (plain, sealed, other)}) == 3
        assert again["items"][0]["hash"] == plain["items"][0]["hash"]

    def test_the_digest_holds_the_signed_script_to_the_byte(self) -> None:
        build = Build(Ledger(signer="AB" * 20), signed)
        made = files(PROJECT, BOTH, build)
        first, second = item(BOTH, build=build).settings
        for setting, name in ((first, "critical-remediated"), (second, "warning-reported")):
            assert isinstance(setting, ScriptSetting)
            written = made[f"compliance/settings/{name}/discovery.ps1"]
            assert written.endswith(SIGNATURE)
            assert setting.discovery.encode() == written
        assert isinstance(first, ScriptSetting)
        assert first.remediation is not None
        assert first.remediation.encode() == made["compliance/settings/critical-remediated/remediation.ps1"]

    def test_half_signed_is_not_signed(self) -> None:
        def half(path: str, content: bytes) -> bytes:
            return signed(path, content) if path.endswith("discovery.ps1") else content

        made = deployment(PROJECT, BOTH, Build(Ledger(signer="AB" * 20), half))["baseline"]["items"]
        assert [one["signed"] for one in made] == [False]
        reported = replace(COLLECTION, settings=(REPORTED,))
        assert deployment(PROJECT, reported, Build(Ledger(), half))["baseline"]["items"][0]["signed"] is True

    def test_an_item_without_scripts_needs_none(self) -> None:
        made = deployment(PROJECT, replace(COLLECTION, settings=(NATIVE,)))["baseline"]["items"]
        assert [(one["scripts"], one["signed"]) for one in made] == [(False, False)]


NATIVE = altered(REPORTED, native=True, condition=Condition(Operator.EQUALS, (1,)), default=None)


NATIVE_OPERATORS = (Operator.EQUALS, Operator.NOT_EQUALS, Operator.PRESENT, Operator.ABSENT)


def native_verdict(made: object, held: int | None, bits: int) -> bool:
    """Whether ConfigMgr counts the rule as compliant."""
    if isinstance(made, RegistryExistenceSetting):
        return (held is not None) == made.must_exist
    assert isinstance(made, RegistryValueSetting)
    if held is None:
        return not made.missing_is_noncompliant
    read = held - 2**bits if held >= 2 ** (bits - 1) else held
    return (read in made.operands) == (made.operator in ("Equals", "OneOf"))


class TestDigests:
    def test_groups_become_script_settings(self) -> None:
        made = item(BOTH)
        assert made.name == "Pilot workstations: settings"
        assert made.description.startswith("2 settings, from pilot.yaml [policyc:")
        first, second = made.settings
        assert isinstance(first, ScriptSetting)
        assert isinstance(second, ScriptSetting)
        assert (first.name, first.description) == ("Pilot workstations: critical, remediated", SETTING.title)
        assert (second.name, second.description) == ("Pilot workstations: warning, reported only", REPORTED.title)
        assert (first.severity, second.severity) == (Severity.CRITICAL, Severity.WARNING)
        assert first.remediation is not None
        assert second.remediation is None
        assert {first.expected, second.expected} == {"Compliant"}

    def test_a_group_of_many_names_its_settings(self) -> None:
        twins = replace(COLLECTION, settings=(SETTING, replace(SETTING, id="twin", title="Another | title")))
        [made] = item(twins).settings
        assert made.name == "Pilot workstations: critical, remediated"
        assert made.description == f"{SETTING.title}; Another | title"

    def test_a_setting_alone_is_called_as_it_is(self) -> None:
        [made] = item(replace(COLLECTION, settings=(SETTING,)), ONE_A_SETTING).settings
        assert (made.name, made.description) == (SETTING.title, SETTING.why)

    def test_a_group_is_called_by_its_baseline_or_product(self) -> None:
        logging = replace(SETTING, layer=Layer(("Windows logging", "Base")), severity=Severity.CRITICAL_WITH_EVENT)
        [made] = item(replace(COLLECTION, settings=(logging,)), key="baseline-windows-logging").settings
        assert made.name == "Windows logging: critical with an event, remediated"
        [made] = item(
            replace(COLLECTION, settings=(replace(STATE, severity=Severity.NONE),)), key="defender-atp-state"
        ).settings
        assert made.name == "Windows Defender ATP, state: no severity, reported only"

    def test_a_group_that_goes_on_says_so(self) -> None:
        """Ids, and with them identities, come of the folder's name, which doesn't change with what is shown."""
        named = [(f"setting-{number:03}", f"Title {number:03} {'t' * 40}") for number in range(400)]
        many = tuple(replace(SETTING, id=name, title=title) for name, title in named)
        collection = replace(COLLECTION, settings=many)
        parts = items(collection, Granularity.GROUP)[0].groups
        made = item(collection).settings
        assert len(made) == len(parts) > 1
        assert [one.name for one in made[:2]] == [
            "Pilot workstations: critical, remediated",
            "Pilot workstations: critical, remediated (2)",
        ]
        assert [part.id for part in parts[:2]] == ["critical-remediated", "critical-remediated-2"]
        for part, one in zip(parts, made, strict=True):
            shown, _, more = one.description.rpartition(" and ")
            assert len(one.description) <= 256
            assert shown == "; ".join(setting.title for setting in part.settings[: shown.count(";") + 1])
            assert more == f"{len(part.settings) - shown.count(';') - 1} more"

    @pytest.mark.parametrize("title", ["t" * 256, "\U0001f600" * 128, "\u00e4 " * 128])
    def test_titles_fit_whole_or_are_counted(self, title: str) -> None:
        assert titles([replace(SETTING, title=title)], 256) == shorten(title, 256)
        several = titles([replace(SETTING, title=title), SETTING, REPORTED], 256)
        assert units(several) <= 256
        assert several.endswith(" and 2 more")
        assert titles([SETTING, replace(SETTING, title=title)], 256) == f"{SETTING.title} and 1 more"

    @pytest.mark.parametrize(
        ("operator", "operands", "kind", "expected"),
        [
            (Operator.EQUALS, (1,), Kind.DWORD, ("Equals", (1,), True)),
            (Operator.NOT_EQUALS, (0,), Kind.QWORD, ("NotEquals", (0,), False)),
        ],
    )
    def test_a_native_comparison(
        self, operator: Operator, operands: tuple[Data, ...], kind: Kind, expected: tuple[str, tuple[int, ...], bool]
    ) -> None:
        """An absent value fails exactly where it fails for a script."""
        setting = altered(NATIVE, kind=kind, condition=Condition(operator, operands))
        [made] = item(replace(COLLECTION, settings=(setting,))).settings
        assert isinstance(made, RegistryValueSetting)
        assert (made.operator, made.operands, made.missing_is_noncompliant) == expected
        assert (made.key, made.value_name) == (SETTING.subject.place.key, SETTING.subject.place.name)
        assert (made.name, made.severity) == (REPORTED.title, REPORTED.severity)
        assert made.description.startswith("Judged by ConfigMgr itself: it does not look at the value's type. ")

    @pytest.mark.parametrize(
        ("operator", "kind", "must_exist", "data_type"),
        [
            (Operator.PRESENT, None, True, "String"),
            (Operator.PRESENT, Kind.DWORD, True, "Int64"),
            (Operator.ABSENT, Kind.EXPAND_STRING, False, "String"),
            (Operator.ABSENT, None, False, "String"),
        ],
    )
    def test_a_native_existence(self, operator: Operator, kind: Kind | None, must_exist: bool, data_type: str) -> None:
        setting = altered(NATIVE, kind=kind, condition=Condition(operator))
        [made] = item(replace(COLLECTION, settings=(setting,))).settings
        assert isinstance(made, RegistryExistenceSetting)
        assert (made.must_exist, made.data_type) == (must_exist, data_type)

    @pytest.mark.parametrize("kind", [Kind.DWORD, Kind.QWORD])
    @pytest.mark.parametrize("operator", NATIVE_OPERATORS)
    def test_a_native_setting_means_what_the_setting_means(self, kind: Kind, operator: Operator) -> None:
        """Held against the oracle, with numbers read as ConfigMgr reads them: signed."""
        bits = 32 if kind is Kind.DWORD else 64
        numbers = (0, 1, 2 ** (bits - 1) - 1, 2 ** (bits - 1), 2**bits - 1)
        none = operator in (Operator.PRESENT, Operator.ABSENT)
        judged = 0
        for operands in [()] if none else [(one,) for one in numbers]:
            setting = altered(NATIVE, kind=kind, condition=Condition(operator, operands))
            if why_not(setting) is not None:
                assert max(operands) >= 2 ** (bits - 1)
                continue
            [made] = item(replace(COLLECTION, settings=(setting,))).settings
            for held in (None, *numbers):
                state = evaluation.ABSENT if held is None else evaluation.Held(kind, held)
                assert native_verdict(made, held, bits) == (
                    evaluation.verdict(setting.subject, state) is evaluation.Verdict.COMPLIANT
                )
                judged += 1
        assert judged >= 6

    @pytest.mark.parametrize("text", ["<b> & \"'", "a\n\r\tb", "\u00e4\U0001f600", "]]>", "x" * 300 + "\n"])
    def test_texts_come_back_as_they_are(self, text: str) -> None:
        [made] = item(replace(COLLECTION, settings=(replace(SETTING, title=text, why=text),)), ONE_A_SETTING).settings
        assert (made.name, made.description) == (shorten(text, 256), shorten(text, 256))

    def test_a_native_setting_has_no_scripts(self) -> None:
        made = files(PROJECT, replace(COLLECTION, settings=(NATIVE,)))
        assert not any(path.startswith("compliance/") and path.endswith(".ps1") for path in made)
        assert "scripts/detect.ps1" in made

    def test_more_settings_than_an_item_takes(self) -> None:
        many = tuple(replace(REPORTED, id=f"setting-{number}") for number in range(ITEM_BUDGET + 1))
        collection = replace(COLLECTION, settings=many)
        first, second = (item(collection, ONE_A_SETTING, key) for key in ("settings", "settings--2"))
        assert (len(first.settings), len(second.settings)) == (ITEM_BUDGET, 1)
        assert (first.name, second.name) == ("Pilot workstations: settings", "Pilot workstations: settings (2)")
        assert first.identity.logical_name != second.identity.logical_name
        baseline = read_digest(digest_in(files(ONE_A_SETTING, collection)["compliance/configuration-baseline.cab"]))
        assert isinstance(baseline, Baseline)
        assert [one.unique_id for one in baseline.items] == [first.identity.unique_id, second.identity.unique_id]

    def test_a_cabinet_holds_the_digest_and_its_texts(self) -> None:
        made = files(PROJECT, BOTH)
        for stem in ("compliance/settings/configuration-item", "compliance/configuration-baseline"):
            inside = open_cabinet(made[f"{stem}.cab"])
            assert sorted(name.partition(".")[2] for name in inside) == ["en-US.resx", "xml"]
            assert read_digest(digest_in(made[f"{stem}.cab"])).identity.logical_name == min(inside).partition(".")[0]

    @pytest.mark.parametrize("name", ["n" * 255, "\u00e4" * 255, "Pilot"])
    def test_names_and_descriptions_fit(self, name: str) -> None:
        long = replace(REPORTED, id="i" * 64, title="t" * 256, why="w" * 4000)
        collection = replace(COLLECTION, name=name, settings=(SETTING, long, replace(NATIVE, title="t" * 256, why="w" * 4000)))
        for project in (PROJECT, ONE_A_SETTING):
            made = item(collection, project)
            assert len(made.name) <= 255
            assert len(made.description) <= 512
            assert all(len(setting.name) <= 256 and len(setting.description) <= 256 for setting in made.settings)


OLD, NEW = Version("1602"), Version("2403")


@pytest.mark.parametrize(
    ("platforms", "site", "expected"),
    [
        ([Platform.WINDOWS_10], None, ["x64_Windows_10_and_higher_Clients", "x86_Windows_10_and_higher_Clients"]),
        (
            [Platform.WINDOWS_10],
            NEW,
            [
                "x64_Windows_10_and_higher_Clients",
                "x86_Windows_10_and_higher_Clients",
                "ARM64_Windows_10_and_higher_Clients",
                "MultiSession_Enterprise_Windows_10_higher",
            ],
        ),
        ([Platform.ALL], OLD, ["Windows_Client_Server"]),
        ([Platform.SERVER_2016, Platform.SERVER_2019], NEW, ["x64_Windows_Server_2016", "x64_Windows_Server_2019_and_higher"]),
        ([Platform.SERVER_2019, Platform.SERVER_2019], OLD, ["x64_Windows_Server_2019_and_higher"]),
    ],
)
def test_platforms(platforms: Sequence[Platform], site: Version | None, expected: list[str]) -> None:
    assert list(rule_ids(platforms, site)) == [f"Windows/All_{name}" for name in expected]
    made = item(replace(COLLECTION, settings=(SETTING,), platforms=tuple(platforms)), replace(PROJECT, server_version=site))
    assert list(made.platforms) == [f"Windows/All_{name}" for name in expected]


@pytest.mark.parametrize("site", [None, Version("2012"), OLD, NEW])
@pytest.mark.parametrize("platform", Platform)
def test_every_platform_names_something_on_every_site(platform: Platform, site: Version | None) -> None:
    assert rule_ids([platform], site)
    assert set(rule_ids([platform], site)) <= set(rule_ids([platform], NEW))
