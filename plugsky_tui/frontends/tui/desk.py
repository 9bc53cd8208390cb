"""The desk: every part of the UI beyond the first paint, wired together, and who hears which key."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING, cast

from textual.widget import Widget

from plugsky_tui.frontends.changes import Changes
from plugsky_tui.frontends.own_lines import content_of, kind_of
from plugsky_tui.frontends.sessions import OpenSession, Sessions
from plugsky_tui.frontends.tui.actions import Actions
from plugsky_tui.frontends.tui.agent import Agent
from plugsky_tui.frontends.tui.approvals import Approvals
from plugsky_tui.frontends.tui.attention import Attention
from plugsky_tui.frontends.tui.beside_work import BesideWork
from plugsky_tui.frontends.tui.collecting import making_what_stays, tidy
from plugsky_tui.frontends.tui.commands import COMMANDS, Command, parse
from plugsky_tui.frontends.tui.event_view import EventView
from plugsky_tui.frontends.tui.gauge import RateGauge
from plugsky_tui.frontends.tui.jobs import JobWatch, left
from plugsky_tui.frontends.tui.layers.base import Layers
from plugsky_tui.frontends.tui.look import has_key
from plugsky_tui.frontends.tui.tasks import Tasks
from plugsky_tui.frontends.tui.todo import Todos
from plugsky_tui.frontends.tui.transcript.widget import Transcript
from plugsky_tui.frontends.tui.widgets.activity import ActivityLine
from plugsky_tui.frontends.tui.widgets.below import BelowLine
from plugsky_tui.frontends.tui.widgets.queue import QueueLines
from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.workspace.repository import branch_of

if TYPE_CHECKING:
    from plugsky_tui.config.shape import Notify
    from plugsky_tui.frontends.tui.app import PlugskyApp
    from plugsky_tui.frontends.tui.composer.drafts import Draft
    from plugsky_tui.frontends.tui.widgets.searching import SearchLine
    from plugsky_tui.session.options import Options
    from plugsky_tui.session.session import Session

REFUSAL_S = 8.0  # long enough to read why, and what to do
QUIT_WITHIN_S = 2.0  # the second Ctrl+C must follow the first one this soon


class Desk:
    """Made once, after the first paint; `widgets` are to be mounted between welcome and composer, then `begin`."""

    def __init__(
        self,
        app: PlugskyApp,
        options: Options,
        open_session: OpenSession,
        on_trust: Callable[[bool], Awaitable[None] | None] | None,
    ) -> None:
        self._app = app
        self._on_trust = on_trust
        self._tasks: set[asyncio.Future[None]] = set()
        self._quit_armed_at = float("-inf")
        self.transcript = Transcript(id="transcript", way=app.way)
        self.searching: SearchLine | None = None
        self.transcript.display = False
        self.below = BelowLine(key=app.keys.of("transcript.end"), id="below")
        self.activity = ActivityLine(id="activity")
        self.queue = QueueLines(key=app.keys.of("agent.interrupt"), id="queue")
        self.layers = Layers(changed=self._layers_changed, id="layers")
        self.attention = Attention(
            write=self._write_to_terminal,
            focused=lambda: app.app_focus,
            folder=app.look.folder.name or str(app.look.folder),
            how=app.look.notify,
        )
        changes = self._changes = Changes()
        todos, tasks = Todos(), Tasks()
        self.gauge = RateGauge(app.status, lambda: self.sessions.current)
        self.jobs = JobWatch(app.status, lambda: self.sessions.current, app.keys.of("job.background"))
        self.activity.offer = self.jobs.offer
        self.activity.progress = todos.summary
        self.view = EventView(
            transcript=self.transcript,
            activity=self.activity,
            status=app.status,
            changes=changes,
            todos=todos,
            tasks=tasks,
            begun=self._begun,
            stop_hint=self._stop_hint,
            requested=self._requested,
        )
        approvals = Approvals(layers=self.layers, say=self.activity.say)
        self.sessions = Sessions(
            open_session=open_session,
            options=options,
            asker=approvals.approve,
            questioner=approvals.question,
            opened=self._opened,
            failed=self.view.error,
        )
        self.agent = Agent(
            folder=app.look.folder,
            sessions=self.sessions,
            view=self.view,
            queue=self.queue,
            restore=self._restore,
            began=self.attention.working,
            done=self._done,
        )
        self.beside = BesideWork(
            sessions=self.sessions,
            view=self.view,
            activity=self.activity,
            jobs=self.jobs,
            agent_busy=lambda: self.agent.busy,
            stop_hint=self._stop_hint,
            rested=app.files_changed,
        )
        self.actions = Actions(
            look=app.look,
            stage=self,
            sessions=self.sessions,
            view=self.view,
            status=app.status,
            layers=self.layers,
            changes=changes,
            keys=app.keys,
            jobs=self.jobs,
            todos=todos,
            tasks=tasks,
        )

    def widgets(self) -> Sequence[Widget]:
        return (self.transcript, self.below, self.activity, self.queue, self.layers)

    def begin(self) -> None:
        """Open the session, after asking for trust where there is something to trust."""
        for problem in self._app.keys.problems:
            self.view.notice(problem, "warning")
        if self._app.look.brings:
            self._start(self._ask_trust())
        else:
            self.sessions.begin()

    def start_leaving(self, exit_code: int) -> None:
        """Leave in order, in the background."""
        self._start(self.leave(exit_code))

    async def _ask_trust(self) -> None:
        from plugsky_tui.frontends.tui.layers.trust import TrustLayer  # only where there is something to trust

        look = self._app.look
        trusted = await self.layers.ask(TrustLayer(str(look.folder), look.brings))
        if self._on_trust is not None:
            heard = self._on_trust(bool(trusted))
            if heard is not None:
                await heard
        self.sessions.begin()

    def _opened(self, session: Session, fresh: bool) -> None:
        """`session` takes the screen; `fresh` where another one had it."""
        app = self._app
        history = session.history()
        if fresh:
            self.beside.forget()
            self.view.clear()
            self.transcript.display, app.welcome.display = False, True
        app.welcome.set_model(session.model)
        self.show_mode(session.mode)
        app.status.update(model=session.model, branch=branch_of(app.look.folder))
        self.gauge.look()
        self.show_key()
        with making_what_stays():
            self.view.replay(history)
        for warning in session.warnings:
            self.view.notice(warning, "warning")
        if told := self.jobs.replaced():
            self.view.notice(told)

    def _begun(self) -> None:
        if not self.transcript.display:
            self._app.welcome.display = False
            self.transcript.display = True

    def _requested(self) -> None:
        """A request may have gone out; what the tools before it did is done."""
        self.gauge.look()
        self.jobs.look()

    def _done(self) -> None:
        """The agent has come to rest. It may have left another branch behind."""
        self._app.status.update(branch=branch_of(self._app.look.folder))
        self._app.files_changed()
        self.gauge.look()
        self.jobs.look()
        self.attention.resting()
        tidy()
        self.beside.show_activity()

    def changed_files(self) -> list[str]:
        """The paths of what was changed in this thread, the last ones first."""
        return [block.path for block in reversed(self._changes.files())]

    # --- what is typed --------------------------------------------------------------------------

    def sent(self, draft: Draft) -> None:
        """A prompt, a slash command, or a line of the user's own."""
        call = parse(draft.text)
        if own := kind_of(draft.text):
            content = content_of(draft.text)
            if not content:
                what = "a command, which you run yourself" if own == "shell" else "a line, which goes into AGENTS.md"
                self._app.status.flash(f"Behind {draft.text.strip()} comes {what}.")
            elif own == "shell":
                self.beside.run(content)
            else:
                self._start(self.beside.note(content))
        elif call is None:
            self.agent.submit(draft)
        elif call.command is None:
            nearest = f" Did you mean {' or '.join(f'/{name}' for name in call.nearest)}?" if call.nearest else ""
            self._app.status.flash(f"There is no command /{call.name}.{nearest}", "warning")
            self._restore(draft)
        else:
            self._run(call.command, call.argument)

    def steer(self, draft: Draft) -> None:
        """A prompt for the agent's next step, which hears words only: images wait in line."""
        if kind_of(draft.text):
            self.sent(draft)
        elif draft.images and self.agent.busy:
            self._app.status.flash("With images it is sent when the agent is done.")
            self.agent.submit(draft)
        else:
            self.agent.steer(draft)

    def attached(self) -> None:
        """An image is in the composer: say at once where the model could not see it."""
        self._start(self._check_sight())

    async def _check_sight(self) -> None:
        session = await self.sessions.ready()
        if session.sees(session.model) is False:
            from plugsky_tui.session.sight import cannot_see

            error = cannot_see(session.model, [info.id for info in await session.models() if info.sees])
            self.refused(error)

    def open_editor(self) -> None:
        """Go on with the draft in the user's editor."""
        self._start(self._edit_draft())

    async def _edit_draft(self) -> None:
        from plugsky_tui.frontends.tui.editor import edited

        app = self._app
        try:
            text = await edited(app, app.composer.draft.text, app.look.folder)
        except PlugskyError as error:
            self.refused(error)
            return
        app.composer.go_on_with(text)

    def show_paste(self, label: str, text: str) -> None:
        """Show what a chip stands for."""
        self._start(self._show_paste(label, text))

    async def _show_paste(self, label: str, text: str) -> None:
        from plugsky_tui.frontends.tui.layers.reader import ReaderLayer

        await self.layers.ask(ReaderLayer(label.strip("[]"), [("text", line) for line in text.split("\n")]))

    def refused(self, error: PlugskyError) -> None:
        """Something about the draft cannot be; it stays in the composer."""
        text = f"{error.message.rstrip('.')}. {error.hint}".rstrip()
        self._app.status.flash(text, "warning", seconds=REFUSAL_S)

    def run_named(self, name: str) -> None:
        self._run(next(command for command in COMMANDS if command.name == name), "")

    def _run(self, command: Command, argument: str) -> None:
        """Run a slash command in the background; what goes wrong is shown."""
        if self.agent.busy and not command.while_busy:
            self._app.status.flash(
                f"/{command.name} has to wait until the agent is done. {self._stop_hint()}", "warning"
            )
            return
        self._start(command.run(self.actions, argument))

    async def _shown(self, deed: Awaitable[None]) -> None:
        try:
            await deed
        except PlugskyError as error:
            self.view.error(error)
        except Exception as error:  # a fault of ours: the user is told, and the UI stays
            self.view.error(PlugskyError(f"That broke: {type(error).__name__}: {error}"))

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(self._shown(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _restore(self, draft: Draft) -> None:
        """Put `draft` back into the composer, before what is there."""
        self._app.composer.put_back(draft)

    # --- searching the thread -------------------------------------------------------------------

    async def search(self) -> None:
        """Open the line to search with."""
        if not self.transcript.display:
            self._app.status.flash("There is nothing to search yet.")
            return
        if self.searching is None:
            from plugsky_tui.frontends.tui.widgets.searching import SearchLine  # for whoever searches

            self.searching = SearchLine(self.transcript, self._search_closed)
            await self._app.mount(self.searching, after=self.transcript)
        self.searching.open()

    def _search_closed(self) -> None:
        """The place that was found has the cursor."""
        if self.layers.top is None:
            self.transcript.focus()

    def found(self, number: int, total: int) -> None:
        if self.searching is not None:
            self.searching.tell(number, total)

    # --- keys -----------------------------------------------------------------------------------

    def escape(self) -> None:
        """Close one layer, or give the queue back, or interrupt."""
        if self.layers.top is not None:
            self.layers.top.escape()
        elif self.searching is not None and self.searching.display:
            self.searching.close()
        elif self._app.composer.dismiss_suggestions():
            return
        elif self._app.focused is self.transcript:
            self._app.composer.focus()
        elif not (self.agent.unqueue() or self.beside.stop()):
            self.agent.interrupt()

    def copy_or_clear(self) -> None:
        app = self._app
        selected = getattr(app.focused, "selected_text", "") or app.screen.get_selected_text() or ""
        if selected:
            app.copy_to_clipboard(selected)
            app.status.flash(f"Copied {len(selected):,} characters.")
        elif self.layers.top is not None:
            self.layers.top.escape()
        elif app.composer.text:
            app.composer.clear_into_history()
            app.status.flash("Cleared. ↑ brings it back.")
        elif monotonic() - self._quit_armed_at <= QUIT_WITHIN_S:
            self._start(self.leave())
        else:
            self._quit_armed_at = monotonic()
            app.status.flash(f"{app.keys.of('app.copy_or_clear')} once more quits.", seconds=QUIT_WITHIN_S)

    def where_text_goes(self) -> Widget | None:
        """What is typed or pasted while the transcript has the focus is meant for this; None where nobody writes."""
        from textual.widgets import Input  # loaded with the first layer

        if self.layers.top is None:
            return self._app.composer
        target = self.layers.top.focus_target()
        return target if isinstance(target, Input) else None

    def can_switch_focus(self) -> bool:
        """Whether Tab is free to go between composer and transcript."""
        composer = self._app.composer
        busy = composer.suggesting or (composer.has_focus and composer.takes_tab)
        return self.layers.top is None and self.transcript.display and not busy

    def switch_focus(self) -> None:
        to_composer = self._app.focused is self.transcript
        (self._app.composer if to_composer else self.transcript).focus()

    def open_link(self, url: str) -> None:
        self._start(self._open_link(url))

    async def _open_link(self, url: str) -> None:
        from plugsky_tui.frontends.tui.layers.link import LinkLayer, may_open

        if not may_open(url):
            self._app.status.flash("Only http and https links are opened.", "warning")
        elif await self.layers.ask(LinkLayer(url)):
            self._app.open_url(url)

    def next_mode(self) -> None:
        self._start(self.actions.next_mode())

    def palette(self) -> None:
        self._start(self._choose_command())

    async def _choose_command(self) -> None:
        entry = await self.actions.choose_command()
        if entry is None:
            return
        if entry.command is not None:
            self._run(entry.command, "")
        else:
            await self._app.run_action(entry.action)

    def search_history(self) -> None:
        self._start(self.actions.search_history(self._app.composer.prompts.entries))

    def page(self, direction: int) -> None:
        if self.layers.top is not None and self.layers.top.scroll_page(direction):
            return
        if direction < 0:
            self.transcript.scroll_page_up(animate=False)
        else:
            self.transcript.scroll_page_down(animate=False)

    def _layers_changed(self, any_open: bool) -> None:
        composer = self._app.composer
        composer.dismiss_suggestions()
        if any_open and self.searching is not None:
            self.searching.close()
        composer.display = not any_open
        self.activity.with_hint = not any_open
        if self.agent.busy:
            (self.attention.asking if any_open else self.attention.working)()
        if not any_open and self._app.is_running:
            self._app.screen.set_focus(composer)

    def _write_to_terminal(self, text: str) -> None:
        if not self._app.is_headless and self._app._driver is not None:
            self._app._driver.write(text)

    def _stop_hint(self) -> str:
        key = self._app.keys.of("agent.interrupt")
        return f"{key} to interrupt" if key else ""

    # --- what commands need ---------------------------------------------------------------------

    def show_mode(self, mode: str) -> None:
        self._app.composer.show_mode(mode)
        self._app.status.update(mode=mode)

    def show_key(self) -> None:
        self._start(self._look_for_key())

    async def _look_for_key(self) -> None:
        """Whoever starts without a key is told how to enter one. A keyring may take its time, so a thread asks it."""
        found = await asyncio.to_thread(has_key, self._app.look)
        remark = "Without an API key, the free tier answers. /login enters one."
        if self._app.look.first:
            remark = "To look around without a key or network: plugsky demo"
        self._app.welcome.set_remark("" if found else remark)

    def show_rate(self) -> None:
        self.gauge.look()

    def copy_to_clipboard(self, text: str) -> None:
        self._app.copy_to_clipboard(text)

    def use_theme(self, name: str) -> None:
        self._app.theming.wear(name)

    def theme_name(self) -> str:
        return self._app.theming.chosen

    def use_keys(self, own: Mapping[str, str]) -> Sequence[str]:
        """`own` as in `[keys]`: in force from the next key on, and named so wherever a key is named. What is wrong with
        them, as sentences."""
        app = self._app
        app.keys.take(own)
        app.set_keymap(app.keys.keymap)
        self.below.key = app.keys.of("transcript.end")
        self.queue.key = app.keys.of("agent.interrupt")
        self.jobs.key = app.keys.of("job.background")
        app.welcome.set_tips(app.tips())
        return app.keys.problems

    def use_notify(self, how: str) -> None:
        self.attention.how = cast("Notify", how)  # it has been checked as a setting

    def submit(self, prompt: str) -> None:
        from plugsky_tui.frontends.tui.composer.drafts import Draft

        self.agent.submit(Draft(prompt))

    def set_draft(self, text: str) -> None:
        self._app.composer.set_draft(text)

    def last_answer(self) -> str:
        return self.transcript.last_answer() or ""

    def source(self) -> str:
        """All that was said in the thread, as Markdown."""
        return self.transcript.source()

    async def leave(self, exit_code: int = 0) -> None:
        """Quit in order: the run's last events are kept, the session lets go of its thread."""
        from rich.text import Text  # as it is: a plain string would be parsed

        session = self.sessions.current
        try:
            await asyncio.gather(self.agent.end(), self.beside.end())
            await self.sessions.close()
        finally:
            told = left(session.left_running) if session is not None else ""
            self._app.exit(return_code=exit_code, message=Text(f"plugsky: {told}") if told else None)
