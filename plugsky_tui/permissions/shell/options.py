"""Which options a command may be given, and what its other words are.

A command's options are written in one line: `-abc` are flags that may be clustered, `-n:n` takes a
number, `-e:t` any text, `-f:p` a file it reads, `--color?` may have `=text`, `-#` stands for `-5`,
`-race!` and `-run:t` are single words behind one dash, as Go has them.
After the bar come the operands: `paths` (files it reads), `names` (files it only looks at),
`text`, `numbers`, `none`; `pattern paths` is one text, then paths; `paths<2` at most one.

Only what is written here is known: an abbreviation GNU's getopt would take, or a letter in a
cluster that is not listed, makes the command one that is asked about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

Kind = Literal["text", "number", "path", "name"]
_KINDS: dict[str, Kind] = {"t": "text", "n": "number", "p": "path", "m": "name"}


class Unlisted(Exception):
    """The command has an option or operand that its table does not know; the message says which."""


@dataclass(slots=True)
class Spec:
    """`flags`, `optional` and `valued` are options with their dashes, `words` those of them that are words behind one."""

    flags: frozenset[str]
    optional: frozenset[str]
    valued: dict[str, Kind]
    words: frozenset[str]
    dash_number: bool
    operands: Kind
    first_is_pattern: bool
    limit: int | None


@dataclass(slots=True)
class Use:
    """A use of a command that its table covers: the options given, and the files it looks at."""

    options: set[str] = field(default_factory=set)
    operands: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


_PATTERN_OPTIONS = frozenset({"-e", "-f", "--regexp", "--file", "--files", "--type-list"})


@lru_cache(maxsize=256)
def read_spec(text: str) -> Spec:
    options, _, operands = text.partition("|")
    flags: set[str] = set()
    optional: set[str] = set()
    valued: dict[str, Kind] = {}
    words: set[str] = set()
    for item in options.split():
        name, colon, kind = item.partition(":")
        if colon:
            valued[name] = _KINDS[kind]
            if len(name) > 2 and name[1] != "-":
                words.add(name)
        elif name.endswith("!"):
            flags.add(name[:-1])
            words.add(name[:-1])
        elif name.startswith("--"):
            (optional if name.endswith("?") else flags).add(name.rstrip("?"))
        else:
            flags |= {f"-{letter}" for letter in name[1:]}
    described = operands.strip() or "none"
    kind_text, _, limit = described.partition("<")
    first_is_pattern = kind_text.startswith("pattern")
    kind = kind_text.split()[-1]
    kinds: dict[str, Kind] = {"paths": "path", "names": "name", "text": "text", "numbers": "number", "none": "text"}
    most = 0 if kind == "none" else int(limit) - 1 if limit else None
    return Spec(
        frozenset(flags),
        frozenset(optional),
        valued,
        frozenset(words),
        "-#" in flags,
        kinds[kind],
        first_is_pattern,
        most,
    )


def use_of(spec: Spec, args: list[str]) -> Use:
    """How `args` use a command of this kind. Unlisted names the first word that is not known."""
    use = Use()
    i = 0
    while i < len(args):
        arg = args[i]
        i += 1
        if arg == "--":
            use.operands += args[i:]
            break
        if not arg.startswith("-") or arg == "-":
            use.operands.append(arg)
        elif arg.startswith("--") or arg.partition("=")[0] in spec.words:
            i = _long(spec, use, args, i)
        elif spec.dash_number and arg[1:].isdigit():
            use.options.add("-#")
        else:
            i = _cluster(spec, use, args, i)
    _place(spec, use)
    return use


def _long(spec: Spec, use: Use, args: list[str], i: int) -> int:
    name, equals, value = args[i - 1].partition("=")
    use.options.add(name)
    if name in spec.valued:
        if not equals:
            if i >= len(args):
                raise Unlisted(name)
            value, i = args[i], i + 1
        _value(spec.valued[name], name, value, use)
        return i
    if name in spec.optional or (name in spec.flags and not equals):
        return i
    raise Unlisted(args[i - 1])


def _cluster(spec: Spec, use: Use, args: list[str], i: int) -> int:
    letters = args[i - 1][1:]
    for place, letter in enumerate(letters):
        name = f"-{letter}"
        use.options.add(name)
        if name in spec.valued:
            value = letters[place + 1 :]
            if not value:
                if i >= len(args):
                    raise Unlisted(name)
                value, i = args[i], i + 1
            _value(spec.valued[name], name, value, use)
            return i
        if name not in spec.flags:
            raise Unlisted(args[i - 1])
    return i


def _value(kind: Kind, name: str, value: str, use: Use) -> None:
    match kind:
        case "number" if not re.fullmatch(r"[+-]?\d+[A-Za-z]{0,3}", value):
            raise Unlisted(f"{name} {value}")
        case "path":
            use.paths.append(value)
        case "name":
            use.names.append(value)
        case _:
            pass


def _place(spec: Spec, use: Use) -> None:
    operands = use.operands
    if spec.first_is_pattern and use.options.isdisjoint(_PATTERN_OPTIONS):
        operands = operands[1:]
    if spec.limit is not None and len(operands) > spec.limit:
        raise Unlisted(operands[spec.limit])
    match spec.operands:
        case "path":
            use.paths += [operand for operand in operands if operand != "-"]
        case "name":
            use.names += operands
        case "number":
            for operand in operands:
                if not re.fullmatch(r"-?\d+(\.\d+)?[smhd]?", operand):
                    raise Unlisted(operand)
        case _:
            pass
