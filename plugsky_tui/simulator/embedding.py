"""Vectors of texts by hashing: words, parts of words and pairs of words each point somewhere, and a text is their sum.

Texts that share words, stems or parts of words are close; nothing is understood, and synonyms are
strangers. The same text has the same vector in every process. (The hashing trick: Weinberger et
al. 2009; parts of words as in fastText, Bojanowski et al. 2017.)
"""

from __future__ import annotations

import math
import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

WORDS_KEPT = 50_000  # whose hashes are remembered

_WHOLE_WORD = 1.0
_STEM = 1.0
_PIECE = 0.35  # one of the n-grams of a word, before they are scaled by how many there are
_PAIR = 0.5
_FILLER = 0.15  # what a word that says little counts beside one that does
_SIZES = (3, 4)

_CHUNKS = re.compile("[\\w\u0300-\u036f\u0900-\u109f]+")  # with the marks that Indic and South-East Asian words hold
_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]{2,}")  # Thai, Lao, Kana, Han
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_+|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_MARKS = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")  # Arabic vowels, and the stretched line
_ARABIC_LETTERS = str.maketrans("أإآٱىةؤئ", "اااايهوي")
_ARABIC_FRONT = ("وال", "بال", "كال", "فال", "لل", "ال", "و")
_ARABIC_BACK = ("كما", "ها", "ات", "ون", "ين", "ان", "يه", "ه", "ي")
_ENGLISH_BACK = ("ations", "ation", "ings", "ing", "ies", "ied", "edly", "ed", "es", "ly", "s", "e")
_SAYING_LITTLE = """
a an the and or but if then of in on at by to from for with as is are was were be been it its this that these those
do does did has have had not no i you he she we they me my your our their what which who how when where can could
will would should there here so than into about over up out
في من على الى عن هذا هذه ذلك تلك التي الذي هو هي ما لا لم لن كان كانت قد او ثم ان
"""
_FILLERS = frozenset(_SAYING_LITTLE.split())

Feature = tuple[int, float]
"""A hash of 63 bits and a weight, whose sign is the hash's own."""


def embed(text: str, dimensions: int) -> array[float]:
    """The vector of `text`: `dimensions` floats of 32 bits, of the length 1."""
    words = _words(text)
    counts = Counter(words)
    parts: list[tuple[Sequence[Feature], float]] = [
        (_word_features(word), _times(count) * (_FILLER if word in _FILLERS else 1.0)) for word, count in counts.items()
    ]
    telling = [word for word in words if word not in _FILLERS]
    pairs = Counter(pairwise(telling))
    parts += [(_pair_feature(first, second), _times(count)) for (first, second), count in pairs.items()]
    return _sum(parts or [(_piece_features(text), 1.0)], dimensions)


def embed_tokens(tokens: Sequence[int], dimensions: int) -> array[float]:
    """The vector of a text given as the numbers of its tokens: near to those that share tokens, in the same order."""
    parts: list[tuple[Sequence[Feature], float]] = [
        (_token_feature(f"token {number}"), _times(count)) for number, count in Counter(tokens).items()
    ]
    pairs = Counter(pairwise(tokens))
    parts += [(_token_feature(f"tokens {a} {b}"), _times(count)) for (a, b), count in pairs.items()]
    return _sum(parts, dimensions)


def shortened(vector: array[float], dimensions: int) -> array[float]:
    """The first `dimensions` of `vector`, of the length 1 again."""
    return _normal(vector[:dimensions])


def _sum(parts: Iterable[tuple[Sequence[Feature], float]], dimensions: int) -> array[float]:
    sums: dict[int, float] = {}
    for features, times in parts:
        for place, weight in features:
            here = place % dimensions
            sums[here] = sums.get(here, 0.0) + weight * times
    vector = array("f", bytes(4 * dimensions))
    for place, value in sums.items():
        vector[place] = value
    return _normal(vector)


def _normal(vector: array[float]) -> array[float]:
    length = math.sqrt(math.fsum(value * value for value in vector if value))
    if not length:  # every part cancelled out, or there was none: anything but no direction at all
        vector[0] = length = 1.0
    return array("f", [value / length for value in vector])


def _times(count: int) -> float:
    """A word said ten times says more than once, and not ten times as much."""
    return 1.0 + math.log(count) if count > 1 else 1.0


# --- from text to features ---------------------------------------------------------------------


def _words(text: str) -> list[str]:
    """The words of `text`, folded; identifiers as a whole and in their parts (getUserName: getusername, get, user, name)."""
    words: list[str] = []
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFKC", text))
    for chunk in _CHUNKS.findall(text):
        words += _parts(chunk)
    return words


@lru_cache(WORDS_KEPT)
def _parts(chunk: str) -> tuple[str, ...]:
    if _UNSPACED.search(chunk):  # where no space parts the words, every two letters are one
        return tuple(filter(None, (_folded(chunk[at : at + 2]) for at in range(len(chunk) - 1))))
    parts = [_folded(part) for part in _HUMPS.split(chunk) if part]
    if len(parts) > 1:
        parts.append(_folded(chunk.replace("_", "")))
    return tuple(filter(None, parts))


def _folded(word: str) -> str:
    folded = word.casefold()
    if folded.isascii():
        return folded
    bare = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return bare.translate(_ARABIC_LETTERS)


def _stem(word: str) -> str:
    """`word` without its commonest endings (in Arabic: and beginnings); never less than three letters."""
    if "\u0600" <= word[0] < "\u0700":
        for front in _ARABIC_FRONT:
            if word.startswith(front) and len(word) - len(front) >= 3:
                word = word[len(front) :]
                break
        backs: Sequence[str] = _ARABIC_BACK
    else:
        backs = _ENGLISH_BACK
    for back in backs:
        if word.endswith(back) and len(word) - len(back) >= 3:
            word = word[: -len(back)]
            break
    if len(word) > 3 and word[-1] == word[-2]:  # running, stopped
        word = word[:-1]
    return word


@lru_cache(WORDS_KEPT)
def _word_features(word: str) -> tuple[Feature, ...]:
    """What `word` points to: itself, its stem, and the parts of it."""
    return (
        _feature(f"word {word}", _WHOLE_WORD),
        _feature(f"stem {_stem(word)}", _STEM),
        *_piece_features(f"<{word}>"),
    )


def _piece_features(text: str) -> tuple[Feature, ...]:
    pieces = [text[at : at + size] for size in _SIZES for at in range(len(text) - size + 1)] or [text]
    weight = _PIECE * 2 / math.sqrt(len(pieces))  # long words are not to drown the others
    return tuple(_feature(f"piece {piece}", weight) for piece in pieces)


@lru_cache(WORDS_KEPT)
def _pair_feature(first: str, second: str) -> tuple[Feature, ...]:
    return (_feature(f"pair {_stem(first)} {_stem(second)}", _PAIR),)


@lru_cache(WORDS_KEPT)
def _token_feature(name: str) -> tuple[Feature, ...]:
    return (_feature(name, _WHOLE_WORD),)


def _feature(name: str, weight: float) -> Feature:
    hashed = int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
    return hashed >> 1, weight if hashed & 1 else -weight
