"""The program that parses: started by its path, in isolation, it reads orders and answers each with a line.

An order is a JSON array: path, language, and the name whose uses are wanted ("" for the file's tags). An
answer is what went wrong ("" for nothing), the content's digest, and the tags or the uses, with tabs between.
A parser is C code on anybody's file: one that hangs is ended by the system after CPU_LIMIT_S, one
that wants all memory is refused it, one that crashes takes nothing with it but this process.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from contextlib import suppress
from hashlib import blake2b
from typing import Any

CPU_LIMIT_S = 3.0  # for one file: the largest that are parsed at all take one
MEMORY_LIMIT = 2 * 1024**3  # bytes of address space


def main() -> None:
    packages = sys.argv[1:]
    sys.path += [each for each in packages if each not in sys.path]
    _limit_memory()
    _leave_interrupts_to_the_parent()
    gc.disable()  # nothing here makes cycles, and trees are many objects to look through
    output = os.fdopen(os.dup(1), "wb")
    for line in sys.stdin.buffer:
        order: list[Any] = json.loads(line)
        _start_clock()
        output.write(_answer(*order).encode("utf-8", "replace") + b"\n")
        output.flush()


def _answer(path: str, language_name: str, name: str) -> str:
    from plugsky_tui.workspace.symbols.languages import language_named, language_within
    from plugsky_tui.workspace.symbols.source import Unreadable, as_utf8, check_written, read_source

    digest = ""
    try:
        data = read_source(path)
        digest = digest_of(data)
        data = as_utf8(data)
        check_written(data)
        language = language_within(language_named(language_name), data)
        return f"\t{digest}\t{_result(data, language, name)}"
    except Unreadable as error:
        return f"{error}\t{digest}\t"
    except MemoryError:
        return f"takes too much memory to parse\t{digest}\t"


def _result(data: bytes, language: Any, name: str) -> str:
    if name:
        from plugsky_tui.workspace.symbols.uses import find_uses

        return json.dumps(find_uses(data, language, name))
    from plugsky_tui.workspace.symbols.extract import extract

    return extract(data, language).to_json()


def digest_of(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def _limit_memory() -> None:
    with suppress(ImportError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = MEMORY_LIMIT if hard == resource.RLIM_INFINITY else min(MEMORY_LIMIT, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _leave_interrupts_to_the_parent() -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _start_clock() -> None:
    """End this process when it has computed for too long: also inside C code, also when nobody waits any more."""
    import signal

    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_VIRTUAL, CPU_LIMIT_S)


if __name__ == "__main__":
    main()
