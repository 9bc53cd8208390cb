"""A session's language servers: asked, told of changes, with every fault a server can have."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.lsp import client as client_module
from plugsky_tui.workspace.lsp.servers import Leave

ERROR = "a.x:1:1: error: BAD is here (E1)"


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    "faults",
    [
        (),
        ("unversioned",),
        ("pull",),
        ("pull", "busy-once"),
        ("registers-pull",),
        ("chatter",),
        ("chatter", "pull"),
        ("odd-uri",),
        ("asks",),
        ("dies-once",),
    ],
    ids=" ".join,
)
async def test_it_says_what_is_wrong_whatever_kind_of_server_it_is(bench, shown, faults) -> None:
    servers = bench.begin(*faults)
    path = bench.put("a.x", "BAD\n")
    [report] = await servers.diagnose(path, "BAD\n")
    assert (shown(report), report.note, report.error) == ([ERROR], "", "")
    [report] = await servers.diagnose(path, "fine\n")
    assert shown(report) == []
    [report] = await servers.diagnose(path, "fine\n😀 WARN BAD")
    assert shown(report) == ["a.x:2:3: warning: WARN is here (E1)", "a.x:2:8: error: BAD is here (E1)"]


async def test_none_is_started_before_it_is_needed_and_one_serves_all_files(bench) -> None:
    servers = bench.begin()
    assert not bench.log.exists()
    await asyncio.gather(*(servers.diagnose(bench.put(f"{n}.x", "BAD"), "BAD") for n in range(4)))
    assert len(bench.received("initialize")) == 1
    [said] = bench.received("initialize")
    assert said["rootUri"] == f"file://{bench.folder}".replace(" ", "%20")
    assert said["processId"] == os.getpid()
    assert len(bench.received("textDocument/didOpen")) == 4


async def test_files_are_opened_changed_saved_and_closed_by_the_protocol(bench) -> None:
    servers = bench.begin()
    path = bench.put("a.x", "one")
    for text in ("one", "one", "two"):
        await servers.diagnose(path, text)
    await servers.close()
    uri = f"file://{bench.folder}/a.x".replace(" ", "%20")
    opened = {"uri": uri, "languageId": "x", "version": 1, "text": "one"}
    assert [each.get("method") for each in bench.received()] == [
        "initialize",
        "initialized",
        "textDocument/didOpen",
        "textDocument/didChange",
        "textDocument/didSave",
        "shutdown",
        "exit",
    ]
    assert bench.received("textDocument/didOpen") == [{"textDocument": opened}]
    assert bench.received("textDocument/didChange") == [
        {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": "two"}]}
    ]


async def test_a_file_that_changed_on_disk_meanwhile_is_not_held_open(bench) -> None:
    servers = bench.begin()
    one, other = bench.put("a.x", "one"), bench.put("b.x", "other")
    await servers.diagnose(one, "one")
    bench.put("a.x", "changed by a command")
    await servers.diagnose(other, "other")
    assert [each["textDocument"]["uri"][-3:] for each in bench.received("textDocument/didClose")] == ["a.x"]


async def test_a_server_that_asks_is_answered(bench) -> None:
    servers = bench.begin("asks")
    await servers.diagnose(bench.put("a.x", ""), "")
    await servers.close()
    answers = {each["id"]: each for each in bench.received() if "method" not in each}
    assert answers["s0"]["result"] == [None, None, {}]
    assert all(answers[key]["result"] is None for key in ("s1", "s2", "s3"))
    assert answers["s4"]["result"]["applied"] is False
    assert answers["s5"]["result"][0]["name"] == "w s"
    assert answers["s6"]["error"]["code"] == -32601
    assert answers["s7"]["error"]["code"] == -32603


async def test_one_that_ends_is_started_once_more_and_then_its_last_words_are_told(bench) -> None:
    servers = bench.begin("dies-when-shown")
    path = bench.put("a.x", "BAD")
    [report] = await servers.diagnose(path, "BAD")
    assert report.error.startswith("python")
    assert "for the second time (exit code 3)" in report.error
    assert report.error.endswith("The last it said:\nerror: no toolchain\n [31mhelp: install one")
    assert len(bench.received("initialize")) == 2
    await servers.diagnose(path, "BAD")  # asked for again: it may have been mended
    assert len(bench.received("initialize")) == 4


async def test_one_that_cannot_even_start_says_why(bench) -> None:
    [report] = await bench.begin("dies").diagnose(bench.put("a.x", ""), "")
    assert "(exit code 9)" in report.error and report.error.endswith("cannot load")


@pytest.mark.parametrize(
    ("faults", "said"), [(("hangs",), "is still starting after 1 seconds"), (("pull", "deaf"), "has not finished")]
)
async def test_one_that_hangs_is_not_waited_for(bench, faults, said) -> None:
    servers = bench.begin(*faults)
    [report] = await servers.diagnose(bench.put("a.x", ""), "", limit_s=1)
    assert said in report.error and "Call diagnostics again" in report.error
    if "deaf" in faults:
        await servers.close()
        assert bench.received("$/cancelRequest")


async def test_one_that_says_nothing_of_a_file_is_not_taken_to_find_it_clean(bench, monkeypatch) -> None:
    monkeypatch.setattr(client_module, "SILENCE_S", 0.2)
    [report] = await bench.begin("mute").diagnose(bench.put("a.x", "BAD"), "BAD")
    assert "has not said anything of this file" in report.error


async def test_while_it_reads_the_project_that_is_said(bench, shown) -> None:
    servers = bench.begin("reads-first")
    path = bench.put("a.x", "BAD")
    [report] = await servers.diagnose(path, "BAD", limit_s=1)
    assert report.found == [] and "still busy: Indexing; there may be more" in report.note
    Path(f"{bench.log}.read").touch()
    [report] = await servers.diagnose(path, "BAD")
    assert (shown(report), report.note) == ([ERROR], "")


async def test_messages_of_any_size_are_taken(bench) -> None:
    [report] = await bench.begin("huge").diagnose(bench.put("a.x", ""), "BAD\n" * 8)
    assert len(report.found) == 8
    assert all(len(each.message) == 600 for each in report.found)


async def test_nothing_of_it_is_left_when_the_session_closes_however_it_resists(bench) -> None:
    servers = bench.begin("stubborn")
    await servers.diagnose(bench.put("a.x", ""), "")
    pids = [int(pid) for pid in Path(f"{bench.log}.pids").read_text().split()]
    assert all(map(alive, pids))
    await servers.close()
    assert not any(map(alive, pids))


async def test_closing_while_one_starts_leaves_nothing_either(bench) -> None:
    servers = bench.begin("hangs", "stubborn")
    call = asyncio.create_task(servers.diagnose(bench.put("a.x", ""), ""))
    while not Path(f"{bench.log}.pids").exists() or not Path(f"{bench.log}.pids").read_text().count(" "):
        await asyncio.sleep(0.02)
    call.cancel()
    await servers.close()
    pids = [int(pid) for pid in Path(f"{bench.log}.pids").read_text().split()]
    assert not any(map(alive, pids))


async def test_text_of_no_encoding_reaches_it(bench) -> None:
    [report] = await bench.begin().diagnose(bench.put("a.x", ""), "\udcff BAD")
    assert [each.column for each in report.found] == [3]
    assert bench.received("textDocument/didOpen")[0]["textDocument"]["text"] == "\ufffd BAD"


async def test_in_a_folder_that_is_not_trusted_none_is_started(bench) -> None:
    servers = bench.begin(leave=Leave(False, False, lambda command: True))
    with pytest.raises(ToolError) as caught:
        await servers.diagnose(bench.put("a.x", ""), "")
    assert "not trusted" in caught.value.message and "trust it" in caught.value.hint
    assert not bench.log.exists()
