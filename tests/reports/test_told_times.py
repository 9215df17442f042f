"""How the times of claims were told is known in every language."""

from __future__ import annotations

from labelled_set import experimental, labelled, read_sentence

from zicht.publish.language import language
from zicht.publish.told_words import told


def test_every_way_in_which_a_time_is_told_is_known_in_every_language() -> None:
    sentences = [*labelled(), *experimental()]
    hows = {claim.time.inferred_from for one in sentences for claim in read_sentence(one)}
    assert len(hows) > 50
    dutch = language("nl")
    assert [how for how in hows if told(dutch, how) == how] == []
