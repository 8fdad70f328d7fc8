"""PC0415 to PC0418: code, place and words."""

from __future__ import annotations

import pytest

from policyc.analysis.same_place import same_place
from policyc.diagnostics import Diagnostic
from policyc.model import Append, CreateKey, DeleteValue, Kind, Location, Operator, Setting, SetValue
from unit.analysis.estates import CONTEXT, collection, project, setting

O = Operator  # noqa: E741


def find(*settings: Setting) -> list[Diagnostic]:
    return list(same_place(project(collection("Pilot", settings=settings)), CONTEXT))


def test_two_that_cannot_both_hold() -> None:
    (found,) = find(setting("low", O.AT_MOST, 3, name="LEVEL"), setting("high", O.AT_LEAST, 5, name="level"))
    assert (found.code, found.level) == ("PC0415", "error")
    assert found.location == Location("pilot.yaml", ("settings", "high", "registry", "at_least"))
    assert found.message == r"'low' and 'high' can't both hold at HKLM\SOFTWARE\Example : level"
    assert found.help == "remove 'high' or 'low', or change one of the conditions"
    (related,) = found.related
    assert related.location == Location("pilot.yaml", ("settings", "low", "registry", "at_most"))
    assert related.message == "'low' is about the same place"


def test_two_that_write_differently() -> None:
    (found,) = find(setting("one", O.AT_LEAST, 3, write=SetValue(3)), setting("two", O.AT_LEAST, 5, write=SetValue(5)))
    assert (found.code, found.level) == ("PC0416", "error")
    assert found.message == r"'one' and 'two' would write different data at HKLM\SOFTWARE\Example : Value"
    assert "'remediate: false'" in found.help


def test_the_same_twice() -> None:
    (found,) = find(setting("one", O.EQUALS, 5), setting("two", O.EQUALS, 5))
    assert (found.code, found.level) == ("PC0417", "note")
    assert found.message == r"'one' and 'two' say the same of HKLM\SOFTWARE\Example : Value"


def test_the_vocabulary_is_not_to_blame() -> None:
    sample_collection = Location("pilot.yaml", ("defender_atp", "sample_collection"))
    word = setting("sample-collection", O.EQUALS, 1, origin=sample_collection, from_vocabulary="defender_atp")
    for settings in ((setting("mine", O.EQUALS, 0), word), (word, setting("mine", O.EQUALS, 0))):
        (found,) = find(*settings)
        assert (found.code, found.location.path) == ("PC0415", ("settings", "mine", "registry", "equals"))
        assert found.help.startswith("remove 'mine': 'defender_atp: sample_collection:' sets this value")
        assert found.related[0].location.path == ("defender_atp", "sample_collection")


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (setting("a", O.AT_LEAST, 3), setting("b", O.AT_MOST, 3)),
        (setting("a", O.AT_LEAST, 3, write=SetValue(3)), setting("b", O.AT_LEAST, 5)),
        (setting("a", O.NOT_EQUALS, 3), setting("b", O.NONE_OF, 4, 5)),
        (setting("a", O.PRESENT, kind=None), setting("b", O.EQUALS, 3)),
        (setting("a", O.ABSENT, kind=None, write=DeleteValue()), setting("b", O.NOT_EQUALS, 3)),
        (setting("a", O.ABSENT, kind=None), setting("b", O.EQUALS, 3, default=3, remediate=False)),
        (setting("a", O.NOT_EQUALS, 3), setting("b", O.NOT_EQUALS, "x", kind=Kind.STRING)),
        (setting("a", O.MATCHES, "a+", kind=Kind.STRING), setting("b", O.MATCHES, "b+", kind=Kind.STRING)),
        (
            setting("a", O.CONTAINS, "x", kind=Kind.MULTI_STRING, write=Append(("x",))),
            setting("b", O.CONTAINS, "y", kind=Kind.MULTI_STRING, write=Append(("y",))),
        ),
        (setting("a", O.EQUALS, 1, name="One"), setting("b", O.EQUALS, 2, name="Two")),
        (setting("a", O.EQUALS, 1, name=""), setting("b", O.PRESENT, name=None, kind=None)),
    ],
)
def test_nothing_is_said_of_two_that_get_along(one: Setting, two: Setting) -> None:
    assert find(one, two) == find(two, one) == []


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (setting("a", O.ABSENT, kind=None), setting("b", O.PRESENT, kind=None)),
        (setting("a", O.ABSENT, kind=None), setting("b", O.EQUALS, 3, default=3, pin=True)),
        (setting("a", O.EQUALS, 3), setting("b", O.EQUALS, 3, kind=Kind.QWORD)),
        (setting("a", O.BETWEEN, 5, 6), setting("b", O.NONE_OF, 5, 6, default=5)),
        (setting("a", O.EQUALS, "x", kind=Kind.STRING), setting("b", O.MATCHES, "y+", kind=Kind.STRING)),
        (setting("a", O.EQUALS, "x", kind=Kind.STRING), setting("b", O.EQUALS, "X", kind=Kind.STRING, exact_case=True)),
        (setting("a", O.PRESENT, name=None, kind=None), setting("b", O.ABSENT, name=None, kind=None)),
    ],
)
def test_what_contradicts_or_writes_differently(one: Setting, two: Setting) -> None:
    assert [found.code for found in find(one, two)] == [found.code for found in find(two, one)]
    assert [found.code for found in find(one, two)] in (["PC0415"], ["PC0416"])


def test_a_value_below_a_key_that_must_be_absent() -> None:
    gone = setting("gone", O.ABSENT, key=r"SOFTWARE\Old", name=None, kind=None)
    needed = setting("needed", O.EQUALS, 1, key=r"Software\OLD\Deep")
    (found,) = find(gone, needed, setting("fine", O.ABSENT, key=r"SOFTWARE\Old", kind=None), setting("beside", O.EQUALS, 1))
    assert (found.code, found.level) == ("PC0418", "error")
    assert found.location == Location("pilot.yaml", ("settings", "needed", "registry", "equals"))
    assert found.message == r"'needed' needs a value or key below HKLM\SOFTWARE\Old, which 'gone' wants absent"
    assert found.related[0].location == Location("pilot.yaml", ("settings", "gone", "registry", "absent"))


def test_a_key_below_a_key_that_must_be_absent() -> None:
    gone = setting("gone", O.ABSENT, key=r"SOFTWARE\Old", name=None, kind=None)
    made = setting("made", O.PRESENT, key=r"SOFTWARE\Old\Deep", name=None, kind=None, write=CreateKey())
    assert [found.code for found in find(made, gone)] == ["PC0418"]
