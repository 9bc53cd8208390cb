"""Whether git, started in a folder, would work on the repository that was asked about, or on another one."""

from __future__ import annotations

import os

from plugsky_tui.permissions.git_config import looks_bare
from plugsky_tui.workspace.paths import Root


def foreign_repository(root: Root, folder: str) -> str | None:
    """The folder between the workspace and `folder` that git would take for a repository of its own, None where there is
    none. A folder with HEAD, objects and refs in it is one too, without any `.git` (a bare repository)."""
    place = os.path.realpath(folder)
    while place != root.real:
        if not root.contains(place):
            return place
        if os.path.lexists(os.path.join(place, ".git")) or looks_bare(place):
            return place
        place = os.path.dirname(place)
    return place if looks_bare(place) else None
