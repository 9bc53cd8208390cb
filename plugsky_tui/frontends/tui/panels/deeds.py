"""What the commands behind panels do; part of `actions.Actions`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from plugsky_tui.frontends.themes import AUTO, theme_files

if TYPE_CHECKING:
    from plugsky_tui.frontends.sessions import Sessions
    from plugsky_tui.frontends.tui.keys import Keys
    from plugsky_tui.frontends.tui.layers.base import Layers
    from plugsky_tui.frontends.tui.look import Look
    from plugsky_tui.frontends.tui.tasks import Tasks
    from plugsky_tui.frontends.tui.todo import Todos
    from plugsky_tui.frontends.tui.widgets.status import StatusLine


class PanelStage(Protocol):
    """What the app itself does for panels."""

    def use_theme(self, name: str) -> None: ...
    def theme_name(self) -> str: ...
    def use_keys(self, own: Mapping[str, str]) -> Sequence[str]: ...
    def use_notify(self, how: str) -> None: ...
    def show_mode(self, mode: str) -> None: ...
    def submit(self, prompt: str) -> None: ...


class PanelDeeds(ABC):
    """Errors (PlugskyError) are shown by whoever runs a deed."""

    _look: Look
    _sessions: Sessions
    _status: StatusLine
    _layers: Layers
    _keys: Keys
    _todos: Todos
    _tasks: Tasks
    _panel_stage: PanelStage

    @abstractmethod
    async def choose_mode(self, name: str) -> None: ...

    async def show_permissions(self) -> None:
        from plugsky_tui.frontends.tui.panels.permissions import PermissionsPanel  # panels are loaded when first shown

        session = await self._sessions.ready()
        await PermissionsPanel(session, self._look, self._layers, self.choose_mode, self._status.flash).show()

    async def show_tools(self) -> None:
        from plugsky_tui.frontends.tui.panels.tools import show_tools

        await show_tools(await self._sessions.ready(), self._layers)

    async def show_settings(self, name: str) -> None:
        from plugsky_tui.frontends.tui.panels.settings import SettingsPanel

        given = self._sessions.options
        options: dict[str, object] = {"model": given.model, "mode": given.mode, "theme": given.theme}
        options |= {"permissions.allow": given.allow or None, "permissions.deny": given.deny or None}
        await SettingsPanel(self._look, options, self._layers, self).show(name)

    async def show_keys(self) -> None:
        from plugsky_tui.frontends.tui.panels.keys import KeysPanel

        await KeysPanel(self._keys, self._look, self._layers, self._panel_stage.use_keys, self._status.flash).show()

    async def show_usage(self) -> None:
        from plugsky_tui.frontends.tui.panels.usage import UsageSheet

        await self._layers.ask(UsageSheet(await self._sessions.ready(), self._look))

    async def show_context(self) -> None:
        from plugsky_tui.frontends.tui.panels.context import context_sheet

        await self._layers.ask(await context_sheet(await self._sessions.ready(), self._status.status))

    async def show_todos(self) -> None:
        from plugsky_tui.frontends.tui.panels.work import todo_sheet

        await self._layers.ask(todo_sheet(self._todos))

    async def show_subagents(self) -> None:
        from plugsky_tui.frontends.tui.panels.work import show_subagents

        await show_subagents(self._tasks, self._layers)

    async def fork_thread(self) -> None:
        session = await self._sessions.ready()
        if not session.conversation():
            self._status.flash("Nothing was said yet that a copy could begin with.")
            return
        options = replace(self._sessions.options, resume=session.thread_id, continue_newest=False, fork=True)
        await self._sessions.switch(options)
        self._status.flash("A copy of the thread. The one before is kept as it is: /threads")

    async def write_instructions(self) -> None:
        from plugsky_tui.frontends.prompts import WRITE_INSTRUCTIONS

        session = await self._sessions.ready()
        self._panel_stage.submit(WRITE_INSTRUCTIONS)
        if session.mode == "plan":
            self._status.flash("In plan mode it can only propose the file.", "warning")

    def setting_names(self) -> Sequence[str]:
        """The arguments of /config."""
        from plugsky_tui.frontends.settings_facts import usual_names

        return usual_names()

    # --- for the settings: what can count at once -------------------------------------------------

    def use_theme(self, name: str) -> None:
        self._panel_stage.use_theme(name)

    def theme_name(self) -> str:
        return self._panel_stage.theme_name()

    def use_keys(self, own: Mapping[str, str]) -> Sequence[str]:
        return self._panel_stage.use_keys(own)

    def use_notify(self, how: str) -> None:
        self._panel_stage.use_notify(how)

    def use_mode(self, mode: str) -> None:
        if self._sessions.current is not None:
            self._sessions.current.mode = mode
            self._panel_stage.show_mode(mode)

    def themes(self) -> Sequence[str]:
        return [AUTO, *(file.name for file in theme_files(self._look.config_dir))]

    def flash(self, text: str) -> None:
        self._status.flash(text)
