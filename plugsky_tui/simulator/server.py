"""The simulator itself: an HTTP server on an asyncio loop, in its own process or in somebody else's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from plugsky_tui.simulator.keys import KeyRing
from plugsky_tui.simulator.limits import DEFAULT_PLAN, Limits, Plan
from plugsky_tui.simulator.service import DEFAULT_PACE_S, Service

if TYPE_CHECKING:
    from pathlib import Path

    from plugsky_tui.simulator.faults import Faults
    from plugsky_tui.simulator.reception import Reception
    from plugsky_tui.simulator.script import Script

BACKLOG = 1024  # connections that may wait to be taken: with asyncio's 100, of 400 at once some wait a second


class Simulator:
    """The offline Plugsky API.

    `script` plays prepared replies, `${workspace}` in them standing for `workspace`; without one
    a rule-based agent answers. `pace_s` is the pause between two streamed chunks (0: none), `keys`
    the keys that are valid, `plan` the limits of each, `faults` what goes wrong on purpose.

        simulator = Simulator()
        url = await simulator.start()   # "http://127.0.0.1:40123/v1"
        ...
        await simulator.stop()
    """

    def __init__(
        self,
        script: Script | None = None,
        workspace: Path | None = None,
        *,
        pace_s: float = DEFAULT_PACE_S,
        max_body: int | None = None,
        keys: KeyRing | None = None,
        plan: Plan = DEFAULT_PLAN,
        faults: Faults | None = None,
    ) -> None:
        if script is not None and workspace is not None:
            script = script.placed_in(workspace)
        self._service = Service(script, pace_s, keys or KeyRing(), Limits(plan), faults)
        self._max_body = max_body
        self._server: asyncio.Server | None = None
        self._reception: Reception | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen (port 0: any free one). The API's base URL. OSError where host or port cannot be had."""
        from plugsky_tui.simulator.endpoints import ROUTES  # with h11: only a simulator that runs needs them
        from plugsky_tui.simulator.reception import Reception
        from plugsky_tui.simulator.routing import Router

        self._reception = Reception(self._service, Router(ROUTES))
        self._server = await asyncio.start_server(self._connected, host, port, backlog=BACKLOG)
        bound_port = self._server.sockets[0].getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{bound_port}/v1"

    async def stop(self) -> None:
        """Stop listening and end every connection at once. Does nothing where it does not run."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        if self._reception is not None:
            await self._reception.close()
        await server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from plugsky_tui.simulator.http import MAX_BODY, Connection

        task, reception = asyncio.current_task(), self._reception
        assert task is not None and reception is not None
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        try:
            max_body = self._max_body or MAX_BODY
            await Connection(reader, writer, reception.answer, reception.refuse, max_body=max_body).serve()
        except asyncio.CancelledError:
            pass  # stop() ends us; asyncio's stream protocol would report a cancelled task as an error
