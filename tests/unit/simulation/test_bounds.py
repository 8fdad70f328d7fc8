"""Hostile sizes in states and tests: bounded time, bounded reports, a way out, and nothing that Python raises."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from policyc.diagnostics import Diagnostic
from policyc.evaluation.device import KEY, Draft, key_id, lineage
from policyc.evaluation.state import ABSENT
from policyc.kinds.registry.places import Complaint, parse_key
from policyc.model import Hive, Location, Place, View
from policyc.simulation.files import load_state
from policyc.simulation.statements import Stated

HEAD = "device: {build: 22631, role: workstation}\n"
REG = "Windows Registry Editor Version 5.00\r\n\r\n"
PLACE = Place(Hive.MACHINE, View.BITS_64, "SOFTWARE\\A", "v")


@contextmanager
def quick() -> Iterator[None]:
    started = time.process_time()
    yield
    assert time.process_time() - started < 10


def found_in(folder: Path, name: str, text: str) -> list[Diagnostic]:
    (folder / name).write_text(text, encoding="utf-8", newline="")
    found: list[Diagnostic] = []
    with quick():
        layer = load_state(folder, name, Location(name), [PLACE], found)
        if layer is not None:
            draft = Draft()
            layer.lay(draft)
            draft.device()
    return found


@pytest.mark.parametrize(
    "what", ["registry:\n  ? HKLM\\SOFTWARE", "registry:\n  ? 'HKLM\\", "registry:\n  ? X", "registry_32:\n  ? HKLM\\SOFTWARE"]
)
@pytest.mark.parametrize("key", ["\\a" * 600, "\\a" * 300_000, "b" * 140_000, "/a" * 90_000, "\\" * 700])
def test_no_key_is_deeper_than_windows_has_them(tmp_path: Path, what: str, key: str) -> None:
    quote = "'" if "'" in what else ""
    found = found_in(tmp_path, "s.yaml", f"{HEAD}{what}{key}{quote}\n  : {{}}\n")
    [one] = found
    assert one.code in ("PC0303", "PC0301")
    assert len(one.message) < 140_400
    assert one.help


def test_512_levels_are_a_key() -> None:
    assert not isinstance(parse_key("HKLM\\SOFTWARE" + "\\a" * 511, None), Complaint)
    complaint = parse_key("HKLM\\SOFTWARE" + "\\a" * 512, None)
    assert isinstance(complaint, Complaint)
    assert "512 levels" in complaint.help


@pytest.mark.parametrize(
    ("body", "code", "count"),
    [
        ("registry:\n" + "".join(f"  HKXM\\S{number}: {{}}\n" for number in range(3000)), "PC0301", 2900),
        ("users:\n" + "".join(f"  S-1-5-{number}: {{}}\n" for number in range(3000)), "PC0904", 2900),
        (
            "registry:\n"
            + "".join(
                f"  HKLM\\SOFTWARE\\{one}: {{{', '.join(f'{one}{n}: {{dword: 1}}' for n in range(2000))}}}\n" for one in "xX"
            ),
            "PC0903",
            1900,
        ),
    ],
    ids=["keys", "users", "places"],
)
def test_a_report_ends(tmp_path: Path, body: str, code: str, count: int) -> None:
    found = found_in(tmp_path, "s.yaml", HEAD + body)
    assert [one.code for one in found] == [code] * 100 + ["PC0215"]
    assert found[-1].message.startswith(f"{count} more places")


def test_a_report_of_an_export_ends(tmp_path: Path) -> None:
    found = found_in(tmp_path, "s.reg", REG + "x\r\n" * 20_000)
    assert [one.code for one in found] == ["PC0901"] * 100 + ["PC0215"]
    assert found[-1].message.startswith("19900 more lines")


@pytest.mark.parametrize(
    "body",
    [
        "".join(f"[HKEY_LOCAL_MACHINE\\SOFTWARE{chr(92) + 'a'}{(chr(92) + 'b') * 500}\\{number}]\r\n" for number in range(700)),
        "".join(f"[HKEY_LOCAL_MACHINE\\SOFTWARE\\{number}]\r\n" for number in range(4000))
        + "".join(f"[-HKEY_LOCAL_MACHINE\\SOFTWARE\\{number}]\r\n" for number in range(4000)),
        "".join(f"[HKEY_USERS\\S-1-5-21-1-1-1-{number}\\Software]\r\n" for number in range(4000)),
        "[HKEY_LOCAL_MACHINE" + "\\a" * 2_000_000 + "]\r\n",
        '[HKEY_LOCAL_MACHINE\\SOFTWARE\\A]\r\n"v"="' + "a" * 3_000_000 + '"\r\n',
    ],
    ids=["deep", "deleted", "users", "deepest", "long"],
)
def test_an_export_takes_time_for_its_size_only(tmp_path: Path, body: str) -> None:
    assert not any(one.is_error for one in found_in(tmp_path, "s.reg", REG + body))


def test_deep_keys_of_a_state_take_time_for_their_size_only(tmp_path: Path) -> None:
    keys = "".join(f"  HKLM\\SOFTWARE{(chr(92) + 'a') * 500}\\{number}: {{}}\n" for number in range(500))
    assert found_in(tmp_path, "s.yaml", f"{HEAD}registry:\n{keys}") == []


class TestDraft:
    """A device in the making finds the keys below a key as one would that looks at all of them."""

    PARTS = ("SOFTWARE", "Classes", "CLSID", "x", "Y", "Policies")

    def place(self, random_: random.Random) -> tuple[Place, str | None]:
        parts = [random_.choice(self.PARTS) for _ in range(random_.randrange(1, 6))]
        hive = random_.choice([Hive.MACHINE, Hive.MACHINE, Hive.USER])
        return Place(hive, random_.choice(list(View)), "\\".join(parts), None), "anna" if hive is Hive.USER else None

    @pytest.mark.parametrize("seed", range(60))
    def test_the_same_as_a_look_at_all(self, seed: int) -> None:
        random_ = random.Random(seed)
        draft = Draft()
        known: set[object] = set()
        for _ in range(60):
            place, user = self.place(random_)
            at = key_id(place, user)
            if random_.random() < 0.3:
                draft.put(place, user, ABSENT)
                known = {one for one in known if one != at and at not in self.above(one)}
            else:
                missing = [] if at in known else [one for one, _ in lineage(place, user) if one not in known]
                assert draft.put(place, user, KEY) == missing
                known |= set(missing)
            assert set(draft.device().keys) == known
            if at in known:
                assert draft.is_empty(at) is not any(at in self.above(one) for one in known if one != at)

    def above(self, at: object) -> set[object]:
        owner, view, folded = at  # type: ignore[misc]
        place = Place(Hive.MACHINE if owner is None else Hive.USER, view, folded, None)
        return {above for above, _ in lineage(place, owner)} - {at}


def test_a_state_is_a_state(tmp_path: Path) -> None:
    """What the tests above hold against: an ordinary state has no finding."""
    (tmp_path / "s.yaml").write_text(f"{HEAD}registry:\n  HKLM\\SOFTWARE\\A:\n    v: {{dword: 1}}\n", encoding="utf-8")
    found: list[Diagnostic] = []
    assert isinstance(load_state(tmp_path, "s.yaml", Location("s.yaml"), [PLACE], found), Stated)
    assert found == []


def test_an_export_has_a_size(tmp_path: Path) -> None:
    file = tmp_path / "s.reg"
    with file.open("wb") as stream:
        stream.write(REG.encode())
        stream.truncate(32 * 1024 * 1024 + 1)
    found: list[Diagnostic] = []
    with quick():
        assert load_state(tmp_path, "s.reg", Location("s.reg"), [PLACE], found) is None
    assert ["larger than 32 MB" in one.message for one in found] == [True]
