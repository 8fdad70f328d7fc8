"""What policyc itself brought to a site comes back as the same settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from policyc.artifacts import Build
from policyc.artifacts.revisions import Ledger
from policyc.driver.check import check
from policyc.driver.walk import walk
from policyc.evaluation import translate
from policyc.importers import Imported
from policyc.importers.cab import read
from policyc.importers.policy_file import Written, write_policy
from policyc.kinds.audit_policy.subcategories import guid_of
from policyc.kinds.audit_policy.subcategories import names as subcategories
from policyc.kinds.audit_policy.subject import AuditPolicy, Subcategory
from policyc.kinds.capability import Capability
from policyc.kinds.optional_feature import OptionalFeature
from policyc.kinds.script.subject import OwnScript
from policyc.kinds.service import ServiceKind
from policyc.kinds.user_right import UserRightKind
from policyc.model import EVERYWHERE, Condition, Granularity, Kind, Operator, Project, Registry, Setting, SetValue, Severity
from policyc.targets.configmgr.checks.native import why_not
from policyc.targets.configmgr.digest import cabinet, open_cabinet
from registry_settings import altered
from unit.importers.test_policy_file import loaded
from unit.powershell.random_settings import TEXTS, settings
from unit.targets.samples import COLLECTION, ORIGIN, PROJECT, REPORTED, SETTING, files

TOP = Path(__file__).resolve().parents[3]
ONE_A_SETTING = replace(PROJECT, granularity=Granularity.SETTING)
COMPARED = (Operator.EQUALS, Operator.NOT_EQUALS)
TITLES = TEXTS.map(lambda text: " ".join(text.split())).filter(lambda text: text.isprintable() and bool(text))


def cabinets(*its_settings: Setting, project: Project = PROJECT, build: Build | None = None) -> dict[str, bytes]:
    """The cabinets of a collection with these settings."""
    made = files(project, replace(COLLECTION, settings=its_settings), build)
    return {path: content for path, content in made.items() if path.endswith("item.cab")}


def imported(*its_settings: Setting, project: Project = PROJECT, build: Build | None = None) -> Imported:
    """What the only one of them says."""
    [content] = cabinets(*its_settings, project=project, build=build).values()
    return read(content, "item.cab")


def back(made: Imported) -> tuple[tuple[Setting, ...], Written]:
    """The settings of the policy that is written, as the compiler reads them."""
    written = write_policy(made, name="Imported")
    with TemporaryDirectory() as folder:
        project, findings = loaded(written, Path(folder))
    assert [one for one in findings if one.is_error] == []
    return (project.collections[0].settings if project.collections else ()), written


def comparable(setting: Setting, *, texts: bool = False, id: bool = True) -> Setting:
    """What can be had: all but the origin, what only a runbook tells, and the spelling of a pattern."""
    if not isinstance(setting.subject, Registry):
        return Setting(setting.id if id else "", "", setting.subject, ORIGIN, setting.severity, applies_to=setting.applies_to)
    operands = setting.subject.condition.operands
    if setting.subject.condition.operator is Operator.MATCHES:
        operands = (translate(str(operands[0]), exact_case=setting.subject.condition.exact_case),)
    return altered(
        setting,
        id=setting.id if id else "",
        condition=replace(setting.subject.condition, operands=operands),
        origin=ORIGIN,
        title=setting.title if texts else "",
        why=setting.why if texts else "",
        references=(),
        takes_effect=None,
        layer=None,
        part_of=None,
        variables=(),
        observed=False,
        from_vocabulary=None,
    )


AUDITED = st.builds(
    lambda name, flags, asked: (name, AuditPolicy(Subcategory(guid_of(name) or "", name), asked, flags, writes=True)),
    st.sampled_from(subcategories()),
    st.integers(1, 3),
    st.sampled_from(["equals", "at_least"]),
)


RIGHTS = [
    {"right": "SeDebugPrivilege", "set_equals": ["Administrators"]},
    {"right": "SeTcbPrivilege", "set_equals": []},
    {"right": "SeDenyNetworkLogonRight", "contains": ["Guests", {"domain": "Domain Admins"}, {"device": "Guest"}]},
    {"right": "SeServiceLogonRight", "none_of": ["Guests", "S-1-5-21-1-2-3-1001"]},
    {"right": "SeCreateSymbolicLinkPrivilege", "set_equals": ["Administrators"], "also_allowed": ["Virtual Machines"]},
]


@pytest.mark.parametrize("words", RIGHTS, ids=lambda words: words["right"])
@pytest.mark.parametrize("reported", [False, True])
def test_user_rights_come_back(words: dict[str, object], reported: bool) -> None:
    subject = UserRightKind().lower({"user_right": words}, ORIGIN, [], audit=reported)
    assert subject is not None
    made = imported(replace(SETTING, id="right", subject=subject))
    assert [(found.id, found.kind, dict(found.words)) for found in made.settings] == [("right", "user_right", words)]
    ([again], _) = back(made)
    assert again.subject == subject


SERVICES = [
    {"name": "Spooler", "startup": "disabled", "state": "stopped", "missing": "compliant"},
    {"name": "W32Time", "startup": "delayed", "missing": "non-compliant"},
    {"name": "Contoso agent", "state": "running", "missing": "non-compliant"},
]


@pytest.mark.parametrize("words", SERVICES, ids=lambda words: words["name"])
@pytest.mark.parametrize("reported", [False, True])
def test_services_come_back(words: dict[str, object], reported: bool) -> None:
    subject = ServiceKind().lower({"service": words}, ORIGIN, [], audit=reported)
    assert subject is not None
    ([again], _) = back(imported(replace(SETTING, id="service", subject=subject)))
    assert again.subject == subject


def test_a_right_whose_lockout_was_accepted_says_where() -> None:
    words = {
        "right": "SeDenyNetworkLogonRight",
        "contains": ["Local account"],
        "accept_lockout": "only the domain's accounts sign in",
    }
    subject = UserRightKind().lower({"user_right": words}, ORIGIN, [], audit=False)
    assert subject is not None
    (found,) = imported(replace(SETTING, id="right", subject=subject)).settings
    assert found.words["accept_lockout"] == "as in the policy that the script was made from"


@how(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(AUDITED, min_size=1, max_size=4, unique_by=lambda one: one[0]), st.booleans())
def test_settings_of_other_kinds_come_back(said: list[tuple[str, AuditPolicy]], reported: bool) -> None:
    rows = [
        replace(SETTING, id=f"audit-{number}", subject=replace(subject, writes=not reported))
        for number, (_, subject) in enumerate(said)
    ]
    again, written = back(imported(*rows))
    assert (written.refused, written.contradicted) == ((), 0)
    assert {one.id: (one.subject, one.severity) for one in again} == {one.id: (one.subject, one.severity) for one in rows}


@how(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(settings(), min_size=1, max_size=4, unique_by=(lambda one: one.id, lambda one: one.subject.place.identity)))
def test_settings_of_a_group_come_back(rows: list[Setting]) -> None:
    made = imported(*rows)
    assert made.refused == ()
    assert all("was changed" not in found.source for found in made.settings)
    again, written = back(made)
    # What the whole of them is refused for, one alone would be, too: a value below a key that must be absent.
    expected = {row.id: comparable(row) for row in rows}
    assert {one.id: comparable(one) for one in again} == {one.id: expected[one.id] for one in again}
    assert len(again) + len(written.refused) + written.contradicted == len(rows)
    assert not [one for one in written.refused if "absent" not in one.reason]


@how(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(settings(), TITLES, TITLES)
def test_a_script_of_one_setting_keeps_its_texts(setting: Setting, title: str, why: str) -> None:
    setting = replace(setting, title=title, why=why)
    again, _ = back(imported(setting, project=ONE_A_SETTING))
    assert [comparable(one, texts=True) for one in again] == [comparable(setting, texts=True)]


@how(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(settings(), TITLES, TITLES)
def test_a_native_setting_keeps_all_but_its_id(setting: Setting, title: str, why: str) -> None:
    operator = setting.subject.condition.operator
    kind = setting.subject.kind if setting.subject.kind in (Kind.DWORD, Kind.QWORD) else Kind.DWORD
    numbers = tuple(one for one in setting.subject.condition.operands if isinstance(one, int))
    simple = Condition(operator, numbers) if operator in COMPARED and numbers else Condition(Operator.ABSENT)
    plain = altered(setting, write=None, default=None, pin=False, applies_to=EVERYWHERE, sensitive=False)
    native = altered(plain, title=title, why=why, kind=kind, condition=simple, native=True)
    if why_not(native) is not None:
        return
    [again], _ = back(imported(native))
    # The client looks at no type: none is needed to ask for absence, and a number that fits is taken for a DWORD.
    told = None if not simple.operands else Kind.QWORD if max(numbers) >= 2**32 else Kind.DWORD
    assert comparable(again, texts=True, id=False) == comparable(altered(native, kind=told), texts=True, id=False)


def test_a_long_reason_ends_in_dots_where_the_console_had_to_cut_it() -> None:
    [found] = imported(replace(SETTING, why="Because " * 60), project=ONE_A_SETTING).settings
    why = found.others["why"]
    assert why.endswith("Because...")
    assert 240 < len(why) < 256


def test_titles_of_a_group_are_made_of_ids() -> None:
    titles = [found.title for found in imported(SETTING, replace(SETTING, id="another-one")).settings]
    assert titles == ["Lan manager level", "Another one"]


def test_remediated_and_reported_ones_keep_apart() -> None:
    again, _ = back(imported(SETTING, REPORTED))
    assert [(one.id, one.subject.write, one.severity) for one in again] == [
        ("lan-manager-level", SetValue(5), Severity.CRITICAL),
        ("reported", None, Severity.WARNING),
    ]


def test_what_is_cleared_on_undo_is_left_to_the_products_own_words() -> None:
    made = imported(altered(SETTING, clear_on_undo=True))
    assert (made.settings, [one.what for one in made.refused], made.entries) == ((), ["lan-manager-level"], 1)
    assert "'device_tag'" in made.refused[0].reason


SIGNATURE = b"\r\n# SIG # Begin signature block\r\n# MIIF\r\n# SIG # End signature block\r\n"


def test_a_signed_script_is_read_without_its_signature() -> None:
    def seal(path: str, content: bytes) -> bytes:
        return content + SIGNATURE if path.endswith(".ps1") else content

    signed = imported(SETTING, build=Build(Ledger({}, signer="0" * 40), seal))
    assert signed.settings == imported(SETTING).settings
    [found] = signed.settings
    assert found.source == "pilot.yaml"


def changed(old: str, new: str, count: int = -1) -> Imported:
    """The item with its digest changed."""
    [content] = cabinets(SETTING).values()
    parts = open_cabinet(content)
    digests = {name: part.decode("utf-8-sig") for name, part in parts.items() if name.endswith(".xml")}
    assert all(old in text for text in digests.values())
    return read(
        cabinet({**parts, **{name: text.replace(old, new, count).encode() for name, text in digests.items()}}), "item.cab"
    )


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("<Operator>Equals", "<Operator>NotEquals", "its rule was changed"),
        ('Changeable="true"', 'Changeable="false"', "its rule was changed"),
        ('NotFound="true"', 'NotFound="false"', "its rule was changed"),
        ('Value="Compliant"', 'Value="NonCompliant"', "its rule was changed"),
        ('SettingSourceType="Script" Method="Value"', 'SettingSourceType="Script" Method="Count"', "its rule was changed"),
        ('Severity="Critical"', 'Severity="Fatal"', "severity 'Fatal'"),
        ("AtLeast = 5", "AtLeast = 0x5", "a script judges it that policyc didn't write (its line "),
        ("made by policyc", "made by somebody", "a script judges it that policyc didn't write (it has no table"),
        ("AtLeast = 5", "NotEquals = 5", "a script judges it that policyc didn't write (it writes nothing)"),
        ('Is64Bit="true"', 'Is64Bit="false"', 'it says Is64Bit="false"'),
        ("RemediationScriptBody", "OtherScriptBody", "it says "),
    ],
)
def test_what_was_changed_on_the_site_is_listed(old: str, new: str, reason: str) -> None:
    made = changed(old, new)
    assert made.settings == ()
    assert [reason in one.reason for one in made.refused] == [True], made.refused


def test_two_scripts_that_differ_are_listed() -> None:
    made = changed("AtLeast = 5", "AtLeast = 6", 1)
    assert ["its two scripts differ" in one.reason for one in made.refused] == [True]


def test_code_that_was_changed_is_told_where_the_setting_stands() -> None:
    [found] = changed("Set-StrictMode -Version 3.0", "Set-StrictMode -Version 2.0").settings
    assert found.source == "pilot.yaml (its code is another version's, or was changed)"


def cases() -> list[Path]:
    """The policies of each golden case that has cabinets, and the repository's own. Git keeps none: manifests list them."""
    found = [*sorted((TOP / "tests" / "golden").iterdir()), TOP]
    listing = ((folder, folder / "output" / "manifest.json") for folder in found)
    return [folder / "policies" for folder, file in listing if file.is_file() and b"item.cab" in file.read_bytes()]


def test_there_are_cases() -> None:
    assert len(cases()) > 5


@pytest.mark.parametrize("policies", cases(), ids=lambda folder: folder.parent.name)
def test_all_cabinets_of_a_case_come_in(policies: Path) -> None:
    checked = check(policies, date(2026, 1, 15))
    every = {file.path: file.content for file in walk(checked, Build())}
    written_ones = [one for one in checked.collections if f"{one.slug}/deployment.json" in every]
    assert written_ones
    for collection in written_ones:
        found: list[Setting] = []
        own = f"{collection.slug}/"
        items = [path for path in sorted(every) if path.startswith(own) and path.endswith("item.cab")]
        assert bool(items) == bool(collection.settings)
        for path in items:
            made = read(every[path], "item.cab")
            # A script of the administrators' own is no table.
            verbatim = {one.title for one in collection.settings if isinstance(one.subject, OwnScript)}
            assert {one.what for one in made.refused} <= {"defender-atp-device-tag", "the platforms", *verbatim}
            again, written = back(made)
            assert (len(written.refused), written.contradicted, written.same) == (len(made.refused), 0, 0), written
            found += again
        wanted = [
            one
            for one in collection.settings
            if not getattr(one.subject, "clear_on_undo", False) and not isinstance(one.subject, OwnScript)
        ]
        assert sorted(map(said, found), key=repr) == sorted(map(said, wanted), key=repr)


def said(setting: Setting) -> Setting:
    """What can be compared across names: a product's ids get a word more, a native setting has none."""
    known = comparable(setting, id=False)
    if isinstance(known.subject, OptionalFeature | Capability):
        # A program changes them: the item has no remediation that would say it.
        known = replace(known, subject=replace(known.subject, writes=False))
    bare = isinstance(setting.subject, Registry) and not setting.subject.condition.operands
    return altered(known, kind=None) if setting.native and bare else known
