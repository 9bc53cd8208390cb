"""What types cannot say of a setting: ranges, URLs. Plain code, for it also checks variables and options.

(The commands of `[checks]`, which run after edits, are a setting like any other here.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite
from typing import Any

from plugsky_tui.config.layers import Values
from plugsky_tui.config.parameter_checks import parameter_problems

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_NAMES_IN_BRACES = re.compile(r"(?<!\$)\{(\w+)\}")  # not ${NAME}, which is the shell's
_MEANING_FILES = frozenset(
    {"file", "files", "file_path", "file_paths", "filepath", "filename", "filenames", "path", "paths"}
)


def problems(values: Values) -> Iterator[tuple[tuple[str, ...], str]]:
    """(key, what is wrong with its value) of values whose types are right."""
    api: dict[str, Any] = values.get("api", {})
    if api.get("max_retries", 0) < 0:
        yield ("api", "max_retries"), "must not be negative"
    timeout = api.get("timeout_s", 1.0)
    if not (isfinite(timeout) and timeout > 0):
        yield ("api", "timeout_s"), "must be a number of seconds above 0"
    yield from _limit_problems(("api",), api)
    if (url := api.get("base_url")) is not None and (problem := url_problem(url)):
        yield ("api", "base_url"), problem
    if (url := api.get("proxy")) and (problem := url_problem(url, proxy=True)):
        yield ("api", "proxy"), problem
    for name in ("project", "region"):  # each goes into a header
        if not ((said := api.get(name) or "").isascii() and said.isprintable()):
            yield ("api", name), "must be plain ASCII, without line breaks or other control characters"
    for name, provider in values.get("providers", {}).items():
        if not name or "/" in name:
            yield ("providers", name), "a provider's name must not be empty or hold a slash"
        if problem := url_problem(provider["base_url"]):
            yield ("providers", name, "base_url"), problem
        yield from _limit_problems(("providers", name), provider)
    for key, problem in parameter_problems(values.get("parameters", {})):
        yield ("parameters", *key), problem
    for name, model in values.get("models", {}).items():
        for key, problem in parameter_problems(model):
            yield ("models", name, *key), problem
        if (window := model.get("context_window")) is not None and window < 1:
            yield ("models", name, "context_window"), "must be a number of tokens above 0"
    for name, server in values.get("mcp", {}).items():
        if bool(server.get("command")) == bool(server.get("url")):
            yield ("mcp", name), "needs either a command or a url"
    for name, server in values.get("lsp", {}).items():
        if not server["command"]:
            yield ("lsp", name, "command"), "must not be empty"
    yield from _command_problems(values.get("checks", {}))


def doubts(values: Values) -> Iterator[tuple[tuple[str, ...], str]]:
    """(key, what is odd about its value) of values that are valid, and likely not what was meant."""
    for glob, commands in values.get("checks", {}).items():
        for command in [commands] if isinstance(commands, str) else commands:
            for name in _NAMES_IN_BRACES.findall(command):
                if name != "files" and name.lower() in _MEANING_FILES:
                    yield (
                        ("checks", glob),
                        f"holds {{{name}}}, which stands for nothing: the changed files are {{files}}",
                    )


def _command_problems(checks: dict[str, str | list[str]]) -> Iterator[tuple[tuple[str, ...], str]]:
    for glob, commands in checks.items():
        if not glob.strip():
            yield ("checks", glob), 'has an empty glob: "*" is every file'
        if not commands or not all(
            command.strip() for command in ([commands] if isinstance(commands, str) else commands)
        ):
            yield ("checks", glob), "must not be empty: give a command, or a list of commands"


def _limit_problems(above: tuple[str, ...], endpoint: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    if (endpoint.get("rpm") or 0) < 0:
        yield (*above, "rpm"), "must not be negative"
    concurrency = endpoint.get("concurrency")
    if concurrency is not None and concurrency < 1:
        yield (*above, "concurrency"), "must be 1 or more"


def url_problem(url: str, *, proxy: bool = False) -> str | None:
    """What is wrong with an endpoint's URL, or None.

    Anything by which the host that is read differs from the host that is called is refused:
    user names before an "@", backslashes, control characters. (A proxy may have a user name.)
    """
    if not url.isprintable() or " " in url or "\\" in url:
        return "is no URL: it holds spaces, backslashes or control characters"
    scheme = url.partition("://")[0]
    allowed = ("http", "https", "socks5", "socks5h") if proxy else ("http", "https")
    if scheme.lower() not in allowed:
        return "must begin with " + " or ".join(f"{name}://" for name in reversed(allowed))
    if "@" in host_of(url, keep_user=True) and not proxy:
        return "must not hold a user name or password"
    host = host_of(url)
    name, colon, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    if colon and not port.isdigit():
        return "has a port that is no number"
    if not (name or host):
        return "names no host"
    if not proxy and ("?" in url or "#" in url):
        return "must end with its path: paths are added to it, so it can have no ? or #"
    return None


def host_of(url: str, *, keep_user: bool = False) -> str:
    """Host and port of a URL."""
    rest = url.partition("://")[2]
    for mark in "/?#":
        rest = rest.partition(mark)[0]
    return rest if keep_user else rest.rpartition("@")[2]


def unprotected(url: str) -> bool:
    """Whether what is sent to `url` crosses a network unencrypted."""
    host = host_of(url).lower()
    bare = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
    return url.lower().startswith("http://") and bare not in LOOPBACK and not bare.startswith("127.")
