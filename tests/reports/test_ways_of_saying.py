"""What is said by absence, in the verb, after the noun, or by counting days is read as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from zicht.reports.claims import find_claims
from zicht.reports.reading import publication, read_report

if TYPE_CHECKING:
    from zicht.model.claim import Claim


def read(text: str, published: str = "2022-01-06") -> list[tuple[str, str]]:
    report = read_report(text.encode(), name="a", published=publication(published))
    return [(one.type, str(one.place.country)) for one in find_claims(report)]


def day(text: str, published: str = "2022-01-06") -> str:
    """The local day on which the first claim begins."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - for this alone

    report = read_report(text.encode(), name="a", published=publication(published))
    time = find_claims(report)[0].time
    assert time.start is not None
    return str(time.start.astimezone(ZoneInfo(time.clock)).date())


@pytest.mark.parametrize(
    "text",
    [
        "There is neither mobile data nor a phone line in Togo since Monday.",
        "In Togo gibt es seit Montag weder Festnetz noch Mobilfunk.",
        "Sinds maandag werkt het mobiele internet in Togo niet meer.",
        "Au Togo, ni le téléphone ni Internet ne fonctionnent depuis lundi.",
        "В Того с понедельника нет ни интернета, ни мобильной связи.",
        "Los vecinos de Togo no pueden conectarse a internet desde el lunes.",
    ],
)
def test_nothing_there_nothing_works_nobody_gets_through(text: str) -> None:
    assert read(text) == [("shutdown", "TG")]


def test_no_shutdown_is_no_loss() -> None:
    assert read("The minister said there was no internet shutdown in Togo.") == [("denial", "TG")]


def test_what_works_again_is_a_restoration() -> None:
    assert read("Mobile internet works again in Togo.") == [("restoration", "TG")]
    assert read("In Togo funktioniert das Internet wieder.") == [("restoration", "TG")]


def test_days_without_that_are_over_are_no_second_claim() -> None:
    text = "Togo is back online after five days without internet."
    assert read(text) == [("restoration", "TG")]


def test_a_level_below_ordinary_is_a_loss_without_a_verb() -> None:
    text = "NetBlocks: national connectivity in Togo at 4% of ordinary levels."
    report = read_report(text.encode(), name="a", published=publication("2022-01-06"))
    [claim] = find_claims(report)
    assert (claim.type, claim.percent) == ("shutdown", 4)


@pytest.mark.parametrize(
    "text",
    [
        "Mobile internet speeds in Togo were cut to a fraction on Monday.",
        "Au Togo, le débit de l'internet mobile a chuté lundi.",
        "В Того упала скорость мобильного интернета.",
    ],
)
def test_a_speed_that_falls_is_a_restriction(text: str) -> None:
    assert read(text) == [("restriction", "TG")]


@pytest.mark.parametrize(
    "text",
    [
        "Togo to cut mobile internet for exams",
        "Das Internet in Togo soll abgeschaltet werden.",
        "Die Regierung von Togo erklärte, das Internet im Notfall abschalten zu wollen.",
        "The internet in Togo will be cut on Monday.",
    ],
)
def test_what_is_to_come_is_a_plan(text: str) -> None:
    assert read(text) == [("plan", "TG")]


def test_an_order_may_follow_what_is_ordered() -> None:
    text = "Die Regierung von Togo hat die Abschaltung des Internets angeordnet."
    assert read(text) == [("order", "TG")]


def test_who_ordered_when_is_told_from_when_it_is_to_begin() -> None:
    assert day("On Monday Togo ordered operators to cut mobile data.") == "2022-01-03"


def test_a_share_of_households_is_no_outage() -> None:
    assert (
        read("In Togo a third of households are without internet, a World Bank survey says.") == []
    )


def test_what_befalls_an_account_is_no_block_of_the_service() -> None:
    assert read("Facebook blocked his account in Togo.") == []
    found = read("Posts of the clashes spread fast, so the authorities of Togo blocked Facebook.")
    assert found == [("service-block", "TG")]


def test_a_service_is_found_before_what_is_told_of_it() -> None:
    text = "Telegram, which half of Togo uses to read the news of the day, was blocked on Monday."
    assert read(text) == [("service-block", "TG")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Togo was without internet for a third day running on Wednesday.", "2022-01-03"),
        ("Togo voted on Wednesday without internet, which was cut the day before.", "2022-01-04"),
        ("Togo's polls close on Thursday; its internet has been down since Monday.", "2022-01-03"),
        ("LOME, Jan 6 (Agency) - The internet in Togo was cut on Monday.", "2022-01-03"),
        ("Au Togo, sept villes sont privées d'internet depuis lundi.", "2022-01-03"),
    ],
)
def test_the_day_that_is_meant(text: str, expected: str) -> None:
    assert day(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The internet in Togo is cut from Monday until Friday.", "2022-01-03"),
        ("Internet au Togo a été coupé à Lomé dimanche.", "2022-01-02"),
        ("In Togo sloot de regering woensdag het internet af, tot vrijdag.", "2022-01-05"),
        ("The internet in Togo was cut on Tuesday on the eve of the election.", "2022-01-04"),
        ("Интернет в Того отключили два дня назад.", "2022-01-04"),
        ("Das Internet in Togo wurde vor zwei Tagen abgeschaltet.", "2022-01-04"),
    ],
)
def test_an_end_is_no_beginning_and_an_eve_may_be_of_an_event(text: str, expected: str) -> None:
    assert day(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Restrictions on mobile internet in Togo were lifted on Monday.", [("restoration", "TG")]),
        ("No phone lines were cut in Togo, the minister said.", [("denial", "TG")]),
        ("In Togo is er geen internet en bellen lukt niet.", [("shutdown", "TG")]),
        ("Мобильной связи в Того по ночам нет.", [("shutdown", "TG")]),
        ("Paltel zit sinds donderdag zonder internet.", [("shutdown", "PS")]),
        ("De taliban hebben het internet afgesloten.", [("shutdown", "AF")]),
    ],
)
def test_one_thing_is_not_taken_for_another(text: str, expected: list[tuple[str, str]]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("La Tanzanie a été débranchée mercredi.", [("shutdown", "TZ")]),
        ("Kenia está de nuevo en línea.", [("restoration", "KE")]),
        ("Senegal restringió el jueves el acceso a Facebook.", [("service-block", "SN")]),
        ("WhatsApp ist in Indien nach einer Störung ausgefallen.", [("platform-outage", "IN")]),
        ("Irak podría cortar internet durante los exámenes de junio.", [("plan", "IQ")]),
        ("Четыре года назад, 9 августа, в Того отключили интернет.", [("historical", "TG")]),
    ],
)
def test_more_is_told_by_the_words_beside(text: str, expected: list[tuple[str, str]]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NetBlocks: social media restricted in Senegal", [("service-block", "SN")]),
        ("An internet shutdown in Togo could follow.", [("plan", "TG")]),
        ("Если протесты продолжатся, интернет в Того могут отключить.", [("plan", "TG")]),
        ("If the internet in Togo is cut, try a foreign SIM card.", []),
        (
            "Togo ordered an internet shutdown, and by ten the country was offline.",
            [("order", "TG"), ("shutdown", "TG")],
        ),
        ("By landslides villages in Nepal were cut off from the outside world.", []),
        ("Kampalas Internet ist seit Montag abgeschaltet.", [("shutdown", "UG")]),
    ],
)
def test_what_is_done_is_told_from_what_is_said_of_it(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert read(text) == expected


def test_no_phrase_goes_on_over_a_comma() -> None:
    from zicht.reports.tokens import Lexicon, find_words, to_phrase  # noqa: PLC0415 - for this alone

    lexicon = Lexicon([to_phrase("other", "", "internet users")])
    for text, found in (("the internet users", 1), ("no internet, users say", 0)):
        words = find_words(text)
        assert len(lexicon.find(words.folded, breaks=words.breaks)) == found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Togolese cannot reach the internet, says an aid group in Brussels.",
            [("shutdown", "TG")],
        ),
        ("En Guinée équatoriale, Internet est coupé.", [("shutdown", "GQ")]),
        ("Si Internet est coupé au Togo, que faire ?", []),
        ("In Togo wordt het internet volgende week afgesloten.", [("plan", "TG")]),
        ("Togo heft de blokkade van Facebook en Telegram nog niet op.", [("service-block", "TG")]),
    ],
)
def test_who_speaks_where_and_what_is_not_yet(text: str, expected: list[tuple[str, str]]) -> None:
    assert read(text) == expected


def test_that_same_evening_is_of_the_day_of_the_statement_before() -> None:
    text = "Togo cut the internet on Monday. That same evening Facebook was blocked in Togo."
    report = read_report(text.encode(), name="a", published=publication("2022-01-06"))
    assert [str(one.time.day) for one in find_claims(report)] == ["2022-01-03", "2022-01-03"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Togo was offline on Monday. It came back on Tuesday.",
            [("shutdown", "TG"), ("restoration", "TG")],
        ),
        ("Text messages can still be sent in Togo.", [("denial", "TG")]),
        ("In Togo werkt het vaste internet nog wel.", [("denial", "TG")]),
        (
            "Togo was offline on Monday. The government denies any restriction.",
            [("shutdown", "TG"), ("denial", "TG")],
        ),
        ("The internet in Togo was cut, NetBlocks in London said.", [("shutdown", "TG")]),
    ],
)
def test_what_was_spoken_of_and_what_still_works(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mobiles Internet blieb in Togo im ganzen Land gesperrt.", [("shutdown", "TG")]),
        ("Togo gaat op zwart: internet vrijwel volledig uitgevallen", [("shutdown", "TG")]),
        (
            "The internet in Togo is working normally, although calls to Benin are slow.",
            [("denial", "TG")],
        ),
    ],
)
def test_one_statement_is_one_claim(text: str, expected: list[tuple[str, str]]) -> None:
    assert read(text) == expected


def test_a_share_belongs_to_what_it_stands_beside() -> None:
    def claim(text: str) -> Claim:
        report = read_report(text.encode(), name="a", published=publication("2022-01-06"))
        return find_claims(report)[0]

    assert claim("Togo: still 5% connectivity 40 hours after its internet shutdown").percent == 5
    back = claim("Internet is back in parts of Togo after a total blackout of five days.")
    assert (back.type, back.severity.level) == ("restoration", "partly")


def test_a_town_of_another_clause_is_not_the_place() -> None:
    text = "Kazakhstan cut the internet nationwide as protesters stormed an office in Almaty."
    report = read_report(text.encode(), name="a", published=publication("2022-01-06"))
    [found] = find_claims(report)
    assert found.place.entity == "country/KZ"
    assert found.place.inferred_from == "sentence"


def test_a_second_verb_shares_the_subject_of_the_first() -> None:
    text = "Connectivity in Togo fell to 3% on Monday, and was briefly restored on Tuesday."
    assert read(text) == [("shutdown", "TG"), ("restoration", "TG")]
    assert read("The internet in Togo was cut on Monday, and the minister returned.") == [
        ("shutdown", "TG")
    ]
