"""What language servers find wrong: read from what they send, compared, and told in lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

ERROR, WARNING = 1, 2
SEVERITIES = {ERROR: "error", WARNING: "warning", 3: "information", 4: "hint"}  # DiagnosticSeverity

_MESSAGE_LIMIT = 600  # characters of one message


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """`line` and `column` count from 1, columns in characters. `text` is the line it is on, without its indentation."""

    line: int
    column: int
    severity: int
    message: str
    code: str = ""
    source: str = ""  # who says it: the server, or a checker that it runs
    text: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same after other lines have changed."""
        return self.message, self.code, self.text

    def shown(self, name: str) -> str:
        """`name:3:7: error: message (code)`, on one line."""
        code = f" ({self.code})" if self.code else ""
        return f"{name}:{self.line}:{self.column}: {SEVERITIES.get(self.severity, 'error')}: {self.message}{code}"


def read_diagnostics(items: Any, text: str) -> list[Diagnostic]:
    """The diagnostics in `items`, as a server sends them for a file with this `text`; what has no shape is left out."""
    if not isinstance(items, list):
        return []
    lines = lines_of(text)
    found: list[Diagnostic] = []
    for item in items:
        try:
            found.append(_read(item, lines))
        except (TypeError, KeyError, AttributeError, ValueError):
            continue
    return sorted(dict.fromkeys(found))


def _read(item: dict[str, Any], lines: Sequence[str]) -> Diagnostic:
    start = item["range"]["start"]
    line, units = int(start["line"]), int(start["character"])
    text = lines[line] if 0 <= line < len(lines) else ""
    severity = item.get("severity")
    code = item.get("code")
    return Diagnostic(
        line=max(0, line) + 1,
        column=characters(text, units) + 1,
        severity=severity if severity in SEVERITIES else ERROR,  # left out: the client may choose
        message=_message(item["message"])[:_MESSAGE_LIMIT],
        code=_plain(str(code))[:100] if isinstance(code, (str, int)) else "",
        source=_plain(str(item.get("source") or ""))[:60],
        text=text.strip(),
    )


def _message(message: Any) -> str:
    """Text, or in the newest drafts of the protocol a MarkupContent; its lines on one."""
    text = message["value"] if isinstance(message, dict) else message
    if not isinstance(text, str):
        raise TypeError
    return "; ".join(line for line in map(_plain, text.splitlines()) if line)


def _plain(text: str) -> str:
    """On one line, without control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in " ".join(text.split())).strip()


def lines_of(text: str) -> list[str]:
    """The lines as the protocol counts them: they end with \\n, \\r\\n or \\r, and nothing else."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def characters(line: str, units: int) -> int:
    """How many characters of `line` come before the UTF-16 position `units`; the end, where it lies behind it."""
    if units <= 0:
        return 0
    if line.isascii():
        return min(units, len(line))
    for at, letter in enumerate(line):
        if units <= 0:
            return at
        units -= 2 if ord(letter) > 0xFFFF else 1
    return len(line)


def only(found: Iterable[Diagnostic], worst: int) -> list[Diagnostic]:
    """Those at least as bad as `worst`."""
    return [each for each in found if each.severity <= worst]


def new_since(before: Iterable[Diagnostic], now: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Those of `now` that were not there before: on other lines of the file they may have been. Where one was there
    once and is there twice, the later one is new."""
    known = Counter(each.key for each in before)
    new: list[Diagnostic] = []
    for each in now:
        if known[each.key] > 0:
            known[each.key] -= 1
        else:
            new.append(each)
    return new
