"""The way from a conversation to a reply that all surfaces of the API share: the script first, then the agent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from plugsky_tui.simulator.conversation import Conversation, Reply
from plugsky_tui.simulator.service import Service
from plugsky_tui.simulator.streaming import Delivery


@dataclass(slots=True)
class Answer:
    """What is to be sent. `prepared`: a script gave the reply, which is then sent as it is.

    `deltas` are the exact pieces of the text where the script gives them. Where `raw` is set, these
    bytes are the whole answer and `reply` says nothing.
    """

    reply: Reply
    delivery: Delivery
    prepared: bool = False
    deltas: list[str] | None = None
    raw: list[bytes] | None = None


async def answer(service: Service, conversation: Conversation) -> Answer:
    """The answer to `conversation`, after the delay its script asks for. ApiError where the script has an error, or ends."""
    scripted = service.scripted(conversation)
    if scripted is None:
        return Answer(await service.think(conversation), Delivery(service.pace_s))
    delivery = scripted.delivery(service.pace_s)
    await asyncio.sleep(delivery.delay_s)
    if scripted.error is not None:
        raise scripted.error
    if scripted.raw is not None:
        return Answer(Reply(), delivery, prepared=True, raw=scripted.raw)
    if scripted.reply is None:  # the script hands this request on
        return Answer(await service.think(conversation), delivery)
    return Answer(scripted.reply, delivery, prepared=True, deltas=scripted.deltas)
