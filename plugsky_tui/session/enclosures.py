"""What goes along with a prompt, as text: files and threads it names, and commands the user ran.

They are part of the user's message, so that a thread holds exactly what was sent. Front ends show the words alone,
and a line for each enclosure: `split` takes them apart again. No content can pose as the end of its enclosure: each
of its lines begins with a line number, `>` or `(`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BLOCK = re.compile(r'<(file|thread) name="([^"\n]*)" note="([^"\n]*)">\n')
_INSIDE = re.compile(r" *\d+\t|> ?|\(")
_RAN = "I ran in the shell: "
_RAN_BLOCK = re.compile(
    re.escape(_RAN) + r"[^\n]*\n(?P<fence>`{3,})bash\n(?P<command>.*?)\n(?P=fence)\n"
    r"It printed:\n(?P<second>`{3,})console\n(?P<output>.*?)\n?(?P=second)\n\((?P<end>[^\n]*)\)",
    re.DOTALL,
)
OK = "exit code 0"


@dataclass(slots=True)
class Enclosure:
    """`name` as the prompt has it, `note` says how much there is of it; `text` has numbered or quoted lines."""

    kind: str
    name: str
    note: str
    text: str

    @property
    def line(self) -> str:
        """For people: "README.md · 40 lines"."""
        return f"{self.name} · {self.note}" if self.note else self.name


@dataclass(slots=True)
class Ran:
    """A command of the user's. `end` says how it ended: "exit code 0"."""

    command: str
    output: str
    end: str

    @property
    def ok(self) -> bool:
        return self.end == OK


def enclose(prompt: str, enclosures: list[Enclosure]) -> str:
    """The message: `prompt`, and what it names behind it."""
    return "\n\n".join([prompt, *map(_block, enclosures)])


def split(message: str) -> tuple[str, list[Enclosure]]:
    """The words of a message, and what was enclosed; both as `enclose` had them."""
    if not message.endswith(("</file>", "</thread>")):
        return message, []
    for found in re.finditer(r"\n\n(?=<(?:file|thread) name=)", message):
        enclosures = _blocks(message, found.end())
        if enclosures is not None:
            return message[: found.start()], enclosures
    return message, []


def ran_text(ran: Ran) -> str:
    """A command and what came of it, as a message to the model."""
    first = " ".join(ran.command.split())
    head = first if len(first) <= 60 else f"{first[:59]}…"
    return f"{_RAN}{head}\n{_fenced(ran.command, 'bash')}\nIt printed:\n{_fenced(ran.output.rstrip(), 'console')}\n({ran.end})"


def ran_of(message: str) -> Ran | None:
    """The command that a message tells of; None for any other message."""
    if not message.startswith(_RAN):
        return None
    found = _RAN_BLOCK.fullmatch(message)
    return Ran(found["command"], found["output"], found["end"]) if found is not None else None


def quoted(text: str) -> str:
    """`text` so that none of its lines can end an enclosure."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _blocks(message: str, at: int) -> list[Enclosure] | None:
    """The enclosures from `at` to the end; None where there is anything else."""
    found: list[Enclosure] = []
    while at < len(message):
        head = _BLOCK.match(message, at)
        if head is None:
            return None
        kind, name, note = head.groups()
        end = f"</{kind}>"
        start = place = head.end()
        while not message.startswith(end, place):
            if not (_INSIDE.match(message, place) or message.startswith("\n", place)):
                return None
            place = message.find("\n", place) + 1
            if place == 0:
                return None
        found.append(Enclosure(kind, name, note, message[start : place - 1]))
        at = place + len(end)
        if at < len(message):
            if not message.startswith("\n\n", at):
                return None
            at += 2
    return found


def _block(one: Enclosure) -> str:
    text = one.text.rstrip("\n")
    return f'<{one.kind} name="{_plain(one.name)}" note="{_plain(one.note)}">\n{text}\n</{one.kind}>'


def _fenced(text: str, language: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _plain(text: str) -> str:
    return text.replace('"', "'").replace("\n", " ")
