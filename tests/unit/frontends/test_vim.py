"""The keys of vi: each example is what vim itself does (`|` is the caret), and nothing typed ever breaks the text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugsky_tui.frontends.tui.vim.machine import Outcome, Vim


def play(start: str, *keys: str, vim: Vim | None = None) -> tuple[str, Vim]:
    """What `keys` make of `start`, from normal mode on; in insert mode characters are typed."""
    vim = vim or Vim()
    at = start.index("|")
    text = start.replace("|", "", 1)
    vim.mode = "normal"
    for key in keys:
        outcome: Outcome = vim.press(key, text, at)
        text, at = outcome.text, outcome.at
        if not outcome.taken and vim.mode == "insert":
            letter = "\n" if key == "enter" else key
            text, at = text[:at] + letter + text[at:], at + len(letter)
    return text[:at] + "|" + text[at:], vim


def keys(line: str) -> list[str]:
    """`dwiab<esc>`: names of keys in angle brackets."""
    out: list[str] = []
    names = {"esc": "escape", "cr": "enter", "c-r": "ctrl+r"}
    while line:
        name, end, rest = line[1:].partition(">") if line.startswith("<") else ("", "", "")
        if end and name in names:
            out.append(names[name])
            line = rest
        else:
            out.append(line[0])
            line = line[1:]
    return out


@pytest.mark.parametrize(
    ("start", "typed", "end"),
    [
        # motions
        ("|one two", "l", "o|ne two"),
        ("one tw|o", "l", "one tw|o"),
        ("o|ne\ntwo", "hhh", "|one\ntwo"),
        ("|one two.three", "w", "one |two.three"),
        ("|one two.three", "3w", "one two.|three"),
        ("one |two.three", "W", "one two.thre|e"),
        ("one two.thre|e", "b", "one two.|three"),
        ("one two.thre|e", "B", "one |two.three"),
        ("|one two", "e", "on|e two"),
        ("|one two", "ee", "one tw|o"),
        ("  one |two", "0", "|  one two"),
        ("  one |two", "^", "  |one two"),
        ("|one two", "$", "one tw|o"),
        ("a\n\n|b", "b", "a\n|\nb"),
        ("on|e\nt\nthree", "jj", "one\nt\nth|ree"),
        ("one\ntw|o", "k", "on|e\ntwo"),
        ("one\ntwo\nthr|ee", "gg", "|one\ntwo\nthree"),
        ("|one\ntwo\nthree", "G", "one\ntwo\n|three"),
        ("|one\ntwo\nthree", "2G", "one\n|two\nthree"),
        ("|a,b,c", "f,", "a|,b,c"),
        ("|a,b,c", "f,;", "a,b|,c"),
        ("|a,b,c", "t,;", "a,|b,c"),
        ("a,b,|c", "F,", "a,b|,c"),
        ("a,b,|c", "T,", "a,b,|c"),
        ("|a,b,c", "f,;,", "a|,b,c"),
        ("f|(a(b))", "%", "f(a(b)|)"),
        ("f(a(b)|)", "%", "f|(a(b))"),
        ("|a\n\nb\n\nc", "}", "a\n|\nb\n\nc"),
        ("a\n\nb\n\n|c", "{", "a\n\nb\n|\nc"),
        # operators
        ("|one two three", "dw", "|two three"),
        ("|one two three", "d2w", "|three"),
        ("|one two three", "2dw", "|three"),
        ("one |two", "dw", "one| "),
        ("one |two\nthree", "dw", "one| \nthree"),
        ("one tw|o", "db", "one |o"),
        ("|one two", "de", "| two"),
        ("one |two three", "d$", "one| "),
        ("one |two three", "D", "one| "),
        ("one |two", "d0", "|two"),
        ("|a,b,c", "dt,", "|,b,c"),
        ("|a,b,c", "df,", "|b,c"),
        ("one\nt|wo\nthree", "dd", "one\n|three"),
        ("one\nt|wo", "dd", "|one"),
        ("|one", "dd", "|"),
        ("o|ne\ntwo\nthree", "2dd", "|three"),
        ("o|ne\ntwo\nthree", "dj", "|three"),
        ("one\ntwo\nth|ree", "dgg", "|"),
        ("one\nt|wo\nthree", "dG", "|one"),
        ("|one two", "cwx<esc>", "|x two"),
        ("|a b", "cwx<esc>", "|x b"),
        ("one\nt|wo\nthree", "ccx<esc>", "one\n|x\nthree"),
        ("one |two", "Cx<esc>", "one |x"),
        ("one t|wo", "Sx<esc>", "|x"),
        ("|one two", "yw$p", "one twoone| "),
        ("|one\ntwo", "yyp", "one\n|one\ntwo"),
        ("|one\ntwo", "yyjp", "one\ntwo\n|one"),
        ("one\n|two", "yyP", "one\n|two\ntwo"),
        ("|one\ntwo", "ddp", "two\n|one"),
        ("|ab", "xp", "b|a"),
        ("|abc", "2x", "|c"),
        ("ab|c", "X", "a|c"),
        # objects
        ("one t|wo three", "diw", "one | three"),
        ("one t|wo three", "daw", "one |three"),
        ("one thr|ee", "daw", "on|e"),
        ('say "he|llo you" now', 'di"', 'say "|" now'),
        ('|say "hello"', 'ci"x<esc>', 'say "|x"'),
        ('say "he|llo" now', 'da"', "say |now"),
        ("f(a, |b)", "di(", "f(|)"),
        ("f(a, |b)", "da(", "|f"),
        ("f(a(b), |c)", "cibx<esc>", "f(|x)"),
        ("{ a|a }", "diB", "{|}"),
        ("a\nb|b\n\nc", "dip", "|\nc"),
        ("a\nb|b\n\nc", "dap", "|c"),
        # simple ones
        ("o|ne", "ix<esc>", "o|xne"),
        ("o|ne", "ax<esc>", "on|xe"),
        ("  on|e", "Ix<esc>", "  |xone"),
        ("|one", "Ax<esc>", "one|x"),
        ("o|ne\ntwo", "ox<esc>", "one\n|x\ntwo"),
        ("o|ne", "Ox<esc>", "|x\none"),
        ("|one\n  two", "J", "one| two"),
        ("a|bc", "rx", "a|xc"),
        ("|abc", "2rx", "x|xc"),
        ("|abc", "4rx", "|abc"),
        ("a|bc", "r<cr>", "a\n|c"),
        ("|aBc", "~~", "Ab|c"),
        # repeating
        ("|one two three", "dw.", "|three"),
        ("|a b c", "cwx<esc>w.", "x |x c"),
        ("|a", "ax<esc>..", "axx|x"),
        ("|abcdef", "x3.", "|ef"),
        # visual
        ("|one two", "vd", "|ne two"),
        ("|one two", "ved", "| two"),
        ("o|ne\ntwo\nthree", "Vjd", "|three"),
        ("one t|wo three", "viwcx<esc>", "one |x three"),
        ("o|ne two", "vly0P", "n|eone two"),
        ("o|ne", "v$~", "o|NE"),
        ("one |two", "vbod", "|wo"),
        ("a|b", "vr-", "a|-"),
        ("|a\nb\nc", "VjJ", "a| b\nc"),
        # what is more than one character
        ("|👩‍👩‍👧x", "x", "|x"),
        ("e\u0301|x", "hx", "|x"),
        ("|日本 語", "w", "日本 |語"),
        ("|مرحبا بك", "dw", "|بك"),
    ],
)
def test_keys_do_what_vim_does(start: str, typed: str, end: str) -> None:
    assert play(start, *keys(typed))[0] == end


def test_it_begins_in_insert_mode_where_keys_are_text() -> None:
    vim = Vim()
    assert not vim.press("d", "", 0).taken
    assert vim.mode == "insert"
    assert vim.press("escape", "ab", 2) == Outcome("ab", 1)
    assert vim.mode == "normal"
    assert not vim.press("escape", "ab", 1).taken


def test_undo_redo_and_history_are_wishes() -> None:
    vim = Vim()
    vim.mode = "normal"
    assert vim.press("u", "a", 0).wish == "undo"
    assert vim.press("ctrl+r", "a", 0).wish == "redo"
    assert vim.press("k", "a\nb", 0).wish == "earlier"
    assert vim.press("j", "a\nb", 2).wish == "later"
    assert not vim.press("ctrl+t", "a", 0).taken


def test_escape_gives_up_a_command_and_leaves_visual_mode() -> None:
    vim = Vim()
    vim.mode = "normal"
    vim.press("2", "ab", 0)
    vim.press("d", "ab", 0)
    assert vim.pending
    assert vim.press("escape", "ab", 0).taken
    assert not vim.pending
    assert vim.press("v", "ab", 0).selection == (0, 1)
    assert vim.press("escape", "ab", 0) == Outcome("ab", 0)
    assert vim.mode == "normal"


ANY_KEY = st.sampled_from([*"hjklwbeWBE0^$GgfFtT;,%{}dcyxXsSrpPuoOaAiIJ~.vVDCY123\"'([pw", "escape", "enter", "ctrl+r"])
ANY_TEXT = st.text(st.sampled_from('ab, \n"(){}\t日م👩\u0301'), max_size=25)


@given(ANY_TEXT, st.lists(ANY_KEY, max_size=12), st.integers(0, 25))
@settings(max_examples=150)
def test_whatever_is_pressed_the_caret_is_in_the_text(text: str, pressed: list[str], at: int) -> None:
    vim = Vim()
    vim.mode = "normal"
    at = min(at, len(text))
    for key in pressed:
        outcome = vim.press(key, text, at)
        if vim.mode == "insert" and not outcome.taken and len(key) == 1:
            outcome = Outcome(text[:at] + key + text[at:], at + 1)
        text, at = outcome.text, outcome.at
        assert 0 <= at <= len(text)
        if outcome.selection is not None:
            assert 0 <= outcome.selection[0] <= outcome.selection[1] <= len(text)
        if vim.mode == "normal" and outcome.taken and text[at : at + 1] == "\n":
            assert at == 0 or text[at - 1] == "\n", "behind the last character of a line"


@given(ANY_TEXT, st.lists(st.sampled_from([*"hjklwbeWBE0^$G;,%{}"]), max_size=8))
@settings(max_examples=60)
def test_motions_change_nothing_and_yanking_and_putting_is_undone_by_deleting(text: str, pressed: list[str]) -> None:
    vim = Vim()
    vim.mode = "normal"
    at = 0
    for key in pressed:
        outcome = vim.press(key, text, at)
        assert outcome.text == text
        at = outcome.at
    for key in "yyP":
        outcome = vim.press(key, outcome.text if key != "y" else text, at)
        at = outcome.at
    for key in "dd":
        outcome = vim.press(key, outcome.text, at)
        at = outcome.at
    assert outcome.text == text
