"""`plugsky threads`: the threads on disk."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from plugsky_tui.cli.common import add_folder, add_json, add_listing, folder_of, print_json
from plugsky_tui.kernel.errors import UsageError

if TYPE_CHECKING:
    from plugsky_tui.kernel.events import Event
    from plugsky_tui.kernel.messages import UserMessage
    from plugsky_tui.threads.store import ThreadInfo, ThreadStore
    from plugsky_tui.threads.thread import Thread

SUMMARY = "the threads on disk: list, show, search, rename, fork, delete"

OUTPUT_LINES = 20  # of a tool's output that `show` prints


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|show|search|rename|fork|delete")
    for name, text in (
        ("list", "all threads, the last worked on first; with -C those of one folder"),
        ("show", "what was said and done in a thread"),
        ("search", "the threads in which all words occur together"),
        ("rename", "give a thread another title"),
        ("fork", "a new thread that begins with all that was said in this one"),
        ("delete", "remove threads from disk"),
    ):
        action = actions.add_parser(name, help=text, description=text, allow_abbrev=False)
        match name:
            case "list":
                add_listing(action)
            case "search":
                action.add_argument("words", nargs="+", metavar="WORD")
                add_folder(action)
            case "delete":
                action.add_argument("ids", nargs="+", metavar="ID", help="a thread's id, or the start of it")
                action.add_argument("-y", "--yes", action="store_true", help="don't ask")
            case _:
                action.add_argument("id", metavar="ID", help="a thread's id, or the start of it")
        if name == "rename":
            action.add_argument("title", nargs="+", metavar="TITLE")
        if name != "list":
            add_json(action)


def run(args: argparse.Namespace) -> int:
    from plugsky_tui.config.paths import data_dir
    from plugsky_tui.threads.store import ThreadStore

    store = ThreadStore(data_dir())
    match args.action:
        case "list":
            _list(store, args)
        case "show":
            _show(store, args)
        case "search":
            _search(store, args)
        case "rename":
            _rename(store, args)
        case "fork":
            _fork(store, args)
        case _:
            return _delete(store, args)
    return 0


def _list(store: ThreadStore, args: argparse.Namespace) -> None:
    threads = store.list(folder_of(args) if args.cwd else None)
    if args.json:
        print_json([asdict(info) for info in threads])
        return
    for info in threads:
        _say(_line(info))
    if not threads:
        print("No threads yet.", file=sys.stderr)


def _search(store: ThreadStore, args: argparse.Namespace) -> None:
    import os

    hits = store.search(" ".join(args.words))
    if args.cwd:
        folder = os.path.realpath(folder_of(args))
        hits = [hit for hit in hits if hit.info.folder == folder]
    if args.json:
        print_json([{**asdict(hit.info), "excerpt": hit.excerpt} for hit in hits])
        return
    for hit in hits:
        _say(_line(hit.info))
        _say(f"    {hit.excerpt}")
    if not hits:
        print("Nothing found.", file=sys.stderr)


def _show(store: ThreadStore, args: argparse.Namespace) -> None:
    thread = store.open(args.id)
    try:
        if args.json:
            print_json({**_about(thread), "items": [_item(item) for item in thread.history()]})
            return
        _say(f"{thread.title}\n{thread.thread_id} · {thread.folder} · {thread.model}\n")
        for text in _transcript(thread):
            _say(text)
        for damage in thread.damage:
            print(f"plugsky: {damage}", file=sys.stderr)
    finally:
        thread.close()


def _rename(store: ThreadStore, args: argparse.Namespace) -> None:
    title = " ".join(" ".join(args.title).split())
    if not title:
        raise UsageError("A title needs some text.")
    thread_id = store.rename(args.id, title)
    if args.json:
        print_json({"thread_id": thread_id, "title": title})


def _fork(store: ThreadStore, args: argparse.Namespace) -> None:
    thread = store.fork(args.id)
    thread.close()
    if args.json:
        print_json(_about(thread))
    else:
        print(thread.thread_id)


def _delete(store: ThreadStore, args: argparse.Namespace) -> int:
    ids = list(dict.fromkeys(store.resolve(given) for given in args.ids))
    if not args.yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageError("There is no one to ask whether to delete.", hint="Add --yes.")
        titles = {info.thread_id: info.title for info in store.list()}
        for thread_id in ids:
            _say(f"{thread_id}  {_one_line(titles.get(thread_id, ''))}", sys.stderr)
        sys.stderr.write(f"Delete {'this thread' if len(ids) == 1 else f'these {len(ids)} threads'} for good? [y/N] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            print("Nothing was deleted.", file=sys.stderr)
            return 0
    for thread_id in ids:
        store.delete(thread_id)
    if args.json:
        print_json({"deleted": ids})
    return 0


def _about(thread: Thread) -> dict[str, Any]:
    names = ("thread_id", "title", "folder", "model", "mode", "damage")
    return {name: getattr(thread, name) for name in names}


def _item(item: Any) -> dict[str, Any]:
    from plugsky_tui.kernel.events import Within, body
    from plugsky_tui.kernel.messages import UserMessage

    if isinstance(item, UserMessage):
        return {"type": "prompt", "text": item.text, "images": [image.name for image in item.images]}
    if isinstance(item, Within):
        return {"type": "within", "call_id": item.call_id, "event": _item(item.event)}
    return {"type": item.type, **body(item)}


def _transcript(thread: Thread) -> Iterator[str]:
    """The thread as text. What a subagent said and did stands, indented, between the call that ran it and its result."""
    from plugsky_tui.kernel.events import ToolResulted, Within

    inner: dict[str, list[Event]] = {}
    for item in thread.history():
        if isinstance(item, Within):
            inner.setdefault(item.call_id, []).append(item.event)
            continue
        if isinstance(item, ToolResulted):
            for event in inner.pop(item.call_id, []):
                if text := _told(event):
                    yield _marked(text.rstrip("\n"), "    | ")
        if text := _told(item):
            yield text


def _told(item: UserMessage | Event) -> str:
    import json

    from plugsky_tui.kernel.events import (
        ErrorRaised,
        Notice,
        PermissionResolved,
        ReasoningDelta,
        TextDelta,
        ToolCalled,
        ToolResulted,
    )
    from plugsky_tui.kernel.messages import UserMessage

    match item:
        case UserMessage():
            return _marked(item.text, "> ") + "".join(f"\n> [image {image.name}]" for image in item.images) + "\n"
        case TextDelta():
            return item.text + "\n"
        case ReasoningDelta():
            return _marked(item.text, "~ ") + "\n"
        case ToolCalled():
            given = item.raw if item.arguments is None else json.dumps(item.arguments, ensure_ascii=False)
            return f"* {item.name} {given}"
        case PermissionResolved(verdict="deny"):
            return f"  denied by {item.by}: {item.reason}"
        case ToolResulted():
            lines = item.output.splitlines()
            shown = "\n".join(lines[:OUTPUT_LINES])
            more = f"\n  … {len(lines) - OUTPUT_LINES} more lines" if len(lines) > OUTPUT_LINES else ""
            return ("" if item.ok else "  failed:\n") + _marked(shown, "  ") + more + "\n"
        case Notice():
            return f"! {item.text}\n"
        case ErrorRaised():
            return f"! {item.message} {item.hint}".rstrip() + "\n"
        case _:
            return ""


def _marked(text: str, mark: str) -> str:
    return "\n".join(mark + line for line in text.splitlines())


def _line(info: ThreadInfo) -> str:
    updated = info.updated[:16].replace("T", " ")
    return f"{info.thread_id}  {updated}  {info.turns:>3}  {_one_line(info.title)}  ({_one_line(info.folder)})"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _say(text: str, stream: Any = None) -> None:
    from plugsky_tui.frontends.text import clean

    print(clean(text), file=stream or sys.stdout)
