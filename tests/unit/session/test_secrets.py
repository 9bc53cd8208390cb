"""No key in what a session says, does and keeps."""

from __future__ import annotations

from support.scripted import Tools

from plugsky_tui.kernel.display import DiffBlock, TableBlock, TextBlock
from plugsky_tui.kernel.events import ReasoningDelta, TextDelta
from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.kernel.ports import Finished, Prepared, ToolResult
from plugsky_tui.session.secrets import Discreet, DiscreetStream

KEY = "psk_live_0123456789"


async def test_a_tool_result_holds_no_key_on_either_face():
    result = ToolResult(
        f"key: {KEY}",
        display=[TextBlock(KEY), DiffBlock("a", None, f"{KEY}\n"), TableBlock(["k"], [[KEY]])],
    )

    class One(Tools):
        async def prepare(self, call):
            async def act(progress):
                progress("psk_live_01")
                progress("23456789\n")
                return result

            return Prepared(call, "Read", [], act)

    live: list[str] = []
    prepared = await Discreet(One(), lambda: [KEY]).prepare(ToolCall("c", "read", {}))
    done = await prepared.act(live.append)
    assert KEY not in repr(done) and KEY not in "".join(live)
    assert done.output == "key: [key]" and "".join(live) == "[key]\n"


def test_an_answer_cut_in_the_middle_of_a_key_holds_none_and_keeps_its_order():
    stream = DiscreetStream([KEY])
    items = [ReasoningDelta("the key is psk_"), TextDelta("It is psk_live_0"), TextDelta("123456789 or p")]
    out = [shown for item in (*items, Finished("stop", "m")) for shown in stream.feed(item)]
    assert out == [
        ReasoningDelta("the key is "),
        ReasoningDelta("psk_"),
        TextDelta("It is "),
        TextDelta("[key] or "),
        TextDelta("p"),
        Finished("stop", "m"),
    ]


def test_an_item_without_a_key_is_handed_on_as_it_is():
    item = TextDelta("nothing here")
    assert DiscreetStream([KEY]).feed(item)[0] is item
