"""A transcript without Textual: units, rows and what is on the screen."""

import pytest
from textual.color import Color

from plugsky_tui.frontends.tui.transcript.colours import load_now
from plugsky_tui.frontends.tui.transcript.palette import make_palette
from plugsky_tui.frontends.tui.transcript.stage import Stage

VARIABLES = {
    "foreground": "#E0E0E0",
    "primary": "#0178D4",
    "accent": "#FEA62B",
    "success": "#4EBF71",
    "warning": "#FEA62B",
    "error": "#B93C5B",
    "text-muted": "auto 60%",
}


@pytest.fixture(scope="session")
def palette():
    return make_palette(VARIABLES, Color.parse("#121212"))


class Screen:
    """A stage of a certain size, and what one would see on it."""

    def __init__(self, palette, width=80, height=40):
        self.stage = Stage(load_now)
        self.document = self.stage.document
        self.palette, self.height = palette, height
        self.stage.dress(width, 0, palette)

    def frame(self):
        """Draw until every line has its colours."""
        changed = self.stage.frame(self.height)
        while self.stage.unfinished:
            self.stage.frame(self.height)
        return changed

    def lines(self):
        """The text of the lines on the screen."""
        self.frame()
        return [self.text(line.row).rstrip() for line in self.stage.viewport.lines]

    @staticmethod
    def text(row):
        return "".join(segment.text for segment in row.segments)

    def rows(self):
        """All rows of all units, seen or not."""
        self.frame()
        out = []
        for number in range(len(self.document.units)):
            self.stage.sheet.begin_frame([number], 0)
            while True:
                out_rows = self.stage.sheet.rows(number)
                if not self.stage.sheet.is_pale([number]):
                    break
                self.stage.sheet.begin_frame([number], 0)
            out.extend(out_rows)
        return out

    def resize(self, width):
        self.stage.dress(width, 0, self.palette)
        self.frame()


@pytest.fixture
def screen(palette):
    return Screen(palette)


@pytest.fixture
def make_screen(palette):
    return lambda width=80, height=40: Screen(palette, width, height)
