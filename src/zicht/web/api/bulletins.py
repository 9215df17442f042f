"""Bulletins: the text that may be published of an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zicht.publish.bulletin_formats import bulletin_markdown
from zicht.web.api import common
from zicht.web.api.events import event_of
from zicht.web.api.formats import Answer
from zicht.web.api.operations import Operation
from zicht.web.api.records import BulletinText, Section

if TYPE_CHECKING:
    from zicht.web.desk import Desk


def show_bulletin(desk: Desk, asked: dict[str, Any]) -> Answer:
    """The bulletin of an event."""
    from zicht.observe.bulletins import bulletin  # noqa: PLC0415 - loads Numba

    event = event_of(desk, asked)
    made = bulletin(desk.store, event.id, as_of=asked["as_of"], code=asked["language"])
    text = made.bulletin
    data = BulletinText(
        event=event.id,
        language=asked["language"],
        title=text.title,
        lead=text.lead,
        sections=tuple(
            Section(heading=one.heading, paragraphs=one.paragraphs, items=one.items)
            for one in text.sections
        ),
        edition=text.edition,
        simulated=text.simulated,
        sources=common.terms_of_events([event]),
    )
    return Answer(
        data=data,
        bodies={"md": lambda: bulletin_markdown(made.words, text, None).encode()},
    )


BULLETIN = Operation(
    path="/api/v1/events/{id}/bulletin",
    name="showBulletin",
    summary="The bulletin of an event, to be published as it stands",
    description="JSON holds plain text, Markdown the whole bulletin without its chart.",
    record=BulletinText,
    handle=show_bulletin,
    parameters=(common.EVENT_ID, common.AS_OF, common.LANGUAGE),
    formats=("json", "md"),
    heavy=lambda _: True,
)
OPERATIONS = (BULLETIN,)
