"""The empty state: what this is, where we are, and three things to try."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.widgets.cells import fit_end, wrapped_words

_MARK = ("  ▗▄██▄▖    ", "▗▟██████▙██▖", "▝▀▀▀▀▀▀▀▀▀▀▘")  # a cloud


class Welcome(Widget, can_focus=False):
    """Stands in the transcript's place until something is said."""

    DEFAULT_CSS = """
    Welcome { height: 1fr; width: 1fr; padding: 0 2; color: $text-muted; content-align: left middle; }
    """

    def __init__(self, *, folder: str, version: str, tips: Sequence[tuple[str, str]], id: str | None = None) -> None:
        """`tips` are pairs of a key and what it does."""
        super().__init__(id=id)
        self._folder = folder
        self._version = version
        self._tips = tips
        self._model: str | None = None
        self._remark = ""

    def set_remark(self, text: str) -> None:
        """A line below all else that one should know at the start; "" for none."""
        self._remark = text
        self.refresh()

    def set_tips(self, tips: Sequence[tuple[str, str]]) -> None:
        self._tips = tips
        self.refresh()

    def set_model(self, model: str | None) -> None:
        self._model = model
        self.refresh()

    def render(self) -> Content:
        width, height = self.size
        where = fit_end(clean(self._folder), width)
        lines: list[Content] = []
        if height >= 14:
            lines += [Content.styled(row, "$text-primary") for row in _MARK] + [Content("")]
        lines.append(Content.assemble(("plugsky", "bold $foreground"), (f" {self._version}", "")))
        if height >= 3:
            model = clean(self._model or "")
            both = f"{where} · {model}" if model else where
            lines.append(Content(both if cell_len(both) <= width else where))
        if height >= 8:
            keys = max(cell_len(key) for key, _ in self._tips)
            texts = max(cell_len(text) for _, text in self._tips)
            lines.append(Content(""))
            for key, text in self._tips:
                padding = " " * (keys - cell_len(key))
                row = Content.assemble((padding + key, "bold $text-primary"), ("  " + text.ljust(texts), ""))
                lines.append(
                    row if row.cell_length <= width else Content.assemble((key, "bold $text-primary"), f" {text}")
                )
        if self._remark and height >= 5:
            lines += [Content(""), *(Content(line) for line in wrapped_words(self._remark, width))]
        return Content("\n").join([_centred(line, width) for line in lines])


def _centred(line: Content, width: int) -> Content:
    """In the middle, counting the spaces at its end: Textual's own centring drops them."""
    cut = line.truncate(width, ellipsis=True)
    return cut.pad_left(max((width - line.cell_length) // 2, 0))
