"""Text in terminal cells: a character may take none, one or two."""

from __future__ import annotations

from rich.cells import cell_len, chop_cells, set_cell_size


def fit(text: str, width: int) -> str:
    """`text` in exactly `width` cells: padded with spaces, or cut with an ellipsis at the end."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - 1) + "…"


def fit_end(text: str, width: int) -> str:
    """At most `width` cells of `text`, cut at the start: the end of a path says most."""
    if cell_len(text) <= width:
        return text
    if width <= 1:
        return "…"[:width]
    from plugsky_tui.frontends.bidi.clusters import clusters_of  # only where something has to be cut

    kept: list[str] = []
    left = width - 1
    for start, end, cells in reversed(clusters_of(text)):
        left -= cells
        if left < 0:
            break
        kept.append(text[start:end])
    return "…" + "".join(reversed(kept))


def wrapped(text: str, width: int) -> list[str]:
    """The lines of `text`, each broken hard after `width` cells; never empty."""
    lines: list[str] = []
    for line in text.split("\n"):
        if cell_len(line) <= width:
            lines.append(line)
        else:
            lines.extend(chop_cells(line, max(width, 2)))
    return lines


def wrapped_words(text: str, width: int) -> list[str]:
    """One line of prose broken at spaces; where it is indented, what follows is indented two cells more."""
    leading = len(text) - len(text.lstrip())
    indent = " " * min(leading + 2, width // 2) if leading else ""
    rows: list[str] = []
    while cell_len(text) > width:
        head = chop_cells(text, max(width, 2))[0]
        cut = head.rstrip().rfind(" ") if text[len(head)] != " " else len(head)
        if cut <= len(indent):
            cut = len(head)
        rows.append(text[:cut].rstrip())
        text = indent + text[cut:].lstrip()
    rows.append(text)
    return rows
