"""What Intune reads of a script, as Microsoft documents it; nothing here is known from the target's code.

A Remediation's detection that ends with 1 has found an issue, and starts the remediation script; with any other code it
has not, and an empty output counts as no issue either. Of the output 2,048 characters are taken. Standard error is
reported as an error of the script. After a remediation, detection runs once more. A discovery script of custom compliance
prints one line of JSON; one that ends with another code than 0 has failed (65007), a setting that isn't in it is missing
(65008), JSON that can't be read is invalid (65009), and a value of another type than its rule asks for too (65010).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from endpoint.device import Device
from endpoint.engine import Answer

LONGEST = 2048
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {"IsEquals": lambda value, operand: bool(value == operand)}


@dataclass(frozen=True, slots=True)
class Report:
    """A run of a Remediation, as the admin center has it."""

    issue_found: bool
    output: str
    error: str
    remediated: bool = False
    """The remediation script ran."""
    succeeded: bool | None = None
    """Whether it ended with 0."""
    output_after: str = ""
    issue_found_after: bool = False


def _detected(answer: Answer) -> tuple[bool, str]:
    found = answer.exit_code == 1 and answer.stdout.strip() != ""
    return found, answer.stdout.strip()[:LONGEST]


def run_remediation(device: Device, detect: Path, remediate: Path | None) -> Report:
    """What a client does with a script package."""
    first = device.run(detect)
    found, output = _detected(first)
    if not found or remediate is None:
        return Report(found, output, first.stderr)
    changed = device.run(remediate)
    again = device.run(detect)
    after, output_after = _detected(again)
    errors = first.stderr + changed.stderr + again.stderr
    return Report(found, output, errors, True, changed.exit_code == 0, output_after, after)


def judge_compliance(answer: Answer, rules: bytes) -> dict[str, str]:
    """`compliant`, `not compliant` or a code of an error, by the rule's setting."""
    asked = json.loads(rules)["Rules"]
    if answer.exit_code != 0:
        return {rule["SettingName"]: "65007" for rule in asked}
    lines = [line for line in answer.lines if line]
    try:
        (line,) = lines
        told = json.loads(line)
    except ValueError:
        return {rule["SettingName"]: "65009" for rule in asked}
    return {rule["SettingName"]: _judge(rule, told) for rule in asked}


def _judge(rule: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    name = rule["SettingName"]
    if name not in told:
        return "65008"
    value = told[name]
    if rule["DataType"] != "Boolean" or not isinstance(value, bool):
        return "65010"
    return "compliant" if OPERATORS[rule["Operator"]](value, rule["Operand"]) else "not compliant"
