"""What the user does beside prompting, in a real terminal: a command, a line for AGENTS.md, the draft in an editor."""

from __future__ import annotations

import json

import pytest
from support.command import COMMAND, User
from support.terminal import HAVE_TMUX, Terminal

pytestmark = pytest.mark.skipif(not HAVE_TMUX, reason="tmux is the terminal here")


def test_a_command_a_note_and_an_editor(user: User):
    (user.folder / "a.py").write_text("def one():\n    return 1\n")
    editor = user.folder.parent / "editor.sh"
    editor.write_text('#!/bin/sh\necho "the editor has $(cat "$2")"\nread line\necho "$line" >> "$2"\n')
    editor.chmod(0o755)
    env = {**user.env, "VISUAL": f"{editor} --wait", "TERM": "xterm-256color"}
    with Terminal([*COMMAND, "demo"], cwd=user.folder, env=env, columns=80, rows=24) as terminal:
        terminal.wait_for("Ask plugsky")
        terminal.type("!echo $((40+2)); test -t 0 || echo no terminal")
        terminal.keys("Enter")
        terminal.wait_for("no terminal")
        terminal.type("# answer in rhymes")
        terminal.keys("Enter")
        terminal.wait_for(r"→ AGENTS.md")
        assert (user.folder / "AGENTS.md").read_text() == "## Notes\n\n- answer in rhymes\n"
        terminal.type("see @a.py:1 ")
        terminal.keys("C-g")
        terminal.wait_for("the editor has see @a.py:1")
        terminal.type("from outside")
        terminal.keys("Enter")
        terminal.wait_for(r"│ from outside +│")
        terminal.keys("Enter")
        terminal.wait_for(r"a.py:1 · 1 line")
        terminal.wait_for("did not understand|through the tools")
        terminal.keys("C-c", "C-c")
        assert terminal.wait_for_exit() == 0
    [thread] = json.loads(user.plugsky("threads", "list", "--json").stdout)
    shown = user.plugsky("threads", "show", thread["thread_id"]).stdout
    assert "I ran in the shell: echo $((40+2))" in shown
    assert "> 42" in shown
    assert "1\tdef one():" in shown
