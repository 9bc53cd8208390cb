"""read: windows of text, images, and a hint for everything else."""

from __future__ import annotations

import base64
import os
import time

import pytest

from plugsky_tui.kernel.ports import ReadPath


async def test_lines_come_numbered(ws) -> None:
    ws.put("a.txt", "first\n\tsecond\nthird")
    result = await ws("read", file_path="a.txt")
    assert result.output == "     1\tfirst\n     2\t\tsecond\n     3\tthird"


async def test_a_window_says_where_to_read_on(ws) -> None:
    ws.put("a.txt", "".join(f"{number}\n" for number in range(1, 101)))
    result = await ws("read", file_path="a.txt", offset=11, limit=2)
    assert result.output == "    11\t11\n    12\t12\n\n(lines 11 to 12 of 100; read on with offset=13)"


async def test_too_much_text_ends_at_a_line_and_says_so(ws) -> None:
    ws.put("a.txt", ("x" * 500 + "\n") * 1000)
    output = (await ws("read", file_path="a.txt")).output
    assert len(output) < 120_000
    assert "as much as is shown at once; read on with offset=" in output


async def test_an_offset_beyond_the_end_says_how_long_the_file_is(ws) -> None:
    ws.put("a.txt", "one\n")
    assert "has only 1 line:" in (await ws("read", file_path="a.txt", offset=5)).output


async def test_an_offset_beyond_the_end_of_a_file_too_large_to_load_says_so_too(ws, monkeypatch) -> None:
    monkeypatch.setattr("plugsky_tui.workspace.windows.SMALL", 10)
    for end in ("", "\n"):
        ws.put("a.txt", "some line\n" * 50 + "the last" + end)
        assert (
            "has only 51 lines: there is nothing from line 99 on"
            in (await ws("read", file_path="a.txt", offset=99)).output
        )


async def test_an_empty_file_is_said_to_be_empty(ws) -> None:
    ws.put("a.txt")
    assert "file is empty" in (await ws("read", file_path="a.txt")).output


async def test_long_lines_are_cut_and_said(ws) -> None:
    ws.put("a.txt", "x" * 5000 + "\nshort\n")
    output = (await ws("read", file_path="a.txt")).output
    assert len(output) < 3000
    assert "line 1 is cut: it has 5,000 characters" in output


async def test_a_missing_file_names_those_like_it(ws) -> None:
    ws.put("src/parser.py")
    assert "Did you mean src/parser.py?" in await ws.fails("read", file_path="src/parsr.py")
    assert "Did you mean src/parser.py?" in await ws.fails("read", file_path="lib/parser.py")
    assert "glob or list" in await ws.fails("read", file_path="nothing/like/it.zzz")


async def test_names_beside_a_missing_file_outside_the_workspace_are_not_told(ws, tmp_path) -> None:
    (tmp_path / "secret-plans.txt").write_text("x")
    assert "secret-plans" not in await ws.fails("read", file_path="../secret-plan.txt")


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"\x7fELF\0\0", "ELF"), (b"PK\x03\x04\0\0", "ZIP"), (b"abc\0def", "binary data"), (b"%PDF-1.7\0", "PDF")],
)
async def test_binary_files_are_named_by_kind_and_size(ws, data: bytes, kind: str) -> None:
    ws.put("thing", data)
    said = await ws.fails("read", file_path="thing")
    assert kind in said
    assert f"{len(data)} bytes" in said


async def test_an_image_is_attached(ws) -> None:
    data = b"\x89PNG\r\n\x1a\n" + bytes(100)
    ws.put("shot.png", data)
    result = await ws("read", file_path="shot.png")
    (image,) = result.images
    assert (image.media_type, image.name, base64.b64decode(image.data)) == ("image/png", "shot.png", data)


async def test_an_image_that_is_too_large_is_refused(ws) -> None:
    ws.put("shot.png", b"\x89PNG\r\n\x1a\n" + bytes(6 << 20))
    assert "smaller copy" in await ws.fails("read", file_path="shot.png")


async def test_other_encodings_are_read_and_named(ws) -> None:
    ws.put("a.txt", "caf\u00e9\n".encode("latin-1"))
    ws.put("b.txt", "caf\u00e9\n".encode("utf-16"))
    ws.put("c.txt", "\u00e9".encode() + b"\xff\n")
    ws.put("d.txt", b"\xef\xbb\xbfplain\n")
    assert "CP1252" in (await ws("read", file_path="a.txt")).output
    assert "caf\u00e9" in (await ws("read", file_path="b.txt")).output
    assert "not valid UTF-8" in (await ws("read", file_path="c.txt")).output
    assert (await ws("read", file_path="d.txt")).output == "     1\tplain"


@pytest.mark.parametrize(
    "path", ["/proc/self/environ", "/proc/1/mem", "/proc/self/fd/0", "/dev/stdin", "/dev/fd/0", "/dev/zero", "/dev/tty"]
)
async def test_views_of_processes_and_devices_are_refused(ws, path: str) -> None:
    assert "not opened" in await ws.fails("read", file_path=path)


@pytest.mark.parametrize("name", ["read", "write", "edit", "grep"])
async def test_a_named_pipe_is_refused_at_once(ws, name: str) -> None:
    os.mkfifo(ws.path / "pipe")
    arguments = {
        "read": {},
        "write": {"content": "x"},
        "edit": {"old_string": "a", "new_string": "b"},
        "grep": {"pattern": "x"},
    }
    where = "path" if name == "grep" else "file_path"
    started = time.monotonic()
    assert "pipe" in await ws.fails(name, **{where: "pipe"}, **arguments[name])
    assert time.monotonic() - started < 2  # it would be waited for without end


async def test_paths_that_are_none_are_refused(ws) -> None:
    assert "NUL" in await ws.fails("read", file_path="a\0b")
    assert "URL" in await ws.fails("read", file_path="file:///etc/passwd")
    os.symlink("loop", ws.path / "loop")
    assert "circle" in await ws.fails("read", file_path="loop")
    assert "folder" in await ws.fails("read", file_path=".")


async def test_odd_names_are_shown_escaped(ws) -> None:
    name = "a\n\x1b[31m$(x);-"
    ws.put(name, "content\n")
    prepared = await ws.prepare("read", file_path=name)
    assert prepared.title == "Read a\\n\\x1b[31m$(x);-"
    assert "content" in (await ws("read", file_path=name)).output


async def test_it_needs_leave_for_the_path_and_for_what_a_link_leads_to(ws, tmp_path) -> None:
    ws.put("a.txt")
    os.symlink(tmp_path / "outside", ws.path / "link")
    assert (await ws.prepare("read", file_path="a.txt")).needs == [ReadPath(str(ws.path / "a.txt"))]
    assert (await ws.prepare("read", file_path="link")).needs == [
        ReadPath(str(ws.path / "link")),
        ReadPath(os.path.realpath(tmp_path / "outside")),
    ]


async def test_a_link_swapped_after_it_was_judged_is_not_followed(ws, tmp_path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("secret")
    path = ws.put("a.txt", "harmless")
    prepared = await ws.prepare("read", file_path="a.txt")
    path.unlink()
    path.symlink_to(outside)
    with pytest.raises(Exception, match=r"symlink|not a regular file"):
        await prepared.act(print)


async def test_a_model_that_cannot_see_is_told_so_instead_of_being_sent_an_image(ws) -> None:
    ws.put("shot.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 64)
    ws.context.sees = lambda: False
    assert "you cannot see images" in await ws.fails("read", file_path="shot.png")
