"""What the console exports: cabinets packed with LZX, their digests one by one, settings about keys, rules in pairs."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from policyc.importers import MissingPackageError, SetError
from policyc.importers.cab import expanding, read, read_set
from policyc.importers.policy_file import write_policy
from policyc.registry_files import FormatError
from policyc.targets.configmgr.digest import DigestError, open_cabinet, resx
from policyc.targets.configmgr.digest.writing import DIGEST
from unit.importers.lzx import lzx_cabinet
from unit.importers.site import ITEM, OWNER, SCOPE, Registry, Rule, constant, document, imported, item, only, reason

posix = pytest.mark.skipif(os.name == "nt", reason="the stand-ins for tools are scripts with a first line")

# Cabinets that are packed with LZX

FILES = {"a.xml": item(Registry(), name="One"), "b.xml": item(Registry(value_name="B"), name="Two")}


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which tools are looked for."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(expanding, "_EXPAND", expanding.Tool("none.exe", ()))
    return folder


def tool(folder: Path, name: str, body: str) -> None:
    """A tool that has its arguments in `arguments`."""
    program = folder / name
    head = f"#!{sys.executable}\nimport os, pathlib, sys\narguments = sys.argv[1:]\n"
    program.write_text(f"{head}{body}\n", encoding="utf-8", newline="\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def making(files: dict[str, bytes], option: str) -> str:
    """The body of a tool that makes files in the folder that its option names."""
    return (
        f"at = [one[len({option!r}):] for one in arguments if one.startswith({option!r})][0] or"
        f" arguments[arguments.index({option!r}) + 1]\n"
        f"assert pathlib.Path(arguments[-1]).read_bytes()[:4] == b'MSCF'\n"
        f"for name, content in {files!r}.items():\n    pathlib.Path(at, name).write_bytes(content)"
    )


@posix
@pytest.mark.parametrize(("name", "option"), [("cabextract", "-d"), ("7z", "-o"), ("7zz", "-o"), ("7za", "-o")])
def test_what_the_system_has_unpacks_them(tools: Path, name: str, option: str) -> None:
    tool(tools, name, making(FILES, option))
    found = read(lzx_cabinet(FILES), "x.cab")
    assert [(one.section, one.words["name"]) for one in found.settings] == [("One", "A"), ("Two", "B")]
    assert found.refused == ()


def test_real_tools_unpack_them() -> None:
    if not list(expanding.tools()):
        pytest.skip("none of expand.exe, cabextract and 7z is here")
    files = {"a.xml": FILES["a.xml"], "long.bin": os.urandom(70_001), "b.xml": FILES["b.xml"]}
    assert expanding.expanded(lzx_cabinet(files), {name: len(content) for name, content in files.items()}) == files


def test_without_a_tool_the_command_is_named(tools: Path) -> None:
    with pytest.raises(MissingPackageError) as missing:
        read(lzx_cabinet(FILES), "Windows hardening.cab")
    assert "packed with LZX" in missing.value.what
    assert "'expand.exe -F:* \"Windows hardening.cab\" FOLDER'" in missing.value.install


@posix
def test_the_next_tool_is_tried(tools: Path) -> None:
    tool(tools, "cabextract", "sys.exit(3)")
    tool(tools, "7z", making(FILES, "-o"))
    assert len(read(lzx_cabinet(FILES), "x.cab").settings) == 2


@posix
@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("sys.exit(3)", "cabextract ended with 3"),
        ("", "cabextract made no file 'a.xml'"),
        (making({**FILES, "b.xml": b"short"}, "-d"), "of another length"),
        (making({**FILES, "b.xml": FILES["b.xml"] + b" "}, "-d"), "of another length"),
        ("os.symlink('/etc/passwd', os.path.join(arguments[2], 'a.xml'))", "made no file 'a.xml'"),
        ("import time; time.sleep(60)", "took more than"),
    ],
)
def test_a_tool_that_fails_is_told(tools: Path, body: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expanding, "SECONDS", 5)
    tool(tools, "cabextract", body)
    with pytest.raises(FormatError, match=message):
        read(lzx_cabinet(FILES), "x.cab")


@posix
def test_nothing_is_left_behind_and_nothing_else_is_read(tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    tool(tools, "cabextract", making({**FILES, "c.xml": b"<a"}, "-d"))
    assert len(read(lzx_cabinet(FILES), "x.cab").settings) == 2
    assert list((tmp_path / "scratch").iterdir()) == []


@posix
@pytest.mark.parametrize(
    "name",
    ["../a.xml", "..\\a.xml", "/a.xml", "\\a.xml", "C:a.xml", "a.xml:b", "", ".", "..", "-o.xml", "con.xml", "a\n.xml", "a. "],
)
def test_a_name_that_leads_elsewhere_reaches_no_tool(tools: Path, tmp_path: Path, name: str) -> None:
    tool(tools, "cabextract", f"pathlib.Path({str(tmp_path / 'ran')!r}).touch()")
    with pytest.raises(FormatError, match="isn't unpacked"):
        read(lzx_cabinet({name: FILES["a.xml"]}), "x.cab")
    assert not (tmp_path / "ran").exists()


@posix
def test_two_files_of_one_name_reach_no_tool(tools: Path) -> None:
    tool(tools, "cabextract", making(FILES, "-d"))
    with pytest.raises(FormatError, match="several files of one name"):
        read(lzx_cabinet({"a.xml": b"1", "A.XML": b"2"}), "x.cab")


def test_a_bomb_is_refused_before_any_tool() -> None:
    bomb = bytearray(lzx_cabinet({"a.xml": b"x"}))
    bomb[44:48] = (2**31).to_bytes(4, "little")
    with pytest.raises(DigestError, match="claim more than"):
        open_cabinet(bytes(bomb))


@posix
def test_tools_of_the_folder_in_which_the_command_runs_are_not_taken(
    tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool(tools, "cabextract", making(FILES, "-d"))
    monkeypatch.chdir(tools)
    monkeypatch.setenv("PATH", os.pathsep.join(["", ".", str(tmp_path)]))
    with pytest.raises(MissingPackageError):
        read(lzx_cabinet(FILES), "x.cab")


# The digests of one command


def baseline(*items: str) -> bytes:
    listed = "".join(f'<OperatingSystemReference AuthoringScopeId="{SCOPE}" LogicalName="{one}" />' for one in items)
    return document(f"<Baseline {OWNER.replace(ITEM, 'Baseline_1')}><OperatingSystems>{listed}</OperatingSystems></Baseline>")


def test_the_digests_of_one_command_are_one_set() -> None:
    other = FILES["b.xml"].replace(ITEM.encode(), b"OperatingSystem_2")
    alone = read(baseline(ITEM, "OperatingSystem_2"), "base.xml")
    assert len(alone.refused) == 2
    made = read_set([("base.xml", baseline(ITEM, "OperatingSystem_2")), ("a.xml", FILES["a.xml"]), ("b.xml", other)])
    assert made.refused == ()
    assert [(one.source.split(":")[0], one.section) for one in made.settings] == [("a.xml", "One"), ("b.xml", "Two")]
    assert made.title == "Configuration items"
    text = write_policy(made, name="x").files[0].text
    assert "# One" in text
    assert "a.xml" not in text


def test_texts_beside_the_digests_are_theirs() -> None:
    named = item(Registry(name=""), resource="ID-1")
    made = read_set([("texts.resx", resx({"ID-1": "Lock the screen"})), ("a.xml", named)])
    assert [one.title for one in made.settings] == ["Lock the screen"]


def test_what_is_wrong_in_a_set_is_told_of_its_file() -> None:
    with pytest.raises(SetError, match="no well-formed XML") as wrong:
        read_set([("a.xml", FILES["a.xml"]), ("b.xml", b"<a")])
    assert wrong.value.index == 1


# Items and settings as the console makes them


def test_an_item_without_settings_is_listed() -> None:
    made = read(item(name="Empty"), "x.xml")
    assert (made.settings, made.entries) == ((), 1)
    assert [(one.source, one.reason) for one in made.refused] == [("Empty", "it has no settings")]


KEY = Rule("NotEquals", constant(0), "Count", "false", "Critical")


def key_part(
    attributes: str = 'ValidatePermissions="false" Is64Bit="true"', more: str = "", hive: str = "LOCAL_MACHINE"
) -> str:
    return (
        f'<SuppressionReferences /><RegistryKey LogicalName="RegKey_1" Hive="HKEY_{hive}" {attributes}>'
        f"<Key>SOFTWARE\\Example</Key>{more}</RegistryKey>"
    )


def key_rule(rule: Rule) -> str:
    return rule.xml("RegKey_1", 1, "Int64", "RegistryKey")


@pytest.mark.parametrize(
    ("rule", "words", "others"),
    [
        (KEY, {"present": True}, {"severity": "critical", "remediate": False}),
        (Rule("Equals", constant(0), "Count"), {"absent": True}, {}),
    ],
)
def test_a_key_that_must_or_must_not_exist(rule: Rule, words: dict[str, object], others: dict[str, object]) -> None:
    found = only(parts=key_part(), rules=key_rule(rule))
    assert dict(found.words) == {"key": "HKLM\\SOFTWARE\\Example", **words}
    assert dict(found.others) == others
    assert write_policy(imported(parts=key_part(), rules=key_rule(rule)), name="x").settings == 1


def test_a_key_in_the_32_bit_view() -> None:
    found = only(parts=key_part('Is64Bit="false"', f'<Permissions xmlns="{DIGEST}" />'), rules=key_rule(KEY))
    assert found.words["view"] == 32


@pytest.mark.parametrize(
    ("part", "rule", "expected"),
    [
        (key_part('ValidatePermissions="true"'), KEY, 'ValidatePermissions="true"'),
        (key_part('Depth="Subtree"'), KEY, 'Depth="Subtree"'),
        (key_part(more="<Other />"), KEY, "it says Other"),
        (key_part(), Rule("Equals", constant(3), "Count"), "counts how often"),
        (key_part(), Rule(), "asks whether it is there"),
        (key_part(hive="CLASSES_ROOT"), KEY, "--classes machine"),
    ],
)
def test_a_key_of_which_more_is_asked_is_refused(part: str, rule: Rule, expected: str) -> None:
    assert expected in reason(parts=part, rules=key_rule(rule))


def test_a_key_without_a_rule_is_refused() -> None:
    assert "no rule" in reason(parts=key_part())


def test_classes_of_a_choice() -> None:
    made = read(item(Registry(hive="HKEY_CLASSES_ROOT", key=".example")), "x.xml", classes="machine")
    assert made.settings[0].words["key"] == "HKLM\\SOFTWARE\\Classes\\.example"
    made = read(item(Registry(hive="HKEY_CLASSES_ROOT", key=".example")), "x.xml", classes="user")
    assert made.settings[0].words["key"] == "HKCU\\Software\\Classes\\.example"


@pytest.mark.parametrize("missing", ["true", "false"])
def test_a_rule_that_the_value_is_there_with_a_severity_of_its_own_is_a_setting_of_its_own(missing: str) -> None:
    made = imported(Registry((Rule(missing=missing, changeable="true"), KEY)))
    there, equal = made.settings
    assert {word: said for word, said in there.words.items() if word != "key"} == {"name": "A", "present": True}
    assert dict(there.others) == {"severity": "critical", "remediate": False}
    default = {} if missing == "true" else {"default": 1}
    assert {word: said for word, said in equal.words.items() if word not in ("key", "name")} == {
        "type": "dword",
        "equals": 1,
        **default,
    }
    assert dict(equal.others) == {}
    written = write_policy(made, name="x")
    assert (written.settings, written.contradictions) == (2, ())


@pytest.mark.parametrize("missing", ["true", "false"])
def test_two_rules_that_bound_a_value_are_between(missing: str) -> None:
    rules = (Rule("GreaterThan", constant(0), missing=missing), Rule("LessEquals", constant(900), missing=missing))
    found = only(Registry(rules))
    default = {} if missing == "true" else {"default": 1}
    assert {word: found.words[word] for word in found.words if word not in ("key", "name")} == {
        "type": "dword",
        "between": [1, 900],
        **default,
    }
    assert found.others == {"remediate": False}


@pytest.mark.parametrize(
    "rules",
    [
        (Rule("GreaterEquals", constant(9)), Rule("LessEquals", constant(1))),
        (Rule("GreaterEquals", constant(1)), Rule("LessEquals", constant(9), severity="Critical")),
        (Rule("GreaterEquals", constant(1)), Rule("LessEquals", constant(9), missing="false")),
        (Rule("GreaterEquals", constant(1)), Rule("GreaterEquals", constant(2))),
    ],
)
def test_other_pairs_are_refused(rules: tuple[Rule, Rule]) -> None:
    assert "2 rules judge it" in reason(Registry(rules))
