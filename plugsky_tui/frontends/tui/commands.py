"""Every slash command, declared once. Completion, the palette, the help and docs/commands.md are made from this."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

Topic = Literal["The agent", "Threads", "What it did", "Settings", "plugsky"]
TOPICS: tuple[Topic, ...] = get_args(Topic)


class Deeds(Protocol):
    """What commands can do. An empty argument means: let the user choose."""

    def show_help(self) -> Awaitable[None]: ...
    def choose_model(self, name: str) -> Awaitable[None]: ...
    def log_in(self, given: str) -> Awaitable[None]: ...
    def choose_mode(self, name: str) -> Awaitable[None]: ...
    def new_thread(self) -> Awaitable[None]: ...
    def choose_thread(self, thread_id: str) -> Awaitable[None]: ...
    def rename_thread(self, title: str) -> Awaitable[None]: ...
    def show_changes(self) -> Awaitable[None]: ...
    def show_jobs(self) -> Awaitable[None]: ...
    def build_index(self) -> Awaitable[None]: ...
    def move_to_background(self) -> Awaitable[None]: ...
    def copy_answer(self, what: str) -> Awaitable[None]: ...
    def choose_theme(self, name: str) -> Awaitable[None]: ...
    def leave(self) -> Awaitable[None]: ...
    def fork_thread(self) -> Awaitable[None]: ...
    def write_instructions(self) -> Awaitable[None]: ...

    # Only where there is a whole screen:
    def show_permissions(self) -> Awaitable[None]: ...
    def show_settings(self, name: str) -> Awaitable[None]: ...
    def show_keys(self) -> Awaitable[None]: ...
    def show_tools(self) -> Awaitable[None]: ...
    def show_usage(self) -> Awaitable[None]: ...
    def show_context(self) -> Awaitable[None]: ...
    def show_todos(self) -> Awaitable[None]: ...
    def show_subagents(self) -> Awaitable[None]: ...


@dataclass(slots=True)
class Command:
    """`arguments` as help shows them ("" for none), `key` the action in the key table that does the same.

    Where `while_busy` is False, it is refused while the agent works: it would take the thread away from it. `screen`: only
    the full-screen UI has it. `title` is what the palette calls one that is no slash command.
    """

    name: str
    arguments: str
    description: str
    run: Callable[[Deeds, str], Awaitable[None]]
    key: str = ""
    while_busy: bool = True
    topic: Topic = "plugsky"
    screen: bool = False
    title: str = ""

    @property
    def shown(self) -> str:
        """As lists call it."""
        return self.title or f"/{self.name}"


_AGENT: Topic = "The agent"
_THREADS: Topic = "Threads"
_DONE: Topic = "What it did"
_SETTINGS: Topic = "Settings"

COMMANDS: tuple[Command, ...] = (
    Command("help", "", "keys, modes and commands", lambda do, _: do.show_help(), key="help.show"),
    Command(
        "model", "[NAME]", "choose the model", lambda do, name: do.choose_model(name), key="model.pick", topic=_AGENT
    ),
    Command("login", "", "enter an API key; it is never shown", lambda do, given: do.log_in(given), topic=_SETTINGS),
    Command(
        "mode",
        "[MODE]",
        "plan, ask, edit or auto",
        lambda do, name: do.choose_mode(name),
        key="mode.next",
        topic=_AGENT,
    ),
    Command(
        "permissions",
        "",
        "what the agent may do: mode and rules; add, remove and try them",
        lambda do, _: do.show_permissions(),
        topic=_AGENT,
        screen=True,
    ),
    Command(
        "tools",
        "",
        "what the agent can call, and what of it asks",
        lambda do, _: do.show_tools(),
        topic=_AGENT,
        screen=True,
    ),
    Command(
        "init",
        "",
        "have the agent write AGENTS.md for this folder",
        lambda do, _: do.write_instructions(),
        topic=_AGENT,
    ),
    Command("new", "", "begin a new thread", lambda do, _: do.new_thread(), while_busy=False, topic=_THREADS),
    Command(
        "threads",
        "",
        "the threads of this folder",
        lambda do, _: do.choose_thread(""),
        key="threads.pick",
        while_busy=False,
        topic=_THREADS,
    ),
    Command(
        "resume",
        "[ID]",
        "take up an earlier thread",
        lambda do, name: do.choose_thread(name),
        while_busy=False,
        topic=_THREADS,
    ),
    Command(
        "fork",
        "",
        "go on in a copy of this thread",
        lambda do, _: do.fork_thread(),
        while_busy=False,
        topic=_THREADS,
    ),
    Command("rename", "[TITLE]", "give this thread a title", lambda do, title: do.rename_thread(title), topic=_THREADS),
    Command("diff", "", "all changes of this thread, by file", lambda do, _: do.show_changes(), topic=_DONE),
    Command(
        "jobs",
        "",
        "commands in the background: their output, and an end to them",
        lambda do, _: do.show_jobs(),
        topic=_DONE,
    ),
    Command(
        "background",
        "",
        "move the running command to the background",
        lambda do, _: do.move_to_background(),
        key="job.background",
        topic=_DONE,
    ),
    Command(
        "context",
        "",
        "what the model is sent, and what takes the room",
        lambda do, _: do.show_context(),
        topic=_DONE,
        screen=True,
    ),
    Command(
        "usage",
        "",
        "requests, tokens and tool calls; the plan",
        lambda do, _: do.show_usage(),
        topic=_DONE,
        screen=True,
    ),
    Command(
        "copy",
        "[code|all]",
        "copy the last answer, its last code block, or all of the thread",
        lambda do, what: do.copy_answer(what),
        topic=_DONE,
    ),
    Command("index", "", "build the semantic index; again stops it", lambda do, _: do.build_index(), topic=_AGENT),
    Command("theme", "[NAME]", "choose the colours", lambda do, name: do.choose_theme(name), topic=_SETTINGS),
    Command(
        "config",
        "[KEY]",
        "every setting: its value, where that is from, a new one",
        lambda do, name: do.show_settings(name),
        topic=_SETTINGS,
        screen=True,
    ),
    Command(
        "keys", "", "every key; give actions other ones", lambda do, _: do.show_keys(), topic=_SETTINGS, screen=True
    ),
    Command("quit", "", "leave; the thread is kept", lambda do, _: do.leave()),
)

# In the palette only: what they show is in sight anyway while the agent works.
UNTYPED: tuple[Command, ...] = (
    Command(
        "todos",
        "",
        "the agent's list of what is to be done",
        lambda do, _: do.show_todos(),
        topic=_DONE,
        screen=True,
        title="Todo list",
    ),
    Command(
        "subagents",
        "",
        "what the subagents do, step by step",
        lambda do, _: do.show_subagents(),
        topic=_DONE,
        screen=True,
        title="Subagents",
    ),
)


@dataclass(slots=True)
class Call:
    """A line that begins with a slash. `command` is None where no command has that name; `nearest` are then alike."""

    name: str
    argument: str
    command: Command | None
    nearest: list[str]


def parse(text: str, commands: Sequence[Command] = COMMANDS) -> Call | None:
    """`text` as a command; None where it is a prompt (paths such as `/etc/hosts` and several lines are)."""
    name, _, argument = text.strip().removeprefix("/").partition(" ")
    if not text.startswith("/") or "\n" in text.strip() or "/" in name or not name:
        return None
    command = next((entry for entry in commands if entry.name == name), None)
    return Call(name, argument.strip(), command, [] if command else _nearest(name, commands))


def _nearest(name: str, commands: Sequence[Command]) -> list[str]:
    from difflib import get_close_matches  # only for what is mistyped

    names = [entry.name for entry in commands]
    starting = [known for known in names if known.startswith(name)]
    return starting or get_close_matches(name, names, n=3, cutoff=0.5)
