"""What the transcript keeps: clean, in order, and as it was written."""

import pytest

from plugsky_tui.frontends.tui.transcript.document import Document
from plugsky_tui.kernel.display import DiffBlock, TableBlock, TextBlock, TodoBlock, TodoItem

BAD = "\x1b[31mred\x1b]52;c;QQ==\x07\u202e\u200b\x9b2J\x00!"
GOOD = "red!"


def test_every_text_given_to_it_is_cleaned(make_screen):
    screen = make_screen(100, 200)
    document = screen.document
    document.prompt(BAD)
    document.think(BAD)
    document.write(BAD)
    document.markdown(BAD)
    document.note(BAD, "error")
    document.tool("1", BAD, BAD, BAD)
    document.tool_output("1", BAD)
    blocks = [
        TextBlock(BAD),
        DiffBlock(BAD, BAD, BAD + "x"),
        TodoBlock([TodoItem(BAD)]),
        TableBlock([BAD], [[BAD]]),
    ]
    document.tool_result("1", True, BAD, 0.0, blocks)
    document.tool("2", "bash", BAD, "")
    document.tool_output("2", BAD)
    document.tool("3", "bash", BAD, "")
    document.tool_result("3", False, BAD, 0.0, [])
    screen.frame()
    for number in range(len(document.units)):
        if document.units[number].__class__.__name__ in ("Thought", "Tool"):
            document.toggle(number)
    shown = "\n".join(screen.text(row) for row in screen.rows())
    assert shown.count(GOOD) >= 14
    for text in (shown, document.source(), document.last_answer()):
        assert not any(char in text for char in "\x1b\u202e\u200b\x9b\x00\x07")


def test_an_escape_split_over_deltas_leaves_nothing(screen):
    for char in "a\x1b]52;c;QQ==\x07b \x1b[31mc":
        screen.document.write(char)
        screen.frame()
    assert screen.lines() == ["  ab c"]


def test_a_tools_output_split_anywhere_is_clean(screen):
    screen.document.tool("1", "bash", "x", "")
    for char in "one\x1b[3\x1b[31mtwo\r\nthree":
        screen.document.tool_output("1", char)
    assert screen.lines()[1:] == ["  │ onetwo", "  │ three"]


def test_the_last_answer_is_its_source(screen):
    document = screen.document
    assert document.last_answer() == ""
    document.write("# A\n\n**b**")
    assert document.last_answer() == "# A\n\n**b**"
    document.end()
    document.prompt("next")
    document.markdown("help")
    assert document.last_answer() == "# A\n\n**b**"
    document.write("second")
    assert document.last_answer() == "second"


def test_the_source_is_all_of_it(screen):
    document = screen.document
    document.prompt("question")
    document.think("hm")
    document.write("an *answer*\n\n- with a list")
    document.end(interrupted=True)
    document.tool("1", "bash", "ls", "ls -l")
    document.tool_result("1", True, "a\nb", 0.1, [])
    assert document.source() == "question\n\nan *answer*\n\n- with a list\n\nInterrupted\n\nls -l\na\nb"


def test_output_of_calls_that_are_unknown_or_over_is_ignored(screen):
    document = screen.document
    document.tool_output("nobody", "x")
    document.tool_result("nobody", True, "x", 0, [])
    document.tool("1", "t", "", "")
    document.tool_result("1", True, "", 0, [])
    document.tool_output("1", "late")
    assert screen.lines() == ["  ✓ t"]


def test_toggling_all_tools_opens_them_and_then_folds_them(screen):
    document = screen.document
    for call in "12":
        document.tool(call, "t", call, f"input {call}")
        document.tool_result(call, True, "", 0, [])
    document.toggle(0)
    document.toggle_all()
    assert "  │ input 1" in screen.lines() and "  │ input 2" in screen.lines()
    document.toggle_all()
    assert screen.lines() == ["  ✓ t 1", "  ✓ t 2"]


def test_clearing_leaves_nothing(screen):
    screen.document.write("text")
    screen.frame()
    screen.document.tool("1", "t", "", "")
    screen.stage.clear()
    assert screen.lines() == []
    screen.document.write("new")
    assert screen.lines() == ["  new"]


def test_changes_name_what_looks_different():
    document = Document()
    document.write("one\n\ntwo")
    assert document.flush().start == 0
    document.write(" more\n\nthree")
    changes = document.flush()
    assert (changes.start, changes.single) == (1, set())
    document.end()
    document.flush()
    document.tool("1", "t", "", "")
    document.flush()
    document.note("n", "info")
    document.flush()
    document.tool_output("1", "x")
    changes = document.flush()
    assert (changes.start, changes.single) == (len(document.units), {3})


MARKUP = [
    "[@click=app.quit]hi[/]",
    "a[i] = b[j]",
    "list[str]",
    "[on red]",
    "[/foo]",
    "[b]x[/i]",
    "[link=file:///etc/passwd]x[/link]",
    "[$primary]x",
    "[0] x",
    "[[x]]",
    "[bold",
    "[@click=()]",
    "\\[bold]",
]


@pytest.mark.parametrize("text", MARKUP)
def test_markup_is_shown_as_it_is_everywhere(make_screen, text):
    screen = make_screen(100, 200)
    document = screen.document
    document.prompt(text)
    document.think(text)
    document.write(text)
    document.note(text, "info")
    document.tool("1", "t", text, text)
    document.tool_result("1", True, text, 0.0, [])
    document.write(f"| {text} | b |\n|---|---|\n\n```\n{text}\n```\n\n# {text}\n\n- {text}\n\n> {text}")
    document.end()
    document.toggle(1)
    document.toggle_all()
    shown = [screen.text(row) for row in screen.rows()]
    assert sum(text in line for line in shown) == 12
    assert all(segment.style is None or not segment.style._meta for row in screen.rows() for segment in row.segments)
