"""What the endpoints share: the models, the pace of streams, who makes the replies, and what is kept between requests."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plugsky_tui.simulator.conversation import Conversation, Reply
from plugsky_tui.simulator.keys import KeyRing
from plugsky_tui.simulator.ledger import Ledger
from plugsky_tui.simulator.limits import Limits
from plugsky_tui.simulator.models import Catalogue
from plugsky_tui.simulator.plutos_results import Results

if TYPE_CHECKING:
    from plugsky_tui.simulator.faults import Fault, Faults
    from plugsky_tui.simulator.script import Script, ScriptedReply

DEFAULT_PACE_S = 0.005
FAULT_HEADER = "x-simulator-fault"


@dataclass(slots=True)
class Service:
    """One simulator's state. `pace_s` is the pause between two chunks of a stream, in seconds."""

    script: Script | None = None
    pace_s: float = DEFAULT_PACE_S
    keys: KeyRing = field(default_factory=KeyRing)
    limits: Limits = field(default_factory=Limits)
    faults: Faults | None = None
    catalogue: Catalogue = field(default_factory=Catalogue)
    ledger: Ledger = field(default_factory=Ledger)
    processed: Results = field(default_factory=Results)

    def scripted(self, conversation: Conversation) -> ScriptedReply | None:
        """What the script has for this request; None where the agent is to answer. ApiError where it has run out."""
        return self.script.next(conversation) if self.script else None

    async def think(self, conversation: Conversation) -> Reply:
        """The rule-based agent's reply. In a thread: it may parse large files, and the loop may draw a UI."""
        from plugsky_tui.simulator.agent import answer  # a third of the start-up, and not needed for it

        return await asyncio.to_thread(answer, conversation)

    def faults_of(self, headers: Mapping[str, str]) -> list[Fault]:
        """The faults a request with `headers` (names in lower case) is to meet. ApiError 400 for one there is not."""
        wanted = headers.get(FAULT_HEADER)
        if wanted is None and self.faults is None:
            return []
        if self.faults is None:
            from plugsky_tui.simulator.faults import Faults  # only where one is asked for

            self.faults = Faults()
        return self.faults.of(wanted)
