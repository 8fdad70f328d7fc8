"""One setting: data, defaults, what is written, and what is refused where."""

from __future__ import annotations

import pytest

from policyc.diagnostics import Level
from policyc.model import Append, CreateKey, DeleteValue, Kind, Location, Operator, SetValue, Severity


@pytest.mark.parametrize(
    ("text", "operands", "write"),
    [
        ("name: V, type: dword, equals: 0", (0,), SetValue(0)),
        ("name: V, type: qword, equals: 18446744073709551615", (2**64 - 1,), SetValue(2**64 - 1)),
        ("name: V, type: string, equals: ''", ("",), SetValue("")),
        ("name: V, type: multi_string, equals: []", ((),), SetValue(())),
        ("name: V, type: multi_string, equals: [b, a, b]", (("b", "a", "b"),), SetValue(("b", "a", "b"))),
        ("name: V, type: binary, equals: 'DEADbeef'", (b"\xde\xad\xbe\xef",), SetValue(b"\xde\xad\xbe\xef")),
        ("name: V, type: binary, equals: ''", (b"",), SetValue(b"")),
        ("name: V, type: dword, at_least: 5", (5,), SetValue(5)),
        ("name: V, type: dword, at_most: 0", (0,), SetValue(0)),
        ("name: V, type: dword, between: [1, 9], set: 9", (1, 9), SetValue(9)),
        ("name: V, type: dword, not_equals: 1, set: 0", (1,), SetValue(0)),
        ("name: V, type: string, one_of: [a, b], set: B", ("a", "b"), SetValue("B")),
        ("name: V, type: multi_string, one_of: [[a], []], set: []", (("a",), ()), SetValue(())),
        ("name: V, type: string, none_of: [a], set: ''", ("a",), SetValue("")),
        ("name: V, type: string, matches: '[0-9]+', set: '1'", ("[0-9]+",), SetValue("1")),
        ("name: V, type: multi_string, contains: [a, b]", ("a", "b"), Append(("a", "b"))),
        ("name: V, type: multi_string, contains: [a], set: [x, A]", ("a",), SetValue(("x", "A"))),
        ("name: V, type: multi_string, set_equals: [a, b], set: [b, a]", ("a", "b"), SetValue(("b", "a"))),
        ("name: V, absent: true", (), DeleteValue()),
        ("name: V, type: string, present: true, set: x", (), SetValue("x")),
        ("present: true", (), CreateKey()),
        ("absent: true", (), None),
    ],
)
def test_operands_and_write(registry, text, operands, write):
    result = registry(text)
    assert result.found == []
    assert result.setting.subject.condition.operands == operands
    assert result.setting.subject.write == write
    assert registry(text, mode="audit").setting.subject.write is None
    if "set:" not in text:
        assert registry(text, remediate=False).setting.subject.write is None


def test_defaults_are_explicit(registry):
    setting = registry("name: '', type: dword, equals: 1").setting
    assert (setting.id, setting.subject.place.name, setting.subject.kind, setting.subject.default) == (
        "a",
        "",
        Kind.DWORD,
        None,
    )
    assert (setting.severity, setting.subject.pin, setting.sensitive) == (Severity.WARNING, False, False)
    assert (setting.why, setting.references, setting.from_vocabulary) == ("", (), None)
    assert setting.origin == Location("a.yaml", ("settings", "a"))
    assert not setting.subject.condition.exact_case


def test_what_is_said_is_kept(registry):
    setting = registry(
        "name: V, type: string, equals: x, default: '', pin: true, case: exact",
        severity="critical-with-event",
        sensitive=True,
        why="Because",
        references=["CIS 1"],
    ).setting
    assert (setting.subject.default, setting.subject.pin, setting.subject.condition.exact_case) == ("", True, True)
    assert (setting.severity, setting.sensitive) == (Severity.CRITICAL_WITH_EVENT, True)
    assert (setting.why, setting.references) == ("Because", ("CIS 1",))


def test_a_value_key_and_kind_may_be_unnamed(registry):
    setting = registry("present: true").setting
    assert setting.subject.place.name is None
    assert setting.subject.kind is None
    assert registry("name: V, absent: true").setting.subject.kind is None


@pytest.mark.parametrize(
    ("text", "code", "word", "on_key", "message", "help"),
    [
        ("name: V, type: dword, between: [1, 9]", "PC0307", "between", True, "'between'", "add 'set: …', or"),
        ("name: V, type: dword, not_equals: 1", "PC0307", "not_equals", True, "'not_equals'", "remediate: false"),
        ("name: V, present: true", "PC0307", "present", True, "'present'", "and 'type: …'"),
        ("name: V, type: dword, at_least: 5, set: 4", "PC0308", "set", False, "satisfy 'at_least'", "that does"),
        ("name: V, type: string, matches: a, set: b", "PC0308", "set", False, "satisfy 'matches'", "that does"),
        ("name: V, type: dword, absent: true, set: 4", "PC0308", "set", False, "satisfy 'absent'", "deleted"),
        ("name: V, type: dword, equals: 1, pin: true", "PC0310", "pin", True, "needs a 'default'", "add 'default"),
        ("name: V, type: dword, between: [9, 1]", "PC0311", "between", False, "at least 9", "[1, 9]"),
        ("name: V, type: string, matches: 'a+?'", "PC0313", "matches", False, "character 3", "leave '?' out"),
        ("name: V, type: string, matches: '(a+)+'", "PC0313", "matches", False, "many ways", "beginning of its own"),
        ("key: HKCR\\X, present: true", "PC0302", "key", False, "'HKCR'", "Classes"),
        ("key: HKLM\\SYSTEM\\X, view: 32, present: true", "PC0304", "view", False, "means nothing", "'view'"),
    ],
)
def test_errors(registry, text, code, word, on_key, message, help):
    result = registry(text)
    found = result.finding
    assert (found.code, found.level) == (code, Level.ERROR)
    assert found.location == Location("a.yaml", ("settings", "a", "registry", word), on_key=on_key)
    assert message in found.message
    assert help in found.help
    assert result.collection.settings == ()


@pytest.mark.parametrize(
    ("text", "setting", "code", "path", "on_key", "message"),
    [
        (
            "name: V, type: dword, not_equals: 1, set: 0",
            {"remediate": False},
            "PC0309",
            ("registry", "set"),
            True,
            "never written",
        ),
        ("name: V, type: string, one_of: [a, b, A], set: a", {}, "PC0312", ("registry", "one_of", 2), False, "case of letters"),
        ("name: V, type: dword, none_of: [1, 1], set: 0", {}, "PC0312", ("registry", "none_of", 1), False, "in 'none_of'"),
        ("name: V, type: multi_string, contains: [a, a]", {}, "PC0312", ("registry", "contains", 1), False, "in 'contains'"),
        ("absent: true", {"remediate": True}, "PC0314", ("remediate",), False, "never removed"),
        ("key: HKLM\\SYSTEM\\ControlSet002\\X, present: true", {}, "PC0305", ("registry", "key"), False, "'ControlSet002'"),
    ],
)
def test_warnings(registry, text, setting, code, path, on_key, message):
    result = registry(text, **setting)
    found = result.finding
    assert (found.code, found.level) == (code, Level.WARNING)
    assert found.location == Location("a.yaml", ("settings", "a", *path), on_key=on_key)
    assert message in found.message
    assert result.setting


def test_case_tells_items_apart(registry):
    assert registry("name: V, type: string, one_of: [a, A], set: a, case: exact").found == []


def test_what_is_only_reported_need_not_say_what_to_write(registry):
    text = "name: V, type: dword, between: [1, 9]"
    assert registry(text, remediate=False).found == []
    assert registry(text, mode="audit").found == []
    assert registry(text + ", set: 10", mode="audit").finding.code == "PC0308"


def test_the_findings_of_one_setting_leave_the_others(policies):
    result = policies(
        """
        collection: {name: Pilot}
        settings:
          a: {title: A, registry: {key: X, present: true}}
          b: {title: B, registry: {key: 'HKLM\\SOFTWARE\\B', present: true}}
          c: {title: C, registry: {key: HKCR, name: V, type: dword, between: [2, 1]}}
        """
    )
    assert result.codes == ["PC0301", "PC0302", "PC0311"]
    assert [setting.id for setting in result.collection.settings] == ["b"]
    assert result.setting.subject.condition.operator is Operator.PRESENT
