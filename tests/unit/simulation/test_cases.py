"""Tests of policies: what holds passes, and what doesn't stands at the line that expects something else."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policyc.diagnostics import Level
from policyc.lowering import lower
from policyc.simulation.cases import run_cases
from policyc.source import load_project
from unit.simulation.estate import make, run

WINDOWS = "device: {build: 22631, role: workstation}"
STATE = r"""
    registry:
      HKLM\SOFTWARE\Example: {Old: {string: x}, Secret: {string: loud}}
      HKLM\SOFTWARE\WOW6432Node\Example: {List: {multi_string: [a]}}
    users:
      anna: {'HKCU\Software\Example': {Colour: {string: red}}}
      bert: {'HKCU\Software\Example': {Colour: {string: BLUE}}}
"""


def case(expect: str, state: str = STATE, head: str = WINDOWS, collection: str = "Workstations") -> str:
    lines = "\n".join(f"      {line}" for line in expect.strip("\n").splitlines())
    return f"tests:\n  a test:\n    collection: {collection}\n    {head}{state}\n    expect:\n{lines}\n"


def found(tmp_path, expect: str, **more: str):
    (one,) = run(make(tmp_path, tests_yaml=case(expect, **more)))
    return [(each.code, each.location.path[3:] or each.location.path, each.message, each.help) for each in one.found]


def test_all_that_can_be_expected(tmp_path):
    expect = r"""
verdict: non-compliant
settings: {level: non-compliant, colour: non-compliant, reported: compliant}
others: non-compliant
writes:
  registry:
    HKLM\SYSTEM\CurrentControlSet\Control\LSA: {level: {dword: 5}}
    HKLM\SOFTWARE\Example: {Old: {absent: true}, Secret: {string: hush}, New: {dword: 1}}
    HKLM\SOFTWARE\Made\Deep: {}
  registry_32:
    HKLM\SOFTWARE\Example: {List: {multi_string: [a, b]}}
  users:
    anna: {'HKCU\Software\Example': {Colour: {string: blue}}}
only_these_writes: true
after_remediation: compliant
rollback_restores: true
"""
    assert found(tmp_path, expect) == []


@pytest.mark.parametrize(
    ("expect", "code", "path", "message", "help"),
    [
        (
            "verdict: compliant",
            "PC0908",
            ("verdict",),
            "the collection is non-compliant, expected compliant: 'level' (non-compliant)",
            "change",
        ),
        (
            "settings: {level: compliant}",
            "PC0908",
            ("settings", "level"),
            "'level' is non-compliant, expected compliant",
            "Level is absent, must be at least 5",
        ),
        (
            "settings: {colour: compliant}",
            "PC0908",
            None,
            "'colour' is non-compliant",
            r"HKU\anna\Software\Example : Colour is",
        ),
        (
            "settings: {secret: compliant}",
            "PC0908",
            None,
            "'secret'",
            "Secret is (masked) [String], must hold what the policy says",
        ),
        ("settings: {reported: error}", "PC0908", None, "'reported' is compliant, expected error", "Reported is absent"),
        ("settings: {levl: compliant}", "PC0907", ("settings", "levl"), "'Workstations' has no setting 'levl'", "'level'"),
        ("settings: {exempted: compliant}", "PC0907", None, "by an exception", "take the line out"),
        (
            "settings: {level: non-compliant}\nothers: compliant",
            "PC0908",
            ("others",),
            "6 other settings aren't compliant: 'colour'",
            "change",
        ),
        (
            r"writes: {registry: {'HKLM\SOFTWARE\Example': {Old: {dword: 1}}}}",
            "PC0909",
            ("writes", "registry", r"HKLM\SOFTWARE\Example", "Old"),
            "Old becomes absent, expected 1 [DWord]",
            'it is "x"',
        ),
        (
            r"writes: {registry: {'HKLM\SOFTWARE\Example': {Secret: {string: x}}}}",
            "PC0909",
            None,
            "Secret becomes (masked) [String], expected (masked)",
            "(masked)",
        ),
        (
            r"writes: {registry: {'HKLM\SOFTWARE\Example': {Reported: {dword: 1}}}}",
            "PC0909",
            None,
            "nothing is written to",
            "'reported' is only reported",
        ),
        (
            r"writes: {registry: {'HKLM\SOFTWARE\Example': {None: {absent: true}}}}",
            "PC0909",
            None,
            "expected that it is deleted",
            "no setting of 'Workstations' is about this place",
        ),
        (
            r"writes: {users: {bert: {'HKCU\Software\Example': {Colour: {string: blue}}}}}",
            "PC0909",
            None,
            r"nothing is written to HKU\bert",
            "'colour' is compliant there; the value is \"BLUE\"",
        ),
        (r"writes: {registry: {'HKLM\SOFTWARE\Made': {}}}", "PC0909", None, "expected that the key is made", "no setting"),
        ("writes: {users: {anne: {}}}", "PC0907", ("writes", "users", "anne"), "no user 'anne'", "'anna'"),
        (r"writes: {registry: {'HKCU\Software\Example': {}}}", "PC0902", None, "a key of users", "under 'users'"),
        (
            "only_these_writes: true",
            "PC0909",
            ("only_these_writes",),
            "a remediation also writes HKLM",
            "name it under 'writes'",
        ),
        (
            "after_remediation: non-compliant",
            "PC0910",
            ("after_remediation",),
            "is compliant, expected non-compliant",
            "change",
        ),
        ("rollback_restores: false", "PC0910", ("rollback_restores",), "gives back the state from before", "write true"),
    ],
)
def test_what_isnt_met(tmp_path, expect, code, path, message, help):
    findings = found(tmp_path, expect)
    assert [one[0] for one in findings] == [code]
    ((_, at, said, way_out),) = findings
    assert path is None or at == path
    assert message in said
    assert help in way_out


def test_an_unreadable_value_stays_an_error(tmp_path):
    state = "\n    registry: {'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa': {Level: {unreadable: true}}}"
    findings = found(tmp_path, "verdict: compliant\nafter_remediation: compliant", state=state)
    assert [(one[0], one[1]) for one in findings] == [("PC0908", ("verdict",)), ("PC0910", ("after_remediation",))]
    assert "the collection is error, expected compliant: 'level' (error)" in findings[0][2]
    assert found(tmp_path, "settings: {level: error}\nverdict: error\nafter_remediation: error", state=state) == []


def test_what_doesnt_apply(tmp_path):
    assert found(tmp_path, "settings: {new: not-applicable}", head="device: {build: 19045, role: workstation}") == []
    (one,) = found(tmp_path, "settings: {new: compliant}", head="device: {build: 22631, role: domain_controller}")
    assert one[2:] == ("'new' is not-applicable, expected compliant", "the setting isn't about this Windows")
    (one,) = found(tmp_path, "verdict: compliant", head="device: {}")
    assert (one[0], one[2]) == ("PC0906", "the state doesn't say the build of Windows, and 'new' applies to some devices only")
    (one,) = found(tmp_path, "verdict: compliant", head="device: {build: 22631}")
    assert "'device: {role: workstation}'" in one[3]


def test_no_user_is_there(tmp_path):
    (one,) = found(tmp_path, "settings: {colour: non-compliant}", state="")
    assert "no user's hive is loaded" in one[3]


def test_names_of_collections(tmp_path):
    assert found(tmp_path, "verdict: non-compliant", collection="WORKSTATIONS") == []
    (one,) = found(tmp_path, "verdict: non-compliant", collection="Workstation")
    assert (one[0], one[3]) == ("PC0907", "did you mean 'Workstations'?")


def test_states_from_files(tmp_path):
    tests = r"""
tests:
  one after the other:
    collection: Workstations
    states: [fresh.yaml, ../more.reg]
    registry: {'HKLM\SYSTEM\CurrentControlSet\Control\Lsa': {Level: {dword: 6}}}
    expect: {settings: {level: compliant, reported: non-compliant, old: compliant}}
  the file alone:
    collection: Workstations
    states: [fresh.yaml]
    expect: {settings: {level: compliant, old: non-compliant}}
"""
    fresh = r"""
device: {build: 22631, role: workstation}
registry:
  HKLM\SOFTWARE\Example: {Old: {string: x}}
  HKLM\SYSTEM\CurrentControlSet\Control\Lsa: {Level: {dword: 5}}
"""
    more = 'REGEDIT4\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Example]\n"Old"=-\n"Reported"=dword:1\n[HKEY_CLASSES_ROOT\\.x]\n'
    first, second = run(make(tmp_path, tests__my_yaml=tests, tests__fresh_yaml=fresh, more_reg=more))
    assert [(one.code, one.level, one.location.path) for one in first.found] == [
        ("PC0905", Level.NOTE, ("tests", "one after the other", "states", 1))
    ]
    assert first.passed
    assert second.found == ()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone.yaml", "no such file"),
        ("../outside.yaml", "leads out of the policies folder"),
        ("..\\outside.yaml", "leads out of the policies folder"),
        ("a/../../outside.reg", "leads out of the policies folder"),
        ("/etc/hostname", "leads out of the policies folder"),
        (r"HKLM\SOFTWARE=../SOFTWARE", "leads out of the policies folder"),
        ("workstations.yaml", "a file of the kind 'collection'"),
    ],
)
def test_a_state_that_cant_be_had(tmp_path, name, message):
    tests = f"tests:\n  a test:\n    collection: Workstations\n    states: ['{name}']\n    expect: {{verdict: compliant}}\n"
    (one,) = run(make(tmp_path, tests_yaml=tests))
    assert not one.passed
    ((code, path, said),) = [(each.code, each.location.path, each.message) for each in one.found]
    assert (code, path) == ("PC0901", ("tests", "a test", "states", 0))
    assert message in said


def test_what_is_wrong_in_a_state_stands_in_the_state(tmp_path):
    tests = "tests:\n  a test:\n    collection: Workstations\n    states: [s.yaml]\n    expect: {verdict: compliant}\n"
    (one,) = run(make(tmp_path, tests_yaml=tests, s_yaml="device: {}\nusers: {S-1-5-18: {}}\n"))
    assert [(each.code, each.location.file) for each in one.found] == [("PC0904", "s.yaml")]


TAGGED = r"""
collection: {name: Pilot, members: {devices: [PC-0002]}}
defender_atp:
  state: onboarded
  package: {source: '\\files.example.com\onboarding', script: WindowsDefenderATPOnboardingScript.cmd}
  device_tag: Pilot
"""


def test_what_a_product_wants_cleared_doesnt_come_back(tmp_path):
    tests = "tests:\n  tagged:\n    collection: Pilot\n    expect: {rollback_restores: true}\n"
    (one,) = run(make(tmp_path, pilot_yaml=TAGGED, tests_yaml=tests))
    ((code, message),) = [(each.code, each.message) for each in one.found]
    assert code == "PC0910"
    assert message.startswith(
        "a rollback doesn't give back the state from before: HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows Advanced"
    )
    assert message.endswith("DeviceTagging : Group")
    (one,) = run(make(tmp_path, pilot_yaml=TAGGED, tests_yaml=tests.replace("true", "false")))
    assert one.passed


WORDS = st.sampled_from(
    [
        *("collection", "states", "device", "registry", "registry_32", "users", "expect", "verdict", "settings", "others"),
        *("writes", "only_these_writes", "after_remediation", "rollback_restores", "level", "dword", "anna"),
        *("HKLM\\SOFTWARE\\Example", "HKCU\\Software\\X"),
    ]
)
LEAVES = st.sampled_from(["compliant", "error", "Workstations", "", 1, True, None, "..", "a.yaml", "HKU\\=x", "HKLM=y", "\x7f"])
TREES = st.recursive(
    LEAVES | st.lists(LEAVES, max_size=2), lambda inner: st.dictionaries(WORDS, inner, max_size=3), max_leaves=8
)
EXPECTS = st.dictionaries(
    st.sampled_from(["verdict", "settings", "others", "writes", "only_these_writes", "after_remediation", "rollback_restores"]),
    TREES
    | st.sampled_from(
        ["compliant", "non-compliant", "error", True, False, {"level": "compliant"}, {"registry": {"HKLM\\SOFTWARE\\X": {}}}]
    ),
    min_size=1,
    max_size=4,
)
TESTS = st.fixed_dictionaries(
    {"collection": st.sampled_from(["Workstations", "x"]), "expect": EXPECTS},
    optional={
        "states": st.lists(LEAVES, max_size=2),
        "device": TREES | st.just({"build": 1, "role": "server"}),
        "users": TREES,
        "registry": TREES,
    },
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tests=st.dictionaries(st.text(max_size=4), TESTS | TREES, max_size=2) | TREES)
def test_any_tests_give_results_or_findings(tmp_path, tests):
    policies = make(tmp_path, tests_yaml=json.dumps({"tests": tests}))
    sources = load_project(policies)
    project, _ = lower(sources)
    assert project is not None
    for document in sources.documents:
        if document.kind == "tests":
            cases = list(run_cases(project, document))
            assert [one.name for one in cases] == list(document.tree["tests"])
            for one in cases:
                assert all(each.message and each.help and each.location.file for each in one.found)


def test_what_a_test_says_of_a_secret_isnt_shown_either(tmp_path):
    state = "\n    registry: {'HKLM\\SOFTWARE\\Example': {Secret: {string: hush}}}"
    expect = "writes: {registry: {'HKLM\\SOFTWARE\\Example': {Secret: {string: hush}}}}"
    ((code, _, message, way_out),) = found(tmp_path, expect, state=state)
    assert code == "PC0909"
    assert message.endswith("expected (masked) [String]")
    assert way_out == "'secret' is compliant there; the value is (masked) [String]"
