"""How wide text is, so that titles wrap and labels keep out of each other's way."""

from __future__ import annotations

from unicodedata import category, east_asian_width

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""The first is metrically equal to Arial and is shipped with the renderer."""

_WIDTHS = {0.25: " .,:;'|!iljI", 0.35: '()[]/-"tfr*·', 0.78: "CDGHNORUQAKVXYwБДЖШЩЮЫ", 0.9: "mMW%@"}
_WIDTH = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
_ORDINARY = 0.56
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def width(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text is, in points, in a face like Arial."""
    em = sum(_WIDTH.get(letter, _other_width(letter)) for letter in text)
    return em * size * (1.04 if bold else 1.0)


def _other_width(letter: str) -> float:
    return 1.0 if east_asian_width(letter) in "WF" else _ORDINARY


def wrap(text: str, room: float, size: float, *, bold: bool = False, most: int = 99) -> list[str]:
    """Lines no wider than ``room`` points; more than ``most`` lines end in an ellipsis."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        piece = shorten(word, room, size, bold=bold)
        longer = f"{line} {piece}" if line else piece
        if line and width(longer, size, bold=bold) > room:
            lines.append(line)
            line = piece
        else:
            line = longer
        if len(lines) == most:
            lines[-1] = shorten(f"{lines[-1]} \N{HORIZONTAL ELLIPSIS}", room, size, bold=bold)
            return lines
    return [*lines, line] if line else lines


def shorten(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """The text, its end cut off with an ellipsis where it is wider than ``room`` points."""
    text = text[: int(room) + 1]  # no letter but a mark is narrower than a point
    if width(text, size, bold=bold) <= room:
        return text
    kept = ""
    for letter in text:
        if width(f"{kept}{letter}\N{HORIZONTAL ELLIPSIS}", size, bold=bold) > room:
            break
        kept += letter
    return f"{kept.rstrip()}\N{HORIZONTAL ELLIPSIS}"


def visible(text: str) -> str:
    """A text without letters that steer a screen or turn the direction; lines stay lines."""
    return "".join(letter for letter in text if letter in "\n\t" or category(letter) not in _HIDDEN)


LONGEST_SAID_BACK = 300
"""Letters of what others sent that an error says back."""


def tame(name: str, most: int = 80) -> str:
    """A name given by others, on one line and not endless, without letters that are not seen."""
    shown = "".join(
        " " if letter.isspace() else letter
        for letter in name[: most * 4]
        if letter.isspace() or category(letter) not in _HIDDEN
    )
    shown = " ".join(shown.split())
    return shown if len(shown) <= most else f"{shown[: most - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"
