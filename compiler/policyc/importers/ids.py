"""Ids of imported settings: as a person would choose them, each once, and each out of nothing but its own setting."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256

from policyc.importers.earlier import Known, earlier_ids
from policyc.importers.found import Found
from policyc.importers.identity import condition, meaning, operators, place_of
from policyc.lowering.slugs import is_device, slug
from policyc.model import Hive, Place, View
from policyc.vocabularies import NAMES, load_vocabulary

LONGEST = 64
_ROOM = 60
"""Characters of an id that is made of a title; a word may come behind it."""
_SHORTEST_START = 16
"""Characters of a title that say anything."""
_HASH = 8
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NEXT_WORD = re.compile(
    r"(?<=[a-z0-9])(?<!3(?=D(?![a-z])))(?=[A-Z])"
    r"|(?<=[A-Z])(?=[A-Z][a-z]{2})"
    # 3D is a word: no other digit belongs to the capital behind it, think of Win32API and IPv6DNS.
    r"|(?<=[a-z])(?=3D(?![a-z]))|(?<=[a-z]3D)(?=[A-Z])"
)
_WHOSE = {
    Hive.USER: "user ",
    Hive.SYSTEM: "system account ",
    Hive.LOCAL_SERVICE: "local service ",
    Hive.NETWORK_SERVICE: "network service ",
}
# Letters that Unicode doesn't take apart.
_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "\u0131": "i"})


# What identifies something: a GUID, or a hash as hex digits. Its letters are no words.
_ONE_PIECE = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|(?=[0-9]*[A-Fa-f])(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{16,})"
    r"(?![0-9A-Za-z])"
)


def words(name: str) -> str:
    """The name of a registry value as an id, a word for each capital. A GUID or a hash in it stays in one piece.

    >>> words("NoDriveTypeAutoRun"), words("EnableLUA"), words("1.3.6.1"), words("SMBv1Protocol")
    ('no-drive-type-auto-run', 'enable-lua', '1-3-6-1', 'smbv1-protocol')
    >>> words("Disable3DAPIs"), words("Win32API"), words("GrößeÄndern")
    ('disable-3d-apis', 'win32-api', 'grosse-andern')
    >>> words("{D4F940AB-401B-4EFC-AADC-AD5F3C50688A}"), words("Cert 0CF5BD62B5602C02C6A4F19A1F4BE5A2")
    ('d4f940ab-401b-4efc-aadc-ad5f3c50688a', 'cert-0cf5bd62b5602c02c6a4f19a1f4be5a2')
    """
    plain = in_ascii(name)
    if not _ONE_PIECE.search(plain):
        return slug(_NEXT_WORD.sub("-", plain))
    kept = _NEXT_WORD.sub("-", _ONE_PIECE.sub(lambda found: found[0].lower(), plain))
    whole = "-".join(re.findall("[a-z0-9]+", kept.lower()))
    if len(whole) <= LONGEST:
        return whole
    start = _cut(whole, _ROOM - 1 - _HASH)
    return f"{start}-{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:_HASH]}" if start else slug(kept)


def short(title: str) -> str:
    """A title as an id: as many of its words as there is room for.

    >>> short("Audit: Force audit policy subcategory settings to override audit policy category settings")
    'audit-force-audit-policy-subcategory-settings-to-override'
    """
    plain = in_ascii(title)
    if len(plain) <= _ROOM or any(character.isalnum() and not character.isascii() for character in plain):
        return slug(plain)
    kept = ""
    for word in re.findall(rf"{_ONE_PIECE.pattern}|[A-Za-z0-9]+", plain):
        if len(kept) + len(word) >= _ROOM:
            break
        kept = f"{kept}-{word.lower()}" if kept else word.lower()
    return kept or slug(plain)


def in_ascii(text: str) -> str:
    """The text with its letters brought to ASCII, as far as they have a counterpart there.

    >>> in_ascii("Größe"), in_ascii("Ærø"), in_ascii("Łódź")
    ('Grosse', 'aero', 'lodz')
    """
    if text.isascii():
        return text
    apart = (character for character in unicodedata.normalize("NFKD", text) if not unicodedata.combining(character))
    return "".join(one if one.isascii() else one.casefold().translate(_LETTERS) for one in apart)


def with_ids(settings: Iterable[Found], earlier: Known = ()) -> Iterator[Found]:
    """The settings with ids that the language takes, each another one.

    The id of an earlier import stays. Any other is the shortest of a setting's own forms that no other setting could have,
    so that one that comes or goes never gives an id to another setting.
    """
    every = list(settings)
    kept = {index: id_ for index, id_ in earlier_ids(every, earlier).items() if _is_id(id_) and _is_free(id_)}
    # What was one setting's never becomes another's, as overrides and exceptions may name it.
    taken = {one.id for one in earlier}
    forms = [list(dict.fromkeys(map(_free, _forms(setting)))) for setting in every]
    owners: dict[str, int] = {}
    for several in forms:
        for form in several:
            owners[form] = owners.get(form, 0) + 1
    for index, setting in enumerate(every):
        wanted = kept.get(index)
        if wanted is None:
            free = (form for form in forms[index] if owners[form] == 1 and form not in taken)
            wanted = next(free, None) or _unused(forms[index][-1], taken | owners.keys())
        taken.add(wanted)
        yield replace(setting, id=wanted)


def of_place(place: Place) -> list[str]:
    """Ids for what is in a place, the shortest first: the name of the value, and more and more of the key."""
    steps = place.key.split("\\")
    whose = _WHOSE.get(place.hive) or ("32-bit " if place.view is View.BITS_32 else "")
    keys = [f"{whose}{' '.join(steps[-depth:])}" for depth in (1, 2, 3)]
    if place.name is None:
        return [words(key) for key in keys]
    if not place.name:
        return [words(keys[0]), *(words(f"{key} default") for key in keys)]
    forms = [words(f"{key} {place.name}") for key in keys]
    # A number says nothing without its key.
    return [words(place.name), *forms] if any(character.isalpha() for character in place.name) else forms


def _forms(setting: Found) -> Iterator[str]:
    """Ids that would do, the shortest first; each is made of this setting alone."""
    base = setting.id if _is_id(setting.id) else short(setting.id or setting.title)
    yield base
    place = place_of(setting)
    if place is None:
        return  # refused whatever it is called
    if isinstance(place, Place):
        yield from _longer(base, place)
    yield from filter(None, [_joined(base, "-".join(operators(setting)).replace("_", "-"))])
    for what in (place.identity, (place.identity, condition(setting)), (place.identity, meaning(setting))):
        mark = sha256(repr(what).encode("utf-8", "surrogatepass")).hexdigest()[:_HASH]
        yield _joined(base, mark) or mark


def _longer(base: str, place: Place) -> Iterator[str]:
    """The base with more and more of the place in the registry."""
    longer = of_place(place)
    if base in longer:
        yield from longer
    else:
        name = place.key.rpartition("\\")[2] if place.name is None else place.name or "default"
        yield from filter(None, (_joined(base, tail) for tail in (words(name), *longer)))


def _joined(base: str, tail: str) -> str | None:
    """Both, the first cut to what there is room for; None where too little is left of it."""
    room = LONGEST - 1 - len(tail)
    start = base if len(base) <= room else _cut(base, room)
    return f"{start}-{tail}" if tail and room >= _SHORTEST_START and start else None


def _cut(base: str, room: int) -> str:
    """Its beginning, up to the end of a word, and no part of what is in one piece."""
    split = next((found for found in _ONE_PIECE.finditer(base) if found.start() < room < found.end()), None)
    if split is not None:
        return base[: split.start()].rstrip("-")
    return base[: room + 1].rpartition("-")[0] or base[:room]


def _free(wanted: str) -> str:
    # What is left of a title may be a name that isn't free.
    return wanted if _is_free(wanted) else f"{wanted}-setting"


def _is_id(text: str) -> bool:
    return len(text) <= LONGEST and _ID.fullmatch(text) is not None


def _is_free(name: str) -> bool:
    """Whether it is no device of Windows and no vocabulary's own."""
    return not is_device(name) and not any(
        name.startswith(product.replace("_", "-")) and name in load_vocabulary(product).setting_ids for product in NAMES
    )


def _unused(wanted: str, taken: set[str]) -> str:
    """For settings without a place: they are refused, and have to be told apart until then."""
    number = 2
    while (candidate := f"{wanted[: LONGEST - 8].rstrip('-')}-{number}") in taken:
        number += 1
    return candidate
