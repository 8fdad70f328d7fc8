"""Every help text of the checks, as a pattern, read from the source: one that no example has shown was never tried."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import policyc

ROOT = Path(policyc.__file__).parent
ROOMS = ("source", "definitions", "lowering", "analysis", "targets/configmgr/checks", "simulation", "registry_files")
"""Where findings about files of policies, states and tests are made. What the output, importers and plans say is about
folders, other people's files and git: there is no example that could be changed."""
AT = {
    "_error": 3,
    "_report": 4,
    "_stop": 4,
    "WrongType": 2,
    "Unknown": 3,
    "_Words": 2,
    "_Obstacle": 1,
    "_finding": 4,
    "_wrong": 3,
    "Misfit": 2,
}
"""Which argument is the help, of calls that take it by place."""
ANYTHING = "(?s:.*)"


def patterns() -> dict[str, str]:
    """Pattern of a help text to where it is written."""
    found: dict[str, str] = {}
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            tree = ast.parse(file.read_text("utf-8"))
            constants = {
                target.id: node.value
                for node in tree.body
                if isinstance(node, ast.Assign)
                for target in node.targets
                if isinstance(target, ast.Name)
            }
            for node in ast.walk(tree):
                for help_text in _helps(node):
                    for pattern in _patterns(help_text, constants):
                        if pattern.replace(ANYTHING, "").strip():
                            found.setdefault(pattern, f"{file.relative_to(ROOT).as_posix()}:{help_text.lineno}")
    return found


def _helps(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        yield from (word.value for word in node.keywords if word.arg == "help")
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in AT and len(node.args) > AT[name]:
            yield node.args[AT[name]]
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _assigned(target, node.value)
    elif isinstance(node, ast.AugAssign) and getattr(node.target, "id", "") == "way_out":
        yield ast.BinOp(ast.Constant(ANYTHING), ast.Add(), node.value, lineno=node.lineno)
    elif isinstance(node, ast.FunctionDef) and re.search(r"help|way_out|quotes|instead|digits", node.name):
        for inner in ast.walk(node):
            if isinstance(inner, ast.Return) and inner.value is not None:
                yield inner.value.elts[0] if isinstance(inner.value, ast.Tuple) else inner.value


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, ast.Name) and target.id == "way_out":
        yield value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, part in zip(target.elts, value.elts, strict=True):
            yield from _assigned(one, part)
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.IfExp):
        yield from _assigned(target, value.body)
        yield from _assigned(target, value.orelse)


def _patterns(node: ast.expr, constants: dict[str, ast.expr]) -> list[str]:
    if isinstance(node, ast.Constant):
        text = node.value if isinstance(node.value, str) else ""
        return [text if text == ANYTHING else re.escape(text)]
    if isinstance(node, ast.JoinedStr):
        joined = [""]
        for part in node.values:
            inner = _patterns(part.value if isinstance(part, ast.FormattedValue) else part, constants)
            joined = [before + after for before in joined for after in inner]
        return joined
    if isinstance(node, ast.IfExp):
        return [*_patterns(node.body, constants), *_patterns(node.orelse, constants)]
    if isinstance(node, ast.BoolOp):
        return [pattern for value in node.values for pattern in _patterns(value, constants)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [a + b for a in _patterns(node.left, constants) for b in _patterns(node.right, constants)]
    if isinstance(node, ast.Tuple):
        # A help and the choices that stand in it.
        return _patterns(node.elts[0], constants) if node.elts else []
    if isinstance(node, ast.Name) and node.id in constants and isinstance(constants[node.id], ast.Constant):
        return _patterns(constants[node.id], {})
    return [ANYTHING]
