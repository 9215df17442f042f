"""Forms as browsers send them (multipart/form-data, RFC 7578), read in memory and kept nowhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from zicht.errors import InputError
from zicht.publish.letters import tame

MOST_PARTS = 60
"""Fields and files of a form, at most."""

_LARGEST_HEAD = 2_000  # bytes before a part's content
_BOUNDARY = re.compile(
    r"""multipart/form-data\s*;.*?boundary=(?:"([^"]{1,70})"|([^\s";,]{1,70}))"""
)
_NAMED = re.compile(r"""[;\s]name="([^"]{0,60})\"""")
_FILE = re.compile(r"""[;\s]filename="([^"]{0,1000})\"""")


@dataclass
class Form:
    """A form that was sent.

    Attributes:
        fields: the values of its fields, by name.
        files: names and bytes of its files, by the field's name; those left empty are not there.
    """

    fields: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, list[tuple[str, bytes]]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The first value of a field, or an empty text."""
        return next(iter(self.fields.get(name, [])), "")


def boundary_of(content_type: str) -> str | None:
    """What parts the parts of a form, or ``None`` where it is no such form."""
    match = _BOUNDARY.match(content_type.strip())
    return (match[1] or match[2]) if match else None


def read_form(body: bytes, boundary: str) -> Form:
    """The fields and files of a form.

    Raises:
        InputError: it is broken off, or has too many parts.
    """
    mark = b"--" + boundary.encode("latin-1", "replace")
    pieces = (b"\r\n" + body).split(b"\r\n" + mark, MOST_PARTS + 2)
    if len(pieces) > MOST_PARTS + 2:
        raise InputError(f"The form has more than {MOST_PARTS} parts.", "Send less at once.")
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):  # noqa: PLR2004 - begin and end
        raise InputError("The form is broken off.", "Send it again.")
    form = Form()
    for piece in pieces[1:-1]:
        _take(form, piece)
    return form


def _take(form: Form, piece: bytes) -> None:
    head, blank, content = piece.lstrip(b" \t").partition(b"\r\n\r\n")
    if not blank or len(head) > _LARGEST_HEAD or not head.startswith(b"\r\n"):
        raise InputError("A part of the form cannot be read.", "Send it again.")
    disposition = next(
        (
            line
            for line in head.decode("utf-8", "replace").split("\r\n")
            if line.lower().startswith("content-disposition:")
        ),
        "",
    )
    named, file = _NAMED.search(disposition), _FILE.search(disposition)
    if named is None:
        raise InputError("A part of the form has no name.", "Send it again.")
    if file is None:
        text = content.decode("utf-8", "replace")
        form.fields.setdefault(named[1], []).append(text)
    elif content:
        name = tame(re.split(r"[/\\]", file[1])[-1], 120)
        form.files.setdefault(named[1], []).append((name, content))
