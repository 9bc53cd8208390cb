"""Many at the same time."""

from __future__ import annotations

import asyncio
from typing import Any

from support.library import Library

openai = Library("openai")


async def test_a_hundred_streams_side_by_side(start: Any) -> None:
    client = start(pace_s=0.002)
    sdk = openai.AsyncOpenAI(api_key="psk_live_1", base_url=client.url, max_retries=0)
    begun: set[int] = set()
    together = 0

    async def stream(number: int) -> str:
        nonlocal together
        said = ""
        chunks = await sdk.chat.completions.create(
            model="plugsky-pro",
            messages=[{"role": "user", "content": f'call t with {{"n": {number}}}'}],
            tools=[{"type": "function", "function": {"name": "t", "parameters": {"type": "object"}}}],
            stream=True,
        )
        async for chunk in chunks:
            begun.add(number)
            together = max(together, len(begun))
            for call in chunk.choices[0].delta.tool_calls or []:
                said += call.function.arguments or ""
        begun.discard(number)
        return said

    said = await asyncio.gather(*(stream(number) for number in range(100)))
    await sdk.close()
    assert said == [f'{{"n": {number}}}' for number in range(100)]
    assert together > 10
