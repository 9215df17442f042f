"""What marks and likelihood ratios say, in sentences. They never say who did something."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zicht.publish.letters import tame

if TYPE_CHECKING:
    from zicht.model.outage import Mark, ShutdownLikelihood
    from zicht.publish.language import Language

LOOKS = 3.0
"""From this ratio on, or one to this, an event looks like one or the other; between it is unclear
(Kass and Raftery, *Bayes Factors*, JASA 90:430 (1995): below it is hardly worth a mention)."""


class Sides(NamedTuple):
    """The sentences of marks: for an ordered shutdown, against it, and what was not weighed."""

    evidence_for: tuple[str, ...]
    evidence_against: tuple[str, ...]
    not_weighed: tuple[str, ...]


def sides(words: Language, likelihood: ShutdownLikelihood) -> Sides:
    """The sentences of all marks, the heaviest first."""
    weighed = [one for one in likelihood.marks if one.ratio is not None]
    for_ = sorted((one for one in weighed if _ratio(one) > 1), key=_ratio, reverse=True)
    against = sorted((one for one in weighed if _ratio(one) < 1), key=_ratio)
    rest = [one for one in likelihood.marks if one.ratio is None or one.ratio == 1]
    return Sides(
        tuple(weighed_sentence(words, one) for one in for_),
        tuple(weighed_sentence(words, one) for one in against),
        tuple(mark_sentence(words, one) for one in rest),
    )


def looks_like(words: Language, ratio: float) -> str:
    """What a likelihood ratio says, with the ratio."""
    odds = odds_words(words, ratio)
    if ratio >= LOOKS:
        return words.say("looks like an ordered shutdown ({odds})", odds=odds)
    if ratio <= 1 / LOOKS:
        return words.say("looks like a fault ({odds})", odds=odds)
    return words.say("looks like neither more than the other ({odds})", odds=odds)


def likelihood_sentence(words: Language, likelihood: ShutdownLikelihood) -> str:
    """What all marks say together, at the onset and after the end, with the prior."""
    told = []
    if likelihood.at_onset is not None:
        told.append(
            words.say(
                "Half an hour after its onset it {looks}; probability: {percent}.",
                looks=looks_like(words, likelihood.at_onset),
                percent=_percent(words, likelihood.percent_at_onset),
            )
        )
    if likelihood.at_recurrence is not None:
        told.append(
            words.say(
                "When it last went down again: {looks}.",
                looks=looks_like(words, likelihood.at_recurrence),
            )
        )
    if likelihood.after_end is not None:
        told.append(
            words.say(
                "After its end it {looks}; probability: {percent}.",
                looks=looks_like(words, likelihood.after_end),
                percent=_percent(words, likelihood.percent_after_end),
            )
        )
    if likelihood.prior_percent is not None:
        told.append(
            words.say(
                "Before any of this it was taken to be ordered with a probability of {percent}.",
                percent=words.percent(likelihood.prior_percent),
            )
        )
    told.append(words.say("None of it tells who did it."))
    return " ".join(told)


def _percent(words: Language, percent: float | None) -> str:
    return words.say("unclear") if percent is None else words.percent(percent)


def odds_words(words: Language, ratio: float) -> str:
    """A likelihood ratio as odds: ``14 : 1``, or ``1 : 14`` where it speaks against."""
    if ratio >= 1:
        return f"{words.compact(ratio)} : 1"
    return f"1 : {words.compact(1 / ratio)}"


def weighed_sentence(words: Language, mark: Mark) -> str:
    """A mark's sentence with what it weighs."""
    return f"{mark_sentence(words, mark)} ({odds_words(words, _ratio(mark))})"


def mark_sentence(words: Language, mark: Mark) -> str:
    """What a mark says; a mark that is not known here is given by its name."""
    figures = {name: tame(value, 200) for name, value in mark.figures.items()}
    figures["city"] = _city(figures.get("zone", ""))
    figures.setdefault("local", "?")
    say = _sentences(words, figures).get((mark.name, mark.level))
    return tame(f"{mark.name}: {mark.level}") if say is None else say


def _ratio(mark: Mark) -> float:
    return 1.0 if mark.ratio is None else mark.ratio


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ") or "UTC"


class _Figures(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def _sentences(words: Language, figures: dict[str, str]) -> dict[tuple[str, str], str]:
    known = _Figures(figures)
    clock = words.say("{local} in {city}", local=known["local"], city=known["city"])
    return {
        ("onset-minute", "hour"): words.say(
            "It began on the hour of the local clock ({clock}).", clock=clock
        ),
        ("onset-minute", "half-hour"): words.say(
            "It began on the half-hour of the local clock ({clock}).", clock=clock
        ),
        ("onset-minute", "other"): words.say(
            "It began neither on the hour nor on the half-hour ({clock}).", clock=clock
        ),
        ("onset-hour", "before dawn"): words.say("It began before dawn ({clock}).", clock=clock),
        ("onset-hour", "late"): words.say("It began late in the evening ({clock}).", clock=clock),
        ("onset-hour", "other"): words.say("It began by day ({clock}).", clock=clock),
        ("recurrence", "none"): words.say(
            "Nothing began at that time of day in the seven days before."
        ),
        ("recurrence", "once"): words.say(
            "On one of the seven days before, too, one began at that time of day."
        ),
        ("recurrence", "repeated"): words.say(
            "On {days} of the seven days before, too, one began at that time of day.",
            days=known["days"],
        ),
        ("elsewhere", "none"): words.say("No other country was hit within half an hour."),
        ("elsewhere", "one"): words.say(
            "Another country was hit within half an hour: {countries}.",
            countries=known["countries"],
        ),
        ("elsewhere", "several"): words.say(
            "Other countries were hit within half an hour: {countries}.",
            countries=known["countries"],
        ),
        ("duration", "under 12 h"): words.say("It lasted {hours} hours.", hours=known["hours"]),
        ("duration", "12 to 48 h"): words.say("It lasted {hours} hours.", hours=known["hours"]),
        ("duration", "over 48 h"): words.say("It lasted {hours} hours.", hours=known["hours"]),
        ("whole-half-hours", "yes"): words.say("It lasted for whole half-hours."),
        ("whole-half-hours", "no"): words.say("It did not last for whole half-hours."),
        ("same-duration", "yes"): words.say(
            "It lasted as long as another at that time of day in the seven days before."
        ),
        ("same-duration", "no"): words.say(
            "None as long began at that time of day in the seven days before."
        ),
    } | _unweighed(words, known)


def _unweighed(words: Language, known: _Figures) -> dict[tuple[str, str], str]:
    n, minutes = known["n"], known["minutes"]
    return {
        ("operators-onsets", "together"): words.say(
            "{n} operators went down within {minutes} minutes.", n=n, minutes=minutes
        ),
        ("operators-onsets", "spread"): words.say(
            "{n} operators went down over {minutes} minutes.", n=n, minutes=minutes
        ),
        ("first-network", "mobile"): words.say(
            "Mobile networks went down {minutes} minutes before fixed ones.", minutes=minutes
        ),
        ("first-network", "fixed"): words.say(
            "Fixed networks went down {minutes} minutes before mobile ones.", minutes=minutes
        ),
        ("routes-up-packets-dead", "yes"): words.say(
            "The routes stayed up while packets no longer got through."
        ),
        ("operators-spared", "some"): words.say(
            "{n} of {of} measured operators were spared.", n=n, of=known["of"]
        ),
        ("return", "together"): words.say(
            "{n} operators came back within {minutes} minutes.", n=n, minutes=minutes
        ),
        ("return", "gradual"): words.say(
            "{n} operators came back over {minutes} minutes.", n=n, minutes=minutes
        ),
        ("occasion", "on"): words.say("In the calendar of that day: {what}.", what=known["what"]),
    }
