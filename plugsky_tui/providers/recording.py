"""Records what goes between the client and its servers onto a tape, an exchange at a time as it ends."""

from __future__ import annotations

import json
import os
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path

from plugsky_tui.kernel.errors import ProviderError, UsageError
from plugsky_tui.kernel.redaction import REDACTED, redact
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.format import Answer, Transport
from plugsky_tui.providers.retry import asked_wait
from plugsky_tui.providers.rewriting import rewrite
from plugsky_tui.providers.tape import HEADERS, Exchange, Failure, Header, exchange_line, header_line

_SECRET_HEADERS = ("auth", "key", "token", "secret", "cookie")  # parts of names of headers whose values are secrets

_SHORTEST = 8  # characters: a shorter "key" would be found in everything


class Recorder:
    """A tape being written. It never raises for a full disk: `problem` then says so, and the run goes on."""

    def __init__(self, path: Path, header: Header, keys: Callable[[], Sequence[str]]) -> None:
        """`keys` are those in use now: they are taken out of all that is written.

        UsageError where `path` exists already or cannot be written.
        """
        self.problem = ""
        self._path = path
        self._keys = keys
        self._begun = 0
        self._written = 0
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            self._handle = os.open(path, flags, 0o600)
        except FileExistsError:
            raise exists_already(path) from None
        except OSError as error:
            raise UsageError(
                f"--record {path}: {error.strerror}", hint="Name a file in a folder you can write to."
            ) from error
        self._write(header_line(header))

    def connect(self, endpoint: Endpoint) -> Transport:
        """What carries requests to `endpoint`, and notes them."""
        from plugsky_tui.providers.http import HttpClient

        return _RecordedTransport(self, endpoint, HttpClient(endpoint))

    def begin(self, endpoint: Endpoint, method: str, url: str, body: bytes | None) -> Exchange:
        self._begun += 1
        path = url.removeprefix(endpoint.url(""))
        text = redact(body.decode("utf-8", "replace"), self._secrets(endpoint)) if body else "null"
        return Exchange(self._begun, endpoint.name, method, path, json.loads(text))

    def end(self, exchange: Exchange, endpoint: Endpoint) -> None:
        """Write it, in one piece."""
        secrets = self._secrets(endpoint)
        exchange.chunks = rewrite(exchange.chunks, dict.fromkeys(secrets, REDACTED))
        exchange.headers = {name: redact(value, secrets) for name, value in exchange.headers.items()}
        if exchange.failure is not None:
            exchange.failure.message = redact(exchange.failure.message, secrets)
        self._written += 1
        self._write(exchange_line(exchange))

    def close(self) -> None:
        """A tape on which nothing was recorded is no tape: it goes."""
        os.close(self._handle)
        if not self._written:
            self._path.unlink(missing_ok=True)

    def _secrets(self, endpoint: Endpoint) -> list[str]:
        own = [
            value.split()[-1]
            for name, value in endpoint.headers.items()
            if value.strip() and any(part in name.lower() for part in _SECRET_HEADERS)
        ]
        return [secret for secret in (*self._keys(), *own) if len(secret) >= _SHORTEST]

    def _write(self, line: bytes) -> None:
        try:
            while line and not self.problem:
                line = line[os.write(self._handle, line) :]
        except OSError as error:
            self.problem = f"The recording ends here: {self._path}: {error.strerror}."


class _RecordedTransport:
    def __init__(self, recorder: Recorder, endpoint: Endpoint, inner: Transport) -> None:
        self._recorder = recorder
        self._endpoint = endpoint
        self._inner = inner

    async def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        exchange = self._recorder.begin(self._endpoint, method, url, body)
        began = time.monotonic()
        try:
            answer = await self._inner.send(method, url, headers, body)
        except ProviderError as error:
            exchange.failure = _failure(error)
            self._recorder.end(exchange, self._endpoint)
            raise
        exchange.status, exchange.headers = answer.status, _useful(answer.headers)
        return _RecordedAnswer(self._recorder, self._endpoint, exchange, answer, began)

    async def aclose(self) -> None:
        await self._inner.aclose()


class _RecordedAnswer:
    def __init__(self, recorder: Recorder, endpoint: Endpoint, exchange: Exchange, inner: Answer, began: float) -> None:
        self.status = inner.status
        self.headers = inner.headers
        self._recorder = recorder
        self._endpoint = endpoint
        self._exchange: Exchange | None = exchange
        self._inner = inner
        self._began = began
        self._whole = False

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        try:
            async with aclosing(self._inner.chunks()) as chunks:
                async for chunk in chunks:
                    self._note(chunk)
                    yield chunk
        except ProviderError as error:
            if self._exchange is not None:
                self._exchange.failure = _failure(error)
            raise
        self._whole = True

    async def read(self, limit: int, seconds: float | None = None) -> bytes:
        body = await self._inner.read(limit, seconds)
        self._note(body)
        self._whole = True
        return body

    async def aclose(self) -> None:
        await self._inner.aclose()
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.left = not self._whole and exchange.failure is None
            self._recorder.end(exchange, self._endpoint)

    def _note(self, chunk: bytes) -> None:
        if self._exchange is not None:
            self._exchange.chunks.append((time.monotonic() - self._began, chunk))


def exists_already(path: Path) -> UsageError:
    return UsageError(
        f"--record {path}: the file exists already.",
        hint="Give another name, or remove it: no recording is written over.",
    )


def _failure(error: ProviderError) -> Failure:
    return Failure(error.code, error.message, error.hint, error.retryable)


def _useful(headers: Mapping[str, str]) -> dict[str, str]:
    """Those that say how the answer is to be read; a date to wait for becomes seconds, which stay true."""
    useful = {name: headers[name] for name in HEADERS if name in headers}
    if "retry-after" in useful and (seconds := asked_wait({"retry-after": useful["retry-after"]}, time.time())):
        useful["retry-after"] = f"{seconds:g}"
    return useful
