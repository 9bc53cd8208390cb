"""A session with something to look at in every panel: real tools, a real gate, a conversation."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from plugsky_tui.config.settings import load
from plugsky_tui.kernel.display import TodoBlock, TodoItem
from plugsky_tui.kernel.events import (
    RequestStarted,
    ThreadCompleted,
    ToolCalled,
    ToolResulted,
    TurnCompleted,
    Usage,
    Within,
)
from plugsky_tui.kernel.messages import AssistantMessage, ToolCall, ToolMessage, UserMessage
from plugsky_tui.kernel.ports import ToolDefinition
from plugsky_tui.permissions.build import build_gate
from plugsky_tui.permissions.rules import parse_rule
from plugsky_tui.threads.store import ThreadStore
from plugsky_tui.tooling.context import ToolContext
from plugsky_tui.tooling.registry import load_tools
from plugsky_tui.tooling.toolbox import ToolboxOf

SYSTEM = (
    "You are plugsky. " * 180
    + "\nInstructions from AGENTS.md, for work in its folder:\n<instructions>\n"
    + "Run the tests with pytest. " * 90
    + "\n</instructions>"
)
TODOS = [
    TodoItem("Read how settings are parsed", "completed"),
    TodoItem("Split at the first equals sign only", "completed"),
    TodoItem("Write a test for values with an equals sign in them", "in_progress"),
    TodoItem("Run the whole suite"),
    TodoItem("Say what has changed"),
]
WORK = [
    ToolCalled("t1", "task", {"agent": "explore", "prompt": "Find where settings are parsed, and who calls it."}),
    ToolCalled("t2", "task", {"agent": "general", "prompt": "Mend the parser."}),
    Within("t1", ToolCalled("a", "grep", {"pattern": "def parse", "path": "src"})),
    Within("t1", ToolResulted("a", True, "src/settings.py:4", 0.1)),
    Within("t1", ToolCalled("b", "read", {"file_path": "src/settings.py"})),
    Within("t2", ToolCalled("a", "edit", {"file_path": "src/settings.py"})),
    Within("t2", ToolResulted("a", False, "old_string is not in it\nmore", 0.1)),
]
HISTORY = [
    UserMessage("Mend the parser."),
    ToolCalled("1", "todo", {"items": []}),
    ToolResulted("1", True, "2 of 5 done.", 0.0, [TodoBlock(TODOS)]),
    Usage(11_000, 1_300, 0, 12_300, 131_072),
]
SAID = [
    UserMessage("Mend the parser of the settings, please."),
    AssistantMessage("I look.", calls=[ToolCall("c1", "read", {"file_path": "src/settings.py"})]),
    ToolMessage("c1", "read", "name, value = line.split('=')\n" * 400),
    AssistantMessage("And the tests.", calls=[ToolCall("c2", "shell", {"command": "pytest -q tests/unit"})]),
    ToolMessage("c2", "shell", "test passed\n" * 300),
    AssistantMessage("It splits at every equals sign. " * 40),
]


def simple_tools() -> Any:
    """Tools that stay as they are, for pictures."""
    text = {"type": "string", "description": "The path of the file."}
    read = {"type": "object", "properties": {"file_path": text}, "required": ["file_path"]}
    definitions = [
        ToolDefinition("read", "Reads a file. Text comes with line numbers.\n" + "More of it. " * 60, read),
        ToolDefinition("edit", "Replaces old_string by new_string in a file.", {**read}),
        ToolDefinition("shell", "Runs a command line with bash in the workspace.", {"type": "object"}),
        ToolDefinition("mcp__github__get_issue", "Reads an issue of a repository.", {"type": "object"}),
    ]
    return SimpleNamespace(definitions=lambda: definitions, reads_only=lambda name: name == "read")


def used_thread(data_dir: Path, folder: Path) -> str:
    """The id of a thread with two requests and three calls, on disk."""
    thread = ThreadStore(data_dir).create(folder, "plugsky-pro", "ask")
    thread.prompt(UserMessage("Mend the parser."))
    for number in (1, 2):
        thread.event(RequestStarted(f"req-{number}", "plugsky-pro", "key"))
        thread.event(Usage(4_000 * number, 300, 1_000, 12_300, 131_072))
        thread.event(TurnCompleted("tool_calls", "plugsky-pro"))
        thread.event(ToolCalled(f"c{number}", "read", {"file_path": "a.py"}))
        thread.event(ToolResulted(f"c{number}", True, "…", 0.1))
    thread.event(ToolCalled("c3", "shell", {"command": "pytest"}))
    thread.event(ToolResulted("c3", False, "1 failed", 0.1))
    thread.event(ThreadCompleted("completed", "", 2))
    thread.close()
    return thread.thread_id


def furnish(kind: Any, folder: Path, *, data_dir: Path | None = None, history: Any = HISTORY) -> Any:
    """A stand-in for a session, of the class `kind`, at work in `folder`."""
    session = kind(history=history)
    session.folder = folder
    session.gate = build_gate(folder, load(folder), data_dir=data_dir, trusted=False)
    session.gate.rules.add(
        [
            parse_rule("read(.env*)", "deny", "user"),
            parse_rule("shell(git push *)", "ask", "user"),
            parse_rule("shell(git status *)", "allow", "user"),
            parse_rule("edit(src/**)", "allow", "remembered"),
            parse_rule("shell(pytest *)", "allow", "thread"),
        ]
    )
    session.toolbox = ToolboxOf(load_tools().instances(), ToolContext(root=session.gate.root))
    session.system = lambda: SYSTEM
    session.said = SAID
    return session
