"""The words of a chart: title, subtitle, labels, footer, and the picture described in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from zicht.model.time import from_microseconds, to_microseconds
from zicht.publish.chart_time import offset
from zicht.publish.wording import (
    between,
    plane_word,
    signal_title,
    source_sentence,
    stretch,
)
from zicht.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from zicht.model.outage import Outage
    from zicht.publish.chart_data import LocalTime, Panel, Span, Window
    from zicht.publish.language import Language

_ROUTES_UP = 80.0  # percent of ordinary from which routes count as up


@dataclass(frozen=True)
class Subject:
    """What a chart is of: the entity's text, its name in the chart's language, and its clock.

    ``operators`` says that the panels are the operators of the place; ``depth_signal`` names the
    signal that the depth of the event was read of.
    """

    entity: str
    name: str
    local: LocalTime
    operators: bool = False
    depth_signal: str | None = None


def title(words: Language, subject: Subject, panels: Sequence[Panel]) -> str:
    """What happened, as one statement."""
    if not any(panel.percent for panel in panels):
        return words.say("{place}: no data", place=subject.name)
    if subject.operators:
        return _operators_title(words, subject, panels)
    worst = headline(panels, subject.depth_signal)
    if worst is None:
        return words.say("No outage seen in {place}", place=subject.name)
    panel, outage = worst
    depth = words.percent(outage.depth_percent)
    if panel.signal.plane == "data" and _routes_stayed_up(panels, outage):
        return words.say(
            "{place} fell to {percent} of ordinary while its routes stayed up",
            place=subject.name,
            percent=depth,
        )
    return words.say(
        "{place} fell to {percent} of ordinary connectivity", place=subject.name, percent=depth
    )


def _operators_title(words: Language, subject: Subject, panels: Sequence[Panel]) -> str:
    operators = {panel.entity for panel in panels if panel.percent}
    down = {panel.entity for panel in panels if panel.outages}
    if not down:
        return words.say("No outage seen at the operators of {place}", place=subject.name)
    return words.count(
        "Outages seen at {down} of {n} operator in {place}",
        "Outages seen at {down} of {n} operators in {place}",
        len(operators),
        down=words.number(len(down)),
        place=subject.name,
    )


def subtitle(
    words: Language, subject: Subject, panels: Sequence[Panel], window: Window
) -> list[str]:
    """The figures behind the title, then how to read the picture."""
    sentences = []
    worst = headline(panels, subject.depth_signal)
    signals = {panel.signal.name: panel for panel in panels}
    if subject.operators and len(signals) == 1:
        (panel,) = signals.values()
        sentences.append(
            words.say(
                "“{signal}”: {measures}.",
                signal=signal_title(words, panel.signal.title),
                measures=_measures(words, panel),
            )
        )
    if worst is not None and not subject.operators:
        panel, outage = worst
        sentences.append(
            words.say(
                "Deepest in “{signal}”: began {onset}; {end}.",
                signal=signal_title(words, panel.signal.title),
                onset=between(words, outage.onset, subject.local),
                end=_end(words, outage, subject.local),
            )
        )
    first, last = words.day(window.start), words.day(window.end - timedelta(microseconds=1))
    sentences.append(
        words.say("Percent of what is ordinary at that hour and weekday, {days}.", days=first)
        if first == last
        else words.say(
            "Percent of what is ordinary at that hour and weekday, {first} to {last}.",
            first=first,
            last=last,
        )
    )
    return sentences


def _end(words: Language, outage: Outage, local: LocalTime) -> str:
    if outage.end is not None:
        return words.say("ended {end}", end=between(words, outage.end, local))
    if outage.ongoing:
        return words.say("still going on")
    return words.say("its end is unknown")


def headline(panels: Sequence[Panel], depth_signal: str | None) -> tuple[Panel, Outage] | None:
    """The deepest outage, of the signal that the event's depth was read of where there is one.

    Else packets come before routes, and what people do last: it ends for other reasons too.
    """
    found = [(panel, outage) for panel in panels for outage in panel.outages]
    planes = ("data", "control", "user")
    return min(
        found,
        key=lambda pair: (
            pair[0].signal.name != depth_signal,
            planes.index(pair[0].signal.plane),
            pair[1].depth_percent,
            pair[1].onset,
        ),
        default=None,
    )


def _routes_stayed_up(panels: Sequence[Panel], outage: Outage) -> bool:
    control = [panel for panel in panels if panel.signal.plane == "control"]
    if not control or any(panel.outages for panel in control):
        return False
    start = to_microseconds(outage.onset[1])
    end = np.inf if outage.end is None else to_microseconds(outage.end[0])
    seen = [
        line.values[(line.times >= start) & (line.times < end)]
        for panel in control
        for line in panel.percent
    ]
    values = np.concatenate(seen) if seen else np.empty(0)
    return len(values) > 0 and float(np.min(values)) >= _ROUTES_UP


def outage_label(words: Language, outage: Outage) -> str:
    """Depth and duration in few letters."""
    depth = words.percent(outage.depth_percent)
    if outage.end is not None:
        return words.say("to {percent} · {duration}", percent=depth, duration=lasted(words, outage))
    if outage.ongoing:
        return words.say("to {percent} · going on", percent=depth)
    return words.say("to {percent} · end unknown", percent=depth)


def lasted(words: Language, outage: Outage) -> str:
    """How long an ended outage lasted, between the middles of its onset and its end."""
    if outage.end is None:
        return words.say("unknown")
    begin = outage.onset[0] + (outage.onset[1] - outage.onset[0]) / 2
    end = outage.end[0] + (outage.end[1] - outage.end[0]) / 2
    return words.duration(end - begin)


def panel_head(words: Language, panel: Panel, *, operators: bool) -> tuple[str, str]:
    """The panel's name in bold, and what it measures."""
    title = signal_title(words, panel.signal.title)
    return (panel.name, title) if operators else (title, _measures(words, panel))


def _measures(words: Language, panel: Panel) -> str:
    return words.say(
        "{plane}; {unit}, every {step}",
        plane=plane_word(words, panel.signal.plane),
        unit=signal_title(words, panel.signal.unit),
        step=words.step(panel.signal.step),
    )


def lowest_label(words: Language, panel: Panel) -> str:
    """The lowest bin as measured, of how much expected."""
    if panel.lowest is None:
        return ""
    return words.say(
        "lowest: {value} of {expected} expected",
        value=words.compact(panel.lowest.value),
        expected=words.compact(panel.lowest.expected),
    )


def footer(
    words: Language,
    subject: Subject,
    panels: Sequence[Panel],
    window: Window,
    as_of: datetime | None,
) -> list[str]:
    """Sources with licences and citations, local time, version; simulated said first."""
    lines = []
    if any(panel.simulated for panel in panels):
        lines.append(simulated_words(words))
    lines += source_sentences(words, panels)
    if subject.local.place:
        lines.append(
            words.say(
                "Local time: {place}, {offset}.",
                place=subject.local.place,
                offset=offset(window.start, subject.local.zone),
            )
        )
    made = words.say("Chart: Zicht {version}.", version=__version__)
    last = max((int(line.times[-1]) for panel in panels for line in panel.raw), default=None)
    if last is not None:
        made += " " + words.say(
            "Data up to {time} UTC.", time=words.moment(from_microseconds(last))
        )
    if as_of is not None:
        made += " " + words.say("As known {time} UTC.", time=words.moment(as_of))
    lines.append(made)
    return lines


def source_sentences(words: Language, panels: Sequence[Panel]) -> list[str]:
    """Where the data of panels come from, with their licences, each said once."""
    found = (
        source_sentence(words, one.citation, one.licence)
        for panel in panels
        for one in (panel.origins or (panel.signal,))
    )
    return list(dict.fromkeys(found))


def simulated_words(words: Language) -> str:
    """What is said first of anything that is of the lab."""
    return words.say("RECONSTRUCTION — NOT A MEASUREMENT")


def description(
    words: Language, subject: Subject, panels: Sequence[Panel], window: Window
) -> list[str]:
    """The picture in sentences with its figures, for those who cannot see it."""
    sentences = []
    if any(panel.simulated for panel in panels):
        sentences.append(simulated_words(words) + ".")
    sentences += subtitle(words, subject, panels, window)
    for panel in panels:
        head, measures = panel_head(words, panel, operators=subject.operators)
        sentences.append(f"{head} ({measures}):")
        sentences += [
            words.say(
                "outage, {label}, began {onset}, {end}.",
                label=outage_label(words, outage),
                onset=between(words, outage.onset, subject.local),
                end=_end(words, outage, subject.local),
            )
            for outage in panel.outages
        ]
        if not panel.percent:
            sentences.append(words.say("no data."))
        elif not panel.outages:
            sentences.append(words.say("no outage."))
        if lowest := lowest_label(words, panel):
            sentences.append(f"{lowest[0].upper()}{lowest[1:]}.")
        sentences += [
            words.say("No data from {stretch} UTC.", stretch=_stretch(words, span))
            for span in panel.gaps
        ]
        sentences += [
            words.say("Source sick, so unknown, from {stretch} UTC.", stretch=_stretch(words, span))
            for span in panel.sick
        ]
    return sentences


def _stretch(words: Language, span: Span) -> str:
    return stretch(words, from_microseconds(span.start), from_microseconds(span.end))
