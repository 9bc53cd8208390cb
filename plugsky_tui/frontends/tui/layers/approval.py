"""The approval dialog: the whole of what would be done, why it is asked, and four answers."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.events import Mount, Resize
from textual.widget import Widget
from textual.widgets import Input, Static

from plugsky_tui.frontends.tui.layers.base import Layer
from plugsky_tui.frontends.tui.layers.choices import Choice, Choices
from plugsky_tui.frontends.tui.layers.hunks import HunkChoices, HunksView
from plugsky_tui.frontends.tui.widgets.blocks import BlocksView, Part, parts_of, safe
from plugsky_tui.kernel.ports import Judgement, Prepared, RunCommand
from plugsky_tui.permissions.ask import Approval

GUARD_S = 0.35  # keys typed earlier were meant for the composer
SKIP_WORD_S = 4.0  # a "no" goes on by itself where no word is typed
_PARTS_SHOWN = 6
_SMALL = 18  # rows of the screen: with fewer, every one counts
_AROUND = 5  # the frame, the status line, the activity line, and one row of what was said


class ApprovalLayer(Layer[Approval]):
    """Ends with an Approval; Esc, and everything that is not a plain yes, is no."""

    DEFAULT_CSS = """
    ApprovalLayer { border: round $warning; border-title-color: $warning; }
    ApprovalLayer > .why { color: $text-muted; margin: 1 0; height: auto; }
    ApprovalLayer.-small > .why { display: none; }
    ApprovalLayer > .form { height: auto; display: none; }
    ApprovalLayer > .form-label { height: auto; display: none; color: $foreground; }
    ApprovalLayer.-rules > .form.-rules, ApprovalLayer.-rules > .form-label.-rules { display: block; }
    ApprovalLayer.-word > .form.-word, ApprovalLayer.-word > .form-label.-word { display: block; }
    ApprovalLayer.-rules > Choices, ApprovalLayer.-word > Choices { display: none; }
    """
    guard_s = GUARD_S

    def __init__(
        self,
        prepared: Prepared,
        judgement: Judgement,
        done: Sequence[Part],
        *,
        hunks: Sequence[Part] = (),
        waiting: int = 0,
        asks: str = "",
    ) -> None:
        """`done` is what would be done (`what_is_done`), `hunks` the same where parts of it can be left out (`hunk_parts`),
        `waiting` how many more questions stand in line, `asks` the subagent whose call it is; "" is the agent itself."""
        super().__init__()
        self._asks = asks
        self._prepared = prepared
        self._judgement = judgement
        self._waiting = waiting
        answers = [Choice("y", "yes, once")]
        if judgement.rememberable:
            answers += [Choice("t", "yes, this thread"), Choice("a", "always…")]
        answers.append(Choice("n", "no"))
        self._keys = [answer.key for answer in answers]
        self._answers = answers
        self._done = list(hunks or done)
        self._hunks = HunksView(hunks, switched=self._switched, ready=lambda: self.ready) if hunks else None
        self._preview = self._hunks or BlocksView(self._done)
        kind = HunkChoices if hunks else Choices
        self._choices = kind(answers, marked=len(answers) - 1, ready=lambda: self.ready)

    def compose(self) -> ComposeResult:
        yield self._preview
        yield Static(why(self._judgement), markup=False, classes="why")
        yield self._choices
        yield Static(
            "Always allow (kept in your settings). Enter confirms, Esc goes back:", classes="form-label -rules"
        )
        for rule in self._judgement.suggested_rules:
            yield Input(rule, classes="form -rules", select_on_focus=False)
        yield Static("No. A word to the model? Enter skips:", classes="form-label -word")
        yield Input(placeholder="tell the model why", classes="form -word")

    def on_mount(self, event: Mount) -> None:
        self.border_title = Content(_title(self._prepared, self._asks))
        for field in self.query(Input):
            field.cursor_blink = False
        self._fit()

    def on_resize(self, event: Resize) -> None:
        self._fit()

    def _fit(self) -> None:
        """The answers are always on the screen: the preview has what is left. Where that is little, the reason
        stands in the preview, at its end."""
        width, height = self.app.size
        reason = why(self._judgement)
        small = height < _SMALL
        self.set_class(small, "-small")
        self._preview.set_parts([*self._done, *_reason_lines(reason)] if small else self._done)
        around = _AROUND + self._choices.get_content_height(self.app.size, self.app.size, width - 6)
        if not small:
            around += 2 + len(reason.wrap(max(width - 4, 1)))
        self._preview.styles.max_height = max(height - around, 2)
        self.call_after_refresh(self._say_how)

    def _say_how(self) -> None:
        if self.has_class("-rules"):
            self.border_subtitle = Content("Esc: back")
            return
        hints = [f"{self._waiting} more waiting"] if self._waiting else []
        hints += ["↑↓ Space: leave hunks out"] if self._hunks is not None else []
        hints += ["PgUp PgDn: scroll"] if self._preview.overflows else []
        self.border_subtitle = Content(" · ".join([*hints, "Esc: no"]))

    def focus_target(self) -> Widget:
        return self._choices

    def scroll_page(self, direction: int) -> bool:
        return self._preview.page(direction)

    def escape(self) -> None:
        if self.has_class("-rules"):
            self.remove_class("-rules")
            self._say_how()
            self._choices.focus()
            return
        if self.ready:
            self.finish(Approval("deny"))

    def on_hunk_choices_walked(self, message: HunkChoices.Walked) -> None:
        message.stop()
        if self._hunks is not None:
            self._hunks.walk(message.step)

    def on_hunk_choices_switched(self, message: HunkChoices.Switched) -> None:
        message.stop()
        if self._hunks is not None:
            self._hunks.switch(message.number)

    def _switched(self) -> None:
        """The plain yes says how much of the change it is for."""
        hunks = self._hunks
        assert hunks is not None
        part = "yes, once" if self._chosen is None else f"yes, {len(hunks.chosen)} of {hunks.count}"
        self._answers[0] = Choice("y", part)
        self._choices.refresh(layout=True)

    @property
    def _chosen(self) -> list[int] | None:
        """The numbers of the hunks that are allowed; None: all there is."""
        hunks = self._hunks
        return None if hunks is None or len(hunks.chosen) == hunks.count else sorted(hunks.chosen)

    def on_choices_picked(self, message: Choices.Picked) -> None:
        message.stop()
        key = "n" if self._chosen == [] else self._keys[message.index]  # yes to nothing is no
        match key:
            case "y":
                self.finish(Approval("allow", "once", hunks=self._chosen))
            case "t":
                rules = list(self._judgement.suggested_rules)
                self.finish(Approval("allow", "thread", rules=rules, hunks=self._chosen))
            case "a":
                self.add_class("-rules")
                self._say_how()
                self.query(".form.-rules").first(Input).focus()
            case _:
                self.add_class("-word")
                self.query_one(".form.-word", Input).focus()
                self.set_timer(SKIP_WORD_S, self._skip_word)

    def _skip_word(self) -> None:
        if not self.query_one(".form.-word", Input).value:
            self.finish(Approval("deny"))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        if self.has_class("-word"):
            self.finish(Approval("deny", word=message.value.strip()))
            return
        rules = [field.value.strip() for field in self.query(".form.-rules").results(Input) if field.value.strip()]
        if rules:
            self.finish(Approval("allow", "always", rules=rules, hunks=self._chosen))


def _title(prepared: Prepared, asks: str) -> str:
    """One line. A command is not said twice: all of it stands below."""
    command = any(isinstance(need, RunCommand) for need in prepared.needs)
    title = "Run this command?" if command else safe(prepared.title).replace("\n", " ")
    return f"{safe(asks)}: {title}" if asks else title


def what_is_done(prepared: Prepared) -> list[Part]:
    """The whole command or diff; where a tool gave no preview, the call's arguments. For a thread: diffs take time."""
    if prepared.preview:
        return parts_of(prepared.preview)
    commands = [need.command for need in prepared.needs if isinstance(need, RunCommand)]
    if commands:
        return [("command", line) for command in commands for line in safe(command).split("\n")]
    from json import dumps  # only for a tool that shows nothing of itself

    shown = dumps(prepared.call.arguments, indent=2, ensure_ascii=False, default=str)
    return [("text", line) for line in safe(f"{prepared.call.name} {shown}").split("\n")]


def _reason_lines(reason: Content) -> list[Part]:
    lines: list[Part] = [("prose", line) for line in reason.plain.split("\n")]
    return [("text", ""), *lines]


def why(judgement: Judgement) -> Content:
    """The reason, and the parts of a command that have one of their own."""
    lines = [Content.assemble(("Why it asks: ", "bold $text-warning"), safe(judgement.reason).replace("\n", " "))]
    parts = [part for part in judgement.parts if part.verdict != "allow"]
    if len(judgement.parts) > 1 and [part.reason for part in parts] != [judgement.reason]:
        lines += [
            Content.assemble("  ", (safe(part.command).replace("\n", "␊"), "$foreground"), f"  {safe(part.reason)}")
            for part in parts[:_PARTS_SHOWN]
        ]
        if len(parts) > _PARTS_SHOWN:
            lines.append(Content(f"  and {len(parts) - _PARTS_SHOWN} more parts"))
    return Content("\n").join(lines)
