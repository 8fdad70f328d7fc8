"""The words below `user_right:`, what is refused, and what a row of a script says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from policyc.diagnostics import Diagnostic
from policyc.kinds.user_right import UserRightKind
from policyc.kinds.user_right.rights import rights
from policyc.kinds.user_right.subject import UserRight
from policyc.model import Location

KIND = UserRightKind()
AT = Location(Path("pilot.yaml"), ("settings", "one"))


def lowered(*, audit: bool = False, remediate: bool = True, **words: Any) -> tuple[UserRight | None, list[Diagnostic]]:
    found: list[Diagnostic] = []
    tree = {"title": "One", "user_right": words, **({} if remediate else {"remediate": False})}
    return KIND.lower(tree, AT, found, audit=audit), found


def test_a_right_is_lowered() -> None:
    subject, found = lowered(right="sedebugprivilege", set_equals=["Administrators"], also_allowed=["Virtual Machines"])
    assert found == []
    assert subject is not None
    assert KIND.row(subject) == {
        "Place": "SeDebugPrivilege",
        "SetEquals": ("S-1-5-32-544",),
        "AlsoAllowed": ("S-1-5-83-0",),
        "Must": "be given to Administrators alone (Virtual Machines may have it, too)",
    }
    assert KIND.words(subject, masked=False) == {
        "right": "SeDebugPrivilege",
        "set_equals": ["Administrators"],
        "also_allowed": ["Virtual Machines"],
    }
    assert str(subject.place) == "the user right SeDebugPrivilege"


def test_the_words_of_a_right_mean_it_again() -> None:
    domain = {"domain": "Domain Admins"}
    subject, _ = lowered(right="SeDenyNetworkLogonRight", contains=["Guests", domain, r"NT SERVICE\X"])
    assert subject is not None
    again, found = lowered(**KIND.words(subject, masked=False))
    assert (again, found) == (subject, [])
    assert "Guests" not in repr(KIND.words(subject, masked=True))


@pytest.mark.parametrize(
    ("word", "way_out"),
    [
        ("SeDebugPrivilage", "SeDebugPrivilege ('Debug programs')"),
        ("SeDebug", "SeDebugPrivilege ('Debug programs')"),
        ("Debug programs", "SeDebugPrivilege ('Debug programs')"),
        ("Allow log on localy", "SeInteractiveLogonRight ('Allow log on locally')"),
        ("Something else", "such as SeDebugPrivilege"),
    ],
)
def test_a_right_that_windows_does_not_have(word: str, way_out: str) -> None:
    subject, [one] = lowered(right=word, contains=["Administrators"])
    assert subject is None
    assert (one.code, one.location.path[-1]) == ("PC1101", "right")
    assert way_out in one.help


def test_all_that_is_wrong_is_told_at_once() -> None:
    subject, found = lowered(right="SeNo", contains=["Nobdy", "Users"], also_allowed=["Gusts"])
    assert subject is None
    assert [(one.code, one.location.path[2:]) for one in found] == [
        ("PC1101", ("user_right", "right")),
        ("PC1102", ("user_right", "contains", 0)),
        ("PC1102", ("user_right", "also_allowed", 0)),
    ]


def test_an_account_named_twice() -> None:
    subject, [one] = lowered(right="SeDebugPrivilege", contains=["Administrators", "S-1-5-32-544"])
    assert subject is not None
    assert (one.code, len(subject.members)) == ("PC0312", 1)


DENIED = ["Administrators", "Everyone", "Users", "Authenticated Users", "Local account"]
DENIALS = [word.constant for word in rights().values() if word.constant.startswith("SeDeny")]


@pytest.mark.parametrize("right", DENIALS)
@pytest.mark.parametrize("account", DENIED)
@pytest.mark.parametrize("operator", ["contains", "set_equals"])
def test_a_denial_for_administrators_is_refused(right: str, account: str, operator: str) -> None:
    subject, [one] = lowered(right=right, **{operator: ["Guests", account]})
    assert subject is None
    assert (one.code, one.location.path[-1]) == ("PC1103", operator)
    assert f"'{account}'" in one.message
    reason = "They sign in with smart cards at a console of their own"
    subject, found = lowered(right=right, accept_lockout=reason, **{operator: ["Guests", account]})
    assert found == []
    assert subject is not None
    assert KIND.words(subject, masked=False)["accept_lockout"] == reason
    # Taking a denial away locks nobody out.
    assert lowered(right=right, none_of=[account])[1] == []


def test_there_are_five_rights_to_deny() -> None:
    assert len(DENIALS) == 5
    assert len(rights()) == 45


@pytest.mark.parametrize("right", ["SeNetworkLogonRight", "SeInteractiveLogonRight"])
def test_signing_in_without_administrators_is_refused(right: str) -> None:
    assert [one.code for one in lowered(right=right, set_equals=["Users"])[1]] == ["PC1103"]
    assert [one.code for one in lowered(right=right, set_equals=[])[1]] == ["PC1103"]
    assert [one.code for one in lowered(right=right, none_of=["Administrators", "Guests"])[1]] == ["PC1103"]
    assert [one.code for one in lowered(right=right, set_equals=["Users"], also_allowed=["Administrators"])[1]] == ["PC1103"]
    assert lowered(right=right, set_equals=["Administrators", "Users"])[1] == []
    assert lowered(right=right, set_equals=["Authenticated Users"])[1] == []
    assert lowered(right=right, contains=["Users"])[1] == []
    assert lowered(right="SeShutdownPrivilege", set_equals=["Users"])[1] == []


def test_a_lockout_that_is_only_reported_is_refused_too() -> None:
    assert [one.code for one in lowered(right="SeNetworkLogonRight", set_equals=[], remediate=False)[1]] == ["PC1103"]


def test_accepting_a_lockout_that_is_none() -> None:
    subject, [one] = lowered(right="SeDenyNetworkLogonRight", contains=["Guests"], accept_lockout="For a test")
    assert subject is not None
    assert (one.code, one.is_error, one.location.path[-1]) == ("PC1105", False, "accept_lockout")


GROWING = [
    "SeServiceLogonRight",
    "SeBatchLogonRight",
    "SeAssignPrimaryTokenPrivilege",
    "SeAuditPrivilege",
    "SeIncreaseQuotaPrivilege",
    "SeImpersonatePrivilege",
    "SeCreateSymbolicLinkPrivilege",
]


@pytest.mark.parametrize("right", [one.constant for one in rights().values() if "Logon" not in one.constant or one.products])
def test_a_right_that_products_give_themselves(right: str) -> None:
    codes = [one.code for one in lowered(right=right, set_equals=["Administrators"])[1]]
    assert codes == (["PC1104"] if right in GROWING else [])
    assert lowered(right=right, set_equals=["Administrators"], remediate=False)[1] == []
    assert lowered(right=right, contains=["Administrators"])[1] == []


@pytest.mark.parametrize(
    ("words", "must", "written"),
    [
        (
            {"contains": ["Guests", {"domain": "Domain Admins"}]},
            "be given to Guests, Domain Admins of the domain",
            "gives it to Guests, ",
        ),
        ({"none_of": ["Guests"]}, "not be given to Guests", "takes it from Guests"),
        ({"set_equals": []}, "be given to nobody", "leaves it to nobody alone"),
        ({"set_equals": ["Users"]}, "be given to Users alone", "leaves it to Users alone"),
    ],
)
def test_what_is_said_of_it(words: dict[str, Any], must: str, written: str) -> None:
    subject, _ = lowered(right="SeTimeZonePrivilege", **words)
    assert subject is not None
    assert KIND.must(subject, masked=False) == must
    assert KIND.written(subject, masked=False).startswith(written)
    assert "Guests" not in KIND.must(subject, masked=True) + KIND.written(subject, masked=True)
    reported, _ = lowered(right="SeTimeZonePrivilege", remediate=False, **words)
    assert reported is not None
    assert (reported.writes, KIND.remediation(reported), KIND.written(reported, masked=False)) == (
        False,
        "no, it is only reported",
        "only reported",
    )
    assert lowered(right="SeTimeZonePrivilege", audit=True, **words)[0] == reported
