"""A tool call in one line."""

from __future__ import annotations

from plugsky_tui.kernel.events import ToolCalled

# The parameter that tells people most about a call, for the names tools commonly use.
_TELLING = ("command", "file_path", "path", "pattern", "url", "query", "question", "name", "prompt", "job_id")
_LONGEST = 300


def summary(call: ToolCalled) -> str:
    """What `call` is about, on one line and without its name; not cleaned."""
    if call.arguments is None:
        return _line(call.raw or "")
    for name in _TELLING:
        value = call.arguments.get(name)
        if isinstance(value, str) and value:
            return _line(value)
    match call.arguments:
        case {"items": list(items)}:
            return f"{len(items)} items"
        case {"patch": str(patch)}:
            return _line(patch)
        case _:
            return _line(", ".join(f"{name}={value}" for name, value in call.arguments.items()))


def _line(text: str) -> str:
    first = " ".join(text[: 2 * _LONGEST].split())
    return first if len(first) <= _LONGEST else first[: _LONGEST - 1] + "…"
