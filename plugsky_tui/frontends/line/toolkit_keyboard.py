"""Lines typed with prompt-toolkit: editing, history, completion, several lines, and keys heard while the agent works."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import History
from prompt_toolkit.input import create_input
from prompt_toolkit.input.typeahead import get_typeahead
from prompt_toolkit.layout.processors import PasswordProcessor
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.styles.style import parse_color

from plugsky_tui.frontends.line.bindings import ListCompletions, answer_bindings, prompt_bindings
from plugsky_tui.frontends.line.completing import names_file
from plugsky_tui.frontends.line.keyboard import GUARD_S, Cleared, Ended, Entered, Hearing, Interrupted, Pressed, Typed
from plugsky_tui.frontends.line.manner import Manner
from plugsky_tui.frontends.line.typeahead import TypeAhead

if TYPE_CHECKING:
    from typing import TextIO

_WHITES = {"white": "ansigray", "bright_white": "ansiwhite"}
_ESCAPE_S = 0.05  # after which an Esc is an Esc, and not the beginning of another key


class ToolkitKeyboard:
    """Implements Keyboard. From here to `close` nothing that is typed is echoed by the terminal itself."""

    def __init__(
        self,
        stdin: TextIO,
        stdout: TextIO,
        manner: Manner,
        *,
        history: History,
        completer: Completer,
        listed: ListCompletions | None,
        prompt_style: Callable[[], str],
    ) -> None:
        """`listed` prints completions; None where a menu shows them. `prompt_style` is asked for each prompt."""
        self._input = create_input(stdin)
        self._output = Vt100_Output.from_pty(stdout)
        # Nobody asks where the cursor is: the answer of a slow line would be taken for something typed.
        self._output.enable_cpr = False
        self._colours = None if manner.colour else ColorDepth.DEPTH_1_BIT
        self._prompt_style = prompt_style
        self._mask = " " if manner.spoken else "*"  # a star for each letter would be read out
        self._ahead = TypeAhead()
        self._hearing: Hearing | None = None
        self._flush: asyncio.TimerHandle | None = None
        self._asking: PromptSession[str] | None = None
        self._stack = ExitStack()
        self._stack.enter_context(self._input.raw_mode())
        self._output.enable_bracketed_paste()
        self._output.flush()
        self._stack.callback(self._restore)
        self._prompts: PromptSession[str | Pressed] = PromptSession(
            history=history,
            completer=completer,
            complete_while_typing=Condition(lambda: listed is None and self._completes()),
            key_bindings=prompt_bindings(listed),
            multiline=True,
            input=self._input,
            output=self._output,
            color_depth=self._colours,
            include_default_pygments_style=False,
            enable_suspend=True,
        )
        self._prompts.app.ttimeoutlen = _ESCAPE_S

    @property
    def draft(self) -> str:
        return self._ahead.text

    @draft.setter
    def draft(self, text: str) -> None:
        self._ahead.text = text

    # --- prompts ------------------------------------------------------------------------------

    async def prompt(self, marker: str, continued: str) -> Typed:
        draft, self.draft = self.draft, ""
        try:
            typed = await self._prompts.prompt_async(
                FormattedText([(self._prompt_style(), marker)]),
                prompt_continuation=continued,
                default=draft,
                set_exception_handler=False,
                handle_sigint=False,
            )
        except KeyboardInterrupt:
            text = self._prompts.default_buffer.text
            if text.strip():
                self._prompts.history.append_string(text)
            return Cleared(text)
        except EOFError:
            return Ended()
        finally:
            self._listen_again()
        return typed if isinstance(typed, Pressed) else Entered(typed)

    def _completes(self) -> bool:
        """Whether what stands before the cursor is a command, or names a file."""
        document = self._prompts.default_buffer.document
        before = document.current_line_before_cursor
        return (document.cursor_position_row == 0 and before.startswith("/")) or names_file(before)

    async def ask(self, marker: str, default: str = "", *, guarded: bool = False) -> str | None:
        if guarded:
            await self._settle()
        return await self._ask(marker, default, hidden=False)

    async def secret(self, marker: str) -> str | None:
        return await self._ask(marker, "", hidden=True)

    async def _ask(self, marker: str, default: str, *, hidden: bool) -> str | None:
        self._asking = PromptSession(
            input=self._input,
            output=self._output,
            color_depth=self._colours,
            input_processors=[PasswordProcessor(self._mask)] if hidden else None,
            key_bindings=answer_bindings(),
            include_default_pygments_style=False,
        )
        self._asking.app.ttimeoutlen = _ESCAPE_S
        try:
            return await self._asking.prompt_async(
                FormattedText([("bold", marker)]), default=default, set_exception_handler=False, handle_sigint=False
            )
        except KeyboardInterrupt:
            raise Interrupted from None
        except EOFError:
            return None
        finally:
            self._asking = None
            self._listen_again()

    def edits_defaults(self) -> bool:
        return True

    # --- between prompts ----------------------------------------------------------------------

    def hear(self, hearing: Hearing) -> AbstractContextManager[None]:
        return self._heard_by(hearing)

    @contextmanager
    def _heard_by(self, hearing: Hearing) -> Iterator[None]:
        self._hearing = hearing
        try:
            with self._input.attach(self._came):
                self._ahead.take(get_typeahead(self._input), hearing)
                yield
        finally:
            self._hearing = None
            self._stop_flushing()

    def _came(self) -> None:
        self._stop_flushing()
        self._ahead.take(self._input.read_keys(), self._hearing)
        if self._input.closed:  # the terminal has gone: nobody waits for this
            if self._hearing is not None:
                self._hearing.stop()
            return
        self._flush = asyncio.get_running_loop().call_later(_ESCAPE_S, self._flush_keys)

    def _flush_keys(self) -> None:
        self._ahead.take(self._input.flush_keys(), self._hearing)

    def _stop_flushing(self) -> None:
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None

    async def _settle(self) -> None:
        """What is typed now is not for the question that was just printed."""
        hearing, self._hearing = self._hearing, None
        try:
            self._ahead.take(get_typeahead(self._input), None)
            if hearing is not None:
                await asyncio.sleep(GUARD_S)
            else:
                with self._input.attach(self._came):
                    await asyncio.sleep(GUARD_S)
            self._stop_flushing()
            self._ahead.take(self._input.flush_keys(), None)
        finally:
            self._hearing = hearing

    # --- the terminal -------------------------------------------------------------------------

    def interrupt(self) -> None:
        for session in (self._asking, self._prompts):
            if session is not None and session.app.is_running:
                session.app.exit(exception=KeyboardInterrupt())
                return
        if self._hearing is not None:
            self._hearing.stop()

    def close(self) -> None:
        self._stack.close()

    def _listen_again(self) -> None:
        """A prompt that ends switches off what it had switched on."""
        self._output.enable_bracketed_paste()
        self._output.flush()

    def _restore(self) -> None:
        self._output.disable_bracketed_paste()
        self._output.show_cursor()
        self._output.reset_attributes()
        self._output.flush()


def toolkit_style(style: str) -> str:
    """A style of rich's, such as "bold cyan", as prompt-toolkit spells it; a colour that it does not know is left out."""
    return " ".join(filter(None, (_word(word) for word in style.split())))


def _word(word: str) -> str:
    if word == "bold" or word.startswith("#"):
        return word
    for name in (_WHITES.get(word, f"ansi{word.replace('_', '')}"), word):
        try:
            parse_color(name)
        except ValueError:
            continue
        return name
    return ""
