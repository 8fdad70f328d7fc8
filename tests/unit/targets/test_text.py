"""Text of a policy in Markdown: a renderer shows it as it is."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.targets.text import block, code, markdown, visible

markdown_it = pytest.importorskip("markdown_it")
RENDERER = markdown_it.MarkdownIt("gfm-like", {"linkify": False})
HOSTILE = [
    "**x** | <script>",
    "`a` ``b``",
    "a\nb",
    "[x](http://example.com)",
    "![x](y)",
    "&lt; \\* _i_ ~~s~~",
    ":tada:",
    "a_b_c __d__ e_ _f_",
    "$x$",
    "# 1. - +",
    "",
]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
LIKELY = st.text(st.sampled_from("ab `*_[]()<>|~#&;\\!:$-+=1.\n\t\u202e"), max_size=20)


def shown(rendered: str) -> str:
    """What a reader sees of HTML: no tags, white space as one space."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", rendered)).split())


def spaced(text: str) -> str:
    return " ".join(visible(text).split())


@given(TEXTS | LIKELY | st.sampled_from(HOSTILE))
def test_markdown_shows_the_text(text: str) -> None:
    assert shown(RENDERER.render(f"- Name: {markdown(text)}.")) == spaced(f"Name: {text}.")


@given(TEXTS | LIKELY | st.sampled_from(HOSTILE), TEXTS | LIKELY)
def test_markdown_breaks_no_table(one: str, other: str) -> None:
    rendered = RENDERER.render(f"| a | b |\n|---|---|\n| .{markdown(one)}. | .{markdown(other)}. |\n")
    cells = re.findall(r"<td>(.*?)</td>", rendered, re.DOTALL)
    assert [shown(cell) for cell in cells] == [spaced(f".{one}."), spaced(f".{other}.")]
    assert rendered.count("<tr>") == 2


@given(TEXTS | LIKELY | st.sampled_from(HOSTILE))
def test_code_shows_the_text(text: str) -> None:
    rendered = RENDERER.render(f"- Place: {code(text)}, dword")
    if text:
        [inside] = re.findall(r"<code>(.*?)</code>", rendered, re.DOTALL)
        assert html.unescape(inside).split() == visible(text).split()
    else:
        assert "(empty)" in rendered


@given(st.lists(TEXTS | LIKELY | st.sampled_from(["```", "````", "~~~", "    x"]), min_size=1, max_size=5))
def test_no_line_ends_a_block(lines: list[str]) -> None:
    rendered = RENDERER.render("\n".join(block(lines)))
    inside = re.fullmatch(r"<pre><code>(.*)</code></pre>\n", rendered, re.DOTALL)
    assert inside
    assert html.unescape(inside[1]) == "\n".join(visible(line).rstrip() for line in lines) + "\n"


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_it_is_markup(text: str) -> None:
    rendered = RENDERER.render(f"- Title: {markdown(text)}")
    assert set(re.findall(r"<(\w+)", rendered)) <= {"ul", "li"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("START_PENDING", "START_PENDING"),
        ("B_ _B a__b", r"B\_ \_B a\_\_b"),
        ("on: 2026-12-10 23:59, UTC", "on: 2026-12-10 23:59, UTC"),
        ("2026-02-01T20:00:00", "2026-02-01T20:00:00"),
        ("a script: PowerShell: x", "a script: PowerShell: x"),
        (":tada: x:+1:y 1:100:2", r"\:tada: x\:+1:y 1\:100:2"),
    ],
)
def test_only_what_markdown_reads_is_escaped(text: str, expected: str) -> None:
    assert markdown(text) == expected
