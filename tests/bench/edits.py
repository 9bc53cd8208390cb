"""How near-miss edits fare: those of tests/data/edits through the real tools. Prints a table; fails on a wrong place.

    python tests/bench/edits.py [-v]      (-v names every case that did not go as it should)

fair      edits with one place that is meant, quoted with a fault that may be overlooked: how many landed in it.
unfair    edits that must be refused (twins, stale blocks, guesses): how many were, and said what to do.
wrong     files that hold anything but what was meant afterwards. There must be none.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent)]

from support.edit_cases import EditCase, edit_cases  # noqa: E402  # found by the line above

from plugsky_tui.kernel.messages import ToolCall  # noqa: E402
from plugsky_tui.tooling import ToolContext, ToolError  # noqa: E402
from plugsky_tui.tooling.registry import load_tools  # noqa: E402
from plugsky_tui.tooling.toolbox import ToolboxOf  # noqa: E402
from plugsky_tui.workspace.paths import Root  # noqa: E402

TOOLS = load_tools().instances()


async def outcome(case: EditCase) -> str:
    """ "landed", "refused", "unsaid" (refused without the words it should have) or "wrong"."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / case.path
        path.write_bytes(case.data)
        toolbox = ToolboxOf(TOOLS, ToolContext(Root(folder, own=())))
        try:
            prepared = await toolbox.prepare(ToolCall("call", case.tool, case.arguments))
            await prepared.act(print)
        except ToolError as error:
            if path.read_bytes() != case.data:
                return "wrong"
            said = f"{error.message}\n{error.hint}"
            return "refused" if all(word in said for word in case.refused) else "unsaid"
        return "landed" if path.read_bytes() == case.expected else "wrong"


async def main() -> int:
    cases = edit_cases()
    started = time.perf_counter()
    outcomes = [await outcome(case) for case in cases]
    seconds = time.perf_counter() - started
    kinds: dict[str, Counter[str]] = {}
    for case, how in zip(cases, outcomes, strict=True):
        fair = case.expected is not None
        count = kinds.setdefault(case.kind, Counter())
        count["fair" if fair else "unfair"] += 1
        good = how == ("landed" if fair else "refused")
        count["landed" if fair else "refused"] += good
        count["wrong"] += how == "wrong"
        if not good and "-v" in sys.argv:
            print(f"{case}: {how}")
    print(f"{'':18} {'fair':>12} {'unfair':>12} {'wrong':>6}")
    total = sum(kinds.values(), Counter[str]())
    for kind, count in [*sorted(kinds.items()), ("all", total)]:
        print(
            f"{kind:18} {count['landed']:>5} of {count['fair']:>3} {count['refused']:>5} of {count['unfair']:>3} "
            f"{count['wrong']:>6}"
        )
    print(f"{len(cases)} cases, {1000 * seconds / len(cases):.1f} ms each")
    return 1 if total["wrong"] else 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
