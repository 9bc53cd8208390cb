"""Where two request bodies differ: one from a tape, one that a replayed run has just made.

Not everything that differs says that a run went another way. The folder it ran in, the date in the system prompt,
plugsky's version, ids, and in the results of tools the time things took, addresses and temporary files are taken
for the same; everything else must be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_IDS = frozenset({"id", "tool_call_id", "tool_use_id", "call_id"})
SHORTEST_FOLDER = 4  # characters: "/", "/a" would be found in everything
_SHOWN = 60  # characters of a text on either side of where it differs
_RUN = r"([=_*#-])\1{3,}"  # rulers of test runners, whose length depends on the numbers between them

# In any text. Patterns are compiled where two texts differ, which is seldom.
_ANYWHERE = (
    (r"(?<=today: )\d{4}-\d\d-\d\d", "⟨date⟩"),
    (r"(?i)(?<=plugsky[ /])v?\d+\.\d+[\w.+-]*", "⟨version⟩"),
)
# In the results of tools.
_IN_RESULTS = (
    (r"(?<![\w/])(?:/[^\s/\"':]+)+/plugsky-[a-z_]+-[0-9a-f]{12}\.txt", "⟨output⟩"),  # see workspace.spill
    (r"(?<![\w.])(?:/private)?(?:/tmp|/var/tmp|/var/folders|/dev/shm)/[^\s\"'()\[\]{},;:]+", "⟨temporary⟩"),
    (r"\b0x[0-9a-f]{6,}\b", "⟨address⟩"),
    (r"(?<![\w.])\d+m\d+(?:[.,]\d+)?s\b", "⟨time⟩"),  # real 0m0.003s
    (r"(?<![\w.])\d+(?:[.,]\d+)?(?:e-?\d+)?\s?(?:ns|[µμu]s|ms|s|secs?|seconds?|min|mins|minutes?)\b", "⟨time⟩"),
    (r"(?<![\w.:])\d+:\d\d(?::\d\d)?\.\d+", "⟨time⟩"),  # 0:00:01.234
    (_RUN, r"\1\1\1\1"),
)


@dataclass(slots=True)
class Difference:
    """`path` is a JSON path; `recorded` and `now` are shortened, "(nothing)" where one side has none."""

    path: str
    recorded: str
    now: str


@dataclass(slots=True)
class Comparison:
    """Compares bodies of one replay: folders as absolute paths. Ids are paired as they first meet in bodies that are
    the same. `alike` counts what was found the same before the last difference."""

    folder: str
    folder_now: str
    alike: int = 0
    _paired: dict[str, str] = field(default_factory=dict)
    _back: dict[str, str] = field(default_factory=dict)

    def difference(self, recorded: Any, now: Any) -> Difference | None:
        """The first place where they differ, in the order of the recorded one."""
        before = dict(self._paired), dict(self._back)
        self.alike = 0
        found = self._of(recorded, now, "$", result=False)
        if found is not None:
            self._paired, self._back = before  # another request may be the right one
        return found

    def _of(self, recorded: Any, now: Any, path: str, *, result: bool) -> Difference | None:
        if isinstance(recorded, dict) and isinstance(now, dict):
            return self._of_tables(recorded, now, path, result=result or _is_result(recorded))
        if isinstance(recorded, list) and isinstance(now, list):
            for at, (one, other) in enumerate(zip(recorded, now, strict=False)):
                if found := self._of(one, other, f"{path}[{at}]", result=result):
                    return found
            at = min(len(recorded), len(now))
            if len(recorded) != len(now):
                return Difference(f"{path}[{at}]", _at(recorded, at), _at(now, at))
            return None
        if isinstance(recorded, str) and isinstance(now, str):
            differing = self._of_texts(recorded, now, path, result=result)
            self.alike += differing is None
            return differing
        if recorded == now and type(recorded) is type(now):
            self.alike += 1
            return None
        return Difference(path, _short(recorded), _short(now))

    def _of_tables(
        self, recorded: dict[str, Any], now: dict[str, Any], path: str, *, result: bool
    ) -> Difference | None:
        for name, one in recorded.items():
            here = f"{path}.{name}"
            if name not in now:
                return Difference(here, _short(one), "(nothing)")
            if name in _IDS and isinstance(one, str) and isinstance(now[name], str):
                if not self._paired_with(one, now[name]):
                    return Difference(here, one, now[name])
            elif found := self._of(one, now[name], here, result=result):
                return found
        for name, other in now.items():
            if name not in recorded:
                return Difference(f"{path}.{name}", "(nothing)", _short(other))
        return None

    def _paired_with(self, recorded: str, now: str) -> bool:
        return self._paired.setdefault(recorded, now) == now and self._back.setdefault(now, recorded) == recorded

    def _of_texts(self, recorded: str, now: str, path: str, *, result: bool) -> Difference | None:
        if recorded == now:
            return None
        one, other = self._plain(recorded, self.folder, result), self._plain(now, self.folder_now, result)
        for theirs, ours in self._paired.items():
            if theirs != ours and len(theirs) > SHORTEST_FOLDER and theirs in one:
                one = one.replace(theirs, ours)
        if one == other:
            return None
        at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
        return Difference(path, _around(one, at), _around(other, at))

    def _plain(self, text: str, folder: str, result: bool) -> str:
        if len(folder) >= SHORTEST_FOLDER:
            text = re.sub(rf"{re.escape(folder)}(?![\w.-])", "⟨folder⟩", text)
        for pattern, instead in (*_ANYWHERE, *(_IN_RESULTS if result else ())):
            text = re.sub(pattern, instead, text)
        return text


def _is_result(table: dict[str, Any]) -> bool:
    """Whether a message, or a part of one, is what a tool answered (OpenAI's or Anthropic's way to say so)."""
    return table.get("role") == "tool" or table.get("type") == "tool_result"


def _around(text: str, at: int) -> str:
    start, end = max(0, at - _SHOWN), at + _SHOWN
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


def _at(items: list[Any], at: int) -> str:
    return _short(items[at]) if at < len(items) else "(nothing)"


def _short(value: Any) -> str:
    import json

    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 2 * _SHOWN else text[: 2 * _SHOWN - 1] + "…"
