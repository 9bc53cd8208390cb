"""How much an allow rule must say to cover a part of a call."""

from __future__ import annotations

from enum import IntEnum


class Power(IntEnum):
    """How strong an allow rule must be to cover a part, and how strong a rule is."""

    ANY = 0  # any rule that matches, also with a wildcard or for the tool as a whole
    REACH = 1  # one that says where: a path pattern, or a command without wildcards
    SPELLED = 2  # one that names just this: `read(.env*)` for a secret, not `read(**)`
    WHOLE = 3  # `shell` alone: all commands, also those that cannot be seen through
    NOTHING = 4  # no rule
