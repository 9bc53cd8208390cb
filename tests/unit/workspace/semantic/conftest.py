"""A small folder that is not indexed yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.semantic import Repo

from plugsky_tui.workspace.semantic.store import Store
from plugsky_tui.workspace.symbols.cache import SymbolCache


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    folder = tmp_path / "repo"
    folder.mkdir()
    symbols = SymbolCache(str(tmp_path / "symbols"), str(folder))
    made = Repo(folder, Store(str(tmp_path / "semantic" / "index.sqlite")), symbols)
    made.put("pay.txt", "Invoices are paid by bank transfer, with interest after thirty days.\n")
    made.put("cook.txt", "Boil the potatoes in salted water, then fry them in butter.\n")
    made.put(
        "src/queue.py",
        "def push(queue, item):\n    '''Append an item to the end of the queue.'''\n    queue.append(item)\n",
    )
    return made
