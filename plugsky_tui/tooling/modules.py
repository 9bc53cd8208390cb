"""Tool files as Python modules: their code is run, and `from ._helper import x` finds the file beside them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from importlib.machinery import ModuleSpec, SourceFileLoader
from io import StringIO
from types import CodeType, ModuleType
from typing import Any

_ROOT = "plugsky_tools"


class SourceOnly(SourceFileLoader):
    """Reads a module's source, and neither reads nor writes its cached bytecode: a project's is not what was looked at
    when the project was trusted, and a new one would be something new to trust."""

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = self.source_to_code(self.get_data(self.path), self.path)
        return code


def open_package(origin: str, folder: str) -> None:
    """Have the files in `folder` importable from each other, and nothing of what was loaded from `origin` before."""
    package = f"{_ROOT}.{origin}"
    for name in [name for name in sys.modules if name.startswith(f"{package}.")]:
        del sys.modules[name]
    for name, path in ((_ROOT, []), (package, [folder])):
        module = sys.modules[name] = ModuleType(name)
        module.__path__ = path
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def run_file(path: str, origin: str) -> ModuleType:
    """The module of a tool file, after its code has run."""
    name = f"{_ROOT}.{origin}.{os.path.basename(path).removesuffix('.py')}"
    module = ModuleType(name)
    module.__file__ = path
    module.__package__ = f"{_ROOT}.{origin}"
    sys.modules[name] = module  # dataclasses and type hints look their module up by its name
    code = _loader(name, path, origin).get_code(name)
    assert code is not None
    exec(code, module.__dict__)  # noqa: S102  # what a plug-in is
    return module


@contextmanager
def hushed() -> Iterator[StringIO]:
    """What is printed goes into the text this gives, and there is no input: standard output is the answer's, standard
    input the prompt's."""
    printed, stdin = StringIO(), sys.stdin
    sys.stdin = StringIO()
    try:
        with redirect_stdout(printed):
            yield printed
    finally:
        sys.stdin = stdin


class _Finder:
    """Finds the modules beside tool files, by `sys.meta_path`."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if not name.startswith(f"{_ROOT}.") or not path:
            return None
        place = os.path.join(path[0], name.rpartition(".")[2])
        package = os.path.isfile(os.path.join(place, "__init__.py"))
        file = os.path.join(place, "__init__.py") if package else f"{place}.py"
        if not os.path.isfile(file):
            return None
        spec = ModuleSpec(name, _loader(name, file, name.split(".")[1]), origin=file, is_package=package)
        spec.has_location = True
        if package:
            spec.submodule_search_locations = [place]
        return spec


def _loader(name: str, path: str, origin: str) -> Any:
    kind = SourceOnly if origin == "project" else SourceFileLoader
    return kind(name, path)
