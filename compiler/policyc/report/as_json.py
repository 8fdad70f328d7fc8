"""The report as data, for programs: the fields of `policyc.report.model`, in their order."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from policyc.report.model import Report

VERSION = 1
"""Rises when a field goes or changes its meaning; new ones may come at any time."""


def render(report: Report) -> str:
    """Two spaces a level, ASCII, a line feed at the end."""
    tree: dict[str, Any] = {"version": VERSION, **asdict(report)}
    for listed, said in zip(tree["coverage"], report.coverage, strict=True):
        listed["counts"] = {cover.value: number for cover, number in said.counts.items()}
        words = ("collection", "set", "reported", "excepted", "missing")
        listed["by_collection"] = [dict(zip(words, row, strict=True)) for row in listed["by_collection"]]
    for part in (tree, *tree["collections"]):
        part["severities"], part["kinds"] = dict(part["severities"]), dict(part["kinds"])
    return json.dumps(tree, indent=2, default=_said) + "\n"


def _said(value: object) -> str:
    assert isinstance(value, date)  # noqa: S101 - nothing else of a report is beyond JSON
    return value.isoformat()
