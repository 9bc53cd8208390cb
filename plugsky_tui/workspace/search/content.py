"""Searching the text of files: by ripgrep, else by a process of our own that answers in the same form.

The pattern is a regular expression, matched line by line (over lines where it names a line end).
Secrets, ignored, binary and special files are left out. Of a secret nothing is said but its name:
whether it matched would tell what is in it.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.search import scan
from plugsky_tui.workspace.search.commands import RIPGREP_RULES, not_repositories, parent_rules
from plugsky_tui.workspace.search.globs import matcher
from plugsky_tui.workspace.search.listing import Listing, Means, is_secret, list_files, secrets_by_ripgrep
from plugsky_tui.workspace.search.messages import MESSAGE_LIMIT, Collector, Found
from plugsky_tui.workspace.search.patterns import NeedsRipgrepError, for_re
from plugsky_tui.workspace.search.programs import Running

TIME_LIMIT_S = 30.0
MATCH_LIMIT = 20_000  # matching lines collected: more than anyone reads, and they must be put in order
_PLAIN_GLOB = re.compile(r"[\w.*{},-]+")
_OVER_LINES = re.compile(r"\n|(?<!\\)(?:\\\\)*\\n")
_RETURNS = re.compile(r"\r|(?<!\\)(?:\\\\)*\\r")
_ENDS = re.compile(r"(?<!\\)((?:\\\\)*)\\([Az])")
_UNREADABLE = re.compile(r"^(?:rg: )?\./(.*): (.*) \(os error \d+\)$", re.MULTILINE)


@dataclass(slots=True)
class Query:
    """`glob` as in `globs.matcher` ("" for every file); `context` is lines before and after each match."""

    pattern: str
    glob: str = ""
    context: int = 0
    ignore_case: bool = False

    @property
    def over_lines(self) -> bool:
        return _OVER_LINES.search(self.pattern) is not None

    @property
    def returns(self) -> bool:
        """Whether carriage returns are asked for: else one at the end of a line is not part of it."""
        return _RETURNS.search(self.pattern) is not None

    @property
    def by_line(self) -> str:
        r"""The pattern. Where each line is looked at by itself, `\A` and `\z` are its ends, whoever looks."""
        if self.over_lines:
            return self.pattern
        return _ENDS.sub(lambda found: found[1] + ("^" if found[2] == "A" else "$"), self.pattern)


async def search_folder(folder: str, query: Query, means: Means, may_read: Callable[[str], bool]) -> Found:
    """Matches under the real path `folder`. `may_read` is asked with the absolute path of each file that has some.

    ToolError where the pattern or the glob is wrong.
    """
    wanted = _wanted(query.glob)
    ripgrep = means.ripgrep()
    if ripgrep is not None:
        by_ripgrep, secrets = await asyncio.gather(
            _by_ripgrep(ripgrep, folder, "./", query, means), secrets_by_ripgrep(ripgrep, folder, means)
        )
        if by_ripgrep is not None:
            by_ripgrep.files = [
                file for file in by_ripgrep.files if wanted(file.path) and not is_secret(folder, file.path)
            ]
            by_ripgrep.skipped = {path: why for path, why in by_ripgrep.skipped.items() if wanted(path)}
            by_ripgrep.secrets = [path for path in secrets if wanted(path)]
            return _allowed(by_ripgrep, folder, may_read)
    listing = await list_files(folder, means)
    found = await _by_scan(folder, [path for path in listing.files if wanted(path)], query, means)
    found.secrets = [path for path in listing.secrets if wanted(path)]
    _note_more(found, listing)
    return _allowed(found, folder, may_read)


async def search_file(folder: str, name: str, query: Query, means: Means) -> Found:
    """Matches in one regular file, whatever it is called: whoever names it has been allowed to read it."""
    ripgrep = means.ripgrep()
    if ripgrep is not None:
        found = await _by_ripgrep(ripgrep, folder, name, query, means)
        if found is not None:
            return found
    return await _by_scan(folder, [name], query, means)


def _wanted(glob: str) -> Callable[[str], bool]:
    if not glob:
        return lambda path: True
    try:
        return matcher(glob)
    except (ValueError, re.error) as error:
        raise ToolError(
            f"The glob {glob!r} is wrong: {error}.", hint='Send one such as "*.py" or "src/**/*.ts".'
        ) from None


def _allowed(found: Found, folder: str, may_read: Callable[[str], bool]) -> Found:
    found.files = [file for file in found.files if may_read(os.path.join(folder, file.path))]
    found.skipped = {
        path: why
        for path, why in found.skipped.items()
        if not is_secret(folder, path) and may_read(os.path.join(folder, path))
    }
    return found


def _note_more(found: Found, listing: Listing) -> None:
    if listing.more and not found.cut_short:
        found.cut_short = f"only the first {len(listing.files):,} files were searched"


async def _by_ripgrep(program: str, folder: str, target: str, query: Query, means: Means) -> Found | None:
    """None where ripgrep's own kind of regular expression cannot say this, and another's perhaps can."""
    arguments = [program, *RIPGREP_RULES, *parent_rules(folder), *not_repositories(), "--json", "--binary", "--no-mmap"]
    arguments += [] if query.returns else ["--crlf"]
    arguments += [f"--context={query.context}"] if query.context else []
    arguments += ["--ignore-case"] if query.ignore_case else ["--case-sensitive"]
    arguments += ["--multiline"] if query.over_lines else []
    if _PLAIN_GLOB.fullmatch(query.glob):  # not --glob: that would also find ignored files
        arguments += [f"--type-add=wanted:{query.glob}", "--type=wanted"]
    arguments += ["--regexp", query.by_line, "--", target]
    running = Running(arguments, folder, means.environment)
    found = await _collect(running, query)
    unreadable = dict(_UNREADABLE.findall(running.error))
    if running.code == 2 and not found.files and not unreadable and not found.cut_short:
        return None
    found.skipped = _files_of(unreadable, folder)
    return found


def _files_of(unreadable: dict[str, str], folder: str) -> dict[str, str]:
    """Folders that cannot be read are not named: our own way does not see them either."""
    return {path: why for path, why in unreadable.items() if not os.path.isdir(os.path.join(folder, path))}


async def _by_scan(folder: str, paths: list[str], query: Query, means: Means) -> Found:
    pattern, careful = await asyncio.to_thread(_for_scan, query)  # a property takes a while to look up
    order = {
        "pattern": pattern,
        "careful": careful,
        "ignore_case": query.ignore_case,
        "over_lines": query.over_lines,
        "returns": query.returns,
        "context": query.context,
        "paths": paths,
    }
    # In a process of its own: an expression may take for ever, and `re` cannot be interrupted.
    arguments = [sys.executable, "-I", "-S", scan.__file__]
    running = Running(arguments, folder, means.environment, json.dumps(order).encode("ascii"))
    found = await _collect(running, query)
    if running.code not in (0, None):
        raise ToolError(
            f"The search failed: {running.error[-500:]}",
            hint="Search a smaller folder, or for a simpler expression.",
        )
    return found


def _for_scan(query: Query) -> tuple[str, str]:
    """The pattern for plain and for other text. ToolError where it is wrong, or cannot be said for `re`."""
    try:
        pattern, careful = for_re(query.by_line), for_re(query.by_line, careful=True)
        scan.compiled(
            pattern, careful, ignore_case=query.ignore_case, over_lines=query.over_lines, returns=query.returns
        )
    except NeedsRipgrepError as error:
        raise ToolError(
            f"The pattern {query.pattern!r} has {error}, which takes ripgrep (rg), and that is not installed.",
            hint="Write it in other words, such as [A-Z] for a property, or ask the user to install ripgrep.",
        ) from None
    except (re.error, OverflowError, RecursionError) as error:
        raise ToolError(
            f"The pattern {query.pattern!r} is not a regular expression: {error}.",
            hint="To search for text as it is, put a backslash before each of . * + ? ( ) [ ] { } | ^ $ \\",
        ) from None
    return pattern, careful


async def _collect(running: Running, query: Query) -> Found:
    """Read the messages of a search until it ends, has found enough or takes too long."""
    # Of matches over lines, ripgrep has all lines in one message, and our own way each in one of its own.
    collector = Collector(places=not query.over_lines)
    try:
        async with asyncio.timeout(TIME_LIMIT_S), aclosing(_messages(running)) as messages:
            async for message in messages:
                collector.take(message)
                if collector.count >= MATCH_LIMIT:
                    collector.found.cut_short = f"the search was stopped after {MATCH_LIMIT:,} matches"
                    break
    except TimeoutError:
        collector.found.cut_short = f"the search was stopped after {TIME_LIMIT_S:.0f} s"
    collector.finish()
    collector.found.files.sort(key=lambda file: file.path)
    return collector.found


async def _messages(running: Running) -> AsyncGenerator[bytes, None]:
    """The lines of the program's output; one beyond the limit is cut, and no longer JSON."""
    held = b""
    async with aclosing(running.stream()) as blocks:
        async for block in blocks:
            lines = (held + block if len(held) <= MESSAGE_LIMIT else held[:MESSAGE_LIMIT] + block).split(b"\n")
            held = lines.pop()
            if len(held) > 2 * MESSAGE_LIMIT:
                held = held[: MESSAGE_LIMIT + 1]
            for line in lines:
                yield line
    if held:
        yield held
