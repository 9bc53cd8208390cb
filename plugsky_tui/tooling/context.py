"""What every tool is given: the workspace, what the model has read, where long results go, whom to ask."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plugsky_tui.kernel.display import TodoItem
from plugsky_tui.tooling.ledger import ReadLedger
from plugsky_tui.workspace.environment import child_environment
from plugsky_tui.workspace.paths import Root
from plugsky_tui.workspace.spill import Spill

if TYPE_CHECKING:
    import asyncio

    from plugsky_tui.tooling.semantic import SemanticIndex
    from plugsky_tui.tooling.skills import Skills
    from plugsky_tui.tooling.subagents import Subagents
    from plugsky_tui.workspace.jobs import Jobs
    from plugsky_tui.workspace.lsp.servers import LanguageServers
    from plugsky_tui.workspace.lsp.watching import EditWatch
    from plugsky_tui.workspace.web.fetched import Fetcher

CALL_ID: ContextVar[str] = ContextVar("call_id", default="")  # of the call that acts in this task
SUBAGENT: ContextVar[str] = ContextVar("subagent", default="")  # the name of the one that works in this task

AskUser = Callable[[str, list[str]], Awaitable[str | None]]  # question, options -> the answer; None: no answer


def _environment() -> dict[str, str]:
    return child_environment(os.environ)


def _unknown() -> bool | None:
    return None


def _no_secret(path: str) -> bool:
    from plugsky_tui.workspace.sensitive import secret

    return not secret(path)


@dataclass(slots=True)
class ToolContext:
    """`root` is the workspace folder, fixed for the session.

    `reads` None means that nothing is remembered, and files are never found changed since they were
    read. `environment` is that of child processes (see `workspace.environment`). `git_allowed` says
    that the folder is trusted, so that git may be started in it. `may_read` tells, for an absolute
    path that a search came upon, whether it may be read without asking. `ask_user` is None where
    nobody is there. `sees` tells whether the model in use takes images (None: not known).
    `jobs` are the session's commands in the background, `fetcher` reads web pages, `skills` are those there are,
    `language_servers` check source files, `edit_watch` is told of edits and tells the errors they brought, `subagents`
    are the agents that may be given tasks, `semantic` is the index of `plugsky index`; each is None where there is no such
    thing.
    """

    root: Root
    reads: ReadLedger | None = field(default_factory=ReadLedger)
    spill: Spill = field(default_factory=Spill)
    environment: Mapping[str, str] = field(default_factory=_environment)
    git_allowed: bool = False
    may_read: Callable[[str], bool] = _no_secret
    ask_user: AskUser | None = None
    sees: Callable[[], bool | None] = _unknown
    jobs: Jobs | None = None
    fetcher: Callable[[], Fetcher] | None = None
    skills: Skills | None = None
    language_servers: LanguageServers | None = None
    edit_watch: Callable[[], EditWatch] | None = None
    subagents: Subagents | None = None
    semantic: SemanticIndex | None = None
    todos: list[TodoItem] = field(default_factory=list)
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)

    def lock(self, real: str) -> asyncio.Lock:
        """The lock of one file: changes to it are made one after the other."""
        import asyncio  # loaded long before the first change; not by those who only list tools

        return self._locks.setdefault(real, asyncio.Lock())
