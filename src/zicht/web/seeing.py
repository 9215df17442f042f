"""Whether the observatory sees, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zicht.observe.watch_health import Health
    from zicht.publish.language import Language


def verdict_words(words: Language, health: Health) -> str:
    """What is worth saying first; see ``zicht.observe.watch_health.verdict``."""
    asked = [one for one in health.sources if one.state != "needs token"]
    seeing = [one for one in asked if one.state == "ok"]
    blind = [
        f"{one.source} ({source_state(words, one.state)})" for one in asked if one not in seeing
    ]
    if not health.sources:
        return words.say("No watch has written to this store: it shows what was imported.")
    if asked and all(one.state == "not running" for one in asked):
        return words.say("Zicht cannot see: no watch is running on this store.")
    if seeing and blind:
        return words.say(
            "Zicht sees by {seeing} of {all} sources; not by {blind}.",
            seeing=words.number(len(seeing)),
            all=words.number(len(asked)),
            blind=words.join(blind),
        )
    if seeing:
        return words.say("Zicht sees by all of its sources.")
    if any(one.state == "warming up" for one in asked):
        return words.say("Zicht cannot see yet: it is warming up.")
    return words.say(
        "Zicht cannot see: none of its sources tells what is going on. Silence is no news now."
    )


def source_state(words: Language, state: str) -> str:
    """The state of a source, for people."""
    return {
        "ok": words.say("sees"),
        "late": words.say("late"),
        "warming up": words.say("warming up"),
        "fault": words.say("fault"),
        "needs token": words.say("needs a token"),
        "not running": words.say("not running"),
    }.get(state, state)
