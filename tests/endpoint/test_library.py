"""The script library and its linker: nothing missing, nothing dead; the linker reads what PowerShell's parser reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from hashlib import sha256
from importlib.resources import files
from itertools import combinations
from pathlib import Path

import pytest

from endpoint.cases import OF_CONFIGMGR, VALUE_SETTINGS, setting
from endpoint.engine import Session
from policyc.kinds.registry.trees import TREE
from policyc.model import (
    Applicability,
    Condition,
    CreateKey,
    DeleteValue,
    Fact,
    FeaturePlace,
    Hive,
    KeepListed,
    Kind,
    Listed,
    Operator,
    RemoveTree,
    Setting,
)
from policyc.powershell.linker import (
    END_REGION,
    FILES,
    PACKED,
    REGION,
    Unit,
    library,
    link,
    linked_units,
    names_in,
    packed,
    reader,
    units_in,
)
from policyc.powershell.rows import entry, kind_needs
from policyc.powershell.scripts import Script, script_text
from registry_settings import altered

pytestmark = pytest.mark.powershell

HERE = Path(__file__).parent
LIBRARY = Path(str(files("policyc.powershell") / "library"))
READERS = [*(script.value for script in Script), "left_behind"]
GIVEN = {"settings", "kept", "collection", "adopts", "logname", "clock", "timelimit", "estate", "departed", "bare", "vendor"}
"""Variables that the table and the reader set."""
AUTOMATIC = {
    *("_", "true", "false", "null", "pscmdlet", "executioncontext", "whatifpreference", "confirmpreference"),
    *("erroractionpreference", "psscriptroot", "psversiontable"),
}
BUILT_IN = {
    "Get-CimInstance",
    "Set-StrictMode",
    "Write-Error",
    "Write-Output",
    "Write-Verbose",
    "Where-Object",
    "ConvertTo-Json",
}


def cases() -> list[Setting]:
    """A setting of each condition and kind, of each way to write, in each hive, and of one Windows."""
    made = [one for settings in VALUE_SETTINGS.values() for one in settings]
    base = setting("more", Kind.DWORD, Operator.EQUALS, 1, write=1)
    made += [altered(base, place=replace(base.subject.place, hive=hive)) for hive in Hive]
    made.append(replace(base, applies_to=Applicability(14393, None, None)))
    made.append(replace(base, applies_to=Applicability(only_if=Fact(service="Spooler"))))
    made.append(replace(base, applies_to=Applicability(only_if=Fact(feature=FeaturePlace("SMB1Protocol")))))
    key = altered(base, kind=None, condition=Condition(Operator.PRESENT), place=replace(base.subject.place, name=None))
    made += [altered(key, write=CreateKey()), altered(key, write=None)]
    listed = (Listed("1", Kind.DWORD, 1), Listed("2", Kind.MULTI_STRING, ("x",)))
    made.append(altered(key, condition=Condition(Operator.ONLY_VALUES), values=listed, write=KeepListed()))
    made.append(altered(key, condition=Condition(Operator.ABSENT), write=RemoveTree()))
    made.append(altered(base, kind=None, condition=Condition(Operator.ABSENT), write=DeleteValue()))
    return [*made, *(altered(one, write=None) for one in made)]


OF_OTHERS = frozenset({"Get-OtherPlace", "Write-Other", "Restore-Other"})
"""What the library has for kinds other than the registry's."""
FOR_PACKAGES = frozenset({"Invoke-Vendor"})
"""What a script has where the policy has a package of a vendor's."""
FOR_KINDS = frozenset({"New-WorkFolder", "Invoke-Tool"})
"""What only functions of such kinds call."""
NEEDS = sorted({entry(one).needs | entry(one).change_needs for one in cases()}, key=sorted)


@dataclass(frozen=True)
class Parsed:
    """What the parser says of a function, or of all lines outside of functions."""

    commands: set[str]
    asked: set[str]
    variables: set[str]
    own: set[str]


def form(text: str) -> str:
    """What is asked for behind `&`, as the linker says it: a name, or the form of one."""
    if text.startswith("'"):
        return text.strip("'")
    begins, _, ends = re.sub(r"\$(?:\w+|\{\w+\}|\([^()]*\))", "*", text.strip('"')).partition("*")
    return f"{begins}*{ends}"


def parsed(powershell: Session, folder: Path, paths: list[Path]) -> dict[Path, dict[str, Parsed]]:
    listing = folder / "list.txt"
    listing.write_text("\n".join(powershell.path(path) for path in paths), encoding="utf-8")
    answer = powershell.run(HERE / "names.ps1", "-List", powershell.path(listing), timeout=300)
    assert answer.failure is None
    found: dict[Path, dict[str, Parsed]] = {path: {} for path in paths}
    by_path = {powershell.path(path): path for path in paths}
    for line in answer.lines:
        tree = json.loads(line)
        # Behind `&` a variable alone is a program, by its path.
        asked = {text for text in tree["asked"] if not re.fullmatch(r"\$\w+", text)}
        sets = [{*tree["commands"]}, asked]
        sets += [{name.lower() for name in tree[word]} for word in ("variables", "own")]
        functions = found[by_path[tree["file"]]]
        known = functions.get(tree["function"], Parsed(set(), set(), set(), set()))
        functions[tree["function"]] = Parsed(
            known.commands | sets[0], known.asked | sets[1], known.variables | sets[2], known.own | sets[3]
        )
    return found


@pytest.fixture(scope="module")
def functions(powershell: Session, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Parsed]:
    """Of each function of the library, and of each reader by the name of its script."""
    paths = [LIBRARY / f"{name}.ps1" for name in FILES]
    readers = [LIBRARY / "readers" / f"{name}.ps1" for name in READERS]
    found = parsed(powershell, tmp_path_factory.mktemp("names"), [*paths, *readers])
    return {
        **{name: one for path in paths for name, one in found[path].items() if name},
        **{path.stem: found[path][""] for path in readers},
    }


def test_every_file_of_the_library_is_linked_from() -> None:
    assert {path.stem for path in LIBRARY.glob("*.ps1")} == set(FILES)
    assert {path.stem for path in (LIBRARY / "readers").glob("*.ps1")} == {*READERS, "self_test"}
    for name in FILES:
        text = (LIBRARY / f"{name}.ps1").read_text("ascii")
        assert "\n".join(unit.text for unit in units_in(name, text)) == text


def test_the_linker_reads_what_the_parser_reads(functions: Mapping[str, Parsed]) -> None:
    known = library()
    assert {unit.name for unit in known.values() if unit.is_function} == functions.keys() - {*READERS}
    variables = {unit.name[1:].lower() for unit in known.values() if not unit.is_function}
    for name, found in functions.items():
        names = known[name].names if name in known else names_in(reader(name))
        assert names.functions & known.keys() == (found.commands & known.keys()) - {name}, name
        assert names.variables & variables == found.variables & variables, name
        assert names.asked == {form(text) for text in found.asked}, name


def test_no_function_hides_a_variable_of_the_script_or_uses_an_unknown_one(functions: Mapping[str, Parsed]) -> None:
    variables = {unit.name[1:].lower() for unit in library().values() if not unit.is_function} | GIVEN
    for name, found in functions.items():
        if name in library():
            assert found.own & variables == set(), name
            assert found.variables - found.own - variables - AUTOMATIC - {"match"} == set(), name


def reached(roots: Parsed, functions: Mapping[str, Parsed], needs: frozenset[str]) -> set[str]:
    """The functions that are called from there, by the parser's word."""
    found: set[str] = set()
    waiting = [roots]
    while waiting:
        one = waiting.pop()
        asked = {need for need in needs for text in one.asked if fnmatchcase(need, form(text))}
        called = (one.commands & functions.keys()) | asked
        waiting += [functions[name] for name in called - found]
        found |= called
    return found


def subsets() -> Iterator[frozenset[str]]:
    """Of the needs of rows: each alone, each pair, all together, and none."""
    yield frozenset()
    yield from NEEDS
    yield from (one | other for one, other in combinations(NEEDS, 2))
    yield frozenset().union(*NEEDS)


@pytest.mark.parametrize("script", READERS)
def test_nothing_is_missing_and_nothing_is_dead(functions: Mapping[str, Parsed], script: str) -> None:
    roots = functions[script]
    seen = 0
    for needs in {*subsets()}:
        linked: tuple[Unit, ...] = linked_units(names_in(reader(script)), needs)
        here = {unit.name for unit in linked if unit.is_function}
        assert here == reached(roots, functions, needs), sorted(needs)
        for name in here:
            assert functions[name].commands <= here | BUILT_IN, (name, sorted(needs))
        assert roots.commands <= here | BUILT_IN
        used = roots.variables.union(*(functions[name].variables for name in here))
        assert {unit.name[1:].lower() for unit in linked if not unit.is_function} <= used
        seen += 1
    assert seen > 200


def test_every_function_is_in_some_script() -> None:
    every = frozenset().union(*NEEDS) | OF_OTHERS | FOR_PACKAGES | kind_needs(TREE)
    found = {unit.name for name in READERS for unit in linked_units(names_in(reader(name)), every)}
    assert found | FOR_KINDS == library().keys()


def test_each_linked_script_parses_and_holds_what_it_says(powershell: Session, tmp_path: Path) -> None:
    every = [[one] for one in {entry(one).needs: one for one in cases()}.values()]
    paths = []
    for number, settings in enumerate([*every, cases()]):
        # Those of Intune hold the same functions as the others: one of each is enough, with all of them.
        for script in Script if number == len(every) else OF_CONFIGMGR:
            rows = [entry(one) for one in settings if one.remediated or script in (Script.DETECT, Script.DISCOVERY)]
            paths.append(tmp_path / f"{script}-{number}.ps1")
            paths[-1].write_bytes(script_text(script, slug="pilot", source="pilot.yaml", entries=rows))
    for path, found in parsed(powershell, tmp_path, paths).items():
        here = found.keys() - {""}
        for name, one in found.items():
            assert one.commands <= here | BUILT_IN, (path.name, name)
            assert {text.strip("'") for text in one.asked if text.startswith("'")} <= library().keys()


def test_a_function_is_one_text_and_the_mark_is_its_hash() -> None:
    texts: dict[str, set[str]] = {}
    for script in Script:
        for needs in NEEDS:
            tail = link(script.value, needs).tail.decode("ascii")
            _, _, marked = tail.partition(REGION)
            digest, _, rest = marked.partition("\n")
            between, _, _ = rest.partition(END_REGION)
            assert digest == sha256(between.encode("ascii")).hexdigest()
            units = linked_units(names_in(reader(script.value)), needs)
            stand = [packed(unit.text) if script.value in PACKED else unit.text for unit in units]
            assert between == ("" if script.value in PACKED else "\n").join(stand)
            for unit in units:
                texts.setdefault(unit.name, set()).add(unit.text)
    assert all(len(one) == 1 for one in texts.values())


def test_a_function_without_comments_is_the_same_function(powershell: Session, tmp_path: Path) -> None:
    """PowerShell reads the same tokens in both, but for comments: no string of the library goes on in a second line."""
    (tmp_path / "whole.ps1").write_text("\n".join(unit.text for unit in library().values()), encoding="ascii")
    (tmp_path / "packed.ps1").write_text("\n".join(packed(unit.text) for unit in library().values()), encoding="ascii")
    whole, bare = (
        powershell.run(HERE / "tokens.ps1", powershell.path(tmp_path / name)).lines for name in ("whole.ps1", "packed.ps1")
    )
    assert bare == whole
    assert len(whole) > 5000
