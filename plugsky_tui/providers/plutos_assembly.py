"""An answer of the PlutosAI document's `/stream` or `/process` put together to the items the loop reads.

The stream is `chunk` after `chunk`, each with a further piece in `output`, and `complete`, whose `output` is the whole
once more. The document can also be read so that each chunk has all that was said so far: both are understood.
"""

from __future__ import annotations

from typing import Any

from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.kernel.events import Notice, ReasoningDelta, TextDelta, Usage
from plugsky_tui.kernel.ports import Finished, StreamItem
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.errors import complaint_of, host_of, stream_error
from plugsky_tui.providers.format import Expected
from plugsky_tui.providers.json_events import EventReader
from plugsky_tui.providers.sse import ServerEvent
from plugsky_tui.providers.text import SurrogateJoiner, ThoughtSplitter
from plugsky_tui.providers.usage import Tokens

DEFAULT_MAX_TOKENS = 1000  # the document's, for an answer where nobody says
_SURE_AFTER = 16  # characters that no further piece begins with by chance, twice


class Pieces:
    """Tells pieces that follow each other from pieces that each begin with all before them.

    While it can be either, what is said by both readings is handed out, and no more.
    """

    def __init__(self) -> None:
        self._handed: list[str] = []
        self._given: list[str] = []  # while it can be either
        self._last = ""
        self._grew = 0
        self._cumulative: bool | None = None

    def feed(self, piece: str) -> str:
        """What is new for certain."""
        if not piece:
            return ""
        if self._cumulative is None:
            new = self._undecided(piece)
        elif not self._cumulative:
            new = piece
        elif piece.startswith(self._last):
            new, self._last = piece[len(self._last) :], piece
        else:
            return ""  # the server took back what it had said: what was shown stands
        self._handed.append(new)
        return new

    def end(self, whole: str | None) -> str:
        """What is still missing; `whole` is all of it, where the server says it again."""
        said = self.said()
        if whole is None:
            whole = said if self._cumulative is not None else "".join(self._given)
        if not whole.startswith(said):
            return ""
        self._handed.append(whole[len(said) :])
        return self._handed[-1]

    def said(self) -> str:
        """All that was handed out."""
        return "".join(self._handed)

    def _undecided(self, piece: str) -> str:
        self._given.append(piece)
        said, added = self.said(), "".join(self._given)
        if not piece.startswith(self._last):
            self._cumulative = False
            return added[len(said) :]
        self._grew += bool(self._last)
        if self._grew > 1 and len(self._last) >= _SURE_AFTER and len(set(self._last)) > 3:
            self._cumulative = True
            self._last = piece
            return piece[len(said) :]
        self._last = piece
        return _shared(added, piece)[len(said) :]


class PlutosAssembly:
    """One answer. Feed it the events of the stream, then call `end` once."""

    call_begun = False  # there are no tools

    def __init__(self, endpoint: Endpoint, expected: Expected) -> None:
        self.done = False
        self.shown = False
        self._endpoint = endpoint
        self._expected = expected
        self._reader = EventReader(endpoint, expected.request_id)
        self._tokens = Tokens()
        self._pieces = Pieces()
        self._text = SurrogateJoiner()
        self._thoughts = ThoughtSplitter()
        self._model = ""
        self._answered = False
        self._differs = False

    @property
    def complete(self) -> bool:
        return self.done

    def feed(self, event: ServerEvent) -> list[StreamItem]:
        if self.done:
            return []
        data = self._reader.read(event)
        items: list[StreamItem] = []
        match data:
            case dict():
                self._event(data, event.name, items)
            case Notice():
                items.append(data)
            case None if self._reader.ended and self._answered:
                self._finish(None, items)
            case None:
                pass
        self.shown = self.shown or bool(items)
        return items

    def feed_whole(self, body: dict[str, Any]) -> list[StreamItem]:
        if body.get("error"):
            raise stream_error(complaint_of(body), self._endpoint, self._expected.request_id)
        output = body.get("output")
        if not isinstance(output, str):
            raise ProviderError(
                f"{host_of(self._endpoint)} answered with JSON that has no output.",
                hint='An endpoint that speaks OpenAI\'s format has kind = "openai-chat".',
                code="bad_stream",
            )
        items: list[StreamItem] = []
        self._about(body)
        self._finish(output, items)
        self.shown = bool(items)
        return items

    def end(self) -> list[StreamItem]:
        if not self.done:
            raise self._reader.broken_off(self._answered)
        items: list[StreamItem] = []
        self._split(self._text.end(), items)
        items += [ReasoningDelta(text) if thought else TextDelta(text) for thought, text in self._thoughts.end()]
        if self._differs:
            items.append(Notice("stream_differs", "The server ended with another text than it had streamed."))
        tokens = self._tokens
        limit = self._expected.max_tokens or DEFAULT_MAX_TOKENS
        cut = tokens.completion is not None and tokens.completion >= limit
        if cut:
            text = f"The answer has {tokens.completion} tokens, the limit of this request: it is probably cut off (max_tokens raises it)."
            items.append(Notice("length", text))
        model = self._model or self._expected.model
        if tokens.known:
            window = self._expected.window(model) or self._expected.window(self._expected.model)
            items.append(Usage(tokens.prompt or 0, tokens.completion or 0, tokens.cached or 0, tokens.context, window))
        items.append(Finished("length" if cut else "stop", model))
        return items

    # --- events -------------------------------------------------------------------------------

    def _event(self, data: dict[str, Any], name: str, items: list[StreamItem]) -> None:
        if name == "error" or data.get("error"):
            raise stream_error(complaint_of(data), self._endpoint, self._expected.request_id)
        self._about(data)
        output = data.get("output")
        if name == "complete" or data.get("chunk") == "final":
            self._finish(output if isinstance(output, str) else None, items)
        elif isinstance(output, str):
            self._answered = True
            self._speak(self._pieces.feed(output), items)

    def _about(self, data: dict[str, Any]) -> None:
        self._tokens.read(data.get("usage"))
        if isinstance(model := data.get("model"), str):
            self._model = model[:200]

    def _finish(self, whole: str | None, items: list[StreamItem]) -> None:
        self._speak(self._pieces.end(whole), items)
        said = self._pieces.said()
        self._differs = whole is not None and not whole.startswith(said) and whole.strip() != said.strip()
        self._answered = self.done = True

    def _speak(self, text: str, items: list[StreamItem]) -> None:
        if text:
            self._split(self._text.feed(text), items)

    def _split(self, text: str, items: list[StreamItem]) -> None:
        if text:
            items += [
                ReasoningDelta(part) if thought else TextDelta(part) for thought, part in self._thoughts.feed(text)
            ]


def _shared(one: str, other: str) -> str:
    """What both begin with."""
    return next(
        (one[:place] for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(one, other, key=len)
    )
