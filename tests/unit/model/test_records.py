"""policyc's `dataclass` is the standard library's in all but the time that it takes."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import FrozenInstanceError, field
from inspect import signature
from typing import ClassVar

import pytest

from policyc.model import Location, Place
from policyc.model.records import dataclass

BOTH = (dataclass, dataclasses.dataclass)


def shapes(decorator, **how):
    """One class of each shape that the package has, by this decorator."""

    @decorator(slots=True, **how)
    class Nothing:
        """It has no field."""

    @decorator(slots=True, **how)
    class One:
        """It has one."""

        a: int

    @decorator(slots=True, **how)
    class Several:
        """Defaults of all sorts."""

        a: int
        b: str = "b"
        c: list[int] = field(default_factory=list)
        unlike: int = field(default=0, compare=False)
        hidden: str = field(default="secret", repr=False)
        number: ClassVar[int] = 5

    @decorator(slots=True, **how)
    class Below(One):
        """It has its base's first."""

        e: int = 1

    @decorator(slots=True, **how)
    class Checked:
        """It looks at what it gets."""

        a: int

        def __post_init__(self):
            if self.a < 0:
                raise ValueError("below zero")

        def __repr__(self):
            return "mine"

    return Nothing, One, Several, Below, Checked


ARGUMENTS = [
    [((), {})],
    [((1,), {}), ((2,), {}), ((), {"a": 1})],
    [
        ((1,), {}),
        ((1, "b", [3]), {}),
        ((1,), {"c": [3]}),
        ((1,), {"unlike": 7}),
        ((1,), {"hidden": "x"}),
        ((), {"a": 1, "b": "c"}),
    ],
    [((1,), {}), ((1, 2), {}), ((), {"e": 2, "a": 1})],
    [((1,), {}), ((2,), {})],
]


@pytest.mark.parametrize("how", [{"frozen": True}, {}, {"frozen": True, "eq": False}], ids=str)
def test_it_is_as_the_standard_library_has_it(how):
    for ours, theirs, given in zip(*(shapes(decorator, **how) for decorator in BOTH), ARGUMENTS, strict=True):
        one, other = ([kind(*words, **named) for words, named in given] for kind in (ours, theirs))
        assert list(map(repr, one)) == list(map(repr, other))
        assert [[a == b for a in one] for b in one] == [[a == b for a in other] for b in other]
        assert [ours.__match_args__, ours.__slots__, ours.__doc__] == [theirs.__match_args__, theirs.__slots__, theirs.__doc__]
        assert [one.name for one in dataclasses.fields(ours)] == [one.name for one in dataclasses.fields(theirs)]
        assert list(signature(ours).parameters) == list(signature(theirs).parameters)
        assert list(map(dataclasses.astuple, one)) == list(map(dataclasses.astuple, other))
        for some in (one, other):
            assert some[0] != other[0] if some is one and ours is not theirs else some[0] == some[0]
        assert (ours.__hash__ is None) == (theirs.__hash__ is None)
        assert (ours.__hash__ is object.__hash__) == (theirs.__hash__ is object.__hash__)


def test_equal_objects_have_equal_hashes():
    _, kind, *_, below, _ = shapes(dataclass, frozen=True)
    assert len({kind(1), kind(1), kind(2), below(1), below(1, 2)}) == 4


@pytest.mark.parametrize("decorator", BOTH)
def test_nobody_writes_to_a_frozen_one(decorator):
    for kind, given in zip(shapes(decorator, frozen=True), ARGUMENTS, strict=True):
        one = kind(*given[0][0])
        for name in ("a", "another"):
            with pytest.raises((FrozenInstanceError, TypeError)):
                setattr(one, name, 1)
            with pytest.raises((FrozenInstanceError, TypeError)):
                delattr(one, name)


def test_others_are_written_to():
    _, kind, *_ = shapes(dataclass)
    one = kind(1)
    one.a = 2
    assert one == kind(2)
    with pytest.raises(AttributeError):
        one.another = 1


def test_each_object_has_a_list_of_its_own():
    *_, several, _, _ = shapes(dataclass, frozen=True)
    assert several(1).c is not several(1).c


@pytest.mark.parametrize("decorator", BOTH)
def test_wrong_arguments_are_refused(decorator):
    _, one, *_, checked = shapes(decorator, frozen=True)
    for words in ((), (1, 2)):
        with pytest.raises(TypeError, match="argument"):
            one(*words)
    with pytest.raises(TypeError, match="unexpected"):
        one(b=1)
    with pytest.raises(ValueError, match="below zero"):
        checked(-1)


def test_objects_are_replaced_copied_and_pickled():
    place = Location("a.yaml", ("b", 1), on_key=True)
    assert dataclasses.replace(place, file="b.yaml") == Location("b.yaml", ("b", 1), on_key=True)
    assert pickle.loads(pickle.dumps(place)) == copy.deepcopy(place) == copy.copy(place) == place


def test_what_it_does_not_know_is_refused():
    with pytest.raises(TypeError, match="slots"):
        dataclass(slots=False)
    for odd in (field(init=False), field(kw_only=True)):
        with pytest.raises(TypeError, match="standard library"):
            dataclass(frozen=True)(type("Odd", (), {"__annotations__": {"a": "int"}, "a": odd}))


def test_the_model_is_made_of_it():
    assert Place.__init__.__code__.co_filename == "<string>"
    assert Place.__eq__.__module__ == dataclass.__module__
