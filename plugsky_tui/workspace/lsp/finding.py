"""Where a language server's program is. What lies in the workspace, or is found relative to it, never counts."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping


def find_server(name: str, environment: Mapping[str, str], workspace: str) -> str | None:
    """The program `name` on PATH, else beside our own interpreter (where extras of a tool install are)."""
    import sysconfig  # 2 ms, and not before a server is looked for

    for folder in (*outside(environment, workspace), sysconfig.get_path("scripts")):
        found = shutil.which(name, path=folder)
        if found is not None and not lies_in(os.path.realpath(found), workspace):
            return found
    return None


def outside(environment: Mapping[str, str], workspace: str) -> list[str]:
    """The folders of PATH that are absolute and not in the workspace."""
    folders = environment.get("PATH", os.defpath).split(os.pathsep)
    return [each for each in folders if os.path.isabs(each) and not lies_in(os.path.realpath(each), workspace)]


def lies_in(real: str, folder: str) -> bool:
    """Whether the real path `real` is `folder` or lies in it."""
    whole = folder.rstrip("/") + "/"
    path = real.rstrip("/") + "/"
    if sys.platform == "darwin":  # X and x are one file there
        whole, path = whole.casefold(), path.casefold()
    return path.startswith(whole)
