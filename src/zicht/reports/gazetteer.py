"""Names of places, peoples, services, monitors and operators, as a language writes them.

Names of countries and of the towns that time zones are called after are those of the Unicode CLDR;
peoples, further towns and services stand in ``data``; operators in ``zicht.place``.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec
from babel import Locale
from babel.core import get_global

from zicht.place.names import country_codes
from zicht.place.operators import all_operators
from zicht.reports.languages import split
from zicht.reports.tokens import Lexicon, Phrase, fold, to_phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

UNCASED = " small"
"""Ends the value of a name that is written small too."""

CASED = ("country", "town", "service", "monitor", "agency", "operator")
"""Kinds that are written with a capital where the script has any."""

_SHORTEST_OPERATOR = 5  # letters; shorter first words of operators' names are words of languages
_SHORTEST_STEM = 5
_OTHER_TOWNS = {"ru": ("America/Thule",)}  # "в Туле" is in Tula
_WITH_S = ("nl", "de")  # genitives are written onto the name

# Names that are words of the language, or of people, far more often than of the place.
_NOT_PLACES = {
    "fr": {"DM", "MU", "RE", "SH", "IM", "JE"},
    "en": {"JE", "IM", "HM", "UM"},
    "de": {"IM"},
    "es": {"IM", "CG"},  # "el Congo" is mostly the larger one
    "nl": {"IM"},
    "ru": {"IM", "UM"},
}

_LEGAL = re.compile(
    r"\b(?:jsc|ojsc|pjsc|cjsc|llc|llp|ltd|limited|sa|s\.a\.?|plc|inc|gmbh|company|co|corporation|"
    r"corp|group|public|joint|stock|private|pvt|pjs|jv|sae|ag|bv|telecom|telecommunications?|"
    r"communications?|mobile|networks?|services?|internet|the|and|of|de|tel|national|system|systems|"
    r"solutions?|technology|technologies|international|general|republic|ministry|university|"
    r"information|state|first|new|sky|data|online|global|digital|broadband|cable|africa|afghan|"
    r"azerbaijan|uganda|sudan|ethio|iran|iraq|syrian|algeria|cuba|zimbabwe|niger|congo|gabon)\b",
    re.IGNORECASE,
)


@cache
def gazetteer(code: str) -> Lexicon:
    """What names are looked for in reports of a language.

    Kinds: ``country``, ``people``, ``town`` (their value is a country's code; that of ISO 3166-2
    for what is a region, with ``city`` behind it for what is a town as well), ``service``,
    ``monitor``, ``agency`` (their name) and ``operator`` (country and number, such as ``KZ 9198``,
    or the country alone). Of what is written small too, the value ends in ``UNCASED``.
    """
    phrases = [*_countries(code), *_zone_towns(code), *_peoples(code), *_towns(code), *_others()]
    phrases += _operators()
    prefixes: tuple[str, ...] = ()
    if code == "ar":
        prefixes = ("وبال", "ولل", "وال", "بال", "كال", "لل", "ال", "وب", "ول", "و", "ب", "ل")
    return Lexicon(phrases, (), prefixes)


def _countries(code: str) -> Iterator[Phrase]:
    locale = Locale.parse(code)
    for country in country_codes():
        if country in _NOT_PLACES.get(code, ()):
            continue
        name = locale.territories.get(country)
        english = Locale("en").territories.get(country)
        for one in {name or "", english or ""} - {""}:
            yield from _forms(code, "country", country, one)


def _forms(code: str, kind: str, value: str, name: str) -> Iterator[Phrase]:
    plain = re.sub(r"\s*\(.*?\)|, .*$|\bSAR\b.*$", "", name).strip()
    for one in {plain, name.rpartition("(")[2].rstrip(")").strip()}:
        if one:
            yield to_phrase(kind, value, one)
    if code in _WITH_S:
        yield to_phrase(kind, value, f"{plain}s")
    yield from _inhabitants(code, value, plain)
    if code == "ru":
        for form in russian_cases(plain):
            yield to_phrase(kind, value, form)


def _inhabitants(code: str, value: str, name: str) -> Iterator[Phrase]:
    """What a language makes of a country's name: Kenyans, Kameroeners, Arabic -ī and -iyya."""
    endings = {"en": ("n", "ns") if name.endswith("a") else (), "nl": ("er", "ers")}
    if " " in name:
        return
    for ending in endings.get(code, ()):
        yield to_phrase("people", value, f"{name}{ending}")
    stem = fold(name.removeprefix("ال")).rstrip("اةه").removesuffix("ی")  # Kenya, Ethiopia
    if code in {"ar", "fa"} and len(stem) > 2:  # noqa: PLR2004 - a stem of a name
        for ending in ("ی", "یه", "یین", "یون", "یان", "یات", "ی‌ها", "ی‌های"):
            yield to_phrase("people", value, stem + ending)


def russian_cases(name: str) -> list[str]:
    """A Russian name in its cases; of several words the stems of each."""
    words = name.split()
    if len(words) > 1:
        return [" ".join(_russian_stem(word) for word in words)]
    stem, last = name[:-1], name[-1].lower()
    endings = {
        "а": ("ы", "и", "е", "у", "ой"),
        "я": ("и", "е", "ю", "ей"),
        "ь": ("и", "ю", "ем", "е", "ью", "я"),
        "й": ("я", "ю", "ем", "е"),
        "ы": ("", "ам", "ами", "ах"),
    }.get(last)
    if endings is not None:
        return [stem + ending for ending in endings]
    if last in "оеиуэю":
        return []
    return [name + ending for ending in ("а", "у", "ом", "е")]


def _russian_stem(word: str) -> str:
    cut = 2 if word[-2:] in {"ая", "ий", "ый", "ое", "ие", "ые"} else 1
    if word[-1] not in "аяьйыоеи":
        cut = 0
    return f"{word[: len(word) - cut]}*" if len(word) - cut >= 3 else word  # noqa: PLR2004 - a stem


def _zone_towns(code: str) -> Iterator[Phrase]:
    """The towns that zones are called after, in the language and as the zone is written."""
    names: dict[str, Any] = dict(Locale.parse(code).time_zones)
    for zone, country in get_global("zone_territories").items():
        if "/" not in zone or zone.startswith("Etc/") or country == "001":
            continue
        if zone in _OTHER_TOWNS.get(code, ()):
            continue
        own = names.get(zone, {}).get("city")
        plain = zone.rpartition("/")[2].replace("_", " ")
        for one in {own, plain} - {None}:
            if len(one) > 3 or not one.isascii():  # noqa: PLR2004 - too short to be sure of
                yield from _town_forms(code, country, one)


def _town_forms(code: str, country: str, name: str) -> Iterator[Phrase]:
    yield to_phrase("town", country, name)
    if code in _WITH_S and not name.endswith("s"):
        yield to_phrase("town", country, f"{name}s")
    if code == "ru" and name[0] >= "А":
        for form in russian_cases(name):
            yield to_phrase("town", country, form)


def _peoples(code: str) -> Iterator[Phrase]:
    columns = ("en", "nl", "fr", "de", "es", "ru")
    if code not in columns:
        for country, names in _data("peoples").get(code, {}).items():
            for one in split(names):
                yield to_phrase("people", country, one)
        return
    place = columns.index(code)
    for country, row in _data("peoples").items():
        for one in split(row.split("|")[place]) if isinstance(row, str) else ():
            yield to_phrase("people", country, one)


def _towns(code: str) -> Iterator[Phrase]:
    for value, names in _named_towns():
        for one in split(names):
            yield to_phrase("town", value, one)
            if code in _WITH_S and one[-1] not in "*s":
                yield to_phrase("town", value, f"{one}s")


def _named_towns() -> Iterator[tuple[str, str]]:
    yield from _data("towns")["country"].items()
    tables = _data("regions")
    for kind, behind in (("region", ""), ("city", " city")):
        for region, names in tables[kind].items():
            yield f"{region}{behind}", names


def codes_of_town(country: str, name: str) -> list[str]:
    """What a town is measured as, without ``region/``.

    That is the code of ISO 3166-2 of one that is a region by itself, and how those write it who
    measure places without a code, such as ``IR/theran``.
    """
    folded, found = fold(name), []
    tables = _data("regions")
    for code, names in (*tables["city"].items(), *tables["measured"].items()):
        for one in split(names) if code.startswith(country) else ():
            stem = fold(one.rstrip("*"))
            if folded == stem or (one.endswith("*") and folded.startswith(stem)):
                found.append(str(code))
    return found


def _others() -> Iterator[Phrase]:
    tables = _data("services")
    for kind in ("services", "monitors", "agencies"):
        name = {"services": "service", "monitors": "monitor", "agencies": "agency"}[kind]
        for one in split(tables[kind]):
            yield to_phrase(name, one.rstrip("*"), one)
    for country, names in tables["movements"].items():
        for one in split(names):
            yield to_phrase("people", f"{country}{UNCASED}", one)


def _operators() -> Iterator[Phrase]:
    tables = _data("services")
    for country, names in tables["operators"].items():
        for one in split(names):
            number, _, name = one.partition(" ")
            yield to_phrase("operator", f"{country} {number}", name)
    for country, names in tables["brands"].items():
        for one in split(names):
            yield to_phrase("operator", country, one)
    ordinary = set(split(tables["ordinary"]))
    for fact in all_operators():
        name = " ".join(
            _LEGAL.sub(" ", (fact.name or "").replace('"', " ")).replace(",", " ").split()
        )
        first = name.split(" ")[0].strip("().-") if name else ""
        if len(first) >= _SHORTEST_OPERATOR and first.isalpha() and fold(first) not in ordinary:
            yield to_phrase("operator", f"{fact.country} {fact.entity.removeprefix('asn/')}", first)


@cache
def worldwide() -> frozenset[str]:
    """First words, folded, of operators of many countries: they tell of none."""
    return frozenset(fold(one) for one in split(_data("services")["worldwide"]))


@cache
def _data(name: str) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.toml.decode(
        (files("zicht.reports") / "data" / f"{name}.toml").read_bytes()
    )
    return found
