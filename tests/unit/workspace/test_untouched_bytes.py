"""Whatever a file holds, an edit or a patch changes the bytes it is about and no others.

PLUGSKY_EDIT_EXAMPLES=10000 tries as many files (a few minutes); without it, a hundred.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.edits import NoMatch, replace_text
from plugsky_tui.workspace.patches import Hunk, PatchError, apply_hunks
from plugsky_tui.workspace.text import NotText, decode, encode, split_lines

EXAMPLES = int(os.environ.get("PLUGSKY_EDIT_EXAMPLES", "100"))
MANY = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))

WORDS = st.sampled_from(
    ["alpha", "beta", "x = 1", "return", "}", "caf\u00e9", "\u201cso\u201d", "a\u00a0b", "\u0645\u0631", "\u6f22"]
)
INDENT = st.sampled_from(["", "", "  ", "    ", "\t", "\t\t", "    \t"])
AFTER = st.sampled_from(["", "", "", " ", "  ", "\t"])
BROKEN = st.sampled_from([b"", b"", b"", b"\xff", b"\x80\x81", b"caf\xe9", b"\xe2\x28\xa1"])
ENDS = st.sampled_from([["\n"], ["\r\n"], ["\r"], ["\n", "\r\n"], ["\n", "\r\n", "\r"]])
CODECS = st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "utf-32-le", "latin-1"])
MARKS = {"utf-8-sig": b"\xef\xbb\xbf", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff", "utf-32-le": b"\xff\xfe\0\0"}


@dataclass
class File:
    """A file, line by line, as bytes: `mark`, then each line with its end."""

    mark: bytes
    lines: list[bytes]

    @property
    def data(self) -> bytes:
        return self.mark + b"".join(self.lines)


@st.composite
def files(draw: st.DrawFn) -> File:
    codec = draw(CODECS)
    plain = "utf-8" if codec == "utf-8-sig" else codec
    ends = draw(ENDS)
    count = draw(st.integers(1, 9))
    lines = []
    for at in range(count):
        words = " ".join(draw(st.lists(WORDS, max_size=3)))
        text = f"{draw(INDENT)}{words}{draw(st.sampled_from(['', f' {at}']))}{draw(AFTER)}"
        body = text.encode(plain, "replace")
        if plain == "utf-8":
            body += draw(BROKEN)
        end = draw(st.sampled_from(ends)) if at < count - 1 or draw(st.booleans()) else ""
        lines.append(body + end.encode(plain))
    return File(MARKS.get(codec, b""), lines)


def decoded(file: File) -> tuple[list[str], object]:
    """The lines of the file as we read them; only files that are taken apart as they were put together are tried."""
    try:
        text, encoding = decode(file.data)
    except NotText:
        assume(False)
    lines = split_lines(text)
    assume(len(lines) == len(file.lines))
    assume("\n" not in text or not text.endswith("\r"))  # a stray CR is a character of its line
    for line, raw in zip(lines, file.lines, strict=True):
        assume(encode(line, encoding)[len(encoding.mark) :] == raw)
    return lines, encoding


def bare(line: str) -> str:
    return line.rstrip("\r\n")


def plain_enough(lines: list[str]) -> bool:
    """What a model can quote: no bytes that it is shown as stand-ins, no CR in the middle of a line."""
    return all("\r" not in bare(line) and not any("\ud800" <= letter <= "\udfff" for letter in line) for line in lines)


@MANY
@given(files(), st.data())
def test_an_edit_of_one_line_in_a_quoted_block_leaves_every_other_byte(file: File, data: st.DataObject) -> None:
    lines, encoding = decoded(file)
    first = data.draw(st.integers(0, len(lines) - 1))
    last = data.draw(st.integers(first, len(lines) - 1))
    at = data.draw(st.integers(first, last))
    assume(plain_enough(lines[first : last + 1]))
    old = [bare(line) for line in lines[first : last + 1]]
    seen = data.draw(st.sampled_from([str, str, str.rstrip]))  # a model does not see blanks at line ends
    quoted = [seen(line) for line in old]
    # what is quoted without its blanks may stand elsewhere as it is: then that is the place
    assume(quoted == old or "\n".join(quoted) not in "\n".join(bare(line) for line in (*lines, "")))
    old = quoted
    new = list(old)
    new[at - first] = data.draw(st.sampled_from(["omega", "    omega(1)", "\tend", "o m e g a"]))
    assume("".join(old).strip() and old != new)
    try:
        after = encode(replace_text("".join(lines), "\n".join(old), "\n".join(new)).text, encoding)
    except NoMatch:
        return  # twins
    before = file.mark + b"".join(file.lines[:at])
    behind = b"".join(file.lines[at + 1 :])
    assert after.startswith(before)
    assert after.endswith(behind)
    changed = after[len(before) : len(after) - len(behind)] if behind else after[len(before) :]
    line = decode(file.mark + changed)[0] if file.mark else changed.decode(encoding.codec)
    assert bare(line).strip() == new[at - first].strip()
    assert line[len(bare(line)) :] == lines[at][len(bare(lines[at])) :]


@MANY
@given(files(), st.data())
def test_a_hunk_leaves_every_byte_around_its_changes(file: File, data: st.DataObject) -> None:
    lines, encoding = decoded(file)
    first = data.draw(st.integers(0, len(lines) - 1))
    last = data.draw(st.integers(first, len(lines) - 1))
    at = data.draw(st.integers(first, last))
    assume(plain_enough(lines[first : last + 1]))
    added = data.draw(st.lists(st.sampled_from(["omega", "  omega(1)", ""]), max_size=3))
    hunk = Hunk()
    for number in range(first, last + 1):
        if number == at:
            hunk.lines += [("-", bare(lines[number])), *(("+", line) for line in added)]
        else:
            hunk.lines.append((" ", bare(lines[number])))
    try:
        text = apply_hunks("".join(lines), [hunk], "file").text
    except PatchError:
        return  # twins
    after = encode(text, encoding)
    before = b"".join(file.lines[:at])
    behind = b"".join(file.lines[at + 1 :])
    assert after.startswith(file.mark + before)
    assert after.endswith(behind)
    kept = split_lines(text)
    if at == len(lines) - 1 and bare(lines[at]) == lines[at] and added[-1:] == [""]:
        added.pop()  # an empty last line without an end is none
    assert [bare(line) for line in kept[at : len(kept) - (len(lines) - at - 1)]] == added


@MANY
@given(files(), st.data())
def test_what_is_quoted_with_a_fault_changes_the_place_it_was_quoted_from_or_nothing(
    file: File, data: st.DataObject
) -> None:
    lines, _ = decoded(file)
    first = data.draw(st.integers(0, len(lines) - 1))
    last = data.draw(st.integers(first, len(lines) - 1))
    assume(plain_enough(lines[first : last + 1]))
    quoted = [bare(line) for line in lines[first : last + 1]]
    fault = data.draw(
        st.sampled_from(
            [
                lambda line: line.strip(),
                lambda line: "  " + line,
                lambda line: line.replace("\t", "    "),
                lambda line: line.replace("\u201c", '"').replace("\u201d", '"').replace("\u00a0", " "),
                lambda line: line.upper(),
                lambda line: line.replace("  ", " "),
                lambda line: line[:-1],
            ]
        )
    )
    old = "\n".join(fault(line) for line in quoted)
    assume(old.strip())
    text = "".join(lines)
    try:
        edited = replace_text(text, old, old + "\nomega")
    except ToolError:
        return
    ((was, _),) = edited.replaced
    whole = "".join(lines[first : last + 1])
    # Exactly there: it may also be a text of another place, which is then what was asked for.
    assert was.strip() in whole or old.replace("\n", "") in text.replace("\r", "").replace("\n", "")
