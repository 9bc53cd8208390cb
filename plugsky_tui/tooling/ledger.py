"""What the model knows of each file: so that it never overwrites what it has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plugsky_tui.kernel.errors import ToolError

if TYPE_CHECKING:
    from plugsky_tui.workspace.files import Stamp


@dataclass(slots=True)
class _Seen:
    digest: str | None  # None: too large to be read whole; then the stamp has to do
    stamp: Stamp | None
    own: bool


class ReadLedger:
    """Real path -> the content the model read last, or wrote itself."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def read(self, real: str, digest: str | None, stamp: Stamp) -> None:
        """The model has been shown this content."""
        known = self._seen.get(real)
        own = known is not None and known.own and digest is not None and known.digest == digest
        self._seen[real] = _Seen(digest, stamp, own)

    def wrote(self, real: str, digest: str | None) -> None:
        """A tool has put this content there; None: it has deleted the file."""
        if digest is None:
            self._seen.pop(real, None)
            return
        self._seen[real] = _Seen(digest, None, own=True)

    def paths(self) -> list[str]:
        """Real paths of what was read or written, the first one first."""
        return list(self._seen)

    def own(self, real: str, digest: str | None) -> bool:
        """Whether this content is what a tool wrote there last."""
        known = self._seen.get(real)
        return known is not None and known.own and known.digest == digest

    def check(self, real: str, shown: str, digest: str | None, stamp: Stamp) -> None:
        """ToolError where the file was read or written, and is not any more what it was then."""
        known = self._seen.get(real)
        if known is None:
            return
        same = known.digest == digest if known.digest is not None else known.stamp == stamp
        if same:
            return
        what = "has been deleted" if digest is None else "has changed"
        raise ToolError(
            f"{shown} {what} since you read it: nothing was written.",
            hint="Re-read it first (read), then make the change to what it holds now.",
            code="stale",
        )
