"""Which files are source code of which language, and what reads them.

A language is loaded (its grammar, its queries) where its first file is parsed: in a worker process.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache

QUERIES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "queries")


@dataclass(frozen=True, slots=True)
class Language:
    """`module` and `function` give the grammar; the queries are joined from files of these names.

    A name used in one `family` is not looked for in another. `bare_methods`: methods are called by their
    name alone, from within their class.
    """

    name: str
    module: str
    suffixes: tuple[str, ...]
    definitions: tuple[str, ...]
    references: tuple[str, ...]
    family: str = ""
    function: str = "language"
    file_names: tuple[str, ...] = ()
    bare_methods: bool = False


def _plain(name: str, *suffixes: str, file_names: tuple[str, ...] = (), bare_methods: bool = False) -> Language:
    module = f"tree_sitter_{name}"
    return Language(name, module, suffixes, (name,), (name,), name, file_names=file_names, bare_methods=bare_methods)


_SCRIPT = ("javascript", "typescript")
LANGUAGES = (
    _plain("python", ".py", ".pyi", ".pyw"),
    Language(
        "javascript",
        "tree_sitter_javascript",
        (".js", ".jsx", ".mjs", ".cjs"),
        ("javascript", "javascript-only"),
        ("javascript", "javascript-only", "jsx"),
        "javascript",
    ),
    Language(
        "typescript",
        "tree_sitter_typescript",
        (".ts", ".mts", ".cts"),
        _SCRIPT,
        _SCRIPT,
        "javascript",
        "language_typescript",
    ),
    Language("tsx", "tree_sitter_typescript", (".tsx",), _SCRIPT, (*_SCRIPT, "jsx"), "javascript", "language_tsx"),
    _plain("go", ".go"),
    _plain("rust", ".rs"),
    _plain("java", ".java", bare_methods=True),
    _plain("c", ".c", ".h"),
    Language(
        "cpp",
        "tree_sitter_cpp",
        (".cc", ".cpp", ".cxx", ".c++", ".hh", ".hpp", ".hxx", ".h++", ".ipp", ".inl", ".cppm", ".cu", ".cuh"),
        ("c", "cpp"),
        ("c", "cpp"),
        "c",
        bare_methods=True,
    ),
    _plain("bash", ".sh", ".bash", ".bats", file_names=(".bashrc", ".bash_profile", ".profile", "PKGBUILD")),
    _plain(
        "ruby", ".rb", ".rake", ".gemspec", ".ru", file_names=("Rakefile", "Gemfile", "Vagrantfile"), bare_methods=True
    ),
)
_BY_NAME = {language.name: language for language in LANGUAGES}
_BY_SUFFIX = {suffix: language for language in LANGUAGES for suffix in language.suffixes}
_BY_FILE = {name: language for language in LANGUAGES for name in language.file_names}
_CPP_IN_HEADER = re.compile(
    rb"^\s*(?:class\s+\w|namespace\b|template\s*<|using\s+\w|(?:public|private|protected)\s*:|extern\s+\"C\+\+\")",
    re.MULTILINE,
)


def language_named(name: str) -> Language:
    return _BY_NAME[name]


def language_of(path: str) -> Language | None:
    """The language of a file, by its name."""
    name = path[path.rfind("/") + 1 :]
    dot = name.rfind(".")
    if dot > 0:
        found = _BY_SUFFIX.get(name[dot:]) or _BY_SUFFIX.get(name[dot:].lower())
        if found is not None:
            return found
    return _BY_FILE.get(name)


def language_within(language: Language, data: bytes) -> Language:
    """The language to parse `data` with: a header `.h` may turn out to be C++."""
    if language.name == "c" and _CPP_IN_HEADER.search(data) is not None:
        return _BY_NAME["cpp"]
    return language


def query_text(kind: str, names: tuple[str, ...]) -> str:
    """The queries of a `kind` ("definitions", "references") from the files of these names, joined."""
    texts = []
    for name in names:
        with open(os.path.join(QUERIES, kind, name + ".scm"), encoding="utf-8") as file:
            texts.append(file.read())
    return "\n".join(texts)


@cache
def supported() -> str:
    """The languages as a sentence names them."""
    return "Python, JavaScript, TypeScript, Go, Rust, Java, C, C++, Bash and Ruby"


def queries_and_grammars() -> str:
    """A text that changes when a query or a grammar does: what was extracted before is then out of date.

    Grammars are known by the names of their installed versions, which lie beside the library's: asking
    importlib.metadata for each would take longer than the whole map.
    """
    from importlib.util import find_spec

    parts: list[str] = []
    spec = find_spec("tree_sitter")
    if spec is not None and spec.origin is not None:
        packages = os.path.dirname(os.path.dirname(spec.origin))
        parts += sorted(name for name in os.listdir(packages) if name.startswith("tree_sitter"))
    for kind in ("definitions", "references"):
        for name in sorted(os.listdir(os.path.join(QUERIES, kind))):
            parts.append(query_text(kind, (name.removesuffix(".scm"),)))
    return "\n".join(parts)
