"""How near vectors are to a query: every one is looked at, so the answer is exact.

With numpy (the extra `semantic`) by a product of matrices; else by `math.dist`, which is compiled: for vectors of the
length 1, the squared distance is 2 minus twice the cosine. It takes about 55 µs for 4,096 numbers, a twentieth of
what a loop takes.
"""

from __future__ import annotations

import math
import struct
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from typing import Any

Rows = Iterable[list[tuple[bytes, bytes]]]


def ranked(query: array[float], rows: Rows, *, numpy: bool | None = None) -> list[tuple[float, bytes]]:
    """Cosine and key of each of `rows` (key and vector, of the length 1), the nearest first; keys decide between equals.

    What is no vector of the query's dimensions is left out. `numpy` None: where it is installed.
    """
    if numpy is None:
        numpy = find_spec("numpy") is not None
    score = _by_numpy(query) if numpy else _by_distance(query)
    size = 4 * len(query)
    found: list[tuple[float, bytes]] = []
    for some in rows:
        whole = [row for row in some if len(row[1]) == size]
        found += zip(score([vector for _, vector in whole]), (key for key, _ in whole), strict=True)
    found.sort(key=lambda each: (-each[0], each[1]))
    return found


def packed(vector: array[float]) -> bytes:
    """As it is kept: little-endian 32-bit floats; nothing at all for a vector without a direction."""
    if not any(vector):
        return b""
    if sys.byteorder == "big":
        vector = vector[:]
        vector.byteswap()
    return vector.tobytes()


def _by_distance(query: array[float]) -> Callable[[list[bytes]], Iterator[float]]:
    unpack = struct.Struct(f"<{len(query)}f").unpack
    wanted, distance = tuple(query), math.dist

    def score(vectors: list[bytes]) -> Iterator[float]:
        for vector in vectors:
            yield 1.0 - distance(wanted, unpack(vector)) ** 2 / 2

    return score


def _by_numpy(query: array[float]) -> Callable[[list[bytes]], Iterator[float]]:
    from importlib import import_module

    np: Any = import_module("numpy")
    wanted = np.array(query, dtype="<f4")

    def score(vectors: list[bytes]) -> Iterator[float]:
        if not vectors:
            return iter(())
        matrix = np.frombuffer(b"".join(vectors), dtype="<f4").reshape(len(vectors), len(query))
        return iter((matrix @ wanted).astype(float).tolist())

    return score
