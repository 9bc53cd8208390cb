"""Numbers in words, as both voices say them."""

from __future__ import annotations


def count(number: int, one: str, many: str = "") -> str:
    """ "1 line", "14 lines"; `many` where an s is not enough."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def seconds(value: float, *, spoken: bool = False) -> str:
    """ "0.4 s", "12 s", "3 min 5 s"; spoken with the words written out."""
    second, minute = (" second", " minute") if spoken else (" s", " min")
    if value < 9.95:
        return _of(f"{value:.1f}", second, spoken)
    whole = round(value)
    if whole < 60:
        return _of(str(whole), second, spoken)
    parts = [_of(str(whole // 60), minute, spoken)]
    if whole % 60:
        parts.append(_of(str(whole % 60), second, spoken))
    return " ".join(parts)


def _of(number: str, unit: str, spoken: bool) -> str:
    return f"{number}{unit}s" if spoken and number not in ("1", "1.0") else f"{number}{unit}"


def line_count(text: str) -> int:
    """How many lines `text` has; none where it is empty."""
    return text.count("\n") + (not text.endswith("\n")) if text else 0


def one_line(text: str, longest: int = 200) -> str:
    """`text` on one line, cut at the end."""
    line = " ".join(text[: 4 * longest].split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
