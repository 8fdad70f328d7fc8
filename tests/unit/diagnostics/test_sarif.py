"""SARIF logs, held against the standard."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from policyc import __version__
from policyc.diagnostics import Diagnostic, Located, Region, Related, error, note, pages, warning
from policyc.diagnostics.reporters import Report, sarif
from policyc.model import Location
from unit.diagnostics.hostile import FOLDERS, LOCATED

HERE = Path(__file__).parent
PILOT = Location("pilot.yaml", ("settings", "x", "registry"))
OTHER = Location("rings/other.yaml", ("defender_atp",))


def validators() -> list[Any]:
    """The part of the standard that is ours; with POLICYC_SARIF_SCHEMA also a copy of the schema that OASIS publishes."""
    files = [HERE / "sarif.schema.json", *([Path(known)] if (known := os.environ.get("POLICYC_SARIF_SCHEMA")) else [])]
    loaded = [json.loads(file.read_text(encoding="utf-8-sig")) for file in files]
    return [jsonschema.validators.validator_for(schema)(schema) for schema in loaded]


VALIDATORS = validators()


def log(*located: Located, folder: str = "policies") -> dict[str, Any]:
    text = "".join(sarif.render(Report(located, folder)))
    assert text.isascii()
    assert text.endswith("}\n")
    data: dict[str, Any] = json.loads(text)
    for validator in VALIDATORS:
        validator.validate(data)
    return data


def run(*located: Located, folder: str = "policies") -> dict[str, Any]:
    only: dict[str, Any] = log(*located, folder=folder)["runs"][0]
    return only


def result(found: Diagnostic, region: Region | None = None, *, folder: str = "policies") -> dict[str, Any]:
    only: dict[str, Any] = run(Located(found, region), folder=folder)["results"][0]
    return only


def uri(file: str, *, folder: str = "policies") -> dict[str, str]:
    place: dict[str, Any] = result(error("PC0101", "x", Location(file)), folder=folder)["locations"][0]["physicalLocation"]
    address: dict[str, str] = place["artifactLocation"]
    return address


def test_a_log_without_findings_is_one_run_without_results() -> None:
    assert log() == {
        "$schema": sarif.SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "policyc", "version": __version__, "semanticVersion": __version__, "rules": []}},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The folder in which policyc was run."}}},
                "results": [],
            }
        ],
    }


def test_a_result_has_rule_level_message_places_and_fingerprint() -> None:
    found = error(
        "PC0401",
        "'Pilot' and 'Other' can meet on one device",
        PILOT,
        help="add 'exclude: [Other]' to 'Pilot'",
        related=[Related(OTHER, "offboarding stands here"), Related(Location("a.yaml"), "and here")],
    )
    located = Located(found, Region(12, 5, 13, "    at_least: 5"), (Region(3, 1, 13, "defender_atp:"),))
    made = run(located)["results"][0]
    fingerprint = made.pop("partialFingerprints")
    assert list(fingerprint) == ["policyNode/v1"]
    base = {"uriBaseId": "%SRCROOT%"}
    assert made == {
        "ruleId": "PC0401",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "'Pilot' and 'Other' can meet on one device\nhelp: add 'exclude: [Other]' to 'Pilot'"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "policies/pilot.yaml", **base},
                    "region": {"startLine": 12, "startColumn": 5, "endLine": 12, "endColumn": 13},
                }
            }
        ],
        "relatedLocations": [
            {
                "id": 1,
                "physicalLocation": {
                    "artifactLocation": {"uri": "policies/rings/other.yaml", **base},
                    "region": {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 13},
                },
                "message": {"text": "offboarding stands here"},
            },
            {
                "id": 2,
                "physicalLocation": {
                    "artifactLocation": {"uri": "policies/a.yaml", **base},
                    "region": {"startLine": 1},
                },
                "message": {"text": "and here"},
            },
        ],
    }


def test_each_used_code_is_a_rule_once_and_results_name_it_by_number() -> None:
    found = [error("PC0612", "a", PILOT), note("PC0101", "b", PILOT), warning("PC0612", "c", OTHER)]
    made = run(*[Located(one, None) for one in found])
    rules = made["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["PC0101", "PC0612"]
    assert [(one["ruleIndex"], one["level"]) for one in made["results"]] == [(1, "error"), (0, "note"), (1, "warning")]


def test_a_rule_is_the_page_of_the_catalogue() -> None:
    (rule,) = run(Located(error("PC0101", "x", PILOT), None))["tool"]["driver"]["rules"]
    told = pages.page("PC0101")
    assert rule["name"] == "NotValidYaml"
    assert rule["shortDescription"] == {"text": told.title}
    assert rule["fullDescription"] == {"text": "The file can't be read as YAML from the marked place on."}
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["help"]["markdown"].startswith("## What\n")
    assert rule["help"]["markdown"] in told.text
    assert rule["help"]["text"].startswith("What\nThe file")
    assert "```" not in rule["help"]["text"]
    assert told.section("Fixed").split("\n")[1] in rule["help"]["text"]


def test_every_page_makes_a_rule_that_github_shows_whole() -> None:
    located = [Located(error(code, "x", Location("a.yaml", (code,))), None) for code in pages.codes()]
    rules = run(*located)["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(pages.codes())
    names = [rule["name"] for rule in rules]
    assert len(set(names)) == len(names)
    for rule in rules:
        assert len(rule["shortDescription"]["text"]) <= 1024
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert rule["defaultConfiguration"]["level"] == pages.page(rule["id"]).level


def test_a_code_of_a_target_from_elsewhere_has_a_rule_without_a_page() -> None:
    (rule,) = run(Located(warning("XY0001", "x", PILOT), None))["tool"]["driver"]["rules"]
    assert (rule["id"], rule["defaultConfiguration"]) == ("XY0001", {"level": "warning"})
    assert rule["shortDescription"] == rule["fullDescription"] == rule["help"]
    assert rule["help"]["text"].startswith("XY0001, a code of a target")


def test_columns_are_characters_and_the_end_is_behind_the_last() -> None:
    region = Region(2, 15, 18, "settings: {\U0001f600: yes}")
    assert region.excerpt[region.column - 1 : region.end_column - 1] == "yes"
    made = result(error("PC0101", "x", PILOT), region)["locations"][0]["physicalLocation"]["region"]
    assert made == {"startLine": 2, "startColumn": 15, "endLine": 2, "endColumn": 18}
    assert run()["columnKind"] == "unicodeCodePoints"


def test_a_place_without_a_node_and_one_that_is_a_whole_file_or_folder() -> None:
    def region(location: Location) -> dict[str, int] | None:
        made: dict[str, int] | None = result(error("PC0101", "x", location))["locations"][0]["physicalLocation"].get("region")
        return made

    assert region(Location("a.yaml", line=4, column=2)) == {"startLine": 4, "startColumn": 2}
    assert region(Location("a.yaml", line=4)) == {"startLine": 4}
    assert region(Location("a.yaml")) == {"startLine": 1}
    assert region(Location("")) is None


@pytest.mark.parametrize(
    ("folder", "file", "expected"),
    [
        ("policies", "rings/a b.yaml", "policies/rings/a%20b.yaml"),
        ("policies", "100%.yaml", "policies/100%25.yaml"),
        ("policies", "\u00e4#?.yaml", "policies/%C3%A4%23%3F.yaml"),
        ("./policies/", "a.yaml", "policies/a.yaml"),
        ("../estate", "a.yaml", "../estate/a.yaml"),
        (".", "a:b.yaml", "a%3Ab.yaml"),
        (".", "", "./"),
        ("policies", "", "policies/"),
        ("policies", "\udcff\ud800.yaml", "policies/%ED%B3%BF%ED%A0%80.yaml"),
        ("policies", "\udcff.yaml", "policies/%FF.yaml"),
    ],
)
def test_a_relative_path_is_an_address_below_the_working_folder(folder: str, file: str, expected: str) -> None:
    assert uri(file, folder=folder) == {"uri": expected, "uriBaseId": "%SRCROOT%"}


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("/srv/my estate", "file:///srv/my%20estate/a.yaml"),
        ("C:/estate", "file:///C:/estate/a.yaml"),
        ("//files/estate", "file://files/estate/a.yaml"),
    ],
)
def test_an_absolute_path_is_an_address_of_its_own(folder: str, expected: str) -> None:
    assert uri("a.yaml", folder=folder) == {"uri": expected}


def test_text_of_a_policy_is_neither_link_nor_placeholder_nor_control() -> None:
    hostile = "{0} [free](https://example.com) {variable: x}\x1b[2J\u202e\ud800"
    made = result(error("PC0101", hostile, PILOT, help="write {12}"))
    assert made["message"]["text"] == (
        "{{0}} [free] (https://example.com) {variable: x}\\x1b[2J\\u202e\\ud800\nhelp: write {{12}}"
    )


def fingerprints(*located: Located) -> list[str]:
    return [one["partialFingerprints"]["policyNode/v1"] for one in run(*located)["results"]]


def test_a_fingerprint_stays_when_lines_move_and_words_change() -> None:
    found = error("PC0401", "expires in 12 days", PILOT)
    before = fingerprints(Located(found, Region(12, 5, 13, "    at_least: 5")))
    after = fingerprints(Located(replace(found, message="expires in 3 days"), Region(90, 7, 15, "      at_least: 5")))
    assert before == after


def test_a_fingerprint_of_broken_text_is_its_line() -> None:
    def of(line: int, excerpt: str) -> list[str]:
        return fingerprints(Located(error("PC0101", "x", Location("a.yaml", line=line, column=3)), Region(line, 3, 4, excerpt)))

    assert of(4, "  a: [") == of(9, "    a: [")
    assert of(4, "  a: [") != of(4, "  b: [")


def test_fingerprints_of_different_findings_differ() -> None:
    base = error("PC0401", "x", PILOT)
    others = [
        replace(base, code="PC0402"),
        replace(base, location=OTHER),
        replace(base, location=Location("pilot.yaml", ("settings", "y", "registry"))),
        replace(base, related=(Related(OTHER, "y"),)),
    ]
    made = fingerprints(*[Located(one, None) for one in [base, *others]])
    assert len(set(made)) == len(made)


def test_findings_that_share_everything_are_numbered() -> None:
    twice = [Located(error("PC0401", message, PILOT), None) for message in ("a", "b")]
    first, second = fingerprints(*twice)
    assert (first[-2:], second[-2:]) == (":1", ":2")
    assert first[:-2] == second[:-2]


@settings(max_examples=150, deadline=None)
@given(LOCATED, FOLDERS)
def test_any_findings_give_a_valid_log(located: tuple[Located, ...], folder: str) -> None:
    made = run(*located, folder=folder)
    rules = [rule["id"] for rule in made["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    assert len(made["results"]) == len(located)
    for one, source in zip(made["results"], located, strict=True):
        assert rules[one["ruleIndex"]] == one["ruleId"]
        assert len(one.get("relatedLocations", [])) == len(source.diagnostic.related)
        assert all(line.isprintable() for line in one["message"]["text"].split("\n"))
    marks = [one["partialFingerprints"]["policyNode/v1"] for one in made["results"]]
    assert len(set(marks)) == len(marks)


def test_the_schema_here_refuses_what_the_standard_refuses() -> None:
    def spoiled(change: dict[str, Any]) -> dict[str, Any]:
        data = log(Located(error("PC0101", "x", PILOT), Region(1, 1, 2, "x")))
        data["runs"][0]["results"][0].update(change)
        return data

    region = {"physicalLocation": {"artifactLocation": {"uri": "a.yaml"}, "region": {"startLine": 0}}}
    space = {"physicalLocation": {"artifactLocation": {"uri": "a b.yaml"}}}
    based = {"physicalLocation": {"artifactLocation": {"uri": "file:///a.yaml", "uriBaseId": "%SRCROOT%"}}}
    for change in (
        {"level": "notice"},
        {"message": {}},
        {"file": "a"},
        *({"locations": [it]} for it in (region, space, based)),
    ):
        with pytest.raises(jsonschema.ValidationError):
            VALIDATORS[0].validate(spoiled(change))
