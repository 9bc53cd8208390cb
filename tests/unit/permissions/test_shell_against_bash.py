"""The parser's words against bash's own: whatever is taken for plain runs exactly as it was read."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.examples import examples

from plugsky_tui.permissions.shell.globbing import TooMany, expand
from plugsky_tui.permissions.shell.parse import parse
from plugsky_tui.permissions.shell.syntax import Joined, Node, Opaque, Pipeline, Sequence, simple_commands
from plugsky_tui.permissions.shell.words import read_word

# Pieces that make trouble where they meet: each was part of a line that bash and the grammar read differently.
PIECES = st.sampled_from(
    [
        *(
            "p",
            "q ",
            "r",
            " ",
            " ",
            "a",
            "b",
            "-x",
            '"',
            '"',
            "'",
            "'",
            "\\",
            "\\ ",
            ";",
            "&&",
            "||",
            "|",
            "|&",
            "&",
            ">",
            ">>",
        ),
        *(
            "2>",
            ">&",
            "2>&1",
            "<",
            "<<",
            "<<E",
            "\nE\n",
            "<<<",
            "#",
            "\n",
            "$",
            "${",
            "}",
            "{",
            "(",
            ")",
            "*",
            "?",
            "[",
            "]",
            "!",
        ),
        *(
            "=",
            "x=",
            "~",
            "~/",
            '"$',
            "`",
            "$(",
            " /dev/null",
            "1",
            "2",
            ",",
            "..",
            "\t",
            "if ",
            "then ",
            "fi",
            "time ",
            "[ ",
            "[[ ",
        ),
        *("]]", "@", "-", "é", "\\\n", ";;", "%", "^", ":", "+", "/"),
    ]
)


@pytest.fixture(scope="module")
def bash(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a script of functions p, q and r that write down how they were called."""
    folder = tmp_path_factory.mktemp("bash")
    (folder / "w").mkdir()
    functions = [f"{name}() {{ printf '%s\\0' {name} \"$@\" $'\\001' >> {folder}/log; }}\n" for name in "pqr"]
    (folder / "functions").write_text("".join(functions))
    return folder


def called(bash: Path, line: str) -> tuple[list[list[str]], str]:
    (bash / "log").write_bytes(b"")
    for left in (bash / "w").iterdir():
        left.unlink()
    done = subprocess.run(
        ["/bin/bash", "--noprofile", "--norc", "-c", line + "\nwait"],
        cwd=bash / "w",
        env={"BASH_ENV": str(bash / "functions"), "PATH": "/nonexistent", "HOME": "/h", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=10,
        check=False,
    )
    text = (bash / "log").read_bytes().decode("utf-8", "surrogateescape")
    return [call.split("\0")[:-1] for call in text.split("\x01\0")[:-1]], done.stderr.decode("utf-8", "replace")


def nodes(node: Node) -> Iterator[Node]:
    yield node
    match node:
        case Joined():
            yield from nodes(node.left)
            yield from nodes(node.right)
        case Pipeline():
            for stage in node.stages:
                yield from nodes(stage)
        case Sequence():
            for item in node.items:
                yield from nodes(item)
        case _:
            pass


def plain_commands(line: str) -> list[list[str]] | None:
    """The argument lists of a line that the check would take for plain, None where it would not."""
    parsed = parse(line)
    if parsed.problem or parsed.tree is None or any(isinstance(node, Opaque) for node in nodes(parsed.tree)):
        return None
    found = []
    for simple in simple_commands(parsed.tree):
        targets = [redirect.target for redirect in simple.redirects]
        if simple.assignments or simple.inner or any(not fed.literal for fed in simple.fed):
            return None
        if any(not word.exact or word.pattern is not None for word in [*simple.words, *targets]):
            return None
        words = ["/h" + word.text[1:] if word.tilde else word.text for word in simple.words]
        while words[:1] in (["time"], ["-p"]):
            words = words[1:]
        found.append(words)
    return found


@settings(max_examples=examples(120), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PIECES, min_size=1, max_size=14))
def test_what_is_taken_for_plain_runs_as_it_was_read(bash: Path, pieces: list[str]) -> None:
    line = "p " + "".join(pieces)
    read = plain_commands(line)
    if read is None:
        return
    ran, complaints = called(bash, line)
    assert "syntax error" not in complaints, line
    assert all(call in read for call in ran), (line, ran, read)


@pytest.mark.parametrize(
    "line",
    [
        "p -2>}",
        "p <2>&1",
        "p >& -x",
        'p ~"" a',
        "p <<E b\nE\n",
        'p "$\\\n{x}"',
        "p a\\\nb",
        "p a |&\ntime q",
        "p\ntime fi",
        "p;;",
        "p a{b,c}",
        "p x=~/y",
        "p $'a'",
        "p\ra",
    ],
)
def test_what_bash_reads_otherwise_than_the_grammar_is_not_plain(bash: Path, line: str) -> None:
    read = plain_commands(line)
    if read is not None:
        ran, complaints = called(bash, line)
        assert ran == read
        assert not complaints


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(raw=st.text("ab.*?[]!-^x/'\"\\", min_size=1, max_size=8))
def test_globs_find_the_names_that_bash_finds(tmp_path_factory: pytest.TempPathFactory, raw: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "globs"
    if not folder.exists():
        for name in ("a", "b", "ab", ".x", "a.b", "x-", "d/a", "d/.h", "a[b]", "!x"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("")
    word = read_word(raw)
    if word.pattern is None or not word.exact or raw.startswith("/"):
        return
    script = f"for f in {raw}; do printf '%s\\0' \"$f\"; done"
    done = subprocess.run(
        ["/bin/bash", "--noprofile", "--norc", "-c", script],
        cwd=folder,
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        check=False,
    )
    if done.returncode:
        return
    theirs = set(done.stdout.decode().split("\0")[:-1])
    try:
        ours = set(expand(word.pattern, str(folder))) or {word.text}
    except TooMany:
        return  # asked about
    assert theirs == ours, (raw, word.pattern)
