"""Images: pasted paths, the clipboard and mentions; what is too large, no image, or more than the model can take."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest
from textual.events import Paste

from plugsky_tui.frontends.attachments import IMAGE_LIMIT, describe, load_file, load_image, media_type, size_of
from plugsky_tui.frontends.tui.composer.clipboard import clipboard_image
from plugsky_tui.frontends.tui.composer.drafts import mentioned
from plugsky_tui.frontends.tui.composer.dropped import image_paths
from plugsky_tui.kernel.errors import UsageError
from plugsky_tui.kernel.messages import Image, UserMessage
from plugsky_tui.providers.catalogue import ModelInfo

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 1200
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 100


@pytest.fixture
def cat(tmp_path) -> Path:
    path = tmp_path / "a cat.png"
    path.write_bytes(PNG)
    return path


def seeing(stage, *scripts):
    """A session whose model takes images."""
    session = stage.Session(scripts)
    session.known.append(ModelInfo("plugsky-vision-fast", 32_768, "specialized", ("vision",)))
    session.model = "plugsky-vision-fast"
    return session


async def paste(pilot, app, text: str) -> None:
    await app.composer._on_paste(Paste(text))
    await pilot.pause()


@pytest.mark.parametrize("form", ["{}", "'{}'", '"{}"', "{escaped}", "file://{quoted}", "{}\n", "'{}' "])
async def test_a_pasted_path_is_attached_as_a_chip_and_sent(stage, shown, until, cat, form):
    session = seeing(stage)
    app = stage.app(session=session)
    text = form.format(cat, escaped=str(cat).replace(" ", "\\ "), quoted=str(cat).replace(" ", "%20"))
    async with app.run_test(size=(100, 24)) as pilot:
        await until(pilot, lambda: bool(stage.sessions))
        await pilot.press(*"see", "space")
        await paste(pilot, app, text)
        assert app.composer.text == "see [image a cat.png 1 kB] "
        await pilot.press("enter")
        await until(pilot, lambda: bool(session.images))
        assert session.sent == ["see [image a cat.png] "]
        [[image]] = session.images
        assert (image.name, image.media_type, base64.b64decode(image.data)) == ("a cat.png", "image/png", PNG)
        await until(pilot, lambda: "▣ a cat.png · PNG · 1 kB" in shown(app))


async def test_a_chip_goes_with_one_backspace_and_comes_back_with_undo(stage, cat):
    app = stage.app(session=seeing(stage))
    async with app.run_test() as pilot:
        await paste(pilot, app, str(cat))
        await pilot.press("backspace", "backspace")
        assert app.composer.text == ""
        assert app.composer.draft.images == []
        await pilot.press("ctrl+z")
        assert len(app.composer.draft.images) == 1


async def test_several_files_dropped_at_once_are_all_attached(stage, tmp_path, cat):
    (tmp_path / "b.jpg").write_bytes(JPEG)
    app = stage.app(session=seeing(stage))
    async with app.run_test() as pilot:
        await paste(pilot, app, f"'{cat}' {tmp_path}/b.jpg")
        assert app.composer.text == "[image a cat.png 1 kB] [image b.jpg 104 bytes] "
        await paste(pilot, app, str(cat))  # the same name again is told apart
        assert [one.label for one in app.composer.draft.images] == [
            "[image a cat.png 1 kB]",
            "[image b.jpg 104 bytes]",
            "[image a cat.png #2 1 kB]",
        ]


async def test_text_that_only_looks_like_a_path_is_text(stage, tmp_path, cat):
    app = stage.app(session=seeing(stage))
    async with app.run_test() as pilot:
        for text in ("a cat.png", f"see {cat}", "/no/such/file.png", f"'{cat}", f"{tmp_path}/"):
            await paste(pilot, app, text)
            assert app.composer.text == text
            app.composer.take()


async def test_what_is_too_large_or_no_image_is_refused_by_name_size_and_limit(stage, shown, until, tmp_path):
    (tmp_path / "big.png").write_bytes(PNG + b"\0" * IMAGE_LIMIT)
    (tmp_path / "text.png").write_text("words")
    app = stage.app(session=seeing(stage))
    async with app.run_test(size=(120, 24)) as pilot:
        await paste(pilot, app, f"{tmp_path}/big.png")
        await until(pilot, lambda: "big.png: 10,486,968 bytes are too many; the limit is 10,485,760" in shown(app))
        assert app.composer.text == f"{tmp_path}/big.png "
        await paste(pilot, app, f"{tmp_path}/text.png")
        await until(pilot, lambda: "text.png: not a PNG, JPEG, GIF or WebP image" in shown(app))
        assert app.composer.draft.images == []


async def test_a_model_that_cannot_see_is_told_at_once_and_the_draft_stays(stage, shown, until, cat):
    session = seeing(stage)
    session.model = "plugsky-pro"
    app = stage.app(session=session)
    async with app.run_test(size=(120, 24)) as pilot:
        await until(pilot, lambda: bool(stage.sessions))
        await paste(pilot, app, str(cat))
        await until(pilot, lambda: "plugsky-pro cannot see images. Models that can: plugsky-vision-fast" in shown(app))
        await pilot.press(*"what", "enter")
        await until(pilot, lambda: "✗ plugsky-pro cannot see images." in shown(app))
        await until(pilot, lambda: app.composer.text == "[image a cat.png 1 kB] what")
        assert session.sent == []
        session.model = "plugsky-vision-fast"
        await pilot.press("enter")
        await until(pilot, lambda: bool(session.images))
        assert len(session.images[0]) == 1


async def test_an_image_named_with_an_at_sign_comes_along(stage, shown, until, cat):
    (stage.folder / "dog.jpg").write_bytes(JPEG)
    session = seeing(stage)
    app = stage.app(session=session)
    async with app.run_test(size=(100, 24)) as pilot:
        app.composer.insert(f'is @dog.jpg like @"{cat}", or @nobody.png?')
        await pilot.press("enter")
        await until(pilot, lambda: bool(session.images))
        assert [image.name for image in session.images[0]] == ["dog.jpg", "a cat.png"]
        assert session.sent == [f'is @dog.jpg like @"{cat}", or @nobody.png?']
        assert "Not attached" not in shown(app)


async def test_a_named_image_that_cannot_be_seen_stays_a_name(stage, shown, until, cat):
    session = seeing(stage)
    session.model = "plugsky-pro"
    app = stage.app(session=session)
    async with app.run_test(size=(100, 24)) as pilot:
        app.composer.insert(f'delete @"{cat}"')
        await pilot.press("enter")
        await until(pilot, lambda: bool(session.sent))
        assert session.images == [[]]
        says = "a cat.png: named, but not attached. plugsky-pro cannot see images."
        await until(pilot, lambda: says in shown(app))


async def test_images_wait_in_line_where_the_agent_works_and_come_back_with_the_queue(stage, shown, until, cat):
    hold = stage.Hold()
    session = seeing(stage, [hold])
    app = stage.app(session=session)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("g", "o", "enter")
        await until(pilot, hold.reached.is_set)
        await paste(pilot, app, str(cat))
        await pilot.press("alt+s")  # the next step hears words only
        await until(pilot, lambda: "queued: [image a cat.png" in shown(app))
        assert session.steered == []
        await pilot.press("escape")
        await until(pilot, lambda: app.composer.draft.images != [])
        await paste(pilot, app, str(cat))
        assert len(app.composer.draft.images) == 2
        hold.released.set()


async def test_the_history_brings_an_image_back_by_its_path(stage, until, cat):
    session = seeing(stage)
    app = stage.app(session=session)
    async with app.run_test(size=(100, 24)) as pilot:
        await paste(pilot, app, str(cat))
        await pilot.press("enter")
        await until(pilot, lambda: len(session.images) == 1)
        await until(pilot, lambda: not session.busy)
        await pilot.press("up")
        assert app.composer.text == f'@"{cat}"'
        await pilot.press("enter")
        await until(pilot, lambda: len(session.images) == 2)
        assert session.images[1][0].name == "a cat.png"


async def test_paging_through_the_history_keeps_the_images_of_the_draft(stage, until, cat):
    app = stage.app(session=seeing(stage))
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("x", "enter")
        await until(pilot, lambda: stage.sessions and not stage.session.busy)
        await paste(pilot, app, str(cat))
        await pilot.press("up", "down")
        assert len(app.composer.draft.images) == 1


async def test_a_resumed_thread_shows_what_was_sent_along(stage, shown, until):
    image = Image("image/png", base64.b64encode(PNG).decode(), "[b]x\x1b[31m.png")
    app = stage.app(session=stage.Session(history=[UserMessage("look", [image])]))
    async with app.run_test(size=(100, 24)) as pilot:
        await until(pilot, lambda: "▣ [b]x.png · PNG · 1 kB" in shown(app))


# --- the clipboard ------------------------------------------------------------------------------


def program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A PATH of our own beside the system's, and no display."""
    (tmp_path / "copied").write_bytes(PNG)
    for name in ("WAYLAND_DISPLAY", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("PATH", f"{tmp_path / 'programs'}:/usr/bin:/bin")
    return tmp_path


XCLIP = 'case "$*" in *TARGETS*) echo TARGETS; echo image/png;; *image/png*) cat {};; *) exit 1;; esac'
WL_PASTE = 'case "$*" in *list-types*) echo text/plain; echo image/png;; *image/png*) cat {};; *) exit 1;; esac'


@pytest.mark.parametrize(("variable", "name", "script"), [
    ("DISPLAY", "xclip", XCLIP),
    ("WAYLAND_DISPLAY", "wl-paste", WL_PASTE),
])  # fmt: skip
async def test_a_key_attaches_the_image_on_the_clipboard(stage, until, machine, monkeypatch, variable, name, script):
    program(machine / "programs", name, script.format(machine / "copied"))
    monkeypatch.setenv(variable, ":0")
    session = seeing(stage)
    stage.folder = machine / "work"
    stage.folder.mkdir()
    app = stage.app(session=session)
    async with app.run_test() as pilot:
        await pilot.press("alt+v")
        await until(pilot, lambda: app.composer.text == "[image clipboard.png 1 kB] ")
        await pilot.press("ctrl+v", "enter")
        await until(pilot, lambda: bool(session.images))
        assert [base64.b64decode(image.data) for image in session.images[0]] == [PNG, PNG]
        assert session.sent == ["[image clipboard.png] [image clipboard.png #2] "]


async def test_without_an_image_the_text_that_was_copied_here_is_pasted(stage, shown, until, machine):
    app = stage.app()
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press("ctrl+v")
        await until(pilot, lambda: "There is no clipboard here: neither Wayland nor X11." in shown(app))
        app.copy_to_clipboard("some words")
        await pilot.press("ctrl+v")
        await until(pilot, lambda: app.composer.text == "some words")


async def test_the_reader_of_the_clipboard_is_told_no_key(machine):
    program(machine / "programs", "xclip", f"env > {machine}/env; {XCLIP.format(machine / 'copied')}")
    env = {"PATH": os.environ["PATH"], "DISPLAY": ":0", "PLUGSKY_API_KEY": "secret", "LOCAL_KEY": "secret"}
    image = await clipboard_image(machine / "work", env)
    assert size_of(image) == len(PNG)
    assert "secret" not in (machine / "env").read_text()


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo text/plain", "no image on the clipboard"),
        ("exit 1", "no image on the clipboard"),
        ("sleep 60", "does not answer"),
        ('case "$*" in *TARGETS*) echo image/png;; *) exec cat /dev/zero;; esac', "too large"),
        ('case "$*" in *TARGETS*) echo image/png;; *) echo hello;; esac', "no image on the clipboard"),
    ],
)
async def test_a_clipboard_that_gives_no_image_is_a_sentence(machine, monkeypatch, script, says):
    monkeypatch.setattr("plugsky_tui.frontends.tui.composer.clipboard.WITHIN_S", 1.0)
    program(machine / "programs", "xclip", script)
    with pytest.raises(UsageError, match=says):
        await clipboard_image(machine / "work", {"PATH": os.environ["PATH"], "DISPLAY": ":0"})


async def test_a_program_of_the_workspace_is_never_run(machine):
    program(machine / "programs", "xclip", f"touch {machine}/ran")
    with pytest.raises(UsageError):
        await clipboard_image(machine, {"PATH": str(machine / "programs"), "DISPLAY": ":0"})
    assert not (machine / "ran").exists()


@pytest.mark.parametrize(("name", "script"), [
    ("pngpaste", "cat {}"),
    ("osascript", "printf '«data PNGf'; od -An -v -tx1 {} | tr -d ' \\n'; printf '»\\n'"),
])  # fmt: skip
async def test_macos_is_asked_in_its_own_way(machine, monkeypatch, name, script):
    monkeypatch.setattr("sys.platform", "darwin")
    program(machine / "programs", name, script.format(machine / "copied"))
    image = await clipboard_image(machine / "work", {"PATH": os.environ["PATH"]})
    assert base64.b64decode(image.data) == PNG


async def test_windows_is_asked_through_powershell(machine):
    program(machine / "programs", "powershell.exe", f"base64 {machine / 'copied'}")
    image = await clipboard_image(machine / "work", {"PATH": os.environ["PATH"]})
    assert base64.b64decode(image.data) == PNG


# --- files --------------------------------------------------------------------------------------


def test_what_an_image_is_its_first_bytes_say(tmp_path):
    heads = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF89a": "image/gif"}
    heads |= {b"RIFF\0\0\0\0WEBP": "image/webp", b"%PDF-": "", b"": "", b"words": ""}
    assert {head: media_type(head) for head in heads} == heads
    (tmp_path / "really.txt").write_bytes(JPEG)
    assert describe(load_image(tmp_path / "really.txt")) == "really.txt · JPEG · 104 bytes"


def test_a_file_for_the_prompt_is_text_or_an_image_or_explained(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfwords")
    (tmp_path / "data").write_bytes(b"\0\1\2")
    (tmp_path / "long.txt").write_bytes(b"x" * (3 << 20))
    os.mkfifo(tmp_path / "pipe")
    assert load_file("a.txt", tmp_path) == "words"
    for name, says in (
        ("data", "neither text nor"),
        ("long.txt", "3,145,728 bytes of text are too many"),
        ("pipe", "not a plain file"),
        ("nothing", "does not exist"),
        (".", "is a folder"),
    ):
        with pytest.raises(UsageError, match=says) as caught:
            load_file(name, tmp_path, f"--file {name}")
        assert caught.value.message.startswith(f"--file {name}: ")
    closed = tmp_path / "closed.txt"
    closed.write_text("x")
    closed.chmod(0)
    if not os.access(closed, os.R_OK):  # root reads everything
        with pytest.raises(UsageError, match="Permission denied"):
            load_file("closed.txt", tmp_path)
    closed.chmod(stat.S_IRUSR)


def test_paths_and_mentions_are_found_whatever_is_around_them(cat):
    assert image_paths(f"file://elsewhere{cat}") == []
    assert image_paths("x" * 20_000 + ".png") == []
    assert image_paths(f"{cat}\n\n{cat}") == [cat, cat]
    assert mentioned("a@b.png @x.PNG, (@y.gif) @z.txt @x.PNG") == ["x.PNG"]
    assert mentioned('@"a b.webp"!') == ["a b.webp"]
    assert mentioned("nothing") == []
