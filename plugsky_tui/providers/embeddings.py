"""Vectors of texts from an OpenAI-compatible server: `POST /embeddings`.

The API's embeddings page: up to 2,048 texts a request, of up to 8,191 tokens each. Other servers take fewer, and say so
with a 400, 413 or 422 (llama.cpp with a 500): a request that is too large is sent in halves, and so is a text that is
too long, whose vector is then the mean of those of its parts.
"""

from __future__ import annotations

import asyncio
import binascii
import math
import re
import sys
from array import array
from base64 import b64decode
from collections.abc import Callable, Sequence
from typing import Any

from plugsky_tui.kernel.errors import ConfigError, ProviderError
from plugsky_tui.kernel.events import Notice, Retry
from plugsky_tui.providers.client import Client
from plugsky_tui.providers.errors import host_of

MAX_INPUTS = 2048
MAX_ANSWER_BYTES = 128 << 20  # 2,048 vectors of 4,096 numbers in base64 are 45 MB, written out as decimals more
_SHORTEST = 200  # characters: a text below that is too long for no model
_LARGE = r"(?i)too (?:large|long|many|big)|at most|maximum|exceed|less than|limit|context[_ ](?:length|window)"


def _nobody(word: Notice | Retry) -> None:
    pass


class Embeddings:
    """One embedding model. `told` hears of waits, as they begin; `dimensions` is how many numbers a vector has, where
    that is known before the first answer."""

    def __init__(
        self,
        client: Client,
        model: str,
        *,
        told: Callable[[Notice | Retry], None] = _nobody,
        dimensions: int | None = None,
    ) -> None:
        """ConfigError where the endpoint's format has no embeddings."""
        endpoint = client.endpoint
        if endpoint.kind != "openai-chat":
            raise ConfigError(
                f'providers.{endpoint.name}: an endpoint of kind = "{endpoint.kind}" has no embeddings.',
                hint="Choose a model of another endpoint: plugsky config set index.model plugsky-embed",
            )
        self.dimensions = dimensions
        self.requests = 0  # those that were answered
        self._client = client
        self._model = model
        self._told = told
        self._most = MAX_INPUTS  # texts a request, as learned
        self._plain = False  # encoding_format was refused
        self._refusals = 0

    @property
    def host(self) -> str:
        """Where texts are sent to, for people."""
        return host_of(self._client.endpoint)

    async def embed(self, texts: Sequence[str]) -> list[array[float]]:
        """The vectors of `texts`, none of which is empty: 32-bit floats, of the length 1; of the length 0 where the
        model sees no direction in a text. ProviderError for whatever goes wrong."""
        vectors: list[array[float]] = []
        while len(vectors) < len(texts):
            vectors += await self._some(texts[len(vectors) : len(vectors) + self._most])
        return vectors

    async def _some(self, texts: Sequence[str]) -> list[array[float]]:
        try:
            return await self._ask(texts)
        except ProviderError as error:
            if not _about_size(error):
                raise
            if len(texts) == 1:
                return [await self._in_parts(texts[0], error)]
        self._refusals += 1
        refusals = self._refusals
        # Before anything was ever answered, one text alone tells whether it is the size at all.
        middle = len(texts) // 2 if self.requests else 1
        vectors = await self.embed(texts[:middle]) + await self.embed(texts[middle:])
        if self._refusals == refusals and middle > 1:
            self._most = min(self._most, len(texts) - middle)
        return vectors

    async def _in_parts(self, text: str, error: ProviderError) -> array[float]:
        """The mean of the vectors of both halves, each counting by its length."""
        self._refusals += 1
        if len(text) < _SHORTEST or not (error.code == "context_length" or re.search(_LARGE, error.message)):
            raise error
        line_end = text.rfind("\n", len(text) // 4, len(text) * 3 // 4)
        middle = line_end + 1 or len(text) // 2
        parts = [part for part in (text[:middle], text[middle:]) if part.strip()]
        vectors = [(await self.embed([part]))[0] for part in parts]
        weighted = [[value * len(part) for value in vector] for part, vector in zip(parts, vectors, strict=True)]
        return _normal([math.fsum(values) for values in zip(*weighted, strict=True)])

    async def _ask(self, texts: Sequence[str]) -> list[array[float]]:
        body: dict[str, Any] = {"model": self._model, "input": list(texts)}
        if not self._plain:
            body["encoding_format"] = "base64"  # a quarter of what decimals take
        try:
            answer = await self._client.ask(
                "embeddings", body, model=self._model, told=self._told, limit=MAX_ANSWER_BYTES
            )
        except ProviderError as error:
            if not self._plain and error.status in (400, 422) and "encoding_format" in error.message:
                self._plain = True
                return await self._ask(texts)
            raise self._explained(error) from None
        vectors = await asyncio.to_thread(self._vectors, answer, len(texts))
        self.requests += 1
        return vectors

    # --- what was answered ------------------------------------------------------------------------

    def _vectors(self, answer: Any, count: int) -> list[array[float]]:
        data = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
            raise self._bad("no list of vectors")
        if len(data) != count:
            raise self._bad(f"{len(data)} vectors for {count} texts")
        places = [item.get("index", at) for at, item in enumerate(data)]
        if sorted(place for place in places if type(place) is int) != list(range(count)):
            raise self._bad("vectors whose numbers fit no texts")
        found: dict[int, array[float]] = {}
        for place, item in zip(places, data, strict=True):
            found[place] = self._vector(item.get("embedding"))
        return [found[place] for place in range(count)]

    def _vector(self, written: Any) -> array[float]:
        match written:
            case str():
                values: Sequence[float] = self._decoded(written)
            case list() if written and all(type(value) in (int, float) for value in written):
                values = written
            case _:
                raise self._bad("something else than vectors")
        if self.dimensions is None:
            self.dimensions = len(values)
        if len(values) != self.dimensions:
            raise ProviderError(
                f"{self._model} at {self.host} answers with vectors of {len(values):,} numbers, "
                f"where they had {self.dimensions:,} before.",
                hint="It is another model now: plugsky index --clear forgets the old vectors, plugsky index makes new ones.",
                code="bad_answer",
            )
        try:
            return _normal(values)
        except (OverflowError, ValueError):
            raise self._bad("vectors with numbers that are none (NaN, infinity)") from None

    def _decoded(self, written: str) -> array[float]:
        try:
            values = array("f", b64decode(written, validate=True))
        except (binascii.Error, ValueError):
            raise self._bad("vectors that are no base64 of 32-bit floats") from None
        if not values:
            raise self._bad("empty vectors")
        if sys.byteorder == "big":
            values.byteswap()
        return values

    def _bad(self, what: str) -> ProviderError:
        return ProviderError(
            f"{self.host} answered with {what} ({self._model}).",
            hint="What was made before is kept. Try again; if it stays so, this server's /embeddings is no "
            "OpenAI-compatible one: choose another model (index.model).",
            code="bad_answer",
        )

    def _explained(self, error: ProviderError) -> ProviderError:
        """The client speaks of conversations, where this is about texts and embedding models."""
        if error.code == "context_length":
            error.message = error.message.replace("The conversation is", "A text is")
            error.hint = "Choose a model that takes longer texts: plugsky config set index.model NAME"
        elif error.status in (400, 404, 405, 422, 501):
            error.hint = (
                f"Is {self._model} an embedding model, and does {self.host} offer it? plugsky models lists what there "
                "is; -m NAME takes another one, plugsky config set index.model NAME keeps it."
            )
        elif error.status == 413 or error.code == "server_error":
            error.hint = "Try again in a while: what was made before is kept."
        return error


def _about_size(error: ProviderError) -> bool:
    """Whether fewer or shorter texts may help."""
    if error.status in (400, 413, 422):
        return error.code != "insufficient_quota"
    return error.status == 500 and re.search(r"(?i)too (?:large|long)|physical batch size", error.message) is not None


def _normal(values: Sequence[float]) -> array[float]:
    """`values` made as long as 1, as 32-bit floats; zeros stay zeros. ValueError where one is not finite."""
    length = math.hypot(*values)
    if not math.isfinite(length):
        raise ValueError("not finite")
    return array("f", [value / length for value in values]) if length else array("f", values)
