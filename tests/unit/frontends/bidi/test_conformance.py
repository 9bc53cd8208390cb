"""The algorithm against Unicode's own tests (see tests/data/bidi/README.md)."""

import lzma
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugsky_tui.frontends.bidi.classes import classes_of
from plugsky_tui.frontends.bidi.levels import embedding_levels
from plugsky_tui.frontends.bidi.lines import line_levels, visual_order

DATA = Path(__file__).parents[3] / "data" / "bidi"
REMOVED = {"LRE", "RLE", "LRO", "RLO", "PDF", "BN"}


def lines_of(name: str) -> Iterator[str]:
    """The lines of a file of the Unicode Character Database, without comments."""
    given = os.environ.get("PLUGSKY_UNICODE_DATA")
    path = Path(given) / name if given else DATA / f"{name}.xz"
    with path.open(encoding="utf-8") if given else lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line := line.partition("#")[0].strip():
                yield line


def seen(classes: list[str], base: int | None, text: str = "") -> tuple[list[str], list[int], int]:
    """The levels as the files write them (x: removed by rule X9), the order on screen, and the paragraph's level."""
    levels, paragraph = embedding_levels(classes, base, text)
    levels = line_levels(classes, levels, paragraph)
    kept = [place for place, name in enumerate(classes) if name not in REMOVED]
    order = [kept[place] for place in visual_order([levels[place] for place in kept])]
    return (
        ["x" if name in REMOVED else str(level) for name, level in zip(classes, levels, strict=True)],
        order,
        paragraph,
    )


def test_every_case_of_bidi_classes_gets_the_levels_and_the_order_unicode_gives() -> None:
    wrong: list[str] = []
    cases = 0
    levels: list[str] = []
    order: list[int] = []
    for line in lines_of("BidiTest.txt"):
        if line.startswith("@Levels:"):
            levels = line[8:].split()
        elif line.startswith("@Reorder:"):
            order = [int(place) for place in line[9:].split()]
        elif not line.startswith("@"):
            names, _, directions = line.partition(";")
            classes = names.split()
            for bit, base in ((1, None), (2, 0), (4, 1)):
                if int(directions) & bit:
                    cases += 1
                    if seen(classes, base)[:2] != (levels, order):
                        wrong.append(f"{line} ({base})")
    assert cases > 90_000
    assert wrong == []


def test_every_case_of_characters_gets_the_levels_and_the_order_unicode_gives() -> None:
    wrong: list[str] = []
    cases = 0
    for line in lines_of("BidiCharacterTest.txt"):
        codes, direction, paragraph, levels, order = line.split(";")
        text = "".join(chr(int(code, 16)) for code in codes.split())
        cases += 1
        expected = (levels.split(), [int(place) for place in order.split()], int(paragraph))
        if seen(classes_of(text), {"0": 0, "1": 1, "2": None}[direction], text) != expected:
            wrong.append(line)
    assert cases > 90_000
    assert wrong == []


@pytest.mark.parametrize(
    ("char", "name"),
    [("\U0001ecb8", "AL"), ("\u05ff", "R"), ("\u20cf", "ET"), ("\ufdd0", "BN"), ("\U000e0fff", "BN"), ("\u0378", "L")],
)
def test_characters_python_does_not_know_have_the_class_of_their_block(char: str, name: str) -> None:
    assert classes_of(char) == [name]
