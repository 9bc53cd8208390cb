"""Makes the pictures of the UI in docs/screens: scripted sessions, drawn by the app itself.

    python docs/screens.py            # needs what the tests need (bash tests/run installs it)

Each scene is played with the stand-ins of tests/ui, so that a picture shows what a test holds still.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).parent
for folder in (HERE.parent, HERE.parent / "tests", HERE.parent / "tests" / "ui"):
    sys.path.insert(0, str(folder))

from conftest import Stage, unguard, wait_until  # noqa: E402  # the stand-ins live with the tests
from test_screens import ANSWER, CONVERSATION, DIFF  # noqa: E402

from plugsky_tui.kernel.display import TextBlock, TodoBlock, TodoItem  # noqa: E402
from plugsky_tui.kernel.events import TextDelta, ToolCalled, ToolResulted, Usage  # noqa: E402

# Without vowel marks: the SVG of Rich gives each of them a column of its own.
ARABIC = """**الخلاصة:** الدالة `parse` تقسم السطر عند كل علامة مساواة.

1. استعملت `partition` فهي تقسم عند الأولى فقط
2. تتجاوز الأسطر الفارغة الآن

شغلت الاختبارات: 12 passed في 1.5 ثانية.
"""
PLAN = [
    ToolCalled("1", "todo", {"items": []}),
    ToolResulted(
        "1",
        True,
        "1 of 3 done.",
        0.0,
        [
            TodoBlock(
                [
                    TodoItem("Read how settings are parsed", "completed"),
                    TodoItem("Split at the first equals sign only", "in_progress"),
                    TodoItem("Run the tests", "pending"),
                ]
            )
        ],
    ),
    TextDelta(ANSWER),
    Usage(11_000, 1_300, 0, 12_300, 131_072),
]
# What viewers of SVG must not do: fetch fonts from elsewhere, and reorder text that is in its order on the screen.
_FONT_FACES = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_AS_DRAWN = "text { unicode-bidi: bidi-override; direction: ltr; }"

Steps = Callable[[Any, Any], Awaitable[None]]


async def _sent(pilot: Any, app: Any, prompt: str = "why does the test fail?") -> None:
    app.composer.insert(prompt)
    await pilot.press("enter")
    await pilot.pause(0.6)


async def _welcome(pilot: Any, app: Any) -> None:
    await pilot.pause(0.3)


async def _approval(pilot: Any, app: Any) -> None:
    app.composer.insert("mend it")
    await pilot.press("enter")
    await unguard(pilot, app)


def _typed(*keys: str) -> Steps:
    async def steps(pilot: Any, app: Any) -> None:
        await pilot.pause(0.3)
        await pilot.press(*keys)
        await pilot.pause(0.5)

    return steps


async def _arabic(pilot: Any, app: Any) -> None:
    await _sent(pilot, app, "لماذا يفشل الاختبار؟")


@dataclass
class Scene:
    steps: Steps
    script: list[Any] = field(default_factory=list)
    size: tuple[int, int] = (100, 30)
    theme: str = "plugsky-dark"


SCENES = {
    "welcome": Scene(_welcome),
    "conversation": Scene(_sent, CONVERSATION),
    "plan": Scene(_sent, PLAN, theme="plugsky-light"),
    "approval": Scene(_approval, [Stage.call("Edit src/settings.py", DIFF, reason="edits ask in this mode")]),
    "approval-wide": Scene(
        _approval,
        [Stage.call("Edit src/settings.py", DIFF, reason="edits ask in this mode")],
        size=(160, 40),
        theme="gulf",
    ),
    "command": Scene(
        _approval,
        [Stage.call("Run a command", TextBlock("git push origin main", "bash"), reason="it sends commits elsewhere")],
        theme="dune",
    ),
    "commands": Scene(_typed("slash")),
    "themes": Scene(_typed(*"/theme", "enter"), theme="pearl"),
    "arabic": Scene(_arabic, [TextDelta(ARABIC)]),
}


async def draw(scene: Scene, folder: Path) -> str:
    stage = Stage(folder)
    app = stage.app(scene.script, theme=scene.theme, folder=Path("/home/you/settings"), branch="main")
    async with app.run_test(size=scene.size) as pilot:
        await wait_until(pilot, lambda: app.welcome.is_mounted)
        await scene.steps(pilot, app)
        svg = app.export_screenshot(title="plugsky")
    return _FONT_FACES.sub("", svg).replace("<style>", f"<style>\n    {_AS_DRAWN}", 1)


def main() -> None:
    pictures = HERE / "screens"
    pictures.mkdir(exist_ok=True)
    for name, scene in SCENES.items():
        with TemporaryDirectory() as folder:
            (pictures / f"{name}.svg").write_text(asyncio.run(draw(scene, Path(folder))), "utf-8")
        sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main()
