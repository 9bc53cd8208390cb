"""What the tool `semantic_search` is given: the index that `plugsky index` has built of the folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from plugsky_tui.kernel.record import record


@record
class Passage:
    """A chunk of a file that is near in meaning to a query. `path` is relative to the folder, `score` the cosine (-1 to
    1), `first` and `last` its lines (from 1), `text` what they say now. `changed`: they said something else when the index
    was built."""

    path: str
    first: int
    last: int
    score: float
    text: str
    changed: bool = False


@record
class Found:
    """The best first. `notes` tell the model what it should know of the index, such as files changed since."""

    passages: list[Passage]
    notes: list[str]


class SemanticIndex(Protocol):
    @property
    def built(self) -> bool:
        """Whether there is an index of the folder. Cheap: asked when tools are offered."""
        ...

    async def search(self, query: str, limit: int, within: Sequence[str] = ()) -> Found:
        """The passages nearest to `query`, at most `limit`, in files that match one of the globs `within`, if there are any.

        ToolError where there is no index, or where the embedding model cannot be asked, with the next step."""
        ...
