"""All templates of a project: finding policies, and what is remembered of them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from admx_templates import KEY, adml, admx, elements, library, policy
from policyc.definitions import Library, Missing, Named, Scope, Writer
from policyc.definitions.library import INDEX, TEMPLATES
from policyc.definitions.template import from_plain, to_plain

TITLES = adml('<string id="t">Lock the screen</string><string id="u">Sperren</string>')
LOCK = policy(name="Lock").replace("The Lock", "$(string.t)")


class Shelf:
    """A shelf that counts."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.writes: list[str] = []

    def read(self, name: str) -> dict[str, Any] | None:
        return self.kept.get(name)

    def write(self, name: str, tree: dict[str, Any]) -> None:
        self.kept[name] = tree
        self.writes.append(name)


def test_policies_by_id_and_display_name(tmp_path: Path) -> None:
    made = library(tmp_path, screen_admx=admx(LOCK), en_US__screen_adml=TITLES)
    for name in ("screen/Lock", "SCREEN/lock", "Lock the screen", "lock  THE screen"):
        found = made.find(name)
        assert isinstance(found, Named)
        assert (found.id, found.policy.title, found.template.file) == (
            "screen/Lock",
            "Lock the screen",
            "definitions/screen.admx",
        )


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("screen/Lok", "screen/Lock"),
        ("scren/Lock", "screen/Lock"),
        ("wrong/Lock", "screen/Lock"),
        ("Lock", "screen/Lock"),
        ("Lock the scren", "screen/Lock"),
        ("screen/Nothing", None),
        ("nothing of the kind", None),
    ],
)
def test_unknown_policies_name_the_nearest(tmp_path: Path, name: str, near: str | None) -> None:
    made = library(tmp_path, screen_admx=admx(LOCK), en_US__screen_adml=TITLES)
    assert made.find(name) == Missing(near=near)


def test_a_display_name_of_several_names_all(tmp_path: Path) -> None:
    made = library(tmp_path, a_admx=admx(policy()), b_admx=admx(policy()))
    assert made.find("The One") == Missing(names=("a/One", "b/One"))


def test_the_language_that_is_asked_for_then_the_standard_one(tmp_path: Path) -> None:
    german = TITLES.replace("Lock the screen", "Bildschirm sperren")
    library(tmp_path, screen_admx=admx(LOCK), en_US__screen_adml=TITLES, de_DE__screen_adml=german, fr_FR__screen_adml=TITLES)
    shown = {}
    for language in ("de-DE", "DE-de", "en-US", "it-IT"):
        found = Library(tmp_path, ("definitions",), language).find("screen/Lock")
        assert isinstance(found, Named)
        shown[language] = found.policy.title
    assert shown["de-DE"] == shown["DE-de"] == "Bildschirm sperren"
    assert shown["en-US"] == shown["it-IT"] == "Lock the screen"


def test_a_template_without_texts_is_found_by_its_ids(tmp_path: Path) -> None:
    made = library(tmp_path, screen_admx=admx(LOCK))
    found = made.find("screen/Lock")
    assert isinstance(found, Named)
    assert found.policy.title == ""
    broken = library(tmp_path, en_US__screen_adml=b"<policyDefinitionResources>")
    assert isinstance(broken.find("screen/Lock"), Named)
    (fault,) = broken.index.faults
    assert fault[0] == "definitions/en-US/screen.adml"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<policyDefinitions>", "no element found"),
        (b"<html/>", "its root is 'html'"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><policyDefinitions/>', "document type"),
        (b"\x89PNG\r\n", "not well-formed|no UTF-8"),
    ],
)
def test_a_broken_template_is_a_fault_and_costs_no_other(tmp_path: Path, content: bytes, message: str) -> None:
    made = library(tmp_path, good_admx=admx(policy()), bad_admx=content)
    (fault,) = made.index.faults
    assert fault[0] == "definitions/bad.admx"
    found = made.find("bad/One")
    assert isinstance(found, Missing)
    assert found.fault is not None
    assert re.search(message, found.fault.message)
    assert isinstance(made.find("good/One"), Named)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (policy(scope="Computer"), "its class is 'Computer'"),
        (policy(key=""), "names a value and no key"),
        (policy("<enabledValue><decimal value='-1'/></enabledValue>"), "'-1' is no number"),
        (policy("<enabledValue><decimal value='4294967296'/></enabledValue>"), "is no number from 0 to 4294967295"),
        (policy("<enabledValue/>"), "holds no decimal"),
        (policy("<enabledList><item valueName='a'/></enabledList>"), "has no key, valueName or value"),
        (policy(elements("<slider id='a'/>")), "'slider' is none of the schema"),
        (policy(elements("<decimal valueName='a'/>")), "has no id"),
        (policy(elements("<text id='a'/>")), "names no value"),
        (policy(elements("<enum id='a' valueName='a'/>")), "has no choices"),
        (policy(elements("<boolean id='a' valueName='a'/><boolean id='A' valueName='b'/>")), "have the id 'A'"),
        (policy(elements("<decimal id='a' valueName='a' minValue='9' maxValue='1'/>")), "takes no number at all"),
    ],
)
def test_a_broken_policy_costs_no_other(tmp_path: Path, text: str, reason: str) -> None:
    made = library(tmp_path, example_admx=admx(text, policy(name="Two")))
    found = made.find("example/One")
    assert isinstance(found, Missing)
    assert found.fault is not None
    assert reason in found.fault.message
    assert isinstance(made.find("example/Two"), Named)


@pytest.mark.parametrize(
    "key", [f"HKLM\\{KEY}", f"\\{KEY}\\", f" {KEY} ", KEY.replace("\\", "\\\\"), f"HKEY_LOCAL_MACHINE\\{KEY}"]
)
def test_keys_as_vendors_write_them(tmp_path: Path, key: str) -> None:
    found = library(tmp_path, example_admx=admx(policy(key=key))).find("example/One")
    assert isinstance(found, Named)
    assert found.policy.key == KEY


def test_who_writes_a_place(tmp_path: Path) -> None:
    inner = elements(
        '<decimal id="n" valueName="N"/>',
        f'<list id="l" key="{KEY}\\L"/>',
        '<boolean id="b" valueName="B"><trueValue><string>x</string></trueValue></boolean>',
    )
    made = library(tmp_path, a_admx=admx(policy(inner, scope="Both")), b_admx=admx(policy(scope="User")))
    assert list(made.writers(Scope.MACHINE, KEY.upper(), "one")) == [Writer("a/One", ("dword",))]
    assert [one.policy for one in made.writers(Scope.USER, KEY, "One")] == ["a/One", "b/One"]
    assert list(made.writers(Scope.MACHINE, KEY, "B")) == [Writer("a/One", ("string",))]
    assert list(made.writers(Scope.MACHINE, f"{KEY}\\L", "anything")) == [Writer("a/One", ("string",))]
    assert list(made.writers(Scope.MACHINE, KEY, "Nothing")) == []


# What is remembered


def used(folder: Path, shelf: Shelf) -> tuple[object, object]:
    """What a run asks for."""
    made = Library(folder, ("definitions",), open_shelf=lambda _: shelf)
    answer = made.find("screen/Lock"), made.index
    made.save()
    return answer


def test_what_is_remembered_says_the_same(tmp_path: Path) -> None:
    library(tmp_path, screen_admx=admx(LOCK, policy(elements('<decimal id="n" valueName="N"/>'))), en_US__screen_adml=TITLES)
    shelf = Shelf()
    first = used(tmp_path, shelf)
    assert sorted(shelf.writes) == [INDEX, TEMPLATES]
    assert used(tmp_path, shelf) == first
    assert sorted(shelf.writes) == [INDEX, TEMPLATES], "a run that learns nothing keeps nothing"


def test_nothing_is_parsed_that_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library(tmp_path, screen_admx=admx(LOCK), en_US__screen_adml=TITLES)
    shelf = Shelf()
    first = used(tmp_path, shelf)
    monkeypatch.setattr("policyc.definitions.library.load", lambda *_: pytest.fail("a template was read again"))
    assert used(tmp_path, shelf) == first


def test_a_changed_template_is_read_again(tmp_path: Path) -> None:
    library(tmp_path, screen_admx=admx(LOCK), en_US__screen_adml=TITLES)
    shelf = Shelf()
    used(tmp_path, shelf)
    file = tmp_path / "definitions" / "screen.admx"
    before = file.stat()
    file.write_text(admx(LOCK).replace('valueName="One"', 'valueName="Two"'), encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    named, _ = used(tmp_path, shelf)
    assert isinstance(named, Named)
    assert named.policy.value == "Two"


@pytest.mark.parametrize("damage", [None, {}, [], "x", {"of": "x"}, {"is": "Template", "of": []}, {"is": "no", "of": 1}])
def test_damage_costs_time_alone(tmp_path: Path, damage: Any) -> None:
    library(tmp_path, screen_admx=admx(LOCK), en_US__screen_adml=TITLES)
    shelf = Shelf()
    first = used(tmp_path, shelf)
    shelf.kept[TEMPLATES] = {
        digest: dict.fromkeys(names, json.dumps(damage)) for digest, names in shelf.kept[TEMPLATES].items()
    }
    shelf.kept[INDEX] = {**shelf.kept[INDEX], "index": damage}
    assert used(tmp_path, shelf) == first
    shelf.kept[TEMPLATES] = dict.fromkeys(shelf.kept[TEMPLATES], damage)
    assert used(tmp_path, shelf) == first


def test_templates_as_json_and_back(tmp_path: Path) -> None:
    inner = elements('<enum id="e" valueName="e"><item displayName="x"><value><string>ü</string></value></item></enum>')
    whole = library(tmp_path, screen_admx=admx(LOCK, policy(inner), policy(name="Bad", scope="x")), en_US__screen_adml=TITLES)
    template = whole.template("screen")
    assert from_plain(to_plain(template)) == template


def test_folders_that_arent_there_and_templates_of_one_name(tmp_path: Path) -> None:
    library(tmp_path, one_admx=admx(policy()))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "ONE.admx").write_text(admx(policy(name="Two")), encoding="utf-8")
    listing = Library(tmp_path, ("gone", "definitions", "other")).listing
    assert listing.missing == (0,)
    assert listing.twice == (("other/ONE.admx", "definitions/one.admx"),)
    assert [files.template for files in listing.files] == ["definitions/one.admx"]
