"""`group_policy:` in policy files: what it unfolds to, in layers, with variables, and what is said of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from admx_templates import KEY, adml, admx, elements, policy
from policyc.diagnostics import Diagnostic
from policyc.driver.check import Checked, check
from policyc.model import Registry, Setting, of_registry

PROJECT = "project: {name: E, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\n"
HOSTS = elements(f'<list id="Hosts" key="{KEY}\\Hosts" additive="true"/>', '<decimal id="N" valueName="N"/>')
BOX = '<presentation id="p"><decimalTextBox refId="N" defaultValue="3">Number</decimalTextBox></presentation>'


def checked(folder: Path, pilot: str, template: str = admx(policy(HOSTS)), texts: str = adml("", BOX), **files: str) -> Checked:
    """These policies, with one template."""
    every = {
        "project_yaml": PROJECT + "definitions: [definitions]\n",
        "pilot_yaml": pilot,
        "definitions/example_admx": template,
        "definitions/en-US/example_adml": texts,
        **files,
    }
    for name, text in every.items():
        stem, _, ending = name.rpartition("_")
        file = folder / f"{stem}.{ending}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return check(folder, date(2026, 1, 31), open_shelf=None)


def settings(done: Checked, collection: int = 0) -> dict[str, Setting]:
    assert not [one for one in done.diagnostics if one.is_error], done.diagnostics
    return {one.id: one for one in done.collections[collection].settings}


def pilot(group_policy: str, more: str = "", head: str = "") -> str:
    return f"collection: {{name: Pilot}}\n{head}settings:\n  one:\n    group_policy: {group_policy}\n{more}"


def found(done: Checked, code: str) -> Diagnostic:
    (one,) = [one for one in done.diagnostics if one.code == code]
    return one


def test_heads_come_from_the_template_where_the_policy_gives_none(tmp_path: Path) -> None:
    text = policy(HOSTS, more='explainText="$(string.why)"').replace("The One", "$(string.title)")
    texts = adml('<string id="title">A title\n of two lines</string><string id="why">First.\n\nSecond.</string>', BOX)
    made = settings(checked(tmp_path, pilot("{policy: example/One, state: enabled}"), admx(text), texts))
    assert [(one.id, one.title, one.why) for one in made.values()] == [
        ("one", "A title of two lines", "First."),
        ("one-n", "A title of two lines: Number", "First."),
    ]
    own = pilot("{policy: example/One, state: enabled}", "    title: Mine\n    why: Because\n    severity: critical\n")
    made = settings(checked(tmp_path, own, admx(text), texts))
    assert [(one.title, one.why, one.severity.value) for one in made.values()] == [
        ("Mine", "Because", "critical"),
        ("Mine: Number", "Because", "critical"),
    ]


@pytest.mark.parametrize(
    ("reference", "build"),
    [
        ("windows:SUPPORTED_Windows_10_0", 10240),
        ("windows:SUPPORTED_Windows_10_0_NOSERVER", 10240),
        ("windows:SUPPORTED_Windows_10_0_RS5", 14393),
        ("windows:SUPPORTED_Windows_10_0_SOMETHING", None),
        ("windows:SUPPORTED_WindowsVista", None),
        ("other:SUPPORTED_Windows_10_0", None),
        ("SUPPORTED_Windows_10_0", None),
    ],
)
def test_which_windows_is_taken_where_it_is_sure(tmp_path: Path, reference: str, build: int | None) -> None:
    names = '<policyNamespaces><using prefix="windows" namespace="Microsoft.Policies.Windows"/></policyNamespaces>'
    template = admx(policy(f'<supportedOn ref="{reference}"/>')).replace("<policies>", f"{names}<policies>")
    made = settings(checked(tmp_path, pilot("{policy: example/One, state: enabled}"), template))
    assert made["one"].applies_to.from_build == build
    own = pilot("{policy: example/One, state: enabled}", "    applies_to: {from_build: 22000}\n")
    assert settings(checked(tmp_path, own, template))["one"].applies_to.from_build == 22000


def test_variables_stand_in_options_and_in_their_lists(tmp_path: Path) -> None:
    said = "{policy: example/One, state: enabled, options: {Number: {variable: n}, Hosts: [a, {variable: host}]}}"
    made = settings(checked(tmp_path, pilot(said, head="variables: {n: 7, host: b}\n")))
    data = {one.id: of_registry(one).condition.operands for one in made.values()}
    assert data == {"one": (1,), "one-n": (7,), "one-hosts-a": ("a",), "one-hosts-b": ("b",)}
    assert [[named.name for named in one.variables] for one in made.values()] == [[], ["host"], ["host"], ["n"]]
    missing = checked(tmp_path, pilot(said))
    assert sorted(one.code for one in missing.diagnostics if one.is_error) == ["PC0333", "PC0333"]


def test_an_item_more_changes_no_other_id(tmp_path: Path) -> None:
    few = settings(checked(tmp_path, pilot("{policy: example/One, state: enabled, options: {Hosts: [a b, c]}}")))
    more = settings(
        checked(
            tmp_path,
            pilot("{policy: example/One, state: enabled, options: {Hosts: [0, a-b, a b, c, '*']}}".replace("[0", "['0'")),
        )
    )
    assert few.keys() < more.keys()
    assert len(more) == len(few) + 3


def test_overrides_and_exceptions_speak_of_the_whole(tmp_path: Path) -> None:
    said = "{policy: example/One, state: enabled, options: {Hosts: [a]}}"
    common = f"baseline: {{name: Common}}\nsettings:\n  one: {{group_policy: {said}}}\n"
    other = "collection: {name: Other}\nbaselines: [Common]\noverride: {one: {reason: x, group_policy: {state: disabled}}}\n"
    exception = "{settings: [one], reason: x, owner: y, expires: '2026-12-31'}"
    third = f"collection: {{name: Third}}\nbaselines: [Common]\nexceptions:\n- {exception}\n"
    head = "collection: {name: Pilot}\nbaselines: [Common]\n"
    done = checked(tmp_path, head, common_yaml=common, other_yaml=other, third_yaml=third)
    by_name = {one.name: one for one in done.collections}
    assert [one.id for one in by_name["Pilot"].settings] == ["one", "one-hosts-a", "one-n"]
    gone = [("one-n", "absent"), ("one", "absent"), ("one-hosts", "only_values")]
    assert [(one.id, one.subject.asked) for one in by_name["Other"].settings] == gone
    assert by_name["Third"].settings == ()
    assert [one.id for one in by_name["Third"].exempted] == ["one", "one-hosts-a", "one-n"]
    part = third.replace("[one]", "[one-n]")
    assert found(checked(tmp_path, head, common_yaml=common, third_yaml=part), "PC0335")


@pytest.mark.parametrize(("said", "kept"), [("[a, b]", {"a": "a", "b": "b"}), ("[]", {})])
def test_a_list_that_is_not_additive_is_a_key_with_no_other_values(tmp_path: Path, said: str, kept: dict[str, str]) -> None:
    template = admx(policy(elements(f'<list id="Hosts" key="{KEY}\\Hosts" expandable="true"/>')))
    made = settings(checked(tmp_path, pilot(f"{{policy: example/One, state: enabled, options: {{Hosts: {said}}}}}"), template))
    assert list(made) == ["one", "one-hosts"]
    about = of_registry(made["one-hosts"])
    assert (about.place.key, about.place.name, about.asked) == (f"{KEY}\\Hosts", None, "only_values")
    listed = {value.name: (value.kind.value, value.data) for value in about.values}
    assert listed == {name: ("expand_string", data) for name, data in kept.items()}
    gone = settings(checked(tmp_path, pilot("{policy: example/One, state: disabled}"), template))
    assert of_registry(gone["one-hosts"]).values == ()


def test_a_list_that_shares_its_key_leaves_what_else_is_there(tmp_path: Path) -> None:
    template = admx(policy(elements(f'<list id="Hosts" key="{KEY}"/>')))
    done = checked(tmp_path, pilot("{policy: example/One, state: enabled, options: {Hosts: [a]}}"), template)
    assert [(one.id, one.subject.asked) for one in settings(done).values()] == [("one", "equals"), ("one-hosts-a", "equals")]
    assert found(done, "PC1916").level.value == "note"


def test_users_and_machines(tmp_path: Path) -> None:
    template = admx(policy(scope="Both"))
    for scope, hive in (("machine", "HKLM"), ("user", "HKCU")):
        made = settings(checked(tmp_path, pilot(f"{{policy: example/One, state: enabled, scope: {scope}}}"), template))
        about = made["one"].subject
        assert isinstance(about, Registry)
        assert about.place.hive == hive
    assert found(checked(tmp_path, pilot("{policy: example/One, state: enabled}"), template), "PC1909").related[0].location.line


def test_findings_name_the_line_of_the_template(tmp_path: Path) -> None:
    template = admx("\n\n" + policy("\n" + elements('\n<decimal id="N" valueName="N"/>')))
    one = found(checked(tmp_path, pilot("{policy: example/One, state: enabled, options: {N: x}}"), template), "PC1912")
    assert one.location.path[-1] == "N"
    assert [(place.location.file, place.location.line) for place in one.related] == [("definitions/example.admx", 5)]
    far = found(checked(tmp_path, pilot("{policy: example/Oen, state: enabled}"), template), "PC1906")
    assert far.help == "did you mean 'example/One'?"


@pytest.mark.parametrize(
    ("registry", "warned"),
    [
        ("name: One, type: string, equals: '1'", True),
        ("name: One, type: dword, equals: 5", False),
        ("name: one, type: qword, at_least: 5, set: 5", True),
        ("name: One, absent: true", False),
        ("name: Other, type: string, equals: x", False),
        ("name: N, type: dword, equals: 1, view: 32", False),
    ],
)
def test_a_type_that_no_template_writes_is_a_warning(tmp_path: Path, registry: str, *, warned: bool) -> None:
    text = f"collection: {{name: Pilot}}\nsettings:\n  x: {{title: x, registry: {{key: 'HKLM\\{KEY}', {registry}}}}}\n"
    done = checked(tmp_path, text)
    assert [one.code for one in done.diagnostics if one.code == "PC1917"] == ["PC1917"] * warned


def test_nothing_of_templates_is_read_where_no_policy_names_one(tmp_path: Path) -> None:
    import subprocess
    import sys

    (tmp_path / "project.yaml").write_text(PROJECT, encoding="utf-8")
    text = "collection: {name: P}\nsettings:\n  x: {title: x, registry: {key: 'HKLM\\SOFTWARE\\E', present: true}}\n"
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    program = (
        "import sys; from pathlib import Path; from datetime import date; from policyc.driver.check import check\n"
        f"check(Path({str(tmp_path)!r}), date(2026, 1, 31))\n"
        "print([name for name in sys.modules if name.startswith(('policyc.definitions', 'xml'))])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
