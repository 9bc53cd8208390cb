"""A command line, parsed by tree-sitter-bash into `syntax` nodes, within limits."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING

from plugsky_tui.permissions.shell.lexer import Token, Unsure, tokens
from plugsky_tui.permissions.shell.syntax import (
    Fed,
    Joined,
    Line,
    Node,
    Opaque,
    Pipeline,
    Redirect,
    Sequence,
    Simple,
    Word,
    simple_commands,
)
from plugsky_tui.permissions.shell.words import read_word

if TYPE_CHECKING:
    from tree_sitter import Node as TreeNode
    from tree_sitter import Parser

MAX_BYTES = 8 * 1024
MAX_LINES = 200
MAX_PARTS = 50
MAX_DEPTH = 60
MAX_SECONDS = 0.05
_MANY_OPERATORS = 500  # quoted ones too: beyond this the grammar's own time grows faster than it can be stopped
_CHUNK = 4096  # bytes given to the parser at a time: it can only be stopped when it asks for them

_WORDS = frozenset(
    "word string raw_string concatenation number ansi_c_string translated_string brace_expression simple_expansion "
    "expansion command_substitution process_substitution arithmetic_expansion variable_name regex extglob_pattern "
    "subscript array".split()
)
_STATEMENTS = frozenset(
    "command pipeline list redirected_statement negated_command test_command declaration_command unset_command "
    "subshell compound_statement if_statement for_statement c_style_for_statement while_statement case_statement "
    "function_definition variable_assignment variable_assignments".split()
)
_WHAT = {
    "subshell": "a subshell",
    "compound_statement": "a group of commands",
    "if_statement": "an if statement",
    "for_statement": "a loop",
    "c_style_for_statement": "a loop",
    "while_statement": "a loop",
    "case_statement": "a case statement",
    "function_definition": "a function definition",
    "test_command": "a [[ ]] condition",
}


class _Refused(Exception):
    """The tree holds something that must not be read as something else."""


def parse(command: str) -> Line:
    """Read `command`. Never raises: what is too long, takes too long or is not understood is a `problem`."""
    if problem := _unreadable(command):
        return Line(None, problem)
    source = command.encode()
    root = _tree(source)
    if isinstance(root, str):
        return Line(None, root)
    try:
        node = _Builder(source).statements(root, 0)
    except (_Refused, RecursionError) as refused:
        return Line(None, str(refused) or "it is nested too deeply")
    parts = 0
    flat = True
    for simple in simple_commands(node):
        parts += 1
        flat = flat and _flat(simple)
    if parts > MAX_PARTS:
        return Line(node, f"it has more than {MAX_PARTS} parts")
    if parts == 0 and not _holds_opaque(node):
        return Line(None, "there is no command in it")
    if flat and not _holds_opaque(node):
        try:
            agreed = tokens(source.decode("latin-1")) == list(_places(root))
        except Unsure:
            agreed = False
        if not agreed:
            return Line(node, "it can be read in more than one way")
    return Line(node)


def _unreadable(command: str) -> str:
    try:
        size = len(command.encode())
    except UnicodeEncodeError:
        return "it holds characters that are no text"
    if size > MAX_BYTES:
        return f"it is longer than {MAX_BYTES // 1024} KiB"
    if command.count("\n") >= MAX_LINES:
        return f"it has more than {MAX_LINES} lines"
    if sum(map(command.count, "|;&")) > _MANY_OPERATORS:
        return f"it has more than {MAX_PARTS} parts"
    if not command.strip():
        return "it is empty"
    if hidden := hidden_character(command):
        return hidden
    return ""


def hidden_character(text: str) -> str:
    """What is wrong with `text` to the eye: control, invisible and look-alike blank characters, else ""."""
    for char in text:
        if char in "\n\t" or " " <= char <= "~":
            continue
        if char == "\r":
            return "it holds a carriage return, which hides what comes before it"
        if char < " " or char == "\x7f":
            return "it holds a control character"
        import unicodedata  # only where the text is not plain

        if unicodedata.category(char) in ("Zs", "Zl", "Zp", "Cc", "Cf", "Co", "Cn", "Cs") or char in _BLANK_LETTERS:
            return f"it holds a character that cannot be seen (U+{ord(char):04X})"
    return ""


_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5\u2800")


@cache
def _parser() -> Parser:
    import tree_sitter_bash  # 20 ms with the library: only when a command is judged
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


def _tree(source: bytes) -> TreeNode | str:
    """The root of the tree, or why there is none. The parser is stopped when its time is over."""
    until = monotonic() + MAX_SECONDS

    def chunk(offset: int, _: object) -> bytes:
        return source[offset : offset + _CHUNK]

    def overdue(_: int, __: bool) -> bool:
        return monotonic() > until

    try:
        tree = _parser().parse(chunk, progress_callback=overdue)
    except ValueError:  # what the library makes of a parse that was stopped
        _parser().reset()
        return "it takes too long to read"
    if tree.root_node.has_error:
        return "it cannot be parsed"
    return "it takes too long to read" if monotonic() > until else tree.root_node


def _flat(simple: Simple) -> bool:
    """No expansion anywhere in it: what the second reader can tell."""
    if simple.assignments or simple.inner or any(not fed.literal for fed in simple.fed):
        return False
    return all(word.exact for word in simple.words) and all(redirect.target.exact for redirect in simple.redirects)


def _holds_opaque(node: Node) -> bool:
    match node:
        case Opaque():
            return True
        case Simple():
            return any(word.inner for word in node.words)
        case Joined():
            return _holds_opaque(node.left) or _holds_opaque(node.right)
        case Pipeline():
            return any(map(_holds_opaque, node.stages))
        case Sequence():
            return any(map(_holds_opaque, node.items))


def _places(node: TreeNode) -> Iterator[Token]:
    """The places of words and operators in the tree, to compare with the second reading."""
    if node.type in ("comment", "heredoc_body", "heredoc_end", "heredoc_content"):
        return
    if node.type in _WORDS or node.child_count == 0:
        if node.end_byte > node.start_byte and node.type != "\n":
            yield node.start_byte, node.end_byte, node.type == "file_descriptor"
        return
    for child in node.children:
        yield from _places(child)


class _Builder:
    def __init__(self, source: bytes) -> None:
        self.source = source

    def text(self, node: TreeNode) -> str:
        return self.source[node.start_byte : node.end_byte].decode()

    def statements(self, node: TreeNode, depth: int) -> Sequence:
        items: list[Node] = []
        behind: set[int] = set()
        for child in node.children:
            if child.type == "comment":
                continue
            if not child.is_named:
                if child.type == "&" and items:
                    behind.add(len(items) - 1)
                continue
            items.append(self.statement(child, depth + 1))
        return Sequence(items, frozenset(behind))

    def statement(self, node: TreeNode, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise _Refused("it is nested too deeply")
        if node.is_missing or node.type == "ERROR":
            raise _Refused("it cannot be parsed")
        match node.type:
            case "command":
                return self.command(node, depth)
            case "redirected_statement":
                return self.redirected(node, depth)
            case "pipeline":
                return Pipeline(
                    [self.statement(child, depth + 1) for child in node.named_children if child.type != "comment"]
                )
            case "list":
                left, operator, right = (child for child in node.children if child.type != "comment")
                return Joined(self.statement(left, depth + 1), operator.type, self.statement(right, depth + 1))
            case "negated_command":
                return Sequence([self.statement(child, depth + 1) for child in node.named_children])
            case "variable_assignment" | "variable_assignments":
                return self.assigned(node, depth)
            case "declaration_command" | "unset_command":
                return Simple(
                    self.text(node),
                    [read_word(self.text(child)) for child in node.children],
                    inner=self.inner(node, depth),
                )
            case "test_command" if self.text(node).startswith("[") and not self.text(node).startswith("[["):
                return self.bracket(node, depth)
            case kind:
                return Opaque(self.text(node), _WHAT.get(kind, "something unusual"), self.inner(node, depth))

    def command(self, node: TreeNode, depth: int) -> Simple:
        simple = Simple(self.text(node), [])
        for child in node.children:
            match child.type:
                case "command_name":
                    simple.words.append(self.word(child.children[0], depth))
                case "variable_assignment":
                    simple.assignments.append(self.text(child))
                    simple.inner += self.inner(child, depth)
                case "file_redirect":
                    simple.redirects.append(self.redirect(child, depth))
                case "herestring_redirect" | "heredoc_redirect":
                    simple.fed.append(self.fed(child, depth))
                case _:
                    simple.words.append(self.word(child, depth))
        return simple

    def redirected(self, node: TreeNode, depth: int) -> Node:
        redirects: list[Redirect] = []
        fed: list[Fed] = []
        body: Node | None = None
        for child in node.children:
            match child.type:
                case "file_redirect":
                    redirects.append(self.redirect(child, depth))
                case "herestring_redirect" | "heredoc_redirect":
                    fed.append(self.fed(child, depth))
                    redirects += self.after_heredoc(child, depth)
                    if any(inner.type in _STATEMENTS for inner in child.named_children):
                        # The grammar puts what follows `<<EOF |` under the redirection; it is not followed there.
                        return Opaque(self.text(node), "a here-document in a longer line", self.inner(node, depth))
                case "comment":
                    pass
                case _:
                    body = self.statement(child, depth + 1)
        if body is None:
            return Simple(self.text(node), [], redirects=redirects, fed=fed)
        # `a | b > x`: the grammar wraps the pipeline, for bash it is b that writes.
        last = _last_simple(body)
        if last is None:
            return Opaque(
                self.text(node),
                "a redirected group of commands",
                [body, Simple(self.text(node), [], redirects=redirects, fed=fed)],
            )
        last.redirects += redirects
        last.fed += fed
        if body is last:
            last.raw = self.text(node).partition("\n")[0] if fed else last.raw
        return body

    def after_heredoc(self, node: TreeNode, depth: int) -> list[Redirect]:
        """Further redirections behind `<<EOF`. Words there are the command's, but the grammar has lost whose."""
        known = ("heredoc_start", "heredoc_body", "heredoc_end", "file_descriptor", "file_redirect")
        if node.type == "heredoc_redirect" and any(
            child.type not in known and child.type not in _STATEMENTS for child in node.named_children
        ):
            raise _Refused("it can be read in more than one way")
        return [self.redirect(child, depth) for child in node.named_children if child.type == "file_redirect"]

    def assigned(self, node: TreeNode, depth: int) -> Simple:
        each = [node] if node.type == "variable_assignment" else node.named_children
        return Simple(self.text(node), [], [self.text(child) for child in each], inner=self.inner(node, depth))

    def bracket(self, node: TreeNode, depth: int) -> Node:
        """`[ -f x ]` is a command like any other, but the grammar takes its words apart."""
        inner = self.inner(node, depth)
        text = self.source[node.start_byte : node.end_byte].decode("latin-1")
        try:
            words = [text[start:end].encode("latin-1").decode() for start, end, _ in tokens(text)]
        except (Unsure, UnicodeDecodeError):
            return Opaque(self.text(node), "a condition", inner)
        simple = Simple(self.text(node), [read_word(word) for word in words])
        simple.inner = inner
        return simple

    def redirect(self, node: TreeNode, depth: int) -> Redirect:
        operator = next(child for child in node.children if not child.is_named).type
        targets = [child for child in node.named_children if child.type != "file_descriptor"]
        if len(targets) > 1:
            # `> out more words`: the grammar takes the words after the target for targets too.
            raise _Refused("it can be read in more than one way")
        target = self.word(targets[0], depth) if targets else Word("-", "-")
        if operator.endswith("-") and len(operator) > 1:
            operator = operator[:-1]
        return Redirect(self.text(node), operator, target)

    def fed(self, node: TreeNode, depth: int) -> Fed:
        if node.type == "herestring_redirect":
            word = self.word(node.named_children[-1], depth)
            return Fed(word.exact, word.inner)
        start = next(child for child in node.children if child.type == "heredoc_start")
        body = next((child for child in node.children if child.type == "heredoc_body"), None)
        delimiter = self.text(start)
        text = self.text(body) if body is not None else ""
        literal = any(mark in delimiter for mark in "'\"\\") or not any(mark in text for mark in "$`\\")
        return Fed(literal, [] if literal or body is None else self.inner(body, depth))

    def word(self, node: TreeNode, depth: int) -> Word:
        if node.type not in _WORDS or node.is_missing:
            raise _Refused("it cannot be parsed")
        word = read_word(self.text(node))
        if node.type not in ("word", "string", "raw_string", "concatenation", "number"):
            word.exact = False
        word.inner = self.inner(node, depth) if node.child_count else []
        if word.inner:
            word.exact = False
        return word

    def inner(self, node: TreeNode, depth: int) -> list[Node]:
        """The statements below `node`, each only once and with all that is in it."""
        found: list[Node] = []
        for child in node.named_children:
            if child.type in _STATEMENTS and child.type != "variable_assignment":
                found.append(self.statement(child, depth + 1))
            elif child.type not in ("comment", "heredoc_content"):
                if depth > MAX_DEPTH:
                    raise _Refused("it is nested too deeply")
                found += self.inner(child, depth + 1)
        return found


def _last_simple(node: Node) -> Simple | None:
    match node:
        case Simple():
            return node
        case Joined():
            return _last_simple(node.right)
        case Pipeline():
            return _last_simple(node.stages[-1])
        case Sequence():
            return _last_simple(node.items[-1]) if node.items else None
        case Opaque():
            return None
