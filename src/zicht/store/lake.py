"""Where the files of a store lie: a folder of this host, or an object store that many hosts share.

A lake keeps bytes by name, such as ``series/_delta_log/00000000000000000007.json``. The one thing
that everything rests on is ``create``: of all who make a name, whoever and wherever they are, one
succeeds, and what it made is there wholly or not at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from zicht.errors import StoreError
    from zicht.store.files import DataFile


class Lake(Protocol):
    """A lake.

    Attributes:
        address: how people name it: a path, or ``s3://BUCKET/PREFIX``.
        host: the folder of what this host keeps for itself; of a folder it is the folder.
        options: what deltalake needs to know to open a table of it.
        shared: whether other hosts write to it, whom a lock of this one does not keep out.
    """

    address: str
    host: Path
    options: dict[str, str]
    shared: bool

    def table_address(self, table: str) -> str:
        """What deltalake opens."""

    def prepare(self, table: str) -> None:
        """Make what a table needs before its first commit."""

    def read(self, name: str) -> bytes | None:
        """The bytes of a name; ``None`` where there is none."""

    def read_some(self, names: Sequence[str]) -> list[bytes]:
        """The bytes of names, up to the first that is not there."""

    def create(self, name: str, data: bytes) -> bool:
        """Make a name that is not there; whether it was made. It never replaces one."""

    def put(self, name: str, data: bytes) -> None:
        """Make or replace a name, wholly or not at all."""

    def delete(self, name: str) -> None:
        """Take a name away, if it is there."""

    def names(self, folder: str) -> list[str]:
        """The names that begin with ``folder`` and a slash, sorted."""

    def stamp(self, folder: str) -> str:
        """A word that is another one once any name in the folder was made, replaced or deleted."""

    def folder_of(self, table: str) -> Path:
        """Where this host has a table's data files: those that ``fetch`` was asked for."""

    def publish(self, table: str, file: DataFile) -> None:
        """Bring a file that was written into ``folder_of`` to all."""

    def fetch(self, table: str, files: Iterable[DataFile]) -> None:
        """Bring data files into ``folder_of``.

        Raises:
            FilesGoneError: one is not there.
        """

    def mark_replaced(self, table: str, files: Iterable[DataFile]) -> None:
        """Date files that are about to be replaced: the clean-up counts from then on."""

    def left_over(self, table: str) -> list[str] | None:
        """Names of data files that may be no part of the table any more, since a day at least.

        ``None`` where only the log can tell.
        """

    def delete_data(self, table: str, name: str) -> None:
        """Delete a data file by its name."""

    def told(self, error: Exception) -> StoreError | None:
        """What an error of the lake means for people; ``None`` where it is none of its own."""
