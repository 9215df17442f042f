"""A report that says when it was published: in a dateline, or on a line of its own."""

from __future__ import annotations

import pytest

from zicht.reports.reading import publication, read_report

STATED = [
    ("TEHRAN, 17 November 2019 - Iran shut down the internet.", "2019-11-17"),
    ("January 6, 2022\n\nKazakhstan imposed a nationwide blackout.", "2022-01-06"),
    (
        "Iran cut\n\nBy John Smith, 17 November 2019 09:30 UTC\n\nThe net in Iran is down.",
        "2019-11-17",
    ),
    ("STATEMENT\nBrussels, 19 November 2019\n\nThe internet in Iran is down.", "2019-11-19"),
    ("Posted on Sunday, 17 November 2019\n\nThe internet is down in Iran.", "2019-11-17"),
    ("Teherán, 22 nov 2019 (EFE).- El acceso a internet volvió este jueves.", "2019-11-22"),
    ("Publié le 20 novembre 2019 à 08h30\n\nL'internet est coupé en Iran.", "2019-11-20"),
    ("Paris, le 20 novembre 2019 – L'internet est coupé en Iran.", "2019-11-20"),
    ("**Teheran**, 21. November 2019 – Das Internet im Iran ist abgeschaltet.", "2019-11-21"),
    ("17.11.2019, 09:30 Uhr\n\nDas Internet im Iran ist abgeschaltet.", "2019-11-17"),
    ("Van de redactie\n18 november 2019\n\nIn Iran ligt het internet plat.", "2019-11-18"),
    ("17 ноября 2019 года. Власти Ирана отключили доступ к интернету.", "2019-11-17"),
    ("۲۶ آبان ۱۳۹۸\nاینترنت در ایران از شامگاه شنبه قطع شده است.", "2019-11-17"),
]


@pytest.mark.parametrize(("text", "day"), STATED)
def test_a_date_in_front_is_the_day_of_publication(text: str, day: str) -> None:
    """With its year, and with a town, a byline, an agency or a time of the clock beside it."""
    published = read_report(text.encode(), name="report.txt").published
    assert published is not None
    assert published.start.date().isoformat() == day
    assert published.inferred_from == "said in the report's head: a day"


@pytest.mark.parametrize(
    "text",
    [
        "On 17 November 2019 the internet went down in Iran.",
        "The internet was cut on 17 November 2019 - a Sunday - in Iran.",
        "Since 16 November 2019 - the internet has been down in Iran.",
        "Iran: 16 November 2019 was the day on which the internet went.",
        "11/05/2019\n\nThe internet is down in Iran, whichever month that is.",
        "KAMPALA, Jan 15 (Agency) - The internet is down in Uganda.",
        "The internet is down in Iran.\n\n" * 6 + "17 November 2019\n\nMore follows on Iran.",
    ],
)
def test_a_date_that_may_be_of_something_else_tells_nothing(text: str) -> None:
    """A date in a sentence, without its year, of two orders, or far below."""
    assert read_report(text.encode(), name="report.txt").published is None


def test_whoever_asks_knows_better_than_the_head() -> None:
    """A time of publication that is given stays."""
    text = b"TEHRAN, 17 November 2019 - Iran shut down the internet."
    given = publication("2019-11-18")
    assert read_report(text, name="report.txt", published=given).published == given
