"""Texts by language, as a reader of ResX takes them."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import example, given
from hypothesis import strategies as st

from policyc.targets.configmgr.digest import resource_texts, resx
from policyc.targets.configmgr.digest.escaping import holdable
from unit.targets.digest import samples
from unit.targets.digest.samples import BASELINES, SCRIPT, TEXTS


@given(st.dictionaries(st.uuids().map("ID-{}".format), TEXTS, max_size=4))
@example({"ID-1": "a\r\n ]]> \t"})
def test_each_text_comes_back(texts: dict[str, str]) -> None:
    content = resx(texts)
    root = ET.fromstring(content)
    assert {data.get("name"): data.findtext("value") for data in root.iter("data")} == {
        name: holdable(text) for name, text in texts.items()
    }
    space = "{http://www.w3.org/XML/1998/namespace}space"
    assert {data.get(space) for data in root.iter("data")} <= {"preserve"}
    assert resx(texts) == content
    assert content.startswith(b"\xef\xbb\xbf<?xml")


def test_the_headers_are_those_that_a_reader_asks_for() -> None:
    root = ET.fromstring(resx({}))
    headers = {header.get("name"): header.findtext("value") for header in root.iter("resheader")}
    assert headers["resmimetype"] == "text/microsoft-resx"
    assert headers["version"] == "2.0"
    assert [headers[name].split(",")[0] for name in ("reader", "writer")] == [
        "System.Resources.ResXResourceReader",
        "System.Resources.ResXResourceWriter",
    ]


def test_each_text_of_an_item_has_an_id_of_its_own() -> None:
    assert list(resource_texts(samples.item(SCRIPT)).values()) == [
        "An item",
        "What it is for",
        SCRIPT.name,
        SCRIPT.description,
        SCRIPT.name,
        SCRIPT.description,
    ]


@given(BASELINES)
def test_a_baseline_has_its_name_and_a_description_where_there_is_one(baseline: samples.Baseline) -> None:
    texts = [holdable(baseline.name), holdable(baseline.description)]
    assert list(resource_texts(baseline).values()) == (texts if baseline.description else texts[:1])
