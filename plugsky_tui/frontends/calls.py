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
    if call.name == "task" and isinstance(prompt := call.arguments.get("prompt"), str):
        return _line(f"{call.arguments.get('agent') or 'general'}: {prompt}")
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


def full_input(call: ToolCalled) -> str:
    """Everything `call` was given, to be shown when it is opened; not cleaned."""
    if call.arguments is None:
        return call.raw or ""
    if len(call.arguments) == 1:
        only = next(iter(call.arguments.values()))
        return only if isinstance(only, str) else f"{only}"
    return "\n".join(_entry(name, value) for name, value in call.arguments.items())


def _entry(name: str, value: object) -> str:
    text = f"{value}"
    return f"{name}:\n{text}" if "\n" in text else f"{name}: {text}"


def _line(text: str) -> str:
    first = " ".join(text[: 2 * _LONGEST].split())
    return first if len(first) <= _LONGEST else first[: _LONGEST - 1] + "…"
