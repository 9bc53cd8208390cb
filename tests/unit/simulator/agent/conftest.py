"""Drives the agent without a network: its calls are executed on real files and in a real shell."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from plugsky_tui.kernel.guard import NUDGE_AT, LoopGuard
from plugsky_tui.simulator.agent import answer
from plugsky_tui.simulator.conversation import Conversation, FunctionCall, Message, Reply, ToolSpec

SKIPPED = {".git", "__pycache__", ".pytest_cache"}


@dataclass
class Driver:
    """Talks to the agent about `folder`. `refuse` (tool name -> answer) refuses calls; `calls` is what was made."""

    folder: Path
    tools: tuple[str, ...] = ("read", "write", "edit", "shell", "grep", "list", "glob", "todo", "multi_edit")
    refuse: dict[str, str] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    max_requests: int = 250
    guard: LoopGuard = field(default_factory=LoopGuard)

    def ask(self, text: str) -> str:
        """The final answer to `text`, all its calls having been executed."""
        self.messages.append(Message("user", text))
        for _ in range(self.max_requests):
            reply = self.step()
            if not reply.calls:
                return reply.text
            for call in reply.calls:
                self.messages.append(Message("tool", self.execute(call), call_id=call.call_id))
        raise AssertionError("the agent did not come to an end")

    def step(self) -> Reply:
        reply = answer(Conversation(list(self.messages), [ToolSpec(name) for name in self.tools]))
        for place, call in enumerate(reply.calls):
            call.call_id = f"call_{len(self.messages)}_{place}"
        self.messages.append(Message("assistant", reply.text, list(reply.calls)))
        return reply

    def execute(self, call: FunctionCall) -> str:
        arguments = json.loads(call.arguments)
        self.calls.append((call.name, arguments))
        if call.name in self.refuse:
            return self.refuse[call.name]
        act: Callable[..., str] = getattr(self, "_" + call.name)
        output = act(**arguments)
        # The sharpest case for plugsky's loop guard: every result looks like the last one of its kind.
        assert self.guard.seen(call.name, arguments, "") < NUDGE_AT, f"the agent goes in circles: {call}"
        return output

    def said(self) -> list[str]:
        return [message.text for message in self.messages if message.role == "assistant"]

    # --- the tools -----------------------------------------------------------------------------

    def _read(self, file_path: str, offset: int = 1, limit: int = 2000) -> str:
        path = self.folder / file_path
        if not path.is_file():
            return f"{file_path}: no such file."
        lines = path.read_text().split("\n")
        lines = lines[:-1] if lines[-1] == "" else lines
        if not lines:
            return f"{file_path} is empty."
        shown = "\n".join(
            f"{number:6}\t{line}" for number, line in enumerate(lines, 1) if offset <= number < offset + limit
        )
        left = len(lines) - (offset + limit - 1)
        return shown + (f"\n({left} more lines; read on with offset={offset + limit})" if left > 0 else "")

    def _write(self, file_path: str, content: str) -> str:
        path = self.folder / file_path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return f"Wrote {file_path}."

    def _edit(self, file_path: str, old_string: str, new_string: str, replace_all: bool = False) -> str:
        path = self.folder / file_path
        text = path.read_text()
        count = text.count(old_string)
        if not count:
            return "old_string was not found."
        if count > 1 and not replace_all:
            return f"old_string stands in {count} places; give more context."
        path.write_text(text.replace(old_string, new_string))
        return f"Edited {file_path}."

    def _multi_edit(self, file_path: str, edits: list[dict[str, str]]) -> str:
        text = (self.folder / file_path).read_text()
        for each in edits:
            if text.count(each["old_string"]) != 1:
                return f"Edit of {each['old_string']!r}: old_string was not found, or is not unique."
            text = text.replace(each["old_string"], each["new_string"])
        (self.folder / file_path).write_text(text)
        return f"Changed {file_path}."

    def _todo(self, items: list[dict[str, str]]) -> str:
        return "\n".join(f"{item['status']}: {item['text']}" for item in items)

    def _shell(self, command: str, description: str = "", timeout_s: float = 60) -> str:
        # As a user's shell, with this python first, and without the plugins of our own tests (they cost half a second).
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        environment.pop("PYTHONPATH", None)
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        return done.stdout + done.stderr + (f"\n(exit code {done.returncode})" if done.returncode else "")

    def _grep(self, pattern: str, path: str = ".", glob: str = "*", ignore_case: bool = False) -> str:
        wanted = re.compile(pattern, re.IGNORECASE if ignore_case else 0)
        hits = [
            f"{file.relative_to(self.folder)}:{number}:{line}"
            for file in self._files()
            if file.match(glob)
            for number, line in enumerate(file.read_text(errors="replace").split("\n"), 1)
            if wanted.search(line)
        ]
        return "\n".join(hits[:200]) or "No matches."

    def _glob(self, pattern: str) -> str:
        return (
            "\n".join(str(file.relative_to(self.folder)) for file in sorted(self.folder.glob(pattern)))
            or "No files match."
        )

    def _list(self, path: str = ".", depth: int = 1) -> str:
        top = self.folder / path
        entries = [entry for entry in sorted(top.rglob("*")) if not SKIPPED & set(entry.parts)]
        named = [(entry.relative_to(top), entry.is_dir()) for entry in entries]
        return "\n".join(f"{name}/" if folder else str(name) for name, folder in named if len(name.parts) <= depth)

    def _files(self) -> Iterator[Path]:
        return (file for file in sorted(self.folder.rglob("*")) if file.is_file() and not SKIPPED & set(file.parts))


@pytest.fixture
def repo(tmp_path: Path) -> Callable[[dict[str, str]], Driver]:
    """A folder with the given files, and someone to ask about it."""

    def make(files: dict[str, str]) -> Driver:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return Driver(tmp_path)

    return make
