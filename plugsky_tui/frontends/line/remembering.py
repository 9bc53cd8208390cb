"""The prompts of earlier times, from the store that the full-screen UI uses too."""

from __future__ import annotations

from collections.abc import Iterable

from prompt_toolkit.history import History

from plugsky_tui.frontends.tui.composer.history import PromptHistory


class LineHistory(History):
    def __init__(self, prompts: PromptHistory) -> None:
        super().__init__()
        self._prompts = prompts

    def load_history_strings(self) -> Iterable[str]:
        """Newest first."""
        return reversed(self._prompts.entries)

    def store_string(self, string: str) -> None:
        self._prompts.add(string)
