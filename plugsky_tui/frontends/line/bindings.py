"""The keys of the prompt, and of questions, where they differ from prompt-toolkit's own (which are Emacs's)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.completion import CompleteEvent, Completion, get_common_complete_suffix
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from plugsky_tui.frontends.line.keyboard import Pressed

# Keys that stand for a command, as in the full-screen UI.
_COMMANDS = {"s-tab": "/mode next", "f1": "/help", "f2": "/model", "c-t": "/threads"}

ListCompletions = Callable[[Sequence[Completion]], None]


def prompt_bindings(listed: ListCompletions | None) -> KeyBindings:
    """Enter sends, Alt+Enter and Ctrl+J begin a new line, and some keys stand for commands. Where completions are
    `listed` in lines, Tab does it; else there is a menu."""
    keys = KeyBindings()

    @keys.add("enter")
    def _send(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state is not None and buffer.complete_state.current_completion is not None:
            buffer.complete_state = None  # Enter takes what the menu shows; the next one sends
        elif buffer.document.char_before_cursor == "\\" and buffer.document.is_cursor_at_the_end_of_line:
            buffer.delete_before_cursor()
            buffer.newline(copy_margin=False)
        else:
            buffer.validate_and_handle()

    @keys.add("escape", "enter")
    @keys.add("c-j")
    def _newline(event: KeyPressEvent) -> None:
        event.current_buffer.newline(copy_margin=False)

    for key, command in _COMMANDS.items():
        _add(keys, key, command)
    if listed is not None:
        _list_on_tab(keys, listed)
    return keys


def _add(keys: KeyBindings, key: str, command: str) -> None:
    @keys.add(key)
    def _press(event: KeyPressEvent) -> None:
        event.app.exit(result=Pressed(command, event.current_buffer.text))


def _list_on_tab(keys: KeyBindings, listed: ListCompletions) -> None:
    """As a shell does it: what all have in common is inserted, what is left to choose from is printed."""

    @keys.add("tab")
    async def _complete(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        document, asked = buffer.document, CompleteEvent(completion_requested=True)
        found = [one async for one in buffer.completer.get_completions_async(document, asked)]
        if buffer.document != document:
            return  # somebody typed on
        if len(found) == 1:
            buffer.apply_completion(found[0])
        elif found and (common := get_common_complete_suffix(document, found)):
            buffer.insert_text(common)
        else:
            await run_in_terminal(lambda: listed(found), render_cli_done=True)


def answer_bindings() -> KeyBindings:
    """Esc is no answer."""
    keys = KeyBindings()

    @keys.add("escape", eager=True)
    def _leave(event: KeyPressEvent) -> None:
        event.app.exit(exception=EOFError())

    return keys
