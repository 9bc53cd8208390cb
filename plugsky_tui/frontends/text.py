"""What untrusted text may do to a terminal: nothing.

Everything that came from outside (a model, a tool, a file name, an error body) passes here before
it is drawn. `clean` removes what a terminal would obey or what hides from the reader, `Cleaner`
does the same to a stream cut anywhere, and `reveal` makes such characters visible instead, for
dialogs in which a person approves something.

Ordinary text costs half a microsecond per kilobyte; everything else is linear in its length.
Rules: ECMA-48 (control functions), UAX #9 (bidi controls), UTS #51 (emoji sequences), UAX #15
(runs of combining marks).
"""

from __future__ import annotations

import re
from functools import cache

# ASCII that needs no look: deleting these bytes from plain text leaves nothing.
_PLAIN = bytes([0x09, 0x0A, *range(0x20, 0x7F)])

# Longest body of a control string (OSC, DCS, …): what follows one that never ends is shown again.
_STRING_LIMIT = 4096
_BODY = rf"[^\x07\x18\x1a\x1b\x90\x98\x9c\x9d\x9e\x9f]{{0,{_STRING_LIMIT}}}"
_PARAMETERS = r"[0-?]{0,256}[ -/]{0,16}"
_RUN_OF_FUNCTIONS = 1000

# A run of marks, joiners and selectors on one character: more is cut (UAX #15 allows 30, no script needs 8).
_RUN_LIMIT = 8
_RAW_RUN_LIMIT = 16

# C0 but TAB and LF, DEL, C1, bidi controls, invisible and unassigned default-ignorable characters.
_DROP = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    r"\U0001bca0-\U0001bca3\U00013430-\U0001345f\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e001f\U000e0080-\U000e0fff"
)
_TAGS = r"\U000e0020-\U000e007f"
_EMOJI = (
    r"\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf"
    r"\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_BLACK_FLAG = "\U0001f3f4"
_KEYCAP = "\ufe0f\u20e3"


def clean(text: str) -> str:
    """`text` without escape sequences, control, bidi and invisible characters; TAB and LF stay.

    CR is dropped, the line and paragraph separators become spaces, lone surrogates U+FFFD. Joiners stay (emoji,
    Indic and Persian text need them); variation selectors stay after emoji, tags in flags.
    """
    if _is_plain(text):
        return text
    return _tame_runs(_strip(text))


class Cleaner:
    """`clean` for a stream: `feed` each piece, `flush` at the end.

    What comes out, put together, is `clean` of the pieces put together, wherever they were cut.
    At most one unfinished sequence (4 KiB) and one run of marks are held back.
    """

    __slots__ = ("_base", "_raw", "_run")

    def __init__(self) -> None:
        self._raw = ""  # an escape sequence, or half a surrogate pair, that is not finished
        self._base = ""  # the last character given out: what a run of marks would stand on
        self._run = ""  # marks and joiners that more of them may follow

    def feed(self, delta: str) -> str:
        if not delta:
            return ""
        if not self._raw and _is_plain(delta):
            return self._close_run(delta)
        text = self._raw + delta
        held = _open_tail(text)
        self._raw = text[held:]
        return self._join(_strip(text[:held]))

    def flush(self) -> str:
        """What was held back. The cleaner is then as new."""
        out = self._join(_strip(self._raw))
        if self._run:
            out += _tame(self._base, self._run)
        self._raw = self._base = self._run = ""
        return out

    def _close_run(self, plain: str) -> str:
        """`plain`, which cannot continue a run, after the run that was waiting."""
        run, base = self._run, self._base
        self._run, self._base = "", plain[-1]
        return _tame(base, run) + plain if run else plain

    def _join(self, stripped: str) -> str:
        text = self._run + stripped
        if not text:
            return ""
        cut = len(text) - _trailing_run(text)
        # What is longer than the limit would be cut anyway.
        self._run = text[cut : cut + _RAW_RUN_LIMIT]
        if not cut:
            return ""
        out = _tame_runs(text[:cut], self._base)
        self._base = text[cut - 1]
        return out


def reveal(text: str) -> str:
    """`text` with everything `clean` would remove made visible: ␛ for ESC, ⟨U+202E⟩ for a bidi control.

    Spaces that are not the space, and joiners outside emoji, are shown too: what is approved here may be a
    command, to which they are not the same. Runs of combining marks end in ⟨+n marks⟩.
    """
    if text.isascii() and _is_plain(text):
        return text
    text = _mend_surrogates(text, mend_lone=False)
    return _hidden().sub(_show, text)


def _is_plain(text: str) -> bool:
    if text.isascii():
        return not text.encode().translate(None, _PLAIN)
    try:
        rest = text.encode().translate(None, _PLAIN).decode()
    except UnicodeEncodeError:
        return False  # a lone surrogate
    basic, beyond = _suspicious()
    return basic.search(rest) is None and (max(rest) <= "\uffff" or beyond.search(rest) is None)


@cache
def _suspicious() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns for the Basic Multilingual Plane and for all: a class within the plane is a table, one beyond is a list."""
    everything = f"[{_DROP}\u2028\u2029{_run_class()}]"
    basic = re.sub(r"\\U000[1-9a-f]\w{4}(?:-\\U\w{8})?", "", everything)
    return re.compile(basic), re.compile(everything)


@cache
def _run_class() -> str:
    """Characters that stand on the one before them: marks, joiners, variation selectors, tags."""
    from plugsky_tui.frontends.marks import character_class

    return character_class() + rf"\u200c\u200d\ufe00-\ufe0f{_TAGS}"


# --- Escape sequences, surrogates, single characters: what does not depend on its neighbours -----------------


def _strip(text: str) -> str:
    text = _mend_surrogates(text)
    if "\x1b" in text or _c1().search(text):
        text = _escapes().sub("", text)
    text = _drops().sub("", text)
    return text.replace("\u2028", " ").replace("\u2029", " ")


def _mend_surrogates(text: str, *, mend_lone: bool = True) -> str:
    """Pairs become the character they stand for, lone halves U+FFFD (or stay)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        errors = "replace" if mend_lone else "surrogatepass"
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", errors)
    return text


@cache
def _c1() -> re.Pattern[str]:
    return re.compile(r"[\x80-\x9f]")


@cache
def _drops() -> re.Pattern[str]:
    return re.compile(f"[{_DROP}]+")


# One control function. A C1 string opener takes its string along only where that ends: in text that was
# decoded wrongly, one such character must not swallow what follows.
_FUNCTION = (
    rf"\x1b(?:\[{_PARAMETERS}[@-~]?|[\]PX^_]{_BODY}(?:\x07|\x1b\\|\x9c)?|[ -/]{{0,16}}[0-~]?)"
    rf"|\x9b{_PARAMETERS}[@-~]?|[\x90\x98\x9d\x9e\x9f]{_BODY}(?:\x07|\x1b\\|\x9c)|[\x80-\x9f]"
)
# One at the end of the text, to which the next character may still belong.
_UNFINISHED = (
    rf"(?:\x1b(?:\[{_PARAMETERS}|[\]PX^_]{_BODY}\x1b?|[ -/]{{0,16}})"
    rf"|\x9b{_PARAMETERS}|[\x90\x98\x9d\x9e\x9f]{_BODY}\x1b?|[\ud800-\udbff])\Z"
)


@cache
def _escapes() -> re.Pattern[str]:
    """Runs of control functions, of a length that bounds what the engine has to remember of one.

    Not possessive: up to Python 3.11.4, a possessive group goes wrong where it has branches (CPython issue 106052).
    """
    return re.compile(f"(?:{_FUNCTION}){{1,{_RUN_OF_FUNCTIONS}}}")


@cache
def _pieces() -> re.Pattern[str]:
    """Runs of finished control functions, or (group `open`) the unfinished one at the end."""
    return re.compile(f"(?:(?!{_UNFINISHED})(?:{_FUNCTION})){{1,{_RUN_OF_FUNCTIONS}}}|(?P<open>{_UNFINISHED})")


def _open_tail(text: str) -> int:
    """Where the sequence that is not finished at the end of `text` begins, or the length of `text`."""
    for match in _pieces().finditer(text):
        if match.lastgroup == "open":
            return match.start()
    return len(text)


# --- Runs: what stands on the character before it ------------------------------------------------------------


@cache
def _runs() -> re.Pattern[str]:
    return re.compile(f"(?:^|(.))([{_run_class()}]+)", re.DOTALL)


@cache
def _end_run() -> re.Pattern[str]:
    return re.compile(f"[{_run_class()}]")


@cache
def _emoji() -> re.Pattern[str]:
    return re.compile(f"[{_EMOJI}]")


@cache
def _flag_tags() -> re.Pattern[str]:
    # Subdivision flags (UTS #51, ED-14a): three to six letters or digits as tags, then the cancel tag.
    return re.compile("[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")


@cache
def _strays() -> re.Pattern[str]:
    return re.compile(f"[\ufe00-\ufe0f{_TAGS}]+")


def _trailing_run(text: str) -> int:
    """How many characters at the end of `text` stand on the one before them."""
    is_run = _end_run().match
    start = len(text)
    while start and is_run(text, start - 1):
        start -= 1
    return len(text) - start


def _tame_runs(text: str, base: str = "") -> str:
    """`text` with its runs cut to what scripts and emoji need; `base` is the character before it."""

    def tame(match: re.Match[str]) -> str:
        own: str | None = match[1]
        return (own or "") + _tame(base if own is None else own, match[2])

    return _runs().sub(tame, text)


def _tame(base: str, run: str) -> str:
    """The part of `run` that may stand on the character `base`."""
    run = run[:_RAW_RUN_LIMIT]
    lead = ""
    if base == _BLACK_FLAG and (flag := _flag_tags().match(run)):
        lead, run = flag[0], run[flag.end() :]
    elif run[0] in "\ufe0e\ufe0f" and (
        (base and _emoji().match(base)) or (run[:2] == _KEYCAP and base in "0123456789#*")
    ):
        lead, run = run[0], run[1:]
    return (lead + _strays().sub("", run))[:_RUN_LIMIT]


# --- Reveal --------------------------------------------------------------------------------------------------

_SPACES = r"\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800"


@cache
def _hidden() -> re.Pattern[str]:
    return re.compile(rf"(?:^|([^{_run_class()}]))([{_run_class()}]+)|[{_DROP}{_SPACES}\ud800-\udfff]", re.DOTALL)


def _show(match: re.Match[str]) -> str:
    run: str | None = match[2]
    if run is None:
        return _symbol(match[0])
    base: str = match[1] or ""
    kept = _tame(base, run)
    shown = _symbol(base) if base and _hidden().match(base) else base
    if len(run) > _RAW_RUN_LIMIT:
        return f"{shown}{kept}⟨+{len(run) - len(kept)} marks⟩"
    if kept == run and "\u200c" not in run and ("\u200d" not in run or _emoji().match(base)):
        return shown + run
    legible = set(kept) - {"\u200c", "\u200d"}
    return shown + "".join(char if char in legible else _symbol(char) for char in run)


def _symbol(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"
