"""Whether the services of sources can be asked: tokens, and on request an answer."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from zicht.errors import ZichtError
from zicht.http import open_client
from zicht.observe.diagnosis import Finding
from zicht.observe.services import SERVICES, service_of
from zicht.sources.fetch.ask import Asker, address_of
from zicht.sources.service import Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from zicht.sources.service import Service

_HOUR = timedelta(hours=1)


def check_services(
    *,
    online: bool = False,
    sources: Sequence[str] = SERVICES,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[Finding]:
    """Whether each source can be fetched from.

    Without ``online`` nothing goes out: only what is needed here is looked at. With it each service
    is asked for one small answer, which is read as any other.
    """
    for source in sources:
        service = service_of(source)
        try:
            lacking = service.token and not os.environ.get(service.token, "").strip()
            if lacking:
                yield _lacking(service)
            elif online:
                yield _ask(service, pause)
            else:
                detail = f"{address_of(service)}, not asked"
                yield Finding(check=f"source {source}", state="ok", detail=detail)
        except ZichtError as error:
            yield Finding(
                check=f"source {source}",
                state="fault",
                detail=error.message,
                remedy=error.hint or "",
            )


def _lacking(service: Service) -> Finding:
    return Finding(
        check=f"source {service.name}",
        state="warning",
        detail=f"{service.token} is not set",
        remedy=f"To fetch from {service.title}, get a token: {service.documentation}",
    )


def _ask(service: Service, pause: Callable[[float], None]) -> Finding:
    now = datetime.now(UTC)
    with open_client() as client:
        asker = Asker(service, client, pause=pause)
        begin = time.monotonic()
        answer = asker.ask(service.sample(asker.address, now))
        took = time.monotonic() - begin
    service.parse(Piece((), now - _HOUR, now, (answer.request,)), [answer])
    return Finding(
        check=f"source {service.name}",
        state="ok",
        detail=f"{asker.address} answers in {took:.1f} s",
    )
