"""Random settings of the kinds whose devices are modules of cmdlets, or bytes: Defender, parts of Windows, mitigations.

`Sort` in `endpoint.differential_kinds` says what each does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from endpoint.device import ROOT, Batch
from endpoint.registry import State, Type, Value, dword, sz
from endpoint.secedit import setting
from policyc.evaluation import ABSENT, Held
from policyc.evaluation import State as Known
from policyc.kinds.defender.preferences import PREFERENCES, RULE_WORDS, rules
from policyc.kinds.defender.subject import RULES
from policyc.kinds.process_mitigation.mitigations import mitigations
from policyc.kinds.process_mitigation.subject import ONE_PROGRAM, VALUE
from policyc.model import Kind, Setting

DEFENDER, DISM = (Path(__file__).with_name(name) for name in ("defender.ps1", "features.ps1"))
"""Stand-ins of cmdlets."""


def _places(settings: Sequence[Setting], *kinds: str) -> list[Any]:
    return list({str(one.subject.place): one.subject.place for one in settings if one.subject.word in kinds}.values())


def _number(value: Value) -> int:
    return int.from_bytes(value.data, "little")


def _text(value: Value) -> str:
    return value.data.decode("utf-16-le").rstrip("\0")


class Mitigations:
    """Of some programs, each of which has its bytes: those without any are no matter of chance (`test_process_mitigations`)."""

    programs = tuple(f"policyc-test-{number}.exe" for number in range(6))
    roots: tuple[str, ...] = tuple(rf"HKLM\{ONE_PROGRAM}\policyc-test-{number}.exe" for number in range(6))

    def settings(self, rng: Random) -> Iterator[Setting]:
        """Neighbours in the same bytes, of which some fight."""
        for number in range(rng.randint(40, 60)):
            place = {"mitigation": rng.choice(list(mitigations())), "program": rng.choice(self.programs)}
            word, value = rng.choice((("equals", "on"), ("equals", "off"), ("equals", "not_set"), ("not_equals", "off")))
            yield setting("process_mitigation", f"mitigation-{number}", remediate=rng.random() < 0.85, **place, **{word: value})

    def spoil(self, batch: Batch, rng: Random, settings: Sequence[Setting], share: float) -> None:
        """Any bytes of the right length: what Windows wouldn't write, too."""
        for root in self.roots:
            if rng.random() < share:
                data = bytes(rng.choice((0, 0x10, 0x01, 0x11, 0x12, 0x21, 0x30, 0x92)) for _ in range(16))
                batch.value(root, VALUE, Value(Type.BINARY, data))

    def held(self, place: Any, state: State) -> Known:
        """Its four bits."""
        data = state[rf"HKLM\{ONE_PROGRAM}\{place.program}"][VALUE].data
        at = mitigations()[place.mitigation].field
        return Held(Kind.DWORD, data[at // 2] >> 4 * (at % 2) & 15)


class Preferences:
    """Rules and preferences of Defender."""

    own = r"HKLM\SOFTWARE\Microsoft\Windows Defender"
    roots: tuple[str, ...] = (own,)

    def settings(self, rng: Random) -> Iterator[Setting]:
        """Any word but that by default: whether somebody has said it or nobody is told by no state alone."""
        for number in range(rng.randint(35, 50)):
            if rng.random() < 0.4:
                name = rng.choice(list(PREFERENCES))
                one = PREFERENCES[name]
                said = {"preference": name, "equals": rng.choice([*(one.words.keys() - one.refused - {one.default})])}
            else:
                said = {"asr_rule": rng.choice(list(rules())), "equals": rng.choice(list(RULE_WORDS))}
            yield setting("defender", f"defender-{number}", remediate=rng.random() < 0.85, **said)

    def spoil(self, batch: Batch, rng: Random, settings: Sequence[Setting], share: float) -> None:
        """Another word, or none."""
        for place in _places(settings, "defender"):
            if rng.random() >= share:
                continue
            key, name = self._at(place)
            batch.key(key)
            batch.unset(key, name)
            if place.preference is None:
                number = rng.choice(list(RULE_WORDS.values()))
                if number is not None:
                    batch.value(key, name, sz(str(number)))
            elif rng.random() < 0.7:
                one = PREFERENCES[place.preference]
                batch.value(key, name, dword(rng.choice([number for word, number in one.words.items() if word != one.default])))

    def held(self, place: Any, state: State) -> Known:
        """Its word."""
        key, name = self._at(place)
        found = next((value for given, value in state.get(key, {}).items() if given.upper() == name.upper()), None)
        if place.preference is None:
            number = None if found is None else int(_text(found))
            return Held(Kind.STRING, next(word for word, known in RULE_WORDS.items() if known == number))
        one = PREFERENCES[place.preference]
        if found is None:
            return Held(Kind.STRING, f"{one.default};default")
        return Held(Kind.STRING, next(word for word, known in one.words.items() if known == _number(found)))

    def _at(self, place: Any) -> tuple[str, str]:
        if place.preference is None:
            return rf"{self.own}\{RULES}", place.name
        key, _, name = rf"{self.own}\{PREFERENCES[place.preference].value}".rpartition("\\")
        return key, name


class Parts:
    """Optional features and capabilities, none of which brings another one along."""

    image = rf"{ROOT}\image"
    roots: tuple[str, ...] = (image,)
    features = tuple(f"Feature-{number}" for number in range(14))
    capabilities = tuple(f"Part.Number{number}" for number in range(14))
    words = {  # noqa: RUF012 - nobody changes it
        "Enabled": "enabled",
        "EnablePending": "enabled",
        "Disabled": "disabled",
        "DisablePending": "disabled",
        "DisabledWithPayloadRemoved": "removed",
        "Installed": "present",
        "InstallPending": "present",
        "NotPresent": "absent",
        "UninstallPending": "absent",
    }

    def settings(self, rng: Random) -> Iterator[Setting]:
        """Some of them twice."""
        for kind, names, states in (
            ("optional_feature", self.features, ("enabled", "disabled")),
            ("capability", self.capabilities, ("present", "absent")),
        ):
            for number in range(rng.randint(10, 16)):
                missing = {} if rng.random() < 0.5 else {"missing": rng.choice(("compliant", "non-compliant"))}
                said = {"name": rng.choice(names), "state": rng.choice(states), **missing}
                yield setting(kind, f"{kind.replace('_', '-')}-{number}", remediate=rng.random() < 0.85, **said)

    def spoil(self, batch: Batch, rng: Random, settings: Sequence[Setting], share: float) -> None:
        """Any state, some of which wait for a restart; a few aren't known to this Windows from the beginning."""
        for place in _places(settings, "optional_feature", "capability"):
            # Until Windows has restarted, nothing tells a feature that is disabled from one that is removed, too.
            waits = place.name.endswith("0")
            known = [name for name in self.words if (name.startswith(("En", "Dis"))) == (place.kind == "optional_feature")]
            if rng.random() < share and not (share == 1 and rng.random() < 0.1):
                state = rng.choice([name for name in known if not (waits and name == "DisabledWithPayloadRemoved")])
                batch.value(self._at(place), "State", sz(state))
                batch.value(self._at(place), "Waits", dword(int(waits)))

    def held(self, place: Any, state: State) -> Known:
        """Its word."""
        found = state.get(self._at(place), {}).get("State")
        return ABSENT if found is None else Held(Kind.STRING, self.words[_text(found)])

    def _at(self, place: Any) -> str:
        if place.kind == "optional_feature":
            return rf"{self.image}\features\{place.name}"
        return rf"{self.image}\capabilities\{place.name}~~~~0.0.1.0"
