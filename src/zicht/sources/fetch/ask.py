"""Asking a service: one request at a time, at its pace, page by page, with its token."""

from __future__ import annotations

import ipaddress
import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx2

from zicht.errors import (
    InputError,
    NotFoundError,
    SourceRefusesError,
    SourceUnreachableError,
    UsageError,
)
from zicht.http import host_of, receive
from zicht.sources.service import Answer, Piece, Request, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from zicht.sources.fetch.kept import KeptAnswers

_MOST_PAGES = 1000
_REFUSED = ("401", "403")


class Asker:
    """Asks one service.

    Attributes:
        service: what is asked.
        address: where it answers.
        simulated: the lab answered in its place.

    Args:
        service: what is asked.
        client: of ``zicht.http.open_client``.
        address: where it answers, where that is not the service's own address.
        kept: answers of before, which are then asked for only if they have changed.
        pause: waits for so many seconds.
        clock: gives the time, by which answers are final.

    Raises:
        UsageError: the service needs a token and there is none, or the token would travel in the
            open.
    """

    def __init__(
        self,
        service: Service,
        client: httpx2.Client,
        *,
        address: str | None = None,
        kept: KeptAnswers | None = None,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.service = service
        self.address = address_of(service, address)
        self.simulated = False  # until the lab answers
        self._key = _key(service, self.address)
        self._client = client
        self._kept = kept
        self._pause = pause
        self._clock = clock
        self._next = 0.0  # on the monotonic clock

    def __repr__(self) -> str:
        return f"Asker({self.service.name!r}, {self.address!r})"

    def piece(self, piece: Piece) -> list[Answer]:
        """The answers to all requests of a piece, each followed to its last page.

        What the service has not is left out; without a request that is needed nothing is asked.

        Raises:
            InputError: pages go in a circle or never end.
            SourceRefusesError: the service does not take a question.
            SourceUnreachableError: the service cannot be reached, keeps failing, or refuses.
        """
        answers: list[Answer] = []
        for request in piece.requests:
            pages = list(self.pages(request))
            if request.needed and not pages:
                return []
            answers += pages
        return answers

    def pages(self, request: Request) -> Iterator[Answer]:
        """The pages that answer a request; none where the service has no such thing."""
        asked: set[str] = set()
        following: Request | None = request
        while following is not None:
            if following.address in asked or len(asked) == _MOST_PAGES:
                raise InputError(
                    f"{request.address}: its pages go in a circle, or never end.",
                    "The service may have changed.",
                )
            asked.add(following.address)
            try:
                answer = self.ask(following)
            except NotFoundError:
                return
            yield answer
            following = self.service.more(answer)

    def ask(self, request: Request) -> Answer:
        """The answer to one request, when its turn has come.

        Raises:
            NotFoundError: the service has no such thing.
            SourceRefusesError: it does not take the question.
            SourceUnreachableError: it cannot be reached, keeps failing, or refuses.
        """
        if host_of(request.address) != host_of(self.address):
            raise SourceUnreachableError(
                f"{self.service.title} sends to another host: {request.address[:200]!r}.",
                "The service may have moved; nothing was asked there.",
            )
        final = self._kept.final(request.address) if self._kept else None
        if final is not None:
            return Answer(request, final)
        self._wait()
        asked_at = self._clock()
        conditions = self._kept.conditions(request.address) if self._kept else {}
        headers = {"Accept": request.accept, **self._key, **conditions}
        try:
            received = receive(
                self._client,
                request.address,
                headers,
                largest=request.largest,
                pause=self._pause,
            )
        except SourceRefusesError:
            raise
        except SourceUnreachableError as error:
            raise _explained(error, self.service) from None
        self.simulated |= received.simulated
        if self._kept is None:
            return Answer(request, received.data)
        if received.unchanged:
            return Answer(request, self._kept.body(request.address) or b"")
        is_final = request.final is not None and asked_at >= request.final
        is_final &= not received.simulated  # else nobody would know it for the lab's next time
        self._kept.keep(request.address, received.data, received.headers, final=is_final)
        return Answer(request, received.data)

    def _wait(self) -> None:
        now = time.monotonic()
        if now < self._next:
            self._pause(self._next - now)
        self._next = max(now, self._next) + self.service.pace


def address_of(service: Service, address: str | None = None) -> str:
    """Where a service answers: as given, else as the environment says, else its own address.

    Raises:
        UsageError: that is no address of http or https.
    """
    chosen = address or os.environ.get(service.variable, "").strip() or service.address
    host_of(chosen)
    return chosen.rstrip("/")


def _key(service: Service, address: str) -> dict[str, str]:
    """The headers that carry the token, which no message and no log ever shows."""
    if not service.token:
        return {}
    token = os.environ.get(service.token, "").strip()
    if not token:
        raise UsageError(
            f"{service.title} needs a token.",
            f"Set {service.token} to yours; {service.documentation} tells how to get one.",
        )
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise UsageError(
            f"What {service.token} holds is no token.", "Copy it anew, without line ends."
        )
    if not _is_private(address):
        raise UsageError(
            f"The token of {service.title} would travel in the open to {address}.",
            "Give an address that begins with https://",
        )
    return dict(service.key(token))


def _is_private(address: str) -> bool:
    """Whether nobody between can read along: it is encrypted, or does not leave this machine."""
    url = httpx2.URL(address)
    if url.scheme == "https" or url.host == "localhost":
        return True
    try:
        return ipaddress.ip_address(url.host).is_loopback
    except ValueError:
        return False


def _explained(error: SourceUnreachableError, service: Service) -> SourceUnreachableError:
    if service.token and any(f"answers {code}" in error.message for code in _REFUSED):
        return SourceUnreachableError(
            f"{service.title} refuses the token in {service.token}. {error.message}",
            f"Is it still valid? {service.documentation} tells how to get one.",
        )
    return error
