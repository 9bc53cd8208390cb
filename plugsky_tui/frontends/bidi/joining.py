"""Arabic letters in the form they have beside their neighbours, as single characters (presentation forms).

Terminals draw what stands in a cell; few join letters, and those that do see them in the order of the screen, which
is the wrong one. The forms need no joining: U+FE70–U+FEFF and U+FB50–U+FBFF of the Unicode Standard, section 9.2.
Letters that have none stay what they are; their neighbours still join with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

ZWNJ, ZWJ, _TATWEEL = "\u200c", "\u200d", "\u0640"

# Joining_Type of ArabicShaping.txt, Unicode 15.0.0 (see NOTICE), in the Arabic blocks: letters that join on both
# sides, and those that join with the letter before them only. First and last of each range.
_DUAL = (
    "\u0620\u0620\u0626\u0626\u0628\u0628\u062a\u062e\u0633\u063f\u0641\u0647\u0649\u064a\u066e\u066f\u0678\u0687"
    "\u069a\u06bf\u06c1\u06c2\u06cc\u06cc\u06ce\u06ce\u06d0\u06d1\u06fa\u06fc\u06ff\u06ff\u0750\u0758\u075c\u076a"
    "\u076d\u0770\u0772\u0772\u0775\u0777\u077a\u077f\u0886\u0886\u0889\u088d\u08a0\u08a9\u08af\u08b0\u08b3\u08b8"
    "\u08ba\u08c8"
)
_RIGHT = (
    "\u0622\u0625\u0627\u0627\u0629\u0629\u062f\u0632\u0648\u0648\u0671\u0673\u0675\u0677\u0688\u0699\u06c0\u06c0"
    "\u06c3\u06cb\u06cd\u06cd\u06cf\u06cf\u06d2\u06d3\u06d5\u06d5\u06ee\u06ef\u0759\u075b\u076b\u076c\u0771\u0771"
    "\u0773\u0774\u0778\u0779\u0870\u0882\u088e\u088e\u08aa\u08ac\u08ae\u08ae\u08b1\u08b2\u08b9\u08b9"
)
_ISOLATED, _FINAL, _INITIAL, _MEDIAL = range(4)
_NAMES = {"<isolated>": _ISOLATED, "<final>": _FINAL, "<initial>": _INITIAL, "<medial>": _MEDIAL}


@dataclass(slots=True)
class _Letters:
    """`joins`: the kind of each letter ("D", "R", "C"); `forms`: each letter (or lam and alef) and form to a character."""

    joins: dict[str, str]
    forms: dict[tuple[str, int], str]


@cache
def _letters() -> _Letters:
    from unicodedata import decomposition  # the first Arabic text pays for it

    joins = {_TATWEEL: "C"}
    for kind, ranges in (("D", _DUAL), ("R", _RIGHT)):
        for first, last in zip(ranges[::2], ranges[1::2], strict=True):
            joins |= {chr(code): kind for code in range(ord(first), ord(last) + 1)}
    forms: dict[tuple[str, int], str] = {}
    for code in (*range(0xFB50, 0xFC00), *range(0xFE80, 0xFEFD)):
        name, _, rest = decomposition(chr(code)).partition(" ")
        letters = "".join(chr(int(part, 16)) for part in rest.split())
        if name in _NAMES and (len(letters) == 1 or letters[0] == "\u0644"):
            forms.setdefault((letters, _NAMES[name]), chr(code))
    return _Letters(joins, forms)


def is_lam_alef(first: str, second: str) -> bool:
    """Whether two clusters are written as one: lam and alef have to be."""
    if first[:1] != "\u0644" or ZWNJ in first or ZWJ in first:
        return False
    return (second[:1], _FINAL) in _letters().forms and ("\u0644" + second[:1], _ISOLATED) in _letters().forms


def shaped(clusters: Sequence[str], rtl: Sequence[bool]) -> list[str]:
    """Clusters (letters with their marks) in logical order, each in its form. Only those that are `rtl` join.

    A lam-alef in one cluster becomes its ligature. Joiners have done their work then, and are left out.
    """
    letters = _letters()
    kinds = [
        letters.joins.get(cluster[0], "") if cluster and to_left else ""
        for cluster, to_left in zip(clusters, rtl, strict=True)
    ]
    out: list[str] = []
    joined = False  # whether the cluster before reaches over to this one
    for place, cluster in enumerate(clusters):
        kind = kinds[place]
        if not kind:
            out.append(cluster)
            joined = rtl[place] and cluster[-1:] == ZWJ
            continue
        base, marks = cluster[0], cluster[1:]
        if base == "\u0644" and (alef := _alef_in(marks)) is not None:
            base, marks, kind = base + alef, marks.replace(alef, "", 1), "R"
        before = joined and kind != ""
        after = (
            kind in ("D", "C")
            and ZWNJ not in marks
            and (ZWJ in marks or (place + 1 < len(clusters) and kinds[place + 1] != ""))
        )
        form = {(False, False): _ISOLATED, (True, False): _FINAL, (False, True): _INITIAL, (True, True): _MEDIAL}[
            before, after
        ]
        out.append(letters.forms.get((base, form), base) + marks.replace(ZWNJ, "").replace(ZWJ, ""))
        joined = after
    return out


def _alef_in(marks: str) -> str | None:
    """The alef that was put into the cluster of a lam."""
    return next((char for char in marks if char in "\u0622\u0623\u0625\u0627"), None)
