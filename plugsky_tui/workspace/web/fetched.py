"""What a URL gave, and the port through which tools ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from plugsky_tui.kernel.record import record


@record
class Fetched:
    """One answer. `url` is where it came from in the end.

    `media_type` ("text/html") and `charset` are as the server says, in lower case, "" where it says nothing. `body`
    is without its transfer's compression; `whole` is False where it was longer than is read, or broke off; `size` is how many
    bytes it has in all, as the server says.
    `redirect` is a URL it sends to that was not followed, `why` not.
    """

    url: str
    status: int
    media_type: str = ""
    charset: str = ""
    body: bytes = b""
    whole: bool = True
    size: int | None = None
    redirect: str = ""
    why: str = ""


class Fetcher(Protocol):
    """URLs are as `urls.web_url` makes them."""

    async def reaches(self, url: str) -> Sequence[str]:
        """What the gate has to judge beside `url`: the addresses of this network that its host's name leads to, as URLs."""
        ...

    async def fetch(self, url: str, approved: Sequence[str]) -> Fetched:
        """What `url` gives. `approved` is what `reaches` gave and the gate has let pass. ToolError where nothing came."""
        ...
