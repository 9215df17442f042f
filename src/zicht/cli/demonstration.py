"""The demo: the lab's reconstruction through store, detection and publishing, as if live."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

from zicht.cli.demo_compiling import compiling_beside
from zicht.cli.demo_sources import batches
from zicht.cli.demo_words import comparison_rows, page_tables
from zicht.cli.screen import Screen
from zicht.errors import UsageError
from zicht.lab.comparison import compare_with_facts
from zicht.lab.labels import truth_csv, truth_of_world
from zicht.lab.series import entities_of
from zicht.lab.world import open_scenario
from zicht.observe.exhibit import Exhibit, Moment, write_exhibit
from zicht.observe.replay import Happening, Picture, advance, replay
from zicht.observe.telling import Teller
from zicht.publish.language import Language, language
from zicht.sources.radar.service import TRAFFIC
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from zicht.cli.demo_words import Row
    from zicht.lab.world import World
    from zicht.model.outage import Event
    from zicht.store import Store

MARKER = ".zicht-demo"
"""A file in a folder that the demo has made, and may make anew."""

OURS = ("store", "charts", "bulletins", "exports", "index.html", "events.json", "truth.csv", MARKER)

_LONG = timedelta(hours=6)
_SHORT = timedelta(hours=2)
_SHORT_STEPS_AFTER_NEWS = 2
_PLAIN_EVERY = timedelta(hours=12)


def demonstrate(folder: Path, code: str) -> tuple[list[Row], Path]:
    """Run the demo into a folder.

    Returns:
        What was found beside what was published, and the page to open.

    Raises:
        UsageError: the folder holds something that no demo has left there.
    """
    words = language(code)
    prepare(folder)
    world = open_scenario("kazakhstan-2022")
    scenario = world.scenario
    facts = {fact.entity: fact for fact in entities_of(world)}
    store = open_store(folder / "store", create=True)
    span = (world.end - world.live_from) / _SHORT
    with Screen(span) as screen:
        show = _Show(screen, Teller(words, facts), world, words)
        show.begin()
        picture = run(store, world, show)
        screen.line(words.say("Drawing charts, writing bulletins and exports."), "dim")
        event, outages = _national(picture, world), list(picture.outages.values())
        comparisons = compare_with_facts(scenario, event, outages, picture.sicknesses)
        rows = comparison_rows(words, comparisons)
        (folder / "truth.csv").write_bytes(truth_csv(truth_of_world(world)))
        page = write_exhibit(
            store,
            folder,
            Exhibit(
                entity=_country(world),
                title=scenario.scenario.title,
                start=world.live_from - timedelta(days=1),
                until=world.end,
                operators_by=(TRAFFIC.name,),
                moments=tuple(show.moments),
                tables=page_tables(words, scenario, rows),
            ),
            code,
        )
        show.end()
    return rows, page


def prepare(folder: Path) -> None:
    """Make the folder, or clear what a former demo left in it.

    Raises:
        UsageError: it holds something that no demo has left there.
    """
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise UsageError(
            f"The folder {str(folder)!r} holds something that no former demo has left there.",
            "It is left alone: name another one with --folder.",
        )
    for name in OURS[:-1]:
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text(
        "Made by `zicht demo`, which replaces what it wrote here when it runs again.\n", "utf-8"
    )


def run(store: Store, world: World, show: _Show) -> Picture:
    """The history in one go, then the days of the blackout step by step."""
    pace = _Pace(world.live_from, world.end)
    with compiling_beside() as ready:
        coming = batches(world, pace.times(), ready)
        history = next(coming)
    picture, _ = advance(store, history, Picture(world.live_from))
    show.history(history.observations.num_rows)

    def tell(after: Picture, happenings: list[Happening]) -> None:
        pace.note(happenings)
        show.step(after, happenings)

    return replay(store, coming, tell=tell, start=picture) or picture


def _country(world: World) -> str:
    """The country that a world is about."""
    return f"country/{world.countries[0].code}"


def _national(picture: Picture, world: World) -> Event | None:
    own = [one for one in picture.events.values() if one.entity == _country(world)]
    return min(own, key=lambda event: event.depth_percent, default=None)


class _Pace:
    """Long steps of simulated time while nothing happens, short ones after something did."""

    def __init__(self, begin: datetime, end: datetime) -> None:
        self._begin = begin
        self._end = end
        self._short = 0

    def times(self) -> Iterator[datetime]:
        """The times of the batches, each chosen when the one before was taken in."""
        time = self._begin
        yield time
        while time < self._end:
            time = min(time + (_SHORT if self._short else _LONG), self._end)
            self._short = max(self._short - 1, 0)
            yield time

    def note(self, happenings: list[Happening]) -> None:
        """Look closer for a while after news."""
        if happenings:
            self._short = _SHORT_STEPS_AFTER_NEWS


class _Show:
    """Shows the run, and keeps what was told for the page."""

    def __init__(self, screen: Screen, teller: Teller, world: World, words: Language) -> None:
        self._screen = screen
        self._teller = teller
        self._world = world
        self._words = words
        self._last = self._world.live_from
        self.moments: list[Moment] = []

    def begin(self) -> None:
        """Say what this is, and what it is not."""
        say = self._words.say
        self._screen.line(self._world.scenario.scenario.title, "bold")
        self._screen.line(
            say(
                "This is a RECONSTRUCTION from published times and no measurement: no series of"
                " this blackout is public."
            ),
            "bold yellow",
        )
        self._screen.line(say("Making the series and loading three weeks of history."), "dim")

    def history(self, rows: int) -> None:
        """Say that the history is in."""
        self._screen.line(
            self._words.say("{n} values are in the store; now day by day, as if live.", n=rows),
            "dim",
        )

    def step(self, picture: Picture, happenings: list[Happening]) -> None:
        """Show one step."""
        time = self._teller.moment(picture.known_at)
        state = self._teller.state(picture, _country(self._world))
        done = (picture.known_at - self._world.live_from) / _SHORT
        for happening in happenings:
            sentence = self._teller.sentence(happening)
            self.moments.append(Moment(picture.known_at, happening.kind, sentence, state))
            self._screen.line(f"{time}  {sentence}", _STYLES.get(happening.kind, ""))
        self._screen.now(f"{time}  {state}", done)
        if happenings or picture.known_at - self._last >= _PLAIN_EVERY:
            self._last = picture.known_at
            if not self._screen.moves:
                self._screen.line(f"{time}  {state}")

    def end(self) -> None:
        """Say once more what this was."""
        self._screen.line(
            self._words.say(
                "This was a reconstruction and no measurement. Found beside published:"
            ),
            "bold yellow",
        )


_STYLES = {
    "event found": "bold red",
    "class changed": "bold red",
    "event deepened": "red",
    "operators down": "red",
    "down again": "red",
    "connectivity back": "green",
    "event ended": "bold green",
    "source sick": "yellow",
    "event withdrawn": "yellow",
}
