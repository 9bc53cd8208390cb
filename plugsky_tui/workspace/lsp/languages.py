"""What servers call the language of a file (the identifiers of the specification, "Text Document Item")."""

from __future__ import annotations

import os

_BY_ENDING = {
    ".bash": "shellscript",
    ".c": "c",
    ".cc": "cpp",
    ".cjs": "javascript",
    ".clj": "clojure",
    ".cpp": "cpp",
    ".cs": "csharp",
    ".css": "css",
    ".cts": "typescript",
    ".cxx": "cpp",
    ".dart": "dart",
    ".erl": "erlang",
    ".ex": "elixir",
    ".exs": "elixir",
    ".fs": "fsharp",
    ".go": "go",
    ".h": "c",
    ".hh": "cpp",
    ".hpp": "cpp",
    ".hs": "haskell",
    ".htm": "html",
    ".html": "html",
    ".hxx": "cpp",
    ".java": "java",
    ".js": "javascript",
    ".json": "json",
    ".jsonc": "jsonc",
    ".jsx": "javascriptreact",
    ".kt": "kotlin",
    ".kts": "kotlin",
    ".less": "less",
    ".lua": "lua",
    ".m": "objective-c",
    ".markdown": "markdown",
    ".md": "markdown",
    ".mjs": "javascript",
    ".mm": "objective-cpp",
    ".mts": "typescript",
    ".nix": "nix",
    ".php": "php",
    ".pl": "perl",
    ".ps1": "powershell",
    ".py": "python",
    ".pyi": "python",
    ".pyw": "python",
    ".r": "r",
    ".rb": "ruby",
    ".rs": "rust",
    ".sass": "sass",
    ".scala": "scala",
    ".scss": "scss",
    ".sh": "shellscript",
    ".sql": "sql",
    ".svelte": "svelte",
    ".swift": "swift",
    ".tex": "latex",
    ".toml": "toml",
    ".ts": "typescript",
    ".tsx": "typescriptreact",
    ".vue": "vue",
    ".xml": "xml",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".zig": "zig",
    ".zsh": "shellscript",
}
_BY_NAME = {"dockerfile": "dockerfile", "makefile": "makefile", "go.mod": "go.mod", "go.work": "go.work"}
_GROUPS = {  # what people name a [lsp.NAME] after
    "typescriptreact": "typescript",
    "javascriptreact": "javascript",
}


def language_id(path: str) -> str:
    """The identifier for the file at `path`; its ending, or "plaintext", where the language is not known."""
    name = os.path.basename(path).lower()
    if name in _BY_NAME:
        return _BY_NAME[name]
    ending = os.path.splitext(name)[1]
    return _BY_ENDING.get(ending) or ending.lstrip(".") or "plaintext"


def language_name(path: str) -> str:
    """The language of the file at `path` as people say it in configuration: "typescript" for .tsx, too."""
    found = language_id(path)
    return _GROUPS.get(found, found)
