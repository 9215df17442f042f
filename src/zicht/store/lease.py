"""Who is at it alone: the lock of a file in a folder, a lease with an expiry in an object store.

A lease is a row of small objects with numbers, of which each is made once (``Lake.create``). Who
makes the next number holds the lease, and renews it by the next. Whoever else wants it waits until
no new number has come for ``EXPIRY`` seconds by a clock of its own, so that hosts' clocks need not
agree; the holder stops for itself a good deal earlier. Each change of the holder begins a *term*
with a higher number, by which the store refuses what an earlier holder, who slept meanwhile, writes
late (``Store.fenced``; fencing tokens after Kleppmann, "How to do distributed locking", 2016).
"""

from __future__ import annotations

import os
import time
import uuid
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import msgspec

from zicht.store.faults import writing
from zicht.store.lock import locked_if_free

if TYPE_CHECKING:
    from collections.abc import Callable

    from zicht.store.lake import Lake

EXPIRY = 30.0
"""Seconds without a renewal after which others may take a lease."""

_HELD = 2 / 3  # of the expiry: for so long a holder trusts its last renewal
_KEPT = 20  # numbers that stay, so that nobody makes an old one anew
_FOLDER = "leases"


class Tenure(msgspec.Struct, frozen=True, kw_only=True):
    """What a number of a lease says.

    Attributes:
        holder: the id of who made it; each process has one of its own.
        name: how people name the holder.
        host: the name of its host.
        term: the number of the term, the first being 1.
        made_at: when, by the holder's clock.
        ended: the holder gave it back.
    """

    holder: str
    name: str
    host: str
    term: int
    made_at: datetime
    ended: bool = False


class Lease(Protocol):
    """Something that one process at a time has."""

    @property
    def term(self) -> int | None:
        """The term's number while it is held; ``None`` of a lock, which needs none."""

    @property
    def holder(self) -> str:
        """Who has it, for people, if that is known."""

    @property
    def beat(self) -> int | None:
        """A number that is another one whenever its holder shows that it lives.

        ``None`` of a lock, whose holder lives.
        """

    def take(self) -> bool:
        """Take it or renew it; whether that was done.

        It may have taken so long that it is not held any more: ``is_held`` tells.
        """

    def is_held(self) -> bool:
        """Whether it is held for certain."""

    def end(self) -> None:
        """Give it back."""


def open_lease(lake: Lake, what: str, name: str, *, expiry: float = EXPIRY) -> Lease:
    """The lease of something in a lake; it is not taken yet.

    Args:
        lake: of the store.
        what: what one process at a time has, a part of a file's name.
        name: how people name this process.
        expiry: seconds.
    """
    if lake.shared:
        return ObjectLease(lake, what, name, expiry=expiry)
    return FileLease(lake, what)


class FileLease:
    """The lock of a file: the kernel takes it from a holder who dies."""

    def __init__(self, lake: Lake, what: str) -> None:
        self._folder = lake.host
        self._file = lake.host / f".{what}.lock"
        self._stack: ExitStack | None = None
        self.term: int | None = None
        self.beat: int | None = None
        self.holder = "another process of this host"

    def take(self) -> bool:
        """Take the lock, if it is free.

        Raises:
            StoreError: the file cannot be made.
        """
        if self._stack is None:
            with writing(self._folder), ExitStack() as stack:
                if stack.enter_context(locked_if_free(self._file)):
                    self._stack = stack.pop_all()
        return self._stack is not None

    def is_held(self) -> bool:
        """Whether it was taken."""
        return self._stack is not None

    def end(self) -> None:
        """Free the lock."""
        if self._stack is not None:
            self._stack.close()
            self._stack = None


class ObjectLease:
    """A lease in an object store; see the module."""

    def __init__(
        self,
        lake: Lake,
        what: str,
        name: str,
        *,
        expiry: float = EXPIRY,
        clock: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
    ) -> None:
        self._lake = lake
        self._folder = f"{_FOLDER}/{what}"
        self._id = str(uuid.uuid4())
        self._name = name
        self._expiry = expiry
        self._clock = clock
        self._until = 0.0  # when what was last renewed is no longer trusted
        self._number = 0  # the last number that was seen
        self._seen = 0.0  # since when
        self._tenure: Tenure | None = None

    @property
    def term(self) -> int | None:
        """The term's number while this process holds it."""
        return self._tenure.term if self._tenure is not None and self.is_held() else None

    @property
    def holder(self) -> str:
        """Who has it, for people."""
        one = self._tenure
        return "nobody" if one is None or one.ended else f"{one.name} on {one.host}"

    @property
    def beat(self) -> int | None:
        """The last number that was seen."""
        return self._number

    def is_held(self) -> bool:
        """Whether it is held: nobody else can have it yet, however long the last renewal took."""
        return self._is_own() and self._clock() < self._until

    def take(self) -> bool:
        """Take it where it is free or has expired, or renew it; whether that was done.

        Raises:
            StoreError: the object store cannot be reached; whether it is held tells ``is_held``.
        """
        begun = self._clock()
        if not self._is_own():
            self._look()
            if not self._is_free():
                return False
        term = self._term_before() + (not self._is_own())
        if not self._make(self._number + 1, term):
            self._tenure = None  # another was quicker
            self._look()
            return False
        self._until = begun + self._expiry * _HELD
        if self._number > _KEPT:
            self._lake.delete(self._name_of(self._number - _KEPT))
        return True

    def end(self) -> None:
        """Give it back, so that another need not wait.

        Raises:
            StoreError: the object store cannot be reached; it expires then.
        """
        if self._is_own():
            self._make(self._number + 1, self._term_before(), ended=True)
            self._until = 0.0

    def _is_own(self) -> bool:
        one = self._tenure
        return one is not None and one.holder == self._id and not one.ended

    def _term_before(self) -> int:
        return 0 if self._tenure is None else self._tenure.term

    def _is_free(self) -> bool:
        if self._tenure is None or self._tenure.ended:
            return True
        return self._clock() - self._seen > self._expiry

    def _look(self) -> None:
        """Find the last number, and see whether it is another one than before."""
        number = self._last()
        if number == self._number and self._tenure is not None:
            return
        data = self._lake.read(self._name_of(number)) if number else None
        self._tenure = None if data is None else msgspec.json.decode(data, type=Tenure)
        self._number, self._seen = number, self._clock()

    def _last(self) -> int:
        numbers = [name.rpartition("/")[2].removesuffix(".json") for name in self._names()]
        return max((int(one) for one in numbers if one.isdigit()), default=0)

    def _names(self) -> list[str]:
        return self._lake.names(self._folder)

    def _make(self, number: int, term: int, *, ended: bool = False) -> bool:
        """Make the next number, and see that it is the last: an older one may have been deleted."""
        tenure = Tenure(
            holder=self._id,
            name=self._name,
            host=os.uname().nodename,
            term=term,
            made_at=datetime.now(UTC),
            ended=ended,
        )
        if not self._lake.create(self._name_of(number), msgspec.json.encode(tenure)):
            return False
        if self._last() != number:
            return False
        self._tenure, self._number, self._seen = tenure, number, self._clock()
        return True

    def _name_of(self, number: int) -> str:
        return f"{self._folder}/{number:020}.json"
