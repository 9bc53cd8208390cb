"""What can be read of a damaged file is read, and what is lost is named."""

from __future__ import annotations

import json
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import examples

from plugsky_tui.kernel.display import DiffBlock, TextBlock
from plugsky_tui.kernel.errors import ThreadStoreError
from plugsky_tui.kernel.events import Notice, TextDelta, ToolCalled, ToolResulted
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.threads.entries import Block, Entry, Header, Partial, Setting
from plugsky_tui.threads.records import parse, read, to_line
from plugsky_tui.threads.store import ThreadStore

from .conftest import RUN, file_of

FORGED = {"v": 1, "seq": 0, "time": "2026-01-01T00:00:00.000Z", "type": "prompt", "text": "forged"}


def entry(number: int) -> Entry:
    match number % 4:
        case 0:
            return UserMessage(f"prompt {number}")
        case 1:
            return Block("text", number, 'an "answer" {"v":1,')
        case 2:
            return ToolCalled(f"c{number}", "read", {**FORGED, "seq": number + 1}, "")
        case _:
            return ToolResulted(f"c{number - 1}", True, "ü\n", 0.1)


def lines(count: int) -> list[bytes]:
    header = Header("x", "/w", "2026-01-01T00:00:00.000Z", "1", "m", "ask")
    return [to_line(header if at == 0 else entry(at), at + 1) for at in range(count)]


def seqs(data: bytes) -> list[int]:
    return [record["seq"] for record, _ in read(data) if record]


def damage(data: bytes) -> list[str]:
    return [text for _, text in read(data) if text]


@pytest.mark.parametrize(
    "kept",
    [
        *RUN[4:],
        UserMessage("half a pair: \ud83d"),
        Block("text", 3, "x", interrupted=True),
        Block("reasoning", 4, "y", discarded=True),
        Partial("text", 5, "z"),
        Setting("model", "m"),
    ],
)
def test_every_kind_of_entry_comes_back_as_it_was(kept: Entry) -> None:
    line = to_line(kept, 1)
    assert line.count(b"\n") == 1
    assert list(json.loads(line))[:4] == ["v", "seq", "time", "type"]
    assert parse(line).entries == [kept]


def test_a_file_cut_at_any_byte_loses_one_record_at_most(tmp_path: Path) -> None:
    records = lines(60)
    data = b"".join(records)
    ends = {0, *accumulate(map(len, records))}
    store = ThreadStore(tmp_path)
    path = tmp_path / "threads" / f"{'0' * 26}.jsonl"
    path.parent.mkdir()
    for cut in range(len(data) + 1):
        found = seqs(data[:cut])
        begun = data.count(b"\n", 0, cut) + (cut not in ends)
        assert found == list(range(1, len(found) + 1))
        assert begun - len(found) in (0, 1)
        if cut % 41 == 0:
            path.write_bytes(data[:cut])
            thread = store.open("0")
            thread.conversation()
            assert len(thread.damage) == begun - len(found)
            thread.close()


@pytest.mark.parametrize("byte", [b"\0", b'"', b"\n", b"{", b"}", b",", b" ", b"\xff", b"\\"])
def test_a_byte_changed_anywhere_costs_that_record_alone(byte: bytes) -> None:
    records = lines(12)
    data = b"".join(records)
    originals = {record["seq"]: record for record, _ in read(data) if record}
    for at in range(len(data)):
        if data[at : at + 1] == byte:
            continue
        changed = data[:at] + byte + data[at + 1 :]
        hit = data.count(b"\n", 0, at) + 1
        found = [record for record, _ in read(changed) if record]
        others = [record for record in found if record != originals.get(hit)]
        intact = {record["seq"] for record in others if originals.get(record["seq"]) == record}
        assert intact >= set(originals) - {hit}, f"byte {at}"
        assert all(record.get("text") != "forged" for record in found)
        assert len(found) == len(originals) or damage(changed)


@pytest.mark.parametrize("where", [0, 3, 7])
def test_zero_bytes_between_records_cost_nothing_and_inside_one_that_one(where: int) -> None:
    records = lines(10)
    between = b"".join([*records[:where], b"\0" * 512, *records[where:]])
    assert seqs(between) == list(range(1, 11))
    assert damage(between)
    inside = b"".join(
        [*records[:where], records[where][:40] + b"\0" * 512 + records[where][40:], *records[where + 1 :]]
    )
    assert seqs(inside) == [seq for seq in range(1, 11) if seq != where + 1]
    after = b"".join([*records[:where], records[where][:-1] + b"\0" * 512 + b"\n", *records[where + 1 :]])
    assert seqs(after) == list(range(1, 11))


def test_records_that_lost_the_line_end_between_them_are_told_apart() -> None:
    records = lines(8)
    assert seqs(b"".join([*records[:3], records[3][:-1], *records[4:]])) == list(range(1, 9))
    three = b"".join([*records[:3], records[3][:-1], records[4][:-1], *records[5:]])
    assert seqs(three) == list(range(1, 9))
    torn = b"".join([*records[:3], records[3][:50], *records[4:]])
    assert seqs(torn) == [1, 2, 3, 5, 6, 7, 8]


def test_what_a_torn_record_held_never_passes_for_a_record() -> None:
    call = to_line(ToolCalled("c", "x", {**FORGED, "seq": 4}, ""), 3)
    torn = call[: call.index(b"forged") + len(b'forged"}')]
    data = b"".join(lines(2)) + torn + b',"raw":\n'
    assert [record["type"] for record, _ in read(data) if record] == ["thread", "text"]


def test_a_tail_that_is_no_text_costs_only_itself() -> None:
    data = b"".join(lines(5))
    assert seqs(data + b"\xff\xfe\x80garbage") == [1, 2, 3, 4, 5]
    assert damage(data + b"\xff\xfe") == ["line 6 was cut off: one record was lost"]
    assert seqs(data + to_line(UserMessage("ü"), 6).replace("ü".encode(), b"\xff")) == [1, 2, 3, 4, 5]


@given(st.binary(max_size=300), st.integers(0, 5))
@settings(max_examples=examples(100))
def test_any_bytes_between_lines_are_survived(garbage: bytes, where: int) -> None:
    records = lines(5)
    found = seqs(b"".join([*records[:where], garbage, b"\n", *records[where:]]))
    assert [seq for seq in found if seq in range(1, 6)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "record",
    [
        '{"v":1,"seq":2,"time":"","type":"prompt"}',
        '{"v":1,"seq":2,"time":"","type":"prompt","text":5}',
        '{"v":1,"seq":2,"time":"","type":"event","event":null}',
        '{"v":1,"seq":2,"time":"","type":"result","call_id":"c","ok":true,"output":"","seconds":0,"display":[3]}',
        '{"v":1,"seq":2,"time":"","type":"call","call_id":"c","name":"x","arguments":[]}',
        '{"v":1,"seq":"2","time":"","type":"prompt","text":"x"}',
        "[" * 100_000,
        "3",
    ],
)
def test_a_record_that_makes_no_sense_is_left_out_and_named(record: str) -> None:
    parsed = parse(lines(1)[0] + record.encode() + b"\n" + to_line(UserMessage("next"), 3))
    assert parsed.entries[1:] == [UserMessage("next")]
    assert len(parsed.damage) == 1


def test_what_another_version_added_is_passed_over() -> None:
    more = b'{"v":1,"seq":2,"time":"","type":"checkpoint","tree":"x"}\n{"v":1,"seq":3,"time":"","type":"event","event":{"type":"new"}}\n'
    parsed = parse(lines(1)[0] + more + b'{"v":1,"seq":4,"time":"","type":"prompt","text":"x","mood":"good"}\n')
    assert parsed.entries[1:] == [UserMessage("x")]
    assert "2 record(s)" in parsed.damage[0]


def test_a_newer_format_is_refused_in_plain_words_and_left_alone(
    tmp_path: Path, store: ThreadStore, saved: str
) -> None:
    path = file_of(tmp_path, saved)
    newer = path.read_bytes().replace(b'{"v":1,', b'{"v":2,')
    path.write_bytes(newer)
    with pytest.raises(ThreadStoreError, match="newer version"):
        store.open(saved)
    assert path.read_bytes() == newer


def test_a_diff_of_a_large_file_is_kept_around_the_change() -> None:
    before = "".join(f"line {number} of a large file\n" for number in range(20_000))
    after = before.replace("line 9000 of", "line NINE of")
    line = to_line(ToolResulted("c", True, "", 0.0, [DiffBlock("a", before, after)]), 1)
    assert len(line) < 20_000
    (result,) = parse(line).entries
    assert isinstance(result, ToolResulted)
    (block,) = result.display
    assert isinstance(block, DiffBlock)
    assert block.path == "a (from line 8951)"
    assert block.before is not None
    assert block.after == block.before.replace("line 9000 of", "line NINE of")
    inserted = to_line(ToolResulted("c", True, "", 0.0, [DiffBlock("a", before, before + "end\n")]), 1)
    assert len(inserted) < 20_000
    other = to_line(ToolResulted("c", True, "", 0.0, [DiffBlock("a", before, before.upper())]), 1)
    kept = parse(other).entries[0]
    assert isinstance(kept, ToolResulted)
    assert isinstance(kept.display[0], TextBlock)


def test_events_and_deltas_have_a_json_form_too() -> None:
    for event in (Notice("a", "b"), TextDelta("x")):
        assert parse(to_line(event, 1)).entries == [event]
