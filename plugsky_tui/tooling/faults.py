"""Where and why a tool file is wrong, in words for whoever writes it. Looked at only once something is."""

from __future__ import annotations

import os
import sys


class Fault(Exception):
    """A file is no tool; `line` is 0 where there is no line to blame."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def of_error(error: BaseException, path: str) -> Fault:
    """What an error that came while the file at `path` was loaded says of it."""
    if isinstance(error, SyntaxError) and error.filename == path:
        return Fault(f"{type(error).__name__}: {error.msg}", error.lineno or 0)
    line = _line_of(error, path)
    if isinstance(error, ModuleNotFoundError) and error.name:
        return Fault(_missing(error.name, path), line)
    if isinstance(error, SystemExit):
        return Fault("SystemExit: it ends the program when it is loaded", line)
    return Fault(f"{type(error).__name__}: {error}", line)


def class_line(path: str, name: str, field: str = "") -> int:
    """The line of the class `name` in the file at `path`, or that of its `field` where it has one; 0 where neither is
    there."""
    import ast  # 5 ms, for the few who need it

    try:
        with open(path, "rb") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return 0
    found = 0
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef) or node.name != name:
            continue
        found = node.lineno
        for item in node.body:
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and item.target.id == field:
                return item.lineno
            if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.name == field:
                return item.lineno
    return found


def _missing(module: str, path: str) -> str:
    first = module.partition(".")[0]
    if first == "plugsky_tools":
        return f"there is no {module.rpartition('.')[2]}.py beside it"
    beside = os.path.join(os.path.dirname(path), f"{first}.py")
    if os.path.exists(beside):
        return f"No module named {first!r}: the file beside it is imported with `from . import {first}`"
    return f"No module named {first!r}: it is not installed in the Python that plugsky runs in ({sys.prefix})"


def _line_of(error: BaseException, path: str) -> int:
    """The last line in the file itself on the way to the error."""
    line = 0
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
