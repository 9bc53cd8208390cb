"""The composer: a text area that sends, remembers, folds long pastes and completes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual.content import Content
from textual.events import Click, Key, Paste
from textual.message import Message

from plugsky_tui.frontends.own_lines import Kind, kind_of
from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.composer.chips import Chips
from plugsky_tui.frontends.tui.composer.drafts import Draft, joined
from plugsky_tui.frontends.tui.composer.mended import MendedArea
from plugsky_tui.frontends.tui.composer.suggesting import Suggesting
from plugsky_tui.frontends.tui.keys import bindings
from plugsky_tui.kernel.errors import PlugskyError

if TYPE_CHECKING:
    from textual.document._document import EditResult

    from plugsky_tui.frontends.bidi.paragraph import Way
    from plugsky_tui.frontends.tui.composer.completion import Completer
    from plugsky_tui.frontends.tui.composer.history import PromptHistory
    from plugsky_tui.frontends.tui.composer.vim_keys import VimKeys
    from plugsky_tui.kernel.messages import Image

PLACEHOLDER = "Ask plugsky"
_TITLES: dict[Kind, str] = {
    "": "",
    "shell": "your own command: Enter runs it",
    "note": "for AGENTS.md: Enter adds it",
}

_IMAGE_ENDS = (".png", ".jpg", ".jpeg", ".gif", ".webp")
_UNSAFE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # C0, C1, bidi controls


class Composer(MendedArea):
    """Posts `Sent` and `Steered` with the whole draft, chips expanded, and is empty then. `Attached` says that an image
    is on board, `Refused` why one is not.

    `history` makes what keeps earlier prompts, `completer` what finds suggestions, when they are first needed;
    `take_key` runs what a key is bound to, and is asked about each key before it may become text.
    """

    DEFAULT_CSS = """
    Composer, Composer:focus {
        height: auto; max-height: 12; padding: 0 1; margin: 0;
        border: round $border-blurred; background: $background; background-tint: transparent;
        scrollbar-size-vertical: 1;
    }
    Composer:focus { border: round $primary; }
    Composer.-plan:focus { border: round $secondary; }
    Composer.-edit:focus { border: round $success; }
    Composer.-auto:focus { border: round $warning; }
    Composer.-own:focus { border: round $accent; }
    Composer { border-title-color: $text-accent; border-subtitle-color: $text-muted; }
    Composer:light .text-area--cursor { color: $input-cursor-foreground; background: $input-cursor-background; }
    Composer .text-area--placeholder { color: $text-muted; }
    """
    BINDINGS = bindings("composer")

    class Sent(Message):
        """The user pressed Enter on `draft`."""

        def __init__(self, draft: Draft) -> None:
            super().__init__()
            self.draft = draft

    class Steered(Message):
        """The user wants `draft` to be heard while the agent works."""

        def __init__(self, draft: Draft) -> None:
            super().__init__()
            self.draft = draft

    class Attached(Message):
        """The draft has an image now that it did not have."""

    class Refused(Message):
        """An image was not attached, for a reason."""

        def __init__(self, error: PlugskyError) -> None:
            super().__init__()
            self.error = error

    class EditorWanted(Message):
        """The user wants to go on with the draft in an editor."""

    class Unfolded(Message):
        """The user wants to see `text`, for which the chip `label` stands."""

        def __init__(self, label: str, text: str) -> None:
            super().__init__()
            self.label = label
            self.text = text

    def __init__(
        self,
        *,
        history: Callable[[], PromptHistory],
        completer: Callable[[], Completer],
        take_key: Callable[[str], Awaitable[bool]],
        folder: Path,
        id: str | None = None,
        way: Way = "logical",
        vim: bool = False,
        take_queued: Callable[[], Draft | None] = lambda: None,
    ) -> None:
        super().__init__(
            id=id,
            way=way,
            placeholder=Content(PLACEHOLDER),
            highlight_cursor_line=False,
            soft_wrap=True,
            show_line_numbers=False,
        )
        self.cursor_blink = False  # a blinking cursor wakes the processor twice a second
        self.match_cursor_bracket = False  # it searches the whole text at every cursor move
        self._make_history = history
        self._take_key = take_key
        self._folder = folder
        self._chips = Chips()
        self._suggestions = Suggesting(self, completer, folder)
        self._recalled: str | None = None
        self._take_queued = take_queued
        self._kind: Kind = ""
        self._vim: VimKeys | None = None
        if vim:
            from plugsky_tui.frontends.tui.composer.vim_keys import VimKeys  # only for those who use them

            self._vim = VimKeys(self)
            self.show_keys(self._vim.mode)

    @cached_property
    def prompts(self) -> PromptHistory:
        """Earlier prompts."""
        return self._make_history()

    def show_mode(self, mode: str) -> None:
        """Let the frame have the mode's colour."""
        for known in ("plan", "ask", "edit", "auto"):
            self.set_class(known == mode, f"-{known}")

    def show_keys(self, mode: str) -> None:
        """Say which mode of vi is on."""
        if self.border_subtitle != mode:
            self.border_subtitle = mode

    @property
    def takes_tab(self) -> bool:
        """Whether Tab completes something here: a path of a command."""
        return self._kind_now() == "shell"

    def _kind_now(self) -> Kind:
        first = self.document.get_line(0)
        return kind_of(first if self.document.line_count == 1 else f"{first}\n…")

    def _show_kind(self) -> None:
        """A line of the user's own looks different from a prompt."""
        kind = self._kind_now()
        if kind != self._kind:
            self._kind = kind
            self.set_class(bool(kind), "-own")
            self.border_title = _TITLES[kind]

    # --- what is in it ------------------------------------------------------------------------

    @property
    def draft(self) -> Draft:
        """What would be sent."""
        text = self._chips.expand(self.text)
        return Draft(text, self._chips.images_in(text))

    def put_back(self, draft: Draft) -> None:
        """Put in a draft that was not sent, before what was written since."""
        whole = joined([draft, self.draft])
        self._chips.take_back(whole.images)
        self.set_draft(whole.text)

    def set_draft(self, text: str) -> None:
        """Put `text` in, the cursor at its end; long text is folded. Undo brings back what was there."""
        self._recalled = self._chips.fold(clean(text))
        self.replace(self._recalled, self.document.start, self.document.end)
        self.move_cursor(self.document.end)

    def take(self) -> Draft:
        """The draft, and the composer is empty."""
        draft = self.draft
        self.clear()
        self.history.clear()
        self._chips.clear()
        self._suggestions.close()
        if self._vim is not None:
            self._vim.reset()
        return draft

    def go_on_with(self, text: str) -> None:
        """Put in the draft as it came back from an editor: pastes that are still whole in it are folded again."""
        self.history.checkpoint()
        self.replace(self._chips.fold_again(clean(text)), self.document.start, self.document.end)
        self.move_cursor(self.document.end)

    def clear_into_history(self) -> None:
        """Empty the composer; what was in it is the newest prompt of the history."""
        self._remembered()

    # --- keys -----------------------------------------------------------------------------------

    def action_send(self) -> None:
        if (chosen := self._suggestions.chosen) is not None:
            complete = self.text == chosen.insert.rstrip()  # it is there already: Enter means it
            self._suggestions.accept()
            if not (chosen.submit or complete):
                return
        if self._escaped_line_end():
            return
        if self.text.strip():
            self.post_message(self.Sent(self._remembered()))

    def action_steer(self) -> None:
        if self.text.strip():
            self.post_message(self.Steered(self._remembered()))

    def _remembered(self) -> Draft:
        draft = self.take()
        self.prompts.add(draft.remembered)
        return draft

    def _escaped_line_end(self) -> bool:
        r"""`\` then Enter: a new line, for terminals that cannot tell Shift+Enter from Enter."""
        row, column = self.cursor_location
        line = self.document.get_line(row)
        if column != len(line) or not line.endswith("\\") or not self.selection.is_empty:
            return False
        self.replace("\n", (row, column - 1), (row, column))
        return True

    def action_newline(self) -> None:
        self._replace_via_keyboard("\n", *self.selection)

    def action_history_previous(self) -> None:
        if self.suggesting:
            self._suggestions.move(-1)
        elif not self.navigator.is_first_wrapped_line(self.cursor_location):
            self.action_cursor_up()
        elif not self.text and not self.prompts.browsing and (queued := self._take_queued()) is not None:
            self.put_back(queued)
        elif (text := self.prompts.previous(self.draft.text)) is not None:
            self.set_draft(text)
            self.move_cursor(self.document.start)

    def action_history_next(self) -> None:
        if self.suggesting:
            self._suggestions.move(1)
        elif not self.navigator.is_last_wrapped_line(self.cursor_location):
            self.action_cursor_down()
        elif (text := self.prompts.next()) is not None:
            self.set_draft(text)

    async def _on_key(self, event: Key) -> None:
        if self._vim is not None and not self.suggesting and self._vim.press(event):
            event.stop()
            event.prevent_default()
            return
        if await self._take_key(event.key):
            event.stop()
            event.prevent_default()
            return
        if event.key == "tab":
            event.stop()  # nothing else to go to: losing the cursor would be a surprise
            event.prevent_default()
            if self.suggesting:
                self._suggestions.accept()
            elif self.takes_tab:
                await self._suggestions.complete_path()
            return
        await super()._on_key(event)

    def action_open_editor(self) -> None:
        self.post_message(self.EditorWanted())

    def action_show_paste(self) -> None:
        """Show the paste at the caret; where there is none, the last one before it, or any."""
        self._unfold(self._chips.nearest(self.text, self.offset_of(self.cursor_location)))

    def on_click(self, event: Click) -> None:
        if not self.selection.is_empty:
            return  # it was dragged, to select
        row, column = self.get_target_document_location(event)
        line = self.document.get_line(row)
        label = self._chips.nearest(line, column)
        if label and line.find(label) <= column < line.find(label) + len(label):
            self._unfold(label)

    def _unfold(self, label: str) -> None:
        if label:
            self.post_message(self.Unfolded(label, self._chips.expand(label)))

    def action_delete_left(self) -> None:
        """A chip goes as a whole."""
        row, column = self.cursor_location
        chip = self._chips.ending(self.document.get_line(row)[:column]) if self.selection.is_empty else ""
        if chip:
            self.delete((row, column - len(chip)), (row, column))
            return
        super().action_delete_left()

    # --- pasting --------------------------------------------------------------------------------

    async def _on_paste(self, event: Paste) -> None:
        event.stop()
        event.prevent_default()
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        if text[-8:].rstrip(" \n\0'\"").lower().endswith(_IMAGE_ENDS) and await self._attach_files(text):
            return
        self._insert(self._chips.fold(clean(text)))
        self.focus()

    async def _attach_files(self, text: str) -> bool:
        """Attach the image files that `text` names; False where it is anything else.

        Keys typed meanwhile wait: this is awaited by the composer's own queue.
        """
        from plugsky_tui.frontends.attachments import load_image  # only for those who paste one
        from plugsky_tui.frontends.tui.composer.dropped import image_paths

        paths = await asyncio.to_thread(image_paths, text)
        for path in paths:
            try:
                self._take_image(await asyncio.to_thread(load_image, path), path)
            except PlugskyError as error:
                self._insert(f"{path} ")
                self.post_message(self.Refused(error))
        return bool(paths)

    async def action_paste_image(self) -> None:
        """Attach the image on the clipboard; where there is none, paste the text that was copied in here."""
        from plugsky_tui.frontends.tui.composer.clipboard import clipboard_image

        try:
            self._take_image(await clipboard_image(self._folder))
        except PlugskyError as error:
            if self.app.clipboard:
                self.action_paste()
            else:
                self.post_message(self.Refused(error))

    def _take_image(self, image: Image, path: Path | None = None) -> None:
        self._insert(f"{self._chips.attach(image, path)} ")
        self.post_message(self.Attached())

    def _insert(self, text: str) -> None:
        result: EditResult | None = self._replace_via_keyboard(text, *self.selection)
        if result is not None:
            self.move_cursor(result.end_location)

    def get_line(self, line_index: int) -> Text:
        """A line to draw. What a cleaned paste or a key cannot bring, a terminal must not get either."""
        line = self.document.get_line(line_index)
        if not line.isprintable():
            line = _UNSAFE.sub("�", line)
        return Text(line, end="", no_wrap=True)

    # --- completion -------------------------------------------------------------------------------

    def on_text_area_changed(self) -> None:
        if self._recalled is not None and self.text != self._recalled:
            self._recalled = None
            self.prompts.leave()
        self._show_kind()
        self.suggest()

    def suggest(self) -> None:
        """Look again for suggestions: the text has changed, or more is known."""
        typing = self._recalled is None and self.has_focus and self._kind != "shell"
        self._suggestions.look(typing=typing and (self._vim is None or self._vim.typing))

    @property
    def suggesting(self) -> bool:
        """Whether a list of suggestions is open."""
        return self._suggestions.open

    def dismiss_suggestions(self) -> bool:
        """Close the list of suggestions; False where none is open."""
        return self._suggestions.dismiss()
