"""The modes, and what each lets through, as people are told."""

from __future__ import annotations

MODES: tuple[tuple[str, str], ...] = (
    ("plan", "reads only: the agent looks and proposes, nothing is changed"),
    ("ask", "asks before each edit and each command that is not plainly read-only"),
    ("edit", "edits inside the folder go through, commands are still asked about"),
    ("auto", "everything goes through but what a rule denies, is dangerous or leaves the folder"),
)
