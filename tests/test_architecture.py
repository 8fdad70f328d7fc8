"""The rooms import only what lies below them: docs/architecture.md's table, held against the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
PACKAGE = TOP / "compiler" / "policyc"
ROW = re.compile(r"^\| (\d) \| `(\w+)/` \|", re.MULTILINE)
LAYERS = {room: int(layer) for layer, room in ROW.findall((TOP / "docs" / "architecture.md").read_text(encoding="utf-8"))}
WITHIN_A_LAYER = {
    ("source", "diagnostics"),
    ("evaluation", "diagnostics"),
    ("importers", "targets"),
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def imports(module: Path, *, types: bool = True) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of each import of policyc's own, wherever in the module it stands.

    Without `types`, none of those below `if TYPE_CHECKING:`.
    """
    package = ("policyc", *module.relative_to(PACKAGE).parent.parts)
    tree = ast.parse(module.read_text(encoding="utf-8"), module.name)
    only_types = [node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    skipped = set() if types else {id(inner) for node in only_types for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) + 1 - node.level]) if node.level else ""
            start = ".".join(part for part in (base, node.module) if part)
            names = [f"{start}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from ((node.lineno, name) for name in names if name.split(".")[0] == "policyc")


def room_of(module: Path) -> str | None:
    """The folder below the package, None for a module of the package itself."""
    parts = module.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else None


def test_the_table_names_every_room() -> None:
    rooms = {folder.name for folder in PACKAGE.iterdir() if any(folder.rglob("*.py"))}
    assert rooms == set(LAYERS)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.relative_to(PACKAGE).as_posix())
def test_a_room_imports_only_from_below(module: Path) -> None:
    own = room_of(module)
    if own is None:
        # `policyc/__init__.py` and `__main__.py`: the first is imported by everything, the second only starts the command.
        assert [
            name for _, name in imports(module) if not (module.name == "__main__.py" and name.startswith("policyc.cli."))
        ] == []
        return
    wrong = []
    for line, name in imports(module):
        other = name.split(".")[1] if "." in name else None
        if other not in LAYERS or other == own or (own, other) in WITHIN_A_LAYER:
            continue
        if LAYERS[other] >= LAYERS[own]:
            wrong.append(f"{module.relative_to(TOP).as_posix()}:{line}: {own} (layer {LAYERS[own]}) imports {name}")
    assert wrong == []


def uses(module: Path) -> set[Path]:
    """The modules of policyc that it imports, at once or when they are needed; not for its types alone."""
    found = set()
    for _, name in imports(module, types=False):
        parts = name.split(".")[1:]
        # What is imported may be a module, or something in one.
        for place in (PACKAGE.joinpath(*parts), PACKAGE.joinpath(*parts[:-1])):
            file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
            if file.is_file():
                found.add(file)
                break
    return found - {module}


def circle(used: dict[Path, set[Path]]) -> list[str]:
    """A way through these modules that comes back to its start; nothing where there is none."""
    left = dict(used)
    while True:
        ends = [module for module, others in left.items() if not others & left.keys()]
        if not ends:
            break
        for module in ends:
            del left[module]
    way: list[Path] = []
    while left and (not way or way[-1] not in way[:-1]):
        way.append(min(left if not way else left[way[-1]] & left.keys()))
    return [module.relative_to(PACKAGE).as_posix() for module in way[way.index(way[-1]) :]] if way else []


def test_modules_import_each_other_in_no_circle() -> None:
    """Neither at once nor when they are needed: what needs each other is one thing in two files."""
    assert circle({module: uses(module) for module in MODULES}) == []


def test_a_circle_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    texts = {
        "ends": "from policyc.room import first\n",
        "first": "from policyc.room.second import anything\n",
        "second": "def later():\n    from policyc.room import first, last\n",
        "last": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from policyc.room import second\n",
    }
    (tmp_path / "room").mkdir()
    for name, text in {**texts, "__init__": ""}.items():
        (tmp_path / "room" / f"{name}.py").write_text(text, encoding="utf-8")
    modules = sorted(tmp_path.rglob("*.py"))
    assert circle({module: uses(module) for module in modules}) == ["room/first.py", "room/second.py", "room/first.py"]
    assert circle({module: uses(module) for module in modules if module.name != "first.py"}) == []


def test_the_check_sees_every_form_of_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "source" / "example.py"
    module.parent.mkdir()
    module.write_text(
        "import policyc.cli.app\nfrom policyc.targets import load_targets\nfrom ..analysis import PASSES\nfrom . import marks\n"
        "def later():\n    from policyc import model\n",
        encoding="utf-8",
    )
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    assert list(imports(module)) == [
        (1, "policyc.cli.app"),
        (2, "policyc.targets.load_targets"),
        (3, "policyc.analysis.PASSES"),
        (4, "policyc.source.marks"),
        (6, "policyc.model"),
    ]
