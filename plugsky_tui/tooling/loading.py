"""Loading tools from files: the built-in ones and anyone's own, by the same code.

A tool is a Python file with one class of `tooling.Tool`'s kind. A file that is broken is reported,
with the line, and the others are loaded.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Literal

from plugsky_tui.tooling.faults import Fault, class_line, of_error
from plugsky_tui.tooling.modules import hushed, open_package, run_file
from plugsky_tui.tooling.schema import SchemaError, json_schema
from plugsky_tui.tooling.tool import Tool

Origin = Literal["built-in", "user", "project"]
_NAME_LIMIT = 64  # what the chat APIs allow for function names
_COROUTINE = 0x80  # inspect.CO_COROUTINE, without importing inspect
_PRINTED_LIMIT = 80


@dataclass(slots=True)
class LoadedTool:
    """`printed`: what its file printed when it was loaded, on one line; nobody has seen it."""

    tool: Tool[Any]
    origin: Origin
    path: str
    printed: str = ""


@dataclass(slots=True)
class Problem:
    """A file that could not be loaded, and why; `line` is 0 where there is no line to blame."""

    path: str
    line: int
    message: str
    origin: Origin = "built-in"

    def __str__(self) -> str:
        return f"{self.path}{f':{self.line}' if self.line else ''}: {self.message}"


@dataclass(slots=True)
class Loaded:
    tools: list[LoadedTool] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def builtin_folder() -> str:
    """Where the built-in tools are: packaged with us, or in a checkout beside the package."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    packaged = os.path.join(package, "_tools")
    return packaged if os.path.isdir(packaged) else os.path.join(os.path.dirname(package), "tools")


def tool_files(folder: str) -> list[str]:
    """The paths of the `.py` files in `folder` that are to be tools, in the order of their names; none where it is
    missing. What begins with `_` or `.` is a helper of theirs. Runs nothing."""
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".py") and not name.startswith(("_", ".")))
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names]


def load_folder(folder: str, origin: Origin) -> Loaded:
    """The tools of the files in `folder`.

    This runs their code: a project's folder must be trusted before.
    """
    loaded = Loaded()
    files = tool_files(folder)
    if files:
        open_package(origin, folder)
    for path in files:
        try:
            with hushed() as printed:
                tool = _load_file(path, origin)
        except Fault as fault:
            loaded.problems.append(Problem(path, fault.line, fault.message, origin))
            continue
        said = " ".join(printed.getvalue().split())
        said = said if len(said) <= _PRINTED_LIMIT else said[: _PRINTED_LIMIT - 1] + "…"
        loaded.tools.append(LoadedTool(tool, origin, path, said))
    return loaded


def _load_file(path: str, origin: Origin) -> Tool[Any]:
    if not os.path.isfile(path):
        raise Fault("it is no regular file")
    try:
        return _tool_in(run_file(path, origin), path)
    except Fault:
        raise
    except (Exception, SystemExit) as error:
        raise of_error(error, path) from None


def _tool_in(module: ModuleType, path: str) -> Tool[Any]:
    """The one tool of a module, made and checked."""
    found = [
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Tool) and each.__module__ == module.__name__
    ]
    kinds = [each for each in dict.fromkeys(found) if not any(each in other.__mro__[1:] for other in found)]
    if len(kinds) != 1:
        names = ", ".join(each.__name__ for each in kinds) or "none (a helper's name begins with _)"
        second = class_line(path, kinds[1].__name__) if kinds else 0
        raise Fault(f"a tool file has one class of plugsky_tui.tooling.Tool's kind; here: {names}", second)
    kind = kinds[0]
    wrong = _wrong_with(kind)
    if wrong:
        raise Fault(wrong, class_line(path, kind.__name__, "prepare" if "prepare" in wrong else ""))
    try:
        json_schema(kind.Params)
    except SchemaError as error:
        raise Fault(error.message, _schema_line(path, kind.Params, error.message)) from None
    tool: Tool[Any] = kind()
    return tool


def _wrong_with(kind: type[Tool[Any]]) -> str:
    for wanted in ("name", "description"):
        value = getattr(kind, wanted, None)
        if not isinstance(value, str) or not value.strip():
            return f"the class {kind.__name__} has no {wanted}"
    if len(kind.name) > _NAME_LIMIT or not kind.name.replace("-", "_").isidentifier() or not kind.name.isascii():
        return f"{kind.name!r} is no name for a tool: letters, digits, _ and -, at most {_NAME_LIMIT}"
    if not hasattr(kind, "Params"):
        return f"the class {kind.__name__} does not say its parameters: derive it from Tool[Params]"
    if "prepare" in kind.__abstractmethods__:
        return f"the class {kind.__name__} has no method prepare"
    code = getattr(kind.prepare, "__code__", None)
    if code is not None and not code.co_flags & _COROUTINE and not hasattr(kind.prepare, "__wrapped__"):
        return f"the method prepare of {kind.__name__} must be `async def`"
    return ""


def _schema_line(path: str, params: type[Any], message: str) -> int:
    """Of a message that begins with `Params.field: `, the line of that field."""
    owner, _, rest = message.partition(": ")[0].rpartition(".")
    return class_line(path, owner or params.__name__, rest) or class_line(path, params.__name__)
