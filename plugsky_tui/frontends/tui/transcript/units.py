"""What the transcript is made of: one unit per thing that is laid out on its own.

All texts in here are clean. Units know nothing of widths, colours or rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Union

from plugsky_tui.frontends.markdown.leaves import Leaf
from plugsky_tui.kernel.display import Display

NoteKind = Literal["info", "warning", "error"]
ToolState = Literal["running", "ok", "failed"]
StepState = Literal["running", "ok", "failed", "waiting"]


@dataclass(slots=True, eq=False)
class Prompt:
    """What the user said, and lines about what was sent along. A long one is folded until `open`."""

    text: str
    attached: list[str] = field(default_factory=list)
    open: bool = False


@dataclass(slots=True, eq=False)
class Answer:
    """One text of the model, of which the pieces are leaves. `parts` together are its source."""

    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        if len(self.parts) > 1:
            self.parts[:] = ["".join(self.parts)]
        return self.parts[0] if self.parts else ""


@dataclass(slots=True, eq=False)
class Piece:
    """One leaf of an answer. `first` marks its beginning, `growing` that the leaf is still being written."""

    answer: Answer
    leaf: Leaf
    first: bool = False
    growing: bool = False


@dataclass(slots=True, eq=False)
class Thought:
    """Reasoning of the model: lines, of which only the last still changes. `parts` together are its source."""

    parts: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=lambda: [""])
    seconds: float | None = None  # None while it goes on
    open: bool = False

    @property
    def text(self) -> str:
        return "".join(self.parts)


@dataclass(slots=True, eq=False)
class Step:
    """Something a subagent does, on one line. "waiting" ones stand there only until something else is done."""

    key: str
    state: StepState
    text: str


@dataclass(slots=True, eq=False)
class Tool:
    """A tool call: one line, and below it what it shows. `tail` is the end of its live output. Of a call that runs a
    subagent `steps` are what that does, and `inner_calls` counts its calls."""

    call_id: str
    name: str
    summary: str
    input: str = ""
    state: ToolState = "running"
    seconds: float = 0.0
    output: str = ""
    display: list[Display] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    inner_calls: int = 0
    open: bool = False


@dataclass(slots=True, eq=False)
class Note:
    kind: NoteKind
    text: str


Unit = Union[Prompt, Piece, Thought, Tool, Note]


def same_block(one: Unit, other: Unit) -> bool:
    """Whether both belong to one block: to what the cursor stands on, and what is copied together."""
    if one is other:
        return True
    return (
        isinstance(one, Piece)
        and isinstance(other, Piece)
        and one.answer is other.answer
        and one.leaf.block == other.leaf.block
    )


def can_open(unit: Unit) -> bool:
    match unit:
        case Thought():
            return True
        case Tool():
            return True
        case Prompt():
            return is_long(unit)
        case _:
            return False


def is_long(prompt: Prompt) -> bool:
    """Whether a prompt is folded until it is opened."""
    return prompt.text.count("\n") >= FOLD_LINES or len(prompt.text) > FOLD_CHARACTERS


# A prompt of more lines, or more characters, than this is folded.
FOLD_LINES = 24
FOLD_CHARACTERS = 4000
