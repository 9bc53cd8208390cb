"""The full-screen UI: what the first paint needs, and the way from keys and messages to the desk.

Start-up is the reason for the shape: importing Textual takes half of what a prompt may take, so that
everything that is not on the first screen is imported and mounted after it.
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual.app import App, ComposeResult
from textual.events import Event, Key, Mount, Paste

from plugsky_tui import __version__
from plugsky_tui.frontends.bidi.terminals import way_of
from plugsky_tui.frontends.tui.composer.area import Composer
from plugsky_tui.frontends.tui.direction import TurningFilter
from plugsky_tui.frontends.tui.keys import Keys, bindings
from plugsky_tui.frontends.tui.look import Look, short_folder
from plugsky_tui.frontends.tui.theming import Theming
from plugsky_tui.frontends.tui.widgets.status import Status, StatusLine
from plugsky_tui.frontends.tui.widgets.welcome import Welcome

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.filter import LineFilter

    from plugsky_tui.frontends.sessions import OpenSession
    from plugsky_tui.frontends.tui.background import BackgroundReported
    from plugsky_tui.frontends.tui.composer.completion import Completer
    from plugsky_tui.frontends.tui.composer.files import FileNames
    from plugsky_tui.frontends.tui.composer.history import PromptHistory
    from plugsky_tui.frontends.tui.composer.symbols import SymbolNames
    from plugsky_tui.frontends.tui.desk import Desk
    from plugsky_tui.frontends.tui.layers.choices import Choices
    from plugsky_tui.frontends.tui.terminal import ToldToEnd
    from plugsky_tui.frontends.tui.transcript.widget import Transcript
    from plugsky_tui.session.options import Options


SETTLE_S = 0.1  # between the first paint and the imports behind it: whoever types at once is not kept waiting


# What is behind an open layer, or would open another one over it.
_FOR_THE_THREAD = frozenset(
    {"next_mode", "run_command", "palette", "search_history", "search_transcript", "jump_prompt"}
)


class PlugskyApp(App[None], inherit_bindings=False):
    """One session at a time on one folder.

    `open_session` is called after the first paint, and again for other threads; a prompt sent earlier
    waits for it. `on_trust` hears the answer where `look.brings` names things to trust; the session is
    opened after it.
    """

    TITLE = "plugsky"
    ENABLE_COMMAND_PALETTE = False  # the palette is a picker of ours, made of the same table as the help
    BINDINGS = [*bindings("app"), *bindings("thread")]
    CSS = """
    Screen { overflow: hidden; layout: vertical; background: $background; color: $foreground; }
    Transcript { height: 1fr; }
    """

    def __init__(
        self,
        options: Options,
        look: Look,
        open_session: OpenSession,
        *,
        on_trust: Callable[[bool], Awaitable[None] | None] | None = None,
    ) -> None:
        super().__init__()
        self.look = look
        self.way = way_of(look.bidi, os.environ)
        self._turning = [] if self.way == "logical" else [TurningFilter(self.way)]
        self._options = options
        self._open_session = open_session
        self._on_trust = on_trust
        self._desk: Desk | None = None
        self._preparing: asyncio.Task[Desk] | None = None
        self._files: FileNames | None = None
        self._symbols: SymbolNames | None = None
        self.keys = Keys(look.keys)
        self.set_keymap(self.keys.keymap)
        self.theming = Theming(self, look, lambda problem: self.status.flash(problem, "warning"))
        self.theming.wear(look.theme)
        if self.no_color:
            from plugsky_tui.frontends.tui.colourless import Colourless  # for those who want it

            self._filters[1:] = [Colourless()]  # in place of greys; the first leaves the terminal's colours to it
        folder = short_folder(look.folder)
        self.welcome = Welcome(folder=folder, version=__version__, tips=self.tips(), id="welcome")
        self.composer = Composer(
            history=self._history,
            completer=self._completer,
            take_key=self.take_key,
            folder=look.folder,
            id="composer",
            way=self.way,
            vim=look.vim,
            take_queued=lambda: self._desk.agent.take_last() if self._desk else None,
        )
        self.composer.show_mode(look.mode)
        self.status = StatusLine(Status(folder, look.branch, look.mode, look.model), id="status")

    def get_driver_class(self) -> type[Driver]:
        """Ours where it would be Textual's own for Linux and macOS."""
        usual = super().get_driver_class()
        if usual.__name__ != "LinuxDriver":
            return usual
        from plugsky_tui.frontends.tui.terminal import TerminalDriver  # imports the one it builds on

        return TerminalDriver

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *self._turning]

    def compose(self) -> ComposeResult:
        self.welcome.set_model(self.look.model)
        yield self.welcome
        yield self.composer
        yield self.status

    def on_mount(self, event: Mount) -> None:
        self.composer.focus()
        if self._driver is not None and type(self._driver).__name__ == "TerminalDriver":  # which understands the reply
            self.theming.begin(self._driver.write)
        # Back from being suspended, the terminal has forgotten the screen, and we know it only by its size.
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        self.set_timer(SETTLE_S, self._settled)

    async def on_unmount(self) -> None:
        if self._symbols is not None:
            await self._symbols.end()

    async def _settled(self) -> None:
        if self.screen_stack:  # else whoever came has left already
            await self.desk()

    async def desk(self) -> Desk:
        """Everything behind the first screen, made when it is first needed."""
        if self._desk is not None:
            return self._desk
        if self._preparing is None:
            self._preparing = asyncio.create_task(self._prepare())
        return await asyncio.shield(self._preparing)

    async def _prepare(self) -> Desk:
        from plugsky_tui.frontends.tui.desk import Desk  # the first paint is out: now there is time

        desk = Desk(self, self._options, self._open_session, self._on_trust)
        await self.mount_all(desk.widgets(), before=self.composer)
        self._desk = desk
        gc.freeze()  # what start-up made stays: no collection need look at it again
        gc.enable()  # whoever started us may have put collecting off until now
        desk.begin()
        self.composer.suggest()  # what was typed meanwhile may have more to choose from now
        return desk

    def _history(self) -> PromptHistory:
        from plugsky_tui.frontends.tui.composer.history import PromptHistory, history_file  # at the first ↑ or Enter

        where = history_file(self.look.data_dir, self.look.folder) if self.look.data_dir else None
        return PromptHistory(where)

    def _completer(self) -> Completer:
        from plugsky_tui.frontends.tui.commands import COMMANDS  # at the first / or @
        from plugsky_tui.frontends.tui.composer.completion import Completer
        from plugsky_tui.frontends.tui.composer.files import FileNames
        from plugsky_tui.frontends.tui.composer.symbols import SymbolNames
        from plugsky_tui.frontends.tui.composer.threads import ThreadNames

        self._files = FileNames(
            self.look.folder,
            self.composer.suggest,
            git_allowed=self._trusted,
            recent=lambda: self._desk.changed_files() if self._desk else (),
        )
        self._symbols = SymbolNames(self.look.folder, self.composer.suggest, git_allowed=self._trusted)
        return Completer(
            commands=COMMANDS,
            choices=lambda command: self._desk.actions.choices(command) if self._desk else (),
            files=self._files,
            symbols=self._symbols,
            threads=ThreadNames(self.look.folder, self.look.data_dir, self.composer.suggest, self._current_thread),
        )

    def _current_thread(self) -> str | None:
        session = self._desk.sessions.current if self._desk else None
        return session.thread_id if session is not None else None

    def _trusted(self) -> bool:
        from plugsky_tui.permissions.trust import Trust

        return self.look.data_dir is not None and Trust(self.look.data_dir).state(self.look.folder).trusted

    def files_changed(self) -> None:
        """What `@` names may be out of date."""
        if self._files is not None:
            self._files.expire()

    def tips(self) -> list[tuple[str, str]]:
        """Three things to try; whoever is here for the first time learns what there is to choose."""
        mode, helping = self.keys.of("mode.next"), self.keys.of("help.show")
        if self.look.first:
            tips = [
                ("/login", "enter your API key; without one the free tier answers"),
                ("/theme", "choose the colours; auto follows your terminal"),
                (mode, "mode: plan reads, ask asks, edit lets edits pass, auto nearly all"),
                ("@  /  !", "name a file, give a command, run a line of your own"),
                (helping, "how to work with it: all keys and commands"),
            ]
        else:
            tips = [
                (mode, "how much the agent may do by itself"),
                ("@", "name a file, / gives a command"),
                (helping, "help: all keys and commands"),
            ]
        return [tip for tip in tips if tip[0]]

    # --- messages -------------------------------------------------------------------------------

    async def on_composer_sent(self, message: Composer.Sent) -> None:
        (await self.desk()).sent(message.draft)

    async def on_composer_steered(self, message: Composer.Steered) -> None:
        (await self.desk()).steer(message.draft)

    async def on_composer_editor_wanted(self, message: Composer.EditorWanted) -> None:
        (await self.desk()).open_editor()

    async def on_composer_unfolded(self, message: Composer.Unfolded) -> None:
        (await self.desk()).show_paste(message.label, message.text)

    async def on_composer_attached(self, message: Composer.Attached) -> None:
        (await self.desk()).attached()

    async def on_composer_refused(self, message: Composer.Refused) -> None:
        (await self.desk()).refused(message.error)

    def on_choices_swallowed(self, message: Choices.Swallowed) -> None:
        """Whoever was in the middle of a sentence when a dialog came finds it whole in the composer."""
        if self.composer.text:
            self.composer.insert(message.character)

    def on_transcript_copy_requested(self, message: Transcript.CopyRequested) -> None:
        self.copy_to_clipboard(message.text)
        self.status.flash(f"Copied {len(message.text):,} characters.")

    async def on_transcript_found_again(self, message: Transcript.FoundAgain) -> None:
        (await self.desk()).found(message.number, message.total)

    async def on_transcript_link_opened(self, message: Transcript.LinkOpened) -> None:
        (await self.desk()).open_link(message.url)

    async def on_transcript_follow_changed(self, message: Transcript.FollowChanged) -> None:
        (await self.desk()).below.show(message.following, message.new_below)

    async def on_told_to_end(self, message: ToldToEnd) -> None:
        (await self.desk()).start_leaving(message.exit_code)

    async def _on_exit_app(self) -> None:
        """Somebody wants us to end: in order, where it was not us (the browser window was closed)."""
        if self._exit:
            await super()._on_exit_app()
        else:
            await (await self.desk()).leave()

    def on_background_reported(self, message: BackgroundReported) -> None:
        self.theming.heard(message.dark)

    def on_background_changed(self) -> None:
        self.theming.look_again()

    def on_app_focus(self) -> None:
        self.theming.look_again()

    async def on_event(self, event: Event) -> None:
        """What begins to be typed in the transcript moves the focus before the next key comes: that is for the text, too."""
        if isinstance(event, Key) and not event.is_forwarded and event.is_printable and self._desk is not None:
            desk, target = self._desk, self._desk.where_text_goes()
            asked = desk.layers.top is not None  # then even letters that mean something in the transcript are an answer
            if (
                target is not None
                and self.focused is desk.transcript
                and (asked or not desk.transcript.hears(event.key))
            ):
                self.screen.set_focus(target, scroll_visible=False)
        await super().on_event(event)

    async def on_key(self, event: Key) -> None:
        """Whoever types while the transcript has the focus means the composer, or what asks in its place."""
        if event.is_printable and event.character:
            self._to_writing(event, Key(event.key, event.character))

    async def on_paste(self, event: Paste) -> None:
        """The same for what is pasted."""
        self._to_writing(event, Paste(event.text))

    def _to_writing(self, event: Event, again: Event) -> None:
        """Nobody wanted `event`: it was sent to the transcript, perhaps before the last one had moved the focus."""
        target = self._desk.where_text_goes() if self._desk is not None else None
        if target is None or self._desk is None or self.focused not in (self._desk.transcript, target):
            return
        event.stop()
        self.screen.set_focus(target, scroll_visible=False)
        target.post_message(again)

    # --- keys -----------------------------------------------------------------------------------

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        """Our keys come before a widget's own, but not before the letters typed earlier: those wait in the
        composer's queue, so the composer asks for the keys when it gets to them (`take_key`)."""
        if priority and (self.focused is self.composer or getattr(self.focused, "hears_every_key", False)):
            return False
        return await super()._check_bindings(key, priority)

    async def take_key(self, key: str) -> bool:
        """Run what `key` is bound to, if anything; for the composer, in its turn."""
        return await super()._check_bindings(key, priority=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a layer is open, only what closes it, copies or scrolls works; Tab takes a suggestion first."""
        if action == "focus_transcript":
            return self._desk is not None and self._desk.can_switch_focus()
        if action not in _FOR_THE_THREAD:
            return True
        return self._desk is None or self._desk.layers.top is None

    async def action_escape(self) -> None:
        (await self.desk()).escape()

    async def action_copy_or_clear(self) -> None:
        (await self.desk()).copy_or_clear()

    async def action_next_mode(self) -> None:
        (await self.desk()).next_mode()

    async def action_run_command(self, name: str) -> None:
        (await self.desk()).run_named(name)

    async def action_palette(self) -> None:
        (await self.desk()).palette()

    async def action_search_history(self) -> None:
        (await self.desk()).search_history()

    async def action_focus_transcript(self) -> None:
        (await self.desk()).switch_focus()

    async def action_toggle_tools(self) -> None:
        (await self.desk()).transcript.toggle_all_tools()

    async def action_search_transcript(self) -> None:
        await (await self.desk()).search()

    async def action_jump_prompt(self, step: int) -> None:
        (await self.desk()).transcript.jump_prompt(step)

    async def action_page_up(self) -> None:
        (await self.desk()).page(-1)

    async def action_page_down(self) -> None:
        (await self.desk()).page(1)

    async def action_jump_to_end(self) -> None:
        (await self.desk()).transcript.jump_to_end()

    # --- what the desk needs of the app -----------------------------------------------------------

    def _fatal_error(self) -> None:
        """Textual would print the traceback with the values of variables: it goes into a file, without them."""
        from rich.text import Text

        from plugsky_tui.frontends.crash import report  # only when it comes to that

        if not self._exit_renderables:
            error = self._exception or RuntimeError("unknown error")
            self._exit_renderables.append(Text(report(error, self.look.data_dir)))
        self._close_messages_no_wait()

    def notify(self, message: str, **options: Any) -> None:
        """A toast. What it says may come from anywhere, so it is never parsed."""
        super().notify(message, **{**options, "markup": False})
