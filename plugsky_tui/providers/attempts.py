"""The tries of one request: whether there is another one after a failure, when, and what is told of it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.kernel.events import Retry
from plugsky_tui.kernel.ports import Restarted, StreamItem
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.errors import Refusal, StreamBroken, error_of
from plugsky_tui.providers.retry import asked_wait, server_says, wait_before_retry


class Refused(Exception):
    """The server answered, but not with success."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.status)
        self.refusal = refusal


@dataclass(slots=True)
class Attempts:
    """What one logical request has been through."""

    key: str = field(default_factory=lambda: os.urandom(16).hex())
    failures: int = 0
    conflicted: bool = False
    shown: bool = False  # this try has shown something
    call_begun: bool = False  # this try has shown something of a tool call
    request_id: str = ""  # of this try; "" until it is sent
    sent: set[str] = field(default_factory=set)  # by this try, of what a server may refuse
    since: float = field(default_factory=time.monotonic)  # its place among all requests, on every try

    def fresh_key(self) -> None:
        self.key = os.urandom(16).hex()


def after_failure(
    error: Refused | ProviderError, attempts: Attempts, endpoint: Endpoint, model: str
) -> list[StreamItem]:
    """What to tell before the request is sent again: a `Retry` as the last. Raises the final error where it is not."""
    if (
        isinstance(error, Refused)
        and error.refusal.status == 409
        and _may_send_afresh(error.refusal, attempts, endpoint)
    ):
        attempts.conflicted = True
        attempts.fresh_key()
        return [Retry(attempts.failures + 1, 0.0, 409, "the idempotency key was in use: sent with a fresh one")]
    attempts.failures += 1
    wait = wait_after(error, attempts.failures, endpoint)
    unsafe = attempts.call_begun or (attempts.shown and not isinstance(error, StreamBroken))
    if wait is None or unsafe or attempts.failures > endpoint.max_retries:
        final = final_error(error, endpoint, model, tries=attempts.failures)
        final.request_id = final.request_id or attempts.request_id
        raise final from None
    status = error.refusal.status if isinstance(error, Refused) else error.status
    retry = Retry(attempts.failures, round(wait, 3), status, final_error(error, endpoint, model).message)
    return [Restarted(), retry] if attempts.shown else [retry]


def wait_after(error: Refused | ProviderError, failures: int, endpoint: Endpoint) -> float | None:
    """Seconds to wait before the request is sent again; None where it must not be."""
    if isinstance(error, ProviderError):
        retryable, headers = error.retryable or isinstance(error, StreamBroken), {}
    else:
        retryable, headers = error.refusal.retryable, dict(error.refusal.headers)
    if not retryable:
        return None
    import random  # 4 ms, for failures only

    wait = wait_before_retry(headers, failures, now=time.time(), random=random.random)
    return wait if wait is None or endpoint.waits else 0.0


def final_error(error: Refused | ProviderError, endpoint: Endpoint, model: str = "", tries: int = 1) -> ProviderError:
    """The error for people, after so many tries."""
    if isinstance(error, Refused):
        asked = asked_wait(error.refusal.headers, time.time())
        error = error_of(error.refusal, endpoint, model=model, wait_s=asked)
    if tries > 1:
        error.message = f"{error.message} (Tried {tries} times.)"
    return error


def _may_send_afresh(refusal: Refusal, attempts: Attempts, endpoint: Endpoint) -> bool:
    """Once, under another key, where neither the server nor the user is against it."""
    return not attempts.conflicted and endpoint.max_retries > 0 and server_says(refusal.headers) is not False
