"""From what an importer found to policy files that validate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyc.diagnostics import Diagnostic, error
from policyc.importers import Found, Imported, Refused
from policyc.importers.policy_file import MOST, Written, write_policy
from policyc.lowering import lower
from policyc.model import Mode, Project
from policyc.source import load_project

KEY = r"HKLM\SOFTWARE\Example"


def found(title: str = "A is 1", source: str = "line 1", id: str = "", section: str = "", **registry: Any) -> Found:
    words = {"key": KEY, "name": "A", "type": "dword", "equals": 1} | registry
    return Found(title, {word: value for word, value in words.items() if value is not None}, source, id, section)


def imported(*settings: Found, refused: tuple[Refused, ...] = (), same: int = 0) -> Imported:
    return Imported("Example", settings, refused, len(settings) + len(refused) + same, same)


def loaded(written: Written, folder: Path) -> tuple[Project, list[Diagnostic]]:
    """The files as the compiler reads them, beside a collection that lists the baselines."""
    folder.mkdir(exist_ok=True)
    (folder / "project.yaml").write_text("project: {name: Test, id: 7d0fe903-f606-56af-8b00-3647bd9e7d1c}\n", encoding="utf-8")
    for number, file in enumerate(written.files):
        (folder / f"{number}.yaml").write_text(file.text, encoding="utf-8", newline="")
    if written.files and written.files[0].head == "baseline":
        names = "".join(f"  - {file.name!r}\n" for file in written.files)
        (folder / "all.yaml").write_text(f"collection:\n  name: All\nbaselines:\n{names}", encoding="utf-8")
    sources = load_project(folder)
    project, findings = lower(sources)
    assert project is not None
    return project, [*sources.diagnostics, *findings]


def test_a_policy_reads_as_a_person_would_write_it() -> None:
    written = write_policy(
        imported(
            Found(
                "B is 2",
                {"equals": 2, "set": 2, "type": "dword", "default": 3, "name": "B", "key": KEY},
                "line 7",
                section="Second",
                others={"references": ["R 1"], "severity": "critical", "why": "Because: it matters"},
            ),
            found(section="First"),
            found("C is a", source="line 9", section="Second", name="C", type="string", equals="a #b"),
            found("No section", source="", name="D"),
            refused=(Refused("line 3", "E\n[x]", "no  reason\x1b"),),
        ),
        name="Example: all",
        remarks=lambda head: [f"{head} from 'x.reg'", "second\nline"],
    )
    (file,) = written.files
    assert file.text == (
        "# baseline from 'x.reg'\n"
        "# second line\n"
        "baseline:\n"
        "  name: 'Example: all'\n"
        "\n"
        "settings:\n"
        "\n"
        "  no-section:\n"
        "    title: No section\n"
        "    registry:\n"
        "      key: HKLM\\SOFTWARE\\Example\n"
        "      name: D\n"
        "      type: dword\n"
        "      equals: 1\n"
        "\n"
        "  # Second\n"
        "\n"
        "  b-is-2:  # line 7\n"
        "    title: B is 2\n"
        "    why: 'Because: it matters'\n"
        "    severity: critical\n"
        "    references:\n"
        "      - R 1\n"
        "    registry:\n"
        "      key: HKLM\\SOFTWARE\\Example\n"
        "      name: B\n"
        "      type: dword\n"
        "      equals: 2\n"
        "      default: 3\n"
        "      set: 2\n"
        "\n"
        "  c-is-a:  # line 9\n"
        "    title: C is a\n"
        "    registry:\n"
        "      key: HKLM\\SOFTWARE\\Example\n"
        "      name: C\n"
        "      type: string\n"
        "      equals: 'a #b'\n"
        "\n"
        "  # First\n"
        "\n"
        "  a-is-1:  # line 1\n"
        "    title: A is 1\n"
        "    registry:\n"
        "      key: HKLM\\SOFTWARE\\Example\n"
        "      name: A\n"
        "      type: dword\n"
        "      equals: 1\n"
        "\n"
        "# Not imported: 1\n"
        "# - line 3: E [x]: no reason\\x1b\n"
    )


def test_ids_are_made_of_titles_and_each_is_another_one() -> None:
    written = write_policy(
        imported(
            found("Same title", name="A"),
            found("Same title", name="B"),
            found("Con", name="C"),
            found("", id="own-id", name="D").__class__("D", found(name="D").words, "", "own-id"),
            found("E", id="Not An Id!", name="E"),
            found("F", id="x" * 70, name="F"),
            found("G", id="x" * 70, name="G"),
        ),
        name="x",
    )
    ids = [setting.id for setting in written.files[0].settings]
    assert ids[:5] == ["same-title-a", "same-title-b", "con-setting", "own-id", "not-an-id"]
    assert [id_[-2:] for id_ in ids[5:]] == ["-f", "-g"]
    assert max(map(len, ids)) <= 64


def test_a_collection_changes_nothing_until_somebody_says_so(tmp_path: Path) -> None:
    written = write_policy(imported(found()), name="x", head="collection")
    assert "collection:\n  name: x\n  mode: audit  # everything is reported, nothing is changed; " in written.files[0].text
    (collection,) = loaded(written, tmp_path)[0].collections
    assert collection.mode is Mode.AUDIT
    # What only an enforced policy lacks is refused all the same.
    lacking = found(equals=None, present=True, type=None)
    assert write_policy(imported(lacking), name="x", head="collection").settings == 0


def test_an_id_of_a_vocabulary_is_left_to_it(tmp_path: Path) -> None:
    written = write_policy(imported(found("x", id="defender-atp-sample-collection")), name="x")
    assert not [one for one in loaded(written, tmp_path)[1] if one.is_error]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"key": r"HKCR\x"}, "HKLM\\SOFTWARE\\Classes"),
        ({"key": r"HKLM\SOFTWARE\policyc\x"}, "journal"),
        ({"equals": "text"}, ""),
        ({"equals": 2**32}, ""),
        ({"type": "string", "equals": "a\0b"}, "NUL"),
        ({"type": "string", "equals": "\ud800"}, "character"),
        ({"type": "multi_string", "equals": ["a", ""]}, ""),
        ({"equals": None, "present": True, "type": None}, "what a remediation is to write"),
        ({"nonsense": 1}, "nonsense"),
        ({"equals": 1.5}, ""),
    ],
)
def test_what_the_language_refuses_is_listed_with_its_message(wrong: dict[str, Any], reason: str) -> None:
    written = write_policy(imported(found(source="line 5", **({"name": "B"} | wrong)), found()), name="x")
    (refused,) = written.refused
    assert refused.source == "line 5"
    assert reason in refused.reason
    assert len(refused.reason) > 10
    assert written.settings == 1
    assert "# - line 5: " in written.files[0].text


def test_nothing_is_written_where_nothing_can_be_said() -> None:
    written = write_policy(imported(found(key=r"HKU\x")), name="x")
    assert (written.files, written.settings, len(written.refused)) == ((), 0, 1)


def test_what_is_said_twice_is_counted_and_written_once() -> None:
    spelled = {"key": r"HKEY_LOCAL_MACHINE\software\EXAMPLE", "name": "a"}
    written = write_policy(imported(found(), found("other title"), found(**spelled), same=2), name="x")
    assert (written.settings, written.same, written.entries) == (1, 4, 5)


def test_entries_that_contradict_each_other_are_both_left_out() -> None:
    written = write_policy(
        imported(found(source="line 1"), found(source="line 2", equals=2), found(source="line 3", name="B")), name="x"
    )
    (fight,) = written.contradictions
    assert (fight.what, fight.sources) == (KEY + " : A", ("line 1", "line 2"))
    assert str(fight) == "A is 1 (line 1); A is 1 (line 2): they can't all hold"
    assert (written.settings, written.contradicted) == (1, 2)
    assert "# - HKLM\\SOFTWARE\\Example : A: A is 1 (line 1); A is 1 (line 2): they can't all hold\n" in written.files[0].text


def test_conditions_that_can_hold_together_are_both_written(tmp_path: Path) -> None:
    pair = found("low", equals=None, at_least=1, set=5), found("high", equals=None, at_most=9, set=5)
    written = write_policy(imported(*pair), name="x")
    assert written.settings == 2
    assert not [one for one in loaded(written, tmp_path)[1] if one.is_error]


def test_a_key_that_must_be_absent_and_a_value_below_it_contradict_each_other() -> None:
    absent = Found("no key", {"key": KEY, "absent": True}, "line 1")
    written = write_policy(imported(absent, found(source="line 2", key=KEY + r"\Below")), name="x")
    assert written.settings == 0
    (fight,) = written.contradictions
    assert fight.sources == ("line 1", "line 2")
    assert fight.message == "one needs a value or key below a key that another one wants absent"


def test_all_that_contradict_one_another_are_told_together() -> None:
    many = [found(f"A is {number}", f"line {number}", equals=number) for number in range(7)]
    others = [found("B is 1", "line 8", name="B"), found("B is 2", "line 9", name="B", equals=2)]
    first, second = write_policy(imported(*many, *others), name="x").contradictions
    assert first.sources == tuple(f"line {number}" for number in range(7))
    assert str(first).endswith("; A is 4 (line 4); and 2 more: they can't all hold")
    assert second.sources == ("line 8", "line 9")


def test_the_same_place_for_other_devices_is_no_repetition() -> None:
    one, other = found(), found()
    server = Found(other.title, other.words, "line 2", others={"applies_to": {"role": "server"}})
    assert write_policy(imported(one, server), name="x").same == 0


def test_a_further_check_has_its_say() -> None:
    def check(project: Project) -> list[Diagnostic]:
        (collection,) = project.collections
        return [
            error("PC0506", "too long", setting.origin.below("registry"), help="shorten it")
            for setting in collection.settings
            if setting.subject.place.name == "B"
        ]

    written = write_policy(imported(found(), found(name="B")), name="x", check=check)
    assert [one.reason for one in written.refused] == ["too long; shorten it"]
    assert written.settings == 1


@pytest.mark.parametrize("head", ["baseline", "collection"])
def test_too_many_settings_for_a_file_go_into_several(head: str, tmp_path: Path) -> None:
    many = [found(f"V{number} is 1", name=f"V{number}") for number in range(MOST + 1)]
    written = write_policy(imported(*many, refused=(Refused("line 1", "x", "y"),)), name="Many", head=head)
    expected = [("baseline", "Many (1 of 2)"), ("baseline", "Many (2 of 2)")]
    assert [(file.head, file.name) for file in written.files] == [("collection", "Many")] * (head == "collection") + expected
    assert [file.text.count("# Not imported: 1") for file in written.files[-2:]] == [0, 1]
    assert written.settings == MOST + 1
    project, findings = loaded(written, tmp_path)
    assert not [one for one in findings if one.is_error]
    assert [len(collection.settings) for collection in project.collections] == [MOST + 1]


def test_the_text_of_a_large_import_stays_below_what_a_file_may_hold() -> None:
    large = [found(f"V{number}", name=f"V{number}", type="string", equals="x" * 32000) for number in range(120)]
    written = write_policy(imported(*large), name="Large")
    assert len(written.files) == 2
    assert max(len(file.text) for file in written.files) < 4 * 1024 * 1024


TEXT = st.text(max_size=12)
SCALARS = TEXT | st.integers(-1, 2**64) | st.booleans() | st.none() | st.lists(TEXT, max_size=3)
KEYS = st.sampled_from([KEY, r"HKCU\Software\x", r"HKLM\SOFTWARE\Wow6432Node\x", r"HKLM\SYSTEM\ControlSet001\x"]) | TEXT
REGISTRY = st.fixed_dictionaries(
    {"key": KEYS},
    optional={
        "name": TEXT,
        "type": st.sampled_from(["string", "expand_string", "multi_string", "dword", "qword", "binary"]),
        "view": st.sampled_from([32, 64]),
        "equals": SCALARS,
        "absent": st.just(value=True),
        "present": st.just(value=True),
        "default": SCALARS,
        "set": SCALARS,
    },
)
ANY = st.builds(
    Found,
    TEXT,
    REGISTRY,
    TEXT,
    id=TEXT,
    section=TEXT,
    others=st.dictionaries(st.sampled_from(["why", "severity", "x"]), SCALARS),
)


@settings(max_examples=60, deadline=None)
@given(
    several=st.lists(ANY, max_size=4),
    refused=st.lists(st.builds(Refused, TEXT, TEXT, TEXT), max_size=2),
    head=st.sampled_from(["baseline", "collection"]),
)
def test_whatever_is_found_is_written_so_that_it_validates_or_is_listed(
    several: list[Found], refused: list[Refused], head: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    written = write_policy(imported(*several, refused=tuple(refused)), name="Any", head=head, remarks=lambda _: ["x\ny"])
    assert written.settings + len(written.refused) + written.contradicted + written.same == written.entries
    if written.files:
        _, findings = loaded(written, tmp_path_factory.mktemp("policies"))
        assert [one for one in findings if one.is_error] == []


@given(st.lists(st.text(max_size=30).filter(lambda text: "\0" not in text), min_size=1, max_size=5))
def test_text_of_any_kind_comes_back(texts: list[str]) -> None:
    from policyc.importers.text import policy_text, tree
    from policyc.source.tree import build

    several = [found("x", id=f"s{number}", type="string", equals=text) for number, text in enumerate(texts)]
    built = build("x.yaml", policy_text("baseline", "x", texts, several, [Refused(*texts[:1] * 3)]))
    assert built.findings == []
    assert built.tree["settings"] == {setting.id: tree(setting) for setting in several}
