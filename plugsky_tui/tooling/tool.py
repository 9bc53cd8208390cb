"""The shape of a tool: one file, one class. Built-in tools and the user's own have no other shape.

    from dataclasses import dataclass
    from typing import Annotated
    from plugsky_tui.tooling import Plan, Tool, ToolContext, ToolResult

    @dataclass
    class Params:
        name: Annotated[str, "Whom to greet."]

    class Greet(Tool[Params]):
        name = "greet"
        description = "Greets somebody."
        reads_only = True

        async def prepare(self, params: Params, context: ToolContext) -> Plan:
            async def act(progress):
                return ToolResult(f"Hello, {params.name}!")
            return Plan(title=f"Greet {params.name}", act=act)

A tool *prepares* first: it parses, looks, computes its diff and says what it needs. Nothing is
changed before the gate has judged those needs; then the same plan's `act` runs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, get_args

from plugsky_tui.kernel.display import Display
from plugsky_tui.kernel.ports import Need, Parts, Progress, ToolResult

if TYPE_CHECKING:
    from plugsky_tui.tooling.context import ToolContext

ParamsT = TypeVar("ParamsT")


@dataclass(slots=True)
class Plan:
    """What a call is going to do. See `kernel.ports.Prepared` for the fields."""

    title: str
    act: Callable[[Progress], Awaitable[ToolResult]]
    needs: Sequence[Need] = ()
    preview: Sequence[Display] = field(default_factory=tuple)
    parts: Parts[Plan] | None = None


class Tool(ABC, Generic[ParamsT]):
    """A function the model may call.

    `Params` is a dataclass, the one in `Tool[...]`: field types and defaults become the JSON Schema the model is sent,
    `Annotated[type, "text"]` its descriptions; arguments are checked against it by pydantic.
    `main_parameter` is the one that tells people most about a call ("command", "file_path").
    `absent` is what whoever calls it where it is not offered is told: a line why not, and one with the next step.
    """

    name: ClassVar[str]
    description: ClassVar[str]
    Params: ClassVar[type[Any]]
    reads_only: ClassVar[bool] = False
    main_parameter: ClassVar[str] = ""
    absent: ClassVar[str] = ""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for base in getattr(cls, "__orig_bases__", ()):
            for argument in get_args(base):
                if isinstance(argument, type) and "Params" not in cls.__dict__:
                    cls.Params = argument

    def offered(self, context: ToolContext) -> bool:
        """Whether it has a use in this session; a model is not told of tools that have none."""
        return True

    def describe(self, context: ToolContext) -> str:
        """The description for the model, where it depends on the session."""
        return self.description

    @abstractmethod
    async def prepare(self, params: ParamsT, context: ToolContext) -> Plan:
        """Plan the call; change nothing. ToolError tells the model what is wrong and what to do next."""
