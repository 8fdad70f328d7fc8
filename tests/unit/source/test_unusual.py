"""Characters that hide what a policy says: found raw, with the code points; escapes and ordinary text are none."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.model.characters import look_alikes, unseen
from policyc.resolved.yaml_text import yaml_text
from policyc.source import Document, load_file, locate
from policyc.source.unusual import disguised, hidden

POLICY = """\
collection:
  name: {collection}
settings:
  one:  # {comment}
    title: {title}
    why: {why}
    registry:
      key: {key}
      name: {name}
      type: string
      equals: {data}
"""
UNSEEN = "\u200b\u00ad\u2060\ufeff\u202e\u2066\u2069\u200d\u200e\ufe0f\u3164\U000e0041"
PLAIN = {
    "collection": "Pilot",
    "comment": "plain",
    "title": "A title",
    "why": "A reason",
    "key": r"HKLM\SOFTWARE\Example",
    "name": "Value",
    "data": "Data",
}


def found(tmp_path, **texts):
    (tmp_path / "pilot.yaml").write_bytes(POLICY.format(**{**PLAIN, **texts}).encode())
    loaded = load_file(tmp_path, "pilot.yaml")
    return [] if isinstance(loaded, Document) else [(one.code, one.message, one.help, one.location) for one in loaded]


@pytest.mark.parametrize("where", PLAIN)
@pytest.mark.parametrize("character", UNSEEN)
def test_what_can_t_be_seen_is_found_everywhere(tmp_path, where, character):
    [(code, message, way_out, place)] = found(tmp_path, **{where: f"Te{character}xt"})
    assert code == "PC0347"
    assert f"U+{ord(character):04X}" in message
    escape = f"\\u{ord(character):04X}" if ord(character) < 0x10000 else f"\\U{ord(character):08X}"
    assert escape in way_out
    written = POLICY.format(**{**PLAIN, where: f"Te{character}xt"}).split("\n")
    assert written[place.line - 1][place.column - 1] == character
    if where not in ("comment", "key"):
        assert found(tmp_path, **{where: f'"Te{escape}xt"'}) == []


def test_each_line_is_told_once_and_other_findings_stay(tmp_path):
    codes = [code for code, *_ in found(tmp_path, title="a\u200bb\u200bc", data="\u202ex", name="[1]")]
    assert codes[:2] == ["PC0347", "PC0347"]
    assert codes[2:] == [code for code, *_ in found(tmp_path, name="[1]")]
    assert len(codes) > 2


@pytest.mark.parametrize(
    "text",
    [
        "Größe ändern, naïve façade",
        "Политика паролей для всех",
        "сахар, оса",
        "Πολιτική κωδικών",
        "密码策略，全部",
        "パスワード　ポリシー",
        "מדיניות \u200fsite",
        "سیاست می\u200cشود",
        "क्\u200dष",
        "ภาษา\u200bไทย",
        "family 👨\u200d👩\u200d👧 and ❤\ufe0f and 1\ufe0f\u20e3",
        "flag 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "葛\U000e0100",
        "5 µs, Δt, Ωmega, ЯндексBrowser",
        "Sécurité\u00a0: 1\u202f000",
    ],
)
def test_ordinary_text_is_no_finding(tmp_path, text):
    assert found(tmp_path, title=f'"{text}"', collection=f'"{text}"', data=f'"{text}"', comment=text, why=f'"{text}"') == []


@pytest.mark.parametrize("key", [r"HKLM\SOFTWARE\Яндекс\Кэш", r"HKLM\SOFTWARE\Größe", r"HKLM\SOFTWARE\日本"])
def test_an_ordinary_key_is_no_finding(tmp_path, key):
    assert found(tmp_path, key=key) == []


@pytest.mark.parametrize(
    ("where", "text", "points"),
    [
        ("key", "HKLM\\SOFTWARE\\P\u043elicies\\Example", ["U+043E"]),
        ("key", "HKLM\\SOFTWARE\\\u0421\u041e\u041c", ["U+0421", "U+041E", "U+041C"]),
        ("key", "HKLM\\SOFTWARE\\Windows\u00a0NT", ["U+00A0"]),
        ("key", "HKLM\\SOFTWARE\uff3cExample", ["U+FF3C"]),
        ("name", "V\u0430lue", ["U+0430"]),
        ("name", "\u0430", ["U+0430"]),
        ("name", "No\u2011Value", ["U+2011"]),
        ("data", "\u0395nabled", ["U+0395"]),
        ("title", "P\u0430ssword", ["U+0430"]),
        ("collection", "Pil\u0585t", ["U+0585"]),
    ],
)
def test_look_alikes(tmp_path, where, text, points):
    [(code, message, way_out, place)] = found(tmp_path, **{where: text})
    assert code == "PC0348"
    assert all(f"{point} (" in message for point in points)
    assert place.path[-1] == {"collection": "name", "data": "equals"}.get(where, where)
    escaped = "".join(one if one.isascii() else f"\\u{ord(one):04X}" for one in text.replace("\\", "\\\\"))
    assert all(point.replace("U+", "\\u") in way_out for point in points)
    assert found(tmp_path, **{where: f'"{escaped}"'}) == []


def test_an_escape_is_meant_only_where_it_stands(tmp_path):
    raw, escaped = "V\u0430lue", '"V\\u0430lue"'
    [(_, _, _, place)] = found(tmp_path, name=raw, data=escaped)
    assert place.path == ("settings", "one", "registry", "name")
    [(_, _, _, place)] = found(tmp_path, name=escaped, data=raw)
    assert place.path == ("settings", "one", "registry", "equals")
    [(_, _, _, place)] = found(tmp_path, title=f"'many\n\n      lines and {raw}'", name=escaped)
    assert place.path == ("settings", "one", "title")


def test_prose_and_comments_may_mix(tmp_path):
    assert found(tmp_path, why="\u0421CM", comment="\u0421CM") == []


STATE = """\
device: {{build: 22631, role: workstation, name: {device}}}
registry:
  {key}:
    {name}: {{string: {data}}}
users:
  {user}:
    {user_key}:
      {user_name}: {{dword: 1}}
"""
TESTS = """\
tests:
  {test}:
    collection: {collection}
    device: {{name: {device}}}
    registry: {{{key}: {{{name}: {{dword: 1}}}}}}
    users: {{{user}: {{{user_key}: {{}}}}}}
    expect:
      writes:
        registry: {{{key}: {{{name}: {{dword: 2}}}}}}
        users: {{{user}: {{{user_key}: {{{user_name}: {{dword: 1}}}}}}}}
"""
OF_A_STATE = {
    "device": "PC-0001",
    "key": r"HKLM\SOFTWARE\Example",
    "name": "Value",
    "data": "Data",
    "user": "anna",
    "user_key": r"HKCU\Software\Example",
    "user_name": "Value",
    "test": "a test",
    "collection": "Pilot",
}


@pytest.mark.parametrize(("form", "file"), [(STATE, "state.yaml"), (TESTS, "tests.yaml")])
@pytest.mark.parametrize("where", OF_A_STATE)
@pytest.mark.parametrize("strange", ["P\u0430n", "a\u202eb", "x\u200by", "\u0395xample"])
def test_names_in_states_and_tests(tmp_path, form, file, where, strange):
    if f"{{{where}}}" not in form:
        return
    text = f"{OF_A_STATE[where]}\\{strange}" if where.endswith("key") else strange
    (tmp_path / file).write_bytes(form.format(**{**OF_A_STATE, where: text}).encode())
    loaded = load_file(tmp_path, file)
    assert not isinstance(loaded, Document)
    code = "PC0347" if strange[1] in "\u202e\u200b" else "PC0348"
    assert {one.code for one in loaded} == {code}
    hidden_one = next(one for one in strange if not one.isascii())
    assert all(f"U+{ord(hidden_one):04X}" in one.message for one in loaded)
    lines = (tmp_path / file).read_text("utf-8").split("\n")
    for one in locate(tmp_path, loaded):
        assert one.region is not None
        assert hidden_one in lines[one.region.line - 1]
    escaped = '"' + text.replace("\\", "\\\\").replace(hidden_one, f"\\u{ord(hidden_one):04X}") + '"'
    (tmp_path / file).write_bytes(form.format(**{**OF_A_STATE, where: escaped}).encode())
    assert isinstance(load_file(tmp_path, file), Document)


def test_what_alone_looks_like_another_is_told_in_places_only(tmp_path):
    """Letters of one script that all look Latin are a name's own, and no key's or value's."""
    for where, told in [("user", 0), ("test", 0), ("device", 0), ("name", 1), ("user_name", 1)]:
        (tmp_path / "state.yaml").write_bytes(STATE.format(**{**OF_A_STATE, where: "\u0441\u0430"}).encode())
        loaded = load_file(tmp_path, "state.yaml")
        assert isinstance(loaded, Document) is (told == 0), where


@pytest.mark.parametrize(
    "text", ["# " + "\u200e" * 300_000 + "\u05d0", "# " + "\u200b" * 300_000, "# \u200b\n" * 100_000, "\u200e\u05d0" * 200_000]
)
def test_many_unseen_characters_take_no_time(text):
    started = time.process_time()
    assert len(hidden("x.yaml", text)) in (0, 1, 100)
    assert time.process_time() - started < 60


def test_many_look_alikes_take_no_time(tmp_path):
    """Those that are meant too, which are looked up in the file one by one."""
    for name in ("V\u0430", '"V\\u0430\u00e9'):
        end = '"' if name[0] == '"' else ""
        text = "device: {}\nregistry:\n  HKLM\\SOFTWARE:\n" + "".join(
            f"    {name}{n}{end}: {{dword: 1}}\n" for n in range(10_000)
        )
        (tmp_path / "s.yaml").write_bytes(text.encode())
        started = time.process_time()
        loaded = load_file(tmp_path, "s.yaml")
        assert time.process_time() - started < 60
        assert isinstance(loaded, Document) or len(loaded) == 100


STRANGE = "ab P\u0430\u043e\u0441\u0416\u0395\u00a0\u2011\u200b\u200d\u202e\u200f\ufe0f\u05d0\u0645\uff3c\U0001f600\u845b1"
TEXTS = st.text(st.sampled_from(STRANGE) | st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


@given(TEXTS, TEXTS)
def test_what_is_written_for_people_hides_nothing(key, title):
    tree = {"settings": {"x": {"title": title, "registry": {"key": key, "name": title}}}}
    text = yaml_text(tree)
    assert hidden("x.yaml", text) == []
    assert disguised("x.yaml", text, tree) == []


@given(st.text())
def test_any_text(text):
    assert all(not text[at].isascii() for at in unseen(text))
    assert not any(one.isascii() for one in look_alikes(text, is_place=True))
