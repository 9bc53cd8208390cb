"""Makes the picture of the README: plugsky mending a real package in a real terminal, as an animated SVG.

    python docs/record.py                 # needs tmux, and plugsky on PATH (bash install)

The scene is the one that tests/e2e plays: the source of a published package with a fault planted
in it, the embedded simulator as the model. Each screen is captured from tmux and drawn as text.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.ansi import AnsiDecoder
from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import TerminalTheme

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from support.mending import mend_a_package  # noqa: E402  # the scene lives with the tests

COLUMNS, ROWS = 100, 30
CELL_W, CELL_H, PAD, BAR = 8.4, 18, 14, 30
FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
THEME = TerminalTheme((16, 20, 28), (216, 222, 233), [(59, 66, 82)] * 8, [(76, 86, 106)] * 8)


@dataclass
class Frame:
    screen: str
    seconds: float


def draw(frames: list[Frame]) -> str:
    """One SVG in which each frame is shown for its seconds, over and over. Equal rows are drawn once and used often."""
    total = sum(frame.seconds for frame in frames)
    width, height = COLUMNS * CELL_W + 2 * PAD, ROWS * CELL_H + 2 * PAD + BAR
    rows: dict[str, str] = {}
    css: list[str] = []
    body: list[str] = []
    begin = 0.0
    for number, frame in enumerate(frames):
        start, end = 100 * begin / total, 100 * (begin + frame.seconds) / total
        begin += frame.seconds
        css.append(
            f"@keyframes f{number}{{0%{{visibility:{'visible' if not number else 'hidden'}}}"
            f"{start:.3f}%{{visibility:visible}}{end:.3f}%,100%{{visibility:hidden}}}}"
            f"#f{number}{{visibility:hidden;animation:f{number} {total:.2f}s step-end infinite}}"
        )
        uses = (
            f'<use href="#{rows.setdefault(drawn, f"r{len(rows)}")}" y="{row * CELL_H}"/>'
            for row, drawn in enumerate(_rows(frame.screen))
            if drawn
        )
        body.append(f'<g id="f{number}">{"".join(uses)}</g>')
    defs = "".join(f'<g id="{name}">{drawn}</g>' for drawn, name in rows.items())
    dots = "".join(
        f'<circle cx="{PAD + 8 + 18 * n}" cy="{BAR / 2 + 3}" r="5.5" fill="{fill}"/>'
        for n, fill in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'font-family="{escape(FONT)}" font-size="14">'
        f"<style>text{{white-space:pre}}{''.join(css)}</style><defs>{defs}</defs>"
        f'<rect width="100%" height="100%" rx="10" fill="#10141c"/>{dots}'
        f'<g transform="translate({PAD},{PAD + BAR - 8})">{"".join(body)}</g></svg>\n'
    )


def _rows(screen: str) -> Iterator[str]:
    console = Console(width=COLUMNS, color_system="truecolor", legacy_windows=False)
    for line in list(AnsiDecoder().decode(screen))[:ROWS]:  # one decoder: colours go on over line ends
        column = 0
        drawn: list[str] = []
        for segment in line.render(console):
            text = segment.text.rstrip("\n")
            cells = cell_len(text)
            drawn += _run(text, segment.style or Style.null(), column, cells)
            column += cells
        yield "".join(drawn)


def _run(text: str, style: Style, column: int, cells: int) -> Iterator[str]:
    front = style.color.get_truecolor(THEME).hex if style.color and not style.color.is_default else "#d8dee9"
    back = ""
    if style.bgcolor and not style.bgcolor.is_default:
        back = style.bgcolor.get_truecolor(THEME, foreground=False).hex
    if style.reverse:
        front, back = back or "#10141c", front
    x = column * CELL_W
    if back:
        yield f'<rect x="{x:.1f}" width="{cells * CELL_W + 0.3:.1f}" height="{CELL_H + 0.3}" fill="{back}"/>'
    if not text.strip():
        return
    look = ' font-weight="bold"' if style.bold else ""
    look += ' font-style="italic"' if style.italic else ""
    look += ' opacity="0.6"' if style.dim else ""
    yield (
        f'<text x="{x:.1f}" y="13.5" textLength="{cells * CELL_W:.1f}" lengthAdjust="spacingAndGlyphs" '
        f'fill="{front}"{look}>{escape(text)}</text>'
    )


def main() -> None:
    frames: list[Frame] = []

    def shoot(screen: str, seconds: float) -> None:
        if frames and frames[-1].screen == screen:
            frames[-1].seconds += seconds
        else:
            frames.append(Frame(screen, seconds))

    with TemporaryDirectory() as scratch:
        mend_a_package(Path(scratch), command=["plugsky"], columns=COLUMNS, rows=ROWS, shoot=shoot)
    target = HERE / "plugsky.svg"
    target.write_text(draw(frames), "utf-8")
    print(f"{target}: {len(frames)} frames, {sum(frame.seconds for frame in frames):.0f} s")  # noqa: T201


if __name__ == "__main__":
    main()
