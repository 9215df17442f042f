"""What a page says is beside it is there."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from zicht.web.desk import Desk

_LINK = re.compile(r'href="(/api/[^"]+)"')


@pytest.mark.parametrize("page", ["/", "/events", "/events?entity=KZ", "/health", "event"])
@pytest.mark.parametrize("time", ["", "2030-03-22T00:05:00Z"])
def test_every_address_of_data_on_a_page_answers(
    client: TestClient, desk: Desk, page: str, time: str
) -> None:
    if page == "event":
        page = f"/event/{desk.view().events[0].id}"
    shown = client.get(f"/en{page}", params={"as_of": time} if time else None)
    assert shown.status_code == 200
    addresses = {html.unescape(one) for one in _LINK.findall(shown.text)}
    assert addresses
    for address in addresses:
        assert client.get(address).status_code == 200, address
        assert not time or "as_of=2030-03-22" in address or "/health" in address
