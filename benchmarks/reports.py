"""How fast reports are read, and how much memory that takes.

    python benchmarks/reports.py

Reports of about 3,000 characters are made of the labelled sentences, shuffled, every one another
text; all eight languages' data are loaded first, as after start-up. One core.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "reports"))

from labelled_set import labelled

from zicht.reports.claims import find_claims
from zicht.reports.figures import find_figures
from zicht.reports.gazetteer import gazetteer
from zicht.reports.languages import CODES, speech
from zicht.reports.reading import publication, read_report

REPORTS = 400
CHARACTERS = 3000

_FILLERS = {
    "en": "The crowd gathered near the old market while shops along the avenue kept quiet.",
    "nl": "De menigte verzamelde zich bij de oude markt terwijl de winkels daar dicht bleven.",
    "fr": "La foule s'est rassemblée près du vieux marché tandis que tout était fermé.",
    "de": "Die Menge versammelte sich am alten Markt, während die Läden an der Allee zu blieben.",
    "es": "La multitud se reunió cerca del viejo mercado mientras las tiendas seguían cerradas.",
    "ru": "Толпа собралась у старого рынка, пока магазины вдоль проспекта оставались закрытыми.",
}


_FIRST = """
from zicht.reports.claims import find_claims
from zicht.reports.reading import read_report
find_claims(read_report(b'The internet was cut in Togo on Monday.', name='a'))
"""


def texts(seed: int = 7) -> list[bytes]:
    """Reports, each of a language, a fifth of their sentences labelled ones."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    own = {code: [one.text for one in labelled() if one.language == code] for code in _FILLERS}
    found = []
    for number in range(REPORTS):
        code = list(_FILLERS)[number % len(_FILLERS)]
        sentences: list[str] = []
        while sum(map(len, sentences)) < CHARACTERS:
            filler = _FILLERS[code].split()
            chance.shuffle(filler)
            sentences.append(f"{' '.join(filler)} {chance.randrange(9999)}.")
            if len(sentences) % 5 == 0:
                sentences.append(chance.choice(own[code]))
        found.append(" ".join(sentences).encode())
    return found


def main() -> None:
    """Measure and print."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", _FIRST], check=True)  # noqa: S603 - ourselves
    print(f"start-up until the first report is read: {time.perf_counter() - begin:.2f} s")
    for code in CODES:
        speech(code)
        gazetteer(code)
    made = texts()
    published = publication("2022-01-06")
    begin = time.process_time()
    claims = 0
    for number, data in enumerate(made):
        report = read_report(data, name=str(number), published=published)
        claims += len(find_claims(report))
    spent = time.process_time() - begin
    print(f"claims: {REPORTS / spent:.0f} reports/s ({claims} claims in {REPORTS} reports)")
    begin = time.process_time()
    rows = 0
    for number, data in enumerate(made):
        rows += len(find_figures(read_report(data, name=str(number), published=published)))
    spent = time.process_time() - begin
    print(f"figures: {REPORTS / spent:.0f} reports/s ({rows} rows)")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
