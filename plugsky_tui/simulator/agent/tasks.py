"""What can be asked for, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union


@dataclass(slots=True)
class Greet:
    arabic: bool = False


@dataclass(slots=True)
class Introduce:
    """Somebody asks who, or what, is talking."""

    arabic: bool = False


@dataclass(slots=True)
class Thanks:
    pass


@dataclass(slots=True)
class Stop:
    pass


@dataclass(slots=True)
class Continue:
    """Go on with the last task. `consent`: a bare yes, which also takes up what was offered."""

    consent: bool = False


@dataclass(slots=True)
class Overview:
    pass


@dataclass(slots=True)
class Find:
    """`exact`: `what` was quoted or is a name, not a description."""

    what: str
    exact: bool


@dataclass(slots=True)
class Explain:
    """A file, or a name in the code."""

    what: str


@dataclass(slots=True)
class Rename:
    old: str
    new: str
    path: str | None = None


@dataclass(slots=True)
class Replace:
    old: str
    new: str
    path: str | None = None


@dataclass(slots=True)
class Create:
    path: str
    content: str


@dataclass(slots=True)
class RunTests:
    pass


@dataclass(slots=True)
class RunCommand:
    command: str


@dataclass(slots=True)
class Fix:
    pass


@dataclass(slots=True)
class CallTool:
    """A call spelled out by the user: `arguments` is JSON text."""

    name: str
    arguments: str


@dataclass(slots=True)
class CallTools:
    """Several of them, which are made side by side."""

    calls: list[CallTool]


@dataclass(slots=True)
class Delegated:
    """What one subagent is to do, in the words it is given."""

    agent: str
    prompt: str


@dataclass(slots=True)
class Delegate:
    """Tasks for subagents, which work side by side."""

    tasks: list[Delegated]


@dataclass(slots=True)
class Unknown:
    arabic: bool = False


Task = Union[
    Greet, Introduce, Thanks, Stop, Continue, Overview, Find, Explain, Rename, Replace, Create,
    RunTests, RunCommand, Fix, CallTool, CallTools, Delegate, Unknown,
]  # fmt: skip
