"""PC0423 to PC0425: code, place and words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policyc.analysis.conflict import Nature, on_one_place
from policyc.analysis.conflicts import conflicts
from policyc.analysis.fights import fights
from policyc.analysis.meetings import Meetings
from policyc.diagnostics import Diagnostic
from policyc.model import (
    Append,
    Applicability,
    Collection,
    CreateKey,
    DeleteValue,
    Kind,
    Location,
    Mode,
    Operator,
    Platform,
    Precedence,
    Role,
    Setting,
    SetValue,
)
from unit.analysis.estates import CONTEXT, collection, project, setting

O = Operator  # noqa: E741
QUERY = "select * from SMS_R_System"


def sure(name: str, *settings: Setting) -> Collection:
    return collection(name, devices=("PC1",), limited_to="All Systems", settings=settings)


def asked(name: str, *settings: Setting, **rest: object) -> Collection:
    return collection(name, query=QUERY, settings=settings, **rest)


def at(file: str, one: Setting) -> Setting:
    return replace(one, origin=Location(f"{file}.yaml").below("settings", one.id))


def find(*collections: Collection) -> list[Diagnostic]:
    return list(conflicts(project(*collections), CONTEXT))


def test_two_that_surely_meet() -> None:
    short = at("kiosks", setting("short", O.EQUALS, 60, name="Lock"))
    long = at("workstations", setting("long", O.EQUALS, 900, name="LOCK"))
    (found,) = find(sure("Kiosks", short), sure("Workstations", long))
    assert (found.code, found.level) == ("PC0423", "error")
    assert found.location == Location("kiosks.yaml", ("settings", "short", "registry", "equals"))
    assert found.message == (
        r"'short' of 'Kiosks' and 'long' of 'Workstations' write different data at HKLM\SOFTWARE\Example : LOCK;"
        " 'PC1' is in both"
    )
    assert "add 'Workstations' to 'exclude:' under 'members:' of 'Kiosks';" in found.help
    assert "precedence:" in found.help
    (related,) = found.related
    assert related.location == Location("workstations.yaml", ("settings", "long", "registry", "equals"))
    assert related.message == "'long' of 'Workstations'"


def test_a_baselines_setting_is_one_finding_that_names_the_collections() -> None:
    base, other = at("base", setting("a", O.EQUALS, 1)), at("other", setting("b", O.EQUALS, 2))
    (found,) = find(sure("A", base), sure("B", base), sure("C", other))
    assert found.message.endswith("; 'PC1' is in both; so it is with 1 more pair of collections")
    assert [(one.location.file, one.message) for one in found.related] == [
        ("other.yaml", "'b' of 'C'"),
        ("a.yaml", "'A' has 'a' from a baseline"),
        ("c.yaml", "'C' has 'b' from a baseline"),
    ]


def test_one_warning_for_two_that_perhaps_meet() -> None:
    ours = [at("a", setting(f"s{number}", O.EQUALS, 1, name=f"V{number}")) for number in range(5)]
    theirs = [at("b", setting(f"s{number}", O.EQUALS, 2, name=f"V{number}")) for number in range(5)]
    (found,) = find(asked("A", *ours), asked("B", *theirs))
    assert (found.code, found.level) == ("PC0424", "warning")
    assert found.location == Location("a.yaml", ("collection", "name"))
    assert found.message == (
        "'A' and 'B' fight over 5 settings if they share a device: 's0', 's1', 's2' and 2 more;"
        " whether they do isn't known: both have queries"
    )
    assert "'disjoint:'" in found.help
    assert found.related[0].location == Location("b.yaml", ("collection", "name"))
    assert [one.location.file for one in found.related[1:]] == ["a.yaml", "b.yaml"] * 3
    assert found.related[2].message == "'s0' of 'B': different writes"


def test_the_rule_goes_where_members_are_said() -> None:
    one, two = setting("one", O.EQUALS, 1), setting("two", O.EQUALS, 2)
    (found,) = find(collection("It's", settings=(one,)), asked("B", two))
    assert "add 'It''s' to 'exclude:' under 'members:' of 'B';" in found.help
    (found,) = find(collection("A", settings=(one,)), collection("B", settings=(two,)))
    assert "add 'A' to 'exclude:' under 'members:' of 'B', beside what says who is in it;" in found.help


def test_of_two_that_depend_on_each_other_neither_can_exclude_the_other() -> None:
    one, two = setting("one", O.EQUALS, 1), setting("two", O.EQUALS, 2)
    (found,) = find(asked("Inner", one, limited_to="Outer"), asked("Outer", two))
    assert found.help == "let both say the same"


def test_a_note_for_what_two_write_alike() -> None:
    found = find(sure("A", at("a", setting("one", O.EQUALS, 1))), sure("B", at("b", setting("two", O.EQUALS, 1))))
    (only,) = found
    assert (only.code, only.level) == ("PC0425", "note")
    assert only.location == Location("a.yaml", ("collection", "name"))
    assert only.message == "'A' and 'B' write 1 value twice over: 'one'; 'PC1' is in both"


def test_the_same_write_under_other_conditions_is_the_same_write() -> None:
    one = at("a", setting("one", O.AT_LEAST, 5, write=SetValue(5)))
    two = at("b", setting("two", O.BETWEEN, 4, 6, write=SetValue(5)))
    (found,) = find(sure("A", one), sure("B", two))
    assert found.code == "PC0425"


def test_reuse_is_no_finding() -> None:
    shared = at("base", setting("one", O.EQUALS, 1))
    assert find(sure("A", shared), sure("B", shared), sure("C", replace(shared))) == []


def test_those_that_never_meet_do_not_fight() -> None:
    one, two = setting("one", O.EQUALS, 1), setting("two", O.EQUALS, 2)
    assert find(asked("A", one, exclude=("B",)), asked("B", two)) == []
    assert find(collection("A", devices=("PC1",), settings=(one,)), collection("B", devices=("PC2",), settings=(two,))) == []


def test_what_never_applies_to_one_device_does_not_fight() -> None:
    one, two = setting("one", O.EQUALS, 1), setting("two", O.EQUALS, 2)
    new, old = Applicability(from_build=22000), Applicability(before_build=22000)
    assert find(sure("A", replace(one, applies_to=new)), sure("B", replace(two, applies_to=old))) == []
    roles = [Applicability(role=role) for role in Role]
    assert find(sure("A", replace(one, applies_to=roles[0])), sure("B", replace(two, applies_to=roles[1]))) == []
    assert len(find(sure("A", replace(one, applies_to=new)), sure("B", replace(two, applies_to=roles[0])))) == 1


KEY = r"SOFTWARE\Example\Below"


def test_a_value_below_an_absent_key() -> None:
    absent = at("a", setting("gone", O.ABSENT, key=r"Software\EXAMPLE", name=None, kind=None))
    below = at("b", setting("deep", O.EQUALS, 1, key=KEY))
    for estate in ((sure("A", absent), sure("B", below)), (sure("B", below), sure("A", absent))):
        (found,) = find(*estate)
        assert found.code == "PC0423"
        assert (
            found.message
            == r"'gone' of 'A' wants HKLM\Software\EXAMPLE absent, and 'deep' of 'B' writes below it; 'PC1' is in both"
        )
        assert found.location.file == "a.yaml"
    reported = setting("deep", O.EQUALS, 1, key=KEY, remediate=False)
    assert find(sure("A", absent), sure("B", reported)) == []
    harmless = setting("deep", O.ABSENT, key=KEY, kind=None, write=DeleteValue())
    assert find(sure("A", absent), sure("B", harmless)) == []


@pytest.mark.parametrize(
    ("one", "other", "nature"),
    [
        (setting("a", O.EQUALS, 1), setting("b", O.EQUALS, 2), Nature.WRITES),
        (setting("a", O.EQUALS, 1), setting("b", O.EQUALS, "1", kind=Kind.STRING), Nature.WRITES),
        (setting("a", O.EQUALS, 1), setting("b", O.ABSENT, kind=None, write=DeleteValue()), Nature.WRITES),
        (setting("a", O.EQUALS, 1), setting("b", O.AT_LEAST, 2), Nature.VIOLATES),
        (setting("a", O.AT_LEAST, 3, write=SetValue(3)), setting("b", O.NOT_EQUALS, 3), Nature.VIOLATES),
        (setting("a", O.ABSENT, kind=None, write=DeleteValue()), setting("b", O.PRESENT, kind=None), Nature.VIOLATES),
        (setting("a", O.EQUALS, 1), setting("b", O.EQUALS, "1", kind=Kind.STRING, remediate=False), Nature.VIOLATES),
        (
            setting("a", O.PRESENT, name=None, kind=None, write=CreateKey()),
            setting("b", O.ABSENT, name=None, kind=None),
            Nature.VIOLATES,
        ),
        (
            setting("a", O.CONTAINS, "x", kind=Kind.MULTI_STRING, write=Append(("x",))),
            setting("b", O.SET_EQUALS, "y", kind=Kind.MULTI_STRING, remediate=False),
            Nature.VIOLATES,
        ),
        (setting("a", O.EQUALS, 1), setting("b", O.EQUALS, 1), Nature.SAME),
        (setting("a", O.EQUALS, 1), setting("b", O.EQUALS, 1, native=True), Nature.SAME),
        (setting("a", O.EQUALS, 1), setting("b", O.EQUALS, 2, native=True), Nature.WRITES),
        (setting("a", O.EQUALS, 1), setting("b", O.AT_MOST, 2), None),
        (setting("a", O.EQUALS, 1, remediate=False), setting("b", O.EQUALS, 2, remediate=False), None),
        (
            setting("a", O.CONTAINS, "x", kind=Kind.MULTI_STRING, write=Append(("x",))),
            setting("b", O.CONTAINS, "y", kind=Kind.MULTI_STRING, write=Append(("y",))),
            None,
        ),
    ],
)
def test_what_is_between_two_settings(one: Setting, other: Setting, nature: Nature | None) -> None:
    assert on_one_place(one, other) is on_one_place(other, one) is nature
    # And it's found in an estate, whichever comes first.
    for left, right in ((one, other), (other, one)):
        estate = project(sure("A", at("a", left)), sure("B", at("b", right)))
        assert [fight.nature for fight in fights(estate, Meetings(estate))] == ([nature] if nature else [])


def test_who_fails_whom_is_said() -> None:
    judge, writer = at("a", setting("judge", O.AT_LEAST, 5)), at("b", setting("writer", O.EQUALS, 1))
    (found,) = find(sure("A", judge), sure("B", writer))
    assert (
        found.message == r"what 'writer' of 'B' writes at HKLM\SOFTWARE\Example : Value fails 'judge' of 'A'; 'PC1' is in both"
    )


def test_many_settings_of_many_collections_are_all_found() -> None:
    """Both ways of the search: groups that are all judged, and groups whose collections are looked for first."""
    estate = [sure(f"C{number}", at(f"c{number}", setting("s", O.EQUALS, number % 4))) for number in range(12)]
    alone = collection("Alone", devices=("PC9",), settings=(setting("s", O.EQUALS, 99),))
    found = find(*estate, alone)
    errors = [one for one in found if one.code == "PC0423"]
    assert len(errors) == 12 * 11 // 2 - 4 * 3
    assert len([one for one in found if one.code == "PC0425"]) == 4 * 3
    assert not any("Alone" in one.message for one in found)


WORKSTATIONS, SERVERS = (Platform.WINDOWS_10, Platform.WINDOWS_11), (Platform.SERVER_2016, Platform.SERVER_2022)


def of_two_platforms(**rest: object) -> tuple[Collection, Collection]:
    one, other = (at(file, setting("lock", O.EQUALS, data)) for file, data in (("a", 1), ("b", 2)))
    return replace(sure("A", one), platforms=WORKSTATIONS), replace(sure("B", other), platforms=SERVERS, **rest)


def test_items_of_workstations_and_of_servers_never_meet_but_their_programs_do() -> None:
    (found,) = find(*of_two_platforms())
    assert (found.code, found.level, found.location) == ("PC0430", "note", Location("a.yaml", ("collection", "name")))
    assert found.message.startswith("only their platforms keep settings of 'A' from fighting those of 'B': ")
    assert "program 'Remediate'" in found.help
    assert [one.location.file for one in found.related] == ["b.yaml", "a.yaml", "b.yaml"]


def test_one_note_for_all_that_platforms_keep_apart() -> None:
    one, other = of_two_platforms()
    more = [replace(other, name=f"B{number}", slug=f"b{number}") for number in range(4)]
    (found,) = find(one, other, *more)
    assert "those of 'B', 'B0', 'B1' and 2 more:" in found.message


@pytest.mark.parametrize("platforms", [(Platform.ALL,), (Platform.SERVER_2019, Platform.WINDOWS_11)])
def test_platforms_that_one_device_can_be_of_keep_nothing_apart(platforms: tuple[Platform, ...]) -> None:
    one, other = of_two_platforms()
    assert [found.code for found in find(one, replace(other, platforms=platforms))] == ["PC0423"]


def test_what_no_program_writes_is_no_finding_across_platforms() -> None:
    one, other = of_two_platforms()
    silent = [replace(one, mode=Mode.AUDIT), replace(other, mode=Mode.AUDIT)]
    assert find(*silent) == []
    assert [found.code for found in find(silent[0], other)] == ["PC0430"]


def test_the_same_write_across_platforms_is_nobodys_business() -> None:
    one, other = of_two_platforms()
    assert find(one, replace(other, settings=(at("b", replace(one.settings[0], id="same")),))) == []


OWN = at("a", setting("own", O.EQUALS, 1, name="Own"))


@pytest.mark.parametrize(
    ("one", "other", "offered"),
    [
        ((), (), "order the two under 'precedence:'"),
        ((OWN,), (), "where 'A' is meant to win, write 'A' before 'B' under 'precedence:'"),
        ((), (OWN,), "where 'B' is meant to win, write 'B' before 'A' under 'precedence:'"),
        ((OWN,), (at("b", setting("else", O.EQUALS, 1, name="Else")),), None),
    ],
)
def test_precedence_is_offered_where_it_works(
    one: tuple[Setting, ...], other: tuple[Setting, ...], offered: str | None
) -> None:
    fought = [at(file, setting("lock", O.EQUALS, data)) for file, data in (("a", 1), ("b", 2))]
    for make in (sure, asked):
        (found,) = find(make("A", fought[0], *one), make("B", fought[1], *other))
        assert ("precedence" in found.help) is (offered is not None)
        assert offered is None or offered in found.help
        assert "exclude:" in found.help


def test_precedence_is_not_offered_where_it_was_refused_or_members_are_the_sites() -> None:
    fought = [at(file, setting("lock", O.EQUALS, data)) for file, data in (("a", 1), ("b", 2))]
    both = asked("A", fought[0]), asked("B", fought[1])
    stated = replace(project(*both), precedence=(Precedence(("b", "a"), Location("project.yaml")),))
    (found,) = conflicts(stated, CONTEXT)
    assert "precedence" not in found.help
    (found,) = find(collection("A", settings=(fought[0],)), collection("B", settings=(fought[1],)))
    assert "precedence" not in found.help
    (found,) = find(both[0], collection("B", settings=(fought[1],)))
    assert "write 'B' before 'A' under" in found.help
