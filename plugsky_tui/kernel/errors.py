"""The error hierarchy. Every error a user can meet carries what to do next."""

from __future__ import annotations


class PlugskyError(Exception):
    """An error that is shown to the user as `message` and, on the next line, `hint`.

    `code` is a stable word for scripts (the `code` of an `error` event); `exit_code` is what
    a command ends with when the error reaches its top.
    """

    code = "error"
    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code:
            self.code = code


class UsageError(PlugskyError):
    """The command line is wrong."""

    code = "usage"
    exit_code = 2


class ConfigError(UsageError):
    """A configuration file is wrong; the message names file, line and key."""

    code = "config"


class ProviderError(PlugskyError):
    """The API did not answer as it should.

    `status` is the HTTP status (None where there was none: DNS, TLS, a cut stream),
    `request_id` the server's name for the request, `retry_after_s` what it asked us to wait.
    """

    code = "provider"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        code: str = "",
        status: int | None = None,
        request_id: str = "",
        retryable: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.status = status
        self.request_id = request_id
        self.retryable = retryable
        self.retry_after_s = retry_after_s


class ToolError(PlugskyError):
    """A tool cannot do what it was asked. `message` and `hint` both go to the model."""

    code = "tool"


class ThreadStoreError(PlugskyError):
    """A thread cannot be read or written."""

    code = "thread"
