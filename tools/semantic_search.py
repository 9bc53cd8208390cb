"""semantic_search: places in files that are near in meaning to a question, by the index of `plugsky index`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from plugsky_tui.kernel.display import TextBlock
from plugsky_tui.tooling import Also, Plan, Progress, Tool, ToolContext, ToolError, ToolResult
from plugsky_tui.tooling.needs import visible
from plugsky_tui.tooling.semantic import Found, Passage

MOST = 50  # passages
OUTPUT_LIMIT = 40_000  # characters in all
PASSAGE_LINES = 80  # shown of one
LINE_LIMIT = 400  # characters of one line


@dataclass
class Params:
    query: Annotated[
        str, "What you look for, in words: what the code does, not what it is called.", Also("question", "text")
    ]
    limit: Annotated[int, "How many places to show at most.", Also("top_k", "max_results")] = 8
    path: Annotated[str, 'Only in this folder or file, or in paths that match a glob such as "src/**/*.py".'] = ""


class SemanticSearch(Tool[Params]):
    name = "semantic_search"
    description = """Finds code and text by meaning, in the semantic index that the user has built of this folder: `path:first-last`, how near it is (at most 1), and the lines. Use it when you don't know what things are called here ("where are requests tried again?").
For a name, a string or a pattern grep is exact and complete; for definitions of a symbol use symbols."""
    reads_only = True
    main_parameter = "query"
    absent = "There is no semantic index of this folder.\nThe user can build one with: plugsky index. Until then, use grep and symbols."

    def offered(self, context: ToolContext) -> bool:
        return context.semantic is not None and context.semantic.built

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        query = params.query.strip()
        if not query:
            raise ToolError("The query is empty.", hint="Say in a sentence what you look for.")
        if not 1 <= params.limit <= MOST:
            raise ToolError(f"limit is from 1 to {MOST}.", hint="Leave it out: 8 is enough for a first look.")
        index = context.semantic
        if index is None:
            message, _, hint = self.absent.partition("\n")
            raise ToolError(message, hint=hint)
        within, where = _within(params.path.strip(), context)

        async def act(progress: Progress) -> ToolResult:
            text = _text(await index.search(query, params.limit, within), where)
            return ToolResult(text, display=[TextBlock(text)])

        return Plan(f"Search by meaning: {query}" + (f" in {where}" if where else ""), act)


def _within(path: str, context: ToolContext) -> tuple[list[str], str]:
    """The globs that a path stands for, and how it is shown; none for the whole folder. ToolError outside of it."""
    if path in ("", ".", "./", "/", context.root.real, context.root.folder):
        return [], ""
    if "\0" in path:
        raise ToolError("The path holds a NUL byte, which no file name can.", hint='Give a path such as "src".')
    relative = context.root.relative(context.root.absolute(path)) if path.startswith(("/", "~")) else path
    if relative is None or ".." in relative.split("/"):
        raise ToolError(
            f"{visible(path)} lies outside the folder that is indexed.",
            hint="Give a path in it, or none for all of it.",
        )
    plain = relative.removeprefix("./").rstrip("/")
    if any(letter in plain for letter in "*?[{"):
        return [plain], visible(plain)
    return [f"/{plain}", f"{plain}/**"], visible(plain)  # one file of that path, not of that name anywhere


def _text(found: Found, where: str) -> str:
    lines: list[str] = []
    size = shown = 0
    for passage in found.passages:
        block = _block(passage)
        size += sum(map(len, block)) + len(block)
        if shown and size > OUTPUT_LIMIT:
            break
        lines += [*block, ""]
        shown += 1
    notes = list(found.notes)
    if left := len(found.passages) - shown:
        notes.insert(0, f"{left} more, for which there is no room: ask for fewer with limit, or narrow path")
    if not found.passages:
        lines.append(f"Nothing is indexed{f' in {where}' if where else ''} that may be read.")
    return "\n".join([*lines, *(f"({note})" for note in notes)]).rstrip()


def _block(passage: Passage) -> Sequence[str]:
    """`path:first-last`, the score, and the lines as `read` numbers them."""
    head = f"{visible(passage.path)}:{passage.first}-{passage.last}  {passage.score:.2f}"
    if passage.changed:
        head += "  (changed since it was indexed: these lines are what stands there now)"
    texts = passage.text.split("\n")
    numbered = [f"{at:6}\t{_clipped(line)}" for at, line in enumerate(texts[:PASSAGE_LINES], passage.first)]
    if len(texts) > PASSAGE_LINES:
        numbered.append(f"     …\t({len(texts) - PASSAGE_LINES} more)")
    return [head, *numbered]


def _clipped(line: str) -> str:
    return line if len(line) <= LINE_LIMIT else f"{line[:LINE_LIMIT]}… ({len(line):,} characters)"
