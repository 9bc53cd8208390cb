"""What is said of checks: to people in a few lines, to the model with all it needs to mend them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plugsky_tui.kernel.record import record
from plugsky_tui.workspace.processes import Ended
from plugsky_tui.workspace.spill import Spill

OUTPUT_LIMIT = 8_000  # characters of what all failed checks printed, for the model
_LEAST_EACH = 1_500
_COMMAND_LIMIT = 100
_SHOWN_LINES = 3  # of the beginning, and of the end, for people
_LINE_LIMIT = 160


@record
class Failure:
    """A check that found something: `line` is what ran, `how` how it ended ("exit code 1"), `output` what it printed."""

    line: str
    how: str
    output: str
    saved_in: str | None = None


def brief(line: str) -> str:
    """A command on one short line."""
    words = " ".join(line.split())
    return words if len(words) <= _COMMAND_LIMIT else words[: _COMMAND_LIMIT - 1] + "…"


def how_it_ended(ended: Ended, limit_s: float) -> str:
    if ended.timed_out:
        return f"stopped: it took longer than {limit_s:g} s"
    return f"ended by the signal {ended.signal}" if ended.signal else f"exit code {ended.exit_code}"


def excerpt(output: str, *, whole: bool = True) -> str:
    """The first and the last lines, for people: "" where there are none. Of what is not the `whole` nothing is counted."""
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    more = len(lines) - 2 * _SHOWN_LINES
    if more > 1:
        lines = [*lines[:_SHOWN_LINES], f"… {more} more lines …" if whole else "…", *lines[-_SHOWN_LINES:]]
    return "\n".join(line if len(line) <= _LINE_LIMIT else line[: _LINE_LIMIT - 1] + "…" for line in lines)


def objection(
    failures: Sequence[Failure], rewritten: Mapping[str, Sequence[str]], spill: Spill, *, time: int, most: int
) -> str:
    """What the model is told of `failures`. `rewritten`: command -> files that it has changed; `time` of `most`."""
    several = len(failures) > 1
    room = max(OUTPUT_LIMIT // len(failures), _LEAST_EACH)
    parts = [
        f"(From plugsky, not from the user.) After your changes, {'these checks fail' if several else 'this check fails'}. "
        f"Fix what {'they find' if several else 'it finds'}, or say why it cannot be fixed. "
        f"They run again when you end your answer (this is time {time} of {most})."
    ]
    for failure in failures:
        output = _bounded(failure, room, spill).strip("\n") or "(no output)"
        fence = _fence(output)
        parts.append(f"`{failure.line}` ({failure.how}):\n{fence}\n{output}\n{fence}")
    for line, files in rewritten.items():
        parts.append(f"`{brief(line)}` has changed {', '.join(files)}: read again what you edit of that.")
    return "\n\n".join(parts)


def _bounded(failure: Failure, room: int, spill: Spill) -> str:
    """Head and tail of the output, cut at line ends, with the file that has all of it named between them."""
    output = failure.output
    if len(output) <= room:
        return output
    head, tail = output[: room // 4], output[-(room - room // 4) :]
    head = head[: head.rfind("\n", len(head) // 2) + 1] or head
    tail = tail[tail.find("\n", 0, len(tail) // 2) + 1 :]
    saved_in = failure.saved_in or spill.save("check", output)
    where = f"the whole output is in {saved_in}" if saved_in else "no file could be made to hold it"
    end = "" if head.endswith("\n") else "\n"
    return f"{head}{end}[… more is left out here; {where} …]\n{tail}"


def _fence(text: str) -> str:
    """A fence that `text` does not hold."""
    fence = "```"
    while fence in text:
        fence += "`"
    return fence
