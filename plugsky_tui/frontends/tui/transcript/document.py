"""What the transcript holds: the units, and how events make and change them.

Takes raw text and keeps it clean. Knows nothing of the screen; what it changed, it says in `changes`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from plugsky_tui.frontends.markdown.lines import LONGEST, cut_at
from plugsky_tui.frontends.markdown.splitter import Splitter
from plugsky_tui.frontends.text import Cleaner, clean
from plugsky_tui.frontends.tui.transcript.units import (
    Answer,
    Note,
    NoteKind,
    Piece,
    Prompt,
    Step,
    StepState,
    Thought,
    Tool,
    Unit,
)
from plugsky_tui.kernel.display import DiffBlock, Display, TableBlock, TextBlock, TodoBlock, TodoItem

# Lines of live output that are shown while a tool runs, and characters kept of one.
TAIL_LINES = 4
_TAIL_LINE = 400


@dataclass(slots=True)
class Changes:
    """Units that look different now: those from `start` on, and single ones before it. `streamed` counts characters."""

    start: int
    single: set[int] = field(default_factory=set)
    streamed: int = 0


@dataclass(slots=True)
class _Writing:
    """The answer that is being streamed; its units begin at `base`."""

    answer: Answer
    base: int
    splitter: Splitter = field(default_factory=Splitter)
    cleaner: Cleaner = field(default_factory=Cleaner)


@dataclass(slots=True)
class _Thinking:
    thought: Thought
    place: int
    began: float
    cleaner: Cleaner = field(default_factory=Cleaner)


class Document:
    """The units in order. Streamed text is only gathered until `flush`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.units: list[Unit] = []
        self._clock = clock
        self._pending: list[str] = []  # of the open text or reasoning
        self._writing: _Writing | None = None
        self._thinking: _Thinking | None = None
        self._last: Answer | None = None
        self._tools: dict[str, tuple[int, Tool, Cleaner]] = {}
        self._start = 0  # the first unit that is new or replaced since the last flush
        self._single: set[int] = set()

    # --- Streams ---------------------------------------------------------------------------------------------

    def write(self, delta: str) -> None:
        if self._writing is None:
            self.end()
            self._last = answer = Answer()
            self._writing = _Writing(answer, len(self.units))
        self._pending.append(delta)

    def think(self, delta: str) -> None:
        if self._thinking is None:
            self.end()
            thought = Thought()
            self._thinking = _Thinking(thought, len(self.units), self._clock())
            self._add(thought)
        self._pending.append(delta)

    def flush(self) -> Changes:
        """Take in what was streamed, and say what changed since the last time."""
        streamed = 0
        if self._pending:
            text = "".join(self._pending)
            streamed = len(text)
            self._pending.clear()
            if self._writing is not None:
                self._write_on(self._writing, self._writing.cleaner.feed(text))
            elif self._thinking is not None:
                self._think_on(self._thinking, self._thinking.cleaner.feed(text))
        if self._writing is not None:
            self._writing.splitter.peek()
            self._take_leaves(self._writing, self._start)
        changes = Changes(self._start, {number for number in self._single if number < self._start}, streamed)
        self._start = len(self.units)
        self._single.clear()
        return changes

    def end(self, *, interrupted: bool = False) -> None:
        """Finish the open text or reasoning."""
        self._finish_text()
        self._finish_thought()
        if interrupted:
            self._add(Note("warning", "Interrupted"))

    def _finish_text(self) -> None:
        writing = self._writing
        if writing is None:
            return
        self.flush_text(writing)
        self._write_on(writing, writing.cleaner.flush())
        first = writing.splitter.finish()
        self._take_leaves(writing, min(self._start, writing.base + first))
        self._grown(len(self.units) - 1, writing)
        self._writing = None

    def flush_text(self, writing: _Writing) -> None:
        text = "".join(self._pending)
        self._pending.clear()
        self._write_on(writing, writing.cleaner.feed(text))

    def _finish_thought(self) -> None:
        thinking = self._thinking
        if thinking is None:
            return
        text = thinking.cleaner.feed("".join(self._pending)) + thinking.cleaner.flush()
        self._pending.clear()
        self._think_on(thinking, text)
        thinking.thought.seconds = self._clock() - thinking.began
        self._single.add(thinking.place)
        self._thinking = None

    def _write_on(self, writing: _Writing, text: str) -> None:
        if not text:
            return
        if not writing.answer.parts:
            text = text.lstrip("\n")
        writing.answer.parts.append(text)
        first = writing.splitter.feed(text)
        self._start = min(self._start, writing.base + first)

    def _take_leaves(self, writing: _Writing, start: int) -> None:
        """Make the units from number `start` on those of the leaves; what stayed the same leaf stays the same unit."""
        leaves, base = writing.splitter.leaves, writing.base
        start = max(start, base)
        old = self.units[start:]
        if not old and base + len(leaves) == start:
            return
        self._grown(start - 1, writing)
        del self.units[start:]
        for number, leaf in enumerate(leaves[start - base :]):
            before = old[number] if number < len(old) else None
            if isinstance(before, Piece) and before.leaf is leaf:
                before.growing = False
                self.units.append(before)
            else:
                self.units.append(Piece(writing.answer, leaf, first=start - base + number == 0))
        if leaves and isinstance(last := self.units[-1], Piece):
            last.growing = True
        self._start = min(self._start, start)

    def _grown(self, number: int, writing: _Writing) -> None:
        """The leaf of unit `number` is complete: emphasis it left open, for one, will not be closed any more."""
        if number >= writing.base and isinstance(piece := self.units[number], Piece) and piece.growing:
            piece.growing = False
            self._start = min(self._start, number)

    def _think_on(self, thinking: _Thinking, text: str) -> None:
        if not text:
            return
        thought, lines = thinking.thought, thinking.thought.lines
        if not thought.parts:
            text = text.lstrip("\n")
        thought.parts.append(text)
        for line in (lines.pop() + text).split("\n"):
            place = 0
            while len(line) - place > LONGEST:  # goes on in another line, so that a frame costs the same
                part = line[place : place + LONGEST]
                lines.append(part[: cut_at(part)])
                place += len(lines[-1])
            lines.append(line[place:])
        if thinking.thought.open:
            self._single.add(thinking.place)

    # --- Whole units -----------------------------------------------------------------------------------------

    def prompt(self, text: str, attached: Sequence[str] = ()) -> None:
        self.end()
        lines = [" ".join(clean(line).split()) for line in attached]
        self._add(Prompt(clean(text).strip("\n"), lines))

    def note(self, text: str, kind: NoteKind) -> None:
        self.end()
        self._add(Note(kind, clean(text).strip("\n")))

    def markdown(self, text: str) -> None:
        """A text that is not the model's."""
        last = self._last
        self.end()
        self.write(text)
        self.end()
        self._last = last

    def clear(self) -> None:
        self.end()
        self.units.clear()
        self._tools.clear()
        self._last = None
        self._start = 0
        self._single.clear()

    def _add(self, unit: Unit) -> None:
        self._start = min(self._start, len(self.units))
        self.units.append(unit)

    # --- Tools -----------------------------------------------------------------------------------------------

    @property
    def writing(self) -> bool:
        """Whether a text or reasoning is open."""
        return self._writing is not None or self._thinking is not None

    def tool(self, call_id: str, name: str, summary: str, input: str, *, opened: bool = False) -> None:
        self.end()
        tool = Tool(call_id, clean(name), clean(summary), clean(input).strip("\n"), open=opened)
        self._tools[call_id] = len(self.units), tool, Cleaner()
        self._add(tool)

    def tool_output(self, call_id: str, text: str) -> None:
        known = self._tools.get(call_id)
        if known is None or known[1].state != "running" or known[1].steps:
            return  # a subagent's steps say more than its lines
        place, tool, cleaner = known
        head, *rest = cleaner.feed(text).split("\n")
        tail = tool.tail or [""]
        tail[-1] = (tail[-1] + head)[-_TAIL_LINE:]
        tail += (line[-_TAIL_LINE:] for line in rest[-TAIL_LINES - 1 :])
        # A line that has just begun does not push the oldest one out yet.
        keep = TAIL_LINES if tail[-1] else TAIL_LINES + 1
        tool.tail = tail[-keep:]
        self._single.add(place)

    def tool_step(self, call_id: str, key: str, state: StepState, text: str) -> None:
        """What the subagent of a call does: a new step, or, where the last one with this `key` still runs, how that one
        ended. A wait ends with the next step; `text` "" only ends it."""
        known = self._tools.get(call_id)
        if known is None or known[1].state != "running":
            return
        place, tool, _ = known
        steps = tool.steps
        if steps and steps[-1].state == "waiting":
            steps.pop()
        step = next((one for one in reversed(steps) if one.key == key and one.state == "running"), None)
        text = clean(text)
        if step is not None and state != "waiting":
            step.state, step.text = state, text or step.text
        elif text:
            steps.append(Step(key, state, text))
            tool.inner_calls += state == "running"
        tool.tail = []
        self._single |= {place, place + 1} if place + 1 < len(self.units) else {place}

    def tool_result(self, call_id: str, ok: bool, output: str, seconds: float, display: Sequence[Display]) -> None:
        known = self._tools.get(call_id)
        if known is None:
            return
        place, tool, _ = known
        tool.state, tool.seconds = "ok" if ok else "failed", seconds
        tool.output, tool.display, tool.tail = clean(output), [_clean_display(block) for block in display], []
        for step in tool.steps:
            step.state = "failed" if step.state == "running" else step.state  # it was interrupted
        if tool.display:
            tool.steps = []  # it lists them
        # The unit below may stand apart from this one now.
        self._single |= {place, place + 1} if place + 1 < len(self.units) else {place}

    def toggle(self, number: int) -> None:
        """Open or fold the unit."""
        unit = self.units[number]
        if isinstance(unit, Tool | Thought | Prompt):
            unit.open = not unit.open
            self._single |= {number, number + 1} if number + 1 < len(self.units) else {number}

    def toggle_all(self) -> None:
        """Open all tool calls and all reasoning; fold them where all are open."""
        all_of_them = [(number, unit) for number, unit in enumerate(self.units) if isinstance(unit, Tool | Thought)]
        opened = not all(unit.open for _, unit in all_of_them)
        for number, unit in all_of_them:
            unit.open = opened
            self._single |= {number, number + 1} if number + 1 < len(self.units) else {number}

    # --- Text ------------------------------------------------------------------------------------------------

    def last_answer(self) -> str:
        """What the model said last, as Markdown."""
        if self._last is None:
            return ""
        if self._writing is not None:
            self.flush_text(self._writing)
        return self._last.text.strip("\n")

    def source(self) -> str:
        """All of it, as Markdown."""
        if self._writing is not None:
            self.flush_text(self._writing)
        parts: list[str] = []
        answer: Answer | None = None
        for unit in self.units:
            match unit:
                case Piece():
                    if unit.answer is not answer:
                        answer = unit.answer
                        parts.append(answer.text.strip("\n"))
                case Thought():
                    pass
                case _:
                    parts.append(unit_source(unit))
        return "\n\n".join(parts)


def unit_source(unit: Unit) -> str:
    """What is copied of a unit."""
    match unit:
        case Prompt():
            return unit.text
        case Note():
            return unit.text
        case Thought():
            return unit.text.strip("\n")
        case Tool():
            head = f"{unit.name} {unit.summary}".strip()
            return "\n".join(part for part in (unit.input or head, unit.output) if part)
        case Piece():
            return unit.answer.text[unit.leaf.start : unit.leaf.end]


def _clean_display(block: Display) -> Display:
    match block:
        case TextBlock():
            return replace(block, text=clean(block.text))
        case DiffBlock():
            before = None if block.before is None else clean(block.before)
            after = None if block.after is None else clean(block.after)
            return DiffBlock(clean(block.path), before, after)
        case TodoBlock():
            return TodoBlock([TodoItem(clean(item.text), item.status) for item in block.items])
        case TableBlock():
            return TableBlock(
                [clean(cell) for cell in block.header], [[clean(cell) for cell in row] for row in block.rows]
            )
