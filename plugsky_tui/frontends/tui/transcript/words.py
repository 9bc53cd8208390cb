"""Short texts: durations, and lines cut to a width."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size


def duration(seconds: float) -> str:
    """`seconds` as people say it: "0.4 s", "12 s", "3 min 5 s"."""
    if seconds < 10:
        return f"{seconds:.1f} s" if seconds < 9.95 else "10 s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def fit(text: str, width: int) -> str:
    """`text` in at most `width` cells, with "…" where it was cut."""
    if cell_len(text) <= width:
        return text
    if width <= 1:
        return "…"[:width]
    return set_cell_size(text, width - 1).rstrip() + "…"


def one_line(text: str) -> str:
    """`text` with its line breaks and tabs as single spaces."""
    return " ".join(text.split()) if "\n" in text or "\t" in text else text
