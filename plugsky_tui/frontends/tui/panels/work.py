"""What goes on now: the agent's todo list, and the tasks of its subagents."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.content import Content
from textual.events import Mount

from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.layers.picker import Pick, Picker
from plugsky_tui.frontends.tui.layers.sheet import Draw, SheetLayer
from plugsky_tui.frontends.tui.todo import SIGNS, Todos
from plugsky_tui.frontends.tui.widgets.activity import duration
from plugsky_tui.frontends.tui.widgets.columns import heading, prose
from plugsky_tui.frontends.tui.widgets.columns import item as row
from plugsky_tui.session.subagent_steps import MOST_LISTED

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.layers.base import Layers
    from plugsky_tui.frontends.tui.tasks import Task, Tasks

_LOOK_S = 0.5
_SIGN_STYLES = {"✓": "$text-success", "✗": "$text-error", "●": "$text-accent", "…": "$text-warning"}
_TODO_STYLES = {"pending": "", "in_progress": "bold $text-accent", "completed": "$text-muted"}


class LiveSheet(SheetLayer):
    """Looks again twice a second."""

    def __init__(self, title: Callable[[], str], look: Callable[[], Draw]) -> None:
        super().__init__(title(), look())
        self._title_now = title
        self._look = look

    def on_mount(self, event: Mount) -> None:
        self.set_interval(_LOOK_S, self._again)

    def _again(self) -> None:
        following = self._scroll.max_scroll_y > 0 and self._scroll.scroll_offset.y >= self._scroll.max_scroll_y
        self.border_title = Content(clean(self._title_now()))
        self.show(self._look())
        if following:
            self.call_after_refresh(self._scroll.scroll_end, animate=False)


def todo_sheet(todos: Todos) -> LiveSheet:
    def title() -> str:
        return f"Todo list · {todos.done} of {len(todos.items)} done" if todos.items else "Todo list"

    def look() -> Draw:
        items = list(todos.items)

        def draw(width: int) -> list[Content]:
            if not items:
                return prose("The agent has made no list in this thread. It does for work of several steps.", width)
            lines: list[Content] = []
            for item in items:
                style = _TODO_STYLES[item.status]
                lines += row(SIGNS[item.status], item.text, width, style, sign_style=style)
            return lines

        return draw

    return LiveSheet(title, look)


async def show_subagents(tasks: Tasks, layers: Layers) -> None:
    """Until the user closes the list."""
    marked: str | None = None
    while True:
        marked = await layers.ask(TaskPicker(tasks, marked))
        task = next((one for one in tasks.all if one.call_id == marked), None)
        if task is None:
            return
        await layers.ask(_task_sheet(tasks, task))


class TaskPicker(Picker[str]):
    """Ends with the call of the task to look at."""

    def __init__(self, tasks: Tasks, marked: str | None) -> None:
        super().__init__(
            "Subagents",
            _picks(tasks),
            note=_note(tasks),
            keys="Enter: its steps · Esc" if tasks.all else "Esc",
            marked=marked,
        )
        self._tasks = tasks

    def on_mount(self, event: Mount) -> None:
        self.set_interval(_LOOK_S, lambda: self.set_picks(_picks(self._tasks), _note(self._tasks)))


def _note(tasks: Tasks) -> str:
    if not tasks.all:
        return "No subagent has worked in this thread. The agent gives tasks to them with the tool task."
    return "" if tasks.running else "None of them works now."


def _picks(tasks: Tasks) -> list[Pick[str]]:
    """Those at work first, the newest on top."""
    newest_first = tasks.all[::-1]
    newest_first.sort(key=lambda task: task.ended is not None)
    return [
        Pick(
            task.call_id,
            task.agent,
            f"{_state(tasks, task)} · {_line(task.last if task.ended is None and task.last else task.prompt)}",
            current=task.ended is None,
            words=task.prompt,
            faint=task.ended is not None,
        )
        for task in newest_first
    ]


def _state(tasks: Tasks, task: Task) -> str:
    seconds = (tasks.clock() if task.ended is None else task.ended) - task.begun
    calls = f"{len(task.steps.all)} call{'s' * (len(task.steps.all) != 1)}"
    took = f" {duration(seconds)}" if seconds >= 1 else ""
    state = "works" if task.ended is None else "done" if task.ok else "failed"
    return f"{state}{took} · {calls}"


def _task_sheet(tasks: Tasks, task: Task) -> LiveSheet:
    def look() -> Draw:
        steps = [step.line for step in task.steps.all[-MOST_LISTED:]]
        waits = task.last if task.ended is None and task.last and task.last not in steps[-1:] else ""

        def draw(width: int) -> list[Content]:
            lines = [heading("Its task")]
            for paragraph in clean(task.prompt).strip().split("\n"):
                lines += prose(paragraph, width)
            lines += [Content(""), heading("What it does" if task.ended is None else "What it did")]
            for step in [*steps, *([waits] if waits else [])]:
                lines += row(step[:1], step[1:], width, sign_style=_SIGN_STYLES.get(step[:1], ""))
            return lines if steps or waits else [*lines, Content.styled("Nothing yet.", "$text-muted")]

        return draw

    return LiveSheet(lambda: f"{task.agent} · {_state(tasks, task)}", look)


def _line(text: str) -> str:
    return " ".join(clean(text).split())
