"""The image on the system's clipboard, by the program that can read it there. Nothing is written to disk."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path

from plugsky_tui.frontends.attachments import IMAGE_LIMIT, make_image, media_type
from plugsky_tui.kernel.errors import UsageError
from plugsky_tui.kernel.messages import Image
from plugsky_tui.workspace.search.programs import Running, find_program

WITHIN_S = 5.0
NAME = "clipboard"

_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")  # the first that is there is taken
_OUTPUT_LIMIT = 2 * IMAGE_LIMIT + 4096  # osascript writes two digits for each byte
# What these programs need to find the display; keys of all kinds stay here.
_ENVIRONMENT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
    "TMPDIR",
    "SYSTEMROOT",
    "WSL_INTEROP",
    "WSL_DISTRO_NAME",
)
_OSASCRIPT = "get the clipboard as «class PNGf»"
_POWERSHELL = (
    "Add-Type -AssemblyName System.Windows.Forms,System.Drawing;"
    "$i=[System.Windows.Forms.Clipboard]::GetImage();"
    "if($i){$m=New-Object System.IO.MemoryStream;$i.Save($m,[System.Drawing.Imaging.ImageFormat]::Png);"
    "[Convert]::ToBase64String($m.ToArray())}"
)


async def clipboard_image(folder: Path, env: Mapping[str, str] = os.environ) -> Image:
    """The image that was copied. UsageError where there is none, or nothing that could read it.

    Programs inside `folder` are never run.
    """
    reader = _Reader(folder, {name: env[name] for name in _ENVIRONMENT if name in env})
    try:
        async with asyncio.timeout(WITHIN_S):
            data = await reader.read()
    except TimeoutError:
        raise UsageError("The clipboard does not answer.", hint="Paste the path of an image instead.") from None
    if not media_type(data):
        raise UsageError("There is no image on the clipboard.", hint="PNG, JPEG, GIF and WebP are taken.")
    suffix = media_type(data).partition("/")[2].replace("jpeg", "jpg")
    return make_image(data, f"{NAME}.{suffix}")


class _Reader:
    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = str(folder)
        self._environment = environment

    async def read(self) -> bytes:
        """Its bytes; none where the clipboard holds no image."""
        if sys.platform == "darwin":
            return await self._macos()
        wayland, x11 = self._environment.get("WAYLAND_DISPLAY"), self._environment.get("DISPLAY")
        if wayland and (program := self._find("wl-paste")):
            return await self._offered([program, "--list-types"], [program, "--no-newline", "--type"])
        if x11 and (program := self._find("xclip")):
            start = [program, "-selection", "clipboard", "-o", "-t"]
            return await self._offered([*start, "TARGETS"], start)
        if program := self._find("powershell.exe"):
            told = await self._run(program, "-NoProfile", "-NonInteractive", "-STA", "-Command", _POWERSHELL)
            return _decoded(told)
        if wayland or x11:
            needed = "wl-clipboard" if wayland else "xclip"
            raise UsageError("Nothing here can read images from the clipboard.", hint=f"Install {needed}.")
        raise UsageError(
            "There is no clipboard here: neither Wayland nor X11.",
            hint="Paste the path of an image, or name it with @.",
        )

    async def _macos(self) -> bytes:
        if program := self._find("pngpaste"):
            return await self._run(program, "-")
        program = self._find("osascript")
        if program is None:
            raise UsageError("Nothing here can read images from the clipboard.", hint="Install pngpaste.")
        told = (await self._run(program, "-e", _OSASCRIPT)).decode("utf-8", "replace")
        digits = told.partition("PNGf")[2].partition("»")[0]
        try:
            return bytes.fromhex(digits)
        except ValueError:
            return b""

    async def _offered(self, ask: list[str], take: list[str]) -> bytes:
        """Ask which types there are, and take the first that can be used."""
        offered = (await self._run(*ask)).decode("utf-8", "replace").split()
        wanted = next((kind for kind in _TYPES if kind in offered), None)
        return await self._run(*take, wanted) if wanted else b""

    def _find(self, name: str) -> str | None:
        return find_program(name, self._environment, self._folder)

    async def _run(self, *arguments: str) -> bytes:
        """What the program prints; nothing where it fails. UsageError where that is more than an image may have."""
        running = Running(arguments, cwd="/", environment=self._environment)
        output = bytearray()
        try:
            async with aclosing(running.stream()) as blocks:
                async for block in blocks:
                    output += block
                    if len(output) > _OUTPUT_LIMIT:
                        raise UsageError("The image on the clipboard is too large: the limit is 10 MiB.")
        except OSError:
            return b""
        return bytes(output) if running.code == 0 else b""


def _decoded(told: bytes) -> bytes:
    from base64 import b64decode

    try:
        return b64decode(told)
    except ValueError:
        return b""
