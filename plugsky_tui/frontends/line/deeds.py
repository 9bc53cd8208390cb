"""What the slash commands do in lines. The commands themselves are those of the full-screen UI."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, cast

from plugsky_tui.frontends.changes import Changes
from plugsky_tui.frontends.line.asking import Desk, Option
from plugsky_tui.frontends.line.colours import styles_of
from plugsky_tui.frontends.line.events import EventPrinter
from plugsky_tui.frontends.line.ledger import Ledger
from plugsky_tui.frontends.modes import MODES
from plugsky_tui.frontends.tui.commands import COMMANDS, Command
from plugsky_tui.kernel.errors import PlugskyError

if TYPE_CHECKING:
    from plugsky_tui.frontends.sessions import Sessions
    from plugsky_tui.frontends.tui.look import Look
    from plugsky_tui.session.models import ModelList

_PASSING_EVERY_S = 15.0
NEXT = "next"  # /mode next: the one after the mode in force


def _open(deeds: object, number: str) -> asyncio.Future[None]:
    return asyncio.ensure_future(cast("LineDeeds", deeds).open_call(number))


_OPEN = Command("open", "[NUMBER]", "all of a tool call: what it was given, what came of it", _open)
# In the order of the help; what is not among them needs a screen.
LINE_COMMANDS: tuple[Command, ...] = (*(command for command in COMMANDS if not command.screen), _OPEN)


class LineDeeds:
    """The deeds behind LINE_COMMANDS, of the names that `tui.commands.Deeds` gives them."""

    def __init__(
        self,
        *,
        look: Look,
        desk: Desk,
        sessions: Sessions,
        printer: EventPrinter,
        ledger: Ledger,
        changes: Changes,
        submit: Callable[[str], None],
        leave: Callable[[], None],
    ) -> None:
        """`submit` sends a prompt in the user's name."""
        self._look = look
        self._desk = desk
        self._paper = desk.paper
        self._sessions = sessions
        self._printer = printer
        self._ledger = ledger
        self._changes = changes
        self._submit = submit
        self._leave = leave
        self._models: list[str] = []
        self._passed_at = float("-inf")

    def choices(self, command: Command) -> Sequence[str]:
        """The arguments of `command` that are known without asking anyone."""
        match command.name:
            case "mode":
                return [name for name, _ in MODES]
            case "theme":
                from plugsky_tui.frontends.themes import theme_files

                return [file.name for file in theme_files(self._look.config_dir)]
            case "model":
                return self._models
            case "open":
                return [str(number) for number in range(len(self._ledger), 0, -1)]
            case _:
                return ()

    # --- looking ------------------------------------------------------------------------------

    async def show_help(self) -> None:
        from plugsky_tui.frontends.line.help import help_lines

        self._paper.lines(help_lines(LINE_COMMANDS, self._desk.manner))

    async def open_call(self, given: str) -> None:
        """Print the call of that number, the last one without a number, whole."""
        from plugsky_tui.frontends.line.opened import opened

        entry = self._ledger.number(int(given)) if given.isdecimal() else None if given else self._ledger.last
        if entry is None:
            count = len(self._ledger)
            known = f"The tool calls are numbered 1 to {count}." if count else "There was no tool call yet."
            self._paper.line(f"There is no call {given}. {known}" if given else known, "warning")
            return
        self._paper.lines(await asyncio.to_thread(opened, entry, self._desk.voice))

    async def show_changes(self) -> None:
        files = self._changes.files()
        if not files:
            self._paper.line("This thread has changed no file.")
        for block in files:
            self._paper.lines(await asyncio.to_thread(self._desk.voice.diff, block))

    async def show_jobs(self) -> None:
        from plugsky_tui.frontends.line.jobs import show_jobs

        await show_jobs(self._desk, await self._sessions.ready())

    async def move_to_background(self) -> None:
        self._paper.note(self.moved())

    def moved(self) -> str:
        """Move the running command to the background; what came of that."""
        from plugsky_tui.frontends.line.jobs import move_to_background

        return move_to_background(self._sessions.current)

    async def build_index(self) -> None:
        """Build the semantic index; Esc stops it, and it goes on from there the next time."""
        from plugsky_tui.frontends.indexing import Indexing  # for those who build one

        indexing = Indexing(options=lambda: self._sessions.options, passing=self._pass, told=self._paper.line)
        await indexing.toggle()

    def _pass(self, text: str) -> None:
        """How far something is: seldom enough to be listened to."""
        if monotonic() - self._passed_at >= _PASSING_EVERY_S:
            self._passed_at = monotonic()
            self._paper.line(text.replace("/index again stops it", "Esc stops it"), "faint")

    async def copy_answer(self, what: str) -> None:
        from plugsky_tui.frontends.copied import last_code
        from plugsky_tui.frontends.line.copying import copy

        if what not in ("", "code"):
            self._paper.line(
                "Here, /copy takes the last answer, and /copy code the last block of code in it.", "warning"
            )
            return
        answer = self._printer.last_answer
        copy(self._desk, last_code(answer) if what else answer)

    # --- settings -----------------------------------------------------------------------------

    async def choose_mode(self, name: str) -> None:
        session = await self._sessions.ready()
        known = [mode for mode, _ in MODES]
        if name == NEXT:
            place = known.index(session.mode) if session.mode in known else -1
            name = known[(place + 1) % len(known)]
        if not name:
            options = [Option(mode, f"{mode}: {text}") for mode, text in MODES]
            name = await self._desk.choose("Modes", options, session.mode) or ""
        if not name:
            return
        if name not in known:
            self._paper.line(f"There is no mode {name!r}: {', '.join(known)}.", "warning")
            return
        session.mode = name
        self._paper.line(f"Mode {name}: {dict(MODES)[name]}.")

    async def choose_model(self, name: str) -> None:
        from plugsky_tui.frontends.line.models import model_options
        from plugsky_tui.frontends.model_facts import needs_key
        from plugsky_tui.frontends.tui.look import has_key

        session = await self._sessions.ready()
        known = await session.models()
        if not name:
            if not known.fresh:
                self._paper.line("Asking the server for its models.", "faint")
                known = await self._refreshed() or known
            self._models = [model.id for model in known if model.chats]
            options = model_options(known)
            name = await self._desk.choose("Models", options, session.model) or ""
            if not name:
                return
        elif name not in [model.id for model in known]:
            self._paper.line(f"{name!r} is not on the list of models; it is used all the same.", "warning")
        if needs_key(name) and not has_key(self._look) and not await self._enter_key(f"{name} needs an API key."):
            self._paper.line(f"{name} needs a key; {session.model} stays.", "warning")
            return
        session.model = name
        self._paper.line(f"From the next request on: {name}.")
        from plugsky_tui.config.model_choices import ModelChoices

        await asyncio.to_thread(ModelChoices(self._look.data_dir).used, name)

    async def _refreshed(self) -> ModelList | None:
        session = await self._sessions.ready()
        try:
            models = await session.models(refresh=True)
        except PlugskyError as error:
            self._paper.line(f"The server was not reached: {error.message}", "warning")
            return None
        for name, trouble in models.troubles.items():
            self._paper.line(f"{name or 'The server'} was not reached: {trouble.message}", "warning")
        return models

    async def choose_theme(self, name: str) -> None:
        from plugsky_tui.frontends.themes import AUTO, theme_files

        if not self._desk.manner.colour:
            self._paper.line("There are no colours here that a theme could change.", "warning")
            return
        if not name:
            options = [Option(AUTO, f"{AUTO}: the terminal's own colours")]
            options += [Option(file.name, file.name) for file in theme_files(self._look.config_dir)]
            name = await self._desk.choose("Themes", options) or ""
        if name:
            self._paper.styles = styles_of(name, self._look.config_dir)
            self._paper.line(f"{name}, for this session. To keep it: plugsky config set theme {name}", "prompt")

    async def log_in(self, given: str) -> None:
        """Ask for the key, unseen. What was `given` on the line could be read by all: it is not taken."""
        if self._sessions.options.offline:
            self._paper.line("The embedded simulator answers here: it needs no key.")
            return
        await self._enter_key("The key is not taken from the line: enter it here." if given else "")

    async def _enter_key(self, why: str) -> bool:
        from plugsky_tui.frontends.line.logging_in import enter_key

        return await enter_key(self._desk, self._printer, self._look.folder, why)

    # --- threads ------------------------------------------------------------------------------

    async def new_thread(self) -> None:
        session = self._sessions.current
        options = replace(self._sessions.options, resume=None, continue_newest=False, fork=False)
        if session is not None:
            options = replace(options, model=session.model, mode=session.mode)
        await self._sessions.switch(options)
        self._paper.line("A new thread. The one before is kept: /threads")

    async def fork_thread(self) -> None:
        session = await self._sessions.ready()
        if not session.conversation():
            self._paper.line("Nothing was said yet that a copy could begin with.", "warning")
            return
        options = replace(self._sessions.options, resume=session.thread_id, continue_newest=False, fork=True)
        await self._sessions.switch(options)
        self._paper.line("A copy of the thread. The one before is kept as it is: /threads")

    async def write_instructions(self) -> None:
        from plugsky_tui.frontends.prompts import WRITE_INSTRUCTIONS

        session = await self._sessions.ready()
        if session.mode == "plan":
            self._paper.line("In plan mode it can only propose the file.", "warning")
        self._submit(WRITE_INSTRUCTIONS)

    async def choose_thread(self, thread_id: str) -> None:
        from plugsky_tui.frontends.line.thread_list import thread_options

        current = self._sessions.current
        if not thread_id:
            if self._look.data_dir is None:
                self._paper.line("Threads are not kept in this session.", "warning")
                return
            options = await asyncio.to_thread(thread_options, self._look.data_dir, self._look.folder)
            if not options:
                self._paper.line("There is no thread in this folder yet.")
                return
            thread_id = await self._desk.choose("Threads", options, current.thread_id if current else None) or ""
        if not thread_id or (current is not None and current.thread_id == thread_id):
            return
        await self._sessions.switch(
            replace(self._sessions.options, resume=thread_id, continue_newest=False, fork=False)
        )

    async def rename_thread(self, title: str) -> None:
        session = await self._sessions.ready()
        if not title:
            title = await self._desk.ask("Title, Enter changes nothing: ", session.thread.title or "")
        if title:
            session.thread.setting("title", title)
            self._paper.line(f"This thread is now called {title!r}.")

    async def leave(self) -> None:
        self._leave()
