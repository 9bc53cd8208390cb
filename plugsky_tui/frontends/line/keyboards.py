"""The keyboard that fits the terminal, with all that it completes and remembers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from plugsky_tui.frontends.changes import Changes
from plugsky_tui.frontends.line.deeds import LINE_COMMANDS
from plugsky_tui.frontends.line.keyboard import Keyboard
from plugsky_tui.frontends.line.manner import Manner
from plugsky_tui.frontends.line.paper import Paper
from plugsky_tui.frontends.line.words import count

if TYPE_CHECKING:
    from prompt_toolkit.completion import Completion

    from plugsky_tui.frontends.tui.commands import Command
    from plugsky_tui.frontends.tui.look import Look


def make_keyboard(
    *, look: Look, manner: Manner, paper: Paper, changes: Changes, choices: Callable[[Command], Sequence[str]]
) -> tuple[Keyboard, Callable[[], None]]:
    """The keyboard, and what is to be called when files may have changed. `choices` as `LineDeeds.choices`."""
    if manner.plain:
        from plugsky_tui.frontends.line.plain_keyboard import PlainKeyboard

        return PlainKeyboard(paper), lambda: None
    from plugsky_tui.frontends.line.completing import LineCompleter
    from plugsky_tui.frontends.line.remembering import LineHistory
    from plugsky_tui.frontends.line.toolkit_keyboard import ToolkitKeyboard, toolkit_style  # prompt-toolkit: 80 ms
    from plugsky_tui.frontends.tui.composer.history import PromptHistory, history_file

    def trusted() -> bool:
        from plugsky_tui.permissions.trust import Trust

        return look.data_dir is not None and Trust(look.data_dir).state(look.folder).trusted

    def listed(found: Sequence[Completion]) -> None:
        """Completions to choose from, in lines."""
        paper.line(f"{count(len(found), 'completion')}{':' if found else '.'}")
        for one in found:
            paper.line(one.display_text)

    completer = LineCompleter(
        look.folder,
        commands=LINE_COMMANDS,
        choices=choices,
        git_allowed=trusted,
        recent=lambda: [block.path for block in reversed(changes.files())],
        explained=manner.spoken,
    )
    where = history_file(look.data_dir, look.folder) if look.data_dir else None
    keyboard = ToolkitKeyboard(
        sys.stdin,
        sys.stdout,
        manner,
        history=LineHistory(PromptHistory(where)),
        completer=completer,
        listed=listed if manner.spoken else None,
        prompt_style=lambda: toolkit_style(paper.styles["prompt"]),
    )
    return keyboard, completer.files_changed
