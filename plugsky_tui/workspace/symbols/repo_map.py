"""The map of a repository: its most important definitions, as many as a reader has room for. Blocking."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from plugsky_tui.workspace.symbols.index import Index
from plugsky_tui.workspace.symbols.ranking import Focus, rank, unreferenced, with_tags
from plugsky_tui.workspace.symbols.render import MapPage
from plugsky_tui.workspace.symbols.tags import FileTags
from plugsky_tui.workspace.symbols.tokens import estimate

MOST_TOKENS = 30_000
_LINE_TOKENS = 3  # of the shortest line there is


def draw_map(
    index: Index,
    focus: Focus,
    budget: int,
    *,
    show: Callable[[str], str],
    may_read: Callable[[str], bool],
    notes: Iterable[str] = (),
) -> str:
    """The map within `budget` tokens (see `tokens.estimate`), with as many of the `notes` as fit.

    `show` gives a path (relative to the index's root) as the reader should see it; of files that he may
    not read nothing is shown.
    """
    budget = min(budget, MOST_TOKENS)
    everything = len(index.keys)
    reserved = sum(estimate(f"({note})\n") for note in (_fitting(everything, everything, budget), *notes))
    page = MapPage(max(budget - reserved, budget // 2), show)
    readable: dict[str, bool] = {}

    def fill(definitions: Iterable[tuple[str, FileTags, int]]) -> None:
        for path, tags, place in definitions:
            if path not in readable:
                readable[path] = may_read(path)
            if readable[path]:
                page.add(path, tags, place)
            if page.full:
                return

    ranking = rank(index, focus, most=budget // _LINE_TOKENS)
    fill(with_tags(index, ranking.best))
    fill(unreferenced(index, ranking.files))
    text = "\n".join(page.lines())
    if not text and everything:
        return f"Nothing fits into {budget:,} tokens: send a larger budget_tokens, such as 2000."
    closing = [_fitting(page.files, everything, budget)] if page.files < everything else []
    for note in (*closing, *notes):
        if estimate(f"{text}\n({note})") <= budget:
            text += f"\n({note})"
    return text.lstrip("\n")


def _fitting(shown: int, everything: int, budget: int) -> str:
    return (
        f"{shown:,} of {everything:,} files, in {budget:,} tokens: for others give a folder as path, or files and names "
        "as focus, or a larger budget_tokens"
    )
