"""`plugsky index`: the semantic index of one folder, built, looked at and forgotten."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plugsky_tui.config.credentials import find_key
from plugsky_tui.config.paths import cache_dir, data_dir
from plugsky_tui.config.settings import DEFAULT_BASE_URL, load
from plugsky_tui.kernel.errors import ConfigError, UsageError
from plugsky_tui.kernel.events import Notice, Retry
from plugsky_tui.kernel.redaction import redact
from plugsky_tui.session.endpoints import Endpoints
from plugsky_tui.session.semantic import address_of, embedding_model, endpoints_for, index_folder, name_of, store_of

if TYPE_CHECKING:
    from plugsky_tui.providers.pacers import Pacers
    from plugsky_tui.workspace.semantic.build import Built, Watcher
    from plugsky_tui.workspace.semantic.store import Facts
    from plugsky_tui.workspace.semantic.survey import Folder, Standing


@dataclass(slots=True)
class IndexOptions:
    """What `plugsky index` was given; None and empty mean "not given"."""

    folder: Path
    model: str | None = None
    offline: bool = False
    mode: str | None = None
    allow: Sequence[str] = ()
    deny: Sequence[str] = ()
    pacers: Pacers | None = None


@dataclass(slots=True)
class Status:
    """What there is of an index. `facts` and `standing` are None where there is none; `standing` also where it is
    damaged, which `problem` then says."""

    model: str
    host: str
    path: str
    facts: Facts | None = None
    standing: Standing | None = None
    problem: str = ""


class FolderIndex:
    """The index of one folder, as configuration and options want it."""

    def __init__(self, options: IndexOptions) -> None:
        """ConfigError where settings or options are wrong."""
        from plugsky_tui.permissions.build import build_gate
        from plugsky_tui.permissions.trust import Trust
        from plugsky_tui.session.reading import may_read

        loaded = load(options.folder)
        self._options = options
        self._trusted = Trust(data_dir()).state(options.folder).trusted
        self._settings = loaded.effective(trusted=self._trusted)
        gate = build_gate(
            options.folder,
            loaded,
            mode=options.mode,
            allow=options.allow,
            deny=options.deny,
            trusted=self._trusted,
            keep=False,
        )
        self.warnings = [*loaded.warnings, *gate.warnings]
        self.configured_model = embedding_model(self._settings, offline=options.offline)
        self.model = options.model or self.configured_model
        self._may_read = may_read(gate)
        self._root = gate.root.real
        self._address = address_of(self._settings, self.model, offline=options.offline)
        self.store = store_of(self._root, self._address, self.model)
        self.denied = 0  # files that a rule keeps out, of the last listing
        self.secrets: list[str] = []  # files that may hold keys or passwords

    @property
    def host(self) -> str:
        """Where texts go, for people."""
        rest = self._address.partition("://")[2] or self._address
        return rest.partition("/")[0].rpartition("@")[2]

    async def build(self, watcher: Watcher) -> Built:
        """Bring it up to date. PlugskyError as `workspace.semantic.build` has it, and where there is no key."""
        from plugsky_tui.workspace.semantic.build import build
        from plugsky_tui.workspace.semantic.lock import alone

        self._check_folder()
        self._check_key()

        def told(word: Notice | Retry) -> None:
            match word:
                case Retry():
                    watcher.waiting(word.reason, word.wait_s)
                case Notice():
                    watcher.waiting(word.text, word.wait_s)

        options = self._options
        async with (
            alone(f"{self.store.path}.lock", watcher.say),
            endpoints_for(self._settings, options.folder, offline=options.offline, pacers=options.pacers) as endpoints,
        ):
            keys = endpoints.keys()
            embeddings = endpoints.embeddings(self.model, told=told)
            folder = await self._listed(lambda text: redact(text, keys))
            return await build(folder, self.store, embeddings, watcher)

    async def status(self) -> Status:
        from plugsky_tui.workspace.semantic.store import Damaged
        from plugsky_tui.workspace.semantic.survey import standing

        status = Status(self.model, self.host, self.store.path)
        if not self.store.exists:
            return status
        try:
            status.facts = await asyncio.to_thread(self.store.facts)
            folder = await self._listed(lambda text: text)
            status.standing = await asyncio.to_thread(standing, folder, self.store)
        except Damaged as error:
            status.problem = f"it is damaged ({error}): plugsky index builds it anew"
        return status

    async def clear(self) -> int:
        """Delete every index of the folder, whatever its model; how many there were."""
        from plugsky_tui.workspace.semantic.lock import alone
        from plugsky_tui.workspace.semantic.store import Store

        stores = [Store(str(path)) for path in index_folder().glob(f"{name_of(self._root)}-*.sqlite")]  # a short look
        for store in stores:
            async with alone(f"{store.path}.lock", lambda text: None):
                await asyncio.to_thread(store.discard)
        return len(stores)

    async def _listed(self, clean: Callable[[str], str]) -> Folder:
        from plugsky_tui.workspace.environment import child_environment
        from plugsky_tui.workspace.search.listing import Means, list_files
        from plugsky_tui.workspace.semantic.survey import Folder
        from plugsky_tui.workspace.symbols.cache import SymbolCache

        environment = child_environment(os.environ, Endpoints(self._settings, _key_if_any).keys())
        listing = await list_files(self._root, Means(self._root, environment, self._trusted))
        paths = [path for path in listing.files if self._may_read(f"{self._root.rstrip('/')}/{path}")]
        self.denied, self.secrets = len(listing.files) - len(paths), listing.secrets
        symbols = SymbolCache(str(cache_dir() / "symbols"), self._root)
        return Folder(self._root, paths, symbols, environment, clean)

    def _check_folder(self) -> None:
        """UsageError where somebody's whole home, or a folder of the system, would be sent by mistake."""
        from plugsky_tui.workspace.paths import find_git
        from plugsky_tui.workspace.sensitive import system_folder

        home = os.path.realpath(os.path.expanduser("~"))  # noqa: PTH111  # compared as text, like the root
        if (self._root == home or system_folder(self._root)) and find_git(self._root) != self._root:
            raise UsageError(
                f"{self._root} is no project: all that is in it would be sent to {self.host}.",
                hint="Give the folder of a project: plugsky index -C DIR",
            )

    def _check_key(self) -> None:
        """ConfigError where Plugsky's own API would be asked without a key: no free tier has embeddings."""
        if self._options.offline or self._address != DEFAULT_BASE_URL or find_key():
            return
        raise ConfigError(
            f"{self.model} needs an API key, and there is none.",
            hint="plugsky auth login stores one, PLUGSKY_API_KEY works too. Without one, --offline builds an index with "
            "the embedded simulator, to try it out.",
        )


def _key_if_any() -> str | None:
    try:
        return find_key()
    except ConfigError:
        return None
