"""What the slash commands do. Errors are shown where they happen; nothing here raises to the app."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from plugsky_tui.config.model_choices import ModelChoices
from plugsky_tui.frontends.copied import WHAT as COPIED
from plugsky_tui.frontends.modes import MODES
from plugsky_tui.frontends.themes import AUTO, theme_files
from plugsky_tui.frontends.tui.commands import COMMANDS, UNTYPED, Command
from plugsky_tui.frontends.tui.look import has_key
from plugsky_tui.frontends.tui.panels.deeds import PanelDeeds, PanelStage
from plugsky_tui.kernel.errors import PlugskyError

if TYPE_CHECKING:
    from plugsky_tui.frontends.changes import Changes
    from plugsky_tui.frontends.indexing import Indexing
    from plugsky_tui.frontends.sessions import Sessions
    from plugsky_tui.frontends.tui.event_view import EventView
    from plugsky_tui.frontends.tui.jobs import JobWatch
    from plugsky_tui.frontends.tui.keys import Keys
    from plugsky_tui.frontends.tui.layers.base import Layers
    from plugsky_tui.frontends.tui.look import Look
    from plugsky_tui.frontends.tui.panels.palette import PaletteEntry
    from plugsky_tui.frontends.tui.tasks import Tasks
    from plugsky_tui.frontends.tui.todo import Todos
    from plugsky_tui.frontends.tui.widgets.status import StatusLine


class Stage(PanelStage, Protocol):
    """What the app itself does for commands."""

    def copy_to_clipboard(self, text: str) -> None: ...
    def set_draft(self, text: str) -> None: ...
    def last_answer(self) -> str: ...
    def source(self) -> str: ...
    def show_rate(self) -> None: ...
    def show_key(self) -> None: ...
    async def leave(self) -> None: ...


class Actions(PanelDeeds):
    """The deeds behind `commands.COMMANDS`."""

    def __init__(
        self,
        *,
        look: Look,
        stage: Stage,
        sessions: Sessions,
        view: EventView,
        status: StatusLine,
        layers: Layers,
        changes: Changes,
        keys: Keys,
        jobs: JobWatch,
        todos: Todos,
        tasks: Tasks,
    ) -> None:
        self._look = look
        self._stage = stage
        self._panel_stage = stage
        self._todos = todos
        self._tasks = tasks
        self._sessions = sessions
        self._view = view
        self._status = status
        self._layers = layers
        self._changes = changes
        self._keys = keys
        self._jobs = jobs
        self._indexing: Indexing | None = None
        self._models: list[str] = []
        self._choices = ModelChoices(look.data_dir)

    def choices(self, command: Command) -> Sequence[str]:
        """The arguments of `command` that are known without asking anyone."""
        match command.name:
            case "mode":
                return [name for name, _ in MODES]
            case "theme":
                return [AUTO, *(file.name for file in theme_files(self._look.config_dir))]
            case "model":
                return self._models
            case "config":
                return self.setting_names()
            case "copy":
                return COPIED
            case _:
                return ()

    # --- commands -------------------------------------------------------------------------------

    async def show_help(self) -> None:
        from plugsky_tui.frontends.tui.help import help_sections
        from plugsky_tui.frontends.tui.panels.helping import HelpLayer  # layers are loaded when first shown

        await self._layers.ask(HelpLayer(help_sections((*COMMANDS, *UNTYPED), self._keys)))

    async def choose_command(self) -> PaletteEntry | None:
        """The palette: everything there is to do."""
        from plugsky_tui.frontends.tui.panels.palette import choose

        return await choose(self._layers, self._keys)

    async def search_history(self, entries: Sequence[str]) -> None:
        """Put an earlier prompt into the composer, newest first."""
        from plugsky_tui.frontends.tui.layers.picker import Pick, Picker

        newest_first = dict.fromkeys(reversed(entries))
        picks = [Pick(text, " ".join(text[:500].split())) for text in newest_first]
        note = "" if picks else "Nothing was sent from this folder yet."
        chosen = await self._layers.ask(Picker("Earlier prompts", picks, hint="type to search", note=note))
        if chosen is not None:
            self._stage.set_draft(chosen)

    async def choose_mode(self, name: str) -> None:
        session = await self._sessions.ready()
        known = [mode for mode, _ in MODES]
        if not name:
            from plugsky_tui.frontends.tui.layers.picker import Pick, Picker

            picks = [Pick(mode, mode, text, current=mode == session.mode) for mode, text in MODES]
            chosen = await self._layers.ask(Picker("Mode", picks))
            if chosen is None:
                return
            name = chosen
        if name not in known:
            self._status.flash(f"There is no mode {name!r}: {', '.join(known)}.")
            return
        session.mode = name
        self._stage.show_mode(name)
        self._status.flash(f"{name}: {dict(MODES)[name]}")

    async def next_mode(self) -> None:
        known = [mode for mode, _ in MODES]
        session = await self._sessions.ready()
        place = known.index(session.mode) if session.mode in known else 0
        await self.choose_mode(known[(place + 1) % len(known)])

    async def choose_model(self, name: str) -> None:
        from plugsky_tui.frontends.model_facts import needs_key
        from plugsky_tui.frontends.tui.model_picker import Chooser, pick_model  # knows the catalogue

        session = await self._sessions.ready()
        if not name:
            favourite_key = self._keys.of("model.favourite")
            chooser = Chooser(self._layers, self._choices, self._know_models, self._has_key(), favourite_key)
            chosen = await pick_model(session, chooser)
            if chosen is None:
                return
            name = chosen
        elif name not in await self._known_models():
            self._view.notice(f"{name!r} is not on the list of models; it is used all the same.", "warning")
        if needs_key(name) and not self._has_key() and not await self._ask_key(f"{name} needs an API key."):
            self._status.flash(f"{name} needs a key; {session.model} stays.")
            return
        session.model = name
        self._status.update(model=name, answered=None)
        self._stage.show_rate()
        self._status.flash(f"From the next request on: {name}")
        await asyncio.to_thread(self._choices.used, name)

    async def log_in(self, given: str) -> None:
        """Ask for the key, masked. What was `given` on the line could be read by all: it is not taken."""
        if self._sessions.options.offline:
            self._status.flash("The embedded simulator answers here: it needs no key.")
            return
        await self._ask_key("The key is not taken from the line: enter it here." if given else "")

    async def _ask_key(self, why: str) -> bool:
        """Whether there is a key now that there was not before, or another one."""
        from plugsky_tui.frontends.tui.layers.secret import SecretLayer
        from plugsky_tui.frontends.tui.login import explanation, try_key

        async def attempt(key: str) -> tuple[bool, str]:
            outcome = await try_key(key, self._look.folder)
            return outcome.kept, outcome.text

        lines = await asyncio.to_thread(explanation)  # a keyring may take its time
        layer = SecretLayer("API key", [why, *lines] if why else lines, "paste or type the key", attempt)
        told = await self._layers.ask(layer)
        if told is None:
            return False
        self._view.notice(told)
        self._stage.show_key()
        return True

    def _has_key(self) -> bool:
        return has_key(self._look)

    def _know_models(self, names: list[str]) -> None:
        self._models = names

    async def _known_models(self) -> list[str]:
        try:
            session = await self._sessions.ready()
            self._models = [model.id for model in await session.models()]
        except PlugskyError:
            return self._models
        return self._models

    async def new_thread(self) -> None:
        session = self._sessions.current
        options = replace(self._sessions.options, resume=None, continue_newest=False, fork=False)
        if session is not None:
            options = replace(options, model=session.model, mode=session.mode)
        await self._sessions.switch(options)
        self._status.flash("A new thread. The one before is kept: /threads")

    async def choose_thread(self, thread_id: str) -> None:
        chosen: str | None = thread_id
        if not thread_id:
            from plugsky_tui.frontends.tui.thread_picker import pick_thread  # knows the store

            current = self._sessions.current
            chosen = await pick_thread(self._look, self._layers, current.thread_id if current else None)
        current = self._sessions.current
        if not chosen or (current is not None and current.thread_id == chosen):
            return
        options = replace(self._sessions.options, resume=chosen, continue_newest=False, fork=False)
        await self._sessions.switch(options)

    async def rename_thread(self, title: str) -> None:
        session = await self._sessions.ready()
        if not title:
            self._stage.set_draft(f"/rename {session.thread.title or ''}".rstrip() + " ")
            return
        session.thread.setting("title", title)
        self._status.flash(f"This thread is now called {title!r}.")

    async def show_changes(self) -> None:
        from plugsky_tui.frontends.tui.panels.changes import ChangesPanel

        files = self._changes.files()
        if not files:
            self._status.flash("This thread has changed no file.")
            return
        await ChangesPanel(files, self._layers, self._keys, self._copy_path).show()

    def _copy_path(self, path: str) -> None:
        self._stage.copy_to_clipboard(path)
        self._status.flash(f"Copied {path}")

    async def show_jobs(self) -> None:
        from plugsky_tui.frontends.tui.jobs_panel import JobsPanel

        session = await self._sessions.ready()
        await JobsPanel(session, self._layers, self._keys, self._status.flash).show()
        self._jobs.look()

    async def move_to_background(self) -> None:
        self._status.flash(self._jobs.move())

    async def build_index(self) -> None:
        if self._indexing is None:
            from plugsky_tui.frontends.indexing import Indexing  # for those who build one

            self._indexing = Indexing(
                options=lambda: self._sessions.options, passing=self._status.flash, told=self._view.notice
            )
        await self._indexing.toggle()

    async def copy_answer(self, what: str) -> None:
        from plugsky_tui.frontends.copied import last_code

        if what and what not in COPIED:
            self._status.flash(f"/copy takes {' or '.join(COPIED)}; alone, it copies the last answer.", "warning")
            return
        answer = self._stage.last_answer()
        text = self._stage.source() if what == "all" else last_code(answer) if what == "code" else answer
        if not text:
            missing = "code in the last answer" if what == "code" and answer else "answer to copy yet"
            self._status.flash(f"There is no {missing}.")
            return
        self._stage.copy_to_clipboard(text)
        self._status.flash(
            f"Sent to the terminal's clipboard: {len(text):,} characters. Some terminals must allow OSC 52."
        )

    async def choose_theme(self, name: str) -> None:
        before = self._stage.theme_name()
        if not name:
            from plugsky_tui.frontends.tui.layers.picker import Pick, Picker

            files = theme_files(self._look.config_dir)
            picks = [Pick(AUTO, AUTO, "dark or light, as the terminal is", current=before == AUTO)]
            picks += [
                Pick(file.name, file.name, _theme_detail(file.own, file.path), current=file.name == before)
                for file in files
            ]
            chosen = await self._layers.ask(Picker("Theme", picks, preview=self._try_theme))
            if chosen is None:
                self._stage.use_theme(before)
                return
            name = chosen
        try:
            self._stage.use_theme(name)
        except PlugskyError as error:
            self._view.error(error)
            return
        self._status.flash(f"{name}, for this session. To keep it: plugsky config set theme {name}")

    def _try_theme(self, name: str) -> None:
        try:
            self._stage.use_theme(name)
        except PlugskyError as error:
            self._status.flash(error.message)

    async def leave(self) -> None:
        await self._stage.leave()


def _theme_detail(own: bool, path: Path) -> str:
    return f"yours: {path}" if own else "built in"
