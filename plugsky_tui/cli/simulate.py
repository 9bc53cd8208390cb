"""`plugsky simulate`: the offline Plugsky API on loopback, until it is stopped."""

from __future__ import annotations

import argparse
import errno
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from plugsky_tui.kernel.errors import PlugskyError, UsageError

# asyncio and the simulator are imported where they are used: `plugsky --help` reads SUMMARY and no more.
if TYPE_CHECKING:
    from plugsky_tui.simulator.faults import Faults, Rule
    from plugsky_tui.simulator.limits import Plan
    from plugsky_tui.simulator.script import Script
    from plugsky_tui.simulator.server import Simulator

SUMMARY = "serve the offline Plugsky API on loopback"


def configure(parser: argparse.ArgumentParser) -> None:
    from plugsky_tui.simulator.limits import PLANS
    from plugsky_tui.simulator.service import DEFAULT_PACE_S

    parser.add_argument("--host", type=_host, default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=_port, default=0, help="the port to listen on (default: 0, any free one)")
    parser.add_argument("--script", metavar="FILE", type=Path, help="play the replies in FILE (JSON or JSONL)")
    parser.add_argument(
        "--pace",
        metavar="SECONDS",
        type=_seconds,
        default=DEFAULT_PACE_S,
        help=f"the pause between two streamed chunks (default: {DEFAULT_PACE_S}; 0: none)",
    )
    keys = parser.add_argument_group("keys and limits")
    keys.add_argument(
        "--key",
        metavar="KEY=SCOPES",
        type=_key,
        action="append",
        default=[],
        help="take this key, with these scopes or roles (comma-separated), and no others but those given so (repeatable)",
    )
    keys.add_argument(
        "--plan", choices=PLANS, default="enterprise", help="the limits of each key (default: enterprise)"
    )
    keys.add_argument("--rpm", metavar="N", type=_count, help="requests of a key in 60 seconds, instead of the plan's")
    keys.add_argument(
        "--concurrent", metavar="N", type=_count, help="requests of a key at a time, instead of the plan's"
    )
    faults = parser.add_argument_group("faults")
    faults.add_argument(
        "--latency", metavar="SECONDS", type=_seconds, default=0.0, help="wait so long before each answer"
    )
    faults.add_argument(
        "--fault",
        metavar="KIND[:RATE]",
        type=_fault,
        action="append",
        default=[],
        help="a status (429), cut, reset, stall, slow or malformed, for this part of the requests: 0 to 1, or "
        "every=N (repeatable); docs/simulator.md has all of it",
    )
    faults.add_argument("--seed", metavar="N", type=int, help="with the same seed, the same requests fail")


def run(args: argparse.Namespace) -> int:
    """Serve until SIGINT (130) or SIGTERM (143). The first line on stdout is `listening on URL`."""
    import asyncio

    from plugsky_tui.simulator.server import Simulator

    if not _is_loopback(args.host):
        sys.stderr.write(
            f"plugsky: {args.host} is not a loopback address: whoever can reach this machine can use the simulator.\n"
        )
    from plugsky_tui.simulator.keys import KeyRing

    simulator = Simulator(
        _script(args.script),
        Path.cwd() if args.script else None,
        pace_s=args.pace,
        keys=KeyRing(dict(args.key)),
        plan=_plan(args),
        faults=_faults(args),
    )
    return asyncio.run(_serve(simulator, args.host, args.port))


async def _serve(simulator: Simulator, host: str, port: int) -> int:
    import asyncio
    import signal

    stopped: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def stop(number: int) -> None:
        if not stopped.done():
            stopped.set_result(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop, int(number))
    try:
        url = await simulator.start(host, port)
    except OSError as error:
        raise _cannot_listen(error, host, port) from None
    print(f"listening on {url}", flush=True)
    try:
        return await stopped
    finally:
        await simulator.stop()


def _cannot_listen(error: OSError, host: str, port: int) -> PlugskyError:
    match error.errno:
        case errno.EADDRINUSE:
            return UsageError(
                f"port {port} on {host} is already in use",
                hint="Leave --port out to take any free port, or stop what listens there.",
            )
        case errno.EACCES:
            return UsageError(f"no permission to listen on port {port}", hint="Choose a port from 1024 up.")
        case _:
            return UsageError(
                f"cannot listen on {host}: {error.strerror or error}", hint="Give --host an address of this machine."
            )


def _script(path: Path | None) -> Script | None:
    if path is None:
        return None
    from plugsky_tui.simulator.script import ScriptError, load_script

    try:
        return load_script(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", hint="Give --script the path of a JSON or JSONL file.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8 text", hint="Save the script as UTF-8.") from None
    except ScriptError as error:
        raise UsageError(f"{path}: {error}", hint="The format of scripts is described in docs/simulator.md.") from None


def _plan(args: argparse.Namespace) -> Plan:
    """The plan that was named, with the limits that were given beside it."""
    from plugsky_tui.simulator.limits import PLANS, Plan

    plan = PLANS[args.plan]
    return Plan(plan.name, args.rpm or plan.rpm, args.concurrent or plan.concurrent)


def _faults(args: argparse.Namespace) -> Faults | None:
    if not args.fault and not args.latency:
        return None
    from plugsky_tui.simulator.faults import Faults

    return Faults(args.fault, args.latency, args.seed)


def _is_loopback(host: str) -> bool:
    if host in ("127.0.0.1", "::1", "localhost"):
        return True
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host(text: str) -> str:
    """A host as asyncio takes it: an IPv6 address without the brackets it has in a URL. "" would be every address."""
    host = text.removeprefix("[").removesuffix("]").strip()
    if not host:
        raise argparse.ArgumentTypeError("must be an address or a name, such as 127.0.0.1")
    return host


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError("must be a number from 0 to 65535")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 60:
        raise argparse.ArgumentTypeError("must be a number of seconds from 0 to 60")
    return seconds


def _count(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError("must be a number from 1 to 1000000")
    return int(text)


def _key(text: str) -> tuple[str, frozenset[str]]:
    from plugsky_tui.simulator.keys import parse_key

    try:
        return parse_key(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _fault(text: str) -> Rule:
    from plugsky_tui.simulator.faults import FaultError, parse_rule

    try:
        return parse_rule(text)
    except FaultError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
