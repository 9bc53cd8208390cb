"""Files are replaced whole or not at all, where they were judged to be, and stay what they were otherwise."""

from __future__ import annotations

import errno
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace import files
from plugsky_tui.workspace.files import ChangedSince, digest_of, replace, size_text, snapshot


def write(path: Path, data: bytes) -> str:
    real = os.path.realpath(path)
    return replace(real, path.name, data, snapshot(real, path.name).digest)


def leftovers(folder: Path) -> list[str]:
    return [name for name in os.listdir(folder) if name.startswith(".plugsky-")]


@pytest.mark.parametrize("mode", [0o755, 0o640, 0o600, 0o644])
def test_mode_bits_stay(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    path.chmod(mode)
    assert write(path, b"new") == ""
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_setuid_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    path.chmod(0o6755)
    write(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o755


def test_a_new_file_has_the_mode_of_the_umask_and_its_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "new"
    mask = os.umask(0o027)
    try:
        write(path, b"x")
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_hard_links_are_written_in_place_and_said(tmp_path: Path) -> None:
    path, other = tmp_path / "f", tmp_path / "g"
    path.write_text("a much longer old content")
    os.link(path, other)
    assert "2 hard links" in write(path, b"new")
    assert other.read_bytes() == b"new"
    assert path.samefile(other)


def test_extended_attributes_stay(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    try:
        os.setxattr(path, "user.colour", b"blue")
    except (OSError, AttributeError):
        pytest.skip("no extended attributes on this file system")
    write(path, b"new")
    assert os.getxattr(path, "user.colour") == b"blue"


def test_a_file_changed_since_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("theirs")
    with pytest.raises(ChangedSince):
        replace(str(path.resolve()), "f", b"mine", digest_of(b"planned on this"))
    with pytest.raises(ChangedSince):
        replace(str(path.resolve()), "f", b"mine", None)
    assert path.read_text() == "theirs"
    path.unlink()
    with pytest.raises(ChangedSince):
        replace(str(path.resolve()), "f", b"mine", digest_of(b"theirs"))
    assert os.listdir(tmp_path) == []


def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f"
    path.write_text("old")

    def full(handle: int, data: bytes) -> None:
        os.write(handle, data[:1])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "_write_all", full)
    with pytest.raises(ToolError, match="disk is full"):
        write(path, b"new")
    assert path.read_text() == "old"
    assert leftovers(tmp_path) == []


def test_a_really_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("needs leave to mount a small file system")
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small], check=False, capture_output=True
    ).returncode:
        pytest.skip("this machine does not let us mount")
    try:
        path, linked = small / "f", small / "g"
        path.write_text("old")
        linked.write_text("old")
        os.link(linked, small / "h")
        for each in (path, linked):
            with pytest.raises(ToolError, match="disk is full"):
                write(each, b"x" * 200_000)
            assert each.read_text() == "old"
        assert leftovers(small) == []
    finally:
        subprocess.run(["umount", small], check=False)


@pytest.mark.parametrize("kind", ["fifo", "socket", "device", "folder"])
def test_what_is_not_a_regular_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "special"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(path))
        server.close()
    elif kind == "folder":
        path.mkdir()
    real = "/dev/zero" if kind == "device" else os.path.realpath(path)
    started = time.monotonic()
    with pytest.raises(ToolError, match=r"device|FIFO|socket|folder"):
        snapshot(real, "special")
    with pytest.raises(ToolError, match=r"device|FIFO|socket|folder"):
        replace(real, "special", b"x", digest_of(b""))
    assert time.monotonic() - started < 2  # a pipe would be waited for without end


def test_a_symlink_where_a_file_was_judged_is_not_followed(tmp_path: Path) -> None:
    outside, link = tmp_path / "outside", tmp_path / "link"
    outside.write_text("old")
    link.symlink_to(outside)
    for call in (lambda: snapshot(str(link), "link"), lambda: replace(str(link), "link", b"x", digest_of(b"old"))):
        with pytest.raises(ToolError):
            call()
    assert outside.read_text() == "old"


def test_a_file_swapped_for_a_link_while_we_write_never_leads_outside(tmp_path: Path) -> None:
    outside, name, spare = tmp_path / "outside", tmp_path / "w" / "name", tmp_path / "spare"
    name.parent.mkdir()
    name.write_text("inside")
    outside.write_text("outside")
    judged = os.path.realpath(name)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            spare.symlink_to(outside)
            os.replace(spare, name)
            spare.write_text("inside")
            os.replace(spare, name)

    thread = threading.Thread(target=swap)
    thread.start()
    written = 0
    try:
        for count in range(5_000):
            try:
                replace(judged, "name", b"%d" % count, snapshot(judged, "name").digest)
                written += 1
            except ToolError:
                pass
    finally:
        stop.set()
        thread.join()
    assert outside.read_text() == "outside"
    assert written


def test_a_folder_swapped_for_a_link_while_we_write_never_leads_outside(tmp_path: Path) -> None:
    work, outside = tmp_path / "w", tmp_path / "outside"
    folder, aside = work / "sub", work / "aside"
    folder.mkdir(parents=True)
    (folder / "file").write_text("old")
    outside.mkdir()
    judged = os.path.join(os.path.realpath(folder), "file")
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            os.rename(folder, aside)
            folder.symlink_to(outside)
            folder.unlink()
            os.rename(aside, folder)
            time.sleep(0.0005)

    thread = threading.Thread(target=swap)
    thread.start()
    written = 0
    try:
        for count in range(2_000):
            try:
                digest = snapshot(judged, "file").digest
                if digest is not None:
                    replace(judged, "file", b"%d" % count, digest)
                    written += 1
            except ToolError:
                pass
    finally:
        stop.set()
        thread.join()
    assert os.listdir(outside) == []
    assert written


KILLED = """
import os, sys
from plugsky_tui.workspace.files import replace, snapshot
path = sys.argv[1]
print("ready", flush=True)
while True:
    for letter in (b"a", b"b"):
        replace(path, "f", letter * 300_000, snapshot(path, "f").digest)
"""


def test_killed_at_any_moment_the_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"a" * 300_000)
    for attempt in range(12):
        child = subprocess.Popen([sys.executable, "-c", KILLED, os.path.realpath(path)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.003 * attempt)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert path.read_bytes() in (b"a" * 300_000, b"b" * 300_000)


@pytest.mark.parametrize(
    ("size", "text"), [(1, "1 byte"), (812, "812 bytes"), (3_565_158, "3.4 MiB"), (10 << 30, "10.0 GiB")]
)
def test_sizes_read_as_people_write_them(size: int, text: str) -> None:
    assert size_text(size) == text
