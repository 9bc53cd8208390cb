"""What `/copy` can be asked for, in both user interfaces."""

from __future__ import annotations

# What its argument may be; none is the whole of the last answer.
WHAT = ("code", "all")


def last_code(answer: str) -> str:
    """The code of the last block of code in `answer`, without its fence; "" where it has none."""
    from plugsky_tui.frontends.markdown.leaves import Code  # for whoever asks for it
    from plugsky_tui.frontends.markdown.splitter import Splitter

    splitter = Splitter()
    splitter.feed(answer)
    splitter.finish()
    codes: list[Code] = []
    for leaf in splitter.leaves:
        if isinstance(leaf, Code):
            codes = [*codes, leaf] if leaf.before is not None else [leaf]
    return "\n".join(line for code in codes for line in code.lines)
