"""A plan as text, data and Markdown, whatever the policies hold."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from policyc.plan import markdown, text
from policyc.plan.left import retire
from policyc.plan.model import (
    Action,
    Change,
    CollectionPlan,
    Direction,
    Left,
    Moved,
    Plan,
    Rise,
    Side,
    Subject,
    Word,
)
from policyc.plan.site import site_changes
from policyc.plan.summary import summary
from policyc.plan.tree import tree
from policyc.plan.wording import value_text
from unit.plan.making import collection, plan_of, setting

HOSTILE = [
    "@team and @octocat",
    "<script>alert(1)</script>",
    "</details></summary><h1>x",
    "![x](https://example.com/x.png) [a](https://example.com)",
    "https://example.com www.example.com someone@example.com",
    "a | b || c\\| d",
    "`` ` ``` ticks",
    " edges ",
    "| --- |",
    "# head\n\n- list\r\n\r\n> quote",
    "*a* _b_ ~~c~~ $x$ :smile: #1 GH-1 0123456789abcdef0123456789abcdef01234567",
    "&lt;b&gt; &#64;team <!-- --> ]]> <?php",
    "\x1b[31mred\u202etxt\u200b",
    "\\",
    "`",
    "",
]
TEXTS = st.sampled_from(HOSTILE) | st.text(max_size=12) | st.text(alphabet="|`\\@<>&*_[]()#! a\n", max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
WORDS = st.builds(
    Word,
    st.sampled_from(["at_least", "members.devices", "condition", "one_of", "name"])
    | TEXTS.map(lambda name: f"deployment.maintenance_windows.{name}"),
    VALUES,
    VALUES,
    st.none() | st.sampled_from(Direction),
    st.sampled_from(["", "now only reported"]),
)
TUPLES = st.lists(TEXTS, max_size=2).map(tuple)
CHANGES = st.builds(
    Change,
    st.sampled_from(Subject),
    TEXTS,
    TEXTS,
    st.sampled_from(Action),
    st.lists(WORDS, max_size=3).map(tuple),
    TUPLES,
    TUPLES,
    st.sampled_from(["", "not in force here", retire("a")]),
    st.lists(WORDS, max_size=1).map(tuple),
)
SLUGS = st.sampled_from(["a", "b-2", "c"])
COLLECTIONS = st.builds(
    CollectionPlan,
    TEXTS,
    SLUGS,
    TEXTS,
    st.none() | st.sampled_from([Action.ADDED, Action.REMOVED, Action.CHANGED, Action.RENAMED]),
    st.none() | st.tuples(TEXTS, SLUGS),
    st.booleans(),
    st.lists(CHANGES, max_size=3).map(tuple),
    st.lists(st.builds(Moved, TEXTS, TUPLES, TUPLES), max_size=2).map(tuple),
    st.lists(st.builds(Left, st.sampled_from(["setting", "devices"]), TUPLES, st.just("it leaves"), TEXTS), max_size=2).map(
        tuple
    ),
    st.lists(
        st.builds(Rise, st.just("a/item/settings"), st.none() | st.integers(1, 9), st.none() | st.integers(1, 9)), max_size=2
    ).map(tuple),
    st.booleans(),
)
PLANS = st.builds(
    Plan,
    st.builds(Side, st.just("commit"), TEXTS, st.none() | st.just("0" * 40)),
    st.builds(Side, st.just("files"), TEXTS),
    st.just("2026-01-15"),
    st.lists(WORDS, max_size=2).map(tuple),
    st.lists(COLLECTIONS, max_size=3).map(tuple),
)

PARSER = MarkdownIt("commonmark").enable("table")
OWN_HTML = re.compile(r"</?(?:code|details|summary)>|<!-- -->")


def parsed(content: str) -> list[Token]:
    return PARSER.parse(content)


def outside_of_code(tokens: list[Token]) -> str:
    """All text that a reader's browser would take for prose: what isn't in a code span, `<code>` included."""
    found: list[str] = []
    for token in tokens:
        if token.type == "html_block":
            assert re.sub(OWN_HTML, "", token.content).count("<") == 0, token.content
            found.append(re.sub(OWN_HTML, "", re.sub(r"<code>.*?</code>", "", token.content)))
        in_code = False
        for child in token.children or ():
            if child.type == "html_inline":
                assert OWN_HTML.fullmatch(child.content), child.content
                in_code = {"<code>": True, "</code>": False}.get(child.content, in_code)
            elif child.type in ("text", "text_special"):
                found += [] if in_code else [child.content]
            else:
                assert child.type in ("code_inline", "softbreak", "strong_open", "strong_close"), child
    return "\n".join(found)


def shape(tokens: list[Token]) -> list[str]:
    return [token.type for token in tokens if token.type != "inline"]


ALLOWED = {
    *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "bullet_list_open", "bullet_list_close"),
    *("list_item_open", "list_item_close", "html_block", "inline"),
    *(f"{part}_{side}" for part in ("table", "thead", "tbody", "tr", "th", "td") for side in ("open", "close")),
}


@settings(max_examples=60, deadline=None)
@given(PLANS)
def test_no_text_of_a_policy_is_markup(plan: Plan) -> None:
    content = markdown.render(plan)
    tokens = parsed(content)
    assert {token.type for token in tokens} <= ALLOWED
    prose = outside_of_code(tokens)
    for sign in ("@", "://", "www.", "<", "`", "#", "[", "|", "*", "\\"):
        assert sign not in prose, prose
    blocks = "".join(token.content for token in tokens if token.type == "html_block")
    assert blocks.count("<details>") == blocks.count("</details>")
    for table in re.findall(r"(?:^\|.*\n)+", content, re.MULTILINE):
        columns = {sum(token.type in ("th_open", "td_open") for token in parsed(table)) // (table.count("\n") - 1)}
        assert columns <= {2, 5}
        assert shape(parsed(table)).count("tr_open") == table.count("\n") - 1


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="|`\\@<>&*_[]()#! a~$:/.w", min_size=1, max_size=20))
def test_code_shows_the_very_text(said: str) -> None:
    (inline,) = (token for token in parsed(f"x {markdown.code(said)} y") if token.type == "inline")
    children = inline.children or []
    shown = "".join(child.content for child in children if child.type in ("code_inline", "text", "text_special"))
    assert shown == f"x {said} y"


@settings(max_examples=40, deadline=None)
@given(PLANS)
def test_text_is_narrow_and_does_nothing_to_a_terminal(plan: Plan) -> None:
    lines = list(text.render(plan))
    assert all(line.endswith("\n") for line in lines)
    for line in "".join(lines).removesuffix("\n").split("\n"):
        assert line.isprintable()
        assert len(line) <= text.WIDTH
        assert line == line.rstrip()


@settings(max_examples=40, deadline=None)
@given(PLANS)
def test_data_holds_the_whole_plan(plan: Plan) -> None:
    assert read(json.loads(json.dumps(tree(plan)))) == plan


def read(data: Any) -> Plan:
    """The plan that was written, to show that nothing of it was lost."""

    def direction(one: Any) -> Direction | None:
        return None if one is None else Direction(one)

    def word(one: Any) -> Word:
        return Word(one["word"], one["before"], one["after"], direction(one["direction"]), one["note"])

    def change(one: Any) -> Change:
        words = tuple(map(word, one["words"]))
        named = one["name"], one["title"], Action(one["action"])
        more = tuple(one["baselines"]), tuple(one["reasons"]), one["means"], tuple(map(word, one["inForce"]))
        found = Change(Subject(one["subject"]), *named, words, *more)
        assert found.direction == direction(one["direction"])
        return found

    def of(one: Any) -> CollectionPlan:
        return CollectionPlan(
            one["name"],
            one["slug"],
            one["policy"],
            None if one["action"] is None else Action(one["action"]),
            None if one["was"] is None else (one["was"]["name"], one["was"]["slug"]),
            one["held"],
            tuple(map(change, one["changes"])),
            tuple(Moved(moved["setting"], tuple(moved["before"]), tuple(moved["after"])) for moved in one["moved"]),
            tuple(Left(left["what"], tuple(left["names"]), left["why"], left["undo"]) for left in one["leftBehind"]),
            tuple(Rise(rise["object"], rise["before"], rise["after"], rise["engineOnly"]) for rise in one["revisions"]),
            one["stays"],
        )

    return Plan(
        Side(**data["base"]),
        Side(**data["head"]),
        data["asOf"],
        tuple(map(word, data["project"])),
        tuple(map(of, data["collections"])),
    )


# What stands where


def test_the_text_of_a_small_plan(tmp_path: Path) -> None:
    before = {"a.yaml": collection("Pilot", {"s": setting("at_least: 3"), "t": setting(name="W")})}
    after = {
        "a.yaml": collection(
            "Pilot", {"s": setting("at_least: 5"), "u": setting(name="U", title="New")}, "members: {devices: [PC-1]}"
        )
    }
    plan = plan_of(tmp_path, before, after, rises=[Rise("pilot/item/settings", 1, 2), Rise("pilot/item/more", None, 1)])
    assert "".join(text.render(plan)) == PLAN


PLAN = """\
Plan from before to after, as of 2026-01-15
Changes in 1 collection; settings: 1 added, 1 removed, 1 changed (1 strengthened); left behind
    on devices: 1; revisions that rise: 2.

Collection Pilot
  ~ changed members
      members.devices: added: PC-1
  ~ changed setting s: T
      at_least: 3 -> 5 (strengthened)
  + added setting u: New
      registry.key: HKLM\\SOFTWARE\\Example; registry.name: U; registry.type: dword; equals: 1;
          remediate: true; severity: warning
  - removed setting t: T
      registry.key: HKLM\\SOFTWARE\\Example; registry.name: W; registry.type: dword; equals: 1;
          remediate: true; severity: warning

Left behind on devices
  Collection Pilot
    setting t, HKLM\\SOFTWARE\\Example : W: the setting leaves the collection
      roll back: deploy.ps1 -Retire 'pilot' deploys the program 'Roll back what left', when the
          site has the new policy

Revisions that rise on the site
  Collection Pilot: item/settings 1 -> 2, item/more 1 (new)

Changes in 1 collection; settings: 1 added, 1 removed, 1 changed (1 strengthened); left behind
    on devices: 1; revisions that rise: 2.
"""


def test_equal_changes_stand_once_and_the_widest_first(tmp_path: Path) -> None:
    def files(first: str, second: str) -> dict[str, str]:
        return {f"{name}.yaml": collection(name, {"s": setting(first), "t": setting(second, name="W")}) for name in "ABC"}

    after = files("at_least: 5", "equals: 1") | {
        "C.yaml": collection("C", {"s": setting("at_least: 5"), "t": setting("equals: 2", name="W")})
    }
    plan = plan_of(tmp_path, files("at_least: 3", "equals: 1"), after)
    shown = "".join(text.render(plan))
    assert shown.count("at_least: 3 -> 5") == 1
    assert shown.index("In 3 collections: A, B, C") < shown.index("Collection C\n")
    assert markdown.render(plan).count("| `3` | `5` |") == 1


def test_what_exceptions_mean_stands_with_them(tmp_path: Path) -> None:
    lines = "exceptions: [{settings: [s], reason: R, owner: O, expires: 2026-12-31}]"
    without, excepted = (
        {f"{name}.yaml": collection(name, {"s": setting()}, more=more) for name in names}
        for names, more in (("AB", ""), ("AB", lines))
    )
    gained = "".join(text.render(plan_of(tmp_path, without, excepted)))
    # Said once of both, so with the one word that stands for either.
    assert " ".join(gained.split()).count("rolled back: deploy.ps1 -Retire 'COLLECTION' deploys the program") == 1
    assert gained.count("roll back: deploy.ps1 -Retire 'COLLECTION'") == 1
    undo = [left["undo"] for one in tree(plan_of(tmp_path, without, excepted))["collections"] for left in one["leftBehind"]]
    assert undo == [retire("a"), retire("b")]
    removed = " ".join("".join(text.render(plan_of(tmp_path, excepted, without))).split())
    assert (
        "removed exception s the setting is judged and written from now on: registry.key: HKLM\\SOFTWARE\\Example; " in removed
    )
    shown = markdown.render(plan_of(tmp_path, excepted, without))
    assert "`equals`: `1`" in shown
    assert "| the setting is judged and written from now on |" in shown


def long_plan(number: int) -> Plan:
    changes = tuple(
        Change(
            Subject.SETTING, f"setting-{index}", "|" * 100, Action.CHANGED, (Word("equals", "x" * 900, f"{'x' * 450}{index}"),)
        )
        for index in range(number)
    )
    plans = tuple(
        CollectionPlan(f"Ring {index}", f"ring-{index}", "a.yaml", Action.CHANGED, changes=(replace(change, title=f"{index}"),))
        for index, change in enumerate(changes)
    )
    whole = CollectionPlan("Pilot", "pilot", "a.yaml", Action.CHANGED, changes=changes)
    return Plan(Side("commit", "main"), Side("files", "policies"), "2026-01-15", (), (whole, *plans))


@pytest.mark.parametrize("number", [1, 30, 500])
def test_a_comment_is_never_too_long_and_says_what_is_cut(number: int) -> None:
    content = markdown.render(long_plan(number))
    assert len(content) <= markdown.LIMIT
    assert content.count("<details>") == content.count("</details>")
    cut = re.search(r"\*\*Cut here:\*\* (\d+) more parts would be too long for a comment", content)
    assert (cut is not None) == (number == 500)
    assert content.startswith("## Plan of the policies\n\n**")


def test_a_long_value_is_cut_where_it_changes() -> None:
    word = Word("why", "x" * 500 + "old" + "y" * 500, "x" * 500 + "new" + "y" * 500)
    change = Change(Subject.SETTING, "s", "T", Action.CHANGED, (word,))
    plan = Plan(
        Side("commit", "main"),
        Side("files", "policies"),
        "2026-01-15",
        (),
        (CollectionPlan("A", "a", "a.yaml", Action.CHANGED, changes=(change,)),),
    )
    shown = re.sub(r"\s+", "", "".join(text.render(plan)))
    assert "...xxx" in shown
    assert "xoldy" in shown
    assert "xnewy" in shown
    assert len(shown) < 1000


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "nothing"),
        ("nothing", '"nothing"'),
        ("5", '"5"'),
        (5, "5"),
        (True, "true"),
        ("true", '"true"'),
        ("HKLM\\SOFTWARE\\A B", "HKLM\\SOFTWARE\\A B"),
        ("", '""'),
        ({"a": [1, "b c"]}, "{a: [1, b c]}"),
    ],
)
def test_a_value(value: Any, shown: str) -> None:
    assert value_text(value) == shown


def test_one_is_not_many(tmp_path: Path) -> None:
    one, two = {"a.yaml": collection("A")}, {"a.yaml": collection("A"), "b.yaml": collection("B")}
    head = "project: {name: Example estate, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb, publisher: Example IT}\n"
    for files, said in (
        (one, "Changes in 1 collection (1 added)."),
        (two, "Changes in 2 collections (2 added)."),
        ({"project.yaml": head}, "Changes in the project file."),
        ({"project.yaml": head, **one}, "Changes in the project file and 1 collection (1 added)."),
    ):
        assert summary(plan_of(tmp_path, {}, files)) == said


def test_a_table_that_goes_on_with_one_row() -> None:
    plan = long_plan(26)
    assert "continued: 1 row<" in markdown.render(replace(plan, collections=plan.collections[:1]))


def test_spans_of_the_site_are_told_as_a_policy_writes_them() -> None:
    def windows(count: int) -> dict[str, Any]:
        window = {"name": "Night", "start": "2026-12-05T22:00:00", "duration": {"interval": "Hours", "count": count}}
        return {"collection": {"maintenance_windows": [window]}}

    (word,) = site_changes(windows(1), windows(6))
    assert (word.before, word.after) == ("1 hour", "6 hours")
