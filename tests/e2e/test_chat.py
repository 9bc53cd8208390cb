"""`plugsky chat`, as people use it: at a terminal, at a dumb one, through a pipe, and with a screen reader."""

from __future__ import annotations

import os
import re
import signal

import pytest
from support.command import COMMAND
from support.terminal import HAVE_TMUX, Terminal

terminal_only = pytest.mark.skipif(not HAVE_TMUX, reason="needs tmux")


def call(name, **arguments):
    return {"tool_calls": [{"name": name, "arguments": arguments}]}


EDIT = call("edit", file_path="src/sums.py", old_string="a + b", new_string="b + a")


def at_a_terminal(user, *words, **how):
    return Terminal([*COMMAND, "chat", *words], cwd=user.folder, env=user.env | how.pop("env", {}), **how)


def say(terminal, text):
    terminal.type(text)
    terminal.keys("Enter")


@terminal_only
def test_a_prompt_an_approval_and_an_end(scripted, repo):
    user = scripted(EDIT, {"text": "It is **done**.\n\nAsk me anything."}, {"text": "Bye."})
    with at_a_terminal(user, columns=80, rows=24) as terminal:
        terminal.wait_for(r"ask>\s*\Z")
        say(terminal, "swap them")
        screen = terminal.wait_for(r"Answer, 1 to 5, Enter is no:")
        assert "- " in screen and "3 +     return b + a" in screen and "Why it asks: It changes src/sums.py." in screen
        assert "a + b" in (repo / "src/sums.py").read_text()
        say(terminal, "y")
        screen = terminal.wait_for(r"It is done\.\n\nAsk me anything\.\n\(.*requests.*\)\n\nask>")
        assert "b + a" in (repo / "src/sums.py").read_text()
        terminal.type("half a l")
        terminal.keys("BTab")  # the next mode; what was being written stays
        terminal.wait_for(r"Mode edit: .*\n\nedit> half a l")
        terminal.keys("C-c")
        terminal.wait_for(r"Cleared. Up brings it back.\n\nedit>\s*\Z")
        terminal.type("look at @su")
        terminal.wait_for(r"\n\s+src/sums\.py")  # completion
        terminal.keys("C-c")
        say(terminal, "/modle")
        terminal.wait_for(r"Did you mean /mode or /model\?")
        terminal.keys("C-d")
        assert terminal.wait_for_exit() == 0


@terminal_only
def test_enter_is_no_and_escape_stops_what_runs_and_what_is_typed_meanwhile_waits(scripted, repo):
    slow = call("shell", command="sleep 30")
    user = scripted(EDIT, {"text": "As you wish."}, slow, {"text": "Third."})
    with at_a_terminal(user, "--allow", "shell(sleep *)", columns=40, rows=40) as terminal:
        terminal.wait_for(r"ask>\s*\Z")
        say(terminal, "swap them")
        terminal.wait_for(r"Enter is no:")
        terminal.keys("Enter")
        terminal.wait_for(r"As you wish\.\n(.|\n)*ask>\s*\Z")
        assert "a + b" in (repo / "src/sums.py").read_text()
        say(terminal, "sleep")
        terminal.wait_for(r"run: sleep 30")
        say(terminal, "and then")
        terminal.wait_for(r"Queued: and then")
        terminal.keys("Escape")
        terminal.wait_for(r"Interrupted\. Say(.|\n)*Not sent: and then\n\nask> and then")
        terminal.keys("Enter")
        terminal.wait_for(r"Third\.\n(.|\n)*ask>\s*\Z")
        terminal.keys("C-c", "C-c")
        assert terminal.wait_for_exit() == 0


@terminal_only
def test_a_dumb_terminal_gets_lines_and_no_answer_that_was_typed_too_early_counts(scripted, repo):
    user = scripted({"text": "*One* line", "reasoning": "hm"}, EDIT, {"text": "Not done."}, {"text": "Heard y."})
    with at_a_terminal(user, env={"TERM": "dumb"}, columns=60) as terminal:
        terminal.wait_for(r"ask>\s*\Z")
        say(terminal, r"hello \ ".rstrip())
        terminal.wait_for(r"\.\.\.")
        say(terminal, "there")
        terminal.wait_for(r"ask> hello \\\n\.\.\. there\nthinking…\n\n\*One\* line\n\(")
        terminal.type("swap")
        terminal.keys("Enter", "y", "Enter")
        terminal.wait_for(r"Enter is no:")
        assert "a + b" in (repo / "src/sums.py").read_text()
        terminal.keys("C-d")
        screen = terminal.wait_for(r"Heard y\.(.|\n)*ask>\s*\Z")
        assert "> y\n" in screen and "a + b" in (repo / "src/sums.py").read_text()
        terminal.keys("C-d")
        assert terminal.wait_for_exit() == 0


SPOKEN = """\
Model: plugsky-pro.
Mode: ask.
/help lists commands, Ctrl+D ends.
Prompt: swap them
Tool call 1: edit: src/sums.py

Permission asked: Edit src/sums.py?
Diff of src/sums.py: 1 line added, 1 line removed.
Unchanged, line 1: def add(a, b):
Unchanged, line 2:     \"\"\"The sum of two numbers.\"\"\"
Removed, line 3:     return a + b
Added, line 3:     return b + a
End of the diff.
Why it asks: It changes src/sums.py.
1: yes, once (y)
2: yes, for this thread (t)
3: always: edit(src/sums.py) (a)
4: no (n)
5: no, with a word to the model
Answer, 1 to 5, Enter is no: \n\
Result 1: failed, N seconds.
The user did not allow this.
Heading, level 2: Well
Then not.
Done: plugsky-pro, 2 requests, N tokens of N, N seconds.
Prompt: 1
One is a number.
Done: plugsky-pro, 1 request, N tokens of N, N seconds.
Prompt: /open 1
Tool call 1: edit: src/sums.py
"""


def test_piped_to_a_screen_reader_it_reads_like_this_and_a_piped_yes_is_none(scripted, repo):
    user = scripted(EDIT, {"text": "## Well\n\nThen *not*."}, {"text": "One is a number."})
    done = user.plugsky("chat", "--screen-reader", stdin="swap them\n1\n/open 1\n")
    told = re.sub(r"[\d,]+ tokens of [\d,]+ \(\d+%\)", "N tokens of N", done.stdout)
    told = re.sub(r"[\d.]+ seconds?", "N seconds", told)
    assert SPOKEN.replace("1\n\nPerm", "1\nPerm").replace("py\n\nPerm", "py\nPerm") in told
    assert done.returncode == 0 and done.stderr == "" and "\x1b" not in done.stdout
    assert "a + b" in (repo / "src/sums.py").read_text()


@terminal_only
def test_it_never_loads_textual(scripted, tmp_path):
    user = scripted({"text": "Some `code`:\n\n```python\nx = 1\n```\n"})
    log = tmp_path / "imports"
    command = ["sh", "-c", f'exec "$@" 2>"{log}"', "sh", *COMMAND, "chat"]
    with Terminal(command, cwd=user.folder, env=user.env | {"PYTHONPROFILEIMPORTTIME": "1"}, rows=60) as terminal:
        terminal.wait_for(r"ask>\s*\Z")
        say(terminal, "hello")
        terminal.wait_for(r"x = 1(.|\n)*ask>\s*\Z")
        for line in ("/mode", "/model", "/theme"):
            say(terminal, line)
            terminal.wait_for(r"Choice:\s*\Z")
            terminal.keys("Enter")
            terminal.wait_for(r"Choice:\s*ask>\s*\Z")
        say(terminal, "/diff")
        terminal.wait_for(r"changed no file\.\s*ask>\s*\Z")
        terminal.keys("C-d")
        assert terminal.wait_for_exit() == 0
    modules = {line.rpartition("|")[2].strip() for line in log.read_text().splitlines()}
    assert "prompt_toolkit" in modules and "rich.text" in modules
    assert not {name for name in modules if name.split(".")[0] == "textual"}


@terminal_only
def test_what_was_said_is_there_again_and_a_terminal_that_is_closed_ends_it(scripted, tmp_path):
    user = scripted({"text": "First answer."}, {"text": "Second answer."})
    assert user.plugsky("chat", stdin="first\n").returncode == 0
    start = f'echo $$ >"{tmp_path}/pid"; exec "$@"'
    watch = 'sh -c "$@"; code=$?; stty -a; exit $code'
    command = ["sh", "-c", watch, "sh", start, "sh", *COMMAND, "chat", "-c"]
    with Terminal(command, cwd=user.folder, env=user.env) as terminal:
        terminal.wait_for(r"> first\n\nFirst answer\.\n\nask>\s*\Z")
        say(terminal, "second")
        terminal.wait_for(r"Second answer\.(.|\n)*ask>\s*\Z")
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGHUP)
        assert terminal.wait_for_exit() == 143
        assert {"icanon", "echo", "isig"} <= set(re.findall(r"[-\w]+", terminal.screen()))
    assert user.plugsky("threads", "list", "--json").stdout.count('"thread_id"') == 1


def test_commands_of_ones_own_notes_and_files_go_along(scripted, repo):
    user = scripted({"text": "Seen."})
    done = user.plugsky("chat", stdin="!echo hi $((1+1)); exit 3\n# be kind\nlook at @README.md:1\n")
    assert "[1] run: echo hi $((1+1)); exit 3\nhi 2\n(exit code 3)\n" in done.stdout
    assert "AGENTS.md new file, +" in done.stdout and "be kind" in (repo / "AGENTS.md").read_text()
    assert "Sent along: README.md:1 · " in done.stdout and "Seen.\n" in done.stdout
    again = user.plugsky("chat", "-c", stdin="").stdout
    assert "> !echo hi $((1+1)); exit 3\nhi 2\nexit code 3\n" in again
    assert "> look at @README.md:1\nSent along: README.md:1" in again


def test_what_cannot_be_opened_is_an_error_before_any_prompt(user):
    done = user.plugsky("chat", "-r", "nosuch", stdin="hello\n")
    assert done.returncode == 2 or done.returncode == 1
    assert "nosuch" in done.stderr and done.stdout == ""
