"""What the model is sent now: how much of its window is used, by what, and which results take most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from plugsky_tui.frontends.context_facts import ContextFacts, Kind, context_facts
from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.layers.sheet import SheetLayer
from plugsky_tui.frontends.tui.widgets.cells import fit
from plugsky_tui.frontends.tui.widgets.columns import bar, heading, prose
from plugsky_tui.frontends.tui.widgets.status import thousands

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.widgets.status import Status
    from plugsky_tui.session.session import Session

_STYLES: dict[Kind, str] = {
    "system": "$text-primary",
    "instructions": "$text-secondary",
    "tools": "$text-accent",
    "prompts": "$text-success",
    "answers": "$text-warning",
    "calls": "$text-error",
    "results": "$foreground",
    "images": "$text-primary",
}
_NAMES = 28  # cells of what takes the room
_FULL = 0.8  # of the window: from here on people should know


async def context_sheet(session: Session, status: Status) -> SheetLayer:
    """`status` has what the server counted last."""
    window = status.context_window
    if window is None:
        window = next((one.context_window for one in await session.models() if one.id == session.model), None)
    facts = context_facts(
        system=session.system(),
        definitions=session.toolbox.definitions(),
        conversation=session.conversation(),
        tokens=status.context_tokens,
        window=window,
    )
    return SheetLayer(f"Context · {clean(session.model)}", lambda width: draw(facts, width))


def draw(facts: ContextFacts, width: int) -> list[Content]:
    lines = [_headline(facts, width)]
    whole = facts.window or facts.tokens
    lines += [bar([(one.tokens, _STYLES[one.kind]) for one in facts.shares], whole, width), Content("")]
    names = min(_NAMES, max(width - 18, 8))
    for one in facts.shares:
        share = f"{one.tokens / facts.tokens:.0%}" if facts.tokens else ""
        share = "<1%" if share == "0%" else share
        lines.append(
            Content.assemble(
                ("█ ", _STYLES[one.kind]),
                fit(clean(one.name).replace("\n", " "), names),
                f"{thousands(one.tokens):>8}",
                (f"{share:>6}", "$text-muted"),
            )
        )
    if facts.window and facts.window > facts.tokens:
        left = thousands(facts.window - facts.tokens)
        lines.append(Content.styled(f"░ {fit('free', names)}{left:>8}", "$text-muted"))
    if facts.largest:
        lines += [Content(""), heading("The largest tool results")]
        for name, tokens in facts.largest:
            what = fit(" ".join(clean(name).split()), max(min(width - 10, 60), 8))
            lines.append(Content(f"  {what}{thousands(tokens):>8}"))
    how = "The sum is the server's count, the parts are estimated from their lengths."
    if not facts.counted:
        how = "The server has not counted yet: all numbers are estimated from lengths."
    return [*lines, Content(""), *prose(how, width, "$text-muted")]


def _headline(facts: ContextFacts, width: int) -> Content:
    about = "" if facts.counted else "about "
    if not facts.window:
        text, style = f"{about}{thousands(facts.tokens)} tokens; the model's window is not known", ""
    else:
        share = facts.tokens / facts.window
        text = f"{about}{thousands(facts.tokens)} of {thousands(facts.window)} tokens · {share:.0%}"
        style = "$text-warning" if share >= _FULL else ""
    return Content.styled(text, f"bold {style}".strip()).truncate(width, ellipsis=True)
