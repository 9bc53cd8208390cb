"""Replacing a piece of text that a model quotes from memory, in the one place that is meant or not at all."""

from plugsky_tui.workspace.edits.ladder import Edited, NoMatch, replace_text

__all__ = ["Edited", "NoMatch", "replace_text"]
