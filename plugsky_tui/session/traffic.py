"""Whether a session's traffic with models is recorded, or comes from a recording."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from plugsky_tui.kernel.errors import UsageError
from plugsky_tui.kernel.events import Notice
from plugsky_tui.session.options import Options

if TYPE_CHECKING:
    from plugsky_tui.providers.endpoint import Endpoint
    from plugsky_tui.providers.format import Transport
    from plugsky_tui.providers.recording import Recorder
    from plugsky_tui.providers.replaying import Replayer


class Traffic:
    """Tapes are read and looked for when this is made, so that a wrong one ends in an error before anything has begun;
    a new one is made by `begin`."""

    def __init__(self, options: Options) -> None:
        """UsageError for a tape that cannot be used, and for options that contradict each other."""
        self.model: str | None = None  # that a replay was recorded with
        self.warnings: list[str] = []
        self._options = options
        self._recorder: Recorder | None = None
        self._replayer: Replayer | None = None
        if options.replay is not None:
            self._open_replay(options.replay)
        elif options.record is not None and os.path.lexists(_placed(options.record, options)):
            from plugsky_tui.providers.recording import exists_already

            raise exists_already(options.record)

    @property
    def replayed(self) -> bool:
        return self._replayer is not None

    def connect(self, endpoint: Endpoint) -> Transport:
        """What carries requests to `endpoint`."""
        if self._replayer is not None:
            return self._replayer.connect(endpoint)
        if self._recorder is not None:
            return self._recorder.connect(endpoint)
        from plugsky_tui.providers.http import HttpClient  # 65 ms that nobody pays before a request is made

        return HttpClient(endpoint)

    def begin(self, model: str, keys: Callable[[], Sequence[str]]) -> None:
        """Start to record, where that is wanted. UsageError where it cannot be."""
        given = self._options.record
        if given is None:
            return
        from plugsky_tui.providers.recording import Recorder
        from plugsky_tui.providers.tape import Header

        path, folder = _placed(given, self._options), self._options.folder
        self._recorder = Recorder(path, Header(str(folder), date.today().isoformat(), model), keys)
        if Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
            self.warnings.append(
                f"The tape {given} lies in the folder the agent works in: it may read it, and a replay then differs."
            )

    def last_words(self) -> list[Notice]:
        """What is to be said of the tape when a run ends."""
        if self._recorder is not None and self._recorder.problem:
            return [Notice("not_recorded", self._recorder.problem)]
        if self._replayer is not None and (unused := self._replayer.unused):
            text = f"{unused} exchange{'s' * (unused > 1)} of the tape had no use: the recorded run made more requests."
            return [Notice("replay_unused", text)]
        return []

    def close(self) -> None:
        if self._recorder is not None:
            self._recorder.close()

    def _open_replay(self, given: Path) -> None:
        options = self._options
        for name, other in (("--record", options.record), ("--offline", options.offline)):
            if other:
                raise UsageError(f"--replay and {name} exclude each other", hint="Leave one of them out.")
        from plugsky_tui.providers.replaying import Replayer
        from plugsky_tui.providers.tape import read_tape

        tape = read_tape(_placed(given, options), str(given))
        self._replayer = Replayer(tape, str(options.folder))
        self.model = tape.header.model


def _placed(path: Path, options: Options) -> Path:
    """As with --file, names are taken from the folder of the run."""
    return options.folder / os.path.expanduser(path)  # noqa: PTH111  # Path.expanduser raises where there is no home
