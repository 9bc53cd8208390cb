"""Finding a name: its definitions in the index, its uses in the files, and names like it. Blocking, but for the uses."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from plugsky_tui.workspace.symbols.index import Index
from plugsky_tui.workspace.symbols.languages import language_of
from plugsky_tui.workspace.symbols.source import Unreadable, as_utf8, read_source
from plugsky_tui.workspace.symbols.tags import FileTags
from plugsky_tui.workspace.symbols.workers import Order, ask_workers

TIME_LIMIT_S = 20.0
NEAREST = 5
_COMPARED = 4_000
_SEPARATORS = re.compile(r"::|\.|#|->|/")
_ENDING = re.compile(r"\(.*\)\s*$|<.*>\s*$", re.DOTALL)


@dataclass(slots=True)
class Uses:
    """Path -> (line, text) of each line with the name as a token. `unsearched` files are left, for lack of time."""

    lines: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    unsearched: int = 0


def parts_of(name: str) -> list[str]:
    """A name as people write it, in parts: `Queue::push()` -> ["Queue", "push"]."""
    name = _ENDING.sub("", name.strip())
    return [part.strip() for part in _SEPARATORS.split(name) if part.strip()]


def definitions_of(index: Index, name: str) -> list[tuple[str, FileTags, int]]:
    """(path, tags, place) of the definitions of `name`, in order; of those in a class, where it is named too."""
    parts = parts_of(name)
    if not parts:
        return []
    text = json.dumps(parts[-1], ensure_ascii=False)
    bodies = {**index.cache.tags_with(text), **{key: body for key, body in index.fresh.items() if text in body}}
    found: list[tuple[str, FileTags, int]] = []
    for path, key in index.keys.items():
        if key not in bodies:
            continue
        tags = FileTags.from_json(bodies[key])
        for place, definition in enumerate(tags.definitions):
            if definition.name == parts[-1] and definition.kind != "impl" and _under(tags, place, path, parts[:-1]):
                found.append((path, tags, place))
    return found


def _under(tags: FileTags, place: int, path: str, above: list[str]) -> bool:
    """Whether a definition is in what stands before its name: classes, and before them modules, which are files."""
    if not above:
        return True
    around = tags.qualified(place).split(".")[:-1]
    full = [*os.path.splitext(path)[0].split("/"), *around]
    return full[-len(above) :] == above or around[-len(above) :] == above


def candidates(index: Index, name: str) -> list[str]:
    """The files that hold `name` at all, in order."""
    wanted = name.encode("utf-8")
    found = []
    for path in index.keys:
        try:
            data = read_source(f"{index.root}/{path}")
            if wanted in data or (data[:2] in (b"\xff\xfe", b"\xfe\xff") and wanted in as_utf8(data)):
                found.append(path)
        except Unreadable:
            continue
    return found


async def uses_in(
    index: Index, paths: Sequence[str], name: str, environment: Mapping[str, str], time_limit_s: float = TIME_LIMIT_S
) -> Uses:
    """Where `name` (without what stands before it) is used in the files `paths`."""
    from time import monotonic

    uses = Uses()
    orders = [Order(path, language.name, name) for path in paths if (language := language_of(path)) is not None]
    until = monotonic() + time_limit_s
    left = len(orders)
    async with aclosing(ask_workers(orders, index.root, environment)) as answers:
        async for answer in answers:
            left -= 1
            if answer.result and not answer.problem:
                lines = [(number, text) for number, text in json.loads(answer.result)]
                if lines:
                    uses.lines[answer.order.path] = lines
            if monotonic() > until:
                break
    uses.lines = dict(sorted(uses.lines.items()))
    uses.unsearched = left
    return uses


def nearest(index: Index, name: str) -> list[str]:
    """Names that are defined and may have been meant: other case first, then the most alike."""
    from difflib import get_close_matches  # only on the way to an error

    wanted = (parts_of(name) or [name])[-1]
    folded = wanted.casefold()
    names: set[str] = set()
    for body in index.bodies(list(index.keys.values())).values():
        names.update(each.name for each in FileTags.from_json(body).definitions)
    plain = folded.replace("_", "")
    same = sorted(each for each in names if each.casefold().replace("_", "") == plain)
    close = sorted(each for each in names if abs(len(each) - len(wanted)) <= max(2, len(wanted) // 3))
    close = [each for each in close if each[:1].casefold() == folded[:1]] or close
    alike = get_close_matches(wanted, close[:_COMPARED], n=NEAREST, cutoff=0.7)
    inside = sorted(
        (each for each in names if len(folded) >= 4 and folded in each.casefold()), key=lambda n: (len(n), n)
    )
    return list(dict.fromkeys((*same, *alike, *inside)))[:NEAREST]
