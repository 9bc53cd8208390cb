"""Faults on demand: which request meets which fault. docs/simulator.md has the words for them.

    429; retry-after=2      a status                     cut=5        after 5 events of a stream
    malformed=html          what is no valid answer      latency=0.5  seconds before the answer

`--fault` takes one of them, with how often: `503:0.1` (a probability), `cut=5:every=3` (each third
request). The header `X-Simulator-Fault` takes several, separated by commas, for its own request.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from plugsky_tui.simulator.errors import invalid

if TYPE_CHECKING:
    from random import Random

MAX_SECONDS = 3600.0
Kind = Literal["status", "latency", "slow", "cut", "reset", "stall", "malformed"]
How = Literal["json", "html", "nodone", "error", "utf8"]

_KINDS: dict[str, Kind] = {
    "latency": "latency", "slow": "slow", "cut": "cut", "reset": "reset", "stall": "stall", "malformed": "malformed",
}  # fmt: skip
_WAYS: dict[str, How] = {"json": "json", "html": "html", "nodone": "nodone", "error": "error", "utf8": "utf8"}
_STATUS = re.compile(r"[45]\d\d")
_OPTIONS: dict[Kind, tuple[str, ...]] = {"status": ("retry-after",), "malformed": ("after",)}

SLOW_S = 0.5
MALFORMED_AFTER = 2


class FaultError(ValueError):
    """A fault that there is not; the message says which there are."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`after`: how many events of a stream are let through first; None: nothing at all is answered.
    `seconds` are those of "latency" and "slow", or the `Retry-After` of a status (None: the usual one)."""

    kind: Kind
    status: int = 0
    seconds: float | None = None
    after: int | None = None
    how: How = "json"


@dataclass(slots=True)
class Rule:
    """A fault for `rate` of the requests (0 to 1), or for each `every`-th of them."""

    fault: Fault
    rate: float = 1.0
    every: int = 0
    seen: int = 0

    def strikes(self, random: Random) -> bool:
        self.seen += 1
        return self.seen % self.every == 0 if self.every else random.random() < self.rate


@dataclass(slots=True)
class Faults:
    """The faults of one simulator. `latency_s` comes before every answer; with the same `seed` and the same
    requests, the same of them fail."""

    rules: Sequence[Rule] = ()
    latency_s: float = 0.0
    seed: int | None = None
    _random: Random | None = field(default=None, init=False)

    def of(self, wanted: str | None) -> list[Fault]:
        """The faults of one request: those its header `wanted`, else what the rules have for it, the first that strikes.

        ApiError 400 for a header that names none.
        """
        if wanted is not None:
            try:
                return parse_faults(wanted)
            except FaultError as error:
                raise invalid(f"Invalid 'X-Simulator-Fault': {error}", "X-Simulator-Fault", "invalid_value") from None
        faults = [Fault("latency", seconds=self.latency_s)] if self.latency_s else []
        struck = [rule.fault for rule in self.rules if rule.strikes(self._dice())]  # each counts each request
        return faults + struck[:1]

    def _dice(self) -> Random:
        if self._random is None:
            from random import Random  # only where chance plays a part

            self._random = Random(self.seed)  # noqa: S311 - nothing secret hangs on it
        return self._random


def parse_faults(text: str) -> list[Fault]:
    """The faults in a header: `none`, or faults separated by commas. FaultError names a wrong one."""
    if text.strip() == "none":
        return []
    return [parse_fault(part) for part in text.split(",")]


def parse_rule(text: str) -> Rule:
    """A fault and how often it strikes: `FAULT`, `FAULT:0.1` or `FAULT:every=3`. FaultError says what is wrong."""
    written, colon, often = text.partition(":")
    fault = parse_fault(written)
    if not colon:
        return Rule(fault)
    if every := re.fullmatch(r"every=([1-9]\d{0,8})", often):
        return Rule(fault, every=int(every[1]))
    if re.fullmatch(r"\d*\.?\d+", often) and float(often) <= 1:
        return Rule(fault, rate=float(often))
    raise FaultError(f"{often!r} is not how often: give a probability from 0 to 1, or every=N")


def parse_fault(text: str) -> Fault:
    """One fault: `KIND`, `KIND=VALUE`, and `; OPTION=VALUE` behind it. FaultError says what is wrong."""
    first, *rest = [part.strip() for part in text.split(";")]
    name, _, value = (part.strip() for part in first.partition("="))
    kind: Kind | None = "status" if _STATUS.fullmatch(name) else _KINDS.get(name)
    if kind is None:
        raise FaultError(f"no fault: {name!r}; there are a status from 400 to 599, {', '.join(_KINDS)}")
    options: dict[str, str] = {}
    for part in rest:
        option, _, given = (piece.strip() for piece in part.partition("="))
        if option not in _OPTIONS.get(kind, ()):
            raise FaultError(f"{name} has no option {option!r}")
        options[option] = given
    return _fault(kind, name, value, options)


def _fault(kind: Kind, name: str, value: str, options: dict[str, str]) -> Fault:
    match kind:
        case "status":
            if value:
                raise FaultError(f"{name} takes no value; there is '{name}; retry-after=SECONDS'")
            wait = options.get("retry-after")
            return Fault(kind, int(name), None if wait is None else _seconds("retry-after", wait))
        case "latency" | "slow":
            if kind == "latency" and not value:
                raise FaultError("latency wants its seconds: latency=0.5")
            return Fault(kind, seconds=_seconds(name, value) if value else SLOW_S)
        case "malformed":
            after = _count("after", options["after"]) if "after" in options else MALFORMED_AFTER
            if value.isdigit():
                return Fault(kind, after=_count(name, value))
            if value and value not in _WAYS:
                raise FaultError(f"malformed={value}: there are {', '.join(_WAYS)}, or a number of events")
            return Fault(kind, after=after, how=_WAYS.get(value, "json"))
        case _:
            return Fault(kind, after=_count(name, value) if value else None)


def _seconds(name: str, text: str) -> float:
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", text) or float(text) > MAX_SECONDS:
        raise FaultError(f"{name}={text}: give seconds, from 0 to {MAX_SECONDS:g}")
    return float(text)


def _count(name: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,6}", text):
        raise FaultError(f"{name}={text}: give how many events come before it")
    return int(text)
