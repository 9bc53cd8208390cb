"""Patches as models write them: two formats read into the same steps, and hunks put where their lines stand."""

from plugsky_tui.workspace.patches.parsing import parse_patch
from plugsky_tui.workspace.patches.placing import apply_hunks
from plugsky_tui.workspace.patches.steps import AddFile, DeleteFile, Hunk, PatchError, Step, UpdateFile

__all__ = ["AddFile", "DeleteFile", "Hunk", "PatchError", "Step", "UpdateFile", "apply_hunks", "parse_patch"]
