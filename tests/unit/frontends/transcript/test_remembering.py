"""What is remembered of what was seen does not grow with what was seen."""

from __future__ import annotations

from plugsky_tui.frontends.markdown.leaves import Code
from plugsky_tui.frontends.tui.transcript.colours import Colours, Lexers, load_now
from plugsky_tui.frontends.tui.transcript.diff_view import DiffViews
from plugsky_tui.kernel.display import DiffBlock


def test_colours_of_code_that_is_long_gone_are_forgotten():
    colours = Colours(Lexers(load_now))
    leaves = [Code((), 0, False, 0, 0, 0, lines=["x = 1"], language="python") for _ in range(1500)]
    for leaf in leaves:
        colours.budget = 1
        assert len(colours.of(leaf)[0]) == 1
    assert len(colours._known) <= 600
    colours.budget = 1
    assert len(colours.of(leaves[0])[0]) == 1  # and made again when they are wanted


def test_diffs_that_are_long_gone_are_forgotten():
    views, blocks = DiffViews(), [DiffBlock(f"{n}.py", "a\n", "b\n") for n in range(1000)]
    for block in blocks:
        assert views.of(block) is views.of(block)
    assert len(views._made) <= 300
