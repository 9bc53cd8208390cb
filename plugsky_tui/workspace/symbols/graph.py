"""Which file refers to which definitions of others, by name: the graph that the map is ranked on.

The weights follow aider's (aider/repomap.py): a name counts by the root of how often it is used, ten times
where it is long and of several words (it will not mean two things), a tenth where it starts with an underscore.
Unlike there, a name defined in several places is shared between them, and one defined in many means nothing; a
file that defines a name itself means its own; and no language refers to another's names.
"""

from __future__ import annotations

import io
import math
import struct
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b

from plugsky_tui.workspace.symbols.languages import language_named
from plugsky_tui.workspace.symbols.pagerank import pagerank
from plugsky_tui.workspace.symbols.tags import FUNCTIONS, NO_PARENT, FileTags

VERSION = 1
AMBIGUOUS = 20  # definitions of one name: `get`, `__init__`, `setUp` tell nothing
TEST_INTEREST = 0.2  # a repository is not mainly about its tests, though they may be most of it
_UNRANKED = frozenset(("impl", "module"))  # places, not definitions
_HEADER = struct.Struct("<4I")


@dataclass(slots=True)
class Graph:
    """Files are numbers, in the order of their paths. Definition d is number `places[d]` in file `files[d]`'s tags.

    Link i: file `sources[i]` refers to definition `definitions[i]` with `weights[i]`. `ranks` are those of
    the files without any focus.
    """

    count: int
    files: array[int] = field(default_factory=lambda: array("I"))
    places: array[int] = field(default_factory=lambda: array("I"))
    sources: array[int] = field(default_factory=lambda: array("I"))
    definitions: array[int] = field(default_factory=lambda: array("I"))
    weights: array[float] = field(default_factory=lambda: array("d"))
    ranks: array[float] = field(default_factory=lambda: array("d"))

    def rank_files(self, interest: Sequence[float]) -> list[float]:
        """The rank of each file. Links between the same two files are one edge."""
        edges: dict[int, float] = {}
        files, count = self.files, self.count
        for source, definition, weight in zip(self.sources, self.definitions, self.weights, strict=True):
            pair = source * count + files[definition]
            edges[pair] = edges.get(pair, 0.0) + weight
        sources = [pair // count for pair in edges]
        return pagerank(sources, [pair % count for pair in edges], list(edges.values()), interest)

    def rank_definitions(self, ranks: Sequence[float]) -> list[float]:
        """The score of each definition: what the files that use it hand on to it of their ranks."""
        out = [0.0] * self.count
        for source, weight in zip(self.sources, self.weights, strict=True):
            out[source] += weight
        scores = [0.0] * len(self.files)
        for source, definition, weight in zip(self.sources, self.definitions, self.weights, strict=True):
            scores[definition] += ranks[source] * weight / out[source]
        return scores

    def to_bytes(self) -> bytes:
        header = _HEADER.pack(VERSION, self.count, len(self.files), len(self.sources))
        columns = (self.files, self.places, self.sources, self.definitions, self.weights, self.ranks)
        return header + b"".join(column.tobytes() for column in columns)

    @classmethod
    def from_bytes(cls, data: bytes) -> Graph | None:
        """None where this is not what `to_bytes` wrote."""
        if len(data) < _HEADER.size:
            return None
        version, count, definitions, links = _HEADER.unpack_from(data)
        graph = cls(count)
        columns: list[tuple[array[int] | array[float], int]] = [
            *((graph.files, definitions), (graph.places, definitions)),
            *((graph.sources, links), (graph.definitions, links), (graph.weights, links), (graph.ranks, count)),
        ]
        if version != VERSION or len(data) != _HEADER.size + sum(each.itemsize * length for each, length in columns):
            return None
        at = _HEADER.size
        for column, length in columns:
            column.frombytes(data[at : at + column.itemsize * length])
            at += column.itemsize * length
        return graph


def key_of(keys: Mapping[str, str]) -> str:
    """The name of the graph of these files: path -> key of its tags, in the order of paths."""
    text = "\n".join(f"{path}\0{key}" for path, key in keys.items())
    return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


@dataclass(slots=True)
class _File:
    """What a file gives to the graph: the names it defines, and those it uses: (name, after a dot) -> how often."""

    family: str
    test: bool
    own: set[str] = field(default_factory=set)
    used: list[tuple[str, bool, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Place:
    """A definition: file, number in its tags, and its number in the graph (-1 until something refers to it)."""

    file: int
    place: int
    method: bool
    test: bool
    number: int = -1


def build_graph(keys: Mapping[str, str], bodies: Mapping[str, str]) -> Graph:
    """The graph of the files `keys` (path -> key of its tags, in the order of paths); `bodies`: key -> tags as JSON.

    What was generated or came from elsewhere has no place in it.
    """
    graph = Graph(len(keys))
    defined: dict[tuple[str, str], list[_Place]] = {}
    files: list[_File] = []
    for number, (path, key) in enumerate(keys.items()):
        language = language_named(key.partition(":")[0])
        file = _File(language.family, is_test(path))
        files.append(file)
        body = bodies.get(key)
        if body is None or is_foreign(path):
            continue
        tags = FileTags.from_json(body)
        if tags.generated:
            continue
        for place, each in enumerate(tags.definitions):
            outer = tags.definitions[each.parent].kind if each.parent != NO_PARENT else ""
            if each.kind not in _UNRANKED and outer not in FUNCTIONS:  # what is in a function is its own matter
                file.own.add(each.name)
                method = each.kind == "method" and not language.bare_methods
                defined.setdefault((file.family, each.name), []).append(_Place(number, place, method, file.test))
        file.used += [(name, False, count) for name, count in tags.references.items()]
        file.used += [(name, True, count) for name, count in tags.members.items()]
    for number, file in enumerate(files):
        _link(graph, number, file, defined)
    interest = base_interest(list(keys))
    graph.ranks = array("d", graph.rank_files(interest) if interest else [])
    return graph


def _link(graph: Graph, number: int, file: _File, defined: Mapping[tuple[str, str], list[_Place]]) -> None:
    """The links from one file."""
    common = _common(file.family)
    for name, member, count in file.used:
        found = defined.get((file.family, name))
        if found is None or name in file.own or (member and name in common):
            continue
        # A bare name is no method, and what is no test does not call one.
        found = [each for each in found if (member or not each.method) and (file.test or not each.test)]
        if not found or len(found) > AMBIGUOUS:
            continue
        weight = _meaning(name, member) * math.sqrt(count) / len(found)
        for each in found:
            if each.number < 0:
                each.number = len(graph.files)
                graph.files.append(each.file)
                graph.places.append(each.place)
            graph.sources.append(number)
            graph.definitions.append(each.number)
            graph.weights.append(weight)


@cache
def _common(family: str) -> frozenset[str]:
    """What the language's own types have: after a dot, these mean nothing of the repository's."""
    match family:
        case "python":
            own = (list, dict, str, bytes, set, int, io.TextIOWrapper, Exception)
            return frozenset(name for kind in own for name in dir(kind))
        case "javascript":
            return frozenset(_SCRIPT_MEMBERS.split())
    return frozenset()


_SCRIPT_MEMBERS = (
    "apply bind call catch charAt concat entries every fill filter find findIndex finally flat flatMap forEach get has "
    "hasOwnProperty includes indexOf join keys lastIndexOf length map match pop push reduce replace resolve reverse set "
    "shift slice some sort splice split startsWith endsWith substring then toLowerCase toString toUpperCase trim unshift "
    "valueOf values log error warn add delete clear parse stringify test exec assign create freeze all race reject"
)


def _meaning(name: str, member: bool) -> float:
    weight = 1.0
    several_words = "_" in name.strip("_") or (name != name.lower() and name != name.upper())
    if several_words and len(name) >= 8:
        weight *= 10
    elif member and not several_words:
        weight *= 0.3
    if name.startswith("_"):
        weight *= 0.1
    return weight


def base_interest(paths: Sequence[str]) -> list[float]:
    """How much each file matters to someone of whom nothing is known."""
    return [TEST_INTEREST if is_test(path) else 1.0 for path in paths]


_TEST_FOLDERS = frozenset(("test", "tests", "testing", "spec", "specs", "__tests__", "testdata", "fixtures"))


def is_test(path: str) -> bool:
    """Whether a file is a test, by the customs of the languages."""
    *folders, name = path.lower().split("/")
    if not _TEST_FOLDERS.isdisjoint(folders) or name.startswith("test_") or name == "conftest.py":
        return True
    stem = name.rpartition(".")[0]
    return stem.endswith(("_test", ".test", ".spec", "_spec"))


_FOREIGN_FOLDERS = frozenset(
    ("vendor", "vendored", "_vendor", "third_party", "third-party", "thirdparty", "node_modules", "bower_components")
)


def is_foreign(path: str) -> bool:
    """Whether a file was copied here from another project."""
    return not _FOREIGN_FOLDERS.isdisjoint(path.lower().split("/")[:-1])
