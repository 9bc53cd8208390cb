"""`plugsky tool NAME`: one tool outside a chat, under the same permission rules."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from plugsky_tui.cli.common import add_folder, add_json, add_rules, folder_of, print_json
from plugsky_tui.kernel.errors import ToolError, UsageError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable
    from pathlib import Path

    from plugsky_tui.config.settings import Settings
    from plugsky_tui.kernel.ports import Judgement, Prepared, Toolbox, ToolResult
    from plugsky_tui.permissions.gate import PermissionGate
    from plugsky_tui.permissions.trust import TrustState
    from plugsky_tui.tooling.context import ToolContext
    from plugsky_tui.tooling.toolbox import ToolboxOf

SUMMARY = "run one tool outside a chat, under the same permission rules; --list shows what the model is sent"

FAILED = 1
REFUSED = 4
TERMINATED = 143


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="the tool: read, edit, shell, grep, …")
    parser.add_argument(
        "--args",
        metavar="JSON",
        default="{}",
        help="its parameters, as a JSON object; - reads them from standard input",
    )
    parser.add_argument("--list", action="store_true", help="print the function definitions sent to the model, as JSON")
    parser.add_argument("--offline", action="store_true", help="let the embedded simulator answer, not the API")
    add_folder(parser)
    add_rules(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """0 done, 1 the tool failed, 2 wrong usage, 4 not allowed, 130 interrupted, 143 terminated."""
    folder = folder_of(args)
    if args.list:
        toolbox, _, _ = _parts(folder, args, session=True)
        print_json(_definitions(toolbox))
        return 0
    if not args.name:
        raise UsageError("Which tool?", hint="Give its name, or --list to see them all.")
    arguments = _arguments(args.args)
    toolbox, gate, keys = _parts(folder, args)
    _check_name(args.name, toolbox)
    import asyncio  # 40 ms, and not for --list

    from plugsky_tui.session.secrets import Discreet

    call = _call(args, arguments, Discreet(toolbox, lambda: keys), gate)
    return asyncio.run(_interruptible(_to_the_end(call, toolbox.context)))


def _definitions(toolbox: ToolboxOf) -> list[dict[str, Any]]:
    return [
        {
            "type": "function",
            "function": {"name": each.name, "description": each.description, "parameters": each.parameters},
        }
        for each in toolbox.definitions()
    ]


def _arguments(given: str) -> dict[str, Any]:
    text = sys.stdin.read() if given == "-" else given
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UsageError(
            f"--args is not JSON: {error}", hint="""Such as --args '{"file_path": "README.md"}'."""
        ) from None
    if not isinstance(value, dict):
        raise UsageError("--args is not a JSON object.", hint="""Such as --args '{"file_path": "README.md"}'.""")
    return value


def _check_name(name: str, toolbox: ToolboxOf) -> None:
    names = [tool.name for tool in toolbox.tools]
    if name in names or name in toolbox.absent:  # of the latter the toolbox says why
        return
    from difflib import get_close_matches  # only on the way to an error

    close = get_close_matches(name, names, n=3, cutoff=0.5)
    raise UsageError(
        f"There is no tool {name!r}.",
        hint=f"Did you mean {' or '.join(close)}?" if close else f"The tools are: {', '.join(names)}.",
    )


def _parts(
    folder: Path, args: argparse.Namespace, *, session: bool = False
) -> tuple[ToolboxOf, PermissionGate, list[str]]:
    """The tools, and the gate before them, as a session in this folder has them; but nothing has been read, and only
    with `session` are those among them that need one. And the keys in use, which no result may hold."""
    from plugsky_tui.config.credentials import find_key, keys_in_use
    from plugsky_tui.config.paths import data_dir
    from plugsky_tui.config.settings import load
    from plugsky_tui.permissions.build import build_gate
    from plugsky_tui.permissions.trust import Trust
    from plugsky_tui.tooling.registry import load_tools, project_tools_folder, user_tools_folder
    from plugsky_tui.tooling.toolbox import ToolboxOf

    loaded = load(folder)
    trust = Trust(data_dir()).state(folder)
    trusted = trust.trusted
    gate = build_gate(folder, loaded, mode=args.mode, allow=args.allow, deny=args.deny, trusted=trusted, keep=False)
    registry = load_tools(
        user_folder=user_tools_folder(), project_folder=project_tools_folder(str(folder)) if trusted else None
    )
    for warning in (*loaded.warnings, *gate.warnings, *map(str, registry.problems), *registry.notes):
        _complain(f"warning: {warning}")
    keys = keys_in_use(loaded.settings, find_key())
    context = tool_context(folder, loaded.effective(trusted=trusted), trust, gate, keys=keys, offline=args.offline)
    if session:
        from plugsky_tui.workspace.jobs import Jobs

        context.jobs = Jobs()
    return ToolboxOf(registry.instances(), context), gate, keys


def tool_context(
    folder: Path, settings: Settings, trust: TrustState, gate: PermissionGate, *, keys: list[str], offline: bool = False
) -> ToolContext:
    """What the tools are given for a single call in `folder`. Nothing is started for it yet."""
    from plugsky_tui.config.paths import config_dir, data_dir
    from plugsky_tui.permissions.trust import Trust
    from plugsky_tui.session.language_servers import language_servers
    from plugsky_tui.session.reading import may_read
    from plugsky_tui.session.semantic import SemanticSearch, endpoints_for
    from plugsky_tui.session.skills import SkillSet, list_skills
    from plugsky_tui.session.subagents import OfferedAgents
    from plugsky_tui.session.web import web_fetcher
    from plugsky_tui.tooling.context import ToolContext
    from plugsky_tui.workspace.environment import child_environment

    trusted = trust.trusted
    context = ToolContext(
        gate.root,
        reads=None,
        environment=child_environment(os.environ, keys),
        git_allowed=trusted,
        may_read=may_read(gate),
        skills=SkillSet(
            list_skills(folder, config_dir(), trusted=trusted), folder, lambda: Trust(data_dir()).state(folder).trusted
        ),
        fetcher=web_fetcher(gate, settings.api.ca_bundle),
        subagents=OfferedAgents(folder, config_dir(), trusted=trusted),
    )
    context.semantic = SemanticSearch(
        gate.root.real,
        settings,
        lambda: endpoints_for(settings, folder, offline=offline),
        context.may_read,
        offline=offline,
    )
    context.language_servers = language_servers(context, settings, trust, gate)
    return context


async def _interruptible(work: Any) -> int:
    """Run `work`; SIGTERM and SIGHUP cancel it as Ctrl-C does, so that child processes are stopped first."""
    import asyncio
    import signal

    task: asyncio.Task[int] = asyncio.ensure_future(work)
    terminated = False

    def terminate() -> None:
        nonlocal terminated
        terminated = True
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, terminate)
    try:
        return await task
    except asyncio.CancelledError:
        if not terminated:
            raise
        return TERMINATED


async def _to_the_end(call: Awaitable[int], context: ToolContext) -> int:
    """The call, and no process of it afterwards."""
    from plugsky_tui.session.language_servers import close_language_servers

    try:
        return await call
    finally:
        await close_language_servers(context)


async def _call(args: argparse.Namespace, arguments: dict[str, Any], toolbox: Toolbox, gate: PermissionGate) -> int:
    from plugsky_tui.kernel.loop import explain
    from plugsky_tui.kernel.messages import ToolCall

    try:
        prepared = await toolbox.prepare(ToolCall("call_1", args.name, arguments))
        judgement = gate.judge(prepared)
        if judgement.verdict != "allow":
            return _refused(prepared, judgement, as_json=args.json)
        result = await prepared.act(lambda text: None)
    except ToolError as error:
        return _failed(explain(error), FAILED, as_json=args.json)
    return _done(result, as_json=args.json)


def _done(result: ToolResult, *, as_json: bool) -> int:
    if as_json:
        print_json({"ok": result.ok, "output": result.output})
    else:
        print(_for_terminal(result.output) if sys.stdout.isatty() else result.output)
    return 0 if result.ok else FAILED


def _refused(prepared: Prepared, judgement: Judgement, *, as_json: bool) -> int:
    said = f"{prepared.title}: not allowed. {judgement.reason}"
    if judgement.verdict == "ask":
        rules = " ".join(f"--allow '{rule}'" for rule in judgement.suggested_rules)
        said += f"\nThere is no one to ask here.{f' To allow it: {rules}' if rules else ''}"
    return _failed(said, REFUSED, as_json=as_json)


def _failed(said: str, code: int, *, as_json: bool) -> int:
    if as_json:
        print_json({"ok": False, "output": said})
    else:
        _complain(said)
    return code


def _complain(text: str) -> None:
    print(_for_terminal(text), file=sys.stderr)


def _for_terminal(text: str) -> str:
    from plugsky_tui.frontends.text import clean  # what tools print and files hold is untrusted

    return clean(text)
