"""Loading tools from files: the built-in ones and anyone's own, by the same code.

A tool is a Python file with one class of `tooling.Tool`'s kind. A file that is broken is reported,
with the line, and the others are loaded.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Literal

from plugsky_tui.tooling.schema import SchemaError, json_schema
from plugsky_tui.tooling.tool import Tool

Origin = Literal["built-in", "user", "project"]
_NAME_LIMIT = 64  # what the chat APIs allow for function names


@dataclass(slots=True)
class LoadedTool:
    tool: Tool[Any]
    origin: Origin
    path: str


@dataclass(slots=True)
class Problem:
    """A file that could not be loaded, and why; `line` is 0 where there is no line to blame."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}{f':{self.line}' if self.line else ''}: {self.message}"


@dataclass(slots=True)
class Loaded:
    tools: list[LoadedTool] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class _Broken(Exception):
    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def builtin_folder() -> str:
    """Where the built-in tools are: packaged with us, or in a checkout beside the package."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    packaged = os.path.join(package, "_tools")
    return packaged if os.path.isdir(packaged) else os.path.join(os.path.dirname(package), "tools")


def load_folder(folder: str, origin: Origin) -> Loaded:
    """The tools of the `.py` files in `folder` (none where it is missing), in the order of their names.

    This runs their code: a project's folder must be trusted before.
    """
    loaded = Loaded()
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".py") and not name.startswith(("_", ".")))
    except OSError:
        return loaded
    for name in names:
        path = os.path.join(folder, name)
        try:
            loaded.tools.append(LoadedTool(_load_file(path, origin), origin, path))
        except _Broken as error:
            loaded.problems.append(Problem(path, error.line, error.message))
    return loaded


def _load_file(path: str, origin: Origin) -> Tool[Any]:
    stem = os.path.basename(path).removesuffix(".py")
    module = ModuleType(f"plugsky_tools.{origin}.{stem}")
    module.__file__ = path
    # Dataclasses and type hints look their module up by its name.
    sys.modules[module.__name__] = module
    try:
        exec(_code(path, module.__name__, origin), module.__dict__)  # noqa: S102  # what a plug-in is
        return _tool_in(module)
    except _Broken:
        raise
    except SyntaxError as error:
        raise _Broken(f"{type(error).__name__}: {error.msg}", error.lineno or 0) from None
    except SchemaError as error:
        raise _Broken(error.message) from None
    except (Exception, SystemExit) as error:
        raise _Broken(f"{type(error).__name__}: {error}", _line_of(error, path)) from None


def _code(path: str, name: str, origin: Origin) -> Any:
    from importlib.machinery import SourceFileLoader

    loader = SourceFileLoader(name, path)
    if origin != "project":
        return loader.get_code(name)  # with the bytecode cache beside the file, as any import
    # A project's cached bytecode is not what was looked at when it was trusted: only its source counts.
    return loader.source_to_code(loader.get_data(path), path)


def _tool_in(module: ModuleType) -> Tool[Any]:
    """The one tool of a module, made and checked."""
    classes = [
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Tool) and each.__module__ == module.__name__
    ]
    if len(classes) != 1:
        found = ", ".join(each.__name__ for each in classes) or "none"
        raise _Broken(f"a tool file has one class of plugsky_tui.tooling.Tool's kind; here: {found}")
    kind = classes[0]
    for wanted in ("name", "description"):
        value = getattr(kind, wanted, None)
        if not isinstance(value, str) or not value.strip():
            raise _Broken(f"the class {kind.__name__} has no {wanted}")
    if len(kind.name) > _NAME_LIMIT or not kind.name.replace("-", "_").isidentifier() or not kind.name.isascii():
        raise _Broken(f"{kind.name!r} is no name for a tool: letters, digits, _ and -, at most {_NAME_LIMIT}")
    if not hasattr(kind, "Params"):
        raise _Broken(f"the class {kind.__name__} does not say its parameters: derive it from Tool[Params]")
    json_schema(kind.Params)
    tool: Tool[Any] = kind()
    return tool


def _line_of(error: BaseException, path: str) -> int:
    """The last line in the file itself on the way to the error."""
    line = 0
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
