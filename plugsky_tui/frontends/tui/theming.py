"""What the app wears: the theme that was chosen, or with "auto" the one that suits the terminal's background.

A theme of the user's own is read again whenever its file changes: whoever writes one sees it come about.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from plugsky_tui.frontends.themes import AUTO, DARK, LIGHT, automatic, load_theme
from plugsky_tui.frontends.tui.background import QUERY, TELL_CHANGES, BackgroundMemory
from plugsky_tui.frontends.tui.textual_theme import textual_theme
from plugsky_tui.kernel.errors import ConfigError

if TYPE_CHECKING:
    from textual.app import App

    from plugsky_tui.frontends.tui.file_watch import FileWatch
    from plugsky_tui.frontends.tui.look import Look

BACKGROUNDS_FILE = "terminal-backgrounds.json"
PLAIN = "ansi-dark"  # without colours: the one with the fewest backgrounds


class Theming:
    """`wear` gives the app a theme; `begin` is called once its terminal can be asked things. `say` tells what is wrong
    with a theme's file after a change of it."""

    def __init__(self, app: App[None], look: Look, say: Callable[[str], None]) -> None:
        self._app = app
        self._look = look
        self._say = say
        self._memory = BackgroundMemory(look.cache_dir / BACKGROUNDS_FILE if look.cache_dir else None)
        self._chosen = ""
        self.worn = ""  # the name of the theme's file
        self._times = 0
        self._path: Path | None = None
        self._write: Callable[[str], None] | None = None
        self._watch: FileWatch | None = None

    @property
    def chosen(self) -> str:
        """As it was chosen: "auto", or a theme's name."""
        return self._chosen

    def wear(self, name: str) -> None:
        """Take the theme `name`, or "auto". ConfigError where it cannot be had; the one before then stays."""
        self._put_on(self._suiting() if name == AUTO else name)
        self._chosen = name
        self._ask()

    def begin(self, write: Callable[[str], None]) -> None:
        """`write` sends something to the terminal, which answers with Background messages to the app."""
        self._write = write
        self._ask()
        self._follow()

    def look_again(self) -> None:
        """The terminal has turned, or has the focus again."""
        self._ask()

    def heard(self, dark: bool) -> None:
        """The terminal says that its background is dark, or light."""
        self._memory.keep(dark)
        wanted = DARK if dark else LIGHT
        if self._chosen == AUTO and self.worn != wanted:
            self._put_on(wanted)

    def end(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    def _suiting(self) -> str:
        dark = self._memory.dark()
        return automatic(os.environ) if dark is None else DARK if dark else LIGHT

    def _ask(self) -> None:
        if self._write is not None and self._chosen == AUTO:
            self._write(QUERY + TELL_CHANGES)

    def _put_on(self, name: str) -> None:
        if self._app.no_color:
            name = PLAIN
        spec = load_theme(name, self._look.config_dir, os.environ)
        theme = textual_theme(spec)
        self._times += 1
        theme.name = f"{spec.name}-{self._times}"  # what is drawn is kept by this name: a changed theme needs another
        self._app.register_theme(theme)
        before, self._app.theme = self._app.theme, theme.name
        if self._times > 1:
            self._app.unregister_theme(before)
        if spec.path != self._path:
            self.end()
        self.worn, self._path = spec.name, spec.path
        self._follow()

    def _follow(self) -> None:
        """Watch the file of the theme, where it is the user's own."""
        if self._watch is not None:
            return
        path, folder = self._path, self._look.config_dir
        if path is None or folder is None or not path.is_relative_to(folder) or self._write is None:
            return
        from plugsky_tui.frontends.tui.file_watch import FileWatch  # for those who have themes of their own

        self._watch = FileWatch(path, self._changed)

    def _changed(self) -> None:
        try:
            self._put_on(self.worn)
        except ConfigError as error:
            self._say(error.message.replace(str(self._path), f"{self.worn}.toml"))  # there is one line for it
