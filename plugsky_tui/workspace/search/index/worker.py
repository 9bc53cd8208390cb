"""The program that lists and searches: started by its path, in isolation, it answers until its input ends.

The first line of input is the order, a JSON object: `folder`, the programs `ripgrep` and `git` ("" for none) and the
`environment` they run in. Each further line is a query, [number, text], and gets an answer, one line:
`number`, the `paths` that fit best, the `count` of names so far, whether the folder is still being `listing`, whether it
has more than can be kept (`cut`). While it lists, the last query is answered again as there is more to choose from.

A process of its own, since hundreds of thousands of names take a second of computing to put in order: in the one that
draws the screen, keys would wait for it. Threads only wait here, for input and for the disk; all computing is
in the main one, in steps of some 50 ms, queries first.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
from queue import PriorityQueue
from time import monotonic
from typing import Any

_QUERY, _FILES = 0, 1  # what comes first when both wait
_AHEAD = 8  # batches listed before they are wanted
_FIRST_NEWS_S = 0.05  # after that, and twice that, and so on, what was listed is there to be found


class _Inbox:
    """What the threads bring, queries first."""

    def __init__(self) -> None:
        self._items: PriorityQueue[tuple[int, int, Any]] = PriorityQueue()
        self._number = 0
        self._lock = threading.Lock()
        self.room = threading.Semaphore(_AHEAD)

    def put(self, kind: int, item: Any) -> None:
        with self._lock:
            self._number += 1
            self._items.put((kind, self._number, item))

    def get(self) -> tuple[int, Any]:
        kind, _, item = self._items.get()
        return kind, item


def main() -> None:
    sys.path += [each for each in sys.argv[1:] if each not in sys.path]
    _leave_interrupts_to_the_parent()
    gc.disable()  # nothing here makes cycles, and names are many objects to look through
    order = json.loads(sys.stdin.buffer.readline())
    from plugsky_tui.workspace.search.index.sources import Sources

    sources = Sources(order["folder"], order["ripgrep"], order["git"], order["environment"])
    inbox = _Inbox()
    threading.Thread(target=_read_queries, args=(inbox, sources), daemon=True).start()
    threading.Thread(target=_list_files, args=(inbox, sources), daemon=True).start()
    _Work(order["folder"], inbox, sources).run()


def _read_queries(inbox: _Inbox, sources: Any) -> None:
    for line in sys.stdin.buffer:
        inbox.put(_QUERY, json.loads(line))
    sources.stop()
    os._exit(0)  # nobody asks any more: whatever is under way is for nobody


def _list_files(inbox: _Inbox, sources: Any) -> None:
    try:
        for batch in sources.batches():
            inbox.room.acquire()
            inbox.put(_FILES, batch)
    finally:
        inbox.put(_FILES, None)


class _Work:
    """The table, and what was last asked of it."""

    def __init__(self, folder: str, inbox: _Inbox, sources: Any) -> None:
        from plugsky_tui.workspace.search.index.matching import search
        from plugsky_tui.workspace.search.index.table import Table
        from plugsky_tui.workspace.sensitive import secret

        self._search = search
        self._table = Table(lambda path: secret(os.path.join(folder, path)))
        self._inbox, self._sources = inbox, sources
        self._asked: tuple[int, str] | None = None
        self._listing = True
        self._began = monotonic()
        self._news = _FIRST_NEWS_S

    def run(self) -> None:
        while True:
            kind, item = self._inbox.get()
            if kind == _QUERY:
                self._asked = (item[0], item[1])
                self._answer()
            elif self._listing:
                self._take(item)

    def _take(self, batch: list[str] | None) -> None:
        if batch is not None:
            self._inbox.room.release()
            self._table.add(batch)
        if batch is None or self._table.full:
            self._listing = False
            self._sources.stop()
        passed = monotonic() - self._began
        if self._listing and passed < self._news:
            return
        self._news = 2 * passed
        self._table.finish()
        self._answer()

    def _answer(self) -> None:
        if self._asked is None:
            return
        number, query = self._asked
        table = self._table
        answer = {
            "number": number,
            "paths": self._search(table, query),
            "count": table.count,
            "listing": self._listing,
            "cut": table.full,
        }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _leave_interrupts_to_the_parent() -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    main()
